"""Who is to learn what by when: assigning courses and paths to people and groups, and telling them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import EVERYONE, SYSTEM, Action, Actor, Audience
from kb.course_views import finished
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.learning_paths import readable_path
from kb.models import (
    Certificate,
    Course,
    LearningPath,
    TrainingAssignment,
    User,
    UserGroup,
    course_readable,
    path_readable,
    utc_now,
)
from kb.models.training import COURSE_PUBLISHED
from kb.notifying import notify
from kb.training_rules import SOON, SUBJECT, due_day

PATH_SUBJECT: Final = "path"
_NOTE_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """Something assigned; one of ``path_id`` and ``course_id`` is 0. ``done`` is for the actor who asked."""

    id: int
    principal: str
    path_id: int
    course_id: int
    title: str
    due_on: date | None
    note: str
    by: str
    at: datetime
    reminded_at: datetime | None = None
    done: bool = False

    @property
    def overdue(self) -> bool:
        """The day has passed and it is not done."""
        return not self.done and self.due_on is not None and self.due_on < utc_now().date()

    @property
    def soon(self) -> bool:
        """It is due within a week and not done."""
        today = utc_now().date()
        return not self.done and self.due_on is not None and today <= self.due_on <= today + SOON


class Assignments:
    """Use cases around assignments; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep assignments in ``database``."""
        self._database = database

    def assign(
        self,
        actor: Actor,
        principals: str,
        *,
        path_id: int = 0,
        course_id: int = 0,
        due_on: date | None = None,
        note: str = "",
    ) -> int:
        """Assign a path or a course, and tell everybody concerned who may read it; returns how many were told.

        Assigned again, the date and the note are renewed.

        Args:
            actor: a curator.
            principals: ``user:li.na, group:pmo`` or ``everyone``.
            path_id: the path; 0 for a course.
            course_id: the course; 0 for a path.
            due_on: when it should be finished; None for the days that the path says.
            note: a word to those concerned.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: the principals are none, or name a user or group that is not there; the day is past.
            NotFound: there is no such path or course, or it is not for this actor.
        """
        actor.must(Action.AUTHOR_COURSES)
        wanted = sorted(Audience.parse(principals).principals)
        if due_on is not None and due_on < utc_now().date():
            raise InvalidInput(field=N_("date"), reason=N_("it is past"))
        with self._database.write() as session:
            title = _title(session, actor, path_id, course_id)
            _check(session, wanted)
            for principal in wanted:
                row = session.scalar(
                    select(TrainingAssignment).where(
                        TrainingAssignment.principal == principal,
                        TrainingAssignment.path_id == (path_id or None),
                        TrainingAssignment.course_id == (course_id or None),
                        TrainingAssignment.ended_at.is_(None),
                    )
                )
                if row is None:
                    row = TrainingAssignment(
                        principal=principal,
                        path_id=path_id or None,
                        course_id=course_id or None,
                        by=actor.id,
                    )
                    session.add(row)
                row.due_on, row.note = due_on, note.strip()[:_NOTE_CHARS]
            session.flush()
            users = users_of(session, wanted)
            subject, number = (PATH_SUBJECT, path_id) if path_id else (SUBJECT, course_id)
            notify(session, users, "assigned", subject, number, title, actor)
            return len(users)

    def all(self, actor: Actor) -> Sequence[AssignmentView]:
        """Everything that is assigned, the newest first, of what the actor may see.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.read() as session:
            return _views(session, actor, None)

    def mine(self, actor: Actor) -> Sequence[AssignmentView]:
        """What is assigned to the actor, what is due first in front; empty for somebody who has not signed in."""
        if not actor.id:
            return ()
        with self._database.read() as session:
            found = _views(session, actor, actor.principals)
        # Assigned twice, as one of a group and by name: the nearer day counts.
        nearest: dict[tuple[int, int], AssignmentView] = {}
        for one in sorted(found, key=lambda each: each.due_on or date.max):
            nearest.setdefault((one.path_id, one.course_id), one)
        return tuple(nearest.values())

    def end(self, actor: Actor, assignment_id: int) -> None:
        """Take an assignment back; progress stays.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such assignment, or what it assigns is not for this actor.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.write() as session:
            row = session.get(TrainingAssignment, assignment_id)
            if row is None or row.ended_at is not None:
                raise NotFound(what="assignment", id=assignment_id)
            try:
                _title(session, actor, row.path_id or 0, row.course_id or 0)
            except NotFound as hidden:
                # It is not said that there is one of something that is not for this actor.
                raise NotFound(what="assignment", id=assignment_id) from hidden
            row.ended_at = utc_now()

    def remind(self, now: datetime) -> int:
        """Remind whoever has not finished what is due within a week, and again once it is overdue.

        Safe to call as often as one likes: each assignment reminds twice at most. Returns how many people were told.
        """
        today, told = now.date(), 0
        with self._database.read() as session:
            waiting = [one.id for one in _views(session, SYSTEM, None) if _to_remind(one, today)]
        if not waiting:
            return 0
        with self._database.write() as session:
            for one in _views(session, SYSTEM, None):
                if one.id not in waiting or not _to_remind(one, today):
                    continue
                subject = PATH_SUBJECT if one.path_id else SUBJECT
                number = one.path_id or one.course_id
                open_ = {
                    user
                    for user in users_of(session, [one.principal])
                    if not _is_done(session, user, one.path_id, one.course_id)
                }
                notify(session, open_, "due", subject, number, one.title, SYSTEM)
                session.get_one(TrainingAssignment, one.id).reminded_at = now
                told += len(open_)
        return told


def users_of(session: Session, principals: Iterable[str]) -> set[str]:
    """Sign-in names of everybody whom these principals name, in the caller's transaction."""
    names = set(principals)
    groups = {name.removeprefix("group:") for name in names if name.startswith("group:")}
    found = {name.removeprefix("user:") for name in names if name.startswith("user:")}
    if EVERYONE in names:
        return set(session.scalars(select(User.id)))
    members = select(UserGroup.user_id).where(UserGroup.group.in_(sorted(groups)))
    return found | set(session.scalars(members))


def _to_remind(one: AssignmentView, today: date) -> bool:
    """A week before the day (of less than two weeks, halfway), and once more after it."""
    if one.due_on is None:
        return False
    ahead = min(SOON, (one.due_on - one.at.date()) / 2)
    if today < one.due_on - ahead:
        return False
    return one.reminded_at is None or one.reminded_at.date() <= one.due_on < today


def _views(
    session: Session, actor: Actor, principals: Iterable[str] | None
) -> list[AssignmentView]:
    statement = (
        select(TrainingAssignment, LearningPath, Course)
        .outerjoin(LearningPath, LearningPath.id == TrainingAssignment.path_id)
        .outerjoin(Course, Course.id == TrainingAssignment.course_id)
        .where(
            TrainingAssignment.ended_at.is_(None),
            (TrainingAssignment.path_id.is_not(None) & path_readable(actor))
            | (TrainingAssignment.course_id.is_not(None) & course_readable(actor)),
        )
        .order_by(TrainingAssignment.id.desc())
    )
    if principals is not None:
        statement = statement.where(TrainingAssignment.principal.in_(sorted(principals)))
    done = set(finished(session, actor.id))
    paths = _finished_paths(session, actor.id)
    return [
        AssignmentView(
            id=row.id,
            principal=row.principal,
            path_id=path.id if path else 0,
            course_id=course.id if course else 0,
            title=path.title if path else course.title,
            due_on=due_day(row.at, row.due_on, path.due_days if path else 0),
            note=row.note,
            by=row.by,
            at=row.at,
            reminded_at=row.reminded_at,
            done=(path.id in paths) if path else (course.id in done),
        )
        for row, path, course in session.execute(statement)
        if (path or course).state == COURSE_PUBLISHED
    ]


def _finished_paths(session: Session, user_id: str) -> set[int]:
    rows = session.scalars(
        select(Certificate.path_id).where(
            Certificate.user_id == (user_id or "\0"), Certificate.revoked_at.is_(None)
        )
    )
    return {number for number in rows if number is not None}


def _is_done(session: Session, user_id: str, path_id: int, course_id: int) -> bool:
    if path_id:
        return path_id in _finished_paths(session, user_id)
    return course_id in finished(session, user_id)


def _title(session: Session, actor: Actor, path_id: int, course_id: int) -> str:
    if bool(path_id) == bool(course_id):
        raise InvalidInput(field=N_("course"), reason=N_("choose a course or a path"))
    if path_id:
        return readable_path(session, actor, path_id).title
    found = session.scalar(
        select(Course.title).where(Course.id == course_id, course_readable(actor))
    )
    if found is None:
        raise NotFound(what="course", id=course_id)
    return found


def _check(session: Session, principals: Sequence[str]) -> None:
    for name in principals:
        kind, _, rest = name.partition(":")
        known = {
            "user": select(User.id).where(User.id == rest),
            "group": select(UserGroup.group).where(UserGroup.group == rest).limit(1),
        }.get(kind)
        if known is not None and session.scalar(known) is None:
            raise InvalidInput(field=N_("for whom"), reason=f"{name}: {N_('there is none')}")
