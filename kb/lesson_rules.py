"""What a lesson is made of and what may be stored of it; everything here is pure.

The words that are stored (phases, categories, causes, verdicts) stand here; what people read in their place is in
:mod:`web.lesson_labels`. Which steps a lesson takes, and who may take them, is :mod:`kb.lesson_steps`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from dataclasses import field as made
from datetime import date
from typing import Any, Final, Literal

from kb.access import Audience
from kb.candidates_found import LESSON_KINDS
from kb.errors import N_, InvalidInput
from kb.models.lessons import NAME_CHARS, TITLE_CHARS

LessonState = Literal["submitted", "validated", "built-in", "superseded"]
Verdict = Literal["applicable", "needs-action", "not-applicable"]

STATES: Final[tuple[LessonState, ...]] = ("submitted", "validated", "built-in", "superseded")
VERDICTS: Final[tuple[Verdict, ...]] = ("applicable", "needs-action", "not-applicable")
PHASES: Final = (
    "initiation",
    "planning",
    "design",
    "procurement",
    "implementation",
    "test",
    "go-live",
    "closing",
    "operation",
)
# The ten knowledge areas of project management; any other text is a category of one's own.
CATEGORIES: Final = (
    "integration",
    "scope",
    "schedule",
    "cost",
    "quality",
    "resources",
    "communication",
    "risk",
    "procurement",
    "stakeholders",
)
# A cause in a word, so that causes can be counted; any other text is a cause of one's own.
CAUSES: Final = (
    "requirements",
    "interfaces",
    "estimate",
    "supplier",
    "communication",
    "people",
    "method",
    "technology",
    "site",
    "data",
    "decision",
)
# How much better (plus) or worse (minus) the result became.
QUALITY: Final = (-2, -1, 0, 1, 2)

# Working days; more than twenty years is a slip of the finger.
MAX_DAYS: Final = 5_000
# In units of the currency: a hundred thousand million.
MAX_MONEY: Final = 100_000_000_000
MAX_TEXT_CHARS: Final = 40_000
MAX_TAGS: Final = 30
MAX_TAG_CHARS: Final = 100
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_LONG: Final = ("what_happened", "root_cause", "early_signs", "recommendation", "evidence")
_NAMES: Final = (
    "cause",
    "category",
    "phase",
    "project",
    "project_type",
    "project_size",
    "technology",
    "supplier",
    "owner",
)


@dataclass(frozen=True, slots=True)
class LessonText:
    """Everything about a lesson that people write.

    Attributes:
        title: a sentence with the thing in it.
        kind: one of :data:`kb.candidates_found.LESSON_KINDS`.
        what_happened, root_cause, early_signs, recommendation, evidence: Markdown; ``evidence`` says how one knows that
            the recommendation works.
        cause: the root cause in a word, one of :data:`CAUSES` or one's own.
        impact_days, impact_money: working days, and units of ``currency``; minus was lost, plus was gained.
        impact_quality: one of :data:`QUALITY`.
        phase: one of :data:`PHASES` or one's own.
        category: one of :data:`CATEGORIES` or one's own.
        project_type, project_size, technology, supplier: to what the lesson applies.
        on_risk_register: whether it had been foreseen there; None where nobody knows.
        project: code of the project it was learned in.
        owner: who keeps the lesson up to date.
        audience: who may read it, see :meth:`kb.access.Audience.parse`.
        happened_on, review_on: when it happened, and when it has to be looked at again.
        language: ``zh`` or ``en``.
    """

    title: str = ""
    kind: str = "lesson"
    language: str = "zh"
    what_happened: str = ""
    root_cause: str = ""
    cause: str = ""
    early_signs: str = ""
    recommendation: str = ""
    impact_days: float | None = None
    impact_money: float | None = None
    currency: str = ""
    impact_quality: int | None = None
    phase: str = ""
    category: str = ""
    project_type: str = ""
    project_size: str = ""
    technology: str = ""
    supplier: str = ""
    on_risk_register: bool | None = None
    evidence: str = ""
    project: str = ""
    owner: str = ""
    audience: str = "everyone"
    happened_on: date | None = None
    review_on: date | None = None
    tags: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """In the form that a version keeps it: days as ISO text, tags as a list."""
        told: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, date):
                value = value.isoformat()
            told[part.name] = list(value) if isinstance(value, tuple) else value
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> LessonText:
        """What :meth:`as_json` wrote, also by an earlier version with fewer fields."""
        known = {part.name for part in fields(cls)}
        values = {name: value for name, value in told.items() if name in known}
        for name in ("happened_on", "review_on"):
            if values.get(name):
                values[name] = date.fromisoformat(values[name])
        values["tags"] = tuple(values.get("tags", ()))
        return cls(**values)


FIELDS: Final = tuple(part.name for part in fields(LessonText))
# Those that are one text each, taken as they were typed.
TEXT_FIELDS: Final = tuple(part.name for part in fields(LessonText) if part.type == "str")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field cannot be taken: a message id, and what fills its gaps."""

    field: str
    message: str
    data: Mapping[str, str | int] = made(default_factory=dict)


class LessonRefused(InvalidInput):
    """Fields of a lesson cannot be taken. Data: ``field``, ``reason`` of the first; ``problems`` holds them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Refuse because of ``problems``, of which there is at least one."""
        self.problems = tuple(problems)
        first = self.problems[0]
        super().__init__(field=first.field, reason=first.message % first.data)


# What has to be there before a lesson takes a step. A report or a register rarely says all of it: what is harvested may
# have gaps until an expert validates it.
Stage = Literal["harvest", "submit", "validate"]
_STARRED: Final = ("title", "kind", "what_happened", "recommendation", "phase")
REQUIRED: Final[dict[Stage, tuple[str, ...]]] = {
    "harvest": ("title", "kind"),
    "submit": _STARRED,
    "validate": _STARRED,
}


def missing(text: LessonText, stage: Stage) -> tuple[str, ...]:
    """The fields that are empty and must not be before ``stage``."""
    return tuple(name for name in REQUIRED[stage] if not str(getattr(text, name)).strip())


def tidied(text: LessonText) -> LessonText:
    """``text`` with its spaces in order, its tags each once and its currency in capitals."""
    tags = dict.fromkeys(" ".join(tag.split()) for tag in text.tags if tag.strip())
    texts: dict[str, Any] = {
        **{name: " ".join(getattr(text, name).split()) for name in ("title", *_NAMES)},
        **{name: getattr(text, name).replace("\r\n", "\n").strip() for name in _LONG},
    }
    currency = text.currency.strip().upper() if text.impact_money is not None else ""
    return replace(text, **texts, tags=tuple(tags), currency=currency)


def problems(text: LessonText, stage: Stage) -> tuple[Problem, ...]:
    """All that keeps a tidied text from ``stage``; empty when it may be stored."""
    found = [Problem(name, N_("this has to be filled in")) for name in missing(text, stage)]
    found += [
        Problem(name, N_("%(count)s characters at most"), {"count": limit})
        for name, limit in _LIMITS.items()
        if len(getattr(text, name)) > limit
    ]
    if text.kind not in LESSON_KINDS:
        found.append(Problem("kind", N_("choose one of the list")))
    if text.language not in {"zh", "en"}:
        found.append(Problem("language", N_("choose one of the list")))
    found += _impact_problems(text)
    if len(text.tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARS for tag in text.tags):
        found.append(
            Problem(
                "tags",
                N_("%(count)s tags at most, of %(chars)s characters at most"),
                {"count": MAX_TAGS, "chars": MAX_TAG_CHARS},
            )
        )
    try:
        Audience.parse(text.audience, follows=True)
    except InvalidInput:
        found.append(Problem("audience", N_("write everyone, group:NAME or user:NAME")))
    return tuple(found)


def checked(text: LessonText, stage: Stage) -> LessonText:
    """``text``, tidied, when it may be stored at ``stage``.

    Raises:
        LessonRefused: it may not; with everything that is wrong.
    """
    tidy = tidied(text)
    if found := problems(tidy, stage):
        raise LessonRefused(found)
    return tidy


def _impact_problems(text: LessonText) -> Iterator[Problem]:
    limits = (
        ("impact_days", text.impact_days, MAX_DAYS),
        ("impact_money", text.impact_money, MAX_MONEY),
    )
    for name, value, limit in limits:
        if value is not None and not (math.isfinite(value) and abs(value) <= limit):
            yield Problem(name, N_("a number up to %(limit)s"), {"limit": limit})
    if text.impact_money is not None and not _CURRENCY.fullmatch(text.currency):
        yield Problem("currency", N_("name the currency by its three letters, such as CNY"))
    if text.impact_quality is not None and text.impact_quality not in QUALITY:
        yield Problem("impact_quality", N_("choose one of the list"))


_LIMITS: Final = {
    "title": TITLE_CHARS,
    **dict.fromkeys(_NAMES, NAME_CHARS),
    **dict.fromkeys(_LONG, MAX_TEXT_CHARS),
    "project": 100,
}
