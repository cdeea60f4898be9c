"""Growing into a role: the skills it wants, those somebody has shown, and the courses that close the gap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.course_shapes import CourseView
from kb.course_texts import ROLES
from kb.course_views import views
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Certificate,
    Course,
    LearningPath,
    RoleSkill,
    User,
    course_readable,
    path_readable,
)
from kb.models.training import COURSE_PUBLISHED
from kb.page_roles import actors_of
from kb.search.folding import fold_text
from kb.training_rules import LEVELS

MAX_SKILLS: Final = 100
_NAME_CHARS: Final = 100

# What somebody has shown at work: topics and their points (:mod:`kb.expertise_rules`), as far as an actor may know,
# given a sign-in name.
Shown = Callable[[Actor, str], Mapping[str, float]]
# Points from which work shows a level: somebody has written or applied something; led it, with something written; led
# it more than once, so that others learn from it.
LEVEL_POINTS: Final = ((3, 15.0), (2, 6.0), (1, 2.0))


@dataclass(frozen=True, slots=True)
class SkillLine:
    """A skill that a role wants.

    Attributes:
        wanted: the level, 1 to 3.
        shown: the level shown; 0 for none.
        by: titles of the courses that show it; ``expertise`` when work shows it as well.
        courses: those that would close the gap, not finished yet.
    """

    skill: str
    wanted: int
    shown: int
    by: tuple[tuple[int, str], ...]
    expertise: bool
    courses: tuple[CourseView, ...]

    @property
    def met(self) -> bool:
        """There is no gap."""
        return self.shown >= self.wanted


class Skills:
    """Use cases around skills; every method is one transaction."""

    def __init__(self, database: Database, shown: Shown | None = None) -> None:
        """Keep skills in ``database``; ``shown`` tells what people have shown in their work."""
        self._database = database
        self._shown = shown

    def roles(self, actor: Actor) -> Sequence[str]:
        """The roles there are: the usual ones, those of paths, those that want skills."""
        with self._database.read() as session:
            named = session.scalars(
                select(LearningPath.role).where(path_readable(actor)).distinct()
            )
            wanting = session.scalars(select(RoleSkill.role).distinct())
            return tuple(dict.fromkeys([*ROLES, *sorted({*named, *wanting})]))

    def wanted(self, role: str) -> Sequence[tuple[str, int]]:
        """The skills that a role wants and their levels, by name."""
        with self._database.read() as session:
            return _wanted(session, role)

    def want(self, actor: Actor, role: str, skills: Sequence[tuple[str, int]]) -> None:
        """Set the skills that a role wants.

        Raises:
            NotAllowed: the actor may not write courses.
            InvalidInput: there is no role, a name or level cannot be used, or there are too many.
        """
        actor.must(Action.AUTHOR_COURSES)
        role = " ".join(role.split())
        if not role or len(role) > _NAME_CHARS:
            raise InvalidInput(field=N_("role"), reason=N_("it is empty or too long"))
        if len(skills) > MAX_SKILLS or any(level not in LEVELS for _, level in skills):
            raise InvalidInput(field=N_("skills"), reason=N_("a level is 1, 2 or 3"))
        tidy = {" ".join(skill.split())[:_NAME_CHARS]: level for skill, level in skills}
        with self._database.write() as session:
            session.execute(delete(RoleSkill).where(RoleSkill.role == role))
            session.add_all(
                RoleSkill(role=role, skill=skill, level=level)
                for skill, level in tidy.items()
                if skill
            )

    def growth(self, actor: Actor, role: str, user_id: str = "") -> Sequence[SkillLine]:
        """What a role wants against what somebody has shown: oneself, or for those who see reports anybody.

        Raises:
            NotAllowed: it is about somebody else.
            NotFound: there is no such user.
        """
        if user_id and user_id != actor.id:
            actor.must(Action.SEE_REPORTS)
        with self._database.read() as session:
            learner = actor
            if user_id and user_id != actor.id:
                if session.get(User, user_id) is None:
                    raise NotFound(what="user", id=user_id)
                learner = actors_of(session, [user_id])[user_id]
            wanted = _wanted(session, role)
            done = _finished(session, actor, learner.id)
            open_ = session.scalars(
                select(Course).where(course_readable(learner), Course.state == COURSE_PUBLISHED)
            ).all()
            offered = [
                row
                for row in open_
                if row.id not in {one.id for one in done}
                and any(_same(given["skill"], skill) for given in row.skills for skill, _ in wanted)
            ]
            seen = views(session, learner, offered)
        points = self._shown(actor, learner.id) if self._shown and learner.id else {}
        worked = {topic: level_of(count) for topic, count in points.items()}
        return [_line(skill, level, done, seen, worked) for skill, level in wanted]


def level_of(points: float) -> int:
    """The level that points at work show; 0 for too few."""
    return next((level for level, least in LEVEL_POINTS if points >= least), 0)


def _line(
    skill: str,
    level: int,
    done: Sequence[Course],
    offered: Sequence[CourseView],
    worked: Mapping[str, int],
) -> SkillLine:
    by = [
        (row.id, row.title, int(one["level"]))
        for row in done
        for one in row.skills
        if _same(one["skill"], skill)
    ]
    at_work = max((found for name, found in worked.items() if _same(name, skill)), default=0)
    shown = max([at_work, *(found for _, _, found in by)])
    closing = [
        view
        for view in offered
        if any(_same(name, skill) and given > shown for name, given in view.skills)
    ]
    return SkillLine(
        skill=skill,
        wanted=level,
        shown=shown,
        by=tuple((number, title) for number, title, _ in by),
        expertise=at_work > 0,
        courses=tuple(closing) if shown < level else (),
    )


def _wanted(session: Session, role: str) -> list[tuple[str, int]]:
    rows = session.execute(
        select(RoleSkill.skill, RoleSkill.level)
        .where(RoleSkill.role == role)
        .order_by(RoleSkill.level.desc(), RoleSkill.skill)
    )
    return [(skill, level) for skill, level in rows]


def _finished(session: Session, actor: Actor, user_id: str) -> Sequence[Course]:
    return session.scalars(
        select(Course)
        .where(
            Course.id.in_(
                select(Certificate.course_id).where(
                    Certificate.user_id == (user_id or "\0"), Certificate.revoked_at.is_(None)
                )
            ),
            course_readable(actor),
        )
        .order_by(Course.id)
    ).all()


def _same(one: object, other: str) -> bool:
    return _key(str(one)) == _key(other)


def _key(text: str) -> str:
    return "".join(fold_text(text).split())
