"""Courses and paths that were read from files, stored: again and again the same, with everybody's progress kept.

What is known already is found by its id (``courses.place``, ``course_units.key``). Nothing is stored of a batch in
which courses, units or paths wait for one another in a circle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor, Audience
from kb.checks_banks import put_questions
from kb.course_texts import (
    CoursesText,
    CourseText,
    PathText,
    QuestionText,
    UnitText,
    is_place,
    with_addresses,
)
from kb.courses import CourseDetails, write_details
from kb.courses_units import CheckDraft, UnitDraft, units_in_order, write_unit
from kb.database import Database
from kb.errors import InvalidInput
from kb.learning_paths import PathDetails, write_path
from kb.models import Course, CourseUnit, LearningPath, record_change, utc_now
from kb.models.training import COURSE_PUBLISHED
from kb.training_places import finder
from kb.training_rules import SUBJECT, refuse_circle

# What a course gives that does not say at which level.
_USUAL_LEVEL: Final = 1


@dataclass(frozen=True, slots=True)
class Stored:
    """What storing did: ids of courses and paths, by their names in the files; places that lead nowhere (yet)."""

    courses: Mapping[str, int]
    paths: Mapping[str, int]
    unknown: tuple[tuple[str, str], ...]


class CourseFiles:
    """Use cases around courses from files; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep courses in ``database``."""
        self._database = database

    def known(self) -> frozenset[str]:
        """Names of the courses and paths from files that are stored already."""
        with self._database.read() as session:
            courses = session.scalars(select(Course.place).where(Course.place.is_not(None)))
            paths = session.scalars(
                select(LearningPath.place).where(LearningPath.place.is_not(None))
            )
            return frozenset(map(str, [*courses, *paths]))

    def changed_by_hand(self, loader: str) -> frozenset[str]:
        """Names of those that somebody other than ``loader`` has changed since."""
        with self._database.read() as session:
            courses = session.scalars(
                select(Course.place).where(Course.place.is_not(None), Course.by != loader)
            )
            paths = session.scalars(
                select(LearningPath.place).where(
                    LearningPath.place.is_not(None), LearningPath.by != loader
                )
            )
            return frozenset(map(str, [*courses, *paths]))

    def store(
        self, actor: Actor, texts: CoursesText, *, audience: Audience, publish: bool = True
    ) -> Stored:
        """Store courses and paths: all of them or none.

        A unit that is no longer in its course is taken out of it; what learners did in it is kept.

        Raises:
            NotAllowed: the actor may not write courses.
            CyclicNeeds: something waits for itself; the circle is named.
            InvalidInput: something in them cannot be used; its place is named.
        """
        actor.must(Action.AUTHOR_COURSES)
        refuse_circle(
            {one.id: one.prerequisites for one in texts.courses},
            {one.id: one.title for one in texts.courses},
        )
        refuse_circle(
            {one.id: one.prerequisites for one in texts.paths},
            {one.id: one.title for one in texts.paths},
        )
        with self._database.write() as session:
            writing = _Writing(session, actor, audience, publish=publish)
            for course in texts.courses:
                writing.course(course)
            writing.prerequisites(texts.courses)
            writing.twins(texts.courses)
            for path in texts.paths:
                writing.path(path)
            writing.links(texts.courses)
            return Stored(writing.courses, writing.paths, tuple(dict.fromkeys(writing.unknown)))


class _Writing:
    """One batch on its way into the tables."""

    def __init__(
        self, session: Session, actor: Actor, audience: Audience, *, publish: bool
    ) -> None:
        self._session, self._actor, self._audience = session, actor, audience
        self._publish = publish
        self._find = finder(session)
        self.courses: dict[str, int] = {}
        self.paths: dict[str, int] = {}
        self.unknown: list[tuple[str, str]] = []

    def course(self, text: CourseText) -> None:
        row = self._session.scalar(select(Course).where(Course.place == text.id))
        if row is None:
            row = Course(place=text.id, state="draft", version=0)
        owner = row.owner or next(iter(text.teachers), self._actor.id)
        details = CourseDetails(
            text.title,
            text.language,
            text.summary,
            owner=owner,
            twin_id=row.twin_id,
            needs=tuple(row.needs or ()),
            skills=tuple((topic, _USUAL_LEVEL) for topic in text.topics),
            teachers=text.teachers,
            audience=self._audience,
        )
        write_details(self._session, self._actor, row, details)
        row.by = self._actor.id
        row.version += 1
        if self._publish:
            row.state = COURSE_PUBLISHED
        self._session.add(row)
        self._session.flush()
        self.courses[text.id] = row.id
        self._units(row, text)
        record_change(self._session, self._actor, SUBJECT, row.id,
                      "store" if row.state == COURSE_PUBLISHED else "remove")  # fmt: skip

    def prerequisites(self, texts: Iterable[CourseText]) -> None:
        """Set what comes before what, once all courses of the batch have numbers."""
        for text in texts:
            row = self._session.get_one(Course, self.courses[text.id])
            row.needs = [
                number for name in text.prerequisites if (number := self._number(name, text.id))
            ]
            self._session.flush()

    def twins(self, texts: Iterable[CourseText]) -> None:
        """Pair courses whose ids differ only in their language at the end: ``gates-zh`` and ``gates-en``."""
        for text in texts:
            stem, dash, ending = text.id.rpartition("-")
            other = {"zh": "en", "en": "zh"}.get(ending)
            if not dash or other is None:
                continue
            twin = self._session.scalar(select(Course).where(Course.place == f"{stem}-{other}"))
            row = self._session.get_one(Course, self.courses[text.id])
            if twin is not None and row.twin_id is None and twin.twin_id in {None, row.id}:
                row.twin_id, twin.twin_id = twin.id, row.id

    def path(self, text: PathText) -> None:
        row = self._session.scalar(select(LearningPath).where(LearningPath.place == text.id))
        if row is None:
            row = LearningPath(place=text.id)
        steps = [(self._number(step.course, text.id), step.due_days) for step in text.steps]
        needs = []
        for name in text.prerequisites:
            number = self._session.scalar(select(LearningPath.id).where(LearningPath.place == name))
            if number is None:
                self.unknown.append((text.id, f"path:{name}"))
            else:
                needs.append(number)
        details = PathDetails(
            text.title,
            text.language,
            text.role,
            text.summary,
            courses=tuple((number, days) for number, days in steps if number),
            needs=tuple(needs),
            due_days=text.due_days,
            owner=row.owner or self._actor.id,
            audience=self._audience,
        )
        row.by = self._actor.id
        if self._publish:
            row.state = COURSE_PUBLISHED
        write_path(self._session, self._actor, row, details)
        self.paths[text.id] = row.id

    def links(self, texts: Iterable[CourseText]) -> None:
        """Turn places into addresses and store questions, once everything they may lead to has a number."""
        for text in texts:
            units = {unit.id: unit for unit in text.units}
            address_of = self._noting(text.id)
            for row in units_in_order(self._session, self.courses[text.id]):
                unit = units[row.key]
                row.body = with_addresses(unit.body, address_of)
                if is_place(unit.target):
                    row.target = address_of(unit.target) or unit.target
                if unit.check is None or row.bank_id is None:
                    continue
                questions = [_with_addresses(question, address_of) for question in unit.check.bank]
                put_questions(self._session, row.bank_id, questions)

    def _noting(self, course: str) -> Callable[[str], str | None]:
        """How places of a course are looked up; those that lead nowhere are noted."""

        def found(place: str) -> str | None:
            address = self._find(place)
            if address is None:
                self.unknown.append((course, place))
            return address

        return found

    def _units(self, course: Course, text: CourseText) -> None:
        rows = {
            row.key: row
            for row in self._session.scalars(
                select(CourseUnit).where(CourseUnit.course_id == course.id)
            )
        }
        for position, unit in enumerate(text.units):
            row = rows.pop(unit.id, None) or CourseUnit(course_id=course.id, key=unit.id)
            row.position, row.removed_at = position, None
            try:
                write_unit(self._session, course, row, _draft(unit, row), [])
            except InvalidInput as error:
                raise InvalidInput(
                    field=f"{text.id}/{unit.id}", reason=str(error).rstrip(".")
                ) from error
            self._session.add(row)
        for row in rows.values():
            row.removed_at = row.removed_at or utc_now()
        self._session.flush()

    def _number(self, name: str, at: str) -> int:
        number = self.courses.get(name) or self._session.scalar(
            select(Course.id).where(Course.place == name)
        )
        if not number:
            self.unknown.append((at, f"course:{name}"))
        return number or 0


def _with_addresses(
    question: QuestionText, address_of: Callable[[str], str | None]
) -> QuestionText:
    """A question whose links lead to pages. Its answers stay places: they are looked up when it is graded."""
    for place in filter(is_place, question.accepted):
        address_of(place)
    return replace(
        question,
        text=with_addresses(question.text, address_of),
        options=tuple(with_addresses(option, address_of) for option in question.options),
        explanation=with_addresses(question.explanation, address_of),
    )


def _draft(unit: UnitText, row: CourseUnit) -> UnitDraft:
    check = None
    if unit.check is not None:
        check = CheckDraft(
            bank=row.bank_id,
            draw=unit.check.draw,
            pass_percent=unit.check.pass_percent,
            retries=unit.check.retries,
            wait_minutes=row.wait_minutes or 0,
            limit_minutes=unit.check.minutes,
        )
    return UnitDraft(
        kind=unit.kind,
        title=unit.title,
        minutes=unit.minutes,
        body=unit.body,
        target=unit.target,
        needs=tuple(map(str, row.needs or ())),
        check=check,
    )
