"""People: the directory, and each person with what shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import FileResponse, Response

from kb.access import Action
from kb.errors import N_
from kb.expertise import PersonExpertise, TopicScore
from kb.people import PersonEntry
from kb.person_listing import PER_PAGE, PeopleFilter, PeopleList
from kb.person_photos import PersonPhotos
from kb.person_rules import Certificate
from web.language import Language
from web.pages import experts, people_edit, people_queue
from web.pages.insights import opened
from web.people_labels import in_language
from web.people_views import Choice, Deed, Narrowing, PersonLine, choices_of, deed, person_line
from web.visit import Id, Visiting

router = APIRouter(include_in_schema=False)
router.include_router(experts.router)
router.include_router(people_edit.router)
router.include_router(people_queue.router)

_MAX_PAGE: Final = 1000
_MAX_QUERY_CHARS: Final = 200
_DIGITS: Final = 4
# Topics and deeds that a person's page shows before one asks for more.
TOPICS_SHOWN: Final = 12
DEEDS_SHOWN: Final = 12
FILTERS: Final = (
    ("department", N_("Department"), N_("All departments")),
    ("place", N_("Place"), N_("All places")),
    ("language", N_("Language spoken"), N_("All languages")),
    ("here", N_("Works here"), N_("Whether or not they have left")),
)
_HERE: Final = (("yes", N_("Still here")), ("no", N_("Have left")))


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Context of ``people/list.html``: those who are wanted, by department."""

    query: str
    filters: tuple[Narrowing, ...]
    mentor: bool
    narrowed: bool
    departments: tuple[tuple[str, tuple[PersonLine, ...]], ...]
    total: int
    previous_url: str
    next_url: str
    may_curate: bool
    own: int


@dataclass(frozen=True, slots=True)
class DeedGroup:
    """Deeds of one kind; ``more`` is how many are not shown."""

    kind: str
    deeds: tuple[Deed, ...]
    more: int


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic somebody knows: ``share`` is its score as a percentage of their greatest."""

    key: str
    label: str
    other: str
    total: float
    share: int
    count: int
    state: str
    url: str


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Context of ``people/page.html``."""

    line: PersonLine
    entry: PersonEntry
    certificates: tuple[tuple[Certificate, bool], ...]
    topics: tuple[TopicLine, ...]
    more_topics: int
    groups: tuple[DeedGroup, ...]
    total: int
    may_curate: bool
    own: bool
    may_edit: bool


@router.get("/people")
def people(visit: Visiting) -> Response:
    """The directory."""
    wanted, page = read(visit.request.query_params)
    found = visit.kb.people_lists.listed(visit.actor, wanted, page=page)
    lines = [person_line(person, visit.language) for person in found.people]
    context = PeoplePage(
        query=wanted.query,
        filters=narrowings(wanted, found, visit.language),
        mentor=wanted.mentor,
        narrowed=wanted != PeopleFilter(),
        departments=tuple(
            (department, tuple(members))
            for department, members in groupby(lines, lambda line: line.department)
        ),
        total=found.total,
        previous_url=address(wanted, page - 1) if page > 1 else "",
        next_url=address(wanted, page + 1) if page * PER_PAGE < found.total else "",
        may_curate=Action.CURATE_PEOPLE in visit.actor.actions,
        own=visit.kb.people.own(visit.actor),
    )
    return visit.page("people/list.html", context, block="found")


@router.get("/people/{person_id:int}")
def person(visit: Visiting, person_id: Id, *, all: bool = False) -> Response:  # noqa: A002
    """One person, with what shows of them."""
    kept = visit.kb.people.leads_to(visit.actor, person_id)
    if kept != person_id:
        return visit.redirect(f"/people/{kept}")
    entry = visit.kb.people.entry(visit.actor, person_id)
    opened(visit)
    known = visit.kb.expertise.of_person(visit.actor, person_id)
    today = date.today()  # noqa: DTZ011  the day where the pages are served
    shown = len(known.topics) if all or known.own else TOPICS_SHOWN
    context = PersonPage(
        line=person_line(entry.view, visit.language),
        entry=entry,
        certificates=tuple((one, one.valid(today)) for one in entry.said.certificates),
        topics=tuple(topic_lines(person_id, known.topics, visit.language)[:shown]),
        more_topics=max(len(known.topics) - shown, 0),
        groups=_groups(known, None if all else DEEDS_SHOWN),
        total=len(known.evidence),
        may_curate=Action.CURATE_PEOPLE in visit.actor.actions,
        own=entry.own,
        may_edit=entry.may_edit,
    )
    return visit.page("people/page.html", context, block="content")


@router.get("/people/{person_id:int}/photo")
def photo(visit: Visiting, person_id: Id) -> Response:
    """Somebody's photo."""
    photos: PersonPhotos = visit.kb.person_photos
    found = photos.open(visit.actor, person_id)
    found.file.close()
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": "inline"}
    return FileResponse(
        visit.kb.files.path(found.sha256), media_type=found.media_type, headers=headers
    )


def read(parameters: QueryParams) -> tuple[PeopleFilter, int]:
    """The filter and the number of the page that a query string asks for."""
    page = parameters.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) <= _DIGITS else 1
    wanted = PeopleFilter(
        query=parameters.get("q", "").strip()[:_MAX_QUERY_CHARS],
        department=parameters.get("department", ""),
        place=parameters.get("place", ""),
        language=parameters.get("language", ""),
        mentor=parameters.get("mentor", "") == "yes",
        here=here if (here := parameters.get("here", "")) in {"yes", "no"} else "",
    )
    return wanted, min(max(number, 1), _MAX_PAGE)


def address(wanted: PeopleFilter, page: int = 1) -> str:
    """The address of a page of the directory."""
    values = [
        ("q", wanted.query),
        ("department", wanted.department),
        ("place", wanted.place),
        ("language", wanted.language),
        ("mentor", "yes" if wanted.mentor else ""),
        ("here", wanted.here),
        ("page", str(page) if page > 1 else ""),
    ]
    asked = urlencode([(name, value) for name, value in values if value])
    return f"/people?{asked}" if asked else "/people"


def narrowings(
    wanted: PeopleFilter, found: PeopleList, language: Language
) -> tuple[Narrowing, ...]:
    """The filters of the directory with their values."""
    made = []
    for name, label, every in FILTERS:
        chosen = getattr(wanted, name)
        if name == "here":
            choices = [Choice(v, language.gettext(t), 0, v == chosen) for v, t in _HERE]
        else:
            choices = choices_of(name, found.choices.get(name, ()), chosen, language)
        made.append(
            Narrowing(name, language.gettext(label), language.gettext(every), tuple(choices))
        )
    return tuple(made)


def topic_lines(
    person_id: int, topics: Sequence[TopicScore], language: Language
) -> list[TopicLine]:
    """Topics as pages show them."""
    most = max((one.score.total for one in topics), default=0.0)
    lines = []
    for one in topics:
        label, other = in_language(one.topic.names, language)
        lines.append(
            TopicLine(
                key=one.topic.key,
                label=label,
                other=other if other != label else "",
                total=one.score.total,
                share=round(100 * one.score.total / most) if most else 0,
                count=len(one.score.points),
                state=one.state,
                url=f"/people/{person_id}/expertise?{urlencode({'topic': one.topic.key})}",
            )
        )
    return lines


_ORDER: Final = ("led", "wrote", "applied", "answered", "taught", "validated")


def _groups(known: PersonExpertise, most: int | None) -> tuple[DeedGroup, ...]:
    made = []
    for kind in _ORDER:
        deeds = [deed(each) for each in known.evidence if each.kind == kind]
        if deeds:
            made.append(
                DeedGroup(kind, tuple(deeds[:most]), max(len(deeds) - (most or len(deeds)), 0))
            )
    return tuple(made)
