"""Lists of lessons: filtered, counted for each filter, and the curators' board of what waits for somebody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager, selectinload

from kb.access import Action, Actor
from kb.database import Database
from kb.lesson_rows import text_of
from kb.lesson_rules import LessonText
from kb.lesson_views import IDS_IN_ONE_STATEMENT, Summary, summaries
from kb.models import Lesson, LessonTag, LessonUse, Project, lesson_readable
from kb.models.projects import project_readable

MAX_PER_PAGE: Final = 200
# On the board, of each sort; the rest is one click away.
_ON_BOARD: Final = 25
# Words that are looked for; each is one more pass over the texts.
_MAX_WORDS: Final = 10
# Values of a filter that are offered.
_MAX_VALUES: Final = 30
FACETS: Final = ("state", "verdict", "category", "phase", "kind", "project", "owner", "language")


@dataclass(frozen=True, slots=True)
class LessonFilter:
    """Which lessons are asked for; empty fields narrow nothing.

    Attributes:
        words: all of these, parted by spaces, stand in title, story or recommendation.
        due: those whose review date is this day or earlier.
        mine: those that the actor submitted.
        ids: these and no others.
        sort: ``updated`` (latest first), ``used`` (most used first) or ``lost`` (most days lost first).
    """

    state: str = ""
    verdict: str = ""
    category: str = ""
    phase: str = ""
    kind: str = ""
    project: str = ""
    owner: str = ""
    language: str = ""
    cause: str = ""
    tag: str = ""
    words: str = ""
    due: date | None = None
    mine: bool = False
    ids: tuple[int, ...] = ()
    sort: str = "updated"


@dataclass(frozen=True, slots=True)
class Lane:
    """One column of the board: the first of its lessons, and how many there are."""

    name: str
    lessons: tuple[Summary, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Exported:
    """A lesson as it is taken out: everything people wrote, and where it stands."""

    summary: Summary
    text: LessonText
    verdict: str
    expert_note: str


class LessonLists:
    """Lists of what an actor may read; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read lessons of ``database``."""
        self._database = database

    def page(
        self, actor: Actor, asked: LessonFilter, *, page: int = 1, per_page: int = 30
    ) -> tuple[list[Summary], int]:
        """One page of lessons, and how many there are over all pages."""
        per_page = max(1, min(per_page, MAX_PER_PAGE))
        with self._database.read() as session:
            statement = _asked(actor, asked)
            total = session.scalar(statement.with_only_columns(func.count(Lesson.id)))
            rows = session.scalars(
                statement.options(contains_eager(Lesson.project))
                .order_by(*_order(actor, asked.sort), Lesson.id.desc())
                .offset((max(page, 1) - 1) * per_page)
                .limit(per_page)
            ).all()
            return summaries(session, actor, rows), total or 0

    def counts(self, actor: Actor, asked: LessonFilter) -> dict[str, list[tuple[str, int]]]:
        """For each of :data:`FACETS` its values and how many lessons have them, the most first.

        A filter does not narrow its own values, so that another one can be chosen.
        """
        found: dict[str, list[tuple[str, int]]] = {}
        with self._database.read() as session:
            for name in FACETS:
                column = _column(name)
                rows = session.execute(
                    _asked(actor, _without(asked, name))
                    .where(column.is_not(None), column != "")
                    .with_only_columns(column, func.count(Lesson.id))
                    .group_by(column)
                    .order_by(func.count(Lesson.id).desc(), column)
                    .limit(_MAX_VALUES)
                )
                found[name] = [(value, count) for value, count in rows]
        return found

    def board(self, actor: Actor, today: date) -> tuple[Lane, ...]:
        """What waits for somebody: an expert's word, something to be done, a review that is due.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        lanes = {
            "waiting": LessonFilter(state="submitted"),
            "needs-action": LessonFilter(state="validated", verdict="needs-action"),
            "due": LessonFilter(due=today),
        }
        return tuple(
            Lane(name, tuple(found), total)
            for name, asked in lanes.items()
            for found, total in [self.page(actor, asked, per_page=_ON_BOARD)]
        )

    def exported(self, actor: Actor, asked: LessonFilter, limit: int) -> list[Exported]:
        """The lessons asked for, with everything that is written in them, at most ``limit``."""
        with self._database.read() as session:
            rows = session.scalars(
                _asked(actor, asked)
                .options(contains_eager(Lesson.project), selectinload(Lesson.tags))
                .order_by(*_order(actor, asked.sort), Lesson.id.desc())
                .limit(limit)
            ).all()
            told = summaries(session, actor, rows)
            return [
                Exported(summary, text_of(session, row), row.verdict, row.expert_note)
                for row, summary in zip(rows, told, strict=True)
            ]


def _asked(actor: Actor, asked: LessonFilter) -> Select[Lesson]:
    return (
        select(Lesson)
        .outerjoin(Project, (Project.id == Lesson.project_id) & project_readable(actor))
        .where(lesson_readable(actor), *_conditions(actor, asked))
    )


def _conditions(actor: Actor, asked: LessonFilter) -> Sequence[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        _column(name) == getattr(asked, name) for name in (*FACETS, "cause") if getattr(asked, name)
    ]
    if asked.tag:
        tagged = select(LessonTag.lesson_id).where(LessonTag.tag == asked.tag)
        conditions.append(Lesson.id.in_(tagged))
    conditions.extend(
        Lesson.title.icontains(word, autoescape=True)
        | Lesson.what_happened.icontains(word, autoescape=True)
        | Lesson.recommendation.icontains(word, autoescape=True)
        for word in asked.words.split()[:_MAX_WORDS]
    )
    if asked.due is not None:
        conditions.append(Lesson.review_on <= asked.due)
        conditions.append(Lesson.state.in_(("validated", "built-in")))
    if asked.mine:
        conditions.append((Lesson.submitted_by == actor.id) & (Lesson.submitted_by != ""))
    if asked.ids:
        conditions.append(Lesson.id.in_(asked.ids[:IDS_IN_ONE_STATEMENT]))
    return conditions


def _without(asked: LessonFilter, name: str) -> LessonFilter:
    emptied: dict[str, Any] = {name: ""}
    return replace(asked, **emptied)


def _column(name: str) -> InstrumentedAttribute[str]:
    column: InstrumentedAttribute[str]
    column = Project.code if name == "project" else getattr(Lesson, name)
    return column


def _order(actor: Actor, sort: str) -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    if sort == "used":
        good = (
            select(func.count())
            .where(
                LessonUse.lesson_id == Lesson.id,
                LessonUse.outcome != "not-helped",
                # Uses in projects that are not for this actor would tell by the order.
                LessonUse.project_id.in_(
                    select(Project.id).where(project_readable(actor)).correlate(None)
                ),
            )
            .scalar_subquery()
        )
        return (good.desc(), Lesson.updated_at.desc())
    if sort == "lost":
        # Nothing known goes last on every database.
        return (Lesson.impact_days.is_(None), Lesson.impact_days)
    return (Lesson.updated_at.desc(),)
