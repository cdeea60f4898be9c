"""Tables of Word: rows and cells found wherever they are wrapped, merged cells worked out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from lxml import etree

from ingest.readers.docx_model import Cell, Row, Table
from ingest.readers.docx_names import MC_ALTERNATE, MC_CHOICE, MC_FALLBACK, VAL, w
from ingest.readers.docx_styles import is_on, number

if TYPE_CHECKING:
    from ingest.readers.docx_story import Story

MOST_COLUMNS: Final = 1_000  # a cell cannot span more; Word itself ends at 63


def read_table(story: Story, element: etree._Element) -> Table | None:
    """Read a ``w:tbl``; None when nothing of it is left, because all rows were deleted."""
    rows: list[Row] = []
    above: dict[int, Cell] = {}  # by column: the cell that a merged one below belongs to
    for row in _wrapped(element, _ROW):
        if _is_deleted(row):
            continue
        rows.append(_read_row(story, row, above))
    if not any(row.cells for row in rows):
        return None
    story.context.tally.carry("tables")
    return Table(rows)


def _read_row(story: Story, element: etree._Element, above: dict[int, Cell]) -> Row:
    properties = element.find(_ROW_PROPERTIES)
    column = _skipped(properties, _GRID_BEFORE)
    row = Row([], header=_has(properties, _HEADER))
    covered: dict[int, Cell] = {}
    if column:
        row.cells.append(Cell([], columns=column))
    last_horizontal: Cell | None = None
    for cell_element in _wrapped(element, _CELL):
        span, down, across = _merging(cell_element.find(_CELL_PROPERTIES))
        blocks = story.apart(cell_element)
        owner = above.get(column) if down == "continue" else None
        if across == "continue" and last_horizontal is not None:
            # An older way to merge: the cells to the right stay and are marked.
            last_horizontal.columns += span
            last_horizontal.blocks += blocks
        elif owner is not None and owner.columns == span:
            owner.rows += 1
            owner.blocks += blocks  # Word shows no text here, but programs have left some
            covered[column] = owner
        else:
            cell = Cell(blocks, columns=span)
            row.cells.append(cell)
            last_horizontal = cell if across == "restart" else None
            if down:
                covered[column] = cell
        column += span
    if after := _skipped(properties, _GRID_AFTER):
        row.cells.append(Cell([], columns=after))
    above.clear()
    above.update(covered)
    return row


def _wrapped(element: Iterable[etree._Element], wanted: str) -> Iterator[etree._Element]:
    """The rows or cells in an element, also those in content controls, custom XML and revisions."""
    for child in element:
        tag = child.tag
        if tag == wanted:
            yield child
        elif tag == MC_ALTERNATE:
            copies = (*child.iterchildren(MC_CHOICE), *child.iterchildren(MC_FALLBACK))
            yield from next(
                (found for copy in copies if (found := list(_wrapped(copy, wanted)))), []
            )
        elif tag in _WRAPPERS:
            yield from _wrapped(child, wanted)


def _merging(properties: etree._Element | None) -> tuple[int, str, str]:
    """How many columns a cell spans, and how it is merged downwards and across: ``restart``, ``continue`` or no."""
    if properties is None:
        return 1, "", ""
    span = properties.find(_SPAN)
    columns = number(span.get(VAL), 1) if span is not None else 1
    return (
        min(max(columns, 1), MOST_COLUMNS),
        _merge(properties.find(_DOWN)),
        _merge(properties.find(_ACROSS)),
    )


def _merge(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return "restart" if element.get(VAL) == "restart" else "continue"


def _is_deleted(row: etree._Element) -> bool:
    properties = row.find(_ROW_PROPERTIES)
    return properties is not None and properties.find(_DELETED) is not None


def _skipped(properties: etree._Element | None, name: str) -> int:
    element = properties.find(name) if properties is not None else None
    return min(max(number(element.get(VAL), 0), 0), MOST_COLUMNS) if element is not None else 0


def _has(properties: etree._Element | None, name: str) -> bool:
    element = properties.find(name) if properties is not None else None
    return element is not None and is_on(element.get(VAL))


_ROW: Final = w("tr")
_CELL: Final = w("tc")
_ROW_PROPERTIES: Final = w("trPr")
_CELL_PROPERTIES: Final = w("tcPr")
_GRID_BEFORE: Final = w("gridBefore")
_GRID_AFTER: Final = w("gridAfter")
_HEADER: Final = w("tblHeader")
_SPAN: Final = w("gridSpan")
_DOWN: Final = w("vMerge")
_ACROSS: Final = w("hMerge")
_DELETED: Final = w("del")
_WRAPPERS: Final = frozenset(
    w(name) for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")
)
