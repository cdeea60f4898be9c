"""From letters on a page to lines, and from lines to paragraphs."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.readers.writing import visible

# Share of the page's height, at its top and at its bottom, where headers and footers stand.
_MARGIN: Final = 0.09
_REPEATED_ON: Final = 0.3  # share of the pages that a header or footer stands on
_REPEATED_FROM: Final = 3  # pages from which on a repetition is one
_MAX_CHARACTERS: Final = 200_000  # of one page; a page full of the smallest print has 20,000
_SAMPLES: Final = 8  # letters of a line whose height is measured
_BOLD_FROM: Final = 600  # weight, on the scale where 400 is regular and 700 bold
_LINE_ENDS: Final = frozenset({0x0A, 0x0D})
_LAST_CODE: Final = 0x10FFFF
_HYPHENS: Final = (
    "-",
    "\u2010",
    "\u00ad",
    "\x02",
    "\ufffe",
)  # the last two are pdfium's for one at the end of a line
_LIGATURES: Final = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
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
    """

    text: str
    left: float
    right: float
    bottom: float
    top: float
    size: float
    bold: bool = False
    edge: bool = False


def page_lines(page: pdfium.PdfPage) -> list[Line]:
    """Return the lines of a page in reading order.

    Raises:
        pypdfium2.PdfiumError: the page cannot be read.
    """
    text_page = page.get_textpage()
    try:
        height = page.get_height()
        lines = [_line(text_page, text, indexes, height) for text, indexes in _raw_lines(text_page)]
    finally:
        text_page.close()
    return [line for line in lines if line.text]


def text_size(pages: Iterable[Iterable[Line]]) -> float:
    """Return the height of most letters, in points; 0 for none."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
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


def _raw_lines(text_page: pdfium.PdfTextPage) -> list[tuple[str, list[int]]]:
    """Return each line's text with the places of its letters in pdfium's list."""
    lines: list[tuple[str, list[int]]] = []
    letters: list[str] = []
    indexes: list[int] = []
    get = pdfium_c.FPDFText_GetUnicode
    for index in range(min(text_page.count_chars(), _MAX_CHARACTERS)):
        code = get(text_page.raw, index)
        if code in _LINE_ENDS:
            lines.append(("".join(letters), indexes))
            letters, indexes = [], []
        elif code:
            letters.append(chr(code) if code <= _LAST_CODE else "\ufffd")
            indexes.append(index)
    return [*lines, ("".join(letters), indexes)]


def _line(text_page: pdfium.PdfTextPage, text: str, indexes: list[int], page_height: float) -> Line:
    shown = [index for index, letter in zip(indexes, text, strict=False) if not letter.isspace()]
    whole = _pairs(text).rstrip()
    hyphen = "-" if whole.endswith(_HYPHENS) else ""
    clean = re.sub(
        r"[ \t\xa0]+", " ", visible(whole.rstrip("".join(_HYPHENS)).replace("\u00ad", ""))
    ).strip()
    clean = clean.translate(_LIGATURES) + hyphen
    if not shown:
        return Line("", 0, 0, 0, 0, 0)
    step = max(1, len(shown) // _SAMPLES)
    boxes = [box for index in (*shown[::step], shown[-1]) if (box := _box(text_page, index))]
    if not boxes:
        return Line(clean, 0, 0, 0, 0, 0)
    heights = sorted(box[3] - box[1] for box in boxes)
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    return Line(
        clean,
        left=boxes[0][0],
        right=max(box[2] for box in boxes),
        bottom=bottom,
        top=top,
        size=heights[len(heights) // 2],
        bold=pdfium_c.FPDFText_GetFontWeight(text_page.raw, shown[0]) >= _BOLD_FROM,
        edge=top > page_height * (1 - _MARGIN) or bottom < page_height * _MARGIN,
    )


def _box(text_page: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float] | None:
    """Return a letter's box as (left, bottom, right, top), as high as its font."""
    box = pdfium_c.FS_RECTF()
    if not pdfium_c.FPDFText_GetLooseCharBox(text_page.raw, index, box):
        return None
    low, high = sorted((box.bottom, box.top))
    return box.left, low, box.right, high


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
    if (
        abs(before.size - line.size) > size * _SIZE_TOLERANCE
        or before.bold != line.bold
        or _ITEM.match(line.text)
    ):
        return False
    columns = (round(one.left / _COLUMN) + shift for one in (before, line) for shift in (-1, 0, 1))
    edge = max((edges[column] for column in columns if column in edges), default=line.right)
    filled = before.right >= edge - size * _UNFILLED
    ended = before.text.endswith(_SENTENCE_ENDS)
    if len(before.text) < _FULL_LINE:
        return False
    if line.top > before.top:  # the next page or column
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


def _pairs(text: str) -> str:
    """Join the surrogates pdfium hands out one by one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
