"""What the audit log's words are to people. A word that is not here is shown as it is."""

from __future__ import annotations

from typing import Final

from kb.checking import BREAKS
from kb.errors import N_

ACTIONS: Final = {
    "add": N_("added"),
    "archive": N_("archived"),
    "backup": N_("made a backup"),
    "change": N_("changed"),
    "change-password": N_("changed the password"),
    "comment": N_("commented"),
    "confirm": N_("confirmed it is still right"),
    "correct": N_("corrected"),
    "delete-comment": N_("took a comment away"),
    "edit-comment": N_("changed a comment"),
    "erase-person": N_("erased a person"),
    "export": N_("took out"),
    "export-person": N_("took out what is stored about a person"),
    "forget": N_("forgot old rows"),
    "import": N_("began an import"),
    "kept": N_("accepted"),
    "publish": N_("published"),
    "rejected": N_("rejected"),
    "remove": N_("removed"),
    "restore": N_("brought back"),
    "rebuild-index": N_("rebuilt the search index"),
    "see": N_("read, though not for everyone"),
    "set-groups": N_("changed the groups"),
    "set-members": N_("changed the members"),
    "set-role": N_("changed the role"),
    "sign-in": N_("signed in"),
    "sign-in-failed": N_("could not sign in"),
    "store": N_("stored"),
    "supersede": N_("replaced by another page"),
    "waiting": N_("put back"),
    "verify-audit": N_("checked the log"),
}
SUBJECTS: Final = {
    "audit": N_("Audit log"),
    "candidate": N_("Candidate lesson"),
    "community": N_("Community"),
    "course": N_("Course"),
    "doctemplate": N_("Standard template"),
    "document": N_("Document"),
    "glossary": N_("Glossary"),
    "group": N_("Group"),
    "import": N_("Import"),
    "installation": N_("This installation"),
    "lesson": N_("Lesson"),
    "person": N_("Person"),
    "project": N_("Project"),
    "question": N_("Question"),
    "topic": N_("Topic"),
    "user": N_("User"),
}
TABLES: Final = {
    "audit_action": ACTIONS,
    "audit_subject": SUBJECTS,
    "audit_break": BREAKS,
}
