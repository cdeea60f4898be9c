"""Letters of a PDF page as pdfium gives them, and the lines they make."""

from __future__ import annotations

import re
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.readers.pdf_lines import Line
from ingest.readers.writing import visible

# Share of the page's height, at its top and at its bottom, where headers and footers stand.
_MARGIN: Final = 0.09
_MAX_CHARACTERS: Final = 200_000  # of one page; a page full of the smallest print has 20,000
_SAMPLES: Final = 8  # letters of a line whose height is measured
_BOLD_FROM: Final = 600  # weight, on the scale where 400 is regular and 700 bold
# Fonts smaller than this (points) are scaled up by where they stand, so their size says nothing.
_SMALLEST_FONT: Final = 4.0
_LINE_ENDS: Final = frozenset({0x0A, 0x0D})
_LAST_CODE: Final = 0x10FFFF
_LIGATURES: Final = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_HYPHENS: Final = (
    "-",
    "\u2010",
    "\u00ad",
    "\x02",
    "\ufffe",
)  # the last two are pdfium's for one at the end of a line

# A line as pdfium has it: its text, and the place of each of its letters in the list of all.
RawLine = tuple[str, list[int]]


def raw_lines(text_page: pdfium.PdfTextPage) -> list[RawLine]:
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


def line_of(
    text_page: pdfium.PdfTextPage, text: str, indexes: list[int], page_height: float
) -> Line:
    """Make a line of letters; without words where there are only blanks."""
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
    boxes = [box for index in (*shown[::step], shown[-1]) if (box := box_of(text_page, index))]
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
        points=points
        if (points := round(_font_size(text_page, shown), 1)) >= _SMALLEST_FONT
        else 0.0,
        edge=top > page_height * (1 - _MARGIN) or bottom < page_height * _MARGIN,
    )


def _font_size(text_page: pdfium.PdfTextPage, shown: list[int]) -> float:
    """The size of the font in the middle of a line: its first letter may be a large initial, or a sign."""
    return float(pdfium_c.FPDFText_GetFontSize(text_page.raw, shown[len(shown) // 2]))


def box_of(text_page: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float] | None:
    """Return a letter's box as (left, bottom, right, top), as high as its font."""
    box = pdfium_c.FS_RECTF()
    if not pdfium_c.FPDFText_GetLooseCharBox(text_page.raw, index, box):
        return None
    low, high = sorted((box.bottom, box.top))
    return box.left, low, box.right, high


def _pairs(text: str) -> str:
    """Join the surrogates pdfium hands out one by one."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
