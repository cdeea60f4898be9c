"""The people and projects that rows of a register may mean, by every name they are known by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.models import Person, PersonName, Project, ProjectAlias, project_readable
from kb.person_names import name_key as name_key_of_person
from kb.project_names import code_key, name_key, name_parts


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Handles of people and codes of projects by folded name; a name that several have, has several."""

    people: Mapping[str, frozenset[str]] = field(default_factory=dict)
    projects: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def person(self, text: str) -> frozenset[str]:
        """Handles of those who may be meant: none, one, or several of one name."""
        for part in name_parts(text):
            if found := self.people.get(name_key_of_person(part)):
                return found
        return frozenset()

    def project(self, text: str) -> frozenset[str]:
        """Codes of the projects that may be meant."""
        for part in name_parts(text):
            found = self.projects.get(code_key(part)) or self.projects.get(name_key(part))
            if found:
                return found
        return frozenset()


def known_names(database: Database, actor: Actor) -> KnownNames:
    """Everybody and every project that ``actor`` may know of."""
    people: Mapping[str, frozenset[str]] = {}
    projects: dict[str, set[str]] = defaultdict(set)
    with database.read() as session:
        if actor.principals or actor.sees_all:
            people = known_people(session)
        codes: dict[int, str] = {}
        for project in session.scalars(
            select(Project).where(project_readable(actor), Project.merged_into.is_(None))
        ):
            codes[project.id] = project.code
            for key in (code_key(project.code), project.name_zh_key, project.name_en_key):
                projects[key].add(project.code)
        for project_id, key in session.execute(
            select(ProjectAlias.project_id, ProjectAlias.key).where(
                ProjectAlias.project_id.in_(codes)
            )
        ):
            projects[key].add(codes[project_id])
    return KnownNames(people, _frozen(projects))


def known_people(session: Session) -> Mapping[str, frozenset[str]]:
    """Handles of people by each folded name they have."""
    people: dict[str, set[str]] = defaultdict(set)
    here = Person.merged_into.is_(None)
    for handle, zh, en in session.execute(
        select(Person.handle, Person.name_zh, Person.name_en).where(here)
    ):
        for name in (handle, zh, en, *_turned(en)):
            people[name_key_of_person(name)].add(handle)
    others = select(Person.handle, PersonName.key).join(Person, Person.id == PersonName.person_id)
    for handle, key in session.execute(others.where(here)):
        people[key].add(handle)
    return _frozen(people)


def one_person(people: Mapping[str, frozenset[str]], name: str) -> str:
    """The handle of the one person of this name; the name as it is where there is none, or several."""
    found = KnownNames(people).person(name)
    return next(iter(found)) if len(found) == 1 else name.strip()


def _turned(name: str) -> tuple[str, ...]:
    """A Latin name with its two words in the other order: Hao Jianping, Jianping Hao."""
    words = name.split()
    return (f"{words[1]} {words[0]}",) if len(words) == 2 else ()  # noqa: PLR2004  the two of them


def _frozen(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {key: frozenset(names) for key, names in found.items() if key}
