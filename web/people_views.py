"""People and what they did as pages show them, in lists of every sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kb.evidence import Evidence
from kb.person_views import PersonView
from web.language import Language
from web.people_labels import in_language, spoken
from web.search_address import thing_address


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as lists show them; ``photo`` is its address, or empty."""

    id: int
    url: str
    name: str
    other_name: str
    title: str
    department: str
    place: str
    mentor: bool
    left_on: date | None
    left: bool
    availability: str
    languages: tuple[str, ...]
    photo: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that the list can be narrowed by; ``count`` is 0 where it is not counted."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter of a list of people."""

    name: str
    label: str
    all: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """A piece of evidence as pages show it."""

    kind: str
    url: str
    title: str
    subject: str
    dated: date
    role: str


def choices_of(
    name: str, counted: Sequence[tuple[str, int]], chosen: str, language: Language
) -> list[Choice]:
    """The values of a filter; the chosen one is among them even where nobody has it."""
    values = list(counted)
    if chosen and chosen not in {value for value, _ in values}:
        values.append((chosen, 0))
    return [
        Choice(
            value, spoken(language, value) if name == "language" else value, count, value == chosen
        )
        for value, count in values
    ]


def person_line(person: PersonView, language: Language) -> PersonLine:
    """A person as lists show them."""
    name, other = in_language(person.names, language)
    today = date.today()  # noqa: DTZ011
    return PersonLine(
        id=person.id,
        url=f"/people/{person.id}",
        name=name or person.handle,
        other_name=other,
        title=person.title,
        department=person.department,
        place=person.place,
        mentor=person.mentor,
        left_on=person.left_on,
        left=person.left(today),
        availability=person.availability,
        languages=tuple(spoken(language, code) for code in person.languages),
        photo=f"/people/{person.id}/photo" if person.photo else "",
    )


def deed(evidence: Evidence) -> Deed:
    """A piece of evidence as pages show it."""
    return Deed(
        kind=evidence.kind,
        url=thing_address(evidence.subject, evidence.number),
        title=evidence.title,
        subject=evidence.subject,
        dated=evidence.dated,
        role=evidence.role,
    )
