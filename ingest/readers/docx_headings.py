# ruff: noqa: RUF001  both widths of punctuation are meant
"""Headings by look, for files that mark none: short numbered lines in bold, in larger letters, or in the middle.

Only files without a single heading by style or outline level are looked at, since there the author has decided.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from ingest.readers.docx_model import Block, Paragraph

LONGEST: Final = 60  # characters; a longer line is a sentence
ENLARGED: Final = 4  # half points above the body's size from which letters count as enlarged
_HAN: Final = "一二三四五六七八九十百零〇"
_SENTENCE_END: Final = re.compile(r"[。；;，,：:！!？?…]$|[a-z]\.$")
# Ways of numbering, from the outermost in: a document uses some of them, in this order.
_NUMBERS: Final = (
    re.compile(rf"第\s*[{_HAN}\d]{{1,5}}\s*[编篇部](?:分)?(?=\s|[^\w]|[\u4e00-\u9fff]|$)"),
    re.compile(
        rf"第\s*[{_HAN}\d]{{1,5}}\s*章|(?:chapter|part)\s+[\dIVXivx]{{1,5}}\b", re.IGNORECASE
    ),
    re.compile(rf"第\s*[{_HAN}\d]{{1,5}}\s*节|section\s+\d{{1,3}}\b", re.IGNORECASE),
    re.compile(rf"[{_HAN}]{{1,4}}\s*[、.．]"),
    re.compile(rf"[（(]\s*[{_HAN}]{{1,4}}\s*[)）]"),
    re.compile(r"\d{1,2}(?:\s*[.．、]\s*(?!\d)|\s+(?=\D))"),
    re.compile(r"[（(]\s*\d{1,2}\s*[)）]|\d{1,2}\s*[)）]"),
)
_DECIMAL: Final = 5  # place in the table above of 1, 2, 3, below which 1.1 and 1.1.1 follow
_DOTTED: Final = re.compile(r"\d{1,2}((?:[.．]\d{1,2}){1,4})[.．、]?\s*(?=\D)")


@dataclass(frozen=True, slots=True)
class _Candidate:
    paragraph: Paragraph
    rank: tuple[
        int, int
    ]  # way of numbering, and how many dots; (-1, 0) for a line without a number


def mark_headings(blocks: list[Block], body_size: int) -> None:
    """Give the paragraphs that look like headings their level; nothing when a paragraph has one already.

    Args:
        blocks: of the body, in order; those found are changed.
        body_size: size of the body's letters in half points.
    """
    if any(isinstance(block, Paragraph) and block.level for block in blocks):
        return
    candidates = [
        found
        for block in blocks
        if isinstance(block, Paragraph) and (found := _candidate(block, body_size))
    ]
    ranks = _nested([one.rank for one in candidates])
    for one in candidates:
        one.paragraph.level = ranks.index(one.rank) + 1
        # A number that is shown belongs to the heading's text, not to a list.
        one.paragraph.list_level = -1


def _nested(ranks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ways of numbering a document uses, from the outermost in.

    What is met first stands further out: below 第三章 comes 3.1 in one document and （一） in another. Among
    characters, and among digits, the order of the table holds whatever is met first.
    """
    met = list(dict.fromkeys(ranks))
    han = iter(sorted(rank for rank in met if rank[0] < _DECIMAL))
    digits = iter(sorted(rank for rank in met if rank[0] >= _DECIMAL))
    return [next(han if rank[0] < _DECIMAL else digits) for rank in met]


def _candidate(paragraph: Paragraph, body_size: int) -> _Candidate | None:
    text = (paragraph.label + paragraph.text).strip()
    if (
        not 1 < len(text) <= LONGEST
        or paragraph.bullet
        or paragraph.title
        or _SENTENCE_END.search(text)
    ):
        return None
    larger = paragraph.size >= body_size + ENLARGED
    rank = _rank(text)
    if rank is None or not (paragraph.bold or larger):
        return None
    return _Candidate(paragraph, rank)


def _rank(text: str) -> tuple[int, int] | None:
    """How a line is numbered; None for a line without a number."""
    if dotted := _DOTTED.match(text):
        return _DECIMAL, len(dotted[1]) - len(re.sub(r"[.．]", "", dotted[1]))
    for place, pattern in enumerate(_NUMBERS):
        if pattern.match(text):
            return place, 0
    return None
