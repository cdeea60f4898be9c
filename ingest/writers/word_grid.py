"""The grid of an HTML table: which cell covers which column of which row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import html as lxml_html

# Word cannot open tables that are wider, and nobody can read them.
MOST_COLUMNS: Final = 63
# No table has more rows or columns than a number of so many digits; others are slips.
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Place:
    """A cell as one row sees it.

    Attributes:
        element: the cell; None where the row has none.
        span: how many columns it takes.
        first: whether this is its first row.
        rows: how many rows it takes.
    """

    element: lxml_html.HtmlElement | None
    span: int = 1
    first: bool = True
    rows: int = 1


def grid(rows: Sequence[lxml_html.HtmlElement]) -> list[list[Place]]:
    """For each row its places, one for each column that is covered, in order.

    The algorithm is that of the HTML standard (“forming a table”) without its recovery from errors.
    """
    made: list[list[Place]] = []
    # What hangs down into a row and column from above.
    hanging: dict[tuple[int, int], Place] = {}
    for number, row in enumerate(rows):
        line: list[Place] = []
        for cell in (each for each in row if each.tag in {"td", "th"}):
            _hang(line, number, hanging)
            at = len(line)
            if at >= MOST_COLUMNS:
                break
            span = min(_count(cell.get("colspan")), MOST_COLUMNS - at)
            # A cell that would run into one that hangs down ends before it.
            span = next((n for n in range(1, span) if (number, at + n) in hanging), span)
            down = min(_count(cell.get("rowspan")), len(rows) - number)
            line += [Place(cell, span, rows=down)] * span
            later = Place(cell, span, first=False, rows=down)
            hanging |= {
                (number + below, at + beside): later
                for below in range(1, down)
                for beside in range(span)
            }
        _hang(line, number, hanging)
        made.append(line)
    return made


def _hang(line: list[Place], row: int, hanging: dict[tuple[int, int], Place]) -> None:
    while (row, len(line)) in hanging:
        line.append(hanging[row, len(line)])


def _count(text: str | None) -> int:
    return max(int(text), 1) if text and text.isdecimal() and len(text) <= _DIGITS else 1
