"""The lines of a PDF page in reading order, with a table that is drawn with lines as one of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pypdfium2 as pdfium

from ingest.readers.pdf_letters import RawLine, box_of, line_of, raw_lines
from ingest.readers.pdf_lines import Line, cell_text
from ingest.readers.pdf_rules import Lattice, lattices
from ingest.readers.writing import Cell, Run, table

_FEWEST_CELLS: Final = 3  # with words in them, from which on a lattice is a table


def page_lines(page: pdfium.PdfPage) -> list[Line]:
    """Return the lines of a page in reading order.

    Raises:
        pypdfium2.PdfiumError: the page cannot be read.
    """
    text_page = page.get_textpage()
    try:
        height = page.get_height()
        raw = raw_lines(text_page)
        lines = [
            found or line_of(text_page, text, indexes, height)
            for text, indexes, found in _with_tables(text_page, raw, lattices(page), height)
        ]
    finally:
        text_page.close()
    return [line for line in lines if line.text]


def _with_tables(
    text_page: pdfium.PdfTextPage, raw: list[RawLine], tables: list[Lattice], height: float
) -> Iterator[tuple[str, list[int], Line | None]]:
    """Yield raw lines, and, where the first letter of a table stands, the table as one line."""
    if not tables:
        yield from ((text, indexes, None) for text, indexes in raw)
        return
    cells: dict[tuple[int, int], list[RawLine]] = {}
    outside: list[tuple[str, list[int], int | None]] = []
    for text, indexes in raw:
        for (number, cell), piece in _parted(text_page, text, indexes, tables):
            if number < 0:
                outside.append((*piece, None))
                continue
            if not any(at == number for at, _ in cells):
                outside.append(("", [], number))
            cells.setdefault((number, cell), []).append(piece)
    for text, indexes, which in outside:
        if which is None:
            yield text, indexes, None
            continue
        own = {cell: pieces for (number, cell), pieces in cells.items() if number == which}
        if 2 * len(own) < len(tables[which].boxes) or len(own) < _FEWEST_CELLS:
            # A drawing, or an empty form: its words are lines like others.
            yield from ((*piece, None) for pieces in own.values() for piece in pieces)
        else:
            filled = {
                cell: [line_of(text_page, *piece, height) for piece in pieces]
                for cell, pieces in own.items()
            }
            yield "", [], _table(tables[which], filled)


def _parted(
    text_page: pdfium.PdfTextPage, text: str, indexes: list[int], tables: list[Lattice]
) -> Iterator[tuple[tuple[int, int], RawLine]]:
    """Part a raw line where it goes from one cell to the next, or out of a table: (-1, 0) is outside."""
    place, letters, places = (-1, 0), list[str](), list[int]()
    for letter, index in zip(text, indexes, strict=False):
        now = place if letter.isspace() else _place(text_page, index, tables)
        if now != place and letters:
            yield place, ("".join(letters), places)
            letters, places = [], []
        place = now
        letters.append(letter)
        places.append(index)
    if letters:
        yield place, ("".join(letters), places)


def _place(text_page: pdfium.PdfTextPage, index: int, tables: list[Lattice]) -> tuple[int, int]:
    box = box_of(text_page, index)
    if box is None:
        return -1, 0
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    for number, lattice in enumerate(tables):
        cell = lattice.holding(x, y)
        if cell is not None:
            return number, cell
    return -1, 0


def _table(lattice: Lattice, filled: dict[int, list[Line]]) -> Line:
    """A table as one line: its words, and its Markdown."""
    rows: dict[int, list[Cell]] = {}
    words: list[str] = []
    for number, box in enumerate(lattice.boxes):
        texts = cell_text([line for line in filled.get(number, []) if line.text], box.right)
        words += texts
        cell = Cell([[Run(text)] for text in texts], columns=box.columns, rows=box.rows)
        rows.setdefault(box.row, []).append(cell)
    last = max(box.row + box.rows for box in lattice.boxes)
    return Line(
        " ".join(words),
        min(box.left for box in lattice.boxes),
        max(box.right for box in lattice.boxes),
        min(box.bottom for box in lattice.boxes),
        max(box.top for box in lattice.boxes),
        0,
        table=table([rows.get(row, []) for row in range(last)]),
    )
