"""Learning: reading units, finishing them, going on where one was. Progress is never taken away.

Whoever has not signed in reads courses and has no progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.certificates import settle
from kb.checks import must_be_open
from kb.course_shapes import CourseView, UnitView
from kb.course_views import readable_course, views
from kb.database import Database
from kb.errors import N_, InvalidInput
from kb.models import Course, CourseUnit, UnitProgress, course_readable, utc_now
from kb.notifying import notify
from kb.training_rules import SUBJECT, must_learn

# Courses that somebody is in the middle of; whoever has begun more has lost the thread of some.
MAX_CONTINUED: Final = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit that was opened, with its course; ``before`` and ``after`` are its neighbours."""

    course: CourseView
    unit: UnitView
    before: UnitView | None
    after: UnitView | None


class Training:
    """Use cases around learning; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep progress in ``database``."""
        self._database = database

    def open(self, actor: Actor, course_id: int, unit_id: int) -> Reading:
        """Read a unit; for somebody who has signed in, it counts as begun.

        Raises:
            NotFound: there is no such unit, or its course is not for this actor.
            NotYet: something else has to be finished before.
        """
        with self._database.read() as session:
            found = _reading(session, actor, course_id, unit_id)
        must_be_open(found.course, found.unit)
        if actor.id and Action.LEARN in actor.actions:
            self._begun(actor, found)
        return found

    def finish(self, actor: Actor, course_id: int, unit_id: int) -> CourseView:
        """Mark a unit as done, and give the certificate when it was the last one; again, nothing changes.

        Raises:
            NotAllowed: nobody has signed in.
            NotFound, NotYet: as for :meth:`open`.
            InvalidInput: it ends with a check, which has to be passed; or it cannot be opened.
        """
        must_learn(actor)
        with self._database.write() as session:
            found = _reading(session, actor, course_id, unit_id)
            must_be_open(found.course, found.unit)
            if found.unit.check is not None and not found.unit.standing.done:
                raise InvalidInput(field=N_("unit"), reason=N_("its check has to be passed"))
            if not found.unit.standing.available:
                raise InvalidInput(field=N_("unit"), reason=N_("it cannot be opened at present"))
            row = session.get(UnitProgress, (actor.id, unit_id))
            if row is None:
                row = UnitProgress(user_id=actor.id, unit_id=unit_id)
                session.add(row)
            row.done_at = row.done_at or utc_now()
            course = readable_course(session, actor, course_id)
            settle(session, actor, course)
            return views(session, actor, [course])[0]

    def reopen(self, actor: Actor, course_id: int, unit_id: int) -> None:
        """Take back that a unit without a check is done. A certificate that was given stays.

        Raises:
            NotAllowed, NotFound: as for :meth:`finish`.
            InvalidInput: it ends with a check: what was passed stays passed.
        """
        must_learn(actor)
        with self._database.write() as session:
            found = _reading(session, actor, course_id, unit_id)
            if found.unit.check is not None:
                raise InvalidInput(field=N_("unit"), reason=N_("its check was passed"))
            row = session.get(UnitProgress, (actor.id, unit_id))
            if row is not None:
                row.done_at = None

    def begun(self, actor: Actor) -> Sequence[CourseView]:
        """The courses that the actor is in the middle of, the one last read first."""
        return self._of_actor(actor, done=False)[:MAX_CONTINUED]

    def finished(self, actor: Actor) -> Sequence[CourseView]:
        """The courses that the actor has finished, the newest first."""
        return self._of_actor(actor, done=True)

    def _of_actor(self, actor: Actor, *, done: bool) -> list[CourseView]:
        if not actor.id:
            return []
        with self._database.read() as session:
            rows = session.scalars(
                select(Course)
                .join(CourseUnit, CourseUnit.course_id == Course.id)
                .join(UnitProgress, UnitProgress.unit_id == CourseUnit.id)
                .where(UnitProgress.user_id == actor.id, course_readable(actor))
                .group_by(Course.id)
                .order_by(func.max(UnitProgress.opened_at).desc())
            ).all()
            found = views(session, actor, rows)
        return [
            one
            for one in found
            if bool(one.certificate) == done and (done or one.state == "published")
        ]

    def _begun(self, actor: Actor, found: Reading) -> None:
        with self._database.write() as session:
            row = session.get(UnitProgress, (actor.id, found.unit.id))
            if row is not None:
                row.opened_at = utc_now()
                return
            if found.unit.standing.available:
                session.add(UnitProgress(user_id=actor.id, unit_id=found.unit.id))
                return
            # The owner is to know that learners stand before a closed door.
            course = found.course
            title = f"{course.title}: {found.unit.title}"
            notify(session, {course.owner}, "unit-closed", SUBJECT, course.id, title, actor)


def _reading(session: Session, actor: Actor, course_id: int, unit_id: int) -> Reading:
    row = readable_course(session, actor, course_id)
    course = views(session, actor, [row], bodies=True)[0]
    unit = course.unit(unit_id)
    at = course.units.index(unit)
    return Reading(
        course,
        unit,
        course.units[at - 1] if at else None,
        course.units[at + 1] if at + 1 < len(course.units) else None,
    )
