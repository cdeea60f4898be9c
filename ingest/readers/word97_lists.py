"""The lists of Word 97 to 2003: automatic numbers, computed ([MS-DOC] 2.9.131, 2.9.147, 2.9.150)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ingest.readers.list_counting import LEVELS, CountedList, Label, Level, ListUse

_LIST: Final = struct.Struct("<II18sBB")  # [2.9.147] LSTF
_USE: Final = struct.Struct("<IIIBBBB")  # [2.9.131] LFO
_LEVEL: Final = struct.Struct("<IBB9sBII4B")  # [2.9.150] LVLF
_MAX_LISTS: Final = 4_000  # of uses Word itself allows 2,047
_MAX_TEXT: Final = 64  # characters of a number's pattern; Word allows 31
_NO_STYLE: Final = 0xFFF
_SIMPLE: Final = 0x01
_LEGAL: Final = 0x04
_NO_RESTART: Final = 0x08
_STARTS: Final = 0x10
_OTHER_LOOK: Final = 0x20
_SUFFIXES: Final = ("tab", "space", "nothing")
# Names of the ways to count by their number ([MS-OSHARED] 2.2.1.3); those missing are written in plain digits.
_FORMATS: Final = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 5: "ordinal",
    6: "cardinalText", 7: "ordinalText", 8: "hex", 9: "chicago", 10: "ideographDigital",
    11: "japaneseCounting", 12: "aiueo", 13: "iroha", 14: "decimalFullWidth", 15: "decimalHalfWidth",
    16: "japaneseLegal", 17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle",
    19: "decimalFullWidth2", 20: "aiueoFullWidth", 21: "irohaFullWidth", 22: "decimalZero", 23: "bullet",
    24: "ganada", 25: "chosung", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese", 29: "ideographEnclosedCircle", 30: "ideographTraditional",
    31: "ideographZodiac", 32: "ideographZodiacTraditional", 33: "taiwaneseCounting",
    34: "ideographLegalTraditional", 35: "taiwaneseCountingThousand", 36: "taiwaneseDigital",
    37: "chineseCounting", 38: "chineseLegalSimplified", 39: "chineseCountingThousand",
    57: "numberInDash", 58: "russianLower", 59: "russianUpper", 255: "none",
}  # fmt: skip


class Lists:
    """Counts the numbered paragraphs of a file, which must be given in order."""

    def __init__(self, uses: list[ListUse | None]) -> None:
        """Take the uses of lists; the first has the number 1."""
        self._uses = uses

    def label(self, list_id: int, level: int, style: int) -> Label | None:
        """Count one paragraph and give its number; None when it belongs to no list, or shows none.

        Args:
            list_id: number of its list, from 1.
            level: 0 to 8; -1 to ask the list which level belongs to the style.
            style: number of the paragraph's style.
        """
        use = self._uses[list_id - 1] if 0 < list_id <= len(self._uses) else None
        return use.label(level, str(style)) if use else None


def read_lists(table: bytes, lists_at: int, uses_at: int) -> Lists:
    """Read the lists out of the table stream; none where they contradict themselves.

    Args:
        table: the stream.
        lists_at: where the lists begin; 0 where there are none.
        uses_at: where their uses begin; 0 likewise.
    """
    try:
        lists = dict(_lists(table, lists_at)) if lists_at else {}
        return Lists(list(_uses(table, uses_at, lists)) if uses_at and lists else [])
    except (struct.error, IndexError):
        return Lists([])


def _lists(table: bytes, at: int) -> Iterator[tuple[int, CountedList]]:
    count = min(struct.unpack_from("<H", table, at)[0], _MAX_LISTS)
    heads = [_LIST.unpack_from(table, at + 2 + _LIST.size * index) for index in range(count)]
    at += 2 + _LIST.size * count
    for number, _, styles, flags, _ in heads:
        levels = [Level()] * LEVELS
        for index in range(1 if flags & _SIMPLE else LEVELS):
            style = struct.unpack_from("<H", styles, 2 * index)[0]
            level, at = _level(table, at)
            levels[index] = replace(level, style="" if style == _NO_STYLE else str(style))
        yield number, CountedList(levels)


def _level(table: bytes, at: int) -> tuple[Level, int]:
    """Read one level and return it with the place after it."""
    start, number_format, flags, places, suffix, _, _, looks, looks_too, restart, _ = (
        _LEVEL.unpack_from(table, at)
    )
    at += _LEVEL.size + looks + looks_too
    length = struct.unpack_from("<H", table, at)[0]
    text = table[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace")[:_MAX_TEXT]
    stands = set(places)
    pattern = "".join(
        f"%{ord(char) + 1}" if place in stands and ord(char) < LEVELS else char
        for place, char in enumerate(text, 1)
    )
    level = Level(
        start=min(start, 0x7FFF),
        number_format=_FORMATS.get(number_format, "decimal"),
        pattern=pattern,
        suffix=_SUFFIXES[suffix] if suffix < len(_SUFFIXES) else "tab",
        restart_after=restart if flags & _NO_RESTART else None,
        legal=bool(flags & _LEGAL),
    )
    return level, at + 2 + 2 * length


def _uses(table: bytes, at: int, lists: dict[int, CountedList]) -> Iterator[ListUse | None]:
    count = min(struct.unpack_from("<I", table, at)[0], _MAX_LISTS)
    heads = [_USE.unpack_from(table, at + 4 + _USE.size * index) for index in range(count)]
    at += 4 + _USE.size * count
    for number, _, _, overrides, *_ in heads:
        shared = lists.get(number)
        levels, starts = list(shared.levels) if shared else [Level()] * LEVELS, dict[int, int]()
        # Some programs leave the data of the uses out.
        at += 4 if at + 4 <= len(table) else 0
        for _ in range(overrides):
            start, flags = struct.unpack_from("<II", table, at)
            at += 8
            place = flags & 0xF
            own: Level | None = None
            if flags & _OTHER_LOOK:
                own, at = _level(table, at)
            if place >= LEVELS:
                continue
            if own is not None:
                levels[place] = replace(own, style=levels[place].style)
            if flags & _STARTS:
                starts[place] = own.start if own else min(start, 0x7FFF)
                levels[place] = replace(levels[place], start=starts[place])
        yield ListUse(shared, levels, starts) if shared else None
