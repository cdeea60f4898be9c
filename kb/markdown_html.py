# ruff: noqa: RUF001  both widths of punctuation are meant
"""Markdown shown: a body as HTML that is safe to put on a page.

Python-Markdown turns paragraphs, lists, quotations and pipe tables into HTML, piece by piece; headings, fences, HTML
tables and footnotes come straight from :mod:`kb.markdown_blocks`; nh3 lets through only what stands in the tables
below. Pieces are small because Python-Markdown's time grows with the square of a paragraph's length.
"""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree  # Python-Markdown's own tree; nothing is parsed with it

import nh3
from markdown import Markdown
from markdown.extensions import Extension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import HtmlInlineProcessor, InlineProcessor

from kb.markdown_blocks import Anchors, Block, blocks, references
from kb.markdown_inline import NOTE_MARK, SPECIAL, TAG_PATTERN, TAGS, inline_text

PIECE_CHARS: Final = 20_000  # a piece is closed at the first blank line after this much
# Python-Markdown takes time in the product of a paragraph's length and its marks: 1 s at this product. Marks of a
# paragraph above it are not read; its words are shown as they are.
COSTLIEST_PARAGRAPH: Final = 40_000_000
_MARKS: Final = "[*_`<!&\\"
# Brackets that open and are no link are worse, 14 s for 6,000: one of them counts as this many marks.
_OPEN_BRACKET: Final = 100

_ATTRIBUTES: Final[dict[str, set[str]]] = {
    "a": {"href", "title"},
    "code": {"class"},
    "img": {"src", "alt", "title", "width", "height"},
    "li": {"id", "class"},
    "ol": {"start", "type"},
    "section": {"class"},
    "sup": {"id"},
    "td": {"rowspan", "colspan", "align"},
    "th": {"rowspan", "colspan", "align"},
    **{f"h{level}": {"id"} for level in range(1, 7)},
}
_CLASSES: Final = re.compile(r"footnotes|labelled|language-[\w+#-]{1,30}")
_STORED: Final = re.compile(r"files/([\w.-]{1,200})")
# Numbers that Markdown's own lists cannot count (一、 （二） 1.1 a) ①) stand in the text of a plain list item.
_LABELLED: Final = re.compile(
    r"<li>(?=\s*(?:<p>)?\s*(?:<(?:strong|em)>)*(?:[（(][一二三四五六七八九十百零〇\da-zA-Z]{1,6}[)）]"
    r"|[一二三四五六七八九十百零〇甲乙丙丁戊己庚辛壬癸]{1,5}[、.．]"
    r"|(?:[a-zA-Z]{1,2}|[ivxlcIVXLC]{1,7}|\d{1,4})[)）、]|[a-zA-Z]\.\s|[ivxlcIVXLC]{1,7}\.\s"
    r"|\d{1,4}(?:\.\d{1,4})*\.\s|\d{1,4}(?:\.\d{1,4})+\s|[①-⑳㈠-㈩⑴-⒛]|第[一二三四五六七八九十百零〇\d]{1,5}[章节条款步部篇项]))"
)
_PLACE: Final = threading.local()


def render(body: str, files_prefix: str) -> str:
    """Show a body as HTML.

    Args:
        body: Markdown.
        files_prefix: address that the names of stored files are put behind: ``files/ab.png`` → ``<prefix>ab.png``.

    Returns:
        Safe HTML. Heading ids are the anchors of :func:`kb.markdown.sections`; links carry ``rel="noopener"``;
        pictures of other hosts are not loaded (their alternative text stays).
    """
    page = _Page(body)
    markup = "".join(page.html())

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "id":
            return value if value in page.ids else None
        if name == "class":
            return value if _CLASSES.fullmatch(value) else None
        if name in {"src", "href"} and (stored := _STORED.fullmatch(value)):
            return files_prefix + stored[1]
        return None if tag == "img" and name == "src" else value

    return nh3.clean(
        markup,
        tags=set(TAGS | {"section"}),
        attributes=_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener",
        set_tag_attribute_values={"img": {"loading": "lazy"}},
    )


class _Page:
    """One body on its way to HTML; ``ids`` are those this module gave."""

    def __init__(self, body: str) -> None:
        self._blocks = list(blocks(body))
        self._definitions = references(body)
        self._notes = {block.label: block for block in self._blocks if block.kind == "footnote"}
        self._writer = _writer()
        self._writer.begin(self._notes, self._definitions)
        self.ids: set[str] = set()

    def html(self) -> Iterator[str]:
        anchors = Anchors()
        for block in self._blocks:
            if block.kind == "heading":
                plain = inline_text(block.text, self._definitions.keys(), self._notes.keys())
                anchor = anchors.of(" ".join(plain.split()))
                self.ids.add(anchor)
                inner = self._writer.inline(block.text)
                yield f'<h{block.level} id="{html.escape(anchor)}">{inner}</h{block.level}>\n'
            elif block.kind == "fence":
                language = f' class="language-{html.escape(block.label)}"' if block.label else ""
                yield f"<pre><code{language}>{html.escape(block.text, quote=False)}</code></pre>\n"
            elif block.kind == "html":
                yield NOTE_MARK.sub(self._note_mark, block.text) + "\n"
            elif block.kind == "text":
                for piece in _pieces(block.text):
                    yield self._writer.block(piece) + "\n"
        yield from self._footnotes()

    def _note_mark(self, mark: re.Match[str]) -> str:
        """A footnote's mark within an HTML table."""
        known = self._writer.number(mark[1])
        if known is None:
            return mark[0]
        number, first = known
        place = f' id="fnref:{number}"' if first else ""
        return f'<sup{place}><a href="#fn:{number}">{number}</a></sup>'

    def _footnotes(self) -> Iterator[str]:
        """The footnotes in the order they are referred to; one nobody refers to comes last."""
        numbers = self._writer.numbers
        for label in self._notes:
            numbers.setdefault(label, len(numbers) + 1)
        if not numbers:
            return
        yield '<section class="footnotes"><hr><ol>\n'
        # A footnote may refer to another one, so `numbers` is complete before and does not grow in the loop.
        for label, number in sorted(numbers.items(), key=lambda item: item[1]):
            self.ids |= {f"fn:{number}", f"fnref:{number}"}
            text = self._writer.inline(self._notes[label].text)
            yield f'<li id="fn:{number}">{text} <a href="#fnref:{number}">↩</a></li>\n'
        yield "</ol></section>\n"


def _pieces(text: str) -> Iterator[str]:
    """Cut text at blank lines before unindented lines, once a piece is large enough."""
    start, at = 0, PIECE_CHARS
    while (cut := text.find("\n\n", at)) >= 0:
        if text[cut + 2 : cut + 3].isspace():
            at = cut + 2
            continue
        yield text[start:cut]
        start = cut + 2
        at = start + PIECE_CHARS
    yield text[start:]


def _writer() -> _Writer:
    """This thread's writer: Python-Markdown keeps state while it works."""
    writer: _Writer | None = getattr(_PLACE, "writer", None)
    if writer is None:
        writer = _PLACE.writer = _Writer()
    return writer


class _Writer:
    """Python-Markdown, set up for bodies, with the footnotes of the body at hand."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._notes: dict[str, Block] = {}
        self._references: dict[str, Any] = {}
        self._markdown = self._new_markdown()

    def begin(self, notes: dict[str, Block], definitions: dict[str, str]) -> None:
        """Get ready for a body with these footnotes and these lines that define link references."""
        self.numbers, self._notes, self._references = {}, notes, {}
        if definitions:
            self._markdown.reset()
            self._markdown.convert("\n".join(definitions.values()))
            self._references = dict(self._markdown.references)

    def number(self, label: str) -> tuple[int, bool] | None:
        """The number of a footnote and whether this is its first mark; None when the body has no such footnote."""
        if label not in self._notes:
            return None
        first = label not in self.numbers
        return self.numbers.setdefault(label, len(self.numbers) + 1), first

    def block(self, text: str) -> str:
        """One piece of paragraphs, lists, quotations and tables as HTML."""
        if _cost(text) > COSTLIEST_PARAGRAPH and _costliest(text) > COSTLIEST_PARAGRAPH:
            return f"<p>{html.escape(inline_text(text), quote=False)}</p>"
        self._reset()
        try:
            return _LABELLED.sub('<li class="labelled">', self._markdown.convert(text))
        except RecursionError:
            # Lists in lists without end: their words are shown as they are. What was given up half-way still believes
            # itself within them, so the next text gets a new one.
            self._markdown = self._new_markdown()
            return f"<p>{html.escape(text, quote=False)}</p>"

    def inline(self, text: str) -> str:
        """One run of text (a heading, a footnote) as HTML, whatever it starts with."""
        if not SPECIAL.search(text) or _cost(text) > COSTLIEST_PARAGRAPH:
            return html.escape(inline_text(text), quote=False)
        self._reset()
        root = ElementTree.Element("div")
        ElementTree.SubElement(root, "p").text = text
        for processor in self._markdown.treeprocessors:
            root = processor.run(root) or root
        markup: str = self._markdown.serializer(root)
        for postprocessor in self._markdown.postprocessors:
            markup = postprocessor.run(markup)
        return (
            markup.strip()
            .removeprefix("<div>")
            .removesuffix("</div>")
            .strip()
            .removeprefix("<p>")
            .removesuffix("</p>")
        )

    def _new_markdown(self) -> Markdown:
        return Markdown(
            extensions=[TableExtension(use_align_attribute=True), "sane_lists", _Dialect(self)]
        )

    def _reset(self) -> None:
        self._markdown.reset()
        self._markdown.references.update(self._references)


def _cost(text: str) -> int:
    marks = sum(text.count(mark) for mark in _MARKS)
    open_brackets = text.count("[") - text.count("](") - text.count("\\[")
    return len(text) * (marks + _OPEN_BRACKET * max(open_brackets, 0))


def _costliest(text: str) -> int:
    """The cost of the costliest run of lines that is one paragraph; rows of a table and list items count alone."""
    costliest, start = 0, 0
    lines = text.split("\n")
    for at, line in enumerate([*lines, ""]):
        bare = line.lstrip()
        if not bare or bare[0] in "|-*+" or bare[0].isdigit():
            costliest = max(costliest, _cost("\n".join(lines[start:at])))
            start = at
    return costliest


class _Dialect(Extension):
    """What differs from plain Python-Markdown: headings are not its business, only known tags are tags, footnotes."""

    def __init__(self, writer: _Writer) -> None:
        super().__init__()
        self._writer = writer

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  the name Python-Markdown calls
        """Change the rules of ``md``."""
        md.preprocessors.deregister("html_block")
        md.parser.blockprocessors.deregister("hashheader")
        md.parser.blockprocessors.deregister("setextheader")
        md.inlinePatterns.deregister("html")
        md.inlinePatterns.register(
            HtmlInlineProcessor(rf"(?i:({TAG_PATTERN}|<!--.*?-->))", md), "html", 90
        )
        md.inlinePatterns.register(_FootnoteMark(self._writer, md), "footnote", 175)


class _FootnoteMark(InlineProcessor):
    """``[^1]`` becomes a small number that leads to the footnote."""

    def __init__(self, writer: _Writer, md: Markdown) -> None:
        super().__init__(NOTE_MARK.pattern, md)
        self._writer = writer

    def handleMatch(  # type: ignore[override]  # noqa: N802  the name Python-Markdown calls
        self,
        m: re.Match[str],
        data: str,  # noqa: ARG002  Python-Markdown gives it
    ) -> tuple[ElementTree.Element | None, int | None, int | None]:
        """Give the element for one mark, or nothing when the body has no such footnote."""
        known = self._writer.number(m.group(1))
        if known is None:
            return None, None, None
        number, first = known
        mark = ElementTree.Element("sup", {"id": f"fnref:{number}"} if first else {})
        link = ElementTree.SubElement(mark, "a", {"href": f"#fn:{number}"})
        link.text = str(number)
        return mark, m.start(0), m.end(0)
