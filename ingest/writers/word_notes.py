"""Footnotes, which python-docx does not know: the part of the package that holds them, and references to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph
from lxml import etree
from lxml import html as lxml_html

from ingest.writers.word_styles import xml

if TYPE_CHECKING:
    from ingest.writers.word_runs import Runs

# Word wants the lines between text and footnotes to be there, as two footnotes of their own.
_EMPTY: Final = (
    f"<w:footnotes {nsdecls('w')}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)


class Notes:
    """The footnotes of one file; ``writing`` while the text of one is written, which can hold no links out."""

    def __init__(self, document: Document) -> None:
        """Of ``document``; those its house style may have are left out with its text."""
        self._document = document
        self._root = parse_xml(_EMPTY)
        self._count = 0
        self._texts: dict[str, lxml_html.HtmlElement] = {}
        self._known: dict[str, int] = {}
        self._runs: Runs | None = None
        self.writing = False

    def begin(self, root: lxml_html.HtmlElement, runs: Runs) -> None:
        """Take the footnotes out of a page; they are written where they are referred to."""
        self._texts, self._known, self._runs = {}, {}, runs
        for section in root.xpath('.//section[@class="footnotes"]'):
            for item in section.iter("li"):
                self._texts[item.get("id", "").removeprefix("fn:")] = _without_way_back(item)
            section.drop_tree()

    def refer(self, paragraph: Paragraph, number: str) -> None:
        """Append a reference to a footnote of the page."""
        text = self._texts.get(number)
        if text is None or self.writing:
            paragraph.add_run(number).font.superscript = True
            return
        if number not in self._known:
            self._known[number] = self._write(text)
        run = paragraph.add_run()
        run.font.superscript = True
        mark = xml("footnoteReference", id=str(self._known[number]))
        run._r.append(mark)

    def finish(self) -> None:
        """Put the part with the footnotes into the file, where there are any."""
        part = self._document.part
        for key, relation in list(part.rels.items()):
            if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES:
                part.rels.pop(key)
        if not self._count:
            return
        blob = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        name = PackURI("/word/footnotes.xml")
        made = Part(name, CONTENT_TYPE.WML_FOOTNOTES, blob, part.package)
        part.relate_to(made, RELATIONSHIP_TYPE.FOOTNOTES)

    def _write(self, text: lxml_html.HtmlElement) -> int:
        self._count += 1
        note, inner = xml("footnote", id=str(self._count)), xml("p")
        self._root.append(note)
        note.append(inner)
        paragraph = Paragraph(inner, self._document._body)
        mark = paragraph.add_run()
        mark.font.superscript = True
        mark._r.append(xml("footnoteRef"))
        paragraph.add_run(" ")
        self.writing = True
        try:
            if self._runs is not None:
                self._runs.children(paragraph, text)
        finally:
            self.writing = False
        return self._count


def _without_way_back(item: lxml_html.HtmlElement) -> lxml_html.HtmlElement:
    for link in item.xpath('.//a[starts-with(@href, "#fnref")]'):
        link.drop_tree()
    return item
