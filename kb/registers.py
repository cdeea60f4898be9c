"""The registers of people and projects: rows in, rows replaced by their key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from sqlalchemy import select

from kb.access import FOR_EVERYONE, Action, Actor
from kb.database import Database
from kb.errors import InvalidInput
from kb.models import Person, Project, audience_id_of, project_readable, record_change, utc_now
from kb.person_matching import refresh_keys, relink
from kb.project_register import put_project_rows
from kb.register_rows import RegisterRow

# The fields of ProjectRow that a row of a register has too.
_PROJECT_FIELDS: Final = (
    "code",
    "name_zh",
    "name_en",
    "customer",
    "industry",
    "manager",
    "started",
    "ended",
    "status",
)


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
                person = _filled(known.get(row.handle) or Person(), row)
                person.updated_at = utc_now()
                session.add(person)
                session.flush()
                refresh_keys(session, person)
                record_change(session, actor, "person", person.id, "store")
            relink(session)
            # What search finds of people is for everyone; that audience must be there before the first document is.
            audience_id_of(session, FOR_EVERYONE)

    def put_projects(self, actor: Actor, rows: Iterable[ProjectRow]) -> None:
        """Add projects or bring them up to date, all or none.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: a row cannot be used.
        """
        actor.must(Action.CURATE)
        given = [
            RegisterRow(
                number,
                {
                    name: getattr(row, name)
                    for name in _PROJECT_FIELDS
                    if getattr(row, name) not in {"", None}
                },
            )
            for number, row in enumerate(rows, start=1)
        ]
        with self._database.write() as session:
            for outcome in put_project_rows(session, actor, given):
                if outcome.outcome == "refused":
                    raise InvalidInput(field=outcome.field, reason=outcome.reason)

    def projects(self, actor: Actor) -> list[Project]:
        """All projects that ``actor`` may know of, by code."""
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(Project)
                    .where(project_readable(actor), Project.merged_into.is_(None))
                    .order_by(Project.code)
                )
            )


def _filled(person: Person, row: PersonRow) -> Person:
    for name, value in asdict(row).items():
        setattr(person, name, value)
    return person
