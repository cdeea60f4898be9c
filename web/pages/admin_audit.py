"""The audit log: filtered, taken out as a table, checked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response, StreamingResponse

from kb.access import Action
from kb.audit import AuditFilter, AuditLine, Verified
from kb.errors import N_
from kb.models import utc_now
from kb.unusual import ALERT, Lately
from web.csv_tables import table_lines
from web.templating import label
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

PER_PAGE: Final = 50
# Deeper than this nobody reads, and each page costs as much as all before it.
_MAX_PAGE: Final = 10_000
_DIGITS: Final = 6  # longer numbers are no pages
_MOST_CHARS: Final = 200
_COLUMNS: Final = (
    N_("Number"), N_("When (UTC)"), N_("Who"), N_("Name"), N_("From where"), N_("Deed"), N_("Kind"), N_("Thing"),
    N_("Details"),
)  # fmt: skip
# Subjects that have a page for each thing.
_PAGES: Final = {
    "community": "communities",
    "course": "courses",
    "doctemplate": "doctemplates",
    "document": "documents",
    "lesson": "lessons",
    "person": "people",
    "project": "projects",
    "question": "questions",
}


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row, the address of its thing (empty where it has none), and its details in words."""

    line: AuditLine
    url: str
    details: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Context of ``admin/audit.html``.

    Attributes:
        section: of the administration, for its navigation.
        asked: what was filtered by.
        actions: to choose from.
        keep_days: how long rows are kept; 0 for ever.
        lately: what was refused or taken out in the last day.
        alert_url: the alerts.
        checked: what checking found; None when it was not asked for.
    """

    section: str
    asked: AuditFilter
    actions: tuple[str, ...]
    rows: tuple[AuditRow, ...]
    total: int
    keep_days: int
    lately: Lately
    alert_url: str
    checked: Verified | None
    csv_url: str
    previous_url: str
    next_url: str


@router.get("/admin/audit")
def audit(visit: Visiting) -> Response:
    """The log, newest first."""
    return _shown(visit)


@router.get("/admin/audit.csv")
def export(visit: Visiting) -> Response:
    """The rows that are asked for as a table for spreadsheet programs; that it was taken out is written down."""
    asked, _ = read(visit.request.query_params)
    lines = visit.kb.audit.export(visit.actor, asked)
    header = [visit.language.gettext(column) for column in _COLUMNS]
    return StreamingResponse(
        table_lines(header, _cells(lines)),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="audit-{utc_now().date()}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


@router.get("/admin/audit/{number}")
def alert(visit: Visiting, number: Id) -> Response:
    """Where a notification of unusual activity leads: the alerts, for none of which there is more than its row."""
    visit.actor.must(Action.SEE_AUDIT)
    return visit.redirect(f"{address(AuditFilter(action=ALERT))}#row-{number}")


@router.post("/admin/audit/verify")
def verify(visit: Visiting) -> Response:
    """Read the whole log and say whether it holds together."""
    visit.actor.must(Action.SEE_AUDIT)
    checked = visit.kb.audit.verify()
    visit.kb.audit.note(visit.actor, "verify-audit", "audit")
    return _shown(visit, checked)


def read(parameters: QueryParams) -> tuple[AuditFilter, int]:
    """The rows that a query string asks for, and the page; a value that makes no sense is left out."""
    texts = {
        name: parameters.get(name, "").strip()[:_MOST_CHARS]
        for name in ("user", "action", "subject", "thing")
    }
    page = parameters.get("page", "")
    number = int(page) if page.isdecimal() and page.isascii() and len(page) <= _DIGITS else 1
    asked = AuditFilter(
        **texts, first=_day(parameters.get("from", "")), last=_day(parameters.get("to", ""))
    )
    return asked, min(max(number, 1), _MAX_PAGE)


def address(asked: AuditFilter, page: int = 1, path: str = "/admin/audit") -> str:
    """The address of what is asked for."""
    values = {
        "user": asked.user,
        "action": asked.action,
        "subject": asked.subject,
        "thing": asked.thing,
        "from": asked.first.isoformat() if asked.first else "",
        "to": asked.last.isoformat() if asked.last else "",
        "page": str(page) if page > 1 else "",
    }
    pairs = [(name, value) for name, value in values.items() if value]
    return path + (f"?{urlencode(pairs)}" if pairs else "")


def _shown(visit: Visit, checked: Verified | None = None) -> Response:
    asked, number = read(visit.request.query_params)
    lines, total = visit.kb.audit.entries(visit.actor, asked, page=number, per_page=PER_PAGE)
    page = AuditPage(
        section="audit",
        asked=asked,
        actions=tuple(visit.kb.audit.actions(visit.actor)),
        rows=tuple(_row(visit, line) for line in lines),
        total=total,
        keep_days=visit.kb.audit.keep_days,
        lately=visit.kb.unusual.lately(visit.actor),
        alert_url=address(AuditFilter(action=ALERT)),
        checked=checked,
        csv_url=address(asked, path="/admin/audit.csv"),
        previous_url=address(asked, number - 1) if number > 1 else "",
        next_url=address(asked, number + 1) if number * PER_PAGE < total else "",
    )
    return visit.page("admin/audit.html", page, block="content")


def _row(visit: Visit, line: AuditLine) -> AuditRow:
    folder = _PAGES.get(line.subject, "")
    url = f"/{folder}/{line.thing}" if folder and line.thing.isdecimal() else ""
    told = (f"{name}: {_words(visit, name, value)}" for name, value in line.detail.items())
    return AuditRow(line, url, " · ".join(told))


def _words(visit: Visit, name: str, value: object) -> str:
    if name == "role":
        return label(visit.language, "role", value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _cells(lines: Iterator[AuditLine]) -> Iterator[tuple[object, ...]]:
    for line in lines:
        yield (
            line.id,
            line.at.isoformat(timespec="seconds"),
            line.by,
            line.name,
            line.place,
            line.action,
            line.subject,
            line.thing,
            json.dumps(line.detail, ensure_ascii=False) if line.detail else "",
        )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
