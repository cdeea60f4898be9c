"""Blocks: headings, paragraphs, lists, tables, quotations and code, one after the other."""

from __future__ import annotations

from typing import Any, Final

from docx.document import Document
from docx.oxml.ns import qn
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph
from lxml import html as lxml_html

from ingest.writers.word_grid import Place, grid
from ingest.writers.word_lists import Lists, indent, mark
from ingest.writers.word_runs import DEEPEST, PLAIN, Look, Runs
from ingest.writers.word_styles import Styles, xml

_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_LOWEST: Final = 9  # Word has no lower heading
_GROUPS: Final = frozenset({"div", "section", "figure", "details", "dl", "tbody", "article"})
_BLOCKS: Final = frozenset({
    *_HEADINGS, *_GROUPS, "p", "ul", "ol", "table", "blockquote", "pre", "hr", "dt", "dd", "summary", "figcaption",
})  # fmt: skip


class Blocks:
    """Writes the blocks of one page."""

    def __init__(
        self, document: Document, styles: Styles, lists: Lists, runs: Runs, *, deeper: int
    ) -> None:
        """Into ``document``, headings ``deeper`` levels below what they say."""
        self._document = document
        self._styles = styles
        self._lists = lists
        self._runs = runs
        self._deeper = deeper

    def write(
        self,
        element: lxml_html.HtmlElement,
        into: Any,
        style: str = "",
        look: Look = PLAIN,
        depth: int = 0,
    ) -> None:
        """Append everything that stands in ``element`` to a document or a cell, loose text as paragraphs."""
        loose: Paragraph | None = None

        def line() -> Paragraph:
            nonlocal loose
            loose = loose if loose is not None else self._styles.paragraph(into, style)
            return loose

        if (element.text or "").strip():
            self._runs.text(line(), element.text or "", look)
        for child in element:
            if isinstance(child.tag, str):
                if child.tag in _BLOCKS and depth < DEEPEST:
                    loose = None
                    self._block(child, into, style, look, depth + 1)
                else:
                    self._runs.inline(line(), child, look)
            tail = child.tail or ""
            if tail.strip() or (tail and loose is not None):
                self._runs.text(line(), tail, look)

    def _block(
        self, element: lxml_html.HtmlElement, into: Any, style: str, look: Look, depth: int
    ) -> None:
        tag = str(element.tag)
        if tag in _HEADINGS:
            level = min(_HEADINGS[tag] + self._deeper, _LOWEST)
            paragraph = self._styles.paragraph(into, f"Heading {level}")
            if anchor := element.get("id"):
                self._runs.bookmark(paragraph, anchor)
            self._runs.children(paragraph, element)
        elif tag in {"ul", "ol"}:
            self._list(element, into, look, level=0, depth=depth)
        elif tag == "table":
            self._table(element, into, depth)
        elif tag == "pre":
            self._code(element, into)
        elif tag == "hr":
            self._rule(into)
        elif tag == "blockquote":
            self.write(element, into, "Quote", look, depth)
        elif tag in _GROUPS:
            self.write(element, into, style, look, depth)
        else:
            # A paragraph by the rules of HTML holds no block; one that does (in a cell) is written as what it is.
            self.write(element, into, style, look.within(tag), depth)

    def _list(
        self, element: lxml_html.HtmlElement, into: Any, look: Look, *, level: int, depth: int
    ) -> None:
        ordered = element.tag == "ol"
        start = element.get("start", "1")
        numbering = self._lists.new(
            ordered=ordered,
            start=int(start) if start.isdecimal() and len(start) < 6 else 1,  # noqa: PLR2004  Word's own limit
            kind=element.get("type", "1"),
            level=level,
        )
        for item in element:
            if item.tag == "li":
                self._item(item, into, look, (numbering, level), depth)

    def _item(
        self, item: lxml_html.HtmlElement, into: Any, look: Look, place: tuple[int, int], depth: int
    ) -> None:
        """An item: its first paragraph carries the number, what follows stands under it."""
        numbering, level = place
        paragraph = self._styles.paragraph(into, "List Paragraph")
        # One whose text begins with a number of its own (一、 a)) gets no second one.
        own = item.get("class") == "labelled"
        if own:
            indent(paragraph, level)
        else:
            mark(paragraph, numbering, level)
        fresh: Paragraph | None = paragraph

        def line() -> Paragraph:
            nonlocal fresh
            if fresh is None:
                fresh = self._styles.paragraph(into, "List Paragraph")
                indent(fresh, level)
            return fresh

        self._runs.text(line(), (item.text or "").lstrip(), look)
        for child in item:
            if not isinstance(child.tag, str):
                pass
            elif child.tag in {"ul", "ol"} and depth < DEEPEST:
                self._list(child, into, look, level=level + 1, depth=depth + 1)
                fresh = None
            elif child.tag == "p":
                if fresh is not None and (fresh.text or fresh.runs):
                    fresh = None
                self._runs.children(line(), child, look)
                fresh = None
            elif child.tag in _BLOCKS and depth < DEEPEST:
                self._block(child, into, "List Paragraph", look, depth + 1)
                fresh = None
            else:
                self._runs.inline(line(), child, look)
            tail = child.tail or ""
            if tail.strip() or (tail and fresh is not None):
                self._runs.text(line(), tail, look)

    def _code(self, element: lxml_html.HtmlElement, into: Any) -> None:
        text = "".join(map(str, element.itertext())).rstrip("\n")
        paragraph = self._styles.paragraph(
            into, "Code" if self._styles.has("Code") else "No Spacing"
        )
        for number, line in enumerate(text.split("\n")):
            if number:
                paragraph.add_run().add_break()
            self._runs.text(paragraph, line, Look(code=True), kept=True)

    def _rule(self, into: Any) -> None:
        paragraph = self._styles.paragraph(into)
        borders: Any = xml("pBdr")
        borders.append(xml("bottom", val="single", sz="4", space="1", color="auto"))
        paragraph._p.get_or_add_pPr().append(borders)

    def _table(self, element: lxml_html.HtmlElement, into: Any, depth: int) -> None:
        for caption in element.findall("caption"):
            self._runs.children(self._styles.paragraph(into, "Caption"), caption)
        rows = [row for row in element.iter("tr") if _table_of(row) is element]
        lines = grid(rows)
        width = max((len(line) for line in lines), default=0)
        if not width:
            return
        _part_from_table(into, self._document)
        table = into.add_table(0, 0) if isinstance(into, _Cell) else self._document.add_table(0, 0)
        style = self._styles.table("Qianjian", "Table Grid", "Normal Table")
        if style is not None:
            table.style = style
        _columns(table, width)
        for number, line in enumerate(lines):
            head = number < len(rows) and _is_head(rows[number])
            self._row(table, line, width, head=head, depth=depth)
        if isinstance(into, _Cell):
            into.add_paragraph()  # a cell must end with a paragraph

    def _row(self, table: Table, line: list[Place], width: int, *, head: bool, depth: int) -> None:
        row = xml("tr")
        if head:
            properties = xml("trPr")
            properties.append(xml("tblHeader"))
            row.append(properties)
        table._tbl.append(row)
        at = 0
        while at < width:
            place = line[at] if at < len(line) else Place(None)
            cell = _cell(table, row, place)
            if place.element is not None and place.first:
                look = PLAIN.within(str(place.element.tag))
                self.write(place.element, cell, "", look, depth + 1)
            if not len(cell._tc.p_lst) or cell._tc[-1].tag != qn("w:p"):
                cell.add_paragraph()
            at += place.span


def _part_from_table(into: Any, document: Document) -> None:
    """Put an empty paragraph after a table, because Word takes two tables in a row for one."""
    inner: Any = into._tc if isinstance(into, _Cell) else document.element.body
    last = [child for child in inner if child.tag != qn("w:sectPr")][-1:]
    if last and last[0].tag == qn("w:tbl"):
        into.add_paragraph()


def _table_of(row: lxml_html.HtmlElement) -> lxml_html.HtmlElement | None:
    return next(row.iterancestors("table"), None)


def _is_head(row: lxml_html.HtmlElement) -> bool:
    parent = row.getparent()
    return parent is not None and parent.tag == "thead"


def _columns(table: Table, width: int) -> None:
    columns: Any = table._tbl.tblGrid
    for _ in range(width):
        columns.append(xml("gridCol"))


def _cell(table: Table, row: Any, place: Place) -> _Cell:
    made, properties = xml("tc"), xml("tcPr")
    if place.span > 1:
        properties.append(xml("gridSpan", val=str(place.span)))
    if place.rows > 1:
        properties.append(xml("vMerge", val="restart" if place.first else "continue"))
    made.append(properties)
    row.append(made)
    return _Cell(made, table)
