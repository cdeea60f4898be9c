"""People as things that search can find: by names, work and place, what they know, hold and care for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from kb.access import EVERYONE, Actor
from kb.models import AudienceRow, Person, PersonName, PersonTopic
from kb.models.people import PersonKey
from kb.person_names import name_key
from kb.person_rows import certificates_of
from kb.person_rules import Certificate
from kb.person_views import has_left
from kb.things import PERSON_KIND, Thing, ThingSection

SUBJECT: Final = "person"
# Of the few words that stand in a person's entry each weighs much; what was written about a matter comes before who
# knows it. Whoever is asked for by name and nothing else is meant; whoever has left stands below who can be asked.
NAMED: Final = 2.0
HERE: Final = 0.6
LEFT: Final = 0.3
# In both languages, as the title is: hits and suggestions show it to readers of either.
_HAS_LEFT: Final = "（已离职 has left）"
_HIDDEN: Final = "hidden"
# Made once: making a statement takes longer than running it, and this one belongs to nearly every search.
_LEFT_AND_NAMED: Final = select(
    Person.id,
    Person.left_on,
    exists().where(
        PersonKey.person_id == Person.id,
        PersonKey.kind == "name",
        PersonKey.key == bindparam("name"),
    ),
).where(Person.id.in_(bindparam("ids", expanding=True)))


class PersonThings:
    """The source of people, who are there for everybody who may read; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of people after ``last``, in order."""
        return session.scalars(
            select(Person.id)
            .where(Person.id > last, Person.merged_into.is_(None))
            .order_by(Person.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these people that are there; none for an actor who may not read."""
        if not actor.principals and not actor.sees_all:
            return []
        everyone = session.scalar(select(AudienceRow.id).where(AudienceRow.key == EVERYONE))
        if everyone is None:
            return []
        found = session.scalars(
            select(Person).where(Person.id.in_(ids), Person.merged_into.is_(None))
        ).all()
        shown = [person.id for person in found]
        certificates = certificates_of(session, shown)
        topics: dict[int, list[str]] = {}
        for number, label in session.execute(
            select(PersonTopic.person_id, PersonTopic.label)
            .where(PersonTopic.person_id.in_(shown), PersonTopic.state != _HIDDEN)
            .order_by(PersonTopic.person_id, PersonTopic.label)
        ):
            topics.setdefault(number, []).append(label)
        names: dict[int, list[str]] = {}
        for number, name in session.execute(
            select(PersonName.person_id, PersonName.name).where(PersonName.person_id.in_(shown))
        ):
            names.setdefault(number, []).append(name)
        return [
            _thing(
                person,
                everyone,
                certificates.get(person.id, ()),
                topics.get(person.id, []),
                names.get(person.id, []),
            )
            for person in found
        ]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these people ``actor`` may find."""
        if not actor.principals and not actor.sees_all:
            return []
        return session.scalars(
            select(Person.id).where(Person.id.in_(ids), Person.merged_into.is_(None))
        ).all()


def person_priors(session: Session, ids: Sequence[int], asked: str) -> dict[int, float]:
    """How much less people count than what was written, those who have left less still, those who were named more."""
    today = datetime.now(UTC).date()
    rows = session.execute(_LEFT_AND_NAMED, {"ids": ids, "name": name_key(asked)})
    return {
        number: NAMED if named else HERE * (LEFT if has_left(left_on, today) else 1)
        for number, left_on, named in rows
    }


def _thing(
    person: Person,
    audience: int,
    certificates: Sequence[Certificate],
    topics: Sequence[str],
    others: Sequence[str],
) -> Thing:
    names = [name for name in (person.name_zh, person.name_en) if name]
    title = " ".join(names) or person.handle
    if has_left(person.left_on, datetime.now(UTC).date()):
        title += _HAS_LEFT
    return Thing(
        subject=SUBJECT,
        id=person.id,
        audience=audience,
        kind=PERSON_KIND,
        language="zh" if person.name_zh else "en",
        title=title,
        updated=person.updated_at,
        sections=tuple(
            ThingSection("", "", " · ".join(texts))
            for texts in (
                [each for each in (person.title, person.department, person.place) if each],
                list(topics),
                [" ".join(filter(None, (one.name, one.issuer))) for one in certificates],
                list(person.interests),
                list(others),
            )
            if texts
        ),
        people=tuple(names),
    )
