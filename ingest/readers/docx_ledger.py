"""The honesty ledger of a Word file: an independent look at its XML against what stands in the document.

The look shares no code with the reader but the names of elements: it takes every piece of text in order, paragraph by
paragraph, leaves out what Word does not show, and asks whether it stands in the document's plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from ingest.readers.docx_names import (
    DGM_RELIDS,
    MC_ALTERNATE,
    MC_FALLBACK,
    OLE_OBJECT,
    VAL,
    a,
    c,
    m,
    v,
    w,
)

# Searching all of a long document for each paragraph it lacks takes time in the product of the two; beyond this much
# (characters times paragraphs) a missing paragraph counts as missing without a second look.
MOST_WORK: Final = 2_000_000_000
# White space, and letters of symbol fonts, which reach the document as the signs they show.
_NOT_COUNTED: Final = re.compile("[\\s\uf000-\uf0ff]+")


@dataclass(slots=True)
class Found:
    """What stands in the XML of one or several parts."""

    paragraphs: list[list[str]] = field(
        default_factory=list
    )  # each as its pieces of text, without white space
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def characters(self) -> int:
        """How many characters other than white space the paragraphs have."""
        return sum(len(piece) for pieces in self.paragraphs for piece in pieces)

    def add(self, sort: str) -> None:
        """Count one thing."""
        self.counts[sort] = self.counts.get(sort, 0) + 1


def look(root: etree._Element | None, found: Found, hiding: frozenset[str] = frozenset()) -> None:
    """Take in what is visible in one part; ``hiding`` are the ids of the styles that hide text."""
    if root is not None:
        _Look(found, hiding).walk(root)


class _Look:
    """One walk through a part, from start to end."""

    def __init__(self, found: Found, hiding: frozenset[str]) -> None:
        self._found = found
        self._hiding = hiding
        self._pieces: list[str] = []
        self._hidden: etree._Element | None = (
            None  # the run, or the paragraph, whose text is not shown
        )
        self._shown: etree._Element | None = (
            None  # a run that shows its text in spite of its paragraph's style
        )

    def walk(self, root: etree._Element) -> None:
        walker = etree.iterwalk(root, events=("start",), tag=_WATCHED)
        for _, element in walker:
            tag = str(element.tag)
            if tag in _TEXT:
                self._text(element)
            elif tag == _P:
                self._pieces = []
                self._found.paragraphs.append(self._pieces)
            elif tag in _UNSEEN or _is_skipped(tag, element):
                walker.skip_subtree()
            elif tag in _STYLED or tag == _VANISH:
                self._hide(tag, element)
            else:
                self._count(tag, element)

    def _text(self, element: etree._Element) -> None:
        if self._hidden is not None and self._is_hidden(element, self._hidden):
            return
        text = _NOT_COUNTED.sub("", element.text or "")
        if text:
            self._pieces.append(text)

    def _is_hidden(self, text: etree._Element, hidden: etree._Element) -> bool:
        run = text.getparent()
        if run is None or run is self._shown:
            return False
        return run is hidden or (hidden.tag == _P and next(run.iterancestors(_P), None) is hidden)

    def _hide(self, tag: str, element: etree._Element) -> None:
        """A style or a property says that its run or paragraph is hidden, or is shown in spite of its style."""
        properties = element.getparent()
        holder = properties.getparent() if properties is not None else None
        value = element.get(VAL)
        if (
            holder is None
            or holder.tag not in {_P, _R}
            or (tag in _STYLED and value not in self._hiding)
        ):
            return
        if tag == _VANISH and value in {"0", "false", "off"}:
            self._shown = holder
        elif tag in _STYLED or holder.tag == _R:
            self._hidden = holder

    def _count(self, tag: str, element: etree._Element) -> None:
        if tag == _TBL:
            rows = list(element.iter(_ROW))
            if not rows or any(row.find(_ROW_DELETED) is None for row in rows):
                self._found.add("tables")
        elif tag in _INSERTED:
            parent = element.getparent()
            if parent is not None and parent.tag not in _PROPERTIES:
                self._found.add("insertions")
        elif tag in _COUNTED:
            self._found.add(_COUNTED[tag])


def _is_skipped(tag: str, element: etree._Element) -> bool:
    """True for what is there and not shown: a deleted row, the second copy of something shown already."""
    if tag == _ROW:
        return element.find(_ROW_DELETED) is not None
    return tag == MC_FALLBACK and _has_choice(element)


def carried_characters(found: Found, plain: str) -> int:
    """How many of the characters found stand in the document's plain text.

    A paragraph counts when it is there as a whole, each time at another place; else each of its pieces is looked for.
    """
    text = "".join(plain.split())
    at = carried = work = 0
    for pieces in found.paragraphs:
        if not pieces:
            continue
        place, work = _find(text, "".join(pieces), at, work)
        if place >= 0:
            size = sum(map(len, pieces))
            carried, at = carried + size, place + size
            continue
        for piece in pieces:
            place, work = _find(text, piece, at, work)
            if place >= 0:
                carried += len(piece)
                at = place + len(piece)
    return carried


def _find(text: str, wanted: str, at: int, work: int) -> tuple[int, int]:
    """Look for a text from a place on, then from the start; give its place or -1, and the work done so far."""
    place = text.find(wanted, at)
    if place >= 0:
        return place, work
    if work > MOST_WORK:
        return -1, work
    return text.find(wanted), work + len(text)


def missing(
    sorts: Iterable[tuple[str, str]],
    found: dict[str, int],
    carried: dict[str, int],
    named: dict[str, int],
) -> list[str]:
    """One sentence for each sort of thing of which more is missing than ``named`` losses account for."""
    sentences = []
    for sort, told in sorts:
        lost = found.get(sort, 0) - carried.get(sort, 0)
        if lost > named.get(sort, 0):
            sentences.append(f"{lost} of {found[sort]} {told} did not reach the document.")
    return sentences


def _has_choice(fallback: etree._Element) -> bool:
    """True when an earlier copy of the same content says something."""
    parent = fallback.getparent()
    if parent is None or parent.tag != MC_ALTERNATE:
        return False
    return any(
        next(copy.iter(*_SAYING), None) is not None
        for copy in parent.iterchildren()
        if copy is not fallback
    )


_P: Final = w("p")
_R: Final = w("r")
_VANISH: Final = w("vanish")
_TBL: Final = w("tbl")
_ROW: Final = w("tr")
_ROW_DELETED: Final = f"{w('trPr')}/{w('del')}"
_STYLED: Final = frozenset({w("pStyle"), w("rStyle")})
_TEXT: Final = frozenset({w("t"), m("t")})
_UNSEEN: Final = frozenset({w("del"), w("moveFrom"), w("pPrChange"), w("rPrChange"), w("sdtPr")})
_INSERTED: Final = frozenset({w("ins"), w("moveTo")})
_PROPERTIES: Final[frozenset[object]] = frozenset(
    {w("rPr"), w("trPr"), w("tcPr"), w("pPr"), w("numPr")}
)
_COUNTED: Final = {
    a("blip"): "pictures",
    v("imagedata"): "pictures",
    w("txbxContent"): "text_boxes",
    w("footnoteReference"): "footnotes",
    w("endnoteReference"): "footnotes",
    c("chart"): "charts",
    DGM_RELIDS: "diagrams",
    OLE_OBJECT: "embedded_files",
    m("oMath"): "equations",
}
_SAYING: Final = (
    w("t"),
    w("drawing"),
    w("pict"),
    a("t"),
    a("blip"),
    c("chart"),
    DGM_RELIDS,
    m("t"),
)
_WATCHED: Final = [
    *_TEXT,
    *_STYLED,
    _P,
    _TBL,
    _ROW,
    _VANISH,
    MC_FALLBACK,
    *_UNSEEN,
    *_INSERTED,
    *_COUNTED,
]
