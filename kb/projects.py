"""Projects: what a project manager looks for first. Listed, read with their papers, edited, merged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotFound
from kb.models import Project, ProjectAlias, ProjectsApart, project_readable
from kb.models.project_matching import fill_keys, find_by_code, followed
from kb.project_likeness import Likeness, Names, doubts
from kb.project_listing import ProjectFilter, ProjectList, list_projects
from kb.project_merging import merge
from kb.project_register import put_project_rows
from kb.project_rows import write
from kb.project_rules import FIELDS, ProjectText, problems
from kb.project_views import ProjectView, current_text, view_of
from kb.register_rows import Keep, RegisterRow, RowOutcome, put_rows

MAX_PER_PAGE: Final = 500
# What a project is called in a sentence.
_WHAT: Final = N_("project")
# Comparing each with each stops being quick here; of more projects those changed last are compared.
_MOST_COMPARED: Final = 1_500


class ProjectRefused(InvalidInput):
    """A project's form that cannot be saved. ``wrong`` has a message id for each field that is wrong."""

    code = "project-refused"

    def __init__(self, wrong: dict[str, str]) -> None:
        self.wrong = wrong
        name, reason = next(iter(wrong.items()))
        super().__init__(field=name, reason=reason)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two projects that may be one, by what, and how alike they are in percent."""

    first: Names
    second: Names
    percent: int
    by: str


class Projects:
    """Use cases around projects; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep projects in ``database``."""
        self._database = database

    def listed(
        self, actor: Actor, asked: ProjectFilter, *, page: int = 1, per_page: int = 50
    ) -> ProjectList:
        """One page of the projects that ``actor`` may know of, with counts for each filter."""
        with self._database.read() as session:
            return list_projects(
                session, actor, asked, page=page, per_page=max(1, min(per_page, MAX_PER_PAGE))
            )

    def get(self, actor: Actor, project_id: int) -> ProjectView:
        """A project with what was written and learned in it; one that was merged answers as the one it went into.

        Raises:
            NotFound: it is not there, or not for this actor.
        """
        with self._database.read() as session:
            return view_of(session, actor, _own(session, actor, project_id))

    def by_code(self, actor: Actor, code: str) -> int:
        """The id of the project with this code, however it is written.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            found = find_by_code(session, code)
            if found is None:
                raise NotFound(what=_WHAT, id=code)
            return _own(session, actor, found.id).id

    def save(
        self,
        actor: Actor,
        text: ProjectText,
        *,
        project_id: int | None = None,
        revision: int | None = None,
    ) -> int:
        """Add a project, or change one; its id.

        Args:
            actor: a curator.
            text: all that is to be said of it.
            project_id: the project to change; None for a new one.
            revision: of the project when its form was opened.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such project for this actor.
            ProjectRefused: fields are wrong, or another project has the code.
            Conflict: somebody else saved it meanwhile.
        """
        actor.must(Action.CURATE)
        wrong = problems(text)
        if not text.name_zh.strip() and not text.name_en.strip():
            wrong["name_zh"] = N_("A name in one language is needed.")
        if wrong:
            raise ProjectRefused(wrong)
        with self._database.write() as session:
            fill_keys(session)
            project = Project() if project_id is None else _own(session, actor, project_id)
            if project_id is not None and revision is not None and project.revision != revision:
                raise Conflict(what=project.code)
            if _taken(session, text.code, project):
                raise ProjectRefused({"code": N_("Another project has this code.")})
            write(session, actor, project, {name: getattr(text, name) for name in FIELDS})
            return project.id

    def put(
        self, actor: Actor, rows: Sequence[RegisterRow], keep: Keep = Keep.ALL
    ) -> list[RowOutcome]:
        """Put rows of a register; see :func:`kb.project_register.put_project_rows`.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with put_rows(self._database, keep) as (session, outcomes):
            outcomes.extend(put_project_rows(session, actor, rows))
        return outcomes

    def merge(self, actor: Actor, merged_id: int, into_id: int) -> int:
        """Make one project part of another; the id of the one that stays.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: one of them is not there, or not for this actor.
            InvalidInput: they are one already.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            merged, into = _own(session, actor, merged_id), _own(session, actor, into_id)
            if merged.id == into.id:
                raise InvalidInput(field=_WHAT, reason=N_("these two are one project already"))
            merge(session, actor, merged, into)
            return into.id

    def keep_apart(self, actor: Actor, one_id: int, other_id: int) -> None:
        """Remember that two projects that look alike are two.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: one of them is not there, or not for this actor.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            pair = sorted((_own(session, actor, one_id).id, _own(session, actor, other_id).id))
            if pair[0] != pair[1] and session.get(ProjectsApart, tuple(pair)) is None:
                session.add(ProjectsApart(first_id=pair[0], second_id=pair[1], by=actor.id))

    def doubts(self, actor: Actor, project_id: int | None = None) -> list[Doubt]:
        """Pairs that may be one project, the likeliest first; those of one project where it is given."""
        with self._database.read() as session:
            named = _named(session, actor)
            apart = session.execute(select(ProjectsApart.first_id, ProjectsApart.second_id))
            found: Sequence[Likeness] = doubts(list(named.values()), list(apart), only=project_id)
        return [
            Doubt(named[pair.first], named[pair.second], pair.percent, pair.by) for pair in found
        ]

    def text(self, actor: Actor, project_id: int) -> tuple[ProjectText, int]:
        """What a project says, to be changed, and its revision.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: it is not there, or not for this actor.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            project = _own(session, actor, project_id)
            return current_text(session, project), project.revision


def _own(session: Session, actor: Actor, project_id: int) -> Project:
    """The project with this id, followed to where it was merged into, when ``actor`` may know of it."""
    project = session.scalar(
        select(Project).where(Project.id == project_id, project_readable(actor))
    )
    if project is not None and project.merged_into is not None:
        into = followed(session, project)
        project = session.scalar(
            select(Project).where(Project.id == into.id, project_readable(actor))
        )
    if project is None:
        raise NotFound(what=_WHAT, id=project_id)
    return project


def _taken(session: Session, code: str, project: Project) -> bool:
    same = session.scalars(select(Project.id).where(Project.code == code)).all()
    found = find_by_code(session, code)
    return any(number != project.id for number in same) or found not in {None, project}


def _named(session: Session, actor: Actor) -> dict[int, Names]:
    projects = session.scalars(
        select(Project)
        .where(project_readable(actor), Project.merged_into.is_(None))
        .order_by(Project.updated_at.desc(), Project.id)
        .limit(_MOST_COMPARED)
    ).all()
    also: defaultdict[int, list[str]] = defaultdict(list)
    for owner, alias in session.execute(select(ProjectAlias.project_id, ProjectAlias.name)):
        also[owner].append(alias)
    return {
        one.id: Names(
            one.id,
            one.code,
            tuple(name for name in (one.name_zh, one.name_en, *also[one.id]) if name),
            one.registered,
        )
        for one in projects
    }
