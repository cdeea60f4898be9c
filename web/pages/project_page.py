"""A project's page: facts, what was written over time, what was learned, and whom to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from kb.access import Action
from kb.errors import N_
from kb.project_listing import PersonName
from kb.project_views import Involved, Merged, ProjectDocument, ProjectLesson, ProjectView
from kb.projects import Doubt
from web.language import Language
from web.pages.insights import opened
from web.project_labels import INDUSTRIES, TYPES, field_label, own_part, status_text
from web.search_address import document_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MANAGER: Final = N_("Project manager")
_NO_DAY: Final = N_("Without a date")


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Somebody to ask, with what makes them worth asking."""

    name: str
    other_name: str
    title: str
    roles: tuple[str, ...]
    documents: int
    url: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on the timeline."""

    document: ProjectDocument
    url: str


@dataclass(frozen=True, slots=True)
class Period:
    """A year of the timeline."""

    label: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class KindChoice:
    """A kind of paper to narrow the timeline to."""

    kind: str
    count: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Other:
    """A project that may be this one."""

    id: int
    title: str
    code: str
    percent: int
    registered: bool


@dataclass(frozen=True, slots=True)
class Was:
    """A project that went into this one, and what it said then."""

    title: str
    facts: tuple[tuple[str, str], ...]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Context of ``projects/page.html``."""

    id: int
    code: str
    title: str
    other_title: str
    registered: bool
    status: str
    facts: tuple[tuple[str, str], ...]
    summary: str
    other_summary: str
    tags: tuple[tuple[str, str], ...]
    aliases: tuple[str, ...]
    people: tuple[PersonCard, ...]
    kinds: tuple[KindChoice, ...]
    periods: tuple[Period, ...]
    total: int
    lessons: tuple[ProjectLesson, ...]
    applied: tuple[ProjectLesson, ...]
    was: tuple[Was, ...]
    others: tuple[Other, ...]
    may_curate: bool
    search_url: str
    audience: str


@router.get("/projects/by-code/{code:path}")
def by_code(visit: Visiting, code: str) -> Response:
    """The page of the project with this code, for links written by hand."""
    number = visit.kb.projects.by_code(visit.actor, code)
    return RedirectResponse(f"/projects/{number}", status_code=302)


@router.get("/projects/{project_id:int}")
def project(
    visit: Visiting, project_id: Id, kind: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """A project; one that went into another is answered with that one's address."""
    view = visit.kb.projects.get(visit.actor, project_id)
    if view.id != project_id:
        return RedirectResponse(f"/projects/{view.id}", status_code=301)
    opened(visit)
    return visit.page("projects/page.html", _context(visit, view, kind), block="timeline")


def _context(visit: Visit, view: ProjectView, kind: str) -> ProjectPage:
    language, text = visit.language, view.text
    may_curate = Action.CURATE in visit.actor.actions
    title, other_title = _both(language, text.name_zh, text.name_en, text.code)
    summary, other_summary = _both(language, text.summary_zh, text.summary_en)
    doubts = visit.kb.projects.doubts(visit.actor, view.id) if may_curate else []
    shown = [one for one in view.documents if not kind or one.kind == kind]
    return ProjectPage(
        id=view.id,
        code=text.code,
        title=title,
        other_title=other_title,
        registered=view.registered,
        status=status_text(language, text.status),
        facts=tuple(_facts(language, view)),
        summary=summary,
        other_summary=other_summary,
        tags=tuple((tag, "/?" + urlencode({"tag": tag})) for tag in text.tags),
        aliases=text.aliases,
        people=tuple(_card(language, one) for one in view.ask),
        kinds=_kinds(view.documents, view.id, kind),
        periods=tuple(_periods(language, shown)),
        total=len(view.documents),
        lessons=tuple(view.lessons),
        applied=tuple(view.applied),
        was=tuple(_was(language, one) for one in view.merged) if may_curate else (),
        others=tuple(_other(view.id, doubt) for doubt in doubts),
        may_curate=may_curate,
        search_url="/?" + urlencode({"project": text.code}),
        audience=text.audience if text.audience != "everyone" else "",
    )


def _both(language: Language, zh: str, en: str, neither: str = "") -> tuple[str, str]:
    first, second = (zh, en) if language.code == "zh" else (en, zh)
    return (first or second or neither), (second if first else "")


def _facts(language: Language, view: ProjectView) -> list[tuple[str, str]]:
    text = view.text
    industries = [
        language.gettext(INDUSTRIES[one]) if one in INDUSTRIES else one
        for one in text.industry.split("/")
    ]
    days = {
        name: language.day(value)
        for name in ("started", "planned_end", "ended")
        if (value := getattr(text, name)) is not None
    }
    money = {
        name: f"{text.currency} {language.number(float(value))}".strip()
        for name in ("budget", "final_cost")
        if (value := getattr(text, name)) is not None
    }
    told = {
        "customer": own_part(language, text.customer),
        "industry": " / ".join(industries) if text.industry else "",
        "type": language.gettext(TYPES[text.type]) if text.type in TYPES else text.type,
        "manager": _name(language, view.manager),
        **days,
        **money,
    }
    if text.effort_days is not None:
        days_of_work = language.number(float(text.effort_days))
        told["effort_days"] = language.gettext(N_("%(days)s person-days")) % {"days": days_of_work}
    if text.team_size is not None:
        told["team_size"] = language.number(text.team_size)
    return [(field_label(language, name), value) for name, value in told.items() if value]


def _name(language: Language, person: PersonName) -> str:
    return _both(language, person.name_zh, person.name_en, person.handle)[0]


def _card(language: Language, one: Involved) -> PersonCard:
    name, other = _both(language, one.person.name_zh, one.person.name_en, one.person.handle)
    roles = [
        language.gettext(_MANAGER) if role == "manager" else own_part(language, role)
        for role in one.roles
    ]
    # A person known to the register has a page; a mere name is looked for.
    searched = "/?" + urlencode({"person": one.person.handle})
    url = f"/people/{one.person.id}" if one.person.id else searched
    return PersonCard(
        name, other, own_part(language, one.person.title), tuple(roles), one.documents, url
    )


def _kinds(
    documents: Sequence[ProjectDocument], project_id: int, chosen: str
) -> tuple[KindChoice, ...]:
    counts: dict[str, int] = {}
    for one in documents:
        counts[one.kind] = counts.get(one.kind, 0) + 1
    base = f"/projects/{project_id}"
    return tuple(
        KindChoice(
            kind,
            count,
            base if kind == chosen else f"{base}?{urlencode({'kind': kind})}",
            kind == chosen,
        )
        for kind, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _periods(language: Language, documents: Sequence[ProjectDocument]) -> list[Period]:
    def year(document: ProjectDocument) -> str:
        return str(document.dated.year) if document.dated else ""

    return [
        Period(
            label or language.gettext(_NO_DAY),
            tuple(Paper(one, document_address(one.id)) for one in papers),
        )
        for label, papers in groupby(documents, key=year)
    ]


def _other(project_id: int, doubt: Doubt) -> Other:
    names = doubt.second if doubt.first.id == project_id else doubt.first
    title = next(iter(names.names), names.code)
    return Other(names.id, title, names.code, doubt.percent, names.registered)


def _was(language: Language, merged: Merged) -> Was:
    facts: Mapping[str, object] = merged.facts
    title = str(facts.get("name_zh") or facts.get("name_en") or facts.get("code", ""))
    told = [
        (field_label(language, name), _told(value))
        for name, value in facts.items()
        if name not in {"audience", "name_zh", "name_en"}
    ]
    return Was(title, tuple(told), merged.by, merged.at)


def _told(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(
            " ".join(filter(None, one.values())) if isinstance(one, dict) else str(one)
            for one in value
        )
    return str(value)
