"""A story: a stretch of a Word file that is read from start to end (the body, a footnote, a header, a text box).

:class:`Context` is what all stories of one file share. :class:`Story` turns the elements of one container into blocks;
the inside of a paragraph is :mod:`ingest.readers.docx_line`'s, tables are :mod:`ingest.readers.docx_tables`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from ingest.packages import Relationship
from ingest.readers.docx_embedded import embedded_blocks
from ingest.readers.docx_line import Field, Line
from ingest.readers.docx_model import Block, Paragraph, Piece, Tally
from ingest.readers.docx_names import MC_ALTERNATE, MC_CHOICE, MC_FALLBACK, VAL, m, r, w
from ingest.readers.docx_notes import Comments, Notes
from ingest.readers.docx_numbering import Label, Numbering
from ingest.readers.docx_package import WordPackage
from ingest.readers.docx_styles import Style, Styles, is_on, number
from ingest.readers.docx_tables import read_table
from kb.drafts import Picture


@dataclass(slots=True)
class Context:
    """What all stories of one file share."""

    package: WordPackage
    styles: Styles
    numbering: Numbering
    notes: Notes
    comments: Comments
    pictures: dict[str, Picture] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)


class Story:
    """Reads one part of a file, block by block."""

    def __init__(self, context: Context, part: str, root: etree._Element) -> None:
        """Get ready to read containers below ``root``, the root element of ``part``."""
        self.context = context
        self.part = part
        self.fields: list[Field] = []
        self.closed_fields = _closed_fields(root)
        self._held: list[
            Piece
        ] = []  # of paragraphs whose mark was deleted: they run on into the next one

    def blocks(self, container: etree._Element) -> list[Block]:
        """The blocks in a container, in order."""
        found: list[Block] = []
        self._gather(container, found)
        if self._held:
            found.append(Paragraph(self._take_held()))
        return found

    def apart(self, container: etree._Element) -> list[Block]:
        """The blocks of a cell or a text box: nothing runs on from outside into it, or out of it."""
        held, self._held = self._held, []
        found = self.blocks(container)
        self._held = held
        return found

    def relation(self, relation_id: str | None) -> Relationship | None:
        """The relation of this part with an id; None when there is none."""
        return self.context.package.relations(self.part).get(relation_id) if relation_id else None

    def _gather(self, container: Iterable[etree._Element], found: list[Block]) -> None:
        for child in container:
            tag = child.tag
            if tag == _P:
                self._paragraph(child, found)
            elif tag == _TBL:
                if (table := read_table(self, child)) is not None:
                    found.append(table)
            elif tag == MC_ALTERNATE:
                self._alternate(child, found)
            elif tag == _ALT_CHUNK:
                found += embedded_blocks(
                    self.context, self.part, child.get(r("id")) or "", chunk=True
                )
            elif tag in _LOOSE:
                self._loose(child, found)
            elif tag in _INSERTED:
                self.context.tally.carry("insertions")
                self._gather(child, found)
            elif isinstance(tag, str) and tag not in _SKIPPED:
                self._gather(child, found)

    def _alternate(self, element: etree._Element, found: list[Block]) -> None:
        """Of several copies the first that says anything."""
        for copy in (*element.iterchildren(MC_CHOICE), *element.iterchildren(MC_FALLBACK)):
            before = len(found)
            self._gather(copy, found)
            if len(found) > before:
                return

    def _loose(self, element: etree._Element, found: list[Block]) -> None:
        """Text that stands outside of a paragraph, where no program should put it."""
        line = Line(self, self.context.styles.paragraph(None))
        line.take(element)
        self._close(Paragraph(line.pieces), line, found)

    def _paragraph(self, element: etree._Element, found: list[Block]) -> None:
        properties = _Properties(element.find(_PPR))
        style = self.context.styles.paragraph(properties.style)
        line = Line(self, style)
        line.walk(element)
        if properties.mark_deleted:
            self._held += line.pieces
            found += line.after
            return
        pieces = self._take_held() + line.pieces
        paragraph = Paragraph(pieces, title=style.title, centred=properties.centred)
        filled = paragraph.filled
        paragraph.level = style.level if properties.level is None else properties.level
        paragraph.size = line.size or style.size
        paragraph.bold = line.all_bold and filled
        if filled or not properties.mark_hidden:
            self._number(paragraph, properties, style)
        if style.name.startswith("toc ") and style.name[4:].isdigit():
            paragraph.list_level, paragraph.bullet, paragraph.level = (
                int(style.name[4:]) - 1,
                True,
                0,
            )
        self._close(paragraph, line, found)

    def _close(self, paragraph: Paragraph, line: Line, found: list[Block]) -> None:
        if paragraph.filled:
            found.append(paragraph)
        found += line.after

    def _number(self, paragraph: Paragraph, properties: _Properties, style: Style) -> None:
        num_id, level = style.numbering or ("", -1)
        if properties.num_id:
            num_id, level = (
                properties.num_id,
                properties.num_level if properties.num_level >= 0 else max(level, 0),
            )
        elif num_id and properties.num_level >= 0:
            level = properties.num_level
        if not num_id or num_id == "0":
            return
        label: Label | None = self.context.numbering.label(num_id, level, style.id)
        if label is None:
            return
        paragraph.label, paragraph.value, paragraph.bullet = label.text, label.value, label.bullet
        paragraph.list_level = label.level

    def _take_held(self) -> list[Piece]:
        held, self._held = self._held, []
        return held


class _Properties:
    """What a paragraph says of itself, beyond its style."""

    __slots__ = ("centred", "level", "mark_deleted", "mark_hidden", "num_id", "num_level", "style")

    def __init__(self, element: etree._Element | None) -> None:
        self.style: str | None = None
        self.level: int | None = None
        self.num_id, self.num_level = "", -1
        self.centred = self.mark_deleted = self.mark_hidden = False
        if element is None:
            return
        for child in element:
            reader = _PROPERTY_READERS.get(child.tag) if isinstance(child.tag, str) else None
            if reader is not None:
                reader(self, child)

    def _style(self, element: etree._Element) -> None:
        self.style = element.get(VAL)

    def _outline(self, element: etree._Element) -> None:
        level = number(element.get(VAL), 9)
        self.level = level + 1 if 0 <= level < 9 else 0  # noqa: PLR2004  levels count from 0, 9 is body text

    def _centre(self, element: etree._Element) -> None:
        self.centred = element.get(VAL) == "center"

    def _number(self, element: etree._Element) -> None:
        num_id, level = element.find(_NUM_ID), element.find(_ILVL)
        if num_id is not None:
            self.num_id = num_id.get(VAL) or ""
        if level is not None:
            self.num_level = number(level.get(VAL), 0)

    def _mark(self, element: etree._Element) -> None:
        self.mark_deleted = element.find(_DEL) is not None or element.find(_MOVE_FROM) is not None
        hidden = element.find(_VANISH)
        self.mark_hidden = hidden is not None and is_on(hidden.get(VAL))


def _closed_fields(root: etree._Element) -> set[etree._Element]:
    """The starts of fields that have an end: only their instructions can be told from text."""
    closed: set[etree._Element] = set()
    waiting: list[etree._Element] = []
    for mark in root.iter(w("fldChar")):
        kind = mark.get(_FIELD_KIND)
        if kind == "begin":
            waiting.append(mark)
        elif kind == "end" and waiting:
            closed.add(waiting.pop())
    return closed


_P: Final = w("p")
_PPR: Final = w("pPr")
_TBL: Final = w("tbl")
_DEL: Final = w("del")
_MOVE_FROM: Final = w("moveFrom")
_VANISH: Final = w("vanish")
_NUM_ID: Final = w("numId")
_ILVL: Final = w("ilvl")
_FIELD_KIND: Final = w("fldCharType")
_ALT_CHUNK: Final = w("altChunk")
_LOOSE: Final = frozenset({w("r"), w("hyperlink"), w("fldSimple"), m("oMath"), m("oMathPara")})
_INSERTED: Final = frozenset({w("ins"), w("moveTo")})
_SKIPPED: Final = frozenset(w(name) for name in (
    "del", "moveFrom", "sectPr", "sdtPr", "sdtEndPr", "customXmlPr", "tblPr", "tblGrid", "trPr", "tcPr",
    "pPr", "rPr", "bookmarkStart", "bookmarkEnd", "proofErr", "permStart", "permEnd", "background",
))  # fmt: skip
_PROPERTY_READERS: Final[dict[str, Callable[[_Properties, etree._Element], None]]] = {
    w("pStyle"): _Properties._style,
    w("outlineLvl"): _Properties._outline,
    w("jc"): _Properties._centre,
    w("numPr"): _Properties._number,
    w("rPr"): _Properties._mark,
}
