"""Lists of questions: those that are open, without an answer, mine, brought to me; and what waits for the PMO."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, case, false, func, select, true
from sqlalchemy.orm import Session, selectinload

from kb.access import Action, Actor
from kb.database import Database
from kb.models import (
    Answer,
    Person,
    Project,
    Question,
    QuestionExpert,
    QuestionTag,
    QuestionVote,
    project_readable,
    question_readable,
)
from kb.models.people import is_person_of
from kb.question_rows import answered, shown_names
from kb.question_rules import TABS, Sort, Tab

PER_PAGE: Final = 20
TAGS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class QuestionFilter:
    """Which questions a list shows, and in which order."""

    tab: Tab = "all"
    tag: str = ""
    sort: Sort = "active"


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in a list; ``asked_by`` is a name."""

    id: int
    title: str
    language: str
    asked_by: str
    asked_at: datetime
    updated_at: datetime
    closed: bool
    accepted: bool
    answers: int
    votes: int
    tags: tuple[str, ...]
    project_code: str


class QuestionLists:
    """Reading lists of questions; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read the questions of ``database``."""
        self._database = database

    def listed(
        self, actor: Actor, asked: QuestionFilter, page: int = 1
    ) -> tuple[list[QuestionLine], int]:
        """One page of questions, and how many there are over all pages."""
        with self._database.read() as session:
            fits = _fits(actor, asked)
            total = session.scalar(select(func.count()).select_from(Question).where(fits)) or 0
            rows = session.scalars(
                select(Question)
                .options(selectinload(Question.tags))
                .where(fits)
                .order_by(*_ORDERS[asked.sort], Question.id.desc())
                .offset((max(page, 1) - 1) * PER_PAGE)
                .limit(PER_PAGE)
            ).all()
            return _lines(session, actor, rows), total

    def counts(self, actor: Actor, tag: str = "") -> dict[Tab, int]:
        """How many questions each tab shows."""
        columns = [func.coalesce(func.sum(case((_tab(actor, tab), 1), else_=0)), 0) for tab in TABS]
        with self._database.read() as session:
            row = session.execute(
                select(*columns).select_from(Question).where(_tagged(tag), question_readable(actor))
            ).one()
        return dict(zip(TABS, row, strict=True))

    def tags(self, actor: Actor) -> list[tuple[str, int]]:
        """The tags of most questions, with how many."""
        with self._database.read() as session:
            rows = session.execute(
                select(QuestionTag.tag, func.count())
                .join(Question, Question.id == QuestionTag.question_id)
                .where(question_readable(actor))
                .group_by(QuestionTag.tag)
                .order_by(func.count().desc(), QuestionTag.tag)
                .limit(TAGS_SHOWN)
            )
            return [(tag, count) for tag, count in rows]


def _tab(actor: Actor, tab: Tab) -> ColumnElement[bool]:
    if tab == "open":
        return Question.closed_at.is_(None) & ~answered(accepted=True)
    if tab == "unanswered":
        return Question.closed_at.is_(None) & ~answered()
    if tab == "waiting":
        waits = Question.escalated_at.is_not(None) & Question.closed_at.is_(None) & ~answered()
        return waits if Action.CURATE in actor.actions else false()
    if tab == "mine":
        return Question.asked_by == actor.id if actor.id else false()
    if tab == "to-me":
        brought = (
            select(QuestionExpert.question_id)
            .join(Person, Person.id == QuestionExpert.person_id)
            .where(is_person_of(actor.id))
        )
        return Question.id.in_(brought) if actor.id else false()
    return true()


def _tagged(tag: str) -> ColumnElement[bool]:
    if not tag:
        return true()
    return Question.id.in_(select(QuestionTag.question_id).where(QuestionTag.tag == tag))


def _fits(actor: Actor, asked: QuestionFilter) -> ColumnElement[bool]:
    return _tab(actor, asked.tab) & _tagged(asked.tag) & question_readable(actor)


_VOTES: Final = (
    select(func.count())
    .select_from(QuestionVote)
    .where(QuestionVote.question_id == Question.id)
    .correlate(Question)
    .scalar_subquery()
)
_ORDERS: Final[dict[Sort, tuple[Any, ...]]] = {
    "active": (Question.updated_at.desc(),),
    "newest": (Question.asked_at.desc(),),
    "votes": (_VOTES.desc(),),
}


def _lines(session: Session, actor: Actor, rows: Sequence[Question]) -> list[QuestionLine]:
    ids = [row.id for row in rows]
    names = shown_names(session, {row.asked_by for row in rows})
    answers: dict[int, tuple[int, int]] = {
        number: (count, accepted)
        for number, count, accepted in session.execute(
            select(Answer.question_id, func.count(), func.count(Answer.accepted_at))
            .where(Answer.question_id.in_(ids))
            .group_by(Answer.question_id)
        )
    }
    votes = counted_by(session, QuestionVote.question_id, ids)
    codes = {  # noqa: C416  dict(rows) is not typed
        number: code
        for number, code in session.execute(
            select(Project.id, Project.code).where(
                Project.id.in_({row.project_id for row in rows if row.project_id}),
                project_readable(actor),
            )
        )
    }
    return [
        QuestionLine(
            id=row.id,
            title=row.title,
            language=row.language,
            asked_by=names.get(row.asked_by, ""),
            asked_at=row.asked_at,
            updated_at=row.updated_at,
            closed=row.closed_at is not None,
            accepted=answers.get(row.id, (0, 0))[1] > 0,
            answers=answers.get(row.id, (0, 0))[0],
            votes=votes.get(row.id, 0),
            tags=tuple(tag.tag for tag in row.tags),
            project_code=codes.get(row.project_id or 0, ""),
        )
        for row in rows
    ]


def counted_by(session: Session, column: Any, ids: Iterable[int]) -> dict[int, int]:
    """How many rows there are for each of ``ids`` in a ``column``; those without any are left out."""
    rows = session.execute(select(column, func.count()).where(column.in_(ids)).group_by(column))
    return {number: count for number, count in rows}  # noqa: C416  dict(rows) is not typed
