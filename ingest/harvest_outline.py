"""A Markdown body as a tree of headings with what stands under them: paragraphs, list items, tables.

Documents whose author never used a heading style have lines that are headings by look only (``一、存在的问题``, a
line in bold); they become nodes too, below the real headings, whose anchor they borrow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from ingest.harvest_grid import Grid, of_html, of_pipe_table
from ingest.harvest_labels import field_of
from kb.markdown_blocks import Anchors, Block, blocks, references
from kb.markdown_inline import inline_text

# Levels of what only looks like a heading: below the six real ones.
_CHAPTER_LOOK, _SECTION_LOOK, _BOLD_LOOK = 7, 8, 9
# A line longer than this (characters) is a paragraph, however it looks.
_LONGEST_LOOK: Final = 32
_LONGEST_BOLD: Final = 60
_CHAPTER_LINE: Final = re.compile(
    r"(?:[一二三四五六七八九十]{1,3}、|第[一二三四五六七八九十\d]{1,3}[章节部]分?)\s*\S"
)
_SECTION_LINE: Final = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]\s*\S")
_SENTENCE_END: Final = re.compile(r"[。；;！!？?：:，,]")
_MARKER: Final = re.compile(r"(\s*)(?:[-*+]|\d{1,9}[.)])(?:\s+|$)")
_BOLD: Final = re.compile(r"(\*\*|__)(?P<lead>(?:(?!\1).)+)\1\s*(?P<rest>.*)$", re.DOTALL)
_SEPARATOR: Final = frozenset("|:- \t")


@dataclass(slots=True)
class Paragraph:
    """Running text; ``lead`` is what stands in bold at its start, ``text`` all of it, in lines."""

    text: str
    lead: str = ""


@dataclass(slots=True)
class Item:
    """A list item with the items below it."""

    text: str
    lead: str = ""
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Listing:
    """A list."""

    items: list[Item]


Part = Paragraph | Listing | Grid


@dataclass(slots=True)
class Node:
    """A heading and what stands under it; the root has level 0 and no heading.

    Attributes:
        anchor: of this heading, or of the real heading above one that only looks like it.
    """

    level: int
    heading: str
    anchor: str
    parts: list[Part] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)


def outline(body: str) -> Node:
    """The tree of a body."""
    known = references(body).keys()
    cut = list(blocks(body))
    notes = {block.label for block in cut if block.kind == "footnote"}

    def plain(markdown: str) -> str:
        return inline_text(markdown, known, notes)

    root = Node(0, "", "")
    path, anchors = [root], Anchors()
    for block in cut:
        if block.kind == "heading":
            heading = " ".join(plain(block.text).split())
            _open(path, Node(block.level, heading, anchors.of(heading)))
            continue
        for part in _parts(block, plain):
            look = _look(part) if isinstance(part, Paragraph) else 0
            if look and isinstance(part, Paragraph):
                _open(path, Node(look, part.text.strip(), path[-1].anchor))
            else:
                path[-1].parts.append(part)
    return root


def _open(path: list[Node], node: Node) -> None:
    while path[-1].level >= node.level:
        path.pop()
    path[-1].children.append(node)
    path.append(node)


def _look(paragraph: Paragraph) -> int:
    """The level a paragraph has as a heading by look; 0 when it is none."""
    text = paragraph.text.strip()
    if "\n" in text or field_of(text) not in {None, "lesson", "event"}:
        return 0
    if len(text) <= _LONGEST_LOOK and not _SENTENCE_END.search(text):
        if _CHAPTER_LINE.match(text):
            return _CHAPTER_LOOK
        if _SECTION_LINE.match(text):
            return _SECTION_LOOK
    whole = paragraph.lead == text and len(text) <= _LONGEST_BOLD
    return _BOLD_LOOK if whole and text[-1] not in "。；;，,：:" else 0


def _parts(block: Block, plain: Callable[[str], str]) -> list[Part]:
    if block.kind == "html":
        return list(of_html(block.text))
    if block.kind != "text":
        return []
    return _TextReader(block.text.split("\n"), plain).parts


class _TextReader:
    """Cuts the lines of one text block into paragraphs, lists and pipe tables."""

    def __init__(self, lines: list[str], plain: Callable[[str], str]) -> None:
        self.parts: list[Part] = []
        self._plain = plain
        self._pending: list[str] = []
        self._stack: list[tuple[int, list[str], Item]] = []
        self._blank = False
        at = 0
        while at < len(lines):
            at = self._line(lines, at)
        self._close_item()
        self._close_paragraph()

    def _line(self, lines: list[str], at: int) -> int:
        line = (
            lines[at].rstrip().lstrip("> ")
            if lines[at].lstrip().startswith(">")
            else lines[at].rstrip()
        )
        if not line.strip():
            self._close_paragraph()
            self._blank = True
            return at + 1
        if "|" in line and at + 1 < len(lines) and _is_separator(lines[at + 1]):
            return self._table(lines, at)
        marker = _MARKER.match(line)
        if marker and not self._pending:
            self._item(len(marker[1].expandtabs(4)), line[marker.end() :])
        elif self._stack and (line[:1].isspace() or not self._blank):
            self._stack[-1][1].append(line.strip())
        else:
            self._close_item()
            self._stack.clear()
            self._pending.append(line.strip())
        self._blank = False
        return at + 1

    def _table(self, lines: list[str], at: int) -> int:
        self._close_item()
        self._stack.clear()
        self._close_paragraph()
        rows, end = [lines[at]], at + 2
        while end < len(lines) and lines[end].strip():
            rows.append(lines[end])
            end += 1
        self.parts.append(of_pipe_table(rows))
        return end

    def _item(self, indent: int, text: str) -> None:
        self._close_item()
        item = Item("")
        while self._stack and self._stack[-1][0] >= indent:
            self._stack.pop()
        if self._stack:
            self._stack[-1][2].items.append(item)
        elif self.parts and isinstance(self.parts[-1], Listing):
            self.parts[-1].items.append(item)
        else:
            self.parts.append(Listing([item]))
        self._stack.append((indent, [text], item))

    def _close_item(self) -> None:
        """Write down the text of the innermost open item, once it is known to be complete."""
        if self._stack:
            _indent, lines, item = self._stack[-1]
            item.text, item.lead = self._read(lines)

    def _close_paragraph(self) -> None:
        if self._pending:
            text, lead = self._read(self._pending)
            if text:
                self.parts.append(Paragraph(text, lead))
            self._pending = []

    def _read(self, lines: list[str]) -> tuple[str, str]:
        markdown = "\n".join(lines)
        bold = _BOLD.match(markdown.strip())
        text, lead = self._tidy(markdown), self._tidy(bold["lead"]) if bold else ""
        rest = text[len(lead) :].lstrip(" ")
        if lead and rest and rest[0].isalnum() and text.startswith(lead) and field_of(lead):
            text = f"{lead}: {rest}"  # **原因** 采集手簿没有……: its bold type stands for the colon
        return text, lead

    def _tidy(self, markdown: str) -> str:
        lines = (" ".join(line.split()) for line in self._plain(markdown).split("\n"))
        return "\n".join(line for line in lines if line)


def _is_separator(line: str) -> bool:
    bare = line.strip().lstrip("> ")
    return "-" in bare and "|" in bare and _SEPARATOR.issuperset(bare)
