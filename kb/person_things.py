"""People as things that search can find: by their names, what they do and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import EVERYONE, Actor
from kb.models import AudienceRow, Person
from kb.things import PERSON_KIND, Thing, ThingSection

SUBJECT: Final = "person"


class PersonThings:
    """The source of people, who are there for everybody who may read; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of people after ``last``, in order."""
        return session.scalars(
            select(Person.id).where(Person.id > last).order_by(Person.id).limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these people that are there; none for an actor who may not read."""
        if not actor.principals and not actor.sees_all:
            return []
        everyone = session.scalar(select(AudienceRow.id).where(AudienceRow.key == EVERYONE))
        if everyone is None:
            return []
        found = session.scalars(select(Person).where(Person.id.in_(ids)))
        return [_thing(person, everyone) for person in found]


def _thing(person: Person, audience: int) -> Thing:
    names = [name for name in (person.name_zh, person.name_en) if name]
    work = " · ".join(each for each in (person.title, person.department, person.place) if each)
    title = " ".join(names) or person.handle
    return Thing(
        subject=SUBJECT,
        id=person.id,
        audience=audience,
        kind=PERSON_KIND,
        language="zh" if person.name_zh else "en",
        title=title,
        updated=person.updated_at,
        sections=(ThingSection("", "", work),) if work else (),
        people=tuple(names),
    )
