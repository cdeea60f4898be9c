"""Tables of Word 97 to 2003: rows of cells one after another, divided and merged by edges and flags."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from ingest.readers.docx_model import Block, Cell, Paragraph, Row, Table
from ingest.readers.word97_changes import RowEdges

_NEAR: Final = 15  # twips: edges drawn by hand this close to each other are one


@dataclass(slots=True)
class TableRows:
    """Gathers the rows of one table in the order they stand in the text."""

    _rows: list[tuple[list[list[Block]], RowEdges | None]] = field(default_factory=list)
    _row: list[list[Block]] = field(default_factory=list)
    _cell: list[Block] = field(default_factory=list)

    def __bool__(self) -> bool:
        """True when anything stands in it."""
        return bool(self._rows or self._row or self._cell)

    @property
    def may_end(self) -> bool:
        """True when an empty cell may be the end of a row that is not marked as one."""
        return not self._row and not self._cell and bool(self._rows)

    def add(self, paragraph: Paragraph) -> None:
        """Put a paragraph into the open cell."""
        self._cell.append(paragraph)

    def end_cell(self) -> None:
        """Close the open cell."""
        self._row.append(self._cell)
        self._cell = []

    def end_row(self, edges: RowEdges | None) -> None:
        """Close the open row; an empty one is none."""
        if self._cell:
            self.end_cell()
        if self._row:
            self._rows.append((self._row, edges))
        self._row = []

    def table(self) -> Table:
        """The table, with merged cells where every row says how it is divided."""
        self.end_row(None)
        if all(_fits(cells, edges) for cells, edges in self._rows):
            return _merged([(cells, edges) for cells, edges in self._rows if edges])
        width = max(len(cells) for cells, _ in self._rows)
        return Table(
            [
                Row([Cell(cell) for cell in [*cells, *([[]] * (width - len(cells)))]])
                for cells, _ in self._rows
            ]
        )


def _fits(cells: list[list[Block]], edges: RowEdges | None) -> bool:
    return edges is not None and len(cells) < len(edges.edges)


def _merged(rows: list[tuple[list[list[Block]], RowEdges]]) -> Table:
    columns = _columns([edges.edges for _, edges in rows])
    above: dict[int, Cell] = {}  # the cell that reaches down to this row, by its first column
    made: list[Row] = []
    for cells, edges in rows:
        row: list[Cell] = []
        reaching: dict[int, Cell] = {}
        for at, blocks in enumerate(cells):
            first = columns[edges.edges[at]]
            # Where there are fewer cells than edges, the last one reaches to the end.
            end = edges.edges[at + 1 if at + 1 < len(cells) else -1]
            width = max(columns[end] - first, 1)
            if at in edges.covered and row:
                row[-1].columns += width
                row[-1].blocks += blocks
                continue
            upper = above.get(first)
            if at in edges.goes_on and upper is not None and upper.columns == width:
                upper.rows += 1
                upper.blocks += blocks
                reaching[first] = upper
                continue
            row.append(Cell(list(blocks), columns=width))
            reaching[first] = row[-1]
        above = reaching
        made.append(Row(row))
    return Table(made)


def _columns(rows: list[tuple[int, ...]]) -> dict[int, int]:
    """The column that begins at each edge; edges that nearly meet are one."""
    columns: dict[int, int] = {}
    column, last = -1, -(10**6)
    for edge in sorted({edge for edges in rows for edge in edges}):
        if edge - last > _NEAR:
            column, last = column + 1, edge
        columns[edge] = column
    return columns
