"""Sheets of cells as Markdown tables: the part that spreadsheets and comma-separated values share.

A sheet may hold millions of rows. Nobody reads them as a page and no search gains from them, so a table ends at
:data:`MAX_ROWS` and what was left out is named in the ledger. The original file is kept whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ingest.readers.drafting import Findings
from ingest.readers.writing import Cell, Run, heading, table

MAX_ROWS: Final = 5_000  # rows of one sheet; at 10 columns a page of about 1 MB
MAX_COLUMNS: Final = 100
MAX_CELLS: Final = (
    200_000  # of one sheet: each costs the page and the index more than its few characters
)
# Characters of one file: 2,000 lessons in one table. More no browser shows as a page.
MAX_CHARACTERS: Final = 4_000_000


@dataclass(slots=True)
class Grid:
    """A sheet: its name, its cells as text, and the ranges that are merged as (row, column, last row, last column)."""

    name: str
    rows: Sequence[Sequence[str]]
    merged: Sequence[tuple[int, int, int, int]] = field(default_factory=tuple)
    total_rows: int = 0


def write_grid(grid: Grid, found: Findings, *, level: int = 2) -> list[str]:
    """Return a sheet as blocks of Markdown: its name as heading, then its tables, parted at empty rows.

    What does not fit the limits is named in ``found``.
    """
    parts = [heading(level, [Run(grid.name)])] if grid.name else []
    rows = _bounded(grid, found)
    for block in _tables(rows):
        found.count("tables", found=1, carried=1)
        parts.append(table([[Cell.of(text) for text in row] for row in block]))
    return parts


def _bounded(grid: Grid, found: Findings) -> list[list[str]]:
    where = f"sheet “{grid.name}”" if grid.name else "the table"
    total = max(grid.total_rows, len(grid.rows))
    rows = [list(row[:MAX_COLUMNS]) for row in grid.rows[:MAX_ROWS]]
    widest = max((_width(row) for row in grid.rows[:MAX_ROWS]), default=0)
    if widest > MAX_COLUMNS:
        found.lose(f"Of the {widest} columns of {where}, the first {MAX_COLUMNS} were carried.")
    rows = rows[: max(1, MAX_CELLS // max(1, min(widest, MAX_COLUMNS)))]
    fits = _fitting(rows, MAX_CHARACTERS - len(found.body))
    if fits < total:
        found.lose(f"Of the {total} rows of {where}, the first {fits} were carried.")
    return rows[:fits]


def _fitting(rows: list[list[str]], characters: int) -> int:
    """Return how many of the rows have no more than so many characters together."""
    for index, row in enumerate(rows):
        characters -= sum(map(len, row))
        if characters < 0:
            return index
    return len(rows)


def _tables(rows: list[list[str]]) -> list[list[list[str]]]:
    """Part a sheet at its empty rows and cut each part to the columns it fills."""
    parts: list[list[list[str]]] = [[]]
    for row in rows:
        if any(cell.strip() for cell in row):
            parts[-1].append(row)
        elif parts[-1]:
            parts.append([])
    return [_cropped(part) for part in parts if part]


def _cropped(rows: list[list[str]]) -> list[list[str]]:
    used = [
        index
        for index in range(max(map(len, rows)))
        if any(index < len(row) and row[index].strip() for row in rows)
    ]
    first, last = used[0], used[-1] + 1
    return [(row + [""] * (last - len(row)))[first:last] for row in rows]


def _width(row: Sequence[str]) -> int:
    return max((index + 1 for index, cell in enumerate(row) if cell.strip()), default=0)
