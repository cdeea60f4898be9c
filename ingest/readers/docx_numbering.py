# ruff: noqa: RUF001  full-width signs are meant
"""Automatic numbers: what Word shows in front of a numbered paragraph and does not write into the file.

Each list (``w:abstractNum``) keeps a counter for each of its nine levels; every ``w:num`` that refers to it counts on,
unless it overrides the start, which restarts the level the first time that ``w:num`` is used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from lxml import etree

from ingest.readers.docx_names import MC_ALTERNATE, MC_CHOICE, VAL, w
from ingest.readers.docx_number_formats import format_number
from ingest.readers.docx_styles import Styles, is_on, number

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
class _Level:
    start: int = 1
    number_format: str = "decimal"
    pattern: str = ""
    suffix: str = "tab"
    restart_after: int | None = (
        None  # level (1-based) whose use restarts this one; None: any higher one; 0: never
    )
    legal: bool = False
    style: str = ""


@dataclass(slots=True)
class _List:
    levels: list[_Level]
    counters: list[int | None] = field(default_factory=lambda: [None] * LEVELS)


@dataclass(slots=True)
class _Use:
    """A ``w:num``: the list it counts in, its own levels, and the starts it has not applied yet."""

    shared: _List
    levels: list[_Level]
    starts: dict[int, int]


class Numbering:
    """Counts the numbered paragraphs of a document, which must be given in order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        """Read ``numbering.xml``; a file without it has no lists."""
        self._styles = styles
        self._abstract: dict[str, etree._Element] = {}
        self._nums: dict[str, etree._Element] = {}
        self._lists: dict[str, _List] = {}
        self._uses: dict[str, _Use | None] = {}
        if root is not None:
            for element in root.iterchildren(w("abstractNum"), w("num")):
                target, key = (
                    (self._abstract, "abstractNumId")
                    if element.tag == w("abstractNum")
                    else (self._nums, "numId")
                )
                target[element.get(w(key)) or ""] = element

    def label(self, num_id: str, level: int, style_id: str = "") -> Label | None:
        """Count one paragraph and give its number; None when it belongs to no list.

        Args:
            num_id: the paragraph's list.
            level: its level, 0 to 8; -1 to ask the list which level belongs to its style.
            style_id: the paragraph's style.
        """
        use = self._use(num_id)
        if use is None or level >= LEVELS:
            return None
        if level < 0:
            level = next(
                (at for at, one in enumerate(use.levels) if one.style and one.style == style_id), 0
            )
        self._count(use, level)
        return _label(use.levels, use.shared.counters, level)

    def _count(self, use: _Use, level: int) -> None:
        counters = use.shared.counters
        for higher in range(level):
            # A level that was skipped counts as begun: after 2.a.i comes 2.b.
            if counters[higher] is None:
                counters[higher] = use.levels[higher].start
        start = use.starts.pop(level, None)
        if start is not None:
            counters[level] = start
        else:
            now = counters[level]
            counters[level] = use.levels[level].start if now is None else now + 1
        for lower in range(level + 1, LEVELS):
            restart = use.levels[lower].restart_after
            if restart is None or (restart and level < restart):
                counters[lower] = None

    def _use(self, num_id: str) -> _Use | None:
        if num_id not in self._uses:
            self._uses[num_id] = self._read_use(num_id)
        return self._uses[num_id]

    def _read_use(self, num_id: str) -> _Use | None:
        element = self._nums.get(num_id)
        if element is None:
            return None
        abstract_id = self._followed(_child_value(element, "abstractNumId"))
        shared = self._list(abstract_id)
        if shared is None:
            return None
        levels, starts = list(shared.levels), dict[int, int]()
        for override in element.iterchildren(w("lvlOverride")):
            at = number(override.get(w("ilvl")), 0)
            if not 0 <= at < LEVELS:
                continue
            if (own := override.find(w("lvl"))) is not None:
                levels[at] = _read_level(own)  # changes the look; only w:startOverride starts anew
            if (start := override.find(w("startOverride"))) is not None:
                starts[at] = number(start.get(VAL), 1)
                levels[at] = replace(levels[at], start=starts[at])
        return _Use(shared, levels, starts)

    def _followed(self, abstract_id: str) -> str:
        """A list may only say which numbering style it follows; that style names the list that counts."""
        for _ in range(5):  # a longer chain is a loop
            element = self._abstract.get(abstract_id)
            link = _child_value(element, "numStyleLink") if element is not None else ""
            named = self._styles.get(link).numbering if link else None
            target = self._nums.get(named[0]) if named else None
            if target is None:
                break
            abstract_id = _child_value(target, "abstractNumId")
        return abstract_id

    def _list(self, abstract_id: str) -> _List | None:
        if abstract_id not in self._lists:
            element = self._abstract.get(abstract_id)
            if element is None:
                return None
            levels = [_Level()] * LEVELS
            for one in element.iterchildren(w("lvl")):
                at = number(one.get(w("ilvl")), 0)
                if 0 <= at < LEVELS:
                    levels[at] = _read_level(one)
            self._lists[abstract_id] = _List(levels)
        return self._lists[abstract_id]


def _read_level(element: etree._Element) -> _Level:
    restart = element.find(w("lvlRestart"))
    legal = element.find(w("isLgl"))
    return _Level(
        start=number(_child_value(element, "start"), 0),  # a list that does not say starts at 0
        number_format=_number_format(element),
        pattern=_child_value(element, "lvlText"),
        suffix=_child_value(element, "suff") or "tab",
        restart_after=number(restart.get(VAL), 0) if restart is not None else None,
        legal=legal is not None and is_on(legal.get(VAL)),
        style=_child_value(element, "pStyle"),
    )


def _number_format(level: etree._Element) -> str:
    """The format's name; newer Word keeps its own formats (001, 002) in a choice with a plain one beside it."""
    element = level.find(w("numFmt"))
    if element is None:
        element = level.find(f"{MC_ALTERNATE}/{MC_CHOICE}/{w('numFmt')}")
    if element is None:
        return "decimal"
    name = element.get(VAL) or "decimal"
    if name == "custom":
        sample = (element.get(w("format")) or "").split(",")[0].strip()
        return f"zeros:{len(sample)}" if sample.isdigit() else "decimal"
    return name


def _label(levels: list[_Level], counters: list[int | None], level: int) -> Label | None:
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
    if number_format == "none":
        return ""
    if number_format == "bullet":
        return ""
    if number_format.startswith("zeros:"):
        return str(value).zfill(min(int(number_format[6:]), 9))
    return format_number(value, number_format)


def _child_value(element: etree._Element, local: str) -> str:
    child = element.find(w(local))
    return (child.get(VAL) or "") if child is not None else ""
