"""What the pages of an import of a register show, put together from the file, the guesses and the dry run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ingest.register_columns import Guess, column_letter, header_row, headers
from ingest.register_runs import OUTCOMES, Choice
from ingest.register_tables import Table, is_empty
from ingest.register_values import cell_text
from ingest.registers import Problem, RegisterKind
from kb.errors import N_, InvalidInput, KnowledgeBaseError
from kb.models import RegisterImport
from web.language import Language

# Problems shown on a page; the list to download has them all.
_SHOWN: Final = 100
# Values of a column shown to tell what it holds, and characters of each.
_SAMPLE: Final = 3
_SAMPLE_CHARS: Final = 60
_HEADER_CHOICES: Final = 20

OUTCOME_LABELS: Final = {
    "added": N_("Added"),
    "updated": N_("Brought up to date"),
    "unchanged": N_("Unchanged"),
    "refused": N_("Refused"),
}
DRY_LABELS: Final = {
    "added": N_("Would be added"),
    "updated": N_("Would be brought up to date"),
    "unchanged": N_("Unchanged"),
    "refused": N_("Cannot be taken"),
}


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that a column may hold."""

    name: str
    label: str
    required: bool


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the file: its letter and header, what stands in it, and the field it is taken for.

    ``by_content`` when only its cells told so: worth a second look.
    """

    letter: str
    header: str
    sample: tuple[str, ...]
    field: str
    by_content: bool


@dataclass(frozen=True, slots=True)
class OpenImport:
    """An import that was begun."""

    url: str
    file_name: str
    state: str
    at: datetime
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class BeginPage:
    """Context of ``registers/begin.html``."""

    title: str
    kind: str
    list_url: str
    problem: str
    fields: tuple[FieldChoice, ...]
    imports: tuple[OpenImport, ...]
    max_file_mib: int


@dataclass(frozen=True, slots=True)
class ColumnsPage:
    """Context of ``registers/columns.html``; ``missing`` are required fields that no column was found for."""

    title: str
    kind: str
    id: int
    file_name: str
    rows: int
    sheets: tuple[tuple[int, str], ...]
    sheet: int
    header: int
    header_rows: tuple[tuple[int, str], ...]
    columns: tuple[ColumnView, ...]
    fields: tuple[FieldChoice, ...]
    missing: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A problem, told in the reader's language."""

    row: int
    column: str
    value: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class RowsPage:
    """Context of ``registers/rows.html``: the dry run, or, when ``done``, the result."""

    title: str
    kind: str
    id: int
    file_name: str
    done: bool
    counts: tuple[tuple[str, str, int], ...]
    good: int
    refused: int
    problems: tuple[ProblemView, ...]
    more: int
    list_url: str
    errors_url: str


def address(kind: str, number: int) -> str:
    """Where an import goes on."""
    return f"/registers/{kind}/import/{number}"


def told(language: Language, error: KnowledgeBaseError | None) -> str:
    """What went wrong and what to do, in one text; empty for no error."""
    if error is None:
        return ""
    return f"{language.sentence(error)} {language.advice(error)}".strip()


def fields_of(language: Language, register: RegisterKind) -> tuple[FieldChoice, ...]:
    """The fields of a register by their names for people."""
    return tuple(
        FieldChoice(field.name, field.label(language.code), field.required)
        for field in register.schema.fields
    )


def open_import(language: Language, row: RegisterImport) -> OpenImport:
    """An import in the list of those begun."""
    counts = tuple(
        (language.gettext(OUTCOME_LABELS[name]), row.counts[name])
        for name in OUTCOMES
        if row.counts.get(name)
    )
    return OpenImport(address(row.kind, row.id), row.file_name, row.state, row.created_at, counts)


def columns_page(
    language: Language,
    register: RegisterKind,
    row: RegisterImport,
    tables: Sequence[Table],
    choice: Choice,
    *,
    guesses: Mapping[str, Guess],
    error: InvalidInput | None = None,
) -> ColumnsPage:
    """The page to confirm the columns on."""
    table = tables[choice.sheet]
    columns = choice.columns or {}
    by_column = {number: name for name, number in columns.items()}
    by_content = {guess.column for guess in guesses.values() if guess.why == "content"}
    shown = headers(table, choice.header)
    required = [field for field in register.schema.fields if field.required]
    return ColumnsPage(
        title=language.gettext(register.title),
        kind=register.name,
        id=row.id,
        file_name=row.file_name,
        rows=sum(not all(map(is_empty, cells)) for cells in table.rows[choice.header + 1 :]),
        sheets=tuple((number, each.name) for number, each in enumerate(tables)),
        sheet=choice.sheet,
        header=choice.header,
        header_rows=tuple(
            (number, _shortened(" · ".join(cell_text(c) for c in cells if not is_empty(c))))
            for number, cells in enumerate(table.rows[:_HEADER_CHOICES])
            if not all(map(is_empty, cells))
        ),
        columns=tuple(
            ColumnView(
                column_letter(number),
                header,
                tuple(_sample(table, choice.header, number)),
                by_column.get(number, ""),
                by_content=number in by_content and number in by_column,
            )
            for number, header in enumerate(shown)
        ),
        fields=fields_of(language, register),
        missing=tuple(
            field.label(language.code) for field in required if field.name not in columns
        ),
        problem=told(language, error),
    )


def rows_page(
    language: Language,
    register: RegisterKind,
    row: RegisterImport,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
) -> RowsPage:
    """The page of a dry run, or of the result."""
    done = row.state == "done"
    labels = OUTCOME_LABELS if done else DRY_LABELS
    refused = counts.get("refused", 0)
    return RowsPage(
        title=language.gettext(register.title),
        kind=register.name,
        id=row.id,
        file_name=row.file_name,
        done=done,
        counts=tuple(
            (name, language.gettext(labels[name]), counts.get(name, 0)) for name in OUTCOMES
        ),
        good=sum(counts.get(name, 0) for name in OUTCOMES) - refused,
        refused=refused,
        problems=tuple(problem_view(language, problem) for problem in problems[:_SHOWN]),
        more=max(len(problems) - _SHOWN, 0),
        list_url=register.list_url,
        errors_url=address(register.name, row.id) + "/errors.csv",
    )


def problem_view(language: Language, problem: Problem) -> ProblemView:
    """A problem in the reader's language."""
    return ProblemView(
        problem.row,
        problem.column,
        problem.value,
        language.told(problem.reason, problem.data),
        language.told(problem.advice, problem.data),
    )


def header_of(register: RegisterKind, table: Table, header: int | None) -> int:
    """The header row that was asked for, or the one that looks like it."""
    if header is not None and 0 <= header < len(table.rows):
        return header
    return header_row(register.schema, table)


def _sample(table: Table, header: int, column: int) -> list[str]:
    found: list[str] = []
    for cells in table.rows[header + 1 :]:
        if column < len(cells) and not is_empty(cells[column]):
            text = _shortened(cell_text(cells[column]))
            if text not in found:
                found.append(text)
            if len(found) == _SAMPLE:
                break
    return found


def _shortened(text: str) -> str:
    return text if len(text) <= _SAMPLE_CHARS else f"{text[:_SAMPLE_CHARS]}…"
