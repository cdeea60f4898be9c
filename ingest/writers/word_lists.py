"""Numbers and bullets of lists: each list of a document is a numbering of its own, so that each begins anew."""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Twips
from docx.text.paragraph import Paragraph

from ingest.writers.word_styles import xml

LEVELS: Final = 9  # Word has no more
_INDENT: Final = 420  # twips for each level: the width of two Chinese characters at 10.5 points
_BULLETS: Final = "•–▪"
_FORMATS: Final = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
}


class Lists:
    """Makes the numberings of one document."""

    def __init__(self, document: Document) -> None:
        """Add them to ``document``, beside those that its house style has."""
        self._part = document.part.numbering_part.element
        self._abstract: dict[str, int] = {}

    def new(self, *, ordered: bool, start: int = 1, kind: str = "1", level: int = 0) -> int:
        """A numbering that begins with ``start`` on ``level``; returns its id for :func:`mark`."""
        shape = _FORMATS.get(kind, "decimal") if ordered else "bullet"
        number = self._next("w:num", "w:numId")
        pattern = self._shape(shape)
        made = xml("num", numId=str(number))
        made.append(xml("abstractNumId", val=str(pattern)))
        if ordered:
            override = xml("lvlOverride", ilvl=str(min(level, LEVELS - 1)))
            override.append(xml("startOverride", val=str(start)))
            made.append(override)
        self._part.append(made)
        return number

    def _shape(self, shape: str) -> int:
        """The id of the pattern of all numberings of this shape."""
        if shape not in self._abstract:
            number = self._next("w:abstractNum", "w:abstractNumId")
            levels = "".join(_level(place, shape) for place in range(LEVELS))
            made = parse_xml(
                f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{number}">'
                f'<w:multiLevelType w:val="hybridMultilevel"/>{levels}</w:abstractNum>'
            )
            # The schema wants all patterns before all numberings.
            first = self._part.find(qn("w:num"))
            if first is None:
                self._part.append(made)
            else:
                first.addprevious(made)
            self._abstract[shape] = number
        return self._abstract[shape]

    def _next(self, tag: str, attribute: str) -> int:
        taken = [int(found.get(qn(attribute), "0")) for found in self._part.findall(qn(tag))]
        return max(taken, default=0) + 1


def mark(paragraph: Paragraph, numbering: int, level: int) -> None:
    """Make ``paragraph`` an item of a numbering, on a level counted from 0."""
    within: Any = paragraph._p
    properties = within.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = min(level, LEVELS - 1)
    properties.get_or_add_numId().val = numbering


def indent(paragraph: Paragraph, level: int) -> None:
    """Set ``paragraph`` under the text of an item of ``level``, without a number of its own."""
    paragraph.paragraph_format.left_indent = Twips(_INDENT * (min(level, LEVELS - 1) + 1))


def _level(place: int, shape: str) -> str:
    text = _BULLETS[place % len(_BULLETS)] if shape == "bullet" else f"%{place + 1}."
    return (
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{shape}"/>'
        f'<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{_INDENT * (place + 1)}" w:hanging="{_INDENT}"/></w:pPr></w:lvl>'
    )
