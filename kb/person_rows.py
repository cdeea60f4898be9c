"""What is said of a person, written into its rows in the caller's transaction, and read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.errors import N_
from kb.expertise_topics import plain_key
from kb.models import (
    Person,
    PersonCertificate,
    PersonName,
    PersonTopic,
    User,
    record_change,
    utc_now,
)
from kb.person_matching import refresh_keys
from kb.person_names import name_key
from kb.person_rules import Certificate, PersonRefused, PersonText, language_code, problems

SUBJECT: Final = "person"
ADDED: Final = "added"
_COLUMNS: Final = (
    "handle",
    "name_zh",
    "name_en",
    "department",
    "title",
    "place",
    "email",
    "phone",
    "chat",
    "availability",
    "availability_note",
    "mentor",
    "since",
    "left_on",
)
_NAMES: Final = frozenset({"handle", "name_zh", "name_en", "email", "aliases"})


def text_of(session: Session, person: Person) -> PersonText:
    """What is said of a person now."""
    return PersonText(
        **{name: getattr(person, name) for name in _COLUMNS},
        aliases=tuple(
            session.scalars(
                select(PersonName.name)
                .where(PersonName.person_id == person.id)
                .order_by(PersonName.id)
            )
        ),
        languages=tuple(person.languages),
        interests=tuple(person.interests),
        certificates=certificates_of(session, [person.id]).get(person.id, ()),
        topics=tuple(
            session.scalars(
                select(PersonTopic.label)
                .where(PersonTopic.person_id == person.id, PersonTopic.state == ADDED)
                .order_by(PersonTopic.label)
            )
        ),
        user_id=person.user_id or "",
    )


def certificates_of(session: Session, people: Sequence[int]) -> dict[int, tuple[Certificate, ...]]:
    """The certificates of each of these people."""
    found: dict[int, tuple[Certificate, ...]] = {}
    for row in session.scalars(
        select(PersonCertificate)
        .where(PersonCertificate.person_id.in_(people))
        .order_by(PersonCertificate.person_id, PersonCertificate.position, PersonCertificate.id)
    ):
        one = Certificate(row.name, row.issuer, row.valid_until)
        found[row.person_id] = (*found.get(row.person_id, ()), one)
    return found


def write(session: Session, actor: Actor, person: Person, values: Mapping[str, Any]) -> bool:
    """Set the given fields of a person, and only those; True when anything changed.

    When a name changed, the caller links the authors of documents anew: :func:`kb.person_matching.relink`.

    Args:
        session: the caller's transaction.
        actor: whoever does it.
        person: a row of the table, new ones included.
        values: by the names of :class:`kb.person_rules.PersonText`.

    Raises:
        PersonRefused: a value cannot be stored; nothing is.
    """
    new = person.id is None
    before = PersonText() if new else text_of(session, person)
    values = {name: _tidy(name, value) for name, value in values.items()}
    after = PersonText(**{**{n: getattr(before, n) for n in PersonText.__slots__}, **values})
    wrong = problems(after) or _taken(session, person, after)
    if wrong:
        raise PersonRefused(wrong)
    if after == before and not new:
        return False
    for name in _COLUMNS:
        setattr(person, name, getattr(after, name))
    person.languages, person.interests = list(after.languages), list(after.interests)
    person.user_id = after.user_id or None
    person.updated_at = utc_now()
    if not new:
        person.revision += 1
    session.add(person)
    session.flush()
    _write_lists(session, actor, person.id, before, after)
    if new or any(getattr(before, name) != getattr(after, name) for name in _NAMES):
        refresh_keys(session, person)
    record_change(session, actor, SUBJECT, person.id, "store")
    return True


def add_name(session: Session, actor: Actor, person_id: int, name: str) -> None:
    """Let a person be known by one more name; one that is there already changes nothing."""
    key = name_key(name)
    known = select(PersonName.id).where(PersonName.person_id == person_id, PersonName.key == key)
    if key and session.scalar(known) is None:
        session.add(PersonName(person_id=person_id, name=name.strip(), key=key, by=actor.id))
        session.flush()


def _tidy(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if name == "languages":
        return tuple(dict.fromkeys(filter(None, map(language_code, value))))
    if name in {"aliases", "interests", "topics"}:
        return tuple(dict.fromkeys(filter(None, (" ".join(each.split()) for each in value))))
    return value


def _taken(session: Session, person: Person, text: PersonText) -> dict[str, str]:
    """What other people have already."""
    wrong: dict[str, str] = {}
    other = Person.id != (person.id or 0)
    if session.scalar(select(Person.id).where(Person.handle == text.handle, other)):
        wrong["handle"] = N_("somebody else has it")
    if text.user_id:
        if session.get(User, text.user_id) is None:
            wrong["user_id"] = N_("there is no such sign-in")
        elif session.scalar(select(Person.id).where(Person.user_id == text.user_id, other)):
            wrong["user_id"] = N_("somebody else has it")
    return wrong


def _write_lists(
    session: Session, actor: Actor, person_id: int, before: PersonText, after: PersonText
) -> None:
    if after.aliases != before.aliases:
        session.execute(delete(PersonName).where(PersonName.person_id == person_id))
        for name in after.aliases:
            add_name(session, actor, person_id, name)
    if after.certificates != before.certificates:
        session.execute(delete(PersonCertificate).where(PersonCertificate.person_id == person_id))
        session.add_all(
            PersonCertificate(
                person_id=person_id,
                position=position,
                name=one.name.strip(),
                issuer=one.issuer.strip(),
                valid_until=one.valid_until,
            )
            for position, one in enumerate(after.certificates)
        )
    if set(after.topics) != set(before.topics):
        _write_topics(session, actor, person_id, after.topics)
    session.flush()


def _write_topics(session: Session, actor: Actor, person_id: int, labels: Iterable[str]) -> None:
    """Give somebody these topics of their own word; what they said of other topics stays."""
    session.execute(
        delete(PersonTopic).where(PersonTopic.person_id == person_id, PersonTopic.state == ADDED)
    )
    spoken = set(
        session.scalars(select(PersonTopic.topic).where(PersonTopic.person_id == person_id))
    )
    for label in labels:
        key = plain_key(label)
        if key and key not in spoken:
            spoken.add(key)
            session.add(
                PersonTopic(person_id=person_id, topic=key, label=label, state=ADDED, by=actor.id)
            )
