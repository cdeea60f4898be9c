"""What an Excel 97 to 2003 sheet holds beside its cells, and every word of its cells by another look ([MS-XLS]).

Calamine reads the cells; comments, text boxes, labels of controls, words of charts, page headers and footers stand in
records that it passes over.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple

_RECORD: Final = struct.Struct("<HH")  # kind and length
_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_SHEET, _STRINGS = 0x0085, 0x00FC
_OBJECT, _TEXT, _NOTE = 0x005D, 0x01B6, 0x001C
_HEADER, _FOOTER = 0x0014, 0x0015
_CHART_TEXT: Final = 0x100D
_LABEL_SHARED, _LABEL, _RICH_LABEL, _RESULT = 0x00FD, 0x0204, 0x00D6, 0x0207
_EXCEL_97: Final = 0x0600
_WORKSHEET: Final = 0
_COMMENT: Final = 0x19  # the kind of object that is the box of a comment
_LETTERS: Final = 26
# Codes of page headers: parts, page numbers, fonts, sizes, colours.
_CODE: Final = re.compile(
    r'&(?:[LCRPNDTAFZGBIUESXYHO&]|"[^"]*"|\d{1,3}|K(?:[0-9A-F]{6}|\d\d[+-]\d{3}))'
)


class Comment(NamedTuple):
    """A comment: the cell it belongs to, e.g. ``B3``, and its text."""

    cell: str
    text: str


@dataclass(slots=True)
class Beside:
    """What one sheet holds beside its cells.

    Attributes:
        boxes: texts of text boxes, shapes and controls.
        charts: for each chart its words, each once: titles, axes, names of its rows and columns.
        comments: comments on cells.
        header: page header and footer, without their codes.
        words: every text of the cells.
    """

    boxes: list[str] = field(default_factory=list)
    charts: list[list[str]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    header: str = ""
    words: list[str] = field(default_factory=list)


def beside_cells(book: bytes) -> dict[str, Beside]:
    """Return what each worksheet of an Excel 97 stream holds beside its cells, by its name.

    Nothing for older streams; what is cut off or contradicts itself is left out.
    """
    if len(book) < 6 or struct.unpack_from("<H", book, 4)[0] != _EXCEL_97:  # noqa: PLR2004  head and version
        return {}
    sheets: dict[str, int] = {}
    shared: list[str] = []
    for kind, parts in _records(book, 0):
        content = parts[0]
        if kind == _SHEET and len(content) > 8 and content[5] == _WORKSHEET:  # noqa: PLR2004  place, flags, name
            sheets[_short(content, 6)] = struct.unpack_from("<I", content)[0]
        elif kind == _STRINGS:
            shared = _shared(parts)
    return {name: _sheet(book, place, shared) for name, place in sheets.items()}


def without_codes(header: str) -> str:
    """The words of a page header or footer, without the codes for parts, fonts, colours and page numbers."""
    return " ".join(_CODE.sub(lambda code: "&" if code[0] == "&&" else " ", header).split())


def _records(book: bytes, at: int) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the records of one stream within a book with what continues them, to its end."""
    depth = 0
    kind, parts = 0, list[bytes]()
    while at + _RECORD.size <= len(book):
        next_kind, length = _RECORD.unpack_from(book, at)
        content = book[at + _RECORD.size : at + _RECORD.size + length]
        at += _RECORD.size + length
        if next_kind == _CONTINUE and parts:
            parts.append(content)
            continue
        if parts:
            yield kind, parts
        kind, parts = next_kind, [content]
        depth += (kind == _BOF) - (kind == _EOF)
        if not depth:
            break
    if parts:
        yield kind, parts


class _Sheet:
    """Takes the records of one sheet in their order."""

    def __init__(self, shared: list[str]) -> None:
        self.found = Beside()
        self._shared = shared
        self._texts: dict[int, str] = {}  # of comments, by their box
        self._depth = 0
        self._object = (0, 0)  # kind and number of the last one

    def take(self, kind: int, parts: list[bytes]) -> None:
        """Take a record; within the sheet, or within a chart on it."""
        content = parts[0]
        if kind == _BOF:
            self._depth += 1
            if self._depth > 1:
                self.found.charts.append([])
        elif kind == _EOF:
            self._depth -= 1
        elif kind == _OBJECT:
            self._object = struct.unpack_from("<HH", content, 4)
        elif kind == _TEXT:
            self._box(_text(parts))
        elif kind == _NOTE:
            row, column, _, box = struct.unpack_from("<HHHH", content)
            if box in self._texts:
                self.found.comments.append(Comment(_cell(row, column), self._texts.pop(box)))
        elif self._depth > 1:
            words = (
                [_short(content, 2)]
                if kind == _CHART_TEXT
                else _cell_text(kind, content, self._shared)
            )
            self.found.charts[-1] += [word for word in words if word.strip()]
        elif kind in (_HEADER, _FOOTER):
            self._margin(content)
        else:
            self.found.words += _cell_text(kind, content, self._shared)

    def end(self) -> Beside:
        """What was found; boxes of comments whose cell is not told are text boxes."""
        self.found.boxes += self._texts.values()
        self.found.charts = [list(dict.fromkeys(words)) for words in self.found.charts if words]
        return self.found

    def _box(self, text: str) -> None:
        kind, number = self._object
        if text and kind == _COMMENT:
            self._texts[number] = text
        elif text:
            self.found.boxes.append(text)

    def _margin(self, content: bytes) -> None:
        if len(content) > 3:  # noqa: PLR2004  length and flags
            told = without_codes(_long(content, 0))
            self.found.header = " · ".join(filter(None, (self.found.header, told)))


def _sheet(book: bytes, place: int, shared: list[str]) -> Beside:
    sheet = _Sheet(shared)
    for kind, parts in _records(book, place):
        with suppress(struct.error, IndexError):
            sheet.take(kind, parts)
    return sheet.end()


def _cell_text(kind: int, content: bytes, shared: list[str]) -> list[str]:
    if kind == _LABEL_SHARED:
        at = struct.unpack_from("<I", content, 6)[0]
        return [shared[at]] if at < len(shared) else []
    if kind in (_LABEL, _RICH_LABEL):
        return [_long(content, 6)]
    return [_long(content, 0)] if kind == _RESULT else []


def _text(parts: list[bytes]) -> str:
    """The text of a box: its record tells how long it is, the next ones hold it, each with its own width."""
    left = struct.unpack_from("<H", parts[0], 10)[0]
    text = ""
    for part in parts[1:]:
        if not left or not part:
            break
        piece = _decoded(part[1:], left, wide=bool(part[0] & 1))
        left -= len(piece)
        text += piece
    return _paired(text).strip()


def _shared(parts: list[bytes]) -> list[str]:
    """Read the texts that cells share; one that is cut goes on, with a width of its own, in the next record."""
    reader = _Reader(parts)
    reader.take(4)
    count = int.from_bytes(reader.take(4), "little")
    texts: list[str] = []
    while len(texts) < count and reader.more:
        length = int.from_bytes(reader.take(2), "little")
        flags = int.from_bytes(reader.take(1), "little")
        rich = int.from_bytes(reader.take(2), "little") if flags & 8 else 0
        phonetic = int.from_bytes(reader.take(4), "little") if flags & 4 else 0
        texts.append(reader.text(length, wide=bool(flags & 1)))
        reader.take(4 * rich + phonetic)
    return texts


class _Reader:
    """Reads bytes that lie in several records."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts = parts
        self._part = 0
        self._at = 0

    @property
    def more(self) -> bool:
        """True while there is anything left."""
        self._next()
        return self._part < len(self._parts)

    def take(self, count: int) -> bytes:
        """Return the next bytes; fewer at the end."""
        taken = b""
        while count > 0 and self.more:
            piece = self._parts[self._part][self._at : self._at + count]
            self._at += len(piece)
            count -= len(piece)
            taken += piece
        return taken

    def text(self, length: int, *, wide: bool) -> str:
        """Return a text of so many UTF-16 units."""
        units: list[str] = []
        while length > 0 and self.more:
            if self._at == 0 and self._part:
                wide = bool(self.take(1)[0] & 1)
            left = self._parts[self._part][self._at :]
            piece = _decoded(left, length, wide=wide)
            if not piece:
                break
            units.append(piece)
            self._at += len(piece) * (2 if wide else 1)
            length -= len(piece)
        return _paired("".join(units))

    def _next(self) -> None:
        while self._part < len(self._parts) and self._at >= len(self._parts[self._part]):
            self._part, self._at = self._part + 1, 0


def _short(content: bytes, at: int) -> str:
    return _paired(_decoded(content[at + 2 :], content[at], wide=bool(content[at + 1] & 1)))


def _long(content: bytes, at: int) -> str:
    length, flags = struct.unpack_from("<HB", content, at)
    return _paired(_decoded(content[at + 3 :], length, wide=bool(flags & 1)))


def _decoded(content: bytes, length: int, *, wide: bool) -> str:
    """Up to ``length`` characters; a pair of UTF-16 stays two here, as the lengths count it."""
    if not wide:
        return content[:length].decode("latin-1")
    units = content[: 2 * length]
    return "".join(map(chr, struct.unpack(f"<{len(units) // 2}H", units[: len(units) // 2 * 2])))


def _paired(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _cell(row: int, column: int) -> str:
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, _LETTERS)
        name = chr(ord("A") + digit) + name
    return f"{name}{row + 1}"
