"""People: who has worked here, and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from kb.models import Person
from kb.search.answers import SearchRequest
from web import search_address as addresses
from web.language import Language
from web.pages.insights import opened
from web.pages.search import FoundHit, found
from web.visit import Id, Visiting

router = APIRouter(include_in_schema=False)

# What somebody wrote is listed so far; the search shows the rest.
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person as a list shows it."""

    id: int
    name: str
    other_name: str
    title: str
    place: str


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Context of ``people/list.html``: everybody, by department."""

    departments: tuple[tuple[str, tuple[PersonLine, ...]], ...]
    total: int


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Context of ``people/page.html``.

    Attributes:
        hits: what carries the person's name, newest first; ``total`` how much there is, ``all_url`` the whole list.
    """

    line: PersonLine
    department: str
    hits: tuple[FoundHit, ...]
    total: int
    all_url: str


@router.get("/people")
def people(visit: Visiting) -> Response:
    """Everybody in the register."""
    everybody = visit.kb.people.all(visit.actor)
    page = PeoplePage(
        departments=tuple(
            (department, tuple(_line(person, visit.language) for person in members))
            for department, members in groupby(everybody, lambda person: person.department)
        ),
        total=len(everybody),
    )
    return visit.page("people/list.html", page)


@router.get("/people/{person_id}")
def person(visit: Visiting, person_id: Id) -> Response:
    """One person, and what they wrote."""
    who = visit.kb.people.get(visit.actor, person_id)
    opened(visit)
    names = tuple(name for name in (who.name_zh, who.name_en) if name)
    asked = SearchRequest(people=names, sort="date", per_page=SHOWN)
    answer = visit.kb.search(visit.actor, asked)
    page = PersonPage(
        line=_line(who, visit.language),
        department=who.department,
        hits=tuple(
            found(hit, None, visit.language)
            for hit in answer.hits
            if (hit.subject, hit.id) != ("person", person_id)
        ),
        total=sum(
            value.count for value in answer.facets.get("kind", ()) if value.value != "person"
        ),
        all_url=addresses.address(SearchRequest(people=names, sort="date")),
    )
    return visit.page("people/page.html", page)


def _line(person: Person, language: Language) -> PersonLine:
    names = [person.name_zh, person.name_en]
    if language.code != "zh":
        names.reverse()
    first, second = names if names[0] else (names[1], "")
    return PersonLine(person.id, first or person.handle, second, person.title, person.place)
