"""What notifications say: a sentence for each kind, an icon, and the names of paces and languages of mails."""

from __future__ import annotations

from typing import Final

from kb.errors import N_

# ``by`` is a name. The title of the thing stands below as a link, so it is in no sentence.
SENTENCES: Final = {
    "mentioned": N_("%(by)s mentioned you"),
    "asked": N_("%(by)s asks you"),
    "answered": N_("%(by)s answered"),
    "accepted": N_("%(by)s accepted your answer"),
    "commented": N_("%(by)s commented"),
    "closed": N_("%(by)s closed the question"),
    "reopened": N_("%(by)s opened the question again"),
    "reminded": N_("Still without an answer; you were asked because you know about it"),
    "unanswered": N_("Nobody has answered for long"),
    "published": N_("New under what you follow"),
    "changed": N_("Changed under what you follow"),
    "posted": N_("%(by)s wrote to your community"),
    "event-planned": N_("%(by)s plans an event"),
    "event-changed": N_("%(by)s changed an event"),
    "assigned": N_("%(by)s assigned this to you"),
    "due": N_("This is due soon"),
    "unit-closed": N_("%(by)s could not open what a unit leads to"),
}
ICONS: Final = {
    "mentioned": "at-sign",
    "asked": "circle-help",
    "answered": "message-square-text",
    "accepted": "check",
    "commented": "messages-square",
    "closed": "lock",
    "reopened": "refresh-cw",
    "reminded": "clock",
    "unanswered": "triangle-alert",
    "published": "file-text",
    "changed": "pencil",
    "posted": "messages-square",
    "event-planned": "calendar",
    "event-changed": "calendar",
    "assigned": "graduation-cap",
    "due": "clock",
    "unit-closed": "triangle-alert",
}
# For what nobody in particular did.
NOBODY: Final = N_("Qianjian")
PACES: Final = {
    "none": N_("Not by mail"),
    "at-once": N_("At once"),
    "daily": N_("Once a day, all together"),
}
MAIL_LANGUAGES: Final = {"": N_("Chinese and English"), "zh": N_("Chinese"), "en": N_("English")}
TABLES: Final = {"pace": PACES, "mail_language": MAIL_LANGUAGES}
