"""What people read in place of the words that DocTemplates are stored with; a word in no table is shown as it is."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

PHASES: Final = {
    "initiate": N_("Initiate"),
    "plan": N_("Plan"),
    "execute": N_("Execute"),
    "control": N_("Control"),
    "close": N_("Close"),
}
KINDS: Final = {
    "proposal": N_("Proposal"),
    "charter": N_("Project charter"),
    "stakeholder-register": N_("Stakeholder register"),
    "management-plan": N_("Management plan"),
    "wbs": N_("WBS"),
    "schedule": N_("Schedule"),
    "risk-register": N_("Risk register"),
    "communication-plan": N_("Communication plan"),
    "status-report": N_("Status report"),
    "minutes": N_("Minutes"),
    "change-request": N_("Change request"),
    "maturity-questionnaire": N_("Maturity questionnaire"),
    "acceptance": N_("Acceptance"),
    "closing-report": N_("Closing report"),
    "lessons-register": N_("Lessons register"),
    "other": N_("Other form"),
}
STATES: Final = {
    "draft": N_("Draft"),
    "published": N_("In the library"),
    "retired": N_("No longer offered"),
}
TYPES: Final = {
    "text": N_("Line of text"),
    "long": N_("Text"),
    "date": N_("Date"),
    "number": N_("Number"),
    "choice": N_("Choice"),
    "person": N_("Person"),
    "project": N_("Project"),
    "rownumber": N_("Row number"),
}
FORMATS: Final = {"docx": N_("Word document"), "xlsx": N_("Excel workbook")}
# What can be stripped from past work, by kind of finding.
FINDINGS: Final = {
    "code": N_("Project codes"),
    "project": N_("Project names"),
    "customer": N_("Customers"),
    "person": N_("People"),
    "email": N_("Mail addresses"),
    "phone": N_("Telephone numbers"),
    "date": N_("Dates"),
    "money": N_("Money"),
    "number": N_("Figures with units"),
}

TABLES: Final = {
    "doctemplate_phase": PHASES,
    "doctemplate_kind": KINDS,
    "doctemplate_state": STATES,
    "doctemplate_type": TYPES,
    "doctemplate_format": FORMATS,
    "doctemplate_finding": FINDINGS,
}
