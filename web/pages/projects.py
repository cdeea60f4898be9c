"""The list of projects: searched, narrowed, sorted, taken out as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response, StreamingResponse

from ingest.register_of_projects import PROJECT_SCHEMA
from kb.access import Action
from kb.errors import N_
from kb.project_listing import (
    FILTERS,
    SORTS,
    PersonName,
    ProjectFilter,
    ProjectLine,
    ProjectList,
    Sort,
)
from kb.projects import MAX_PER_PAGE
from web.csv_tables import table_lines
from web.language import Language
from web.pages import project_doubts, project_form, project_page
from web.project_labels import INDUSTRIES, STATUSES, own_part, status_text
from web.project_labels import SORTS as SORT_LABELS
from web.visit import Visit, Visiting
from web.xlsx_tables import MEDIA_TYPE, workbook

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 50
_MAX_PAGE: Final = 1000
_MAX_QUERY_CHARS: Final = 200
_DIGITS: Final = 4

_FILTER_LABELS: Final = {
    "industry": N_("Industry"),
    "status": N_("State"),
    "year": N_("Year of start"),
    "manager": N_("Project manager"),
    "tag": N_("Tag"),
}
_ALL: Final = {
    "industry": N_("All industries"),
    "status": N_("All states"),
    "year": N_("All years"),
    "manager": N_("All project managers"),
    "tag": N_("All tags"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a filter, with how many projects have it."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A filter of the list."""

    name: str
    label: str
    all: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of the table: sorts by it, in the other direction when it is sorted by it already."""

    name: str
    label: str
    url: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Row:
    """A project as the table shows it."""

    line: ProjectLine
    url: str
    title: str
    subtitle: str
    customer: str
    manager: str
    status: str


@dataclass(frozen=True, slots=True)
class ProjectsPage:
    """Context of ``projects/list.html``."""

    query: str
    filters: tuple[Narrowing, ...]
    narrowed: bool
    sort: str
    direction: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    total: int
    previous_url: str
    next_url: str
    csv_url: str
    xlsx_url: str
    may_curate: bool


@router.get("/projects")
def projects(visit: Visiting) -> Response:
    """The list."""
    parameters = visit.request.query_params
    asked, page = read(parameters)
    found = visit.kb.projects.listed(visit.actor, asked, page=page, per_page=PER_PAGE)
    may_curate = Action.CURATE in visit.actor.actions
    context = ProjectsPage(
        query=asked.query,
        filters=tuple(_narrowing(visit.language, asked, name, found) for name in FILTERS),
        narrowed=any(getattr(asked, name) for name in ("query", *FILTERS)),
        sort=asked.sort,
        direction="desc" if asked.descending else "asc",
        headings=tuple(_heading(visit.language, asked, sort) for sort in SORT_LABELS),
        rows=tuple(_row(visit.language, line) for line in found.lines),
        total=found.total,
        previous_url=address(asked, page - 1) if page > 1 else "",
        next_url=address(asked, page + 1) if page * PER_PAGE < found.total else "",
        csv_url=address(asked, path="/projects.csv"),
        xlsx_url=address(asked, path="/projects.xlsx"),
        may_curate=may_curate,
    )
    return visit.page("projects/list.html", context, block="found")


@router.get("/projects.csv")
def as_csv(visit: Visiting) -> Response:
    """The list as a table for any program; it can be imported again."""
    header, rows = _table(visit)
    return StreamingResponse(
        table_lines(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="projects.csv"'},
    )


@router.get("/projects.xlsx")
def as_xlsx(visit: Visiting) -> Response:
    """The list as an Excel workbook; it can be imported again."""
    header, rows = _table(visit)
    return Response(
        workbook(visit.language.gettext(N_("Projects")), header, rows),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": 'attachment; filename="projects.xlsx"'},
    )


# After the list and its exports, so that /projects.csv is no id.
router.include_router(project_form.router)
router.include_router(project_doubts.router)
router.include_router(project_page.router)


def read(parameters: QueryParams) -> tuple[ProjectFilter, int]:
    """The projects that a query string asks for, and the page; a value that makes no sense is left out."""
    sort = parameters.get("sort", "")
    usual = ProjectFilter()
    chosen = next((one for one in SORTS if one == sort), usual.sort)
    direction = parameters.get("dir", "")
    values = {name: parameters.get(name, "").strip()[:_MAX_QUERY_CHARS] for name in FILTERS}
    page = parameters.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) <= _DIGITS else 1
    return (
        ProjectFilter(
            query=parameters.get("q", "").strip()[:_MAX_QUERY_CHARS],
            sort=chosen,
            descending=direction == "desc"
            if direction in {"asc", "desc"}
            else chosen in {"started", "ended", "documents", "budget"},
            **values,
        ),
        min(max(number, 1), _MAX_PAGE),
    )


def address(asked: ProjectFilter, page: int = 1, path: str = "/projects") -> str:
    """The address of a list."""
    usual = ProjectFilter()
    pairs = [("q", asked.query)] + [(name, getattr(asked, name)) for name in FILTERS]
    if (asked.sort, asked.descending) != (usual.sort, usual.descending):
        pairs += [("sort", asked.sort), ("dir", "desc" if asked.descending else "asc")]
    if page > 1:
        pairs.append(("page", str(page)))
    query = urlencode([pair for pair in pairs if pair[1]])
    return f"{path}?{query}" if query else path


def names_of(language: Language, name_zh: str, name_en: str, code: str = "") -> tuple[str, str]:
    """A name in the reader's language, and the other one to be shown smaller."""
    first, second = (name_zh, name_en) if language.code == "zh" else (name_en, name_zh)
    return (first or second or code), (second if first else "")


def person_label(language: Language, person: PersonName) -> str:
    """Somebody's name in the reader's language."""
    first, _ = names_of(language, person.name_zh, person.name_en, person.handle)
    return first


def _narrowing(
    language: Language, asked: ProjectFilter, name: str, found: ProjectList
) -> Narrowing:
    chosen = getattr(asked, name)
    counts = list(found.facets[name])
    if chosen and chosen not in dict(counts):
        counts.append((chosen, 0))
    options = [
        Option(value, _told(language, name, value, found), count, value == chosen)
        for value, count in counts
    ]
    return Narrowing(
        name, language.gettext(_FILTER_LABELS[name]), language.gettext(_ALL[name]), tuple(options)
    )


def _told(language: Language, name: str, value: str, found: ProjectList) -> str:
    tables = {"industry": INDUSTRIES, "status": STATUSES}
    if name == "manager":
        return person_label(language, found.people.get(value, PersonName(value, value)))
    message = tables.get(name, {}).get(value)
    return language.gettext(message) if message else value


def _heading(language: Language, asked: ProjectFilter, sort: str) -> Heading:
    current = asked.sort == sort
    turned = replace(
        asked,
        sort=cast("Sort", sort),
        descending=not asked.descending
        if current
        else sort in {"started", "ended", "documents", "budget"},
    )
    direction = "descending" if asked.descending else "ascending"
    return Heading(
        sort, language.gettext(SORT_LABELS[sort]), address(turned), direction if current else ""
    )


def _row(language: Language, line: ProjectLine) -> Row:
    title, subtitle = names_of(language, line.name_zh, line.name_en, line.code)
    return Row(
        line=line,
        url=f"/projects/{line.id}",
        title=title,
        subtitle=subtitle,
        customer=own_part(language, line.customer),
        manager=person_label(language, line.manager),
        status=status_text(language, line.status),
    )


def _table(visit: Visit) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
    """The headers of the register, in the reader's language, and everything found, page by page."""
    asked, _ = read(visit.request.query_params)
    names = [field.name for field in PROJECT_SCHEMA.fields if hasattr(ProjectLine, field.name)]
    header = [PROJECT_SCHEMA.field(name).label(visit.language.code) for name in names]

    def rows() -> Iterator[Sequence[object]]:
        page = 1
        while True:
            found = visit.kb.projects.listed(visit.actor, asked, page=page, per_page=MAX_PER_PAGE)
            for line in found.lines:
                yield [_cell(line, name) for name in names]
            if page * MAX_PER_PAGE >= found.total:
                return
            page += 1

    return header, rows()


def _cell(line: ProjectLine, name: str) -> object:
    value = getattr(line, name)
    if name == "manager":
        return line.manager.handle
    if name == "tags":
        return "; ".join(line.tags)
    return value
