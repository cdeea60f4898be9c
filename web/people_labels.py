"""What people read in place of the words that evidence, topics and people store."""

from __future__ import annotations

from typing import Final

from kb.errors import N_
from kb.search.answers import Names
from web.language import Language

DEEDS: Final = {
    "led": N_("Led or took part"),
    "wrote": N_("Wrote"),
    "applied": N_("Applied"),
    "answered": N_("Answered"),
    "taught": N_("Taught"),
    "validated": N_("Looked over"),
}
DEED_ICONS: Final = {
    "led": "flag",
    "wrote": "pencil",
    "applied": "repeat",
    "answered": "message-square-text",
    "taught": "graduation-cap",
    "validated": "shield-check",
}
# What the role in a piece of evidence says, where it is a word of ours and not of a register.
DEED_ROLES: Final = {
    "Project manager": N_("Project manager"),
    "accepted": N_("accepted"),
}
FACTORS: Final = {
    "confirmed": N_("confirmed by the person"),
    "left": N_("has left"),
}
TOPIC_STATES: Final = {
    "confirmed": N_("confirmed"),
    "hidden": N_("hidden from others"),
    "added": N_("their own word"),
}
AVAILABILITIES: Final = {
    "open": N_("Glad to be asked"),
    "limited": N_("Can be asked now and then"),
    "closed": N_("Please ask somebody else"),
}
RISKS: Final = {
    "lost": N_("Left with whoever left"),
    "gap": N_("No expert"),
    "single": N_("One person"),
    "leaning": N_("Leans on one"),
    "shared": N_("Shared"),
    "empty": N_("Nothing yet"),
}
TABLES: Final = {
    "deed": DEEDS,
    "deed_icon": DEED_ICONS,
    "deed_role": DEED_ROLES,
    "factor": FACTORS,
    "topic_state": TOPIC_STATES,
    "availability": AVAILABILITIES,
    "risk": RISKS,
}
# Names of languages that people say they speak; others are shown by their code.
SPOKEN: Final = frozenset({"zh", "en", "de", "fr", "nl", "pt", "es", "ja", "ko", "ms", "ru", "ar"})


def spoken(language: Language, code: str) -> str:
    """The name of a language in the reader's own."""
    name = language.locale.languages.get(code) if code in SPOKEN else None
    return str(name) if name else code


def in_language(names: Names, language: Language) -> tuple[str, str]:
    """A name for the reader, and the other one where there is one."""
    first, second = (names.zh, names.en) if language.code == "zh" else (names.en, names.zh)
    return (first, second) if first else (second, "")
