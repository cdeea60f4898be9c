"""Matching: who of the register is meant by a name that stands somewhere.

What is sure is taken: one person with this name or this e-mail address, whatever the spelling. What is doubtful is left
to a curator: several people of one name, or a name that only sounds like one. A decision holds everywhere or for one
thing, and for everything that is imported later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import (
    DocumentPerson,
    NameDecision,
    Person,
    PersonKey,
    PersonName,
    person_of_user,
    utc_now,
)
from kb.person_names import Wanted, name_key, register_keys, wanted

# Keys in one statement: SQLite takes at most 999 values in old builds.
_AT_ONCE: Final = 500


class Named(NamedTuple):
    """A name, and the thing in which it stands."""

    name: str
    subject: str
    number: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant; ``why`` is ``name`` (has it, as others have) or ``pinyin`` (sounds like it)."""

    person: int
    why: Literal["name", "pinyin"]


@dataclass(frozen=True, slots=True)
class Meant:
    """Who is meant by a name.

    Attributes:
        person: id of whoever it is; None where nobody is, or nobody can be sure.
        candidates: who may be meant, where it is doubtful.
        decided: whether somebody decided it.
    """

    person: int | None = None
    candidates: tuple[Candidate, ...] = ()
    decided: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether somebody has to decide."""
        return bool(self.candidates) and not self.decided


def meant(session: Session, names: Iterable[Named]) -> dict[Named, Meant]:
    """Who is meant by each of ``names``."""
    asked = {each: wanted(each.name) for each in set(names)}
    keys = frozenset().union(*(each.keys for each in asked.values())) if asked else frozenset()
    known = _known(session, keys)
    decided = _decisions(session, {name_key(each.name) for each in asked})
    return {each: _decide(each, wish, known, decided) for each, wish in asked.items()}


def one_meant(session: Session, name: str, subject: str, number: int) -> int | None:
    """The id of whoever is meant by a name in a thing; None where nobody is, or nobody can be sure."""
    named = Named(name, subject, number)
    return meant(session, [named])[named].person


def remember(session: Session, actor: Actor, named: Named, person: int | None) -> None:
    """Keep that ``named`` is this person (None: nobody of the register); everywhere where its subject is empty."""
    key = name_key(named.name)
    row = session.scalar(
        select(NameDecision).where(
            NameDecision.key == key,
            NameDecision.subject == named.subject,
            NameDecision.number == named.number,
        )
    )
    if row is None:
        row = NameDecision(key=key, name=named.name, subject=named.subject, number=named.number)
        session.add(row)
    row.person_id, row.by, row.at = person, actor.id, utc_now()
    session.flush()


def sign(session: Session, actor: Actor, document_id: int) -> None:
    """Make ``actor`` the author of a document that is begun here.

    Whoever signed in is known for certain, whatever others are called: that is remembered.
    """
    name = actor.name or actor.id
    person = person_of_user(session, actor.id)
    if person is not None:
        name = person.name_zh or person.name_en
        remember(session, actor, Named(name, "document", document_id), person.id)
    session.add(
        DocumentPerson(
            document_id=document_id,
            position=0,
            name=name,
            person_id=person.id if person is not None else None,
        )
    )


def refresh_keys(session: Session, person: Person) -> None:
    """Bring what a person is found by up to date with the names it has now; the caller then calls :func:`relink`."""
    session.execute(delete(PersonKey).where(PersonKey.person_id == person.id))
    if person.merged_into is not None:
        return
    others = session.scalars(select(PersonName.name).where(PersonName.person_id == person.id))
    keys = register_keys(
        name_zh=person.name_zh,
        name_en=person.name_en,
        handle=person.handle,
        email=person.email or "",
        others=others,
    )
    session.add_all(
        PersonKey(person_id=person.id, kind=kind, key=key) for kind, key in sorted(keys)
    )
    session.flush()


def any_keyless(session: Session) -> bool:
    """Whether there are people who were registered before there were keys to find them by."""
    return session.scalar(_keyless().limit(1)) is not None


def fill_keys(session: Session) -> None:
    """Make the keys of those who have none; the caller then calls :func:`relink`."""
    for person in session.scalars(_keyless()).all():
        refresh_keys(session, person)


def relink(session: Session) -> int:
    """Link the authors of all documents to people anew, after the register or a decision changed; how many changed.

    So a link never depends on what came first: with a second person of one name, what named the first becomes a doubt.
    """
    rows = session.execute(
        select(
            DocumentPerson.document_id,
            DocumentPerson.position,
            DocumentPerson.name,
            DocumentPerson.person_id,
        )
    ).all()
    found = meant(session, {Named(row.name, "document", row.document_id) for row in rows})
    changed = [
        {"document_id": row.document_id, "position": row.position, "person_id": person}
        for row in rows
        if (person := found[Named(row.name, "document", row.document_id)].person) != row.person_id
    ]
    if changed:
        session.execute(update(DocumentPerson), changed)
    return len(changed)


def _keyless() -> Select[Person]:
    return select(Person).where(
        Person.merged_into.is_(None), Person.id.not_in(select(PersonKey.person_id))
    )


_Known = Mapping[str, Mapping[str, frozenset[int]]]
_Decisions = Mapping[tuple[str, str, int], int | None]


def _known(session: Session, keys: Collection[str]) -> _Known:
    """People by kind of key and key."""
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        rows = session.execute(
            select(PersonKey.kind, PersonKey.key, PersonKey.person_id).where(
                PersonKey.key.in_(ordered[start : start + _AT_ONCE])
            )
        )
        for kind, key, person in rows:
            found[kind][key].add(person)
    return {
        kind: {key: frozenset(people) for key, people in by_key.items()}
        for kind, by_key in found.items()
    }


def _decisions(session: Session, keys: Collection[str]) -> _Decisions:
    ordered, found = sorted(keys), {}
    for start in range(0, len(ordered), _AT_ONCE):
        for row in session.scalars(
            select(NameDecision).where(NameDecision.key.in_(ordered[start : start + _AT_ONCE]))
        ):
            found[row.key, row.subject, row.number] = row.person_id
    return found


def _decide(named: Named, wish: Wanted, known: _Known, decided: _Decisions) -> Meant:
    key = name_key(named.name)
    for place in ((key, named.subject, named.number), (key, "", 0)):
        if place in decided:
            return Meant(decided[place], decided=True)
    for kind, one in (("email", wish.email), ("handle", wish.handle)):
        people = known.get(kind, {}).get(one, frozenset())
        if len(people) == 1:
            return Meant(next(iter(people)))
    same = _same_name(wish, known.get("name", {}))
    if len(same) == 1:
        return Meant(next(iter(same)))
    if same:
        return Meant(candidates=tuple(Candidate(person, "name") for person in sorted(same)))
    sounding = {
        person
        for kind, spelled in (("pinyin", frozenset().union(*wish.names)), ("latin", wish.sounds))
        for each in spelled
        for person in known.get(kind, {}).get(each, ())
    }
    return Meant(candidates=tuple(Candidate(person, "pinyin") for person in sorted(sounding)))


def _same_name(wish: Wanted, known: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """Those who have the name; where it stands there in two ways (张伟 Zhang Wei), those who have both."""
    ways = [
        people
        for keys in wish.names
        if (people := frozenset().union(*(known.get(key, frozenset()) for key in keys)))
    ]
    if not ways:
        return frozenset()
    return frozenset.intersection(*ways) or frozenset.union(*ways)
