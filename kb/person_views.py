"""People as others see them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.models import Person
from kb.search.answers import Names


@dataclass(frozen=True, slots=True)
class PersonView:
    """What a list shows of a person; the fields are those of :class:`kb.models.Person`."""

    id: int
    handle: str
    names: Names
    department: str
    title: str
    place: str
    languages: tuple[str, ...]
    availability: str
    mentor: bool
    photo: bool
    left_on: date | None

    def left(self, today: date) -> bool:
        """Whether they are gone by ``today``."""
        return has_left(self.left_on, today)


def has_left(left_on: date | None, today: date) -> bool:
    """Whether somebody who leaves, or left, on that day is gone by ``today``."""
    return left_on is not None and left_on <= today


def person_view(person: Person) -> PersonView:
    """A row as others see it."""
    return PersonView(
        id=person.id,
        handle=person.handle,
        names=Names(person.name_zh, person.name_en),
        department=person.department,
        title=person.title,
        place=person.place,
        languages=tuple(person.languages),
        availability=person.availability,
        mentor=person.mentor,
        photo=person.photo_sha256 is not None,
        left_on=person.left_on,
    )


def people_by_id(session: Session, ids: Collection[int]) -> dict[int, PersonView]:
    """These people, those that were merged into another left out."""
    rows = session.scalars(
        select(Person).where(Person.id.in_(sorted(ids)), Person.merged_into.is_(None))
    )
    return {row.id: person_view(row) for row in rows}
