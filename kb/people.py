"""People: the register of everybody who works or has worked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import Conflict, NotAllowed, NotFound
from kb.expertise_rows import own_id
from kb.models import Person, PersonName
from kb.person_matching import any_keyless, fill_keys, relink
from kb.person_register import put_person_rows
from kb.person_rows import certificates_of, text_of, write
from kb.person_rules import OWN_FIELDS, Certificate, PersonText
from kb.person_views import PersonView, person_view
from kb.register_rows import Keep, RegisterRow, RowOutcome, put_rows

_NAMES: Final = ("handle", "name_zh", "name_en", "email", "aliases")


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person's entry in full.

    Attributes:
        said: what is said of them.
        revision: counts its changes, for :meth:`People.save`.
        own: whether the viewer is this person; ``may_edit`` whether they may change it.
    """

    view: PersonView
    said: PersonText
    revision: int
    own: bool
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody; each may be empty."""

    email: str = ""
    phone: str = ""
    chat: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A person in the file of all people: the view, contact, and certificates."""

    view: PersonView
    contact: Contact = field(default_factory=Contact)
    certificates: tuple[Certificate, ...] = ()


class People:
    """Use cases around people; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep them in ``database``."""
        self._database = database

    def prepare(self) -> None:
        """Make what people are found by for those who were registered before there was such a thing."""
        with self._database.read() as session:
            if not any_keyless(session):
                return
        with self._database.write() as session:
            fill_keys(session)
            relink(session)

    def all(self, actor: Actor) -> list[Person]:
        """Everybody, by department and name; nobody for an actor who may not read."""
        if not _may_read(actor):
            return []
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(Person)
                    .where(Person.merged_into.is_(None))
                    .order_by(
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
            return _readable(session, actor, person_id)

    def leads_to(self, actor: Actor, person_id: int) -> int:
        """The id of the person that this one was merged into, at the end of the way; its own where it was not.

        Raises:
            NotFound: there is none, or the actor may not read.
        """
        with self._database.read() as session:
            seen: set[int] = set()
            person = session.get(Person, person_id) if _may_read(actor) else None
            while person is not None and person.merged_into and person.id not in seen:
                seen.add(person.id)
                person = session.get(Person, person.merged_into)
        if person is None:
            raise NotFound(what="person", id=person_id)
        return person.id

    def entry(self, actor: Actor, person_id: int) -> PersonEntry:
        """One person's entry in full.

        Raises:
            NotFound: there is none, or the actor may not read.
        """
        with self._database.read() as session:
            person = _readable(session, actor, person_id)
            own = bool(actor.id) and own_id(session, actor) == person.id
            return PersonEntry(
                view=person_view(person),
                said=text_of(session, person),
                revision=person.revision,
                own=own,
                may_edit=own or Action.CURATE_PEOPLE in actor.actions,
            )

    def own(self, actor: Actor) -> int:
        """The id of the person that ``actor`` is; 0 for nobody of the register."""
        with self._database.read() as session:
            return own_id(session, actor) if actor.id else 0

    def save(
        self, actor: Actor, text: PersonText, *, person_id: int | None = None, revision: int = 0
    ) -> int:
        """Add a person (``person_id`` None) or change one; return the id.

        People may change of their own entry what :data:`kb.person_rules.OWN_FIELDS` names; the rest of ``text`` is left
        aside then. Curators may change everything of everybody.

        Raises:
            NotAllowed: the actor may not.
            NotFound: there is no such person.
            Conflict: somebody else changed the entry since ``revision``.
            PersonRefused: something in ``text`` cannot be stored.
        """
        with self._database.write() as session:
            curator = Action.CURATE_PEOPLE in actor.actions
            if person_id is None:
                actor.must(Action.CURATE_PEOPLE)
                person = Person()
            else:
                person = _readable(session, actor, person_id)
                if not curator and (not actor.id or own_id(session, actor) != person.id):
                    raise NotAllowed(action=Action.CURATE_PEOPLE.value)
                if person.revision != revision:
                    raise Conflict(what=person.handle)
            values: Mapping[str, Any] = _values(text)
            if not curator:
                values = {name: value for name, value in values.items() if name in OWN_FIELDS}
            renamed = any(
                name in values and getattr(person, name, None) != values[name] for name in _NAMES
            )
            write(session, actor, person, values)
            if renamed:
                relink(session)
            return person.id

    def put(
        self, actor: Actor, rows: Sequence[RegisterRow], keep: Keep = Keep.ALL
    ) -> list[RowOutcome]:
        """Take in the rows of a register, see :mod:`kb.register_rows`.

        Raises:
            NotAllowed: the actor may not curate people.
        """
        actor.must(Action.CURATE_PEOPLE)
        with put_rows(self._database, keep) as (session, outcomes):
            outcomes.extend(put_person_rows(session, actor, rows))
            relink(session)
        return outcomes

    def cards(self, actor: Actor) -> list[Card]:
        """Everybody with contact and certificates, by handle; nobody for an actor who may not read."""
        if not _may_read(actor):
            return []
        with self._database.read() as session:
            rows = session.scalars(
                select(Person).where(Person.merged_into.is_(None)).order_by(Person.handle)
            ).all()
            certificates = certificates_of(session, [row.id for row in rows])
            return [
                Card(
                    person_view(row),
                    Contact(row.email, row.phone, row.chat),
                    certificates.get(row.id, ()),
                )
                for row in rows
            ]

    def other_names(self, actor: Actor, person_id: int) -> tuple[str, ...]:
        """Other names somebody is known by.

        Raises:
            NotFound: there is no such person, or the actor may not read.
        """
        with self._database.read() as session:
            person = _readable(session, actor, person_id)
            return tuple(
                session.scalars(
                    select(PersonName.name)
                    .where(PersonName.person_id == person.id)
                    .order_by(PersonName.id)
                )
            )


def _values(text: PersonText) -> dict[str, Any]:
    return {**asdict(text), "certificates": text.certificates}


def _may_read(actor: Actor) -> bool:
    return actor.sees_all or bool(actor.principals)


def _readable(session: Session, actor: Actor, person_id: int) -> Person:
    person = session.get(Person, person_id) if _may_read(actor) else None
    if person is None or person.merged_into is not None:
        raise NotFound(what="person", id=person_id)
    return person
