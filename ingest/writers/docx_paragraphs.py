"""The paragraphs of a Word file as texts that can be searched and changed, wherever they stand.

Word cuts a paragraph into runs as it likes: ``{{ project.name }}`` may lie in five of them. Here a paragraph is one
text; a replacement goes into the run where the replaced words begin, with that run's formatting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.readers.docx_names import XML_SPACE, w
from ingest.writers.office_files import OfficeFile
from kb.doctemplate_fields import Fault
from kb.errors import N_

_P, _T, _TC, _TR, _TBL, _R = w("p"), w("t"), w("tc"), w("tr"), w("tbl"), w("r")
_BREAKS: Final = frozenset({w("br"), w("cr")})
# The roots of parts that hold paragraphs, with what a place in them is called.
STORIES: Final = {
    w("document"): "",
    w("hdr"): N_("page header"),
    w("ftr"): N_("page footer"),
    w("footnotes"): N_("footnote"),
    w("endnotes"): N_("endnote"),
    w("comments"): N_("comment"),
}
_EXCERPT_CHARS: Final = 60
_BREAK_OR_TAB: Final = re.compile(r"([\n\t])")


@dataclass(frozen=True, slots=True)
class Story:
    """A part that holds paragraphs."""

    part: str
    root: etree._Element


def stories(file: OfficeFile) -> Iterator[Story]:
    """The parts of a Word file that hold paragraphs, the document itself first."""
    main = file.related("", "officeDocument")
    names = [part for part in file.parts if part.lower().endswith(".xml") and part not in main]
    for part in (*main, *(part for part in names if part.lower().startswith("word/"))):
        root = file.xml(part)
        if root.tag in STORIES:
            yield Story(part, root)


def paragraphs(root: etree._Element) -> Iterator[etree._Element]:
    """All paragraphs below an element, in order, those within text boxes and nested tables too."""
    yield from root.iter(_P)


def text_of(paragraph: etree._Element) -> str:
    """The text of a paragraph without that of text boxes in it; with its line breaks and tabs."""
    return "".join(text for _, text in _pieces(paragraph))


def replace_in(paragraph: etree._Element, changes: Sequence[tuple[int, int, str]]) -> None:
    """Put texts in place of stretches (from, up to, text) of :func:`text_of`, which must not overlap."""
    for start, end, text in sorted(changes, reverse=True):
        _replace(_pieces(paragraph), start, end, text)
    for element in [each for each, _ in _pieces(paragraph) if each is not None and each.tag == _T]:
        _break_lines(element)


def split_lines(paragraph: etree._Element, lines: Sequence[str]) -> list[etree._Element]:
    """Make of a paragraph one for each line, all alike but for their text; returns them."""
    made = [paragraph, *(fresh_copy(paragraph) for _ in lines[1:])]
    for copy in reversed(made[1:]):
        paragraph.addnext(copy)
    for each, line in zip(made, lines, strict=True):
        replace_in(each, [(0, len(text_of(each)), line)])
    return made


def fresh_copy(element: etree._Element) -> etree._Element:
    """A copy without what may stand in a file only once: paragraph ids, bookmarks, ids of content controls."""
    copy = deepcopy(element)
    copy.tail = None
    for each in list(copy.iter(w("bookmarkStart"), w("bookmarkEnd"))):
        parent = each.getparent()
        if parent is not None:
            parent.remove(each)
    for properties in copy.iter(w("sdtPr")):
        for number in properties.findall(w("id")):
            properties.remove(number)
    for each in copy.iter(_P, _TR):
        for name in [str(key) for key in each.attrib if str(key).endswith(("}paraId", "}textId"))]:
            del each.attrib[name]
    return copy


def row_of(paragraph: etree._Element) -> etree._Element | None:
    """The innermost table row a paragraph stands in; None outside of tables and within a text box in one."""
    for ancestor in paragraph.iterancestors():
        if ancestor.tag == _TR:
            return ancestor
        if ancestor.tag == w("txbxContent"):
            return None
    return None


class Places:
    """Tells people where a paragraph stands: counts paragraphs and tables as they are met, in order."""

    def __init__(self, root: etree._Element) -> None:
        """Count in one part."""
        self._story = STORIES[str(root.tag)]
        self._tables = {table: number for number, table in enumerate(root.iter(_TBL), 1)}
        outside = (each for each in root.iter(_P) if row_of(each) is None)
        self._numbers = {paragraph: number for number, paragraph in enumerate(outside, 1)}

    def name(self, fault: Fault, paragraph: etree._Element) -> Fault:
        """The fault with its place."""
        text = " ".join(text_of(paragraph).split())
        text = text if len(text) <= _EXCERPT_CHARS else text[: _EXCERPT_CHARS - 1] + "…"
        row = row_of(paragraph)
        if row is not None:
            table = next(row.iterancestors(_TBL))
            cell = next(
                each for each in paragraph.iterancestors(_TC) if each.getparent() is not None
            )
            fault = fault.at(
                N_("table %(table)s, row %(row)s, cell %(cell)s, “%(text)s”"),
                table=self._tables[table],
                row=list(table.iter(_TR)).index(row) + 1,
                cell=list(row.iter(_TC)).index(cell) + 1,
                text=text,
            )
        else:
            fault = fault.at(
                N_("paragraph %(number)s, “%(text)s”"),
                number=self._numbers.get(paragraph, 0),
                text=text,
            )
        if self._story:
            fault = fault.at(N_("%(story)s, “%(text)s”"), story=self._story, text=text)
        return fault


def _pieces(paragraph: etree._Element) -> list[tuple[etree._Element | None, str]]:
    """The texts of a paragraph with the elements they stand in; None for what is no text of ours to change."""
    found: list[tuple[etree._Element | None, str]] = []
    waiting: list[etree._Element] = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if element.tag == _T:
            found.append((element, element.text or ""))
        elif element.tag in _BREAKS:
            found.append((None, "\n"))
        elif element.tag == w("tab") and _in_run(element):
            found.append((None, "\t"))
        elif element.tag != _P and isinstance(element.tag, str):
            waiting.extend(reversed(element))
    return found


def _in_run(element: etree._Element) -> bool:
    """A ``w:tab`` is also the name of a tab stop, among the properties of a paragraph."""
    parent = element.getparent()
    return parent is not None and parent.tag == _R


def _replace(
    pieces: list[tuple[etree._Element | None, str]], start: int, end: int, text: str
) -> None:
    """Take out the stretch and put ``text`` where the first word of it stood."""
    begin = 0
    for element, piece in pieces:
        first, last = max(start - begin, 0), min(end - begin, len(piece))
        begin += len(piece)
        if element is None or first >= last:
            continue
        element.text = piece[:first] + text + piece[last:]
        element.set(XML_SPACE, "preserve")
        text = ""


def _break_lines(element: etree._Element) -> None:
    """Line breaks and tabs within a text become the elements that Word has for them."""
    parts = _BREAK_OR_TAB.split(element.text or "")
    if len(parts) == 1:
        return
    element.text, last = parts[0], element
    for part in parts[1:]:
        if part in {"\n", "\t"}:
            new = etree.Element(w("br") if part == "\n" else w("tab"))
        else:
            new = etree.Element(_T)
            new.text = part
            new.set(XML_SPACE, "preserve")
        last.addnext(new)
        last = new
