"""Tables of a Markdown body as grids of cells: pipe tables, and HTML tables with merged cells and tables inside cells.

A cell that covers several places stands in each of them, as the same object; so what is merged can still be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lxml import etree, html

from kb.markdown_inline import html_text, inline_text

# Spans beyond this are slips of the program that wrote them, or meant to exhaust.
_LARGEST_SPAN: Final = 200
_MOST_CELLS: Final = 200_000
_CELL_END: Final = re.compile(r"\\.|(`+)|(\|)")
_BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)


@dataclass(eq=False, slots=True)
class Cell:
    """One cell: its text, a line for each paragraph, and the tables inside it."""

    text: str
    grids: list[Grid] = field(default_factory=list)


@dataclass(slots=True)
class Grid:
    """A table; all rows have the same length."""

    rows: list[list[Cell]]


Rows: TypeAlias = list[list[Cell]]


def distinct(cells: Iterable[Cell]) -> list[Cell]:
    """The cells without those that stand there again because they are merged."""
    seen: dict[int, Cell] = {}
    for cell in cells:
        seen.setdefault(id(cell), cell)
    return list(seen.values())


def of_pipe_table(lines: list[str]) -> Grid:
    """The grid of a pipe table: its lines, without the one that parts head and body."""
    rows = [
        [Cell(_tidy(inline_text(_BREAK.sub("\n", cell)))) for cell in _parted(line)]
        for line in lines
    ]
    return _squared(rows)


def of_html(markup: str) -> list[Grid]:
    """The grids of a piece of HTML, outermost tables only; nothing when it cannot be parsed."""
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return []
    return [_of_element(table) for table in root.iterchildren("table")]


def _of_element(table: html.HtmlElement) -> Grid:
    placed: dict[tuple[int, int], Cell] = {}
    height = 0
    for row, element in enumerate(_rows(table)):
        column = 0
        for item in element.iterchildren("td", "th"):
            while (row, column) in placed:
                column += 1
            cell = _cell(item)
            rows, columns = _span(item, "rowspan"), _span(item, "colspan")
            if len(placed) + rows * columns > _MOST_CELLS:
                break
            for down in range(rows):
                for right in range(columns):
                    placed.setdefault((row + down, column + right), cell)
            column += columns
        height = row + 1
    width = max((column for _row, column in placed), default=-1) + 1
    # A span may reach below the last row that is there; what hangs out is cut off.
    return Grid(
        [
            [placed.get((row, column)) or Cell("") for column in range(width)]
            for row in range(height)
        ]
    )


def _rows(table: html.HtmlElement) -> list[html.HtmlElement]:
    found = []
    for child in table.iterchildren():
        if child.tag == "tr":
            found.append(child)
        elif child.tag in {"thead", "tbody", "tfoot"}:
            found.extend(child.iterchildren("tr"))
    return found


def _cell(element: html.HtmlElement) -> Cell:
    grids = [
        _of_element(table) for table in element.iterdescendants("table") if _owner(table) is element
    ]
    for table in list(element.iterdescendants("table")):
        if _owner(table) is element:
            table.drop_tree()
    return Cell(
        _tidy(
            html_text(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
        ),
        grids,
    )


def _owner(table: html.HtmlElement) -> html.HtmlElement | None:
    """The cell a nested table stands in."""
    return next(table.iterancestors("td", "th"), None)


def _span(element: html.HtmlElement, name: str) -> int:
    value = element.get(name, "1").strip()
    return min(max(int(value), 1), _LARGEST_SPAN) if value.isdecimal() and len(value) < 6 else 1  # noqa: PLR2004


def _parted(line: str) -> list[str]:
    """The cells of one row of a pipe table; a bar that is escaped or within code parts nothing."""
    line = line.strip().removeprefix("|")
    cells, start, within = [], 0, 0
    for found in _CELL_END.finditer(line):
        if found[1]:
            within = 0 if within == len(found[1]) else within or len(found[1])
        elif found[2] and not within:
            cells.append(line[start : found.start()].strip())
            start = found.end()
    if line[start:].strip():
        cells.append(line[start:].strip())
    return cells


def _squared(rows: list[list[Cell]]) -> Grid:
    width = max(map(len, rows), default=0)
    return Grid([row + [Cell("") for _ in range(width - len(row))] for row in rows])


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
