"""Tables for spreadsheet programs: one way of writing them, so that none forgets what such programs do to cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

# Where these begin a cell, spreadsheet programs take it for a formula; the full-width forms in East Asian versions.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
# Without this mark in front Excel takes Chinese for something else.
BYTE_ORDER_MARK: Final = "\ufeff"


def guarded(cell: str) -> str:
    """``cell`` in a form that no spreadsheet program computes: an apostrophe before what could begin a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def table_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, the mark in front; texts are guarded, numbers and empty cells (None) are not."""
    yield BYTE_ORDER_MARK + _line(header)
    for row in rows:
        yield _line([guarded(cell) if isinstance(cell, str) else cell for cell in row])


def _line(cells: Sequence[object]) -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="\r\n").writerow(cells)
    return told.getvalue()
