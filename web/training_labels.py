"""What people read in place of the words that training is stored with; a word that is in no table is shown as it is."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

STATES: Final = {
    "draft": N_("Draft"),
    "published": N_("Open"),
    "withdrawn": N_("Withdrawn"),
}
UNIT_KINDS: Final = {
    "page": N_("Page"),
    "document": N_("Document"),
    "file": N_("File"),
    "video": N_("Video"),
    "check": N_("Check"),
}
UNIT_ICONS: Final = {
    "page": "book-open",
    "document": "file-text",
    "file": "paperclip",
    "video": "video",
    "check": "circle-check",
}
QUESTION_KINDS: Final = {
    "single": N_("Choose one"),
    "multiple": N_("Choose all that apply"),
    "true_false": N_("True or false"),
    "fill_in": N_("Fill in"),
    "order": N_("Put in order"),
    "find_it": N_("Find it in this knowledge base"),
}
ROLES: Final = {
    "new-hire": N_("New hire"),
    "project-manager": N_("Project manager"),
    "pmo": N_("PMO"),
    "sponsor": N_("Sponsor"),
}
LEVELS: Final = {
    "0": N_("not shown"),
    "1": N_("knows it"),
    "2": N_("does it"),
    "3": N_("teaches it"),
}
TABLES: Final = {
    "course_state": STATES,
    "unit_kind": UNIT_KINDS,
    "question_kind": QUESTION_KINDS,
    "training_role": ROLES,
    "skill_level": LEVELS,
}
# Words that errors of training carry as data, see web.labels.ERROR_WORDS.
ERROR_WORDS: Final = (
    N_("course"),
    N_("unit"),
    N_("check"),
    N_("attempt"),
    N_("certificate"),
    N_("learning path"),
    N_("question bank"),
    N_("assignment"),
    N_("user"),
)
