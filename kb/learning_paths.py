"""Learning paths: courses in an order for a role, as they are written and as one learner stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Action, Actor, Audience
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Course,
    LearningPath,
    PathCourse,
    audience_id_of,
    course_readable,
    path_readable,
    utc_now,
)
from kb.models.training import COURSE_DRAFT, COURSE_PUBLISHED
from kb.training_path_views import PathView, path_views
from kb.training_rules import LANGUAGES, STATES, checked_title, refuse_circle, within

# More than a year is no due date but a hope.
MAX_DUE_DAYS: Final = 730
_ROLE_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class PathDetails:
    """What is said of a path, see :class:`kb.models.LearningPath`; ``courses``: id and due days of each, in order."""

    title: str
    language: str
    role: str
    summary: str = ""
    courses: tuple[tuple[int, int], ...] = ()
    needs: tuple[int, ...] = ()
    due_days: int = 0
    owner: str = ""
    audience: Audience = field(default=FOR_EVERYONE)


class LearningPaths:
    """Use cases around paths; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep paths in ``database``."""
        self._database = database

    def list(
        self, actor: Actor, *, state: str = COURSE_PUBLISHED, language: str = ""
    ) -> Sequence[PathView]:
        """The paths of one state that the actor may see, by role and title."""
        with self._database.read() as session:
            statement = select(LearningPath).where(
                path_readable(actor), LearningPath.state == state
            )
            if language:
                statement = statement.where(LearningPath.language == language)
            rows = session.scalars(
                statement.order_by(LearningPath.language, LearningPath.role, LearningPath.title)
            ).all()
            return path_views(session, actor, rows)

    def get(self, actor: Actor, path_id: int) -> PathView:
        """One path, and how far the actor is on it.

        Raises:
            NotFound: there is none, or it is not for this actor.
        """
        with self._database.read() as session:
            return path_views(session, actor, [readable_path(session, actor, path_id)])[0]

    def create(self, actor: Actor, details: PathDetails) -> int:
        """Begin a path, as a draft, and return its id.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: a detail cannot be used.
            NotFound: it names a course or path that is not there, or not for this actor.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.write() as session:
            row = LearningPath(state=COURSE_DRAFT, by=actor.id)
            write_path(session, actor, row, details)
            return row.id

    def change(self, actor: Actor, path_id: int, details: PathDetails) -> None:
        """Change a path; whoever is on it stays on it.

        Raises:
            NotAllowed, InvalidInput: as for :meth:`create`.
            NotFound: there is no such path, or something it names.
            CyclicNeeds: it would wait for itself; the circle is named.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.write() as session:
            row = readable_path(session, actor, path_id)
            row.by = actor.id
            write_path(session, actor, row, details)

    def set_state(self, actor: Actor, path_id: int, state: str) -> None:
        """Publish a path, withdraw it, or take it back to its writers.

        Raises:
            NotAllowed, NotFound: as for :meth:`change`.
            InvalidInput: there is no such state, or a path without courses would be published.
        """
        actor.must(Action.AUTHOR_COURSES)
        if state not in STATES:
            raise InvalidInput(field=N_("state"), reason=N_("it is none that there is"))
        with self._database.write() as session:
            row = readable_path(session, actor, path_id)
            count = session.scalar(
                select(func.count()).select_from(PathCourse).where(PathCourse.path_id == path_id)
            )
            if state == COURSE_PUBLISHED and not count:
                raise InvalidInput(field=N_("path"), reason=N_("it has no courses yet"))
            row.state, row.by, row.updated_at = state, actor.id, utc_now()


def readable_path(session: Session, actor: Actor, path_id: int) -> LearningPath:
    """A path that ``actor`` may see.

    Raises:
        NotFound: there is none, or it is not for this actor.
    """
    found = session.scalar(
        select(LearningPath).where(LearningPath.id == path_id, path_readable(actor))
    )
    if found is None:
        raise NotFound(what="learning path", id=path_id)
    return found


def write_path(session: Session, actor: Actor, row: LearningPath, details: PathDetails) -> None:
    """Write a path into its row, which may be new, in the caller's transaction.

    Raises:
        InvalidInput: a detail cannot be used.
        NotFound: it names a course or path that is not there, or not for this actor.
        CyclicNeeds: it would wait for itself.
    """
    if details.language not in LANGUAGES:
        raise InvalidInput(field=N_("language"), reason=N_("it is none that there is"))
    role = " ".join(details.role.split())[:_ROLE_CHARS]
    if not role:
        raise InvalidInput(field=N_("role"), reason=N_("it is empty"))
    row.title, row.summary, row.role = checked_title(details.title), details.summary, role
    row.language, row.owner = details.language, details.owner or actor.id
    row.due_days = within(details.due_days, 0, MAX_DUE_DAYS, N_("days"))
    row.audience_id = audience_id_of(session, details.audience)
    wanted = dict(details.courses)
    known = set(
        session.scalars(select(Course.id).where(Course.id.in_(wanted), course_readable(actor)))
    )
    for number in wanted:
        if number not in known:
            raise NotFound(what="course", id=number)
    _write_needs(session, actor, row, details.needs)
    row.updated_at = utc_now()
    session.add(row)
    session.flush()
    session.execute(delete(PathCourse).where(PathCourse.path_id == row.id))
    session.add_all(
        PathCourse(
            path_id=row.id,
            course_id=number,
            position=position,
            due_days=within(days, 0, MAX_DUE_DAYS, N_("days")),
        )
        for position, (number, days) in enumerate(wanted.items())
    )
    session.flush()


def _write_needs(session: Session, actor: Actor, row: LearningPath, needs: Sequence[int]) -> None:
    others = session.execute(
        select(LearningPath.id, LearningPath.title, LearningPath.needs).where(path_readable(actor))
    ).all()
    known = {number: title for number, title, _ in others}
    for number in needs:
        if number not in known:
            raise NotFound(what="learning path", id=number)
    if row.id is not None:
        before = {str(number): list(map(str, wanted)) for number, _, wanted in others}
        before[str(row.id)] = list(map(str, needs))
        names = {str(number): title for number, title in known.items()}
        refuse_circle(before, names | {str(row.id): row.title})
    row.needs = list(dict.fromkeys(needs))
