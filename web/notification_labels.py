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
    "unusual": N_("Unusual activity: far more was refused or read than usual"),
    "password-changed": N_("Your password was changed"),
    "email-changed": N_("The address for your mail was changed"),
    "token-made": N_("A token was made that speaks for you"),
    "token-ends": N_("A token works for a few days more"),
    "sign-in-linked": N_("Your account can now also be opened by single sign-on"),
    "factor-set": N_("Your account now asks for a second factor"),
    "factor-removed": N_("Your account no longer asks for a second factor"),
    "code-reused": N_("A code of your device was shown a second time and refused"),
    "recovery-used": N_("A recovery code was used to sign in as you"),
    "recovery-renewed": N_("New recovery codes were made for you"),
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
    "unusual": "shield-alert",
    "password-changed": "key-round",
    "email-changed": "at-sign",
    "token-made": "key-round",
    "token-ends": "clock",
    "sign-in-linked": "link",
    "factor-set": "shield-check",
    "factor-removed": "triangle-alert",
    "code-reused": "triangle-alert",
    "recovery-used": "triangle-alert",
    "recovery-renewed": "shield-check",
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
