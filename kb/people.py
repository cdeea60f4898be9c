"""People: the register of everybody who has worked here, as it is read."""

from __future__ import annotations

from sqlalchemy import func, select

from kb.access import Actor
from kb.database import Database
from kb.errors import NotFound
from kb.models import Person


class People:
    """Use cases around people; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    def all(self, actor: Actor) -> list[Person]:
        """Everybody, by department and name; nobody for an actor who may not read."""
        if not _may_read(actor):
            return []
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(Person).order_by(
                        Person.department, func.lower(Person.name_en), Person.name_zh, Person.id
                    )
                )
            )

    def get(self, actor: Actor, person_id: int) -> Person:
        """One person.

        Raises:
            NotFound: there is none, or the actor may not read.
        """
        with self._database.read() as session:
            person = session.get(Person, person_id) if _may_read(actor) else None
        if person is None:
            raise NotFound(what="person", id=person_id)
        return person


def _may_read(actor: Actor) -> bool:
    return actor.sees_all or bool(actor.principals)
