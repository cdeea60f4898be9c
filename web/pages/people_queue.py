"""The queue of doubts about people: who is meant by a name, and which entries are one person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.errors import InvalidInput
from kb.person_doubts import MergeLine, NameDoubt
from kb.person_views import PersonView
from kb.search.answers import Names
from web.search_address import thing_address
from web.visit import MAX_ID, Id, Visiting

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Form(ge=1, le=MAX_ID)]


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person to choose: enough to tell namesakes apart."""

    id: int
    url: str
    name: str
    about: str


@dataclass(frozen=True, slots=True)
class Stand:
    """A thing in which a name stands; ``value`` names it in the form."""

    url: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class NameCase:
    """A name to decide on."""

    name: str
    why: str
    stands: tuple[Stand, ...]
    more: int
    candidates: tuple[Somebody, ...]


@dataclass(frozen=True, slots=True)
class MergeCase:
    """A merge that can be taken back."""

    id: int
    merged: str
    into: Somebody


@dataclass(frozen=True, slots=True)
class PeopleDoubtsPage:
    """Context of ``people/doubts.html``."""

    names: tuple[NameCase, ...]
    total: int
    pairs: tuple[tuple[Somebody, Somebody], ...]
    merges: tuple[MergeCase, ...]


@router.get("/people/doubts")
def doubts(visit: Visiting) -> Response:
    """What waits for a decision."""
    waiting = visit.kb.person_doubts.waiting(visit.actor)

    def somebody(person: PersonView) -> Somebody:
        return _somebody(person, visit.language.code)

    def name_case(doubt: NameDoubt) -> NameCase:
        return NameCase(
            name=doubt.name,
            why=doubt.why,
            stands=tuple(
                Stand(
                    thing_address(place.subject, place.number),
                    place.title,
                    f"{place.subject}:{place.number}",
                )
                for place in doubt.places
            ),
            more=doubt.more,
            candidates=tuple(map(somebody, doubt.candidates)),
        )

    def merge_case(line: MergeLine) -> MergeCase:
        return MergeCase(line.id, line.merged, somebody(line.into))

    context = PeopleDoubtsPage(
        names=tuple(map(name_case, waiting.names)),
        total=waiting.names_total,
        pairs=tuple((somebody(one), somebody(other)) for one, other in waiting.pairs),
        merges=tuple(map(merge_case, waiting.merges)),
    )
    return visit.page("people/doubts.html", context, block="content")


@router.post("/people/doubts")
def decide(
    visit: Visiting,
    name: Annotated[str, Form(max_length=200)],
    person: Annotated[int, Form(ge=0, le=MAX_ID)],
    where: Annotated[str, Form(max_length=80)] = "",
) -> Response:
    """Decide who is meant by a name: ``person`` 0 is nobody of the register, ``where`` empty is everywhere."""
    place = None
    if where:
        subject, _, number = where.partition(":")
        if subject not in {"document", "project"} or not number.isdecimal() or len(number) > 18:  # noqa: PLR2004
            raise InvalidInput(field="where", reason=where)
        place = subject, int(number)
    visit.kb.person_doubts.decide(visit.actor, name, person or None, place)
    return visit.redirect("/people/doubts")


@router.post("/people/{person_id:int}/merge")
def merge(visit: Visiting, person_id: Id, into: Number) -> Response:
    """Make one entry part of another."""
    visit.kb.person_merging.merge(visit.actor, person_id, into)
    return visit.redirect("/people/doubts")


@router.post("/people/{person_id:int}/apart")
def apart(visit: Visiting, person_id: Id, other: Number) -> Response:
    """Remember that two people are two."""
    visit.kb.person_merging.apart(visit.actor, person_id, other)
    return visit.redirect("/people/doubts")


@router.post("/people/merges/{merge_id:int}/undo")
def undo(visit: Visiting, merge_id: Id) -> Response:
    """Take a merge back."""
    person = visit.kb.person_merging.undo(visit.actor, merge_id)
    return visit.redirect(f"/people/{person}")


def _somebody(person: PersonView, code: str) -> Somebody:
    names: Names = person.names
    first, other = (names.zh, names.en) if code == "zh" else (names.en, names.zh)
    about = (other, person.handle, person.title, person.department, person.place)
    return Somebody(
        person.id,
        f"/people/{person.id}",
        first or other or person.handle,
        " · ".join(filter(None, about)),
    )
