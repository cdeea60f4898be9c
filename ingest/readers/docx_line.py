"""The inside of one paragraph: runs, links, fields, revisions, notes, symbols, drawings.

Only what is visible is taken: the results of fields and not their instructions, insertions and not deletions,
nothing hidden. Of text that is stored twice for older programs (``mc:AlternateContent``) the first copy that says
anything counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from ingest.readers import docx_fields
from ingest.readers.docx_drawings import take_drawing
from ingest.readers.docx_math import math_pieces
from ingest.readers.docx_model import BREAK, NOTE, Block, Piece
from ingest.readers.docx_names import MC_ALTERNATE, MC_CHOICE, MC_FALLBACK, m, r, w
from ingest.readers.docx_run import read_run
from ingest.readers.docx_styles import Style
from ingest.readers.docx_symbols import symbol, without_private

if TYPE_CHECKING:
    from ingest.readers.docx_story import Story

_PRIVATE: Final = re.compile("[\uf020-\uf0ff]")


@dataclass(slots=True)
class Field:
    """A field that has begun: its instructions so far, and whether its result has begun too."""

    instructions: str = ""
    in_result: bool = False
    closed: bool = True
    href: str = ""
    shown: bool = False
    form: str = ""


class Line:
    """Reads one paragraph.

    Attributes:
        pieces: what stands in it.
        after: blocks that hang on it and follow it: text boxes, charts, embedded files.
        size: of its largest letters in half points, where its runs say so.
        all_bold: True while no word was met that is not bold.
    """

    def __init__(self, story: Story, style: Style) -> None:
        """Get ready to read a paragraph of this style."""
        self.story = story
        self.context = story.context
        self.pieces: list[Piece] = []
        self.after: list[Block] = []
        self.size = 0
        self.all_bold = True
        self._style = style
        self._look = 0
        self._bold = style.bold
        self._href = ""
        self._font: etree._Element | None = None

    def walk(self, element: etree._Element) -> None:
        """Take everything within an element."""
        for child in element:
            self.take(child)

    def take(self, element: etree._Element) -> None:
        """Take one element; of one that is not known, what is inside it."""
        tag = element.tag
        handler = _HANDLERS.get(tag)
        if handler is not None:
            handler(self, element)
        elif isinstance(tag, str) and tag not in _SKIPPED:
            self.walk(element)

    def add(self, text: str) -> None:
        """Add visible text in the look of the present run."""
        fields = self.story.fields
        if fields:
            if any(one.closed and not one.in_result for one in fields):
                return
            fields[-1].shown = True
        href = self._href or next((one.href for one in reversed(fields) if one.href), "")
        self._put(Piece(text, self._look, href))
        self.context.comments.hear(text)
        if not self._bold and not text.isspace():
            self.all_bold = False

    def _put(self, piece: Piece) -> None:
        """Add a piece, joined to the one before when nothing parts them."""
        last = self.pieces[-1] if self.pieces else None
        if last is not None and last[1:] == piece[1:] and not piece.kind:
            self.pieces[-1] = last._replace(text=last.text + piece.text)
        else:
            self.pieces.append(piece)

    def _run(self, element: etree._Element) -> None:
        properties = element.find(_RPR)
        if properties is None:
            if self._style.hidden:
                return
            before = self._look, self._bold, self._font
            self._look, self._bold, self._font = 0, self._style.bold, None
        else:
            before = self._look, self._bold, self._font
            if not self._enter(properties):
                self._look, self._bold, self._font = before
                return
        self.walk(element)
        self._look, self._bold, self._font = before

    def _enter(self, properties: etree._Element) -> bool:
        """Take over a run's properties; False when the run is hidden."""
        said = read_run(properties, self.context.styles)
        if self._style.hidden if said.hidden is None else said.hidden:
            return False
        self.size = max(self.size, said.size)
        self._bold = self._style.bold if said.bold is None else said.bold
        self._look = said.look
        self._font = said.fonts
        return True

    def _text(self, element: etree._Element) -> None:
        text = element.text
        if not text:
            return
        if _PRIVATE.search(text):
            text = without_private(text, self._font_name())
        self.add(text)

    def _font_name(self) -> str:
        if self._font is None:
            return ""
        return self._font.get(w("ascii")) or self._font.get(w("hAnsi")) or ""

    def _symbol(self, element: etree._Element) -> None:
        try:
            code = int(element.get(w("char")) or "", 16)
        except ValueError:
            return
        self.add(symbol(element.get(w("font")) or "", code))

    def _space(self, _element: etree._Element) -> None:
        self.add(" ")

    def _break(self, _element: etree._Element) -> None:
        if not any(one.closed and not one.in_result for one in self.story.fields):
            self._put(Piece("\n", kind=BREAK))

    def _hyphen(self, _element: etree._Element) -> None:
        self.add("-")

    def _link(self, element: etree._Element) -> None:
        before = self._href
        relation = self.story.relation(element.get(r("id")))
        if relation is not None and relation.external:
            place = element.get(w("anchor"))
            self._href = (
                docx_fields.safe_address(relation.target + (f"#{place}" if place else "")) or before
            )
        self.walk(element)
        self._href = before

    def _simple_field(self, element: etree._Element) -> None:
        before = self._href
        self._href = docx_fields.hyperlink(element.get(w("instr")) or "") or before
        self.walk(element)
        self._href = before

    def _field_mark(self, element: etree._Element) -> None:
        fields = self.story.fields
        kind = element.get(_FIELD_KIND)
        if kind == "begin":
            closed = element in self.story.closed_fields
            fields.append(Field(closed=closed, form=docx_fields.form_field(element)))
        elif kind == "separate" and fields:
            fields[-1].in_result = True
            fields[-1].href = docx_fields.hyperlink(fields[-1].instructions)
        elif kind == "end" and fields:
            ended = fields.pop()
            if not ended.shown and (
                text := ended.form or docx_fields.without_result(ended.instructions)
            ):
                self.add(text)
            elif fields and ended.shown:
                fields[-1].shown = True

    def _instructions(self, element: etree._Element) -> None:
        if self.story.fields:
            self.story.fields[-1].instructions += element.text or ""

    def _inserted(self, element: etree._Element) -> None:
        self.context.tally.carry("insertions")
        self.walk(element)

    def _note(self, element: etree._Element) -> None:
        sort = "footnote" if element.tag == _FOOTNOTE else "endnote"
        label = self.context.notes.label(sort, element.get(w("id")) or "")
        if label:
            self._put(Piece(label, kind=NOTE))

    def _comment_range(self, element: etree._Element) -> None:
        self.context.comments.mark(element.get(w("id")) or "", opens=element.tag == _COMMENT_START)

    def _comment(self, element: etree._Element) -> None:
        self.context.comments.refer(element.get(w("id")) or "")

    def _ruby(self, element: etree._Element) -> None:
        """A word with its reading above: the reading follows in parentheses."""
        for base in element.iterchildren(w("rubyBase")):
            self.walk(base)
        for reading in element.iterchildren(w("rt")):
            if any((text.text or "").strip() for text in reading.iter(w("t"))):
                self.add("(")
                self.walk(reading)
                self.add(")")

    def _alternate(self, element: etree._Element) -> None:
        for copy in (*element.iterchildren(MC_CHOICE), *element.iterchildren(MC_FALLBACK)):
            before = (
                len(self.pieces),
                len(self.after),
                len(self.pieces[-1].text) if self.pieces else 0,
            )
            self.walk(copy)
            if before != (
                len(self.pieces),
                len(self.after),
                len(self.pieces[-1].text) if self.pieces else 0,
            ):
                return

    def _math(self, element: etree._Element) -> None:
        if any(one.closed and not one.in_result for one in self.story.fields):
            return
        pieces = math_pieces(element)
        if pieces:
            self.context.tally.carry("equations", sum(1 for _ in element.iter(_OMATH)))
        for piece in pieces:
            self._put(piece)
        if any(piece.text.strip() for piece in pieces):
            self.all_bold = False
            if self.story.fields:
                self.story.fields[-1].shown = True

    def _drawing(self, element: etree._Element) -> None:
        take_drawing(self, element)


_RPR: Final = w("rPr")
_FIELD_KIND: Final = w("fldCharType")
_FOOTNOTE: Final = w("footnoteReference")
_COMMENT_START: Final = w("commentRangeStart")
_OMATH: Final = m("oMath")
_SKIPPED: Final = frozenset(w(name) for name in (
    "pPr", "rPr", "del", "moveFrom", "delText", "delInstrText", "sdtPr", "sdtEndPr", "customXmlPr",
    "smartTagPr", "bookmarkStart", "bookmarkEnd", "proofErr", "lastRenderedPageBreak", "softHyphen",
    "annotationRef", "footnoteRef", "endnoteRef", "separator", "continuationSeparator", "fldData",
    "permStart", "permEnd", "rubyPr", "ffData",
))  # fmt: skip
_HANDLERS: Final[dict[object, Callable[[Line, etree._Element], None]]] = {
    w("r"): Line._run,
    w("t"): Line._text,
    w("tab"): Line._space,
    w("ptab"): Line._space,
    w("br"): Line._break,
    w("cr"): Line._break,
    w("noBreakHyphen"): Line._hyphen,
    w("sym"): Line._symbol,
    w("hyperlink"): Line._link,
    w("fldSimple"): Line._simple_field,
    w("fldChar"): Line._field_mark,
    w("instrText"): Line._instructions,
    w("ins"): Line._inserted,
    w("moveTo"): Line._inserted,
    _FOOTNOTE: Line._note,
    w("endnoteReference"): Line._note,
    w("commentReference"): Line._comment,
    _COMMENT_START: Line._comment_range,
    w("commentRangeEnd"): Line._comment_range,
    w("ruby"): Line._ruby,
    MC_ALTERNATE: Line._alternate,
    m("oMath"): Line._math,
    m("oMathPara"): Line._math,
    w("drawing"): Line._drawing,
    w("pict"): Line._drawing,
    w("object"): Line._drawing,
}
