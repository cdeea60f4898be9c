"""Lessons as things that search can find: those that an expert has looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from kb.access import Actor
from kb.lesson_rows import SUBJECT
from kb.lesson_use_rules import reuse_boost
from kb.lesson_views import names_of
from kb.markdown import plain_text
from kb.models import Lesson, LessonUse, Project, lesson_readable
from kb.models.access import covering
from kb.models.projects import project_readable
from kb.things import Thing, ThingSection

KIND: Final = "lesson"
# The parts of a lesson that are searched: column, its heading in each language, its id on the page.
PARTS: Final = (
    ("what_happened", "发生了什么", "What happened", "what-happened"),
    ("root_cause", "根本原因", "Root cause", "root-cause"),
    ("early_signs", "早期征兆", "Early signs", "early-signs"),
    ("recommendation", "建议", "Recommendation", "recommendation"),
    ("evidence", "证据", "Evidence", "evidence"),
)
# A superseded lesson stands below its successor, which says the same better, and above what is beside the point.
SUPERSEDED: Final = 0.5
_APPLIES: Final = ("project_type", "project_size", "technology", "supplier")
# Made once: making a statement takes longer than running it, and these belong to nearly every search.
_OUTCOMES: Final = (
    select(LessonUse.lesson_id, LessonUse.outcome, func.count())
    .where(LessonUse.lesson_id.in_(bindparam("ids", expanding=True)))
    .group_by(LessonUse.lesson_id, LessonUse.outcome)
)
_OLD: Final = select(Lesson.id).where(
    Lesson.id.in_(bindparam("ids", expanding=True)), Lesson.state == "superseded"
)


class LessonThings:
    """The source of lessons; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of validated lessons after ``last``, in order; superseded ones are among them."""
        return session.scalars(
            select(Lesson.id)
            .where(Lesson.id > last, Lesson.validated_at.is_not(None))
            .order_by(Lesson.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these lessons that are validated and for ``actor``."""
        rows = session.scalars(
            select(Lesson)
            .outerjoin(Project, (Project.id == Lesson.project_id) & project_readable(actor))
            .options(contains_eager(Lesson.project), selectinload(Lesson.tags))
            .where(Lesson.id.in_(ids), Lesson.validated_at.is_not(None), lesson_readable(actor))
        )
        found = list(rows)
        if not actor.sees_all:
            return [_thing(row, named=True) for row in found]
        # As for documents: the index names a project only where all readers may know of it.
        pairs = {row.id: _audiences(row) for row in found}
        told = covering(session, set(pairs.values()))
        return [_thing(row, named=pairs[row.id] in told) for row in found]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these lessons ``actor`` may find."""
        return session.scalars(
            select(Lesson.id).where(
                Lesson.id.in_(ids), Lesson.validated_at.is_not(None), lesson_readable(actor)
            )
        ).all()


def lesson_priors(session: Session, ids: Sequence[int], _asked: str) -> dict[int, float]:
    """How much more lessons count that helped in projects, and how much less those that another one superseded."""
    counted: dict[int, dict[str, int]] = {}
    for number, outcome, count in session.execute(_OUTCOMES, {"ids": ids}):
        counted.setdefault(number, {})[outcome] = count
    factors = {
        number: reuse_boost(
            uses.get("helped", 0), uses.get("adapted", 0), uses.get("not-helped", 0)
        )
        for number, uses in counted.items()
    }
    old = session.scalars(_OLD, {"ids": ids})
    return factors | dict.fromkeys(old, SUPERSEDED)


def _audiences(row: Lesson) -> tuple[int | None, int]:
    return (row.project.audience_id if row.project else None, row.audience_id)


def _thing(row: Lesson, *, named: bool) -> Thing:
    project = row.project if named else None
    parts = [
        ThingSection(zh if row.language == "zh" else en, anchor, plain_text(getattr(row, name)))
        for name, zh, en, anchor in PARTS
        if getattr(row, name)
    ]
    applies = " · ".join(getattr(row, name) for name in _APPLIES if getattr(row, name))
    if applies:
        heading = "适用于" if row.language == "zh" else "Applies when"
        parts.append(ThingSection(heading, "applies", applies))
    return Thing(
        subject=SUBJECT,
        id=row.id,
        audience=row.audience_id,
        kind=KIND,
        language=row.language,
        title=row.title,
        updated=row.updated_at,
        sections=tuple(parts),
        dated=row.happened_on,
        project=project.code if project else "",
        project_names=names_of(project),
        tags=tuple(tag.tag for tag in row.tags),
        people=(row.owner,) if row.owner else (),
    )
