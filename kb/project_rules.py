"""What can be said of a project, and what is right: pure rules, shared by the form, the register and the corpus."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Final

from kb.access import Audience
from kb.errors import N_, InvalidInput
from kb.models.projects import MAX_CODE_CHARS, MAX_NAME_CHARS

# The states a project can be in, in the order they are offered; a register may bring others, which are kept as text.
STATUSES: Final = ("planned", "running", "on-hold", "closed", "cancelled")

MAX_TAG_CHARS: Final = 100
MAX_SUMMARY_CHARS: Final = 20_000
MAX_LISTED: Final = 100
_LIMITS: Final = {
    "code": MAX_CODE_CHARS,
    "name_zh": MAX_NAME_CHARS,
    "name_en": MAX_NAME_CHARS,
    "customer": 300,
    "industry": 200,
    "type": 200,
    "manager": 100,
    "status": 100,
    "currency": 10,
    "summary_zh": MAX_SUMMARY_CHARS,
    "summary_en": MAX_SUMMARY_CHARS,
}
# Beyond these (currency units, person-days, people) a number is a slip of the keyboard.
_MOST: Final = {
    "budget": Decimal(10) ** 15,
    "final_cost": Decimal(10) ** 15,
    "effort_days": Decimal(10) ** 7,
    "team_size": 100_000,
}
_TOO_LONG: Final = N_("This is too long.")
_ROLE_IN_BRACKETS: Final = re.compile(r"(.+?)\s*[（(]\s*([^（()）]+?)\s*[）)]\s*")
_ROLE_AFTER_COLON: Final = re.compile(r"(.+?)\s*[:：]\s*(.+)")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role; ``person`` is a handle, or a name where the register of people has none."""

    person: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class ProjectText:
    """What can be said of a project; the fields are those of :class:`kb.models.projects.Project`.

    Attributes:
        aliases: further codes and names that documents use.
    """

    code: str = ""
    name_zh: str = ""
    name_en: str = ""
    customer: str = ""
    industry: str = ""
    type: str = ""
    manager: str = ""
    status: str = ""
    started: date | None = None
    planned_end: date | None = None
    ended: date | None = None
    currency: str = ""
    budget: Decimal | None = None
    final_cost: Decimal | None = None
    effort_days: Decimal | None = None
    team_size: int | None = None
    summary_zh: str = ""
    summary_en: str = ""
    members: tuple[Member, ...] = ()
    tags: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    audience: str = "everyone"


FIELDS: Final = tuple(field.name for field in fields(ProjectText))
COLUMNS: Final = tuple(
    name for name in FIELDS if name not in {"members", "tags", "aliases", "audience"}
)


def read_member(text: str) -> Member:
    """Somebody with a role as one entry of a list: Yin Shuyun (Design manager), or yin.shuyun: 设计经理."""
    for pattern in (_ROLE_IN_BRACKETS, _ROLE_AFTER_COLON):
        if found := pattern.fullmatch(text.strip()):
            return Member(found[1].strip(), found[2].strip())
    return Member(text.strip())


def problems(text: ProjectText) -> dict[str, str]:
    """What is wrong with each field, as a message id; empty when nothing is. A row of a register needs no name."""
    found = {name: _TOO_LONG for name, most in _LIMITS.items() if len(getattr(text, name)) > most}
    if not text.code.strip():
        found["code"] = N_("A code is needed.")
    for name in ("ended", "planned_end"):
        if text.started and getattr(text, name) and getattr(text, name) < text.started:
            found[name] = N_("The end lies before the start.")
    for name, largest in _MOST.items():
        value = getattr(text, name)
        if value is not None and not 0 <= value <= largest:
            found[name] = N_("This number cannot be right.")
    found |= _wrong_lists(text)
    try:
        Audience.parse(text.audience)
    except InvalidInput:
        found["audience"] = N_("Write everyone, or a list such as group:pmo, user:li.na.")
    return found


def _wrong_lists(text: ProjectText) -> dict[str, str]:
    longest = {
        "members": max((max(len(one.person), len(one.role)) for one in text.members), default=0),
        "tags": max(map(len, text.tags), default=0),
        "aliases": max(map(len, text.aliases), default=0),
    }
    most = {"members": MAX_TAG_CHARS, "tags": MAX_TAG_CHARS, "aliases": MAX_NAME_CHARS}
    return {
        name: _TOO_LONG
        for name, length in longest.items()
        if length > most[name] or len(getattr(text, name)) > MAX_LISTED
    }


def state_of(status: str) -> str:
    """The one of :data:`STATUSES` that a status begins with ("closed, on time"); itself where it is another."""
    head = re.split(r"[,，;；]", status, maxsplit=1)[0].strip()
    return head if head in STATUSES else status.strip()


def industries_of(industry: str) -> tuple[str, ...]:
    """The industries that one field names: water/civil is two."""
    return tuple(part.strip() for part in re.split(r"[/、;；]", industry) if part.strip())
