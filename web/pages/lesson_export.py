"""Lessons taken out: a selection as a table for spreadsheet programs, as a Word or PDF file, or as Markdown to read."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from starlette.responses import Response

from ingest.exporting import Exported as Chapter
from kb.errors import N_, InvalidInput
from kb.lesson_listing import Exported
from kb.markdown import render
from web import lesson_labels
from web.csv_tables import guarded, table_lines
from web.language import Language
from web.lesson_address import read
from web.pages.exports import send
from web.templating import label
from web.visit import Visiting

router = APIRouter(include_in_schema=False)

# More rows than any register of lessons has had; a bound on memory.
MAX_EXPORTED: Final = 5_000
# Excel takes no more in one cell, and shows no more of it.
_CELL_CHARS: Final = 32_000
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# Columns of the table: all that people write, in the order of the form. Amounts have their sign: minus was lost.
_COLUMNS: Final = (
    "title",
    "kind",
    "language",
    "what_happened",
    "root_cause",
    "cause",
    "early_signs",
    "recommendation",
    "impact_days",
    "impact_money",
    "currency",
    "impact_quality",
    "phase",
    "category",
    "project_type",
    "project_size",
    "technology",
    "supplier",
    "on_risk_register",
    "evidence",
    "project",
    "owner",
    "happened_on",
    "review_on",
    "tags",
)
_TABLES: Final = {
    "kind": "lesson_kind",
    "phase": "phase",
    "category": "category",
    "cause": "cause",
    "impact_quality": "impact_quality",
}
_WIDE: Final = {"title", "what_happened", "root_cause", "early_signs", "recommendation", "evidence"}
_MARKDOWN: Final = ("what_happened", "root_cause", "early_signs", "recommendation", "evidence")
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
}

_BOOKS: Final = {"docx": "word", "pdf": "pdf"}
# A book of lessons; whoever wants more wants a table.
MAX_IN_A_BOOK: Final = 500

Cell = str | float | int | None


@router.get("/lessons/export")
def export(visit: Visiting) -> Response:
    """The lessons that the address asks for, as ``csv``, ``xlsx``, ``docx``, ``pdf`` or ``md``."""
    wanted = visit.request.query_params.get("format", "")
    if wanted not in _TYPES and wanted not in _BOOKS:
        raise InvalidInput(field=N_("format"), reason=N_("it is none of csv, xlsx, docx, pdf, md"))
    asked, _ = read(visit.request.query_params)
    if wanted in _BOOKS:
        chosen = visit.kb.lesson_lists.exported(visit.actor, asked, MAX_IN_A_BOOK)
        parts = [_part(visit.language, each) for each in chosen]
        return send(visit, _BOOKS[wanted], visit.language.gettext(N_("Lessons")), parts)
    found = visit.kb.lesson_lists.exported(visit.actor, asked, MAX_EXPORTED)
    header = [visit.language.gettext(text) for text in _header()]
    rows = (_row(visit.language, each) for each in found)
    if wanted == "xlsx":
        content = workbook(header, list(rows))
    elif wanted == "csv":
        content = "".join(table_lines(header, rows)).encode()
    else:
        content = "\n".join(_told(visit.language, found)).encode()
    name = f"{visit.language.gettext(N_('lessons'))}.{wanted}"
    disposition = f"attachment; filename=\"lessons.{wanted}\"; filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return Response(content, media_type=_TYPES[wanted], headers=headers)


def workbook(header: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """An .xlsx file with one table; no text in it is a formula."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "Lessons"
    sheet.append(list(header))
    for row in rows:
        sheet.append([_plain(cell) if isinstance(cell, str) else cell for cell in row])
    for number, name in enumerate((*_COLUMNS, *[""] * len(_EXTRA)), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = 48 if name in _WIDE else 16
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


_EXTRA: Final = (
    N_("State"),
    N_("Verdict"),
    N_("Expert's note"),
    N_("Helped"),
    N_("Adapted"),
    N_("Did not help"),
    N_("Days saved"),
    N_("Number"),
)


def _header() -> list[str]:
    return [*(lesson_labels.FIELDS[name] for name in _COLUMNS), *_EXTRA]


def _plain(text: str) -> str:
    return guarded(_CONTROLS.sub("", text)[:_CELL_CHARS])


def _row(language: Language, each: Exported) -> list[Cell]:
    text, uses = each.text, each.summary.uses
    cells: list[Cell] = []
    for name in _COLUMNS:
        value = getattr(text, name)
        if name in _TABLES and value not in {"", None}:
            value = label(language, _TABLES[name], value)
        elif name == "tags":
            value = "; ".join(text.tags)
        elif isinstance(value, bool):
            value = language.gettext("yes") if value else language.gettext("no")
        elif name in {"happened_on", "review_on"}:
            value = value.isoformat() if value else ""
        cells.append(value)
    return [
        *cells,
        label(language, "lesson_state", each.summary.state),
        label(language, "verdict", each.verdict) if each.verdict else "",
        each.expert_note,
        uses.helped,
        uses.adapted,
        uses.not_helped,
        uses.days_saved,
        each.summary.id,
    ]


def _told(language: Language, found: Sequence[Exported]) -> Iterator[str]:
    """The lessons as one Markdown text; headings within a lesson are set below its own."""
    yield f"# {language.gettext(N_('Lessons'))}\n"
    for each in found:
        yield f"## {' '.join(each.text.title.split())}\n"
        yield f"*{_facts(language, each)}*\n"
        yield from _parts(language, each, "###")


def _part(language: Language, each: Exported) -> Chapter:
    """A lesson as a chapter of a book."""
    text = each.text
    body = "\n".join(_parts(language, each, "#"))
    return Chapter(
        document=None,
        title=" ".join(text.title.split()),
        language=text.language,
        body=body,
        html=render(body, ""),
        facts=[("", _facts(language, each))],
        tags=text.tags,
    )


def _facts(language: Language, each: Exported) -> str:
    text = each.text
    facts = (
        label(language, "lesson_state", each.summary.state),
        label(language, "lesson_kind", text.kind),
        label(language, "category", text.category),
        label(language, "phase", text.phase),
        text.project,
    )
    return " · ".join(fact for fact in facts if fact)


def _parts(language: Language, each: Exported, heading: str) -> Iterator[str]:
    for name in _MARKDOWN:
        if value := getattr(each.text, name):
            yield f"{heading} {language.gettext(lesson_labels.FIELDS[name])}\n"
            yield re.sub(r"(?m)^(#{1,6})(?=\s)", rf"{heading}\1", value) + "\n"
