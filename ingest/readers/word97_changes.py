"""Property changes of Word 97 to 2003 (sprm, [MS-DOC] 2.6): lists of number and operand, and what they make of text."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

_IN_TABLE: Final = 0x2416
_ROW_END: Final = 0x2417
_OUTLINE: Final = 0x2640
_LIST: Final = 0x460B
_LIST_LEVEL: Final = 0x260A
_CENTRED: Final = frozenset({0x2403, 0x2461})
_ROW: Final = 0xD608
_MERGED: Final = 0x5624  # the cells from the first to before the second are one
_MERGED_DOWN: Final = 0xD62B  # a cell, and 1 when it goes on from above
_DELETED: Final = 0x0800
_BOLD: Final = 0x0835
_ITALIC: Final = 0x0836
_HIDDEN: Final = 0x083C
_SIZE: Final = 0x4A43
_MIDDLE: Final = 1
_OPPOSITE: Final = 0x81  # of what the style says
_NO_LIST_FROM: Final = 0xF801  # lists taken away again, and those of Word 6
_BODY_TEXT: Final = 9  # the outline level that is none
# Bytes of an operand by the top three bits of its property ([2.2.5.1]); 6 carries its own length.
_OPERANDS: Final = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_LONG_OPERANDS: Final = frozenset({0xD608, 0xC615})
_CELL: Final = 20  # bytes that describe a cell of a row ([2.9.318])


@dataclass(frozen=True, slots=True)
class Looks:
    """How a stretch of text looks; for paragraphs: style, level and place.

    Attributes:
        outline: 0 to 8, or -1 where the paragraph itself does not say.
        list_id: number of the list it belongs to; 0 for none; -1 where only the style says.
        list_level: 0 to 8, or -1 likewise.
        bold: None where only the style says.
        size: in half points; 0 where only the style says.
        row: how the row that ends here is divided, or None.
    """

    style: int = 0
    outline: int = -1
    list_id: int = -1
    list_level: int = -1
    in_table: bool = False
    row_end: bool = False
    centred: bool = False
    bold: bool | None = None
    italic: bool = False
    hidden: bool = False
    size: int = 0
    row: RowEdges | None = None


@dataclass(frozen=True, slots=True)
class RowEdges:
    """A row of a table: its edges from left to right (twips), and how each cell is merged with others.

    Attributes:
        covered: cells that belong to the one on their left.
        goes_on: cells that belong to the one above.
    """

    edges: tuple[int, ...]
    covered: frozenset[int]
    goes_on: frozenset[int]


def looks_of(style: int, changes: bytes) -> Looks:
    """Return the looks a list of property changes makes."""
    values, row = _read(changes)
    outline = values.get(_OUTLINE, -1)
    list_id = values.get(_LIST, -1)
    return Looks(
        style=style,
        outline=outline if 0 <= outline < _BODY_TEXT else -1,
        list_id=0 if list_id >= _NO_LIST_FROM else list_id,
        list_level=min(values[_LIST_LEVEL], 8) if _LIST_LEVEL in values else -1,
        in_table=bool(values.get(_IN_TABLE)),
        row_end=bool(values.get(_ROW_END)),
        centred=any(values.get(one) == _MIDDLE for one in _CENTRED),
        bold={0: False, 1: True, _OPPOSITE: True}.get(values.get(_BOLD, -1)),
        italic=values.get(_ITALIC) == 1,
        hidden=values.get(_HIDDEN) == 1 or values.get(_DELETED) == 1,
        size=values.get(_SIZE, 0),
        row=row,
    )


def _read(changes: bytes) -> tuple[dict[int, int], RowEdges | None]:
    values: dict[int, int] = {}
    row: RowEdges | None = None
    at = 0
    while at + 2 < len(changes):
        sprm = struct.unpack_from("<H", changes, at)[0]
        at += 2
        if sprm in _LONG_OPERANDS and at + 2 <= len(changes):
            size = struct.unpack_from("<H", changes, at)[0] + 1
            if sprm == _ROW:
                row = _row(changes[at + 2 : at + size])
        elif sprm >> 13 == 6:  # noqa: PLR2004  the operand begins with its own length
            size = 1 + changes[at]
        else:
            size = _OPERANDS[sprm >> 13]
        if row and sprm in (_MERGED, _MERGED_DOWN) and at + size <= len(changes):
            row = _merged(row, sprm, changes[at : at + size])
        values[sprm] = int.from_bytes(changes[at : at + min(size, 4)], "little")
        at += size
    return values, row


def _row(operand: bytes) -> RowEdges | None:
    """Read how a row is divided ([2.9.321]); None where it contradicts itself."""
    count = operand[0] if operand else 0
    if not count or len(operand) < 1 + 2 * (count + 1):
        return None
    edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
    if any(right < left for left, right in pairwise(edges)):
        return None
    start = 1 + 2 * (count + 1)
    flags = [
        struct.unpack_from("<H", operand, start + _CELL * cell)[0]
        for cell in range(min(count, (len(operand) - start) // _CELL))
    ]
    return RowEdges(
        edges,
        frozenset(cell for cell, flag in enumerate(flags) if flag & 3 == 1),
        frozenset(cell for cell, flag in enumerate(flags) if flag >> 5 & 3 == 1),
    )


def _merged(row: RowEdges, sprm: int, operand: bytes) -> RowEdges:
    """Merge cells of a row that is already divided ([2.6.3], sprmTMerge and sprmTVertMerge)."""
    if sprm == _MERGED:
        first, end = operand[0], operand[1]
        return replace(row, covered=row.covered | frozenset(range(first + 1, end)))
    if len(operand) > 2 and operand[2] == 1:  # noqa: PLR2004  length, cell, flag
        return replace(row, goes_on=row.goes_on | {operand[1]})
    return row
