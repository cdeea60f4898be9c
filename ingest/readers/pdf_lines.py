"""Lines of a PDF page, and how they make paragraphs; which of them are page headers and footers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

_REPEATED_ON: Final = 0.3  # share of the pages that a header or footer stands on
_REPEATED_FROM: Final = 3  # pages from which on a repetition is one
_PAGE_NUMBER: Final = re.compile(
    r"(?:page|p\.|第)?\s*[-–—]?\s*(?:\d{1,4}|[ivxl]{1,6})\s*[-–—]?\s*(?:页|頁)?(?:\s*(?:/|of|共)\s*\d{1,4}\s*(?:页|頁)?)?",
    re.IGNORECASE,
)
_ITEM: Final = re.compile(
    r"(?:[-–•●■◆▪►○·*]|\(?\d{1,2}[.)、)]|[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|[a-z]\))\s*\S"
)
# When a line belongs to the one above: sizes alike within this share, gap below this many letter
# heights, and the line above filled to within so many letter heights of the right edge.
_SIZE_TOLERANCE: Final = 0.08
_GAP: Final = 0.9
_GAP_VARIES: Final = 1.25
_WIDEST_GAP: Final = 1.6
_UNFILLED: Final = 6.0
_FULL_LINE: Final = 12  # characters; no column of text is narrower
_INDENT: Final = 1.2
_REACHED_BY: Final = 0.85  # share of a column's lines, the shortest first
_COLUMN: Final = 20.0  # points by which the left ends of the lines of one column differ
_PADDING: Final = 6.0  # points between the letters of a cell and its edge
_WIDE: Final = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff]")
_SENTENCE_ENDS: Final = tuple("。！？.!?：:；;")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; lengths are in points, ``top`` and ``bottom`` are counted from the page's lower edge.

    Attributes:
        text: its words.
        left, right, bottom, top: where its letters stand.
        size: height of its letters.
        bold: True when its letters are.
        edge: True when it stands in the upper or lower margin of the page.
        points: size of its font as the file says, or 0. Letters of two fonts of one size are not equally high: Latin
            ones beside Chinese ones above all.
        table: for a table, which stands for a line here, its Markdown; ``text`` is its words.
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool = False
    edge: bool = False
    points: float = 0.0
    table: str = ""


def cell_text(lines: Sequence[Line], right: float) -> list[str]:
    """Join the lines of a table's cell into paragraphs; ``right`` is the cell's right edge.

    A line goes on in the next one when that one's first word would not have fitted any more.
    """
    texts: list[str] = []
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None and not _ITEM.match(line.text):
            first = 1 if _WIDE.match(line.text) else len(line.text.split()[0]) / 2
            if before.right + first * line.size + _PADDING > right:
                texts[-1] = _joined(texts[-1], line.text)
                continue
        texts.append(line.text)
    return texts


def evened(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Measure letters by the size of their font, where every line tells it.

    A Latin line among Chinese ones is higher and no larger.
    """
    lines = [line for page in pages for line in page if not line.table]
    if not lines or not all(line.points and line.size for line in lines):
        return [list(page) for page in pages]
    ratios = sorted(line.size / line.points for line in lines)
    usual = ratios[len(ratios) // 2]
    return [
        [line if line.table else replace(line, size=line.points * usual) for line in page]
        for page in pages
    ]


def text_size(pages: Iterable[Iterable[Line]]) -> float:
    """Return the height of most letters, in points; 0 for none."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            if not line.table:
                sizes[_rounded(line.size)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def margins(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return what page headers and footers say: lines in the margins that are alike on many pages, up to numbers."""
    if len(pages) < _REPEATED_FROM:
        return frozenset()
    seen = Counter(
        key for page in pages for key in {_alike(line.text) for line in page if line.edge}
    )
    needed = max(_REPEATED_FROM, len(pages) * _REPEATED_ON)
    return frozenset(key for key, number in seen.items() if number >= needed)


def is_margin(line: Line, repeated: frozenset[str]) -> bool:
    """True when a line is a page header or footer, or a page number that stands alone."""
    return line.edge and (
        _alike(line.text) in repeated or _PAGE_NUMBER.fullmatch(line.text) is not None
    )


def paragraphs(lines: Sequence[Line]) -> list[str]:
    """Join lines into paragraphs: what goes on in the next line, in the same letters, without a gap."""
    texts: list[str] = []
    edges, gap = _right_edges(lines), _usual_gap(lines)
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None and _goes_on(before, line, edges, gap):
            texts[-1] = _joined(texts[-1], line.text)
        else:
            texts.append(line.text)
    return texts


def _right_edges(lines: Sequence[Line]) -> dict[int, float]:
    """Return how far lines reach to the right, for each column; columns are told by where lines begin.

    A running title may begin with a column and reach over the next one, so the longest of many lines does not count.
    """
    reached: dict[int, list[float]] = {}
    for line in lines:
        reached.setdefault(round(line.left / _COLUMN), []).append(line.right)
    return {
        column: sorted(rights)[math.ceil((len(rights) - 1) * _REACHED_BY)]
        for column, rights in reached.items()
    }


def _usual_gap(lines: Sequence[Line]) -> float:
    """Return how far apart lines of one paragraph may stand, in letter heights: some texts are set widely."""
    gaps = sorted(
        (before.bottom - line.top) / line.size
        for before, line in pairwise(lines)
        if line.size and line.top < before.top and abs(before.left - line.left) < _COLUMN
    )
    usual = gaps[len(gaps) // 2] if gaps else 0.0
    return min(max(_GAP, usual * _GAP_VARIES), _WIDEST_GAP)


def _goes_on(before: Line, line: Line, edges: dict[int, float], gap: float) -> bool:
    size = max(before.size, line.size, 1.0)
    alike = before.points == line.points > 0
    if (
        (abs(before.size - line.size) > size * _SIZE_TOLERANCE and not alike)
        or before.bold != line.bold
        or _ITEM.match(line.text)
    ):
        return False
    jumps = line.top > before.top  # to the next page or column
    whose = (before,) if jumps else (before, line)
    columns = (round(one.left / _COLUMN) + shift for one in whose for shift in (-1, 0, 1))
    edge = max((edges[column] for column in columns if column in edges), default=line.right)
    filled = before.right >= edge - size * _UNFILLED
    ended = before.text.endswith(_SENTENCE_ENDS)
    if len(before.text) < _FULL_LINE:
        return False
    if jumps:
        return filled and not ended
    close = before.bottom - line.top <= size * gap
    indented = line.left > before.left + size * _INDENT
    return close and filled and not (ended and indented)


def _joined(text: str, more: str) -> str:
    if text.endswith("-") and more[:1].islower():
        return text[:-1] + more
    if _WIDE.match(text[-1:]) or _WIDE.match(more[:1]):
        return text + more
    return f"{text} {more}"


def _alike(text: str) -> str:
    return re.sub(r"\d+", "0", text).strip()


def _rounded(size: float) -> float:
    return round(size * 2) / 2
