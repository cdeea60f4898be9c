"""The rows of a table turned into what their fields hold; each cell that cannot be is told with its row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ingest.register_columns import headers
from ingest.register_tables import Cell, Table, is_empty
from ingest.register_values import CellError, Column, cell_text, column_of, convert
from ingest.registers import Field, Problem, RegisterSchema
from kb.errors import N_, InvalidInput
from kb.known_names import KnownNames
from kb.register_rows import RegisterRow, RowOutcome, Value
from kb.search.folding import fold_text

# Of a cell that is wrong so much is repeated, in characters.
VALUE_CHARS: Final = 200

_MISSING: Final = N_("this must be filled in")
_FILL: Final = N_("Fill in the cell, or leave the row out.")
_ONE_OF_MISSING: Final = N_("one of these must be filled in: %(fields)s")
_TWICE: Final = N_("row %(row)s has the same")
_KEEP_ONE: Final = N_("Keep one of the two rows.")
_OTHER_CURRENCY: Final = N_("the row has amounts in %(one)s and in %(other)s")
_ONE_CURRENCY: Final = N_("Write all amounts of a row in one currency.")
_NO_COLUMN: Final = N_("no column was chosen for it, and no row can do without")
_ONE_COLUMN_TWICE: Final = N_("one column was chosen for two fields")


@dataclass(frozen=True, slots=True)
class Checked:
    """A table as it was understood.

    Attributes:
        rows: those without a problem.
        problems: in the order of the rows; a row may have several.
        total: rows that say anything.
    """

    rows: list[RegisterRow]
    problems: list[Problem]
    total: int


def check_rows(
    schema: RegisterSchema,
    table: Table,
    header: int,
    columns: Mapping[str, int],
    *,
    names: KnownNames,
    language: str = "en",
) -> Checked:
    """Convert every row below the header.

    Args:
        schema: what the rows may say.
        table: the table.
        header: number of the header row, from 0.
        columns: number of the column of each field that has one.
        names: people and projects that cells may name.
        language: ``zh`` or ``en``: of the names of fields in problems.

    Raises:
        InvalidInput: a required field has no column, or two fields have the same.
    """
    check_columns(schema, columns, language)
    shown = headers(table, header)
    chosen = [
        _Chosen(
            field, number, shown[number], column_of(shown[number], _cells(table, header, number))
        )
        for field in schema.fields
        if (number := columns.get(field.name, -1)) in range(len(shown))
    ]
    rows: list[RegisterRow] = []
    problems: list[Problem] = []
    seen: dict[str, int] = {}
    total = 0
    title = table.rows[header] if header < len(table.rows) else []
    for number, row in enumerate(table.rows[header + 1 :], start=header + 2):
        # Tables printed over several pages repeat their header.
        if all(map(is_empty, row)) or row == title:
            continue
        total += 1
        values, wrong = _row(chosen, number, row, names)
        wrong += _twice(schema.key, chosen, number, values, seen)
        if not wrong:
            wrong = _gaps(schema, number, values, language)
        problems += wrong
        if not wrong:
            rows.append(RegisterRow(number, values))
    return Checked(rows, problems, total)


def check_columns(schema: RegisterSchema, columns: Mapping[str, int], language: str) -> None:
    """Return when each required field has a column, and no two have the same.

    Raises:
        InvalidInput: it is otherwise; the field is told by its name in ``language``.
    """
    for field in schema.fields:
        if field.required and field.name not in columns:
            raise InvalidInput(field=field.label(language), reason=_NO_COLUMN)
    for group in schema.one_of:
        if not any(name in columns for name in group):
            told = " / ".join(schema.field(name).label(language) for name in group)
            raise InvalidInput(field=told, reason=_NO_COLUMN)
    taken: set[int] = set()
    for name, number in columns.items():
        if number in taken:
            raise InvalidInput(field=schema.field(name).label(language), reason=_ONE_COLUMN_TWICE)
        taken.add(number)


def refusals(
    outcomes: Sequence[RowOutcome], shown: Sequence[str], columns: Mapping[str, int]
) -> Iterator[Problem]:
    """What the subject refused, told like what could not be read."""
    for each in outcomes:
        if each.outcome == "refused":
            column = shown[columns[each.field]] if each.field in columns else ""
            value = str(each.data.get("value", ""))[:VALUE_CHARS]
            yield Problem(each.number, column, value, each.reason, each.advice, each.data)


@dataclass(frozen=True, slots=True)
class _Chosen:
    field: Field
    number: int
    header: str
    column: Column


def _row(
    chosen: Sequence[_Chosen], number: int, row: Sequence[Cell], names: KnownNames
) -> tuple[dict[str, Value], list[Problem]]:
    values: dict[str, Value] = {}
    wrong: list[Problem] = []
    currencies: dict[str, str] = {}
    for each in chosen:
        cell = row[each.number] if each.number < len(row) else None
        try:
            converted = convert(each.field, cell, each.column, names)
        except CellError as error:
            shown = cell_text(cell)[:VALUE_CHARS]
            wrong.append(
                Problem(number, each.header, shown, error.reason, error.advice, error.data)
            )
            continue
        if converted.value is not None and converted.value != ():
            values[each.field.name] = converted.value
        elif each.field.required:
            wrong.append(Problem(number, each.header, "", _MISSING, _FILL))
        if converted.currency:
            currencies.setdefault(each.field.currency_field, converted.currency)
            if currencies[each.field.currency_field] != converted.currency:
                one = currencies[each.field.currency_field]
                wrong.append(_clash(number, each.header, one, converted.currency))
    for name, currency in currencies.items():
        if name and values.setdefault(name, currency) != currency:
            wrong.append(_clash(number, "", str(values[name]), currency))
    return values, wrong


def _gaps(
    schema: RegisterSchema, number: int, values: Mapping[str, Value], language: str
) -> list[Problem]:
    return [
        Problem(
            number,
            "",
            "",
            _ONE_OF_MISSING,
            _FILL,
            {"fields": " / ".join(schema.field(name).label(language) for name in group)},
        )
        for group in schema.one_of
        if not any(name in values for name in group)
    ]


def _clash(number: int, header: str, one: str, other: str) -> Problem:
    return Problem(
        number, header, other, _OTHER_CURRENCY, _ONE_CURRENCY, {"one": one, "other": other}
    )


def _twice(
    key: str,
    chosen: Sequence[_Chosen],
    number: int,
    values: Mapping[str, Value],
    seen: dict[str, int],
) -> list[Problem]:
    value = values.get(key)
    if not isinstance(value, str):
        return []
    first = seen.setdefault(fold_text(value).strip(), number)
    if first == number:
        return []
    header = next(each.header for each in chosen if each.field.name == key)
    return [Problem(number, header, value[:VALUE_CHARS], _TWICE, _KEEP_ONE, {"row": first})]


def _cells(table: Table, header: int, column: int) -> Iterator[Cell]:
    return (row[column] for row in table.rows[header + 1 :] if column < len(row))
