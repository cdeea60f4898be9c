"""Learning paths as one learner stands in them, read in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.course_shapes import CourseView
from kb.course_views import views
from kb.models import (
    AudienceRow,
    Certificate,
    Course,
    LearningPath,
    PathCourse,
    TrainingAssignment,
    course_readable,
    path_readable,
)
from kb.models.training import COURSE_PUBLISHED
from kb.training_rules import due_day


@dataclass(frozen=True, slots=True)
class Step:
    """A course on a path; ``due_on`` is None where the path was not assigned or has no date for it."""

    course: CourseView
    due_days: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class PathView:
    """A path, for one learner.

    Attributes:
        steps: the courses the learner may see, without those withdrawn that were never finished.
        needed: id, title and whether it is done, for each path to be finished before.
        assigned: it was assigned to the learner; ``due_on`` is then the day it should be finished, if there is one.
        certificate: code of the learner's certificate; empty without one.
    """

    id: int
    place: str
    title: str
    summary: str
    role: str
    language: str
    state: str
    audience: str
    owner: str
    due_days: int
    steps: tuple[Step, ...]
    needed: tuple[tuple[int, str, bool], ...]
    assigned: bool
    due_on: date | None
    certificate: str
    updated_at: datetime
    may_edit: bool

    @property
    def minutes(self) -> int:
        """Estimated time for all of it."""
        return sum(step.course.minutes for step in self.steps)

    @property
    def minutes_left(self) -> int:
        """Estimated time for what is left."""
        return sum(
            step.course.standing.minutes_left for step in self.steps if not step.course.certificate
        )

    @property
    def percent(self) -> int:
        """How much is done, of all units, rounded down."""
        total = sum(step.course.standing.total for step in self.steps)
        done = sum(
            step.course.standing.total if step.course.certificate else step.course.standing.done
            for step in self.steps
        )
        return done * 100 // total if total else 0

    @property
    def complete(self) -> bool:
        """Every course of it is finished."""
        return bool(self.steps) and all(step.course.certificate for step in self.steps)

    @property
    def next_step(self) -> Step | None:
        """Where to go on: the first course that is not finished."""
        return next((step for step in self.steps if not step.course.certificate), None)


def path_views(session: Session, actor: Actor, rows: Sequence[LearningPath]) -> list[PathView]:
    """Paths with how far ``actor`` is on them, in the order given, read in the caller's transaction."""
    ids = [row.id for row in rows]
    links = session.execute(
        select(PathCourse, Course)
        .join(Course, Course.id == PathCourse.course_id)
        .where(PathCourse.path_id.in_(ids), course_readable(actor))
        .order_by(PathCourse.path_id, PathCourse.position)
    ).all()
    courses = {course.id: course for _, course in links}
    seen = {view.id: view for view in views(session, actor, list(courses.values()))}
    given = dict(
        session.execute(
            select(Certificate.path_id, Certificate.code).where(
                Certificate.user_id == (actor.id or "\0"),
                Certificate.path_id.is_not(None),
                Certificate.revoked_at.is_(None),
            )
        ).all()
    )
    needed = {number for row in rows for number in row.needs}
    others = dict(
        session.execute(
            select(LearningPath.id, LearningPath.title).where(
                LearningPath.id.in_(sorted(needed)),
                LearningPath.state == COURSE_PUBLISHED,
                path_readable(actor),
            )
        ).all()
    )
    audiences = dict(
        session.execute(
            select(AudienceRow.id, AudienceRow.key).where(
                AudienceRow.id.in_({row.audience_id for row in rows})
            )
        ).all()
    )
    assigned = _assigned(session, actor, ids)
    found = []
    for row in rows:
        mine = assigned.get(row.id, [])
        dues = [day for one in mine if (day := due_day(one.at, one.due_on, row.due_days))]
        steps = []
        for link, course in links:
            view = seen[course.id]
            if link.path_id == row.id and (view.state == COURSE_PUBLISHED or view.certificate):
                days = [
                    day for one in mine if (day := due_day(one.at, None, link.due_days))
                ] or dues
                steps.append(Step(view, link.due_days, min(days, default=None)))
        found.append(
            PathView(
                id=row.id,
                place=row.place or "",
                title=row.title,
                summary=row.summary,
                role=row.role,
                language=row.language,
                state=row.state,
                audience=audiences[row.audience_id],
                owner=row.owner,
                due_days=row.due_days,
                steps=tuple(steps),
                needed=tuple(
                    (number, others[number], number in given)
                    for number in row.needs
                    if number in others
                ),
                assigned=bool(mine),
                due_on=min(dues, default=None),
                certificate=given.get(row.id, ""),
                updated_at=row.updated_at,
                may_edit=Action.AUTHOR_COURSES in actor.actions,
            )
        )
    return found


def _assigned(
    session: Session, actor: Actor, path_ids: Sequence[int]
) -> dict[int, list[TrainingAssignment]]:
    if not actor.id:
        return {}
    rows = session.scalars(
        select(TrainingAssignment).where(
            TrainingAssignment.path_id.in_(path_ids),
            TrainingAssignment.principal.in_(sorted(actor.principals)),
            TrainingAssignment.ended_at.is_(None),
        )
    )
    found: dict[int, list[TrainingAssignment]] = {}
    for row in rows:
        found.setdefault(row.path_id or 0, []).append(row)
    return found
