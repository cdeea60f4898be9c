"""The glossary as a table: taken out, and taken in with a report on each line."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from kb.access import Action
from kb.config import MIB
from kb.errors import N_, InvalidInput
from kb.glossary import Imported
from kb.glossary_edits import ImportedRow
from web.glossary_labels import FIELDS, OUTCOMES, told
from web.language import Language
from web.visit import Visiting

router = APIRouter(include_in_schema=False)

# Some fifteen times the delivered glossary: only a wrong file meets this limit. In bytes.
MAX_TABLE_BYTES: Final = 4 * MIB
_TABLE_FIELD: Final = "table"
# Lines of a table that are listed one by one; the others are only counted.
_SHOWN_ROWS: Final = 200


@dataclass(frozen=True, slots=True)
class RowView:
    """A line of a table and what became of it."""

    row: ImportedRow
    outcome: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TablePage:
    """Context of ``glossary/table.html``: the form, and after an upload its report.

    Attributes:
        problem: why what was sent is no table; empty when it was read, and when nothing was sent yet.
        counts: for each outcome its label and how many lines had it; empty when nothing was read.
        rows: those refused, added and changed, refused ones first; ``more`` are not shown.
        documents: how many are indexed again.
        may_confirm: some lines were refused for names that other entries have.
    """

    problem: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    rows: tuple[RowView, ...] = ()
    more: int = 0
    documents: int = 0
    may_confirm: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """An uploaded table; ``confirmed`` as in :meth:`kb.glossary.Glossary.import_csv`."""

    content: bytes
    confirmed: bool


async def receive_table(request: Request, visit: Visiting) -> Table:
    """Take in a table of entries, as a FastAPI dependency.

    Raises:
        NotAllowed: the actor may not curate; nothing was read.
        InvalidInput: the body is no form with a file.
        HTTPException: 413, it is larger than :data:`MAX_TABLE_BYTES`.
    """
    visit.actor.must(Action.CURATE)
    body = await _body(request)
    parser = MultiPartParser(request.headers, _once(body), max_files=1, max_fields=4)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise InvalidInput(
            field=N_("the table"), reason=N_("the upload is incomplete or not a form")
        ) from error
    file = form.get(_TABLE_FIELD)
    content = await file.read() if isinstance(file, UploadFile) else b""
    await form.close()
    if not content:
        raise InvalidInput(field=N_("the table"), reason=N_("no file was given"))
    return Table(content, bool(form.get("confirmed")))


async def _body(request: Request) -> bytes:
    """All of the body; small enough to be held, because nothing larger is read to its end."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > MAX_TABLE_BYTES:
            raise HTTPException(413)
    return bytes(received)


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


Received = Annotated[Table, Depends(receive_table)]


@router.get("/glossary/glossary.csv")
def download(visit: Visiting) -> Response:
    """The whole glossary as a table."""
    return Response(
        visit.kb.glossary.export_csv(visit.actor),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="glossary.csv"',
            "Cache-Control": "private, no-cache",
        },
    )


@router.get("/glossary/table")
def form(visit: Visiting) -> Response:
    """The form for a table."""
    visit.actor.must(Action.CURATE)
    return visit.page("glossary/table.html", TablePage(), block="content")


@router.post("/glossary/table")
def upload(visit: Visiting, table: Received) -> Response:
    """Take in a table and show what became of each line.

    Not followed by a redirect: the report is kept nowhere, and the same table once more changes nothing.
    """
    try:
        imported = visit.kb.glossary.import_csv(
            visit.actor, table.content, confirmed=table.confirmed
        )
    except InvalidInput as error:
        page = TablePage(problem=visit.language.sentence(error))
        return visit.page("glossary/table.html", page, block="content", status=422)
    page = _report(visit.language, imported)
    return visit.page("glossary/table.html", page, block="content")


def _report(language: Language, imported: Imported) -> TablePage:
    changes = [row for row in imported.rows if row.outcome != "unchanged"]
    changes.sort(key=lambda row: (row.outcome != "refused", row.line))
    refused = [problem for row in changes for problem in row.problems]
    return TablePage(
        counts=tuple(
            (language.gettext(label), imported.counts.get(name, 0))
            for name, label in OUTCOMES.items()
        ),
        rows=tuple(
            RowView(
                row,
                language.gettext(OUTCOMES[row.outcome]),
                tuple(
                    f"{language.gettext(FIELDS[problem.field])}: {told(language, problem)}"
                    for problem in row.problems
                ),
            )
            for row in changes[:_SHOWN_ROWS]
        ),
        more=max(len(changes) - _SHOWN_ROWS, 0),
        documents=imported.documents,
        may_confirm=any(problem.confirmable for problem in refused),
    )
