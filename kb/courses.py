"""Courses as they are written: made, changed, put in order, published, withdrawn; learning is :mod:`kb.training`.

A unit keeps its number whatever is changed about it, and one that is taken out keeps its row: nobody's progress goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Action, Actor, Audience
from kb.course_shapes import CourseView
from kb.course_views import readable_course, views
from kb.courses_units import UnitDraft, free_key, units_in_order, write_unit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.files import FileStore
from kb.models import (
    Course,
    CourseUnit,
    audience_id_of,
    course_readable,
    record_change,
    utc_now,
)
from kb.models.training import COURSE_DRAFT, COURSE_PUBLISHED
from kb.training_rules import (
    LANGUAGES,
    LEVELS,
    STATES,
    SUBJECT,
    checked_title,
    refuse_circle,
)

# More courses than this on one page nobody reads; the list is searched instead.
MAX_LISTED: Final = 300
_SKILL_CHARS: Final = 100
_SUMMARY_CHARS: Final = 20_000


@dataclass(frozen=True, slots=True)
class CourseDetails:
    """What is said of a course as a whole; the fields are those of :class:`kb.models.Course`."""

    title: str
    language: str
    summary: str = ""
    owner: str = ""
    twin_id: int | None = None
    needs: tuple[int, ...] = ()
    skills: tuple[tuple[str, int], ...] = ()
    teachers: tuple[str, ...] = ()
    audience: Audience = field(default=FOR_EVERYONE)


class Courses:
    """Use cases around writing and finding courses; every method is one transaction."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Keep courses in ``database`` and the files of their units in ``files``."""
        self._database = database
        self._files = files

    def list(
        self, actor: Actor, *, words: str = "", language: str = "", state: str = COURSE_PUBLISHED
    ) -> Sequence[CourseView]:
        """The courses of one state that the actor may see, by title; narrowed by words of their titles and skills."""
        with self._database.read() as session:
            statement = select(Course).where(course_readable(actor), Course.state == state)
            if language:
                statement = statement.where(Course.language == language)
            for word in words.split()[:10]:
                like = f"%{word}%"
                statement = statement.where(
                    or_(func.lower(Course.title).like(like.lower()), Course.summary.ilike(like))
                )
            rows = session.scalars(
                statement.order_by(Course.language, Course.title).limit(MAX_LISTED)
            ).all()
            return views(session, actor, rows)

    def get(self, actor: Actor, course_id: int, *, bodies: bool = False) -> CourseView:
        """One course, and how far the actor is with it.

        Raises:
            NotFound: there is none, or it is not for this actor.
        """
        with self._database.read() as session:
            row = readable_course(session, actor, course_id)
            return views(session, actor, [row], bodies=bodies)[0]

    def create(self, actor: Actor, details: CourseDetails) -> int:
        """Begin a course, as a draft, and return its id.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: a detail cannot be used.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.write() as session:
            row = Course(state=COURSE_DRAFT, by=actor.id)
            write_details(session, actor, row, details)
            session.add(row)
            session.flush()
            return row.id

    def change(self, actor: Actor, course_id: int, details: CourseDetails) -> None:
        """Change what is said of a course.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such course, or it is not for this actor.
            InvalidInput: a detail cannot be used.
            CyclicNeeds: it would wait for itself; the circle is named.
        """
        with self._database.write() as session:
            row = self._mine(session, actor, course_id)
            write_details(session, actor, row, details)
            _changed(session, actor, row)

    def set_state(self, actor: Actor, course_id: int, state: str) -> None:
        """Publish a course, withdraw it, or take it back to its writers. Progress and certificates stay.

        Raises:
            NotAllowed, NotFound: as for :meth:`change`.
            InvalidInput: there is no such state, or a course without units would be published.
        """
        with self._database.write() as session:
            row = self._mine(session, actor, course_id)
            if state not in STATES:
                raise InvalidInput(field=N_("state"), reason=N_("it is none that there is"))
            if state == COURSE_PUBLISHED and not units_in_order(session, course_id):
                raise InvalidInput(field=N_("course"), reason=N_("it has no units yet"))
            row.state = state
            _changed(session, actor, row)

    def add_unit(self, actor: Actor, course_id: int, unit: UnitDraft) -> int:
        """Add a unit at the end and return its id.

        Raises:
            NotAllowed, NotFound, InvalidInput, CyclicNeeds: as for :meth:`change`.
        """
        with self._database.write() as session:
            course = self._mine(session, actor, course_id)
            rows = units_in_order(session, course_id)
            row = CourseUnit(
                course_id=course_id,
                key=free_key(session, course_id, unit.title),
                position=len(rows),
            )
            write_unit(session, course, row, unit, rows)
            session.add(row)
            _changed(session, actor, course)
            session.flush()
            return row.id

    def change_unit(self, actor: Actor, course_id: int, unit_id: int, unit: UnitDraft) -> None:
        """Change a unit; everybody's progress with it stays.

        Raises:
            NotAllowed, NotFound, InvalidInput, CyclicNeeds: as for :meth:`change`.
        """
        with self._database.write() as session:
            course = self._mine(session, actor, course_id)
            rows = units_in_order(session, course_id)
            write_unit(session, course, _one(rows, unit_id), unit, rows)
            _changed(session, actor, course)

    def move_unit(self, actor: Actor, course_id: int, unit_id: int, step: int) -> None:
        """Move a unit one place up (-1) or down (1); at either end it stays.

        Raises:
            NotAllowed, NotFound: as for :meth:`change`.
        """
        with self._database.write() as session:
            course = self._mine(session, actor, course_id)
            rows = units_in_order(session, course_id)
            at = rows.index(_one(rows, unit_id))
            to = min(max(at + (1 if step > 0 else -1), 0), len(rows) - 1)
            rows.insert(to, rows.pop(at))
            for position, row in enumerate(rows):
                row.position = position
            _changed(session, actor, course)

    def remove_unit(self, actor: Actor, course_id: int, unit_id: int) -> None:
        """Take a unit out of its course. What learners did in it is kept, and counts no more.

        Raises:
            NotAllowed, NotFound: as for :meth:`change`.
        """
        with self._database.write() as session:
            course = self._mine(session, actor, course_id)
            row = _one(units_in_order(session, course_id), unit_id)
            row.removed_at = utc_now()
            _changed(session, actor, course)

    def file(self, actor: Actor, course_id: int, unit_id: int) -> tuple[Path, str]:
        """Where the file of a unit lies, and its name.

        Raises:
            NotFound: there is none, or it is not for this actor.
        """
        with self._database.read() as session:
            readable_course(session, actor, course_id)
            row = session.get(CourseUnit, unit_id)
        if row is None or row.course_id != course_id or not row.sha256 or row.removed_at:
            raise NotFound(what="file", id=unit_id)
        return self._files.path(row.sha256), row.file_name

    def _mine(self, session: Session, actor: Actor, course_id: int) -> Course:
        actor.must(Action.AUTHOR_COURSES)
        return readable_course(session, actor, course_id)


def write_details(session: Session, actor: Actor, row: Course, details: CourseDetails) -> None:
    """Write what is said of a course into its row, in the caller's transaction.

    Raises:
        InvalidInput: a detail cannot be used.
        CyclicNeeds: it would wait for itself.
    """
    if details.language not in LANGUAGES:
        raise InvalidInput(field=N_("language"), reason=N_("it is none that there is"))
    if any(level not in LEVELS for _, level in details.skills):
        raise InvalidInput(field=N_("skills"), reason=N_("a level is 1, 2 or 3"))
    row.title = checked_title(details.title)
    row.summary = details.summary[:_SUMMARY_CHARS]
    row.language, row.owner = details.language, details.owner or actor.id
    row.audience_id = audience_id_of(session, details.audience)
    known = set(
        session.scalars(
            select(Course.id).where(
                Course.id.in_([*details.needs, details.twin_id or 0]), course_readable(actor)
            )
        )
    )
    for number in (*details.needs, *([details.twin_id] if details.twin_id else [])):
        if number not in known:
            raise NotFound(what="course", id=number)
    _refuse_course_circle(session, row, details.needs)
    row.needs = list(dict.fromkeys(details.needs))
    row.skills = [
        {"skill": skill[:_SKILL_CHARS], "level": level}
        for skill, level in dict(details.skills).items()
    ]
    row.teachers = list(dict.fromkeys(details.teachers))
    _pair(session, row, details.twin_id)
    row.updated_at = utc_now()


def _pair(session: Session, row: Course, twin_id: int | None) -> None:
    """Two courses are each other's twin, or neither's."""
    if row.id is not None and row.twin_id not in {None, twin_id}:
        former = session.get(Course, row.twin_id)
        if former is not None and former.twin_id == row.id:
            former.twin_id = None
    if twin_id == row.id:
        twin_id = None
    row.twin_id = twin_id
    if twin_id is not None and row.id is not None:
        twin = session.get(Course, twin_id)
        if twin is not None:
            twin.twin_id = row.id


def _refuse_course_circle(session: Session, row: Course, needs: Sequence[int]) -> None:
    if row.id is None or not needs:
        return
    rows = session.execute(select(Course.id, Course.title, Course.needs)).all()
    before = {str(number): [str(one) for one in others] for number, _, others in rows}
    before[str(row.id)] = [str(number) for number in needs]
    names = {str(number): title for number, title, _ in rows} | {str(row.id): row.title}
    refuse_circle(before, names)


def _one(rows: Sequence[CourseUnit], unit_id: int) -> CourseUnit:
    for row in rows:
        if row.id == unit_id:
            return row
    raise NotFound(what="unit", id=unit_id)


def _changed(session: Session, actor: Actor, row: Course) -> None:
    row.version += 1
    row.by, row.updated_at = actor.id, utc_now()
    found = row.state == COURSE_PUBLISHED
    record_change(session, actor, SUBJECT, row.id, "store" if found else "remove")
