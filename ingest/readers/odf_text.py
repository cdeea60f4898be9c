"""The text of OpenDocument files: paragraphs, headings, lists, tables, notes, frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lxml import etree

from ingest.packages import Package
from ingest.readers.drafting import Findings
from ingest.readers.elements import attribute, child, children, descendants, local, number
from ingest.readers.odf_styles import Styles
from ingest.readers.writing import Cell, Run, heading, inline, listing, one_line, table

# Generated from the rest of the document, deleted, or no text at all.
_LEFT_OUT_NAMES: Final = """
    tracked-changes table-of-content alphabetical-index illustration-index table-index
    object-index user-index bibliography sequence-decls variable-decls user-field-decls forms
    event-listeners hidden-text note-citation annotation annotation-end ruby-text binary-data
    settings notes desc title
"""
_LEFT_OUT: Final = frozenset(_LEFT_OUT_NAMES.split())
_BOXES_NAMES: Final = """
    text-box custom-shape rect ellipse polygon path line connector caption
"""
_BOXES: Final = frozenset(_BOXES_NAMES.split())
_MEDIA_TYPES: Final = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "svg": "image/svg+xml",
}
_PLAIN: Final = Run("")
_MAX_SPACES: Final = 100  # one element may stand for any number of spaces


def words(root: etree._Element) -> str:
    """Return every word below ``root`` that a reader of the document sees, by a plain look at its text."""
    texts: list[str] = []
    stack: list[etree._Element | str] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            texts.append(item)
            continue
        if item.tail and item is not root:
            stack.append(str(item.tail))
        name = local(item)
        if name in _LEFT_OUT and name not in {"desc", "title"}:
            if name == "notes":
                stack.extend(reversed(item))
            continue
        if name in {"desc", "title", ""}:
            continue
        stack.extend(reversed(item))
        if item.text:
            stack.append(str(item.text))
    return " ".join(texts)


class TextReader:
    """Reads the text of one file; what is not part of its body goes to ``found``."""

    def __init__(self, package: Package, found: Findings, styles: Styles) -> None:
        self._package = package
        self._found = found
        self._styles = styles
        self._notes: list[str] = []
        self.equations: list[str] = []

    def blocks(self, element: etree._Element) -> list[str]:
        """Return the content of an element as blocks of Markdown."""
        return [block for inner in children(element) for block in self._block(inner) if block]

    def footnotes(self) -> list[str]:
        """Return the texts of the footnotes and endnotes met so far, as Markdown has them at its end."""
        return list(self._notes)

    def runs(self, element: etree._Element, looks: Run = _PLAIN) -> Iterator[Run]:
        """Yield the runs of a paragraph."""
        yield from _text(element.text, looks)
        for inner in element:
            name = local(inner)
            if name and name not in _LEFT_OUT:
                yield from self._inline(inner, name, looks)
            elif name == "annotation":
                self._annotation(inner)
            yield from _text(inner.tail, looks)

    def shape(self, shape: etree._Element) -> list[str]:
        """Return what a shape on a slide shows, as blocks."""
        return self._block(shape)

    def _block(self, element: etree._Element) -> list[str]:
        match local(element):
            case left_out if left_out in _LEFT_OUT:
                written: list[str] = []
            case "h":
                level = number(attribute(element, "outline-level"), 1)
                written = [heading(level, self.runs(element)), *self._boxes(element)]
            case "p":
                written = [inline(self._paragraph(element)), *self._boxes(element)]
            case "list":
                written = [self._list(element, attribute(element, "style-name"), 1)]
            case "table":
                self._found.count("tables", found=1, carried=1)
                written = [table(self._rows(element))]
            case "frame":
                written = self._frame(element)
            case _:
                written = self.blocks(element)
        return written

    def _paragraph(self, element: etree._Element) -> Iterator[Run]:
        looks = self._styles.looks(attribute(element, "style-name"), _PLAIN)
        return self.runs(element, replace(looks, bold=False, italic=False))

    def _inline(self, element: etree._Element, name: str, looks: Run) -> Iterator[Run]:
        if name == "span":
            style = attribute(element, "style-name")
            if not self._styles.hides(style):
                yield from self.runs(element, self._styles.looks(style, looks))
        elif name == "a":
            address = attribute(element, "href")
            yield from self.runs(
                element, looks if address.startswith(("#", "..")) else replace(looks, href=address)
            )
        elif name == "line-break":
            yield replace(looks, text="\n")
        elif name == "tab":
            yield replace(looks, text=" ")
        elif name == "s":
            yield replace(looks, text=" " * min(number(attribute(element, "c"), 1), _MAX_SPACES))
        elif name == "note":
            yield from self._note(element)
        elif name == "frame":
            yield from self._picture(element)
        elif name not in _BOXES and name != "g":
            yield from self.runs(element, looks)

    def _note(self, element: etree._Element) -> Iterator[Run]:
        body = child(element, "note-body")
        if body is None:
            return
        self._found.count("footnotes", found=1, carried=1)
        label = len(self._notes) + 1
        self._notes.append("")
        self._notes[label - 1] = f"[^{label}]: " + "  \n    ".join(self.blocks(body)).replace(
            "\n\n", "\n"
        )
        yield Run(str(label), footnote=True)

    def _annotation(self, element: etree._Element) -> None:
        who = one_line(
            "".join(
                str(part)
                for name in ("creator",)
                for one in children(element, name)
                for part in one.itertext()
            )
        )
        text = one_line(
            " ".join("".join(map(str, one.itertext())) for one in children(element, "p", "list"))
        )
        if text:
            self._found.count("comments", found=1, carried=1)
            self._found.notes.append(f"{who}: {text}" if who else text)

    def _boxes(self, paragraph: etree._Element) -> list[str]:
        """Return the text of the boxes that are anchored in a paragraph; they follow it."""
        written: list[str] = []
        for inner in descendants(paragraph, *_BOXES):
            above = (outer for outer in inner.iterancestors() if local(outer) in {"p", "h"})
            if next(above, None) is paragraph and (inner_blocks := self.blocks(inner)):
                self._found.count("text boxes", found=1, carried=1)
                written += inner_blocks
        return written

    def _frame(self, frame: etree._Element) -> list[str]:
        box = child(frame, "text-box")
        if box is not None:
            return self.blocks(box)
        tables = [block for inner in children(frame, "table") for block in self._block(inner)]
        return [*tables, inline(self._picture(frame))]

    def _picture(self, frame: etree._Element) -> Iterator[Run]:
        for embedded in children(frame, "object"):
            yield from self._object(embedded)
        image = next(children(frame, "image"), None)
        if image is None or next(children(frame, "object", "table", "text-box"), None) is not None:
            return
        self._found.count("pictures", found=1)
        alt = one_line(
            " ".join("".join(map(str, one.itertext())) for one in children(frame, "title", "desc"))
        )
        target = attribute(image, "href").removeprefix("./")
        media_type = _MEDIA_TYPES.get(target.rpartition(".")[2].lower(), "")
        address = (
            self._found.picture(self._package.read(target), media_type)
            if media_type and target in self._package
            else ""
        )
        if address:
            self._found.count("pictures", carried=1)
            yield Run(alt, picture=address)
        else:
            self._found.lose("Drawings and linked pictures are not shown.")
            yield Run(alt)

    def _object(self, element: etree._Element) -> Iterator[Run]:
        """Formulas are carried as their annotation or their symbols; other objects are named."""
        part = attribute(element, "href").removeprefix("./").rstrip("/") + "/content.xml"
        root = self._package.xml(part) if part in self._package else None
        if root is not None and local(root) == "math":
            self._found.count("equations", found=1, carried=1)
            note = next(descendants(root, "annotation"), None)
            symbols = (str(one.text or "") for one in descendants(root, "mi", "mo", "mn", "mtext"))
            text = one_line(str(note.text)) if note is not None and note.text else " ".join(symbols)
            self.equations.append(text)
            yield Run(text)
            return
        self._found.count("embedded objects", found=1)
        self._found.lose("An embedded object (chart, sheet) was not carried.")

    def _list(self, element: etree._Element, style: str, level: int) -> str:
        items = []
        for item in children(element, "list-item", "list-header"):
            parts: list[str] = []
            for inner in children(item):
                if local(inner) == "list":
                    nested = self._list(inner, attribute(inner, "style-name") or style, level + 1)
                    if nested and parts and not parts[-1].startswith(("|", "<table")):
                        parts[-1] += "\n" + nested
                    else:
                        parts.append(nested)
                else:
                    parts += self._block(inner)
            text = "\n\n".join(part for part in parts if part)
            if text:
                items.append(text)
        start = self._styles.first_number(style, level)
        if start is not None:
            first = next(children(element, "list-item"), None)
            start = number(attribute(first, "start-value"), start)
        return listing(items, start=start)

    def _rows(self, element: etree._Element) -> list[list[Cell]]:
        rows = []
        for row in descendants(element, "table-row"):
            if (
                next((above for above in row.iterancestors() if local(above) == "table"), None)
                is not element
            ):
                continue
            cells = []
            for cell in children(row, "table-cell"):
                spans = (
                    attribute(cell, "number-columns-spanned"),
                    attribute(cell, "number-rows-spanned"),
                )
                columns, span = (max(1, min(number(one, 1), 100)) for one in spans)
                cells += [Cell(self._cell(cell), columns, span)] * (
                    1
                    if columns > 1
                    else max(1, min(number(attribute(cell, "number-columns-repeated"), 1), 100))
                )
            rows.append(cells)
        return rows

    def _cell(self, cell: etree._Element) -> list[list[Run]]:
        """Return the paragraphs of a cell; lists and inner tables are flattened into paragraphs."""
        paragraphs = []
        for paragraph in descendants(cell, "p", "h"):
            line = list(self._paragraph(paragraph))
            if line:
                paragraphs.append(line)
        return paragraphs


def _text(text: str | None, looks: Run) -> Iterator[Run]:
    if text:
        yield replace(looks, text=" ".join(str(text).replace("\n", " ").split(" ")))
