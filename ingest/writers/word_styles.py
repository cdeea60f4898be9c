"""The styles of the house style file, by their English names; what is missing is made up for."""

from __future__ import annotations

from typing import Any, Final, Protocol

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

# Half points (sz) of headings whose style is missing, largest first.
_SIZES: Final = (36, 30, 26, 24, 22, 22)


def xml(tag: str, **attributes: str) -> Any:
    """A new element, ``w:tag``, with attributes of the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


class Container(Protocol):
    """Whatever takes paragraphs: the document, a cell."""

    def add_paragraph(self, text: str = ...) -> Paragraph:
        """Append a paragraph."""
        ...


class Styles:
    """Finds styles of one document."""

    def __init__(self, document: Document) -> None:
        """Of ``document``."""
        self._paragraphs = {
            style.name: style for style in document.styles if style.type == WD_STYLE_TYPE.PARAGRAPH
        }
        self._tables = {
            style.name: style for style in document.styles if style.type == WD_STYLE_TYPE.TABLE
        }

    def has(self, name: str) -> bool:
        """Whether there is a paragraph style of this name."""
        return name in self._paragraphs

    def paragraph(self, container: Container, name: str = "") -> Paragraph:
        """A new paragraph at the end of ``container``; without a style of this name it still looks its part."""
        paragraph = container.add_paragraph()
        style = self._paragraphs.get(name)
        if style is not None:
            paragraph.style = style
        elif name.startswith("Heading "):
            _as_heading(paragraph, int(name.removeprefix("Heading ")))
        return paragraph

    def table(self, *names: str) -> Any:
        """The first table style of these names that is there, or None."""
        return next((self._tables[name] for name in names if name in self._tables), None)


def _as_heading(paragraph: Paragraph, level: int) -> None:
    """Make a paragraph a heading by its outline level, for a house style without heading styles."""
    properties = paragraph._p.get_or_add_pPr()
    properties.append(xml("outlineLvl", val=str(level - 1)))
    marks = xml("rPr")
    marks.append(xml("b"))
    marks.append(xml("sz", val=str(_SIZES[min(level, len(_SIZES)) - 1])))
    properties.append(marks)
