"""PowerPoint presentations (.pptx, .pptm, .ppsx, .potx): each slide becomes a section.

The XML is walked part by part. A slide's title is its heading, its shapes follow in their order
with groups opened, tables as tables, SmartArt as lists, charts as their title and data, speaker
notes as a quotation. Comments become notes of the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from ingest.formats import Format
from ingest.limits import Limits
from ingest.packages import Package, Relationship, open_package
from ingest.readers.charts import chart_blocks, chart_words
from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.drawing import drawing_words, paragraph_runs, placeholder, text_blocks
from ingest.readers.elements import (
    attribute,
    child,
    children,
    descendants,
    local,
    number,
    qualified,
)
from ingest.readers.properties import take_office_open
from ingest.readers.writing import (
    Cell,
    Run,
    blocks,
    heading,
    inline,
    listing,
    one_line,
    quote,
    table,
)
from kb.drafts import Draft
from kb.errors import DamagedFile

# Placeholders that repeat on every slide or hold a running number.
_MARGINS: Final = frozenset({"ftr", "hdr", "dt", "sldNum", "sldImg"})
_TITLES: Final = frozenset({"title", "ctrTitle"})
_LISTS: Final = frozenset({"body", "obj", ""})
_MEDIA_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "svg": "image/svg+xml",
}


def read_pptx(path: Path, name: str, limits: Limits) -> Draft:
    """Read a presentation.

    Raises:
        DamagedFile: it holds no presentation, or a part of it is broken.
        HostileFile: it is built to exhaust.
        NoText: there is not a word in it.
    """
    with open_package(path, name, limits) as package:
        found = Findings()
        take_office_open(package, found)
        found.body, found.text = _slides(package, found)
        return finish(found, name, Format.PPTX)


def _slides(package: Package, found: Findings) -> tuple[str, str]:
    parts: list[str] = []
    words: list[str] = []
    for position, slide in enumerate(_slide_parts(package), 1):
        reader = _Slide(package, slide, found)
        parts += reader.blocks(position)
        words.append(reader.words())
    return blocks(parts), " ".join(words)


def _slide_parts(package: Package) -> list[str]:
    main = next(iter(package.related("", "officeDocument")), "ppt/presentation.xml")
    if main not in package:
        raise DamagedFile(name=package.name, reason="the presentation itself is missing from it")
    links = package.relationships(main)
    ids = [qualified(slide, "id") for slide in descendants(package.xml(main), "sldId")]
    return [links[id_].target for id_ in ids if id_ in links and links[id_].target in package]


class _Slide:
    """One slide with what it refers to."""

    def __init__(self, package: Package, part: str, found: Findings) -> None:
        self._package = package
        self._part = part
        self._found = found
        self._root = package.xml(part)
        self._links = package.relationships(part)
        self._charts: list[etree._Element] = []
        self._diagrams: list[etree._Element] = []

    def blocks(self, position: int) -> list[str]:
        shapes = list(_shapes(child(self._root, "cSld", "spTree")))
        title = next((shape for shape in shapes if placeholder(shape) in _TITLES), None)
        title_runs = self._title_runs(title)
        if position == 1:
            self._found.title = one_line("".join(run.text for run in title_runs))
        heading_ = heading(2, title_runs)
        content = [block for shape in shapes if shape is not title for block in self._shape(shape)]
        if not heading_:
            heading_ = heading(2, [Run(self._fallback_title(position))])
        self._comments(position)
        return [heading_, *content, *self._speaker_notes()]

    def words(self) -> str:
        """Every word of the slide, its notes, charts and diagrams, by a plain look at the text elements."""
        notes = [self._package.xml(part) for part in self._related("notesSlide")]
        roots = [self._root, *notes, *self._diagrams]
        return " ".join(
            [*(drawing_words(root, _MARGINS) for root in roots), *map(chart_words, self._charts)]
        )

    def _title_runs(self, title: etree._Element | None) -> list[Run]:
        runs: list[Run] = []
        for paragraph in descendants(title, "p"):
            runs += [*([Run(" ")] if runs else []), *paragraph_runs(paragraph, self._links)]
        return runs

    def _fallback_title(self, position: int) -> str:
        return page_name(position, drawing_words(self._root, _MARGINS), english="Slide")

    def _shape(self, shape: etree._Element) -> list[str]:
        kind = local(shape)
        if kind == "pic":
            return self._picture(shape)
        if kind == "graphicFrame":
            return self._frame(shape)
        role = placeholder(shape)
        if role in _MARGINS:
            if role == "ftr" and (text := one_line(drawing_words(shape))):
                self._found.properties.setdefault("footer", text)
            return []
        return text_blocks(child(shape, "txBody"), self._links, bullets=role in _LISTS)

    def _picture(self, shape: etree._Element) -> list[str]:
        self._found.count("pictures", found=1)
        about = next(descendants(shape, "cNvPr"), None)
        alt = one_line(attribute(about, "descr") or attribute(about, "title"))
        blip = next(descendants(shape, "blip"), None)
        link = self._links.get(qualified(blip, "embed")) if blip is not None else None
        address = self._stored(link) if link else ""
        if address:
            self._found.count("pictures", carried=1)
            return [inline([Run(alt, picture=address)])]
        self._found.lose("Drawings (EMF, WMF), linked pictures, films and sounds are not shown.")
        return [inline([Run(alt)])] if alt else []

    def _stored(self, link: Relationship) -> str:
        media_type = _MEDIA_TYPES.get(link.target.rpartition(".")[2].lower(), "")
        if link.external or link.target not in self._package or not media_type:
            return ""
        return self._found.picture(self._package.read(link.target), media_type)

    def _frame(self, frame: etree._Element) -> list[str]:
        written: list[str] = []
        for inner in descendants(frame, "tbl"):
            self._found.count("tables", found=1, carried=1)
            written.append(table(self._rows(inner)))
        for chart in descendants(frame, "chart"):
            written += self._chart(chart)
        for diagram in descendants(frame, "relIds"):
            written += self._diagram(qualified(diagram, "dm"))
        for embedded in descendants(frame, "oleObj"):
            program = attribute(embedded, "progId") or "object"
            self._found.count("embedded objects", found=1)
            self._found.lose(f"An embedded {program} was not carried.")
        return written

    def _rows(self, element: etree._Element) -> list[list[Cell]]:
        rows = []
        for row in children(element, "tr"):
            cells = []
            for cell in children(row, "tc"):
                if attribute(cell, "hMerge") in {"1", "true"} or attribute(cell, "vMerge") in {
                    "1",
                    "true",
                }:
                    continue
                paragraphs = [list(paragraph_runs(p, self._links)) for p in descendants(cell, "p")]
                columns, span = (
                    number(attribute(cell, "gridSpan"), 1),
                    number(attribute(cell, "rowSpan"), 1),
                )
                cells.append(Cell(paragraphs, max(columns, 1), max(span, 1)))
            rows.append(cells)
        return rows

    def _chart(self, reference: etree._Element) -> list[str]:
        self._found.count("charts", found=1)
        link = self._links.get(qualified(reference, "id"))
        if link is None or link.target not in self._package:
            return []
        root = self._package.xml(link.target)
        self._charts.append(root)
        self._found.count("charts", carried=1)
        return chart_blocks(root)

    def _diagram(self, id_: str) -> list[str]:
        """SmartArt: its points in their order, each a list item of its own."""
        link = self._links.get(id_)
        if link is None or link.target not in self._package:
            return []
        root = self._package.xml(link.target)
        self._diagrams.append(root)
        self._found.count("diagrams", found=1, carried=1)
        points = [child(point, "t") for point in descendants(root, "pt")]
        lines = [
            [run for p in children(point, "p") for run in (*paragraph_runs(p, {}), Run(" "))]
            for point in points
        ]
        return [listing(text for line in lines if (text := inline(line)))]

    def _speaker_notes(self) -> list[str]:
        written = []
        for part in self._related("notesSlide"):
            links = self._package.relationships(part)
            for shape in _shapes(child(self._package.xml(part), "cSld", "spTree")):
                if placeholder(shape) not in _MARGINS and local(shape) == "sp":
                    inner = text_blocks(child(shape, "txBody"), links, bullets=False)
                    if inner:
                        self._found.count("speaker notes", found=1, carried=1)
                        written.append(quote("\n\n".join(inner)))
        return written

    def _comments(self, position: int) -> None:
        for part in self._related("comments"):
            for comment in descendants(self._package.xml(part), "cm"):
                text = one_line(" ".join(_comment_words(comment)))
                if text:
                    self._found.count("comments", found=1, carried=1)
                    self._found.notes.append(f"Slide {position}: {text}")

    def _related(self, type_: str) -> list[str]:
        return [
            link.target
            for link in self._links.values()
            if link.type.lower() == type_.lower()
            and not link.external
            and link.target in self._package
        ]


def _shapes(tree: etree._Element | None) -> Iterator[etree._Element]:
    """Yield the shapes of a tree in their order, groups opened, of alternative contents the first."""
    for element in children(tree):
        name = local(element)
        if name in {"sp", "pic", "graphicFrame", "cxnSp"}:
            yield element
        elif name == "grpSp":
            yield from _shapes(element)
        elif name == "AlternateContent":
            yield from _shapes(next(children(element, "Choice", "Fallback"), None))


def _comment_words(comment: etree._Element) -> Iterator[str]:
    """Words of a comment: classic ones have a ``text``, threaded ones paragraphs."""
    for element in descendants(comment, "text", "t"):
        yield str(element.text or "")
