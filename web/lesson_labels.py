"""What people read in place of the words that lessons are stored with; a word that is in no table is shown as it is."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

KINDS: Final = {
    "lesson": N_("Lesson"),
    "good-practice": N_("Good practice"),
    "challenge": N_("Challenge"),
}
STATES: Final = {
    "submitted": N_("Submitted"),
    "validated": N_("Validated"),
    "built-in": N_("Built in"),
    "superseded": N_("Superseded"),
}
VERDICTS: Final = {
    "applicable": N_("Applicable"),
    "needs-action": N_("Needs action"),
    "not-applicable": N_("Not applicable elsewhere"),
}
PHASES: Final = {
    "initiation": N_("Initiation (G1)"),
    "planning": N_("Planning (G2)"),
    "design": N_("Design (G3)"),
    "procurement": N_("Procurement"),
    "implementation": N_("Implementation"),
    "test": N_("Test and commissioning"),
    "go-live": N_("Go-live (G4)"),
    "closing": N_("Closing (G5)"),
    "operation": N_("Operation"),
}
CATEGORIES: Final = {
    "integration": N_("Integration"),
    "scope": N_("Scope"),
    "schedule": N_("Schedule"),
    "cost": N_("Cost"),
    "quality": N_("Quality"),
    "resources": N_("Resources"),
    "communication": N_("Communication"),
    "risk": N_("Risk"),
    "procurement": N_("Procurement"),
    "stakeholders": N_("Stakeholders"),
}
CAUSES: Final = {
    "requirements": N_("Requirements not clear"),
    "interfaces": N_("Interfaces not agreed"),
    "estimate": N_("Estimate too low"),
    "supplier": N_("Supplier"),
    "communication": N_("Not told in time"),
    "people": N_("People or skills missing"),
    "method": N_("Method or check missing"),
    "technology": N_("Technology"),
    "site": N_("Site and surroundings"),
    "data": N_("Data quality"),
    "decision": N_("Decision late or missing"),
}
OUTCOMES: Final = {
    "helped": N_("Helped"),
    "adapted": N_("Adapted"),
    "not-helped": N_("Did not help"),
}
QUALITY: Final = {
    "-2": N_("Much worse"),
    "-1": N_("Worse"),
    "0": N_("No effect"),
    "1": N_("Better"),
    "2": N_("Much better"),
}
# What led to a version.
EVENTS: Final = {
    "submit": N_("Submitted"),
    "correct": N_("Corrected"),
    "set-aside": N_("Kept aside: somebody else had saved first"),
    "validate": N_("Judged by an expert"),
    "reopen": N_("Sent back"),
    "build-in": N_("Built into a document"),
    "take-out": N_("Link to a document taken away"),
    "supersede": N_("Superseded"),
    "reinstate": N_("Taken up again"),
    "merge": N_("Another telling merged into it"),
}
FIELDS: Final = {
    "state": N_("State"),
    "title": N_("Title"),
    "kind": N_("Kind"),
    "language": N_("Language of the text"),
    "what_happened": N_("What happened"),
    "root_cause": N_("Root cause"),
    "cause": N_("Cause in a word"),
    "early_signs": N_("Early signs"),
    "recommendation": N_("Recommendation"),
    "impact_days": N_("Working days"),
    "impact_money": N_("Money"),
    "currency": N_("Currency"),
    "impact_quality": N_("Quality"),
    "phase": N_("Phase"),
    "category": N_("Category"),
    "project_type": N_("Type of project"),
    "project_size": N_("Size of project"),
    "technology": N_("Technology"),
    "supplier": N_("Supplier"),
    "on_risk_register": N_("On the risk register"),
    "evidence": N_("Evidence that it works"),
    "project": N_("Project"),
    "owner": N_("Owner"),
    "audience": N_("Who may read it"),
    "happened_on": N_("Happened on"),
    "review_on": N_("Review on"),
    "tags": N_("Tags"),
    # Of the smaller forms of a lesson's page.
    "verdict": N_("Verdict"),
    "note": N_("Note"),
    "outcome": N_("How it went"),
    "days_saved": N_("Days saved"),
    "document": N_("Document"),
    "anchor": N_("Section"),
    "version": N_("Version"),
    "successor": N_("Successor"),
}
LANES: Final = {
    "waiting": N_("Waiting for an expert"),
    "needs-action": N_("Needs action"),
    "due": N_("Due for review"),
}
SORTS: Final = {
    "updated": N_("Latest first"),
    "used": N_("Most used first"),
    "lost": N_("Most days lost first"),
}
ASPECTS: Final = {"cause": N_("Causes"), "category": N_("Categories"), "phase": N_("Phases")}
MEASURES: Final = {"count": N_("Number of lessons"), "days": N_("Days lost")}
# Words that errors about lessons carry as data (see kb.errors); listed so that they get translated.
ERROR_WORDS: Final = (
    N_("lesson"),
    N_("candidate"),
    N_("link"),
    N_("use of a lesson"),
    N_("submitted"),
    N_("validated"),
    N_("built-in"),
    N_("superseded"),
    N_("correct"),
    N_("validate"),
    N_("reopen"),
    N_("build-in"),
    N_("take-out"),
    N_("supersede"),
    N_("reinstate"),
    N_("merge"),
)

# Tables that templates read by name, as `label("lesson_kind", word)`.
TABLES: Final = {
    "lesson_kind": KINDS,
    "lesson_state": STATES,
    "verdict": VERDICTS,
    "phase": PHASES,
    "category": CATEGORIES,
    "cause": CAUSES,
    "use_outcome": OUTCOMES,
    "impact_quality": QUALITY,
    "lesson_event": EVENTS,
    "lesson_field": FIELDS,
    "lane": LANES,
    "lesson_sort": SORTS,
    "aspect": ASPECTS,
    "measure": MEASURES,
}
