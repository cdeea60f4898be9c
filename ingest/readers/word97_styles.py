"""The paragraph styles of Word 97 to 2003: heading level, list, letters ([MS-DOC] 2.9.271, 2.9.260)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.readers.word97_changes import Looks, looks_of

_NOT_A_STYLE: Final = 0xFFF
_HEADINGS: Final = range(1, 10)  # numbers of the built-in styles heading 1 to 9
_TITLE: Final = 62  # number of the built-in style Title
_PARAGRAPH: Final = 1
_DEEPEST: Final = 20  # a longer chain of parents is a loop
NORMAL_SIZE: Final = 20  # half points: what Word 97 takes where a file does not say


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style, with what it inherits.

    Attributes:
        level: heading level 1 to 9, or 0.
        looks: of its paragraphs and letters.
    """

    level: int = 0
    title: bool = False
    looks: Looks = field(default_factory=Looks)


@dataclass(slots=True)
class _Own:
    """A style as the file has it: its built-in number, its parent, its own changes."""

    built_in: int
    parent: int
    paragraph: Looks
    letters: Looks


def read_styles(sheet: bytes) -> dict[int, Style]:
    """Return the paragraph styles of a style sheet by their number; what is cut off or broken is left out."""
    own = _own_styles(sheet) if sheet else {}
    return {number: _inherited(own, number) for number in own}


def _own_styles(sheet: bytes) -> dict[int, _Own]:
    head = struct.unpack_from("<H", sheet)[0]
    count, base = struct.unpack_from("<HH", sheet, 2)
    found: dict[int, _Own] = {}
    at = 2 + head
    for number in range(count):
        if at + 2 > len(sheet):
            break
        length = struct.unpack_from("<H", sheet, at)[0]
        style = sheet[at + 2 : at + 2 + length]
        if length >= 4 and base >= 4 and len(style) == length:  # noqa: PLR2004  shorter entries hold no style
            kind, parent = struct.unpack_from("<HH", style)
            paragraph, letters = _changes(style, base, parent)
            found[number] = _Own(kind & 0xFFF, parent >> 4, paragraph, letters)
        at += 2 + length + length % 2
    return found


def _changes(style: bytes, base: int, parent: int) -> tuple[Looks, Looks]:
    """Return what a paragraph style says of paragraphs and of letters."""
    if parent & 0xF != _PARAGRAPH or len(style) < base + 2:
        return Looks(), Looks()
    name = struct.unpack_from("<H", style, base)[0]
    at = base + 2 + 2 * name + 2
    parts: list[bytes] = []
    while at + 2 <= len(style) and len(parts) < 2:  # noqa: PLR2004  of the paragraph, of its letters
        length = struct.unpack_from("<H", style, at)[0]
        parts.append(style[at + 2 : at + 2 + length])
        at += 2 + length + length % 2
    paragraph = looks_of(0, parts[0][2:]) if parts else Looks()
    letters = looks_of(0, parts[1]) if len(parts) > 1 else Looks()
    return paragraph, letters


def _inherited(own: dict[int, _Own], number: int) -> Style:
    """Join a style with its parents, the nearest first."""
    looks = Looks()
    level, title = 0, False
    built_in_of = number
    for _ in range(_DEEPEST):
        style = own.get(built_in_of)
        if style is None:
            break
        if not level and style.built_in in _HEADINGS:
            level = style.built_in
        title = title or style.built_in == _TITLE
        looks = replace(
            looks,
            outline=looks.outline if looks.outline >= 0 else style.paragraph.outline,
            list_id=looks.list_id if looks.list_id >= 0 else style.paragraph.list_id,
            list_level=looks.list_level if looks.list_level >= 0 else style.paragraph.list_level,
            centred=looks.centred or style.paragraph.centred,
            bold=style.letters.bold if looks.bold is None else looks.bold,
            size=looks.size or style.letters.size,
        )
        if style.parent == _NOT_A_STYLE:
            break
        built_in_of = style.parent
    if looks.outline >= 0:
        level = looks.outline + 1
    return Style(level, title, looks)
