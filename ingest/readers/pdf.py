"""PDF: the text layer as paragraphs, with headings from the outline or from the size of the letters.

A PDF knows letters on a page, not paragraphs. pdfium gives the letters in reading order with their boxes
(:mod:`ingest.readers.pdf_letters`); :mod:`ingest.readers.pdf_lines` makes paragraphs of their lines, and
:mod:`ingest.readers.pdf_tables` tables, where :mod:`ingest.readers.pdf_rules` finds lines drawn around cells. Pages
without a text layer (scans) are named in the ledger.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from ingest.formats import Format
from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.pdf_lines import Line, evened, is_margin, margins, paragraphs, text_size
from ingest.readers.pdf_tables import page_lines
from ingest.readers.properties import settle, take
from ingest.readers.writing import MAX_HEADING_LEVEL, Run, blocks, heading, inline, one_line
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile, NoText

_MAX_PAGES: Final = 3_000  # a handbook has 1,000; at 15 ms a page this is 45 seconds
_MAX_OUTLINE: Final = 5_000
# An outline with fewer entries than one for so many pages tells parts, not sections: letter sizes then tell more.
_OUTLINE_PAGES: Final = 15
_PROPERTIES: Final = {
    "Title": "title",
    "Author": "creator",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "application",
}
# Titles that converters put there: the file's name in the program it came from.
_PROGRAM_TITLE: Final = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel) - )|\.(?:docx?|pptx?|xlsx?|dvi|indd|wps|tex)$",
    re.IGNORECASE,
)
# Letters this much larger than those of the text make a heading.
_HEADING_FROM: Final = 1.12
_HEADING_CHARACTERS: Final = 120
_HEADING_LEVELS: Final = 4
_HEADING_LINES: Final = 3  # lines a heading may take
_NUMBER_CHARACTERS: Final = 6  # of a heading's number: 第三章, 1.2.3
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
        if getattr(error, "err_code", None) in (
            pdfium_c.FPDF_ERR_PASSWORD,
            pdfium_c.FPDF_ERR_SECURITY,
        ):
            raise EncryptedFile(name=name) from error
        raise DamagedFile(
            name=name, reason="its table of contents of objects is broken or cut off"
        ) from error
    try:
        found = Findings()
        _properties(document, found)
        pages, outline = _pages(document, name, found), _outline(document)
    finally:
        document.close()
    found.body = blocks(_body(pages, outline, found))
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
            take(
                "created" if key == "CreationDate" else "modified", "-".join(stamp.groups()), found
            )
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


def _body(
    pages: list[list[Line]], outline: dict[int, list[tuple[int, str]]], found: Findings
) -> list[str]:
    repeated = margins(pages)
    kept = evened(
        [[line for line in page if not _noted(line, page, repeated, found)] for page in pages]
    )
    found.text = " ".join(line.text for page in kept for line in page)
    if sum(map(len, outline.values())) * _OUTLINE_PAGES < len(pages):
        outline = {}
    levels = {} if outline else _levels(kept, text_size(kept))
    by_page = not outline and not levels and len(pages) > 1
    written: list[str] = []
    open_lines: list[Line] = []

    def flush() -> None:
        written.extend(inline([Run(text)]) for text in paragraphs(open_lines))
        open_lines.clear()

    for index, lines in enumerate(kept):
        headings = _placed(lines, outline.get(index, [])) if outline else _by_size(lines, levels)
        if by_page and lines:
            words = " ".join(line.text for line in lines)
            headings = {0: [(2, page_name(index + 1, words), 0)]}
        skip = 0
        for at, line in enumerate(lines):
            for level, title, taken in headings.get(at, []):
                flush()
                written.append(heading(level, [Run(title)]))
                skip = max(skip, taken)
            if skip:
                skip -= 1
            elif line.table:
                flush()
                written.append(line.table)
                found.count("tables", found=1, carried=1)
            else:
                open_lines.append(line)
    flush()
    return written if outline else _joined_headings(written)


def _noted(line: Line, page: list[Line], repeated: frozenset[str], found: Findings) -> bool:
    """True for page headers, footers and numbers, which are noted once instead of carried on every page."""
    if len(page) == 1 or not is_margin(line, repeated):
        return False
    if any(char.isalpha() for char in line.text):
        found.properties.setdefault("page header or footer", line.text)
    return True


def _levels(pages: list[list[Line]], size: float) -> dict[int, int]:
    """Return the heading level of each letter height that is clearly larger than the text's, the largest first."""
    sizes: dict[int, int] = {}
    total = sum(len(page) for page in pages)
    for page in pages:
        for line in page:
            if line.size >= size * _HEADING_FROM and _may_be_heading(line):
                sizes[round(line.size)] = sizes.get(round(line.size), 0) + 1
    # Where every third line would be a heading, the sizes mean something else (a poster, a form).
    if not sizes or sum(sizes.values()) > max(total / 3, 1):
        return {}
    return {
        height: min(rank, _HEADING_LEVELS)
        for rank, height in enumerate(sorted(sizes, reverse=True), 1)
    }


def _may_be_heading(line: Line) -> bool:
    return (
        not line.table
        and 1 < len(line.text) <= _HEADING_CHARACTERS
        and any(char.isalpha() for char in line.text)
        and not line.text.endswith(_SENTENCE_ENDS)
    )


# Headings on a page by the line they stand before: level, title, and how many lines they take the place of.
_Headings = dict[int, list[tuple[int, str, int]]]


def _by_size(lines: list[Line], levels: dict[int, int]) -> _Headings:
    return {
        at: [(levels[round(line.size)], line.text, 1)]
        for at, line in enumerate(lines)
        if round(line.size) in levels and _may_be_heading(line)
    }


def _placed(lines: list[Line], entries: list[tuple[int, str]]) -> _Headings:
    """Find the lines that are a page's outline entries; those that are not found stand at its start."""
    bare = [_bare(line.text) for line in lines]
    placed: _Headings = {}
    missing: list[tuple[int, str, int]] = []
    for level, title in entries:
        wanted = _bare(title)
        at, taken = next(
            (
                (start, count)
                for start in range(len(lines))
                for count in range(1, _HEADING_LINES + 1)
                if start not in placed and _is_title("".join(bare[start : start + count]), wanted)
            ),
            (0, 0),
        )
        if taken:
            placed.setdefault(at, []).append((level, title, taken))
        else:
            missing.append((level, title, 0))
    if missing:
        placed[0] = [*missing, *placed.get(0, [])]
    return placed


def _is_title(text: str, wanted: str) -> bool:
    """True when a line is an outline entry; the line may carry the number the entry leaves out, or the reverse."""
    if not text or not wanted:
        return False
    shorter, longer = sorted((text, wanted), key=len)
    extra = longer.removesuffix(shorter)
    return (
        longer.endswith(shorter)
        and len(extra) <= _NUMBER_CHARACTERS
        and (not extra or not extra.isascii() or not extra.isalpha())
    )


def _joined_headings(written: list[str]) -> list[str]:
    """Join headings of one level that follow each other at once: a long heading takes two lines."""
    joined: list[str] = []
    for block in written:
        mark, _, title = block.partition(" ")
        before = joined[-1] if joined else ""
        if (
            set(mark) == {"#"}
            and before.startswith(mark + " ")
            and len(before) + len(title) < _HEADING_CHARACTERS
        ):
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
