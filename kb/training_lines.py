"""Who is where in which course, read in the caller's transaction.

How much of a course is done is counted over all its units here, also those that a learner cannot open; one who has the
certificate is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.models import (
    Certificate,
    CheckAttempt,
    Course,
    CourseUnit,
    LearningPath,
    PathCourse,
    TrainingAssignment,
    UnitProgress,
    User,
    course_readable,
    path_readable,
    utc_now,
)
from kb.models.training import COURSE_PUBLISHED
from kb.training_assigning import users_of
from kb.training_rules import due_day

# A user and a course.
_Pair = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Line:
    """One person in one course.

    Attributes:
        percent: of its units that are done.
        due_on: the nearest day it should be finished; None where there is none.
        score: the average of the best attempts, 0 to 1; None where nothing was graded.
        certificate: its code; empty without one.
    """

    user_id: str
    name: str
    course_id: int
    title: str
    language: str
    percent: int
    started_at: datetime | None
    opened_at: datetime | None
    done_at: datetime | None
    due_on: date | None
    score: float | None
    attempts: int
    minutes: int
    certificate: str

    @property
    def overdue(self) -> bool:
        """The day has passed and it is not done."""
        return self.done_at is None and self.due_on is not None and self.due_on < utc_now().date()


def lines_of(
    session: Session,
    actor: Actor,
    *,
    users: set[str] | None,
    courses: set[int] | None,
    own: bool = False,
) -> list[Line]:
    """Who is where, of those who have begun a course or were assigned it; by person and course.

    Args:
        session: the caller's transaction.
        actor: sees only courses that are for this actor.
        users: only these; None for everybody.
        courses: only these; None for all.
        own: the actor is the learner.
    """
    seen = {
        row.id: row
        for row in session.scalars(select(Course).where(course_readable(actor)))
        if courses is None or row.id in courses
    }
    went = _went(session, seen, users)
    given = _given(session, seen, users)
    dues = _dues(session, actor, seen, users)
    graded = _graded(session, seen, users)
    totals = {
        course: (count, minutes)
        for course, count, minutes in session.execute(
            select(CourseUnit.course_id, func.count(), func.sum(CourseUnit.minutes))
            .where(CourseUnit.course_id.in_(seen), CourseUnit.removed_at.is_(None))
            .group_by(CourseUnit.course_id)
        )
    }
    pairs = {*went, *given, *dues}
    named = select(User.id, User.name).where(User.id.in_({user for user, _ in pairs}))
    names = dict(session.execute(named).all())
    found = []
    for user, course in sorted(pairs):
        row = seen[course]
        code, done_at = given.get((user, course), ("", None))
        done, started, opened = went.get((user, course), (0, None, None))
        total, minutes = totals.get(course, (0, 0))
        score, attempts = graded.get((user, course), (None, 0))
        # What was withdrawn is told of those who did something in it.
        if row.state != COURSE_PUBLISHED and not started:
            continue
        found.append(
            Line(
                user_id=user,
                name=names.get(user) or user,
                course_id=course,
                title=row.title,
                language=row.language,
                percent=100 if code else done * 100 // total if total else 0,
                started_at=started,
                opened_at=opened,
                done_at=done_at,
                due_on=dues.get((user, course)),
                score=score,
                attempts=attempts,
                minutes=minutes,
                certificate=code if own or Action.SEE_REPORTS in actor.actions else "",
            )
        )
    return found


def _went(
    session: Session, courses: Iterable[int], users: set[str] | None
) -> dict[_Pair, tuple[int, datetime, datetime]]:
    statement = (
        select(
            UnitProgress.user_id,
            CourseUnit.course_id,
            func.count(UnitProgress.done_at).filter(CourseUnit.removed_at.is_(None)),
            func.min(UnitProgress.started_at),
            func.max(UnitProgress.opened_at),
        )
        .join(CourseUnit, CourseUnit.id == UnitProgress.unit_id)
        .where(CourseUnit.course_id.in_(list(courses)))
        .group_by(UnitProgress.user_id, CourseUnit.course_id)
    )
    rows = session.execute(_of(statement, UnitProgress.user_id, users))
    return {(user, course): (done, started, opened) for user, course, done, started, opened in rows}


def _given(
    session: Session, courses: Iterable[int], users: set[str] | None
) -> dict[_Pair, tuple[str, datetime]]:
    statement = (
        select(Certificate.user_id, Certificate.course_id, Certificate.code, Certificate.issued_at)
        .where(Certificate.course_id.in_(list(courses)), Certificate.revoked_at.is_(None))
        .order_by(Certificate.issued_at)
    )
    rows = session.execute(_of(statement, Certificate.user_id, users))
    return {(user, course): (code, at) for user, course, code, at in rows if user and course}


def _graded(
    session: Session, courses: Iterable[int], users: set[str] | None
) -> dict[_Pair, tuple[float | None, int]]:
    statement = (
        select(
            CheckAttempt.user_id.label("user_id"),
            CourseUnit.course_id.label("course_id"),
            func.max(CheckAttempt.score).label("score"),
            func.count().label("attempts"),
        )
        .join(CourseUnit, CourseUnit.id == CheckAttempt.unit_id)
        .where(CourseUnit.course_id.in_(list(courses)), CheckAttempt.late.is_(False))
        .group_by(CheckAttempt.user_id, CourseUnit.course_id, CheckAttempt.unit_id)
    )
    best = _of(statement, CheckAttempt.user_id, users).subquery()
    rows = session.execute(
        select(
            best.c.user_id, best.c.course_id, func.avg(best.c.score), func.sum(best.c.attempts)
        ).group_by(best.c.user_id, best.c.course_id)
    )
    return {(user, course): (score, attempts) for user, course, score, attempts in rows}


def _dues(
    session: Session, actor: Actor, courses: Iterable[int], users: set[str] | None
) -> dict[_Pair, date | None]:
    """Who is to finish which course, and by when: the nearest day of all that was assigned."""
    known = set(courses)
    alone = session.scalars(
        select(TrainingAssignment).where(
            TrainingAssignment.course_id.in_(known), TrainingAssignment.ended_at.is_(None)
        )
    )
    wanted = [(row.principal, row.course_id or 0, row.due_on) for row in alone]
    on_paths = session.execute(
        select(TrainingAssignment, LearningPath, PathCourse)
        .join(LearningPath, LearningPath.id == TrainingAssignment.path_id)
        .join(PathCourse, PathCourse.path_id == LearningPath.id)
        .where(
            PathCourse.course_id.in_(known),
            TrainingAssignment.ended_at.is_(None),
            LearningPath.state == COURSE_PUBLISHED,
            path_readable(actor),
        )
    )
    for assigned, path, step in on_paths:
        day = due_day(assigned.at, None, step.due_days)
        day = day or due_day(assigned.at, assigned.due_on, path.due_days)
        wanted.append((assigned.principal, step.course_id, day))
    members: dict[str, set[str]] = {}
    found: dict[_Pair, date | None] = {}
    for principal, course, day in wanted:
        if principal not in members:
            members[principal] = users_of(session, [principal])
        for user in members[principal] if users is None else members[principal] & users:
            before = found.get((user, course))
            found[user, course] = min(filter(None, (before, day)), default=None)
    return found


def _of(statement: Any, column: Any, users: set[str] | None) -> Any:
    return statement if users is None else statement.where(column.in_(sorted(users)))
