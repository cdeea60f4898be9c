"""What can be said of a person, and what is wrong with it: pure decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

from kb.errors import N_, InvalidInput
from kb.person_names import email_key
from kb.search.folding import fold_text

# How glad somebody is to be asked for advice; empty where it is not known.
AVAILABILITIES: Final = ("open", "limited", "closed")
MAX_ENTRIES: Final = 50
MAX_ENTRY_CHARS: Final = 200
# Years from which and until which somebody can have been here.
_SINCE: Final = (1940, 2200)
_CHARS: Final = {
    "handle": 100,
    "name_zh": 200,
    "name_en": 200,
    "department": 200,
    "title": 200,
    "place": 200,
    "email": 200,
    "phone": 100,
    "chat": 200,
    "availability_note": 300,
    "user_id": 100,
}
_HANDLE: Final = re.compile(r"[^\s,;:/?#%]{1,100}")
# What people write for a language, and its code.
_LANGUAGES: Final = {
    "zh": ("zh", "中文", "汉语", "普通话", "chinese", "mandarin", "zh-cn"),
    "en": ("en", "英文", "英语", "english"),
    "de": ("de", "德语", "德文", "german", "deutsch"),
    "fr": ("fr", "法语", "法文", "french", "français"),
    "nl": ("nl", "荷兰语", "dutch", "nederlands"),
    "pt": ("pt", "葡萄牙语", "portuguese", "português"),
    "es": ("es", "西班牙语", "spanish", "español"),
    "ja": ("ja", "日语", "日文", "japanese", "日本語"),
    "ko": ("ko", "韩语", "korean", "한국어"),
    "ms": ("ms", "马来语", "malay", "bahasa melayu"),
    "ru": ("ru", "俄语", "russian"),
    "ar": ("ar", "阿拉伯语", "arabic"),
}
_CODES: Final = {fold_text(name): code for code, names in _LANGUAGES.items() for name in names}
# What people may change of their own entry; the rest is the register's word.
OWN_FIELDS: Final = frozenset(
    {
        "place",
        "languages",
        "email",
        "phone",
        "chat",
        "availability",
        "availability_note",
        "mentor",
        "interests",
        "certificates",
    }
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate; ``valid_until`` is None for one that does not run out."""

    name: str
    issuer: str = ""
    valid_until: date | None = None

    def valid(self, today: date) -> bool:
        """Whether it still holds."""
        return self.valid_until is None or self.valid_until >= today


@dataclass(frozen=True, slots=True)
class PersonText:
    """What is said of a person; the fields are those of :class:`kb.models.Person`, lists as tuples.

    ``aliases`` are other names, ``topics`` what somebody says to know without evidence.
    """

    handle: str = ""
    name_zh: str = ""
    name_en: str = ""
    aliases: tuple[str, ...] = ()
    department: str = ""
    title: str = ""
    place: str = ""
    languages: tuple[str, ...] = ()
    email: str = ""
    phone: str = ""
    chat: str = ""
    availability: str = ""
    availability_note: str = ""
    mentor: bool = False
    since: int | None = None
    left_on: date | None = None
    interests: tuple[str, ...] = ()
    certificates: tuple[Certificate, ...] = ()
    topics: tuple[str, ...] = ()
    user_id: str = ""


FIELDS: Final = tuple(field.name for field in fields(PersonText))


class PersonRefused(InvalidInput):
    """What was said of a person cannot be stored; ``wrong`` has for each field a reason, a message id."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        field, reason = next(iter(wrong.items()))
        super().__init__(field=field, reason=reason)
        self.wrong = dict(wrong)


def problems(text: PersonText) -> dict[str, str]:
    """For each field that cannot be stored why, as a message id."""
    wrong = {
        name: N_("it is too long")
        for name, most in _CHARS.items()
        if len(getattr(text, name)) > most
    }
    if not (text.name_zh.strip() or text.name_en.strip()):
        wrong["name_zh"] = N_("one of the two names must be there")
    if not _HANDLE.fullmatch(text.handle):
        wrong["handle"] = N_("it must be one word, such as li.na")
    if text.email and email_key(text.email) != fold_text(text.email).strip():
        wrong["email"] = N_("this is no e-mail address")
    if text.availability and text.availability not in AVAILABILITIES:
        wrong["availability"] = N_("this is none of the choices")
    if text.since is not None and not _SINCE[0] <= text.since <= _SINCE[1]:
        wrong["since"] = N_("this is no year")
    for name in ("aliases", "languages", "interests", "topics"):
        entries = getattr(text, name)
        if len(entries) > MAX_ENTRIES or any(len(each) > MAX_ENTRY_CHARS for each in entries):
            wrong[name] = N_("it is too long")
    if len(text.certificates) > MAX_ENTRIES or any(
        not each.name.strip() or max(len(each.name), len(each.issuer)) > MAX_ENTRY_CHARS
        for each in text.certificates
    ):
        wrong["certificates"] = N_("each needs a name, and none may be too long")
    return wrong


def language_code(text: str) -> str:
    """The code of a language as people write it (中文, English, ZH); an unknown one stays, in small letters."""
    folded = fold_text(text).strip()
    return _CODES.get(folded, folded)


def read_certificate(text: str) -> Certificate:
    """A certificate from one line: its name, then perhaps who issued it and until when it is valid.

    ::

        >>> read_certificate("PMP | PMI | 2027-05-31")
        Certificate(name='PMP', issuer='PMI', valid_until=datetime.date(2027, 5, 31))

    Raises:
        ValueError: the day is none.
    """
    parts = [part.strip() for part in re.split(r"[|｜]", text)]  # noqa: RUF001  full-width on purpose
    name, issuer, until = (*parts, "", "")[:3]
    return Certificate(name, issuer, date.fromisoformat(until) if until else None)


def certificate_line(certificate: Certificate) -> str:
    """The line that :func:`read_certificate` reads."""
    until = certificate.valid_until.isoformat() if certificate.valid_until else ""
    return " | ".join((certificate.name, certificate.issuer, until)).rstrip(" |")
