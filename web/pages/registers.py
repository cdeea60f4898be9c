"""Importing a register: hand in a file, confirm its columns, look at what would happen, let it happen."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response, StreamingResponse

from ingest.limits import Limits
from ingest.register_checks import check_columns
from ingest.register_columns import guess_columns
from ingest.register_kinds import register_kind
from ingest.register_runs import Choice, Run, first_choice, run
from ingest.register_tables import Table, read_tables
from ingest.registers import Keep, Problem, RegisterKind
from kb.errors import N_, FileRefused, InvalidInput, KnowledgeBaseError, NotFound
from kb.known_names import known_names
from kb.models import RegisterImport
from web.csv_tables import table_lines
from web.errors import status_of
from web.register_views import (
    BeginPage,
    address,
    columns_page,
    fields_of,
    header_of,
    open_import,
    problem_view,
    rows_page,
    told,
)
from web.uploads import Received, Upload
from web.visit import Id, Visit, Visiting
from web.xlsx_tables import MEDIA_TYPE, workbook

router = APIRouter(include_in_schema=False)

_NO_FILE: Final = N_("no file was given")
_TWO_COLUMNS: Final = N_("two columns were chosen for it")
_TOO_LARGE: Final = N_("the file is too large")


@router.get("/registers/{kind}/import")
def begin(visit: Visiting, kind: str) -> Response:
    """The form to hand in a file, what its columns may be, and imports that were begun."""
    return _begin(visit, _kind(visit, kind))


@router.post("/registers/{kind}/import")
def hand_in(visit: Visiting, kind: str, upload: Received) -> Response:
    """Take a file and guess its columns."""
    register = _kind(visit, kind)
    try:
        name, sha256, size = _kept(upload)
        tables = read_tables(visit.kb.files.path(sha256), name, _limits(visit))
        choice = first_choice(register, tables, visit.kb.database, visit.actor)
    except (FileRefused, InvalidInput) as error:
        return _begin(visit, register, error)
    imports = visit.kb.register_imports
    number = imports.begin(visit.actor, kind, (name, sha256, size))
    place = choice.sheet, choice.header
    imports.choose(visit.actor, number, place, choice.columns or {}, confirmed=False)
    return visit.redirect(address(kind, number))


@router.get("/registers/{kind}/template.xlsx")
def template(visit: Visiting, kind: str) -> Response:
    """An empty form with the headers that are known for sure, and one row as an example."""
    register = _kind(visit, kind)
    fields = register.schema.fields
    code = visit.language.code
    book = workbook(
        visit.language.gettext(register.title),
        [field.label(code) for field in fields],
        [[field.example for field in fields]],
    )
    disposition = f'attachment; filename="{register.name}.xlsx"'
    return Response(book, media_type=MEDIA_TYPE, headers={"Content-Disposition": disposition})


@router.get("/registers/{kind}/import/{import_id:int}")
def show(
    visit: Visiting,
    kind: str,
    import_id: Id,
    *,
    step: str = "",
    sheet: int | None = None,
    header: int | None = None,
) -> Response:
    """Where an import stands: its columns, its dry run, or its result."""
    register, row = _kind(visit, kind), _import(visit, kind, import_id)
    if row.state == "cancelled":
        return visit.redirect(f"/registers/{kind}/import")
    if row.state == "done":
        problems = [Problem(**problem) for problem in row.problems]
        page = rows_page(visit.language, register, row, row.counts, problems)
        return visit.page("registers/rows.html", page, block="content")
    if sheet is not None or header is not None:
        return _columns(visit, register, row, Choice(sheet or 0, -1 if header is None else header))
    if row.state == "columns" or step == "columns":
        return _columns(visit, register, row, _choice(row))
    try:
        would = _run(visit, register, _tables(visit, row), _choice(row))
    except InvalidInput as error:
        return _columns(visit, register, row, _choice(row), error=error)
    page = rows_page(visit.language, register, row, would.counts, would.problems)
    return visit.page("registers/rows.html", page, block="content")


@router.post("/registers/{kind}/import/{import_id:int}/columns")
def confirm(
    visit: Visiting,
    kind: str,
    import_id: Id,
    *,
    field: Annotated[list[str], Form()],
    sheet: Annotated[int, Form(ge=0)] = 0,
    header: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Confirm or change the columns; ``field`` has the field of each column in order, empty for none."""
    register, row = _kind(visit, kind), _import(visit, kind, import_id)
    known = {one.name for one in register.schema.fields}
    columns: dict[str, int] = {}
    try:
        for number, name in enumerate(field):
            if name in known:
                _must_be_new(visit, register, name, columns)
                columns[name] = number
        sheet = min(sheet, len(_tables(visit, row)) - 1)
        check_columns(register.schema, columns, visit.language.code)
    except InvalidInput as error:
        return _columns(visit, register, row, Choice(sheet, header, columns), error=error)
    visit.kb.register_imports.choose(
        visit.actor, import_id, (sheet, header), columns, confirmed=True
    )
    return visit.redirect(address(kind, import_id))


@router.post("/registers/{kind}/import/{import_id:int}/run")
def put(
    visit: Visiting, kind: str, import_id: Id, keep: Annotated[str, Form()] = "all"
) -> Response:
    """Put the rows: all of them or none, or the good ones."""
    register, row = _kind(visit, kind), _import(visit, kind, import_id)
    how = Keep.GOOD if keep == Keep.GOOD else Keep.ALL
    imports = visit.kb.register_imports
    tables = _tables(visit, row)
    imports.claim(visit.actor, import_id)
    try:
        done = _run(visit, register, tables, _choice(row), keep=how)
    except BaseException:
        imports.release(visit.actor, import_id)
        raise
    if not done.kept:
        imports.release(visit.actor, import_id)
        return visit.redirect(address(kind, import_id))
    problems = [asdict(problem) for problem in done.problems]
    imports.finish(visit.actor, import_id, how.value, done.counts, problems)
    return visit.redirect(address(kind, import_id))


@router.post("/registers/{kind}/import/{import_id:int}/cancel")
def cancel(visit: Visiting, kind: str, import_id: Id) -> Response:
    """Give an import up."""
    _kind(visit, kind)
    visit.kb.register_imports.cancel(visit.actor, _import(visit, kind, import_id).id)
    return visit.redirect(f"/registers/{kind}/import")


@router.get("/registers/{kind}/import/{import_id:int}/errors.csv")
def errors(visit: Visiting, kind: str, import_id: Id) -> Response:
    """Every problem as a table."""
    register, row = _kind(visit, kind), _import(visit, kind, import_id)
    if row.state == "done":
        problems = [Problem(**problem) for problem in row.problems]
    else:
        problems = _run(visit, register, _tables(visit, row), _choice(row)).problems
    language = visit.language
    header = [
        language.gettext(name)
        for name in (N_("Row"), N_("Column"), N_("Cell"), N_("What is wrong"), N_("What to do"))
    ]
    told = [problem_view(language, problem) for problem in problems]
    return StreamingResponse(
        table_lines(header, [(p.row, p.column, p.value, p.reason, p.advice) for p in told]),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}-errors.csv"'},
    )


def _kind(visit: Visit, name: str) -> RegisterKind:
    register = register_kind(visit.kb, name)
    visit.actor.must(register.action)
    return register


def _import(visit: Visit, kind: str, import_id: int) -> RegisterImport:
    row = visit.kb.register_imports.get(visit.actor, import_id)
    if row.kind != kind:
        raise NotFound(what=N_("import of a register"), id=import_id)
    return row


def _kept(upload: Upload) -> tuple[str, str, int]:
    """Name, SHA-256 and size of the file that was handed in."""
    if not upload.files:
        raise InvalidInput(field=N_("file"), reason=_NO_FILE)
    file = upload.files[0]
    if file.sha256 is None:
        raise InvalidInput(field=file.path, reason=_TOO_LARGE)
    return file.path, file.sha256, file.size


def _must_be_new(visit: Visit, register: RegisterKind, name: str, columns: Collection[str]) -> None:
    if name in columns:
        label = register.schema.field(name).label(visit.language.code)
        raise InvalidInput(field=label, reason=_TWO_COLUMNS)


def _limits(visit: Visit) -> Limits:
    return Limits(file_mib=visit.site.settings.max_file_mib)


def _tables(visit: Visit, row: RegisterImport) -> list[Table]:
    return read_tables(visit.kb.files.path(row.sha256), row.file_name, _limits(visit))


def _choice(row: RegisterImport) -> Choice:
    return Choice(row.sheet, row.header_row, dict(row.columns))


def _run(
    visit: Visit,
    register: RegisterKind,
    tables: list[Table],
    choice: Choice,
    keep: Keep = Keep.NOTHING,
) -> Run:
    return run(
        register,
        visit.kb.database,
        visit.actor,
        tables,
        choice,
        keep=keep,
        language=visit.language.code,
    )


def _begin(
    visit: Visit, register: RegisterKind, error: KnowledgeBaseError | None = None
) -> Response:
    begun = visit.kb.register_imports.open(visit.actor, register.name)
    context = BeginPage(
        title=visit.language.gettext(register.title),
        kind=register.name,
        list_url=register.list_url,
        problem=told(visit.language, error),
        fields=fields_of(visit.language, register),
        imports=tuple(open_import(visit.language, row) for row in begun),
        max_file_mib=visit.site.settings.max_file_mib,
    )
    status = status_of(error) if error else 200
    return visit.page("registers/begin.html", context, block="content", status=status)


def _columns(
    visit: Visit,
    register: RegisterKind,
    row: RegisterImport,
    choice: Choice,
    *,
    error: InvalidInput | None = None,
) -> Response:
    """The page of the columns; a choice without columns is guessed, one of another sheet with its header row."""
    tables = _tables(visit, row)
    sheet = min(max(choice.sheet, 0), len(tables) - 1)
    asked = choice.header if choice.header >= 0 else None
    header = header_of(register, tables[sheet], asked)
    names = known_names(visit.kb.database, visit.actor)
    guesses = guess_columns(register.schema, tables[sheet], header, names)
    columns = choice.columns
    if columns is None:
        columns = {name: guess.column for name, guess in guesses.items()}
    page = columns_page(
        visit.language,
        register,
        row,
        tables,
        Choice(sheet, header, columns),
        guesses=guesses,
        error=error,
    )
    status = status_of(error) if error else 200
    return visit.page("registers/columns.html", page, block="content", status=status)
