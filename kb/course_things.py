"""Courses as things that search can find: those that are open. The questions of their checks are never indexed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.course_views import units_of
from kb.markdown import plain_text
from kb.models import Course, CourseUnit, Person
from kb.models.access import readable
from kb.models.training import COURSE_PUBLISHED
from kb.things import COURSE_KIND, Thing, ThingSection
from kb.training_rules import SUBJECT


class CourseThings:
    """The source of courses; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of published courses after ``last``, in order."""
        return session.scalars(
            select(Course.id)
            .where(Course.id > last, Course.state == COURSE_PUBLISHED)
            .order_by(Course.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these courses that are published and for ``actor``."""
        rows = session.scalars(
            select(Course).where(
                Course.id.in_(ids),
                Course.state == COURSE_PUBLISHED,
                readable(actor, Course.audience_id),
            )
        ).all()
        units = units_of(session, [row.id for row in rows], bodies=True)
        handles = {str(handle) for row in rows for handle in row.teachers}
        names = {
            person.handle: tuple(filter(None, (person.name_zh, person.name_en)))
            for person in session.scalars(select(Person).where(Person.handle.in_(sorted(handles))))
        }
        return [_thing(row, units.get(row.id, ()), names) for row in rows]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these courses ``actor`` may find."""
        return session.scalars(
            select(Course.id).where(
                Course.id.in_(ids),
                Course.state == COURSE_PUBLISHED,
                readable(actor, Course.audience_id),
            )
        ).all()


def unit_anchor(unit_id: int) -> str:
    """The id of a unit on the page of its course."""
    return f"unit-{unit_id}"


def _thing(row: Course, units: Sequence[CourseUnit], names: dict[str, tuple[str, ...]]) -> Thing:
    return Thing(
        subject=SUBJECT,
        id=row.id,
        audience=row.audience_id,
        kind=COURSE_KIND,
        language=row.language,
        title=row.title,
        updated=row.updated_at,
        sections=(
            ThingSection("", "", plain_text(row.summary)),
            *(
                ThingSection(unit.title, unit_anchor(unit.id), plain_text(unit.body))
                for unit in units
            ),
        ),
        dated=row.updated_at.date(),
        tags=tuple(str(one["skill"]) for one in row.skills),
        people=tuple(name for handle in row.teachers for name in names.get(str(handle), ())),
    )
