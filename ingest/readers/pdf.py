"""PDF: the text layer as paragraphs, with headings from the outline or from the size of the letters.

A PDF knows letters on a page, not paragraphs. pdfium gives the letters in reading order with their boxes;
:mod:`ingest.readers.pdf_lines` makes lines and paragraphs of them. Pages without a text layer (scans) are named in the ledger.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats import Format
from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.pdf_lines import Line, is_margin, margins, page_lines, paragraphs, text_size
from ingest.readers.properties import settle, take
from ingest.readers.writing import MAX_HEADING_LEVEL, Run, blocks, heading, inline, one_line
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile, NoText

_MAX_PAGES: Final = 3_000  # a handbook has 1,000; at 15 ms a page this is 45 seconds
_MAX_OUTLINE: Final = 5_000
_PROPERTIES: Final = {
    "Title": "title",
    "Author": "creator",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "application",
}
# Titles that converters put there: the file's name in the program it came from.
_PROGRAM_TITLE: Final = re.compile(r"^(?:microsoft (?:word|powerpoint|excel) - )|\.(?:docx?|pptx?|xlsx?|dvi|indd|wps|tex)$", re.I)
# Letters this much larger than those of the text make a heading.
_HEADING_FROM: Final = 1.12
_HEADING_CHARACTERS: Final = 120
_HEADING_LEVELS: Final = 4
_SENTENCE_ENDS: Final = tuple("。；;，,、：.")


def read_pdf(path: Path, name: str) -> Draft:
    """Read a PDF.

    Raises:
        DamagedFile: it is broken.
        EncryptedFile: it opens only with a password.
        NoText: it is a scan, or blank.
    """
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY):
            raise EncryptedFile(name=name) from error
        raise DamagedFile(name=name, reason="its table of contents of objects is broken or cut off") from error
    try:
        found = Findings()
        _properties(document, found)
        pages, outline = _pages(document, name, found), _outline(document)
    finally:
        document.close()
    found.body = blocks(_body(pages, outline, found))
    found.text = " ".join(line.text for page in pages for line in page)
    return finish(found, name, Format.PDF)


def _pages(document: pdfium.PdfDocument, name: str, found: Findings) -> list[list[Line]]:
    """Return the lines of every page; pages that are only a picture are counted."""
    total = len(document)
    if total > _MAX_PAGES:
        found.lose(f"Of {total} pages, the first {_MAX_PAGES} were carried.")
    pages: list[list[Line]] = []
    blank: list[int] = []
    broken: list[int] = []
    for index in range(min(total, _MAX_PAGES)):
        try:
            page = document[index]
            lines = page_lines(page)
            page.close()
        except pdfium.PdfiumError:
            lines = []
            broken.append(index + 1)
        pages.append(lines)
        if not lines and index + 1 not in broken:
            blank.append(index + 1)
    if broken and len(broken) == len(pages):
        raise DamagedFile(name=name, reason="none of its pages can be opened")
    if len(blank) == len(pages):
        raise NoText(name=name, reason="its pages are pictures without a text layer, or blank")
    found.count("pages", found=total, carried=len(pages) - len(blank) - len(broken))
    if blank:
        found.lose(f"Pages without a text layer: {_ranges(blank)}.")
    if broken:
        found.lose(f"Pages that cannot be opened: {_ranges(broken)}.")
    return pages


def _properties(document: pdfium.PdfDocument, found: Findings) -> None:
    try:
        values = document.get_metadata_dict(skip_empty=True)
    except (pdfium.PdfiumError, UnicodeDecodeError):
        return
    for key, value in values.items():
        if key in _PROPERTIES and not (key == "Title" and _PROGRAM_TITLE.search(value)):
            take(_PROPERTIES[key], value, found)
        stamp = re.match(r"D:(\d{4})(\d{2})(\d{2})", value)
        if stamp and key in {"CreationDate", "ModDate"}:
            take("created" if key == "CreationDate" else "modified", "-".join(stamp.groups()), found)
    settle(found)


def _outline(document: pdfium.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Return the outline's entries as (level, title) by the page they lead to, counted from 0."""
    found: dict[int, list[tuple[int, str]]] = {}
    try:
        for number, item in enumerate(document.get_toc(max_depth=MAX_HEADING_LEVEL)):
            destination = item.get_dest()
            page = destination.get_index() if destination else None
            title = one_line(item.get_title() or "")
            if page is not None and title:
                found.setdefault(page, []).append((item.level + 1, title))
            if number > _MAX_OUTLINE:
                break
    except (pdfium.PdfiumError, UnicodeDecodeError, AttributeError):
        return {}
    return found


def _body(pages: list[list[Line]], outline: dict[int, list[tuple[int, str]]], found: Findings) -> list[str]:
    repeated = margins(pages)
    size = text_size(pages)
    levels = {} if outline else _levels(pages, size, repeated)
    by_page = not outline and not levels and len(pages) > 1
    written: list[str] = []
    open_lines: list[Line] = []

    def flush() -> None:
        written.extend(inline([Run(text)]) for text in paragraphs(open_lines))
        open_lines.clear()

    for index, page in enumerate(pages):
        lines = [line for line in page if not _noted(line, repeated, found)]
        if by_page and lines:
            flush()
            written.append(heading(2, [Run(page_name(index + 1, " ".join(line.text for line in lines)))]))
        waiting = list(outline.get(index, []))
        for line in lines:
            level, title = _heading(line, waiting, levels)
            if level:
                flush()
                written.append(heading(level, [Run(title)]))
            else:
                open_lines.append(line)
        if waiting and lines:
            # The outline names what the page says in other words: the entries stand at the page's start.
            written += [heading(level, [Run(title)]) for level, title in waiting]
    flush()
    return _joined_headings(written)


def _noted(line: Line, repeated: frozenset[str], found: Findings) -> bool:
    """True for page headers, footers and numbers, which are noted once instead of carried on every page."""
    if not is_margin(line, repeated):
        return False
    if any(char.isalpha() for char in line.text):
        found.properties.setdefault("page header or footer", line.text)
    return True


def _levels(pages: list[list[Line]], size: float, repeated: frozenset[str]) -> dict[float, int]:
    """Return the heading level of each letter height that is clearly larger than the text's, the largest first."""
    sizes: dict[float, int] = {}
    total = sum(len(page) for page in pages)
    for page in pages:
        for line in page:
            if line.size >= size * _HEADING_FROM and _may_be_heading(line) and not is_margin(line, repeated):
                sizes[round(line.size)] = sizes.get(round(line.size), 0) + 1
    # Where every third line would be a heading, the sizes mean something else (a poster, a form).
    if not sizes or sum(sizes.values()) > max(total / 3, 1):
        return {}
    return {height: min(rank, _HEADING_LEVELS) for rank, height in enumerate(sorted(sizes, reverse=True), 1)}


def _may_be_heading(line: Line) -> bool:
    return (
        1 < len(line.text) <= _HEADING_CHARACTERS
        and any(char.isalpha() for char in line.text)
        and not line.text.endswith(_SENTENCE_ENDS)
    )


def _heading(
    line: Line, waiting: list[tuple[int, str]], levels: dict[float, int]
) -> tuple[int, str]:
    """Return the level of a line and its title; level 0 for a line of text. An outline entry that is met is taken
    off ``waiting``.
    """
    for entry in waiting:
        if _bare(line.text) == _bare(entry[1]):
            waiting.remove(entry)
            return entry
    if levels and _may_be_heading(line):
        return levels.get(round(line.size), 0), line.text
    return 0, ""


def _joined_headings(written: list[str]) -> list[str]:
    """Join headings of one level that follow each other at once: a long heading takes two lines."""
    joined: list[str] = []
    for block in written:
        mark, _, title = block.partition(" ")
        before = joined[-1] if joined else ""
        if set(mark) == {"#"} and before.startswith(mark + " ") and len(before) + len(title) < _HEADING_CHARACTERS:
            joined[-1] = f"{before} {title}"
        elif block:
            joined.append(block)
    return joined


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _ranges(numbers: list[int]) -> str:
    """Write page numbers as people do: 1–3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] == number - 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ", ".join("–".join(map(str, part)) for part in parts)
