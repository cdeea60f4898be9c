"""How far apart the cells of a sheet lie, seen without opening it.

Calamine keeps every cell between the first corner and the last cell, filled or not, at 32 bytes each. A
stray entry in the last corner of an otherwise small sheet would ask for 550 GB and end the process, so
the sheets are looked at first.

Source: Microsoft, [MS-XLS] 2.3 and [MS-XLSB] 2.1.4.
"""

from __future__ import annotations

import re
import struct
from typing import Final

# Cells a sheet may span; a whole .xls sheet of 65,536 rows and 256 columns has fewer.
MAX_SPAN: Final = 20_000_000

_REFERENCE: Final = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_LETTERS: Final = 26
_BEFORE_A: Final = ord("A") - 1

_RECORD: Final = struct.Struct("<HH")  # kind and length
_PLACE: Final = struct.Struct("<HH")  # row and column
# Records that place something in a cell: formula, blanks, numbers, texts.
_CELLS: Final = frozenset({0x06, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E})
_SHEET_BEGINS: Final = 0x0809
_LOCK: Final = 0x002F
_LOCK_WITHIN: Final = 10  # records; it is the second, or follows a write protection

_ROW: Final = 0  # the record that begins a row in binary workbooks
_CELLS_12: Final = range(1, 12)
_CONTINUES: Final = 0x80  # the bit that says that one more byte belongs to a number


def xlsx_span(sheet: bytes) -> int:
    """Return how many cells an XML sheet spans."""
    last_row = last_column = 0
    for letters, digits in _REFERENCE.findall(sheet):
        last_row = max(last_row, int(digits))
        column = 0
        for letter in letters:
            column = column * _LETTERS + letter - _BEFORE_A
        last_column = max(last_column, column)
    return last_row * last_column


def xls_span(book: bytes) -> int:
    """Return how many cells the widest sheet of an Excel 97 workbook spans."""
    widest = last_row = last_column = at = 0
    while at + _RECORD.size <= len(book):
        kind, length = _RECORD.unpack_from(book, at)
        at += _RECORD.size
        if kind == _SHEET_BEGINS:
            widest, last_row, last_column = max(widest, last_row * last_column), 0, 0
        elif kind in _CELLS and at + _PLACE.size <= len(book):
            row, column = _PLACE.unpack_from(book, at)
            last_row, last_column = max(last_row, row + 1), max(last_column, column + 1)
        at += length
    return max(widest, last_row * last_column)


def xlsb_span(sheet: bytes) -> int:
    """Return how many cells a binary sheet spans."""
    last_row = last_column = at = 0
    while at < len(sheet):
        kind, at = _number(sheet, at, 2)
        length, at = _number(sheet, at, 4)
        value = int.from_bytes(sheet[at : at + 4], "little")
        if kind == _ROW:
            last_row = max(last_row, value + 1)
        elif kind in _CELLS_12:
            last_column = max(last_column, value + 1)
        at += length
    return last_row * last_column


def is_locked(book: bytes) -> bool:
    """True when a FILEPASS record stands among the first of an Excel 97 stream, whatever the cipher."""
    at = 0
    for _ in range(_LOCK_WITHIN):
        if at + _RECORD.size > len(book):
            return False
        kind, length = _RECORD.unpack_from(book, at)
        if kind == _LOCK:
            return True
        at += _RECORD.size + length
    return False


def _number(content: bytes, at: int, most: int) -> tuple[int, int]:
    """Return a number of up to ``most`` bytes of seven bits each, and the place after it."""
    value = 0
    for step in range(most):
        if at >= len(content):
            break
        byte = content[at]
        at += 1
        value |= (byte & ~_CONTINUES & 0xFF) << 7 * step
        if not byte & _CONTINUES:
            break
    return value, at
