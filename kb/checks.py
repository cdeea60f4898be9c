"""Taking a check: begin an attempt, hand it in, read how it went. The server decides everything.

An attempt keeps the questions it drew. Until it is handed in nothing that is given out says which answers are right; it
is graded once, and handing it in again gives what it came to the first time.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.certificates import settle
from kb.checks_banks import questions_of
from kb.checks_content import draw, drawn_as_json, drawn_from_json, from_json
from kb.checks_grading import credit, outcome
from kb.checks_views import (
    Asked,
    AttemptLine,
    AttemptView,
    CheckStanding,
    asked,
    attempt_line,
    check_standing,
)
from kb.course_shapes import CourseView, UnitView
from kb.course_texts import QuestionText, is_place
from kb.course_views import readable_course, views
from kb.database import Database
from kb.errors import N_, NotFound
from kb.models import (
    CheckAnswer,
    CheckAttempt,
    Course,
    CourseUnit,
    UnitProgress,
    course_readable,
    utc_now,
)
from kb.models.training import COURSE_PUBLISHED
from kb.training_places import address_of, newest, read_address
from kb.training_rules import NoAttempt, NotYet, must_learn

# A form that was sent at the last second is not late because the network took its time.
GRACE: Final = timedelta(seconds=30)
MAX_OPENED: Final = 50
_SEED_BITS: Final = 31


class Checks:
    """Use cases around taking checks; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep attempts in ``database``."""
        self._database = database

    def standing(self, actor: Actor, course_id: int, unit_id: int) -> CheckStanding:
        """Where the actor stands with a check.

        Raises:
            NotFound: there is no such check, or it is not for this actor.
        """
        with self._database.read() as session:
            _, unit = _unit(session, actor, course_id, unit_id)
            return check_standing(session, actor, unit, utc_now())

    def begin(self, actor: Actor, course_id: int, unit_id: int) -> int:
        """Begin an attempt and return its id; the one that is open already, if there is one.

        Raises:
            NotAllowed: nobody has signed in.
            NotFound: there is no such check, or it is not for this actor.
            NotYet: something has to be finished before.
            NoAttempt: there is none left, it is too early, or the check has no questions.
        """
        must_learn(actor)
        with self._database.write() as session:
            course, unit = _unit(session, actor, course_id, unit_id)
            must_be_open(course, unit)
            now = utc_now()
            state = check_standing(session, actor, unit, now)
            if state.open_id:
                return state.open_id
            if course.state != COURSE_PUBLISHED and not course.may_edit:
                raise NoAttempt(reason=N_("the course has been withdrawn"))
            if state.left == 0:
                raise NoAttempt(reason=N_("all attempts have been used"))
            if state.next_at is not None:
                raise NoAttempt(reason=N_("it is too early"))
            assert unit.check is not None  # noqa: S101  _unit gives checks only
            bank = [
                (row.id, from_json(row.content)) for row in questions_of(session, unit.check.bank)
            ]
            if not bank:
                raise NoAttempt(reason=N_("the check has no questions yet"))
            seed = secrets.randbits(_SEED_BITS)
            limit = unit.check.limit_minutes
            row = CheckAttempt(
                unit_id=unit.id,
                user_id=actor.id,
                number=len(state.attempts) + 1,
                seed=seed,
                pass_percent=unit.check.pass_percent,
                questions=[drawn_as_json(one) for one in draw(bank, unit.check.draw, seed)],
                due_at=now + timedelta(minutes=limit) if limit else None,
                started_at=now,
            )
            session.add(row)
            if session.get(UnitProgress, (actor.id, unit.id)) is None:
                session.add(UnitProgress(user_id=actor.id, unit_id=unit.id))
            session.flush()
            return row.id

    def get(self, actor: Actor, attempt_id: int) -> AttemptView:
        """One's own attempt: its questions, and once it was handed in, how it went.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        with self._database.read() as session:
            row, course, unit = _attempt(session, actor, attempt_id)
            drawn = [drawn_from_json(one) for one in row.questions]
            answers = row.answers or [[] for _ in drawn]
            results = row.results if row.submitted_at else [None for _ in drawn]
            return AttemptView(
                line=attempt_line(row),
                course=course,
                unit=unit,
                pass_percent=row.pass_percent,
                questions=tuple(
                    _told(session, asked(one, answer, result))
                    for one, answer, result in zip(drawn, answers, results, strict=True)
                ),
                opened=tuple((address, title) for address, title in reversed(row.opened)),
            )

    def keep(self, actor: Actor, attempt_id: int, answers: Mapping[int, Sequence[str]]) -> None:
        """Keep the answers so far without handing in; nothing happens once it was handed in.

        Raises:
            NotFound: there is no such attempt, or it is somebody else's.
        """
        with self._database.write() as session:
            row, _, _ = _attempt(session, actor, attempt_id)
            if row.submitted_at is None:
                drawn = [drawn_from_json(one) for one in row.questions]
                row.answers = [
                    list(one.answer(answers.get(place, ()))) for place, one in enumerate(drawn)
                ]

    def submit(
        self, actor: Actor, attempt_id: int, answers: Mapping[int, Sequence[str]]
    ) -> AttemptLine:
        """Hand an attempt in. Handed in again, it stays what it was; after time, it is kept and does not pass.

        Args:
            actor: whose attempt it is.
            attempt_id: which one.
            answers: for each question by its place from 0: places of options on the page, or one text.

        Raises:
            NotFound: there is no such attempt, or it is somebody else's.
        """
        with self._database.write() as session:
            row, course, unit = _attempt(session, actor, attempt_id)
            if row.submitted_at is not None:
                return attempt_line(row)
            drawn = [drawn_from_json(one) for one in row.questions]
            given = [one.answer(answers.get(place, ())) for place, one in enumerate(drawn)]
            credits_ = [
                _credit(session, one.question, answer)
                for one, answer in zip(drawn, given, strict=True)
            ]
            went = outcome([one.question for one in drawn], credits_, row.pass_percent)
            row.submitted_at = utc_now()
            row.late = row.due_at is not None and row.submitted_at > row.due_at + GRACE
            row.answers, row.results = [list(one) for one in given], list(went.credits)
            row.score, row.passed = went.score, went.passed and not row.late
            session.add_all(
                CheckAnswer(
                    attempt_id=row.id,
                    position=place,
                    question_id=one.id,
                    kind=one.question.kind,
                    credit=share,
                )
                for place, (one, share) in enumerate(zip(drawn, credits_, strict=True))
            )
            if row.passed:
                _done(session, actor, course.id, unit.id)
            return attempt_line(row)

    def opened(self, actor: Actor, address: str, title: str) -> None:
        """Note that the actor reads a page, when a check that asks to find one is open; nothing happens otherwise."""
        if not actor.id:
            return
        with self._database.read() as session:
            row = _open_search(session, actor)
        if row is None or address in [one[0] for one in row.opened]:
            return
        with self._database.write() as session:
            row = _open_search(session, actor)
            if row is not None:
                row.opened = [*row.opened, [address, title[:200]]][-MAX_OPENED:]


def must_be_open(course: CourseView, unit: UnitView) -> None:
    """Return when nothing else has to be finished before a unit.

    Raises:
        NotYet: something has.
    """
    if course.may_edit:
        return
    if course.missing:
        needed = "; ".join(one.title for one in course.missing)
        raise NotYet(title=course.title, needed=needed)
    if unit.after and not unit.standing.done:
        raise NotYet(title=unit.title, needed="; ".join(unit.after))


def _open_search(session: Session, actor: Actor) -> CheckAttempt | None:
    row = session.scalar(
        select(CheckAttempt)
        .where(CheckAttempt.user_id == actor.id, CheckAttempt.submitted_at.is_(None))
        .order_by(CheckAttempt.id.desc())
        .limit(1)
    )
    if row is None or not any(one["question"]["kind"] == "find_it" for one in row.questions):
        return None
    return row


def _unit(
    session: Session, actor: Actor, course_id: int, unit_id: int
) -> tuple[CourseView, UnitView]:
    row = readable_course(session, actor, course_id)
    course = views(session, actor, [row])[0]
    unit = course.unit(unit_id)
    if unit.check is None:
        raise NotFound(what="check", id=unit_id)
    return course, unit


def _attempt(
    session: Session, actor: Actor, attempt_id: int
) -> tuple[CheckAttempt, CourseView, UnitView]:
    found = session.execute(
        select(CheckAttempt, CourseUnit.id, Course)
        .join(CourseUnit, CourseUnit.id == CheckAttempt.unit_id)
        .join(Course, Course.id == CourseUnit.course_id)
        .where(
            CheckAttempt.id == attempt_id,
            CheckAttempt.user_id == actor.id,
            course_readable(actor),
        )
    ).first()
    if found is None or not actor.id:
        raise NotFound(what="attempt", id=attempt_id)
    row, unit_id, course_row = found
    course = views(session, actor, [course_row])[0]
    return row, course, course.unit(unit_id)


def _credit(session: Session, question: QuestionText, answer: Sequence[str]) -> float:
    if question.kind != "find_it" or not answer:
        return credit(question, answer)
    given = read_address(answer[0])
    accepted = [
        found
        for found in map(
            read_address,
            (
                (address_of(session, place) or "") if is_place(place) else place
                for place in question.accepted
            ),
        )
        if found is not None
    ]
    return credit(
        question,
        answer,
        newest(session, given) if given else None,
        [newest(session, one) for one in accepted],
    )


def _told(session: Session, one: Asked) -> Asked:
    """A question whose right places have become addresses."""
    if one.kind != "find_it":
        return one
    found = (address_of(session, text) if is_place(text) else text for text in one.right)
    return replace(one, right=tuple(filter(None, found)))


def _done(session: Session, actor: Actor, course_id: int, unit_id: int) -> None:
    progress = session.get(UnitProgress, (actor.id, unit_id))
    if progress is None:
        progress = UnitProgress(user_id=actor.id, unit_id=unit_id)
        session.add(progress)
    progress.done_at = progress.done_at or utc_now()
    settle(session, actor, session.get_one(Course, course_id))
