"""What stands within a paragraph: marked text, links, pictures, references to footnotes."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Final, Protocol

from docx.document import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Emu
from docx.text.paragraph import Paragraph
from docx.text.run import Run
from lxml import html as lxml_html

from ingest.writers.word_styles import Styles, xml

if TYPE_CHECKING:
    from ingest.writers.word_notes import Notes

_BOLD: Final = frozenset({"b", "strong", "th", "dt", "summary", "caption", "figcaption"})
_ITALIC: Final = frozenset({"i", "em", "cite", "dfn", "var"})
_STRUCK: Final = frozenset({"del", "s", "strike"})
_UNDER: Final = frozenset({"u", "ins"})
_CODE: Final = frozenset({"code", "kbd", "samp"})
_MONOSPACED: Final = "Consolas"
_EMU_PER_PIXEL: Final = 9525
# Elements within each other; nobody writes more, and Python could not follow them.
DEEPEST: Final = 40
# Characters that XML 1.0 cannot hold.
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_FOOTNOTE: Final = re.compile(r"#fn:(\d+)")
_STORED: Final = re.compile(r"(?:/documents/\d{1,18}/)?files/([\w.-]{1,200})")


@dataclass(frozen=True, slots=True)
class Look:
    """How a run looks."""

    bold: bool = False
    italic: bool = False
    struck: bool = False
    under: bool = False
    code: bool = False
    marked: bool = False
    raised: bool = False
    lowered: bool = False

    def within(self, tag: str) -> Look:
        """The look of what stands in an element of this tag."""
        return replace(
            self,
            bold=self.bold or tag in _BOLD,
            italic=self.italic or tag in _ITALIC,
            struck=self.struck or tag in _STRUCK,
            under=self.under or tag in _UNDER,
            code=self.code or tag in _CODE,
            marked=self.marked or tag == "mark",
            raised=self.raised or tag == "sup",
            lowered=self.lowered or tag == "sub",
        )


PLAIN: Final = Look()


class Surroundings(Protocol):
    """What a page knows of where it comes from: its pictures by name, and the address of its site."""

    @property
    def picture(self) -> Callable[[str], bytes | None]:
        """Gives the bytes of a picture."""
        ...

    @property
    def site(self) -> str:
        """Where links to pages of ours lead from a file; empty for nowhere."""
        ...


class Runs:
    """Writes the inline content of one page."""

    def __init__(
        self,
        document: Document,
        styles: Styles,
        notes: Notes,
        around: Surroundings,
        prefix: str,
    ) -> None:
        """Into ``document``; ``prefix`` keeps the anchors of several pages of one file apart."""
        self._document = document
        self._styles = styles
        self._notes = notes
        self._around = around
        self._prefix = prefix
        self._bookmarks = count(1)
        section = document.sections[-1]
        widths = (section.page_width, section.left_margin, section.right_margin)
        whole, left, right = (int(width or 0) for width in widths)
        self._widest = max(whole - left - right, _EMU_PER_PIXEL) if whole else 500 * _EMU_PER_PIXEL

    def text(
        self, paragraph: Paragraph, text: str, look: Look = PLAIN, *, kept: bool = False
    ) -> None:
        """Append text; white space is folded as browsers do, unless it is ``kept``."""
        text = _NOT_XML.sub("", text)
        text = text if kept else _SPACE.sub(" ", text)
        if text == " " and not any(child.tag != qn("w:pPr") for child in paragraph._p):
            return
        if text:
            _dress(paragraph.add_run(text), look)

    def children(
        self,
        paragraph: Paragraph,
        element: lxml_html.HtmlElement,
        look: Look = PLAIN,
        depth: int = 0,
    ) -> None:
        """Append everything that stands in ``element``; marks too ``depth`` within each other leave their words."""
        if depth > DEEPEST:
            self.text(paragraph, "".join(map(str, element.itertext())), look)
            return
        self.text(paragraph, element.text or "", look)
        for child in element:
            if isinstance(child.tag, str):
                self.inline(paragraph, child, look, depth)
            self.text(paragraph, child.tail or "", look)

    def inline(
        self,
        paragraph: Paragraph,
        element: lxml_html.HtmlElement,
        look: Look = PLAIN,
        depth: int = 0,
    ) -> None:
        """Append one inline element."""
        tag = str(element.tag)
        if tag == "br":
            paragraph.add_run().add_break()
        elif tag == "img":
            self._image(paragraph, element)
        elif tag == "a":
            self._link(paragraph, element, look, depth + 1)
        elif tag == "sup" and (number := _note_of(element)) is not None:
            self._notes.refer(paragraph, number)
        else:
            self.children(paragraph, element, look.within(tag), depth + 1)

    def bookmark(self, paragraph: Paragraph, anchor: str) -> None:
        """Make ``paragraph`` the place that links to ``#anchor`` lead to."""
        number = str(next(self._bookmarks))
        within = paragraph._p
        within.append(xml("bookmarkStart", id=number, name=self._name(anchor)))
        within.append(xml("bookmarkEnd", id=number))

    def _name(self, anchor: str) -> str:
        """A bookmark's name: Word allows 40 letters, digits and underscores."""
        return f"s_{hashlib.sha256((self._prefix + anchor).encode()).hexdigest()[:24]}"

    def _link(
        self, paragraph: Paragraph, element: lxml_html.HtmlElement, look: Look, depth: int
    ) -> None:
        target = element.get("href", "")
        link = xml("hyperlink")
        if target.startswith("#"):
            link.set(qn("w:anchor"), self._name(target[1:]))
        elif (target := self._outside(target)) and not self._notes.writing:
            part = self._document.part
            link.set(
                qn("r:id"), part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
            )
        else:
            # What leads nowhere from a file keeps its words.
            self.children(paragraph, element, look, depth)
            return
        before = len(paragraph._p)
        self.children(paragraph, element, replace(look, under=True), depth)
        written = list(paragraph._p)[before:]
        for run in written:
            link.append(run)
        if written:
            paragraph._p.append(link)

    def _outside(self, target: str) -> str:
        """The address that a link leads to from outside, or empty."""
        if target.startswith("/") and not target.startswith("//") and self._around.site:
            return self._around.site.rstrip("/") + target
        return target if target.startswith(("http://", "https://", "mailto:")) else ""

    def _image(self, paragraph: Paragraph, element: lxml_html.HtmlElement) -> None:
        said = element.get("alt", "").strip()
        stored = _STORED.fullmatch(element.get("src", ""))
        content = self._around.picture(stored[1]) if stored and not self._notes.writing else None
        if content is not None:
            try:
                shape = paragraph.add_run().add_picture(io.BytesIO(content))
            except (UnrecognizedImageError, ValueError, KeyError, ZeroDivisionError):
                content = None  # a kind of picture that Word files cannot hold
            else:
                width = _pixels(element.get("width", "")) or int(shape.width)
                scale = min(width, self._widest) / max(int(shape.width), 1)
                height = round(int(shape.height) * scale)
                shape.width, shape.height = Emu(round(int(shape.width) * scale)), Emu(height)
                shape._inline.docPr.set("descr", _NOT_XML.sub("", said))
        if content is None and said:
            self.text(paragraph, f"[{said}]", Look(italic=True))


def _pixels(text: str) -> int:
    """A width that HTML gives in pixels, in Word's unit; 0 for none."""
    return int(text) * _EMU_PER_PIXEL if re.fullmatch(r"[1-9]\d{0,4}", text) else 0


def _note_of(element: lxml_html.HtmlElement) -> str | None:
    """The number of the footnote that a raised link refers to."""
    if len(element) == 1 and element[0].tag == "a":
        found = _FOOTNOTE.fullmatch(element[0].get("href", ""))
        return found[1] if found else None
    return None


def _dress(run: Run, look: Look) -> None:
    font = run.font
    # Only what is set is written: what is not, is left to the style.
    font.bold = look.bold or None
    font.italic = look.italic or None
    font.strike = look.struck or None
    font.underline = look.under or None
    font.superscript = look.raised or None
    font.subscript = look.lowered or None
    if look.code:
        font.name = _MONOSPACED
    if look.marked:
        font.highlight_color = WD_COLOR_INDEX.YELLOW
