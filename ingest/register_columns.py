"""Which row of a table holds the headers, and which column holds which field: guessed, for a person to confirm."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from rapidfuzz import fuzz

from ingest.register_tables import Cell, Table, is_empty
from ingest.register_values import CellError, cell_text, choice_of, column_of, convert
from ingest.registers import Field, FieldType, RegisterSchema
from kb.known_names import KnownNames
from kb.project_names import name_parts
from kb.search.folding import fold_text

# Above a header stand at most a title, a note and the name of the department.
_HEADER_WITHIN: Final = 20
# Cells of a column that are looked at to tell what it holds.
_SAMPLE: Final = 100
# How sure a guess is: the header says it in full, in one of two languages, nearly, in part; or only the cells do.
_SAME: Final = 1.0
_ONE_LANGUAGE: Final = 0.95
_SYNONYM: Final = 0.9
_NEARLY: Final = 0.7
_PART: Final = 0.6
_CONTENT: Final = 0.4
_LEAST: Final = 0.35
# Percent of likeness of two headers that differ by a slip: "Custmer", "Recommendation(s)".
_ALIKE: Final = 85
# A known header that is only part of what stands there must be this much of it.
_PART_SHARE: Final = 0.4
# A column whose cells fit a field's type less often than this is not that field; the name alone may deceive.
_MOSTLY: Final = 0.5
_NEARLY_ALL: Final = 0.9
_TYPED: Final = frozenset({FieldType.DATE, FieldType.NUMBER, FieldType.MONEY})
_NAMED: Final = frozenset({FieldType.CHOICE, FieldType.PERSON, FieldType.PROJECT})
_REMARK: Final = re.compile(r"[（(\[【][^）)\]】]*[）)\]】]|[*＊:：]")  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class Guess:
    """A column for a field, and whether its header or only its cells told so."""

    column: int
    why: Literal["header", "content"]


def header_row(schema: RegisterSchema, table: Table) -> int:
    """The row (from 0) that holds the headers: the one with the most that are known, else the first full one."""
    best, most = 0, 0.0
    for number, row in enumerate(table.rows[:_HEADER_WITHIN]):
        known = sum(
            score
            for cell in row
            if isinstance(cell, str)
            and (score := max((_header_score(field, cell) for field in schema.fields), default=0))
            >= _NEARLY
        )
        if known > most:
            best, most = number, known
    if most:
        return best
    width = max(map(_filled, table.rows[:_HEADER_WITHIN]), default=0)
    full = (number for number, row in enumerate(table.rows) if _filled(row) * 2 > width)
    return next(full, 0)


def headers(table: Table, row: int) -> list[str]:
    """The header of each column; for a column without one its letter, as spreadsheet programs have it."""
    cells = table.rows[row] if row < len(table.rows) else []
    width = max((len(each) for each in table.rows), default=0)
    texts = [cell_text(cell) if not is_empty(cell) else "" for cell in cells]
    texts += [""] * (width - len(texts))
    return [text or column_letter(number) for number, text in enumerate(texts)]


def column_letter(number: int) -> str:
    """``A`` for column 0, ``AA`` for 26."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def guess_columns(
    schema: RegisterSchema, table: Table, row: int, names: KnownNames
) -> Mapping[str, Guess]:
    """The column of each field that one was found for, each column once.

    The surest pairs are taken first. A column is not taken for dates or numbers because its header sounds right when
    its cells are none. What a column without any header holds is told by its cells, where they leave no doubt; one
    whose header says something else is left to the person.
    """
    shown = headers(table, row)
    blank = [
        column >= len(table.rows[row]) or is_empty(table.rows[row][column])
        for column in range(len(shown))
    ]
    below = [list(_sample(table, row, column)) for column in range(len(shown))]
    pairs = sorted(
        (
            (score, -order, -column, field)
            for order, field in enumerate(schema.fields)
            for column, header in enumerate(shown)
            if (score := _score(field, "" if blank[column] else header, below[column], names))
            >= _LEAST
        ),
        key=lambda pair: pair[:3],
        reverse=True,
    )
    found: dict[str, Guess] = {}
    taken: set[int] = set()
    for score, _, negative, field in pairs:
        column = -negative
        if field.name in found or column in taken:
            continue
        if score <= _CONTENT and _rivals(pairs, (score, field, column), found, taken):
            continue
        found[field.name] = Guess(column, "header" if score > _CONTENT else "content")
        taken.add(column)
    return found


def _rivals(
    pairs: Sequence[tuple[float, int, int, Field]],
    guess: tuple[float, Field, int],
    found: Mapping[str, Guess],
    taken: set[int],
) -> bool:
    """True when another field or column that is still free fits by its cells just as well: then nothing is guessed."""
    score, field, column = guess
    return any(
        (other is field) != (-negative == column)
        for other_score, _, negative, other in pairs
        if other_score == score and other.name not in found and -negative not in taken
    )


def _score(field: Field, header: str, cells: Sequence[Cell], names: KnownNames) -> float:
    if not header:
        return _CONTENT if cells and _content_fits(field, cells, names) else 0.0
    by_header = _header_score(field, header)
    if not by_header or field.type not in _TYPED or not cells or by_header >= _SYNONYM:
        return by_header
    return by_header if _fitting(field, header, cells, names) >= _MOSTLY else 0.0


def _content_fits(field: Field, cells: Sequence[Cell], names: KnownNames) -> bool:
    if field.type is FieldType.DATE:
        return _fitting(field, "", cells, names) >= _NEARLY_ALL
    return field.type in _NAMED and _naming(field, cells, names) >= _NEARLY_ALL


def _header_score(field: Field, header: str) -> float:
    key = header_key(header)
    if not key:
        return 0.0
    own = [header_key(name) for name in (field.name, field.zh, field.en)]
    known = [*own, *map(header_key, field.synonyms)]
    if key in own:
        return _SAME
    if key in known:
        return _SYNONYM
    if any(header_key(part) in known for part in name_parts(header)):
        return _ONE_LANGUAGE
    if any(fuzz.ratio(key, name) >= _ALIKE for name in known if name.isascii()):
        return _NEARLY
    return max((_PART * len(name) / len(key) for name in known if _is_part(name, key)), default=0)


def header_key(header: str) -> str:
    """What two spellings of a header have in common; what stands in brackets (a unit, a remark) does not count."""
    folded = fold_text(_REMARK.sub(" ", header) if _REMARK.sub("", header).strip() else header)
    return "".join(sign for sign in folded if sign.isalnum())


def _is_part(name: str, key: str) -> bool:
    return len(name) > 1 and name in key and len(name) >= _PART_SHARE * len(key)


def _fitting(field: Field, header: str, cells: Sequence[Cell], names: KnownNames) -> float:
    """The share of cells that can be what the field holds; a plain number is no sign of a date."""
    column = column_of(header, cells)
    fitting = 0
    for cell in cells:
        if field.type is FieldType.DATE and isinstance(cell, (int, float)) and not header:
            continue
        try:
            fitting += convert(field, cell, column, names).value is not None
        except CellError:
            # A date in doubtful order is a date.
            fitting += field.type is FieldType.DATE and bool(
                re.fullmatch(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}", cell_text(cell))
            )
    return fitting / len(cells)


def _naming(field: Field, cells: Sequence[Cell], names: KnownNames) -> float:
    """The share of cells that name a known choice, person or project."""
    told = 0
    for cell in cells:
        text = cell_text(cell)
        if field.type is FieldType.CHOICE:
            told += bool(choice_of(field, text))
        elif field.type is FieldType.PERSON:
            told += len(names.person(text)) == 1
        else:
            told += len(names.project(text)) == 1
    return told / len(cells)


def _sample(table: Table, row: int, column: int) -> Iterator[Cell]:
    taken = 0
    for cells in table.rows[row + 1 :]:
        if column < len(cells) and not is_empty(cells[column]):
            yield cells[column]
            taken += 1
            if taken == _SAMPLE:
                return


def _filled(row: Sequence[Cell]) -> int:
    return sum(not is_empty(cell) for cell in row)
