"""The registers of people and projects: rows in, rows replaced by their key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import select

from kb.access import Action, Actor
from kb.database import Database
from kb.models import Person, Project

_Row = TypeVar("_Row", Person, Project)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as a register gives it; ``handle`` is the key."""

    handle: str
    name_zh: str = ""
    name_en: str = ""
    department: str = ""
    title: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project as a register gives it; ``code`` is the key."""

    code: str
    name_zh: str = ""
    name_en: str = ""
    customer: str = ""
    industry: str = ""
    manager: str = ""
    started: date | None = None
    ended: date | None = None
    status: str = ""


class Registers:
    """Use cases around the two registers."""

    def __init__(self, database: Database) -> None:
        """Keep both in ``database``."""
        self._database = database

    def put_people(self, actor: Actor, rows: Iterable[PersonRow]) -> None:
        """Add people or bring them up to date, all or none.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            known = {person.handle: person for person in session.scalars(select(Person))}
            for row in rows:
                session.add(_filled(known.get(row.handle) or Person(), row))

    def put_projects(self, actor: Actor, rows: Iterable[ProjectRow]) -> None:
        """Add projects or bring them up to date, all or none.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            known = {project.code: project for project in session.scalars(select(Project))}
            for row in rows:
                session.add(_filled(known.get(row.code) or Project(), row))

    def projects(self, actor: Actor) -> list[Project]:
        """All projects by code; empty for an actor who may not read."""
        if not actor.principals and not actor.sees_all:
            return []
        with self._database.read() as session:
            return list(session.scalars(select(Project).order_by(Project.code)))


def _filled(thing: _Row, row: PersonRow | ProjectRow) -> _Row:
    for name, value in asdict(row).items():
        setattr(thing, name, value)
    return thing
