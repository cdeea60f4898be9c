"""The tree of a web page as blocks of Markdown.

The tree is walked once: block elements become blocks, what lies between them becomes runs. Nothing is
fetched and no script is looked at. :func:`html_blocks` is the door, :func:`html_text` the independent
look that the honesty ledger is measured by.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_to_bytes

from lxml import etree

from ingest.readers.drafting import Findings
from ingest.readers.elements import number
from ingest.readers.writing import (
    Cell,
    Run,
    code_block,
    heading,
    inline,
    listing,
    one_line,
    quote,
    table,
)

# Gives the bytes and media type behind a picture's address, or None: mails and e-books carry theirs along.
PictureSource = Callable[[str], tuple[bytes, str] | None]
_DROPPED_NAMES: Final = """
    script style head template noscript iframe object embed applet svg canvas audio
    video map input select button textarea option datalist nav
    """
_DROPPED: Final = frozenset(_DROPPED_NAMES.split())
_BLOCK_NAMES: Final = """
    address article aside blockquote body center dd details dialog dir div dl dt
    fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html
    legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul
    caption title
    """
_BLOCKS: Final = frozenset(_BLOCK_NAMES.split())
_LOOKS: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "cite": "italic",
    "code": "code",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
    "s": "strike",
    "del": "strike",
    "strike": "strike",
}
_HEADINGS: Final = {f"h{level}": level for level in range(1, 7)}
_HIDDEN: Final = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE
)
_MAX_SPAN: Final = 100  # columns or rows one cell may cover
_MAX_DEPTH: Final = 200  # nesting beyond which the rest is taken as plain text
# A table that holds headings, lists or other tables is there for the layout, not for data.
_LAYOUT_SIGNS: Final = ("table", "ul", "ol", "blockquote", *_HEADINGS)


def html_blocks(
    root: etree._Element, found: Findings, pictures: PictureSource | None = None, *, shift: int = 0
) -> list[str]:
    """Return an element's content as blocks of Markdown; pictures and losses go to ``found``.

    Args:
        root: the element; usually the whole page.
        found: collects.
        pictures: finds the pictures that travel with the page; without it only ``data:`` pictures are kept.
        shift: added to the level of each heading, when the page is a section of a larger document.
    """
    return _Walker(found, pictures, shift).blocks(root)


def html_text(root: etree._Element) -> str:
    """Return every word a page shows, by a plain look that knows nothing of blocks."""
    return " ".join(_texts(root))


class _Walker:
    """One walk over a page; holds nothing but where to put what it finds."""

    def __init__(self, found: Findings, pictures: PictureSource | None, shift: int) -> None:
        self._found = found
        self._pictures = pictures
        self._shift = shift

    def blocks(self, element: etree._Element, depth: int = 0) -> list[str]:
        """Return the blocks of an element; what lies loose between them is gathered into paragraphs."""
        written: list[str] = []
        loose: list[Run] = []

        def flush() -> None:
            written.append(inline(_squeezed(loose)))
            loose.clear()

        loose.extend(_text(element.text))
        for child in element:
            if isinstance(child.tag, str) and not _left_out(child):
                if _holds_blocks(child) and depth < _MAX_DEPTH:
                    flush()
                    written.extend(self._block(child, depth + 1))
                else:
                    loose.extend(self.runs(child, depth + 1))
            loose.extend(_text(child.tail))
        flush()
        return [block for block in written if block]

    def _block(self, element: etree._Element, depth: int) -> list[str]:
        writer = _BLOCK_WRITERS.get(str(element.tag), _Walker.blocks)
        return writer(self, element, depth)

    def _heading(self, element: etree._Element, depth: int) -> list[str]:
        return [heading(_HEADINGS[str(element.tag)] + self._shift, self._paragraph(element, depth))]

    def _code(self, element: etree._Element, _depth: int) -> list[str]:
        text = "".join(_texts(element))
        return [code_block(text)] if text.strip() else []

    def _quotation(self, element: etree._Element, depth: int) -> list[str]:
        inner = "\n\n".join(self.blocks(element, depth))
        return [quote(inner)] if inner else []

    def _rule(self, _element: etree._Element, _depth: int) -> list[str]:
        return ["---"]

    def _term(self, element: etree._Element, depth: int) -> list[str]:
        return [inline([replace(run, bold=True) for run in self._paragraph(element, depth)])]

    def _paragraph(self, element: etree._Element, depth: int) -> list[Run]:
        return _squeezed(list(self._inner(element, depth)))

    def _list(self, element: etree._Element, depth: int) -> list[str]:
        items = []
        for child in element:
            if isinstance(child.tag, str) and not _left_out(child):
                inner = "\n\n".join(self.blocks(child, depth + 1))
                if inner:
                    items.append(_tight(inner))
        start = element.get("start", "1")
        first = number(start, 1)
        return [listing(items, start=first if element.tag == "ol" else None)]

    def _table(self, element: etree._Element, depth: int) -> list[str]:
        rows = [
            row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element
        ]
        cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
        widest = max(map(len, cells), default=0)
        layout = widest <= 1 or any(
            next(element.iter(sign), element) is not element for sign in _LAYOUT_SIGNS[1:]
        )
        layout = layout or sum(1 for _ in element.iter("table")) > 1
        caption = [
            block
            for child in element
            if child.tag == "caption"
            for block in self.blocks(child, depth)
        ]
        if layout:
            return caption + [
                block for row in cells for cell in row for block in self.blocks(cell, depth)
            ]
        self._found.count("tables", found=1, carried=1)
        return [*caption, table([[self._cell(cell, depth) for cell in row] for row in cells])]

    def _cell(self, element: etree._Element, depth: int) -> Cell:
        paragraphs: list[list[Run]] = [[]]
        for run in self._inner(element, depth, parted=True):
            if run.text == "\n" and not run.picture:
                paragraphs.append([])
            else:
                paragraphs[-1].append(run)
        return Cell(
            [_squeezed(line) for line in paragraphs if line],
            _span(element.get("colspan")),
            _span(element.get("rowspan")),
        )

    def runs(self, element: etree._Element, depth: int, *, parted: bool = False) -> Iterator[Run]:
        """Yield the runs of an inline element; with ``parted`` a line break stands between inner blocks."""
        tag = str(element.tag)
        if tag == "br":
            yield Run("\n")
        elif tag == "img":
            yield from self._image(element)
        elif depth >= _MAX_DEPTH:
            yield Run(" ".join(_texts(element)))
        else:
            if parted and tag in _BLOCKS:
                yield Run("\n")
            look = _LOOKS.get(tag)
            href = element.get("href", "") if tag == "a" else ""
            # Within a web page an address without a host leads nowhere any more, but its words stay.
            href = (
                href if re.match(r"(?:https?|mailto|ftp|tel):", href.strip(), re.IGNORECASE) else ""
            )
            for run in self._inner(element, depth, parted=parted):
                run_ = replace(run, href=run.href or href) if href else run
                yield _looking(run_, look) if look and run.text != "\n" else run_

    def _inner(self, element: etree._Element, depth: int, *, parted: bool = False) -> Iterator[Run]:
        yield from _text(element.text)
        for child in element:
            if isinstance(child.tag, str) and not _left_out(child):
                yield from self.runs(child, depth + 1, parted=parted)
            yield from _text(child.tail)

    def _image(self, element: etree._Element) -> Iterator[Run]:
        source, alt = (
            element.get("src", "").strip(),
            one_line(element.get("alt") or element.get("title") or ""),
        )
        self._found.count("pictures", found=1)
        content = _data_picture(source) or (self._pictures(source) if self._pictures else None)
        address = self._found.picture(*content) if content else ""
        if address:
            self._found.count("pictures", carried=1)
            yield Run(alt, picture=address)
        else:
            self._found.lose("Pictures that are not part of the file were not fetched.")
            if alt:
                yield Run(alt)


_BLOCK_WRITERS: Final[dict[str, Callable[[_Walker, etree._Element, int], list[str]]]] = {
    **dict.fromkeys(_HEADINGS, _Walker._heading),
    **dict.fromkeys(("ul", "ol", "dir", "menu"), _Walker._list),
    "table": _Walker._table,
    "pre": _Walker._code,
    "blockquote": _Walker._quotation,
    "hr": _Walker._rule,
    "dt": _Walker._term,
}


def _texts(element: etree._Element) -> Iterator[str]:
    stack: list[etree._Element | str] = [element]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
            continue
        if item.tail and item is not element:
            stack.append(item.tail)
        if not isinstance(item.tag, str) or item.tag in _DROPPED or _hidden(item):
            continue
        stack.extend(reversed(item))
        if item.text:
            stack.append(item.text)


def _looking(run: Run, look: str) -> Run:
    match look:
        case "bold":
            return replace(run, bold=True)
        case "italic":
            return replace(run, italic=True)
        case "code":
            return replace(run, code=True)
        case _:
            return replace(run, strike=True)


def _text(text: str | None) -> Iterator[Run]:
    if text:
        yield Run(re.sub(r"[ \t\r\n\f]+", " ", text))


def _squeezed(runs: list[Run]) -> list[Run]:
    """Squeeze white space across runs as a browser does."""
    squeezed: list[Run] = []
    blank = True
    for run in runs:
        text = run.text
        if not run.picture:
            text = text[1:] if blank and text.startswith(" ") else text
            blank = text[-1:].isspace() if text else blank
        else:
            blank = False
        if text or run.picture:
            squeezed.append(replace(run, text=text))
    return squeezed


def _tight(item: str) -> str:
    """Keep an item and the list inside it together, so that the outer list is not spread."""
    return re.sub(r"\n\n(?=(?:- |\d+\. ))", "\n", item)


def _holds_blocks(element: etree._Element) -> bool:
    return element.tag in _BLOCKS or any(
        isinstance(inner.tag, str) and inner.tag in _BLOCKS for inner in element.iterdescendants()
    )


def _left_out(element: etree._Element) -> bool:
    return element.tag in _DROPPED or _hidden(element)


def _hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return "hidden" in element.attrib or bool(style and _HIDDEN.search(style))


def _span(value: str | None) -> int:
    # A cell over a thousand columns is a slip or an attack; either way nobody sees more than the table's width.
    return max(1, min(number(value or "", 1), _MAX_SPAN))


def _data_picture(source: str) -> tuple[bytes, str] | None:
    match = re.match(r"data:(image/[\w.+-]+)((?:;[\w=-]+)*),", source, re.IGNORECASE)
    if not match:
        return None
    content = unquote_to_bytes(source[match.end() :])
    if ";base64" in match.group(2).lower():
        try:
            content = base64.b64decode(content, validate=False)
        except (binascii.Error, ValueError):
            return None
    return content, match.group(1).lower()
