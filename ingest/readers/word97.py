"""The binary structures of Word 97 to 2003 files (.doc, .dot, and .wps of Kingsoft): text and looks.

Source: Microsoft, [MS-DOC], sections in brackets. A file is one stream of text in pieces, beside
tables that say which paragraph style and which looks belong to which stretch of it. Word 6 and 95
([MS-DOC] leaves them out; the layout of their head is in Microsoft's "Word 6.0 file format") keep
the text in one run, or in pieces, of single bytes in the code page of its language.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ingest.readers.word97_changes import Looks, looks_of
from ingest.readers.word97_lists import Lists, read_lists
from ingest.readers.word97_styles import Style, read_styles

WORD_97: Final = 0xA5EC
WORD_95: Final = frozenset({0xA5DC, 0xA5DB})
_ENCRYPTED: Final = 0x0100
_TABLE_1: Final = 0x0200
_COMPLEX: Final = 0x0004

# Offset in the head of a byte that is odd in files made on a Mac.
_MADE_ON: Final = 0x12
# Offsets in the head (FIB, [2.5.1]) of the lengths of the texts, in the order the texts follow each other.
_LENGTHS: Final = (
    ("body", 0x4C),
    ("footnotes", 0x50),
    ("headers", 0x54),
    ("macros", 0x58),
    ("comments", 0x5C),
    ("endnotes", 0x60),
    ("text boxes", 0x64),
    ("header text boxes", 0x68),
)
# Offsets of (place, length) pairs of tables in the table stream ([2.5.6]).
_PAIRS: Final = {
    "styles": 0xA2,
    "footnote references": 0xAA,
    "footnote texts": 0xB2,
    "comment texts": 0xD2,
    "character looks": 0xFA,
    "paragraph looks": 0x102,
    "pieces": 0x1A2,
    "endnote references": 0x20A,
    "endnote texts": 0x212,
    "lists": 0x2E2,
    "uses of lists": 0x2EA,
}
_PAGE: Final = 512  # bytes of a page of looks (FKP, [2.9.]))
_COMPRESSED: Final = 0x40000000

_MAX_PIECES: Final = 1_000_000

# Languages by the low ten bits of their number, with the code page of single-byte Word texts in them.
_LANGUAGES: Final = {
    0x0804: "gb18030",
    0x1004: "gb18030",
    0x0404: "big5hkscs",
    0x0C04: "big5hkscs",
    0x0411: "cp932",
    0x0412: "cp949",
    0x0419: "cp1251",
    0x0408: "cp1253",
}


class Broken(Exception):
    """The structures contradict each other; the message says which."""


class Encrypted(Exception):
    """The text is encrypted."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text: its first place, its length, and where its bytes are."""

    start: int
    length: int
    offset: int
    width: int  # bytes of a character


@dataclass(slots=True)
class WordText:
    """The text of a file.

    Attributes:
        text: all of it; its parts follow each other.
        parts: first place and place after the last of each part in ``text``: ``body``, ``footnotes``, ``headers`` …
        places: for ``footnotes`` and ``endnotes`` where each is called in the body, and for these and ``comments``
            where each begins in its part.
        styles: the paragraph styles by their number.
        lists: counts its numbered paragraphs.
    """

    text: str = ""
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    references: dict[str, list[int]] = field(default_factory=dict)
    starts: dict[str, list[int]] = field(default_factory=dict)
    styles: dict[int, Style] = field(default_factory=dict)
    lists: Lists = field(default_factory=lambda: Lists([]))
    _pieces: list[_Piece] = field(default_factory=list)
    _paragraphs: _Runs = field(default_factory=lambda: _Runs([], []))
    _characters: _Runs = field(default_factory=lambda: _Runs([], []))

    @property
    def tells_looks(self) -> bool:
        """True when the file says how paragraphs look; those before Word 97 are not asked."""
        return bool(self._paragraphs.starts)

    def paragraph(self, place: int) -> Looks:
        """Return the looks of the paragraph whose end mark stands at ``place``."""
        return self._paragraphs.at(self._offset(place))

    def character(self, place: int) -> Looks:
        """Return the looks of the character at ``place``."""
        return self._characters.at(self._offset(place))

    def stretch(self, place: int) -> int:
        """Return the place after the last character that surely looks like the one at ``place``."""
        piece = self._piece(place)
        if piece is None:
            return len(self.text)
        end = self._characters.end(piece.offset + (place - piece.start) * piece.width)
        within = piece.start + piece.length
        return (
            within
            if end is None
            else min(within, piece.start + max(1, -(-(end - piece.offset) // piece.width)))
        )

    def _offset(self, place: int) -> int:
        piece = self._piece(place)
        return -1 if piece is None else piece.offset + (place - piece.start) * piece.width

    def _piece(self, place: int) -> _Piece | None:
        at = bisect_right(self._pieces, place, key=lambda piece: piece.start) - 1
        return self._pieces[at] if at >= 0 else None


@dataclass(frozen=True, slots=True)
class _Runs:
    """Looks by the place of bytes in the stream: each begins where the one before ends."""

    starts: list[int]
    looks: list[tuple[int, Looks]]  # place after the last byte, looks

    def at(self, offset: int) -> Looks:
        index = bisect_right(self.starts, offset) - 1
        if index < 0 or offset >= self.looks[index][0]:
            return Looks()
        return self.looks[index][1]

    def end(self, offset: int) -> int | None:
        """Return where the looks at ``offset`` change next, or None when they do not."""
        index = bisect_right(self.starts, offset) - 1
        if index >= 0 and offset < self.looks[index][0]:
            return self.looks[index][0]
        return self.starts[index + 1] if index + 1 < len(self.starts) else None


def read_word(document: bytes, tables: dict[str, bytes]) -> WordText:
    """Read the text of a Word file.

    Args:
        document: the stream ``WordDocument``.
        tables: the streams ``0Table`` and ``1Table``, as far as they are there.

    Raises:
        Broken: its structures contradict each other.
        Encrypted: its text is encrypted.
    """
    try:
        kind, _, _, language, _, flags = struct.unpack_from("<HHHHHH", document)
        if flags & _ENCRYPTED:
            raise Encrypted
        if kind in WORD_95:
            return _old(document, language, flags)
        if kind != WORD_97:
            raise Broken("it does not begin as a Word file does")
        table = tables.get("1Table" if flags & _TABLE_1 else "0Table")
        if table is None:
            raise Broken("its table of pieces is missing")
        return _word97(document, table)
    except (struct.error, IndexError) as error:
        raise Broken("it is cut off") from error


def _word97(document: bytes, table: bytes) -> WordText:
    def pair(name: str) -> bytes:
        place, length = struct.unpack_from("<II", document, _PAIRS[name])
        return table[place : place + length]

    def place(name: str) -> int:
        at, length = struct.unpack_from("<II", document, _PAIRS[name])
        return at if length else 0

    word = WordText(_pieces=_pieces(pair("pieces")))
    word.text = "".join(_piece_text(document, piece) for piece in word._pieces)
    word.parts = _parts(document, len(word.text))
    word.styles = read_styles(pair("styles"))
    word.lists = read_lists(table, place("lists"), place("uses of lists"))
    for name in ("footnote", "endnote"):
        word.references[f"{name}s"] = _places(pair(f"{name} references"), 2)
        word.starts[f"{name}s"] = _places(pair(f"{name} texts"), 0)
    word.starts["comments"] = _places(pair("comment texts"), 0)
    word._paragraphs = _looks(document, pair("paragraph looks"), paragraphs=True)
    word._characters = _looks(document, pair("character looks"), paragraphs=False)
    return word


def _old(document: bytes, language: int, flags: int) -> WordText:
    """Read Word 6 and 95: text in the code page of its language, in one run or in pieces."""
    western = "mac_roman" if document[_MADE_ON] & 1 else "cp1252"
    encoding = _LANGUAGES.get(language, western)
    if flags & _COMPLEX:
        place, length = struct.unpack_from("<II", document, 0x160)
        pieces = _pieces(document[place : place + length], widths=False)
        runs = [(piece.offset, piece.offset + piece.length) for piece in pieces]
    else:
        runs = [struct.unpack_from("<II", document, 0x18)]
    if not all(0 < first <= end <= len(document) for first, end in runs):
        raise Broken("its text lies outside of it")
    raw = b"".join(document[first:end] for first, end in runs)
    # Lengths are counted in bytes, while places here are characters, of which some take two bytes.
    body = len(raw[: struct.unpack_from("<I", document, 0x34)[0]].decode(encoding, "replace"))
    text = raw.decode(encoding, "replace")
    return WordText(text=text, parts={"body": (0, min(body, len(text)) or len(text))})


def _pieces(clx: bytes, *, widths: bool = True) -> list[_Piece]:
    """Return the pieces the text is made of ([2.9.38]); without ``widths`` all are of single bytes, as before 97."""
    at = 0
    while at < len(clx) and clx[at] == 1:
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:  # noqa: PLR2004  the mark of the piece table
        raise Broken("its table of pieces is missing")
    length = struct.unpack_from("<I", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + length]
    count = (len(plc) - 4) // 12
    if not 0 < count <= _MAX_PIECES:
        raise Broken("its table of pieces is broken")
    places = struct.unpack_from(f"<{count + 1}I", plc)
    pieces = []
    for index in range(count):
        value = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * index + 2)[0]
        single = not widths or bool(value & _COMPRESSED)
        offset = (value & ~_COMPRESSED) // 2 if widths and single else value
        if places[index + 1] < places[index]:
            raise Broken("its pieces are out of order")
        pieces.append(
            _Piece(places[index], places[index + 1] - places[index], offset, 1 if single else 2)
        )
    return pieces


def _piece_text(document: bytes, piece: _Piece) -> str:
    end = piece.offset + piece.length * piece.width
    raw = document[piece.offset : end]
    if len(raw) < piece.length * piece.width:
        raise Broken("its text is cut off")
    if piece.width == 1:
        return raw.decode("cp1252", "replace")
    # Places count UTF-16 units, so a pair of them must stay two characters here.
    return "".join(map(chr, struct.unpack(f"<{piece.length}H", raw)))


def _parts(document: bytes, total: int) -> dict[str, tuple[int, int]]:
    parts: dict[str, tuple[int, int]] = {}
    at = 0
    for name, place in _LENGTHS:
        length = struct.unpack_from("<I", document, place)[0]
        parts[name] = (min(at, total), min(at + length, total))
        at += length
    return parts


def _places(plc: bytes, size: int) -> list[int]:
    """Return the places of a list whose entries carry ``size`` further bytes each."""
    count = (len(plc) - 4) // (4 + size)
    return list(struct.unpack_from(f"<{count}I", plc)) if count > 0 else []


def _looks(document: bytes, plc: bytes, *, paragraphs: bool) -> _Runs:
    """Return the looks of all paragraphs, or of all characters, from the pages that hold them ([2.9.33], [2.9.35])."""
    count = (len(plc) - 4) // 8
    if count <= 0:
        return _Runs([], [])
    found: list[tuple[int, int, Looks]] = []
    for number in struct.unpack_from(f"<{count}I", plc, 4 * (count + 1)):
        page = document[(number & 0x3FFFFF) * _PAGE : (number & 0x3FFFFF) * _PAGE + _PAGE]
        if len(page) == _PAGE:
            found.extend(_page_looks(page, paragraphs=paragraphs))
    found.sort(key=lambda run: run[0])
    return _Runs([start for start, _, _ in found], [(end, looks) for _, end, looks in found])


def _page_looks(page: bytes, *, paragraphs: bool) -> Iterator[tuple[int, int, Looks]]:
    count = page[-1]
    step = 13 if paragraphs else 1
    if 4 * (count + 1) + step * count > _PAGE:
        return
    edges = struct.unpack_from(f"<{count + 1}I", page)
    for index in range(count):
        offset = page[4 * (count + 1) + step * index] * 2
        style = 0
        changes = b""
        if offset and paragraphs:
            length = (
                page[offset] * 2 - 1
                if page[offset]
                else page[offset + 1] * 2
                if offset + 1 < _PAGE
                else 0
            )
            start = offset + 1 if page[offset] else offset + 2
            body = page[start : start + max(0, length)]
            if len(body) >= 2:  # noqa: PLR2004  the number of the style
                style, changes = struct.unpack_from("<H", body)[0], body[2:]
        elif offset:
            changes = page[offset + 1 : offset + 1 + page[offset]]
        yield edges[index], edges[index + 1], looks_of(style, changes)
