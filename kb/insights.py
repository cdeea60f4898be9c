"""Insights: what people asked, and what of it the knowledge base could not answer.

For curators the log is read by question: asked often, found nothing, found but nobody opened a hit, slow. For everybody
it gives suggestions, and those must not tell one person what others work on: see :mod:`kb.popular_questions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, get_args

from sqlalchemy import ColumnElement, Integer, Select, and_, case, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, InvalidInput
from kb.models import utc_now
from kb.models.insights import (
    MAX_QUESTION_CHARS,
    AskedQuestion,
    OpenedHit,
    SettledQuestion,
)
from kb.popular_questions import suggested
from kb.question_log import QuestionLog, question_key, week_of

# Which questions are listed: asked often, found nothing, found but nothing opened, slow.
QuestionList = Literal["often", "nothing", "unopened", "slow"]
LISTS: Final[tuple[QuestionList, ...]] = get_args(QuestionList)

# A search this slow is noticed as waiting, in milliseconds; below it the answer still seems to follow the typing.
SLOW_MS: Final = 500.0
MAX_POPULAR: Final = 20


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One question over all who asked it in a period.

    Attributes:
        key: names it, whatever way it was written; ``text`` is how it was written last.
        asked: how many times.
        askers: at least so many different people: the most there were in one week, for nobody is known for longer.
        nothing: how many times nothing was found, filters aside.
        opened: how many times a hit was opened.
        slowest_ms: the slowest answer, in milliseconds.
        last_asked: when it was asked last.
        last_total: how many things were found then.
    """

    key: str
    text: str
    asked: int
    askers: int
    nothing: int
    opened: int
    slowest_ms: float
    last_asked: datetime
    last_total: int


@dataclass(frozen=True, slots=True)
class WeekFigures:
    """One week, named by its Monday: times something was asked, and how many of these belong to each list."""

    week: date
    asked: int
    nothing: int
    unopened: int
    slow: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A question somebody has dealt with."""

    key: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Period:
    """First and last week, each named by its Monday, both included."""

    first: date
    last: date


class Insights:
    """Use cases around the question log; every method is one transaction.

    Attributes:
        log: where questions are recorded.
    """

    def __init__(self, database: Database, log: QuestionLog) -> None:
        """Read from ``database`` what ``log`` wrote there."""
        self.log = log
        self._database = database

    def questions(
        self,
        actor: Actor,
        which: QuestionList,
        period: Period,
        *,
        page: int = 1,
        per_page: int = 50,
    ) -> tuple[AskedLine, ...]:
        """One page of a list, most pressing first; what has been settled since it was last asked is left out.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            found = session.execute(
                _grouped(which, period).offset((max(page, 1) - 1) * per_page).limit(per_page)
            ).all()
            askers = _askers(session, period, [row.key for row in found])
            latest = _rows(session, [row.latest for row in found])
        return tuple(
            AskedLine(
                key=row.key,
                text=latest[row.latest].text,
                asked=row.asked,
                askers=askers[row.key],
                nothing=row.found_nothing,
                opened=row.opened,
                slowest_ms=row.slowest,
                last_asked=latest[row.latest].asked_at,
                last_total=latest[row.latest].total,
            )
            for row in found
        )

    def weeks(self, actor: Actor, period: Period) -> tuple[WeekFigures, ...]:
        """Each week of ``period`` in which something was asked, the latest first; settled questions count too.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            rows = session.execute(
                select(
                    AskedQuestion.week,
                    func.count(),
                    _times(_FOUND_NOTHING),
                    _times(_UNOPENED),
                    _times(_SLOW),
                )
                .where(_within(period))
                .group_by(AskedQuestion.week)
                .order_by(AskedQuestion.week.desc())
            )
            return tuple(WeekFigures(*row) for row in rows)

    def settle(self, actor: Actor, text: str) -> None:
        """Mark a question as dealt with: its lists show it again only when it is asked anew.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: the question is empty.
        """
        actor.must(Action.CURATE)
        key = question_key(text)
        if not key:
            raise InvalidInput(field=N_("question"), reason=N_("it is empty"))
        with self._database.write() as session:
            row = session.get(SettledQuestion, key) or SettledQuestion(key=key)
            row.text = " ".join(text.split())[:MAX_QUESTION_CHARS]
            row.by, row.settled_at = actor.id, utc_now()
            session.add(row)

    def reopen(self, actor: Actor, text: str) -> None:
        """Take the mark away again; no error when there is none.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            session.execute(
                delete(SettledQuestion).where(SettledQuestion.key == question_key(text))
            )

    def settled(self, actor: Actor, limit: int = 50) -> tuple[Settled, ...]:
        """The questions settled last.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            rows = session.scalars(
                select(SettledQuestion).order_by(SettledQuestion.settled_at.desc()).limit(limit)
            )
            return tuple(Settled(row.key, row.text, row.by, row.settled_at) for row in rows)

    def popular(self, actor: Actor, prefix: str = "", limit: int = 5) -> tuple[str, ...]:
        """Questions that begin with ``prefix`` and that many asked, most asked first; see :mod:`kb.popular_questions`.

        Each leads first to a document that ``actor`` may read now, so there is nothing left to check, and no search.
        """
        with self._database.read() as session:
            most = min(max(limit, 0), MAX_POPULAR)
            return tuple(suggested(session, actor, question_key(prefix), most))


def last_weeks(count: int, now: datetime) -> Period:
    """The present week and those before it, ``count`` in all."""
    last = week_of(now)
    return Period(last - timedelta(weeks=max(count, 1) - 1), last)


_OPENED: Final = exists().where(OpenedHit.question_id == AskedQuestion.id)
# With filters in force nothing found says little about what is missing.
_FOUND_NOTHING: Final = and_(AskedQuestion.total == 0, AskedQuestion.narrowed.is_(False))
# Only pages have hits that can be opened.
_UNOPENED: Final = and_(AskedQuestion.total > 0, AskedQuestion.door == "page", ~_OPENED)
_SLOW: Final = AskedQuestion.took_ms >= SLOW_MS


def _times(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0), type_=Integer)


def _within(period: Period) -> ColumnElement[bool]:
    return AskedQuestion.week.between(period.first, period.last)


def _grouped(which: QuestionList, period: Period) -> Select[str, int, int, int, float, int]:
    asked, nothing, unopened = func.count(), _times(_FOUND_NOTHING), _times(_UNOPENED)
    opened = _times(_OPENED)
    slowest = func.max(AskedQuestion.took_ms)
    pressing: dict[QuestionList, ColumnElement[Any]] = {
        "often": asked,
        "nothing": nothing,
        "unopened": unopened,
        "slow": slowest,
    }
    belongs: ColumnElement[bool] = {
        "often": asked > 0,
        "nothing": nothing > 0,
        "unopened": and_(unopened > 0, opened == 0),
        "slow": slowest >= SLOW_MS,
    }[which]
    settled_at = SettledQuestion.settled_at
    return (
        select(
            AskedQuestion.key,
            asked.label("asked"),
            nothing.label("found_nothing"),
            opened.label("opened"),
            slowest.label("slowest"),
            func.max(AskedQuestion.id).label("latest"),
        )
        .outerjoin(SettledQuestion, SettledQuestion.key == AskedQuestion.key)
        .where(_within(period), or_(settled_at.is_(None), AskedQuestion.asked_at > settled_at))
        .group_by(AskedQuestion.key)
        .having(belongs)
        .order_by(pressing[which].desc(), func.max(AskedQuestion.id).desc())
    )


def _askers(session: Session, period: Period, keys: Sequence[str]) -> dict[str, int]:
    weekly = (
        select(AskedQuestion.key, func.count(AskedQuestion.visitor.distinct()).label("askers"))
        .where(AskedQuestion.key.in_(keys), _within(period))
        .group_by(AskedQuestion.key, AskedQuestion.week)
        .subquery()
    )
    rows = session.execute(
        select(weekly.c.key, func.max(weekly.c.askers).label("askers")).group_by(weekly.c.key)
    )
    return {row.key: row.askers for row in rows}


def _rows(session: Session, ids: Sequence[int]) -> dict[int, AskedQuestion]:
    rows = session.scalars(select(AskedQuestion).where(AskedQuestion.id.in_(ids)))
    return {row.id: row for row in rows}
