"""Tables of a PDF page, told by the lines that are drawn around their cells.

A PDF has no tables, only lines and letters. Lines that cross make a lattice; its places are cells, and where a line
is missing between two places, the cell covers both. Tables without lines are not told from text set in columns.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

_NEAR: Final = (
    3.0  # points: lines closer than this are one, both sides of a thin rectangle above all
)
_LONG: Final = 6.0  # points: what is shorter is a dot, a tick or a piece of a sign
_MAX_RULES: Final = (
    4_000  # of one page; a page of maps or drawings has more, and no table we could tell
)
_MAX_PLACES: Final = 5_000  # of one lattice: a page full of the smallest cells has 3,000
_DEPTH: Final = 3  # how far drawings may be nested
_FEWEST: Final = 2  # rows and columns of a table

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line, across or down: where it stands, and from where to where it reaches, in points."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Box:
    """A cell: its first place, how many places it covers, and where it lies on the page."""

    row: int
    column: int
    rows: int
    columns: int
    left: float
    bottom: float
    right: float
    top: float


@dataclass(slots=True)
class Lattice:
    """A table: its cells, from the upper left."""

    boxes: list[Box] = field(default_factory=list)

    def holding(self, x: float, y: float) -> int | None:
        """The number of the cell a point lies in, or None."""
        for number, box in enumerate(self.boxes):
            if box.left <= x < box.right and box.bottom <= y < box.top:
                return number
        return None


def lattices(page: pdfium.PdfPage) -> list[Lattice]:
    """Return the tables of a page that are drawn with lines."""
    across: list[Rule] = []
    down: list[Rule] = []
    for first, second in _strokes(page):
        if len(across) + len(down) > _MAX_RULES:
            return []
        (x1, y1), (x2, y2) = sorted((first, second))
        if abs(y1 - y2) < 1 and x2 - x1 >= _LONG:
            across.append(Rule((y1 + y2) / 2, x1, x2))
        elif abs(x1 - x2) < 1 and abs(y2 - y1) >= _LONG:
            down.append(Rule((x1 + x2) / 2, *sorted((y1, y2))))
    return of_rules(across, down)


def of_rules(across: Iterable[Rule], down: Iterable[Rule]) -> list[Lattice]:
    """Return the tables that lines make: each group of lines that touch, where they part at least four places."""
    across, down = _joined(across), _joined(down)
    found = []
    for rows, columns in _groups(across, down):
        lattice = _lattice(rows, columns)
        if lattice is not None:
            found.append(lattice)
    return found


def _strokes(page: pdfium.PdfPage) -> Iterator[tuple[Point, Point]]:
    """Yield the straight pieces of everything drawn on a page."""
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=_DEPTH):
        matrix = item.get_matrix().get()
        container = item.container
        while container is not None:
            matrix = _multiplied(matrix, container.get_matrix().get())
            container = container.container
        yield from _pieces(item.raw, matrix)


def _pieces(path: pdfium_c.FPDF_PAGEOBJECT, matrix: Matrix) -> Iterator[tuple[Point, Point]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    begun: Point | None = None
    last: Point | None = None
    for index in range(min(pdfium_c.FPDFPath_CountSegments(path), _MAX_RULES)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path, index)
        if not pdfium_c.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = _moved((x.value, y.value), matrix)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            begun = point
        elif kind == pdfium_c.FPDF_SEGMENT_LINETO and last is not None:
            yield last, point
        last = point
        if begun is not None and pdfium_c.FPDFPathSegment_GetClose(segment):
            yield point, begun


def _multiplied(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _moved(point: Point, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    return a * point[0] + c * point[1] + e, b * point[0] + d * point[1] + f


def _joined(rules: Iterable[Rule]) -> list[Rule]:
    """Join lines that stand in one place and touch: the border of each cell is often drawn by itself."""
    joined: list[Rule] = []
    for group in _clusters(sorted(rules, key=lambda rule: rule.at)):
        at = sum(rule.at for rule in group) / len(group)
        start, end = group[0].start, group[0].end
        for rule in sorted(group, key=lambda rule: rule.start):
            if rule.start > end + _NEAR:
                joined.append(Rule(at, start, end))
                start, end = rule.start, rule.end
            start, end = min(start, rule.start), max(end, rule.end)
        joined.append(Rule(at, start, end))
    return joined


def _clusters(rules: Sequence[Rule]) -> Iterator[list[Rule]]:
    group: list[Rule] = []
    for rule in rules:
        if group and rule.at - group[-1].at > _NEAR:
            yield [*sorted(group, key=lambda one: one.start)]
            group = []
        group.append(rule)
    if group:
        yield [*sorted(group, key=lambda one: one.start)]


def _groups(across: list[Rule], down: list[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the lines that hang together, by crossing or touching each other."""
    left_across, left_down = list(across), list(down)
    while left_across:
        rows, columns = [left_across.pop()], list[Rule]()
        grown = True
        while grown:
            touching = [one for one in left_down if any(_touch(row, one) for row in rows)]
            left_down = [one for one in left_down if one not in touching]
            columns += touching
            more = [one for one in left_across if any(_touch(one, column) for column in columns)]
            left_across = [one for one in left_across if one not in more]
            rows += more
            grown = bool(touching or more)
        yield rows, columns


def _touch(row: Rule, column: Rule) -> bool:
    return (
        row.start - _NEAR <= column.at <= row.end + _NEAR
        and column.start - _NEAR <= row.at <= column.end + _NEAR
    )


def _lattice(rows: list[Rule], columns: list[Rule]) -> Lattice | None:
    ys = sorted({rule.at for rule in rows}, reverse=True)
    xs = sorted({rule.at for rule in columns})
    height, width = len(ys) - 1, len(xs) - 1
    if height < _FEWEST or width < _FEWEST or height * width > _MAX_PLACES:
        return None
    taken: set[tuple[int, int]] = set()
    lattice = Lattice()
    for row in range(height):
        for column in range(width):
            if (row, column) in taken:
                continue
            across, down = _covered(rows, columns, xs, ys, (row, column))
            places = {(row + i, column + j) for i in range(down) for j in range(across)}
            if places & taken:
                return None  # cells that are no rectangles: a drawing
            taken |= places
            lattice.boxes.append(
                Box(
                    row,
                    column,
                    down,
                    across,
                    xs[column],
                    ys[row + down],
                    xs[column + across],
                    ys[row],
                )
            )
    return lattice


def _covered(
    rows: list[Rule], columns: list[Rule], xs: list[float], ys: list[float], place: tuple[int, int]
) -> tuple[int, int]:
    """How many places a cell covers to the right and downwards: to the next line on each side."""
    row, column = place
    middle_y = (ys[row] + ys[row + 1]) / 2
    across = 1
    while column + across < len(xs) - 1 and not _drawn(columns, xs[column + across], middle_y):
        across += 1
    middle_x = (xs[column] + xs[column + 1]) / 2
    down = 1
    while row + down < len(ys) - 1 and not _drawn(rows, ys[row + down], middle_x):
        down += 1
    return across, down


def _drawn(rules: list[Rule], at: float, where: float) -> bool:
    return any(rule.at == at and rule.start <= where <= rule.end for rule in rules)
