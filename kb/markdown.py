r"""Markdown, the form every document's body is kept in: writing, reading and showing it.

::

    >>> [section.heading for section in sections("# 1 目标\n\n按期上线。\n\n## 1.1 Scope\n\nTwo sites.")]
    ['1 目标', '1.1 Scope']
    >>> plain_text("| 风险 | 措施 |\n|---|---|\n| 延期 | **每周**检查 |")
    '风险\t措施\n延期\t每周检查'

:func:`escape` writes a literal text as Markdown, :func:`sections` and :func:`plain_text` read the words back (for the
index, for search results, for `pmo extract`), :func:`render` shows a body as safe HTML. A heading has the same
anchor in ``sections`` and as its ``id`` in ``render``. The marks are in :mod:`kb.markdown_inline`, the blocks in
:mod:`kb.markdown_blocks`, the HTML in :mod:`kb.markdown_html`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from kb.markdown_blocks import Anchors, Block, blocks, references
from kb.markdown_html import render
from kb.markdown_inline import (
    NOTE_MARK,
    escape,
    escape_inline,
    guard_line,
    html_text,
    inline_text,
)

__all__ = ["Section", "escape", "escape_inline", "guard_line", "plain_text", "render", "sections"]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the plain text under it, up to the next heading of any level.

    Attributes:
        position: 0 for the text before the first heading, then 1, 2, 3 … for each heading.
        level: 1 to 6; 0 for the text before the first heading.
        heading: plain text; empty before the first heading.
        anchor: the heading's ``id`` in :func:`render`; empty before the first heading, else never.
        text: plain text: cells of a table row are parted by tabs, rows, paragraphs and list items by line breaks.
    """

    position: int
    level: int
    heading: str
    anchor: str
    text: str


def sections(body: str) -> list[Section]:
    """Cut a body into its sections, in order. Text before the first heading is section 0, left out when empty."""
    anchors = Anchors()
    reader = _Reader(body)
    found: list[Section] = []
    level, heading, anchor, lines = 0, "", "", list[str]()
    position = 0

    def close() -> None:
        text = "\n".join(lines)
        if position or text.strip():
            found.append(Section(position, level, heading, anchor, text))

    for block in reader.blocks:
        if block.kind != "heading":
            lines.extend(reader.lines(block))
            continue
        close()
        position += 1
        level, lines = block.level, []
        heading = reader.heading(block)
        anchor = anchors.of(heading)
    close()
    return found


def plain_text(body: str) -> str:
    """The words of a body, headings included, nothing added and nothing lost."""
    parts = (part for section in sections(body) for part in (section.heading, section.text))
    return "\n".join(part for part in parts if part)


_MARKER: Final = re.compile(r"(?:[-*+]|(\d{1,9}\.))(?:[ \t]+|$)")
_RULE: Final = re.compile(r"(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$")
_CELL_END: Final = re.compile(r"\\.|(`+)|(\|)")
_SEPARATOR_CHARS: Final = frozenset("|:- \t")


class _Reader:
    """Reads the blocks of one body as lines of plain text."""

    def __init__(self, body: str) -> None:
        self.blocks = list(blocks(body))
        self._references: Collection[str] = references(body).keys()
        self._footnotes = {block.label for block in self.blocks if block.kind == "footnote"}

    def heading(self, block: Block) -> str:
        return " ".join(self._inline(block.text).split())

    def lines(self, block: Block) -> Iterator[str]:
        if block.kind == "fence":
            yield from (line for line in block.text.split("\n") if line.strip())
        elif block.kind == "html":
            yield from _tidy(NOTE_MARK.sub(self._note, html_text(block.text)))
        elif block.kind == "footnote":
            yield from _tidy(self._inline(block.text))
        else:
            yield from self._text_lines(block.text.split("\n"))

    def _note(self, mark: re.Match[str]) -> str:
        """A footnote's mark within an HTML table shows only its number."""
        return "" if mark[1] in self._footnotes else mark[0]

    def _inline(self, markdown: str) -> str:
        return inline_text(markdown, self._references, self._footnotes)

    def _text_lines(self, lines: list[str]) -> Iterator[str]:
        """Paragraphs, list items, quotations and pipe tables."""
        paragraph: list[str] = []
        at = 0
        while at < len(lines):
            line = _without_quotation(lines[at])
            if self._is_table(lines, at, line, paragraph):
                at, rows = self._table(lines, at)
                yield from rows
                continue
            at += 1
            marker = _MARKER.match(line)
            if not line or marker or _RULE.match(line):
                yield from self._close(paragraph)
                paragraph = []
            if _RULE.match(line):
                continue
            if marker:
                line = " ".join(filter(None, (marker[1], _without_markers(line[marker.end() :]))))
            if line:
                paragraph.append(line)
        yield from self._close(paragraph)

    def _close(self, paragraph: list[str]) -> Iterator[str]:
        if paragraph and not self._is_reference(paragraph):
            yield from _tidy(self._inline("\n".join(paragraph)))

    def _is_reference(self, paragraph: list[str]) -> bool:
        """True when the paragraph only defines link references, which are not shown."""
        return bool(self._references) and all(references(line) for line in paragraph)

    def _is_table(self, lines: list[str], at: int, line: str, paragraph: list[str]) -> bool:
        if "|" not in line or paragraph or at + 1 >= len(lines):
            return False
        separator = _without_quotation(lines[at + 1])
        return "-" in separator and "|" in separator and _SEPARATOR_CHARS.issuperset(separator)

    def _table(self, lines: list[str], at: int) -> tuple[int, list[str]]:
        rows: list[str] = []
        end = at
        while end < len(lines) and (line := _without_quotation(lines[end])):
            if end != at + 1:
                cells = [" ".join(self._inline(cell).split()) for cell in _cells(line)]
                if any(cells):
                    rows.append("\t".join(cells))
            end += 1
        return end, rows


def _cells(row: str) -> Iterator[str]:
    """The cells of one row of a pipe table; a bar that is escaped or within code parts nothing."""
    row = row.removeprefix("|")
    start, within = 0, 0
    for found in _CELL_END.finditer(row):
        if found[1]:
            within = 0 if within == len(found[1]) else within or len(found[1])
        elif found[2] and not within:
            yield row[start : found.start()].strip()
            start = found.end()
    if row[start:].strip():
        yield row[start:].strip()


def _without_quotation(line: str) -> str:
    line = line.strip()
    while line.startswith(">"):
        line = line[1:].lstrip()
    return line


def _without_markers(line: str) -> str:
    """A list item may start with another one: ``- - text``."""
    while (marker := _MARKER.match(line)) is not None and not marker[1]:
        line = line[marker.end() :]
    return line.strip()


def _tidy(text: str) -> Iterator[str]:
    """The lines that hold words, without spaces at their ends."""
    for line in text.split("\n"):
        if bare := line.strip():
            yield bare
