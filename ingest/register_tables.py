"""A register's file read into tables: .csv (any charset, any delimiter), .xlsx, .xlsm, .xlsb, .xls, .ods, .vcf."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

import python_calamine as calamine

from ingest.charset import decode
from ingest.formats import DESCRIPTIONS, Format, sniff
from ingest.limits import DEFAULT_LIMITS, Limits
from ingest.packages import open_package
from ingest.readers.ole2 import open_ole2, stream
from ingest.readers.sheet_spans import MAX_SPAN, is_locked, xls_span, xlsb_span, xlsx_span
from ingest.readers.sheets import panics_told
from ingest.vcards import is_vcards, read_vcards
from kb.errors import N_, DamagedFile, EmptyFile, EncryptedFile, InvalidInput, UnsupportedFormat

Cell = str | int | float | bool | date | datetime | time | timedelta | None

# Rows of one register: five times the largest met (1,000 lessons). Putting so many takes some ten seconds, during which
# nobody else can write.
MAX_ROWS: Final = 5_000
# Columns looked at; what stands further right is somebody's scratch area.
MAX_COLUMNS: Final = 200
MAX_SHEETS: Final = 50

# Enough to see that a file begins with a vCard.
_HEAD_BYTES: Final = 200
_TOO_MANY: Final = N_("it has more than 5,000 rows")
_NO_TABLE: Final = N_("it is no table: no row has two cells")
_OPEN_QUOTE: Final = N_("a cell is too long, or a quotation mark is never closed")
_TOO_WIDE: Final = N_("its cells lie too far apart")
_TEXTS: Final = frozenset({Format.CSV, Format.TEXT, Format.MARKDOWN, Format.ASCIIDOC})
_BOOKS: Final = frozenset({Format.XLSX, Format.XLSB, Format.ODS})
_DELIMITERS: Final = ",;\t|"
_TRIED_ROWS: Final = 200  # enough to tell by which delimiter rows agree
_EXCEL_HINT: Final = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_SHEET_PART: Final = re.compile(r"xl/\w*sheets/[^/]+\.(xml|bin)", re.IGNORECASE)
# Excel's own limit for a cell is 32,767 characters; a longer one is a quotation mark that swallowed the file.
MAX_CELL_CHARS: Final = 131_072  # what Python's csv reader takes


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a file.

    Attributes:
        name: of the sheet; empty for a text file.
        rows: from the first on, empty ones too, so that row ``n`` of a spreadsheet program is ``rows[n - 1]``.
    """

    name: str
    rows: list[list[Cell]]


def read_tables(path: Path, name: str, limits: Limits = DEFAULT_LIMITS) -> list[Table]:
    """The sheets of a file that have a cell with something in it.

    Args:
        path: where its bytes lie.
        name: how people know it.
        limits: of what is unpacked.

    Raises:
        FileRefused: it is empty, damaged, encrypted, built to exhaust, or of a format that holds no tables.
        InvalidInput: it has too many rows, or nothing in it looks like a table.
    """
    if not path.stat().st_size:
        raise EmptyFile(name=name)
    with path.open("rb") as file:
        if is_vcards(file.read(_HEAD_BYTES)):
            return [Table("", [list(row) for row in read_vcards(path.read_bytes(), name)])]
    format_ = sniff(path, name)
    if format_ is Format.ENCRYPTED_OFFICE:
        raise EncryptedFile(name=name)
    if format_ in _TEXTS:
        tables = [Table("", _csv_rows(path.read_bytes(), name))]
    elif format_ in _BOOKS or format_ is Format.XLS:
        _check_book(path, name, format_, limits)
        tables = _sheets(path, name)
    else:
        raise UnsupportedFormat(name=name, format=DESCRIPTIONS.get(format_, format_.value))
    found = [table for table in tables if any(map(_wide, table.rows))]
    if not found:
        raise InvalidInput(field=name, reason=_NO_TABLE)
    return found


def is_empty(cell: Cell) -> bool:
    """True for a cell that says nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _wide(row: list[Cell]) -> bool:
    return sum(not is_empty(cell) for cell in row) > 1


def _csv_rows(content: bytes, name: str) -> list[list[Cell]]:
    text = decode(content).text.replace("\x00", "")
    delimiter = ""
    if hint := _EXCEL_HINT.match(text):
        delimiter, text = hint[1], text[hint.end() :]
    rows: list[list[Cell]] = [[None]] if hint else []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text))
    try:
        for row in reader:
            rows.append([cell or None for cell in row[:MAX_COLUMNS]])
            if len(rows) > MAX_ROWS + 1:
                raise InvalidInput(field=name, reason=_TOO_MANY)
    except csv.Error as error:
        raise DamagedFile(name=name, reason=_OPEN_QUOTE) from error
    return rows


def _delimiter(text: str) -> str:
    """The delimiter by which most rows agree on how many cells they have, and on the most cells."""
    return max(_DELIMITERS, key=lambda delimiter: _agreement(text, delimiter))


def _agreement(text: str, delimiter: str) -> tuple[float, int]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = Counter(len(row) for row in islice(reader, _TRIED_ROWS) if row)
    except csv.Error:
        return 0.0, 0
    several = {width: count for width, count in widths.items() if width > 1}
    if not several:
        return 0.0, 0
    width, count = max(several.items(), key=lambda pair: (pair[1], pair[0]))
    return count / widths.total(), width


def _check_book(path: Path, name: str, format_: Format, limits: Limits) -> None:
    """Refuse what would exhaust the machine before calamine opens it."""
    if format_ is Format.XLS:
        with open_ole2(path, name) as container:
            book = next((one for one in ("Workbook", "Book") if container.exists(one)), "Workbook")
            content = stream(container, book, name)
        if is_locked(content):
            raise EncryptedFile(name=name)
        if xls_span(content) > MAX_SPAN:
            raise DamagedFile(name=name, reason=_TOO_WIDE)
        return
    with open_package(path, name, limits) as package:
        for part in package.parts:
            package.check(part)
            if kind := _SHEET_PART.fullmatch(part):
                span = xlsb_span if kind[1].lower() == "bin" else xlsx_span
                if span(package.read(part)) > MAX_SPAN:
                    raise DamagedFile(name=name, reason=_TOO_WIDE)


def _sheets(path: Path, name: str) -> list[Table]:
    try:
        with panics_told(), calamine.CalamineWorkbook.from_path(path) as workbook:
            return [_sheet(workbook, sheet, name) for sheet in workbook.sheet_names[:MAX_SHEETS]]
    except calamine.PasswordError as error:
        raise EncryptedFile(name=name) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedFile(name=name, reason=N_("its sheets cannot be read")) from error


def _sheet(workbook: calamine.CalamineWorkbook, sheet_name: str, name: str) -> Table:
    try:
        sheet = workbook.get_sheet_by_name(sheet_name)
    except calamine.CalamineError:
        return Table(sheet_name, [])  # a sheet of another sort, such as a chart
    rows: list[list[Cell]] = [
        [_plain(cell) for cell in row[:MAX_COLUMNS]]
        for row in sheet.to_python(skip_empty_area=False, nrows=MAX_ROWS + 2)
    ]
    while rows and all(map(is_empty, rows[-1])):
        rows.pop()
    if len(rows) > MAX_ROWS + 1:
        raise InvalidInput(field=name, reason=_TOO_MANY)
    return Table(sheet_name, rows)


def _plain(cell: Cell) -> Cell:
    return None if cell == "" else cell
