"""Attempts at checks as the learner sees them; until one is handed in, nothing here says which answers are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.checks_banks import questions_of
from kb.checks_content import Drawn
from kb.course_shapes import CourseView, UnitView
from kb.models import CheckAttempt


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """One attempt in the list of them; ``score`` is None while it is open."""

    id: int
    number: int
    started_at: datetime
    submitted_at: datetime | None
    due_at: datetime | None
    score: float | None
    passed: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the learner sees it.

    Attributes:
        options: as they are shown.
        answer: what was given: places of options on the page, or one text.
        credit: 0 to 1; None before it is handed in, as are ``right`` (places or texts) and ``explanation`` empty.
    """

    kind: str
    text: str
    options: tuple[str, ...]
    points: int
    answer: tuple[str, ...]
    credit: float | None
    right: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class AttemptView:
    """An attempt, with the unit and the course it belongs to. ``opened`` are pages read meanwhile, newest first."""

    line: AttemptLine
    course: CourseView
    unit: UnitView
    pass_percent: int
    questions: tuple[Asked, ...]
    opened: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CheckStanding:
    """Where somebody stands with a check.

    Attributes:
        attempts: all of them, the newest first.
        open_id: the one that is begun and not handed in; 0 for none.
        left: how many may still begin; None for as many as one likes.
        next_at: when the next one may begin; None for now.
        count: how many questions an attempt has.
    """

    attempts: tuple[AttemptLine, ...]
    open_id: int
    left: int | None
    next_at: datetime | None
    count: int


def check_standing(session: Session, actor: Actor, unit: UnitView, now: datetime) -> CheckStanding:
    """Where ``actor`` stands with the check of a unit at ``now``."""
    rules = unit.check
    assert rules is not None  # noqa: S101  callers give checks only
    rows = session.scalars(
        select(CheckAttempt)
        .where(CheckAttempt.unit_id == unit.id, CheckAttempt.user_id == (actor.id or "\0"))
        .order_by(CheckAttempt.number.desc())
    ).all()
    left = None if rules.retries is None else max(0, rules.retries + 1 - len(rows))
    last = next((row.submitted_at for row in rows if row.submitted_at), None)
    next_at = last + timedelta(minutes=rules.wait_minutes) if last and rules.wait_minutes else None
    count = len(questions_of(session, rules.bank))
    return CheckStanding(
        attempts=tuple(map(attempt_line, rows)),
        open_id=next((row.id for row in rows if row.submitted_at is None), 0),
        left=left,
        next_at=next_at if next_at and next_at > now else None,
        count=min(rules.draw, count) if rules.draw else count,
    )


def asked(drawn: Drawn, answer: Sequence[str], result: float | None) -> Asked:
    """A drawn question with what was given; what is right only where there is a ``result``."""
    question = drawn.question
    places = {str(position): str(place) for place, position in enumerate(drawn.shown)}
    told = result is not None
    right: tuple[str, ...] = ()
    if told and question.kind in {"single", "multiple"}:
        right = tuple(places[str(position)] for position in question.right)
    elif told and question.kind == "order":
        right = tuple(places[str(position)] for position in range(len(question.options)))
    elif told:
        right = question.accepted
    return Asked(
        kind=question.kind,
        text=question.text,
        options=drawn.options,
        points=question.points,
        answer=tuple(places.get(one, one) for one in answer) if drawn.shown else tuple(answer),
        credit=result,
        right=right,
        explanation=question.explanation if told else "",
    )


def attempt_line(row: CheckAttempt) -> AttemptLine:
    """An attempt in the list of them."""
    return AttemptLine(
        row.id,
        row.number,
        row.started_at,
        row.submitted_at,
        row.due_at,
        row.score,
        row.passed,
        row.late,
    )
