"""The page for curators about what people asked and did not find; and the one call by which pages record a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Annotated, Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Form, Query
from fastapi.routing import iter_route_contexts
from starlette.responses import Response

from kb.access import Action
from kb.errors import N_
from kb.insights import LISTS, AskedLine, Period, QuestionList, Settled, WeekFigures, last_weeks
from kb.models import utc_now
from kb.question_log import Door
from kb.search.answers import SearchAnswer, SearchRequest
from kb.search.folding import HAN
from kb.training_reports import FailedQuestion
from web import search_address as addresses
from web.csv_tables import table_lines
from web.visit import Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)

Which = Annotated[str, Query(alias="list")]

PER_PAGE: Final = 50
# The periods offered, in weeks: what is going on, a quarter, a year.
PERIODS: Final = (4, 13, 52)
USUAL_PERIOD: Final = 13
# More lines than this no spreadsheet user reads, and each page of them is one query.
MAX_CSV_LINES: Final = 10_000
SETTLED: Final = "settled"
_LABELS: Final[Mapping[str, str]] = {
    "nothing": N_("Found nothing"),
    "unopened": N_("Found, nothing opened"),
    "often": N_("Asked often"),
    "slow": N_("Slow"),
    SETTLED: N_("Settled"),
}
_HAS_HAN: Final = re.compile(f"[{HAN}]")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that may be the chosen one."""

    label: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question and what can be done about it; an address that leads nowhere yet is empty."""

    line: AskedLine
    ask_url: str
    synonym_url: str
    write_url: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week, its last day, and the list of its questions."""

    figures: WeekFigures
    last_day: date
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class InsightsPage:
    """Context of ``insights/page.html``.

    Attributes:
        keep_days: how long questions are kept; 0 means none are recorded.
        which: the list that is shown; ``settled`` shows ``settled`` instead of ``rows``.
        only: the Monday of the one week shown, or None.
        missed: what people were asked to find in a course and could not.
        here: this page's address, to come back to.
    """

    keep_days: int
    which: str
    tabs: tuple[Link, ...]
    periods: tuple[Link, ...]
    only: date | None
    weeks: tuple[WeekRow, ...]
    rows: tuple[QuestionRow, ...]
    settled: tuple[Settled, ...]
    missed: tuple[FailedQuestion, ...]
    csv_url: str
    previous_url: str
    next_url: str
    here: str


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the address asks for: which list, how many weeks or which one, which page."""

    which: str
    weeks: int
    week: date | None
    page: int = 1

    @property
    def period(self) -> Period:
        return Period(self.week, self.week) if self.week else last_weeks(self.weeks, utc_now())

    def address(self, path: str = "/insights", **changed: object) -> str:
        """The address of this with something ``changed``; the page is the first unless it is given."""
        shown = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]
        pairs = [("list", shown.which)]
        pairs += [("week", shown.week.isoformat())] if shown.week else [("weeks", str(shown.weeks))]
        pairs += [("page", str(shown.page))] if shown.page > 1 else []
        return f"{path}?{urlencode(pairs)}"


def record(visit: Visit, request: SearchRequest, answer: SearchAnswer, door: Door) -> str:
    """Record a question that was answered; returns the token for the links of its hits, empty when not recorded.

    It never fails and does not wait for the database.
    """
    client = visit.request.client
    first = answer.hits[0] if answer.hits and request.page == 1 else None
    return visit.kb.insights.log.record(
        visit.actor,
        request.query,
        filters=_filters(request),
        total=answer.total,
        took_ms=answer.took_ms,
        door=door,
        visitor=client.host if client else "",
        best_document=first.id if first and first.subject == "document" else None,
    )


def opened(visit: Visit, document_id: int = 0) -> None:
    """Record that the page was opened from an answer, where its address says so; never fails, does not wait.

    ``document_id`` is 0 for the page of something else than a document.
    """
    token = visit.request.query_params.get(addresses.ASKED, "")
    if token:
        visit.kb.insights.log.opened(token, document_id)


@router.get("/insights")
def insights(
    visit: Visiting, which: Which = "", weeks: str = "", week: str = "", page: int = 1
) -> Response:
    """What people asked, list by list."""
    shown = _shown(which, weeks, week, page)
    settled: tuple[Settled, ...] = ()
    lines: tuple[AskedLine, ...] = ()
    if shown.which == SETTLED:
        settled = visit.kb.insights.settled(visit.actor)
    else:
        lines = visit.kb.insights.questions(
            visit.actor,
            cast("QuestionList", shown.which),
            shown.period,
            page=shown.page,
            per_page=PER_PAGE,
        )
    say, app = visit.language.gettext, visit.request.app
    may_add, may_write = _has_page(app, "/glossary/new"), _has_page(app, "/documents/new")
    found = InsightsPage(
        keep_days=visit.kb.insights.log.keep_days,
        which=shown.which,
        tabs=tuple(
            Link(say(text), shown.address(which=name), name == shown.which)
            for name, text in _LABELS.items()
        ),
        periods=tuple(
            Link(
                visit.language.ngettext("%(num)s week", "%(num)s weeks", count) % {"num": count},
                shown.address(weeks=count, week=None),
                shown.week is None and shown.weeks == count,
            )
            for count in PERIODS
        ),
        only=shown.week,
        weeks=tuple(_weeks(visit, shown)),
        rows=tuple(_row(line, may_add=may_add, may_write=may_write) for line in lines),
        settled=settled,
        missed=tuple(_missed(visit)),
        csv_url="" if shown.which == SETTLED else shown.address("/insights.csv"),
        previous_url=shown.address(page=shown.page - 1) if shown.page > 1 else "",
        next_url=shown.address(page=shown.page + 1) if len(lines) == PER_PAGE else "",
        here=shown.address(page=shown.page),
    )
    return visit.page("insights/page.html", found, block="content")


@router.get("/insights.csv")
def export(visit: Visiting, which: Which = "", weeks: str = "", week: str = "") -> Response:
    """A list as a table for a spreadsheet program."""
    shown = _shown(which, weeks, week, 1)
    name: QuestionList = shown.which if shown.which in LISTS else "often"
    lines = visit.kb.insights.questions(visit.actor, name, shown.period, per_page=MAX_CSV_LINES)
    return Response(
        _table(lines),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="questions-{name}-{shown.period.last}.csv"',
            "Cache-Control": "private, no-cache",
        },
    )


@router.post("/insights/settle")
def settle(
    visit: Visiting,
    question: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/insights",
) -> Response:
    """Mark a question as dealt with."""
    visit.kb.insights.settle(visit.actor, question)
    return visit.redirect(local_path(then))


@router.post("/insights/reopen")
def reopen(
    visit: Visiting,
    question: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/insights",
) -> Response:
    """Take the mark away again."""
    visit.kb.insights.reopen(visit.actor, question)
    return visit.redirect(local_path(then))


def _filters(request: SearchRequest) -> dict[str, object]:
    usual = replace(request, query="", page=1, per_page=addresses.USUAL.per_page, sort="relevance")
    found: dict[str, list[str]] = {}
    for name, value in addresses.pairs(replace(usual, expand=True)):
        found.setdefault(name, []).append(value)
    return dict(found)


def _shown(which: str, weeks: str, week: str, page: int) -> _Shown:
    try:
        day = date.fromisoformat(week)
        monday = day - timedelta(days=day.weekday())
    except (ValueError, OverflowError):
        monday = None
    return _Shown(
        which=which if which in _LABELS else next(iter(_LABELS)),
        weeks=int(weeks) if weeks in map(str, PERIODS) else USUAL_PERIOD,
        week=monday,
        page=min(max(page, 1), MAX_CSV_LINES // PER_PAGE),
    )


def _missed(visit: Visit) -> Sequence[FailedQuestion]:
    """What people were asked to find in a course and could not."""
    if Action.SEE_REPORTS not in visit.actor.actions:
        return ()
    return visit.kb.training_reports.failed(visit.actor, only_searches=True)


def _weeks(visit: Visit, shown: _Shown) -> Iterator[WeekRow]:
    whole = replace(shown, week=None).period
    for figures in visit.kb.insights.weeks(visit.actor, whole):
        yield WeekRow(
            figures,
            figures.week + timedelta(days=6),
            shown.address(week=figures.week),
            figures.week == shown.week,
        )


def _row(line: AskedLine, *, may_add: bool, may_write: bool) -> QuestionRow:
    language = "zh" if _HAS_HAN.search(line.text) else "en"
    return QuestionRow(
        line,
        addresses.address(SearchRequest(line.text)),
        f"/glossary/new?{urlencode({language: line.text})}" if may_add else "",
        f"/documents/new?{urlencode({'title': line.text})}" if may_write else "",
    )


def _has_page(app: FastAPI, path: str) -> bool:
    return any(route.path == path for route in iter_route_contexts(app.routes))


def _table(lines: Sequence[AskedLine]) -> str:
    header = (
        "question", "asked", "askers_at_least", "found_nothing", "opened", "slowest_ms", "last_found", "last_asked",
    )  # fmt: skip
    rows = (
        (
            line.text,
            line.asked,
            line.askers,
            line.nothing,
            line.opened,
            round(line.slowest_ms, 1),
            line.last_total,
            _minute(line.last_asked),
        )
        for line in lines
    )
    return "".join(table_lines(header, rows))


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
