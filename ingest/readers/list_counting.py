# ruff: noqa: RUF001  full-width signs are meant
"""Counting the paragraphs of Word's lists: the same for files of XML and for those before 2007.

Each list keeps a counter for each of its nine levels; every use of it counts on, unless it overrides the start, which
restarts the level the first time that this use is met.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from ingest.readers.docx_number_formats import format_number

LEVELS: Final = 9
_PLACE: Final = re.compile(r"%([1-9])")
# After these signs Chinese typography puts no space.
_CLOSED: Final = "、）．：】》。"


@dataclass(frozen=True, slots=True)
class Label:
    """The number of one paragraph.

    Attributes:
        text: as shown, with what parts it from the paragraph's text: ``3.2.1 `` or ``（一）``; empty for a bullet.
        level: 0 to 8.
        value: the number itself, for lists that count ``1. 2. 3.``; None when the text is anything else.
        bullet: True for a sign that does not count.
    """

    text: str
    level: int
    value: int | None = None
    bullet: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts.

    Attributes:
        pattern: its number as text, with ``%1`` to ``%9`` for the numbers of the levels.
        suffix: what parts number and text: ``tab``, ``space`` or ``nothing``.
        restart_after: level (1-based) whose use restarts this one; None: any higher one; 0: never.
        legal: True when all its numbers are written in digits.
        style: the paragraph style that belongs to it, or empty.
    """

    start: int = 1
    number_format: str = "decimal"
    pattern: str = ""
    suffix: str = "tab"
    restart_after: int | None = None
    legal: bool = False
    style: str = ""


@dataclass(slots=True)
class CountedList:
    """A list: its levels and where each has counted to; None before its first paragraph."""

    levels: list[Level]
    counters: list[int | None] = field(default_factory=lambda: [None] * LEVELS)


@dataclass(slots=True)
class ListUse:
    """A use of a list: the list it counts in, its own levels, and the starts it has not applied yet."""

    shared: CountedList
    levels: list[Level]
    starts: dict[int, int]

    def label(self, level: int, style: str = "") -> Label | None:
        """Count one paragraph and give its number; None where the list shows none.

        Args:
            level: its level, 0 to 8; -1 to ask the list which level belongs to its style.
            style: the paragraph's style.
        """
        if level >= LEVELS:
            return None
        if level < 0:
            level = next(
                (at for at, one in enumerate(self.levels) if one.style and one.style == style), 0
            )
        self._count(level)
        return _label(self.levels, self.shared.counters, level)

    def _count(self, level: int) -> None:
        counters = self.shared.counters
        for higher in range(level):
            # A level that was skipped counts as begun: after 2.a.i comes 2.b.
            if counters[higher] is None:
                counters[higher] = self.levels[higher].start
        start = self.starts.pop(level, None)
        if start is not None:
            counters[level] = start
        else:
            now = counters[level]
            counters[level] = self.levels[level].start if now is None else now + 1
        for lower in range(level + 1, LEVELS):
            restart = self.levels[lower].restart_after
            if restart is None or (restart and level < restart):
                counters[lower] = None


def _label(levels: list[Level], counters: list[int | None], level: int) -> Label | None:
    own = levels[level]
    if own.number_format == "bullet":
        return Label("", level, bullet=True)

    def shown(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        value = counters[at]
        if value is None:
            value = levels[at].start
        return _written(value, "decimal" if own.legal else levels[at].number_format)

    text = _PLACE.sub(shown, own.pattern).strip()
    if not text:
        return None
    plain = own.pattern == f"%{level + 1}." and (own.legal or own.number_format == "decimal")
    spaced = own.suffix != "nothing" and text[-1] not in _CLOSED
    return Label(text + (" " if spaced else ""), level, value=counters[level] if plain else None)


def _written(value: int, number_format: str) -> str:
    if number_format in {"none", "bullet"}:
        return ""
    if number_format.startswith("zeros:"):
        return str(value).zfill(min(int(number_format[6:]), 9))
    return format_number(value, number_format)
