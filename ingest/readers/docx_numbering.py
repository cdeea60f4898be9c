"""Automatic numbers of a Word file: what Word shows in front of a numbered paragraph and does not write into the file.

``w:abstractNum`` is a list, ``w:num`` a use of it; how they count is in :mod:`ingest.readers.list_counting`.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from ingest.readers.docx_names import MC_ALTERNATE, MC_CHOICE, VAL, w
from ingest.readers.docx_styles import Styles, is_on, number
from ingest.readers.list_counting import LEVELS, CountedList, Label, Level, ListUse

__all__ = ["Label", "Numbering"]


class Numbering:
    """Counts the numbered paragraphs of a document, which must be given in order."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        """Read ``numbering.xml``; a file without it has no lists."""
        self._styles = styles
        self._abstract: dict[str, etree._Element] = {}
        self._nums: dict[str, etree._Element] = {}
        self._lists: dict[str, CountedList] = {}
        self._uses: dict[str, ListUse | None] = {}
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
        return use.label(level, style_id) if use else None

    def _use(self, num_id: str) -> ListUse | None:
        if num_id not in self._uses:
            self._uses[num_id] = self._read_use(num_id)
        return self._uses[num_id]

    def _read_use(self, num_id: str) -> ListUse | None:
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
        return ListUse(shared, levels, starts)

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

    def _list(self, abstract_id: str) -> CountedList | None:
        if abstract_id not in self._lists:
            element = self._abstract.get(abstract_id)
            if element is None:
                return None
            levels = [Level()] * LEVELS
            for one in element.iterchildren(w("lvl")):
                at = number(one.get(w("ilvl")), 0)
                if 0 <= at < LEVELS:
                    levels[at] = _read_level(one)
            self._lists[abstract_id] = CountedList(levels)
        return self._lists[abstract_id]


def _read_level(element: etree._Element) -> Level:
    restart = element.find(w("lvlRestart"))
    legal = element.find(w("isLgl"))
    return Level(
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


def _child_value(element: etree._Element, local: str) -> str:
    child = element.find(w(local))
    return (child.get(VAL) or "") if child is not None else ""
