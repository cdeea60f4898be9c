"""Word 97 to 2003 documents (.doc, .dot, .wps of Kingsoft), read from their own structures.

Macros are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ingest.formats import Format
from ingest.readers.docx_symbols import without_private
from ingest.readers.drafting import Findings, finish
from ingest.readers.ole2 import open_ole2, stream
from ingest.readers.properties import take_ole2
from ingest.readers.word97 import Broken, Encrypted, WordText, read_word
from ingest.readers.writing import Cell, Run, blocks, heading, inline, one_line, table, visible
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile

# Marks within the text ([MS-DOC] 2.4.1).
_PARAGRAPH, _CELL, _PAGE_BREAK, _LINE_BREAK = "\r", "\x07", "\x0c", "\x0b"
_FIELD_BEGIN, _FIELD_SEPARATOR, _FIELD_END = "\x13", "\x14", "\x15"
_NOTE_CALL: Final = "\x02"
_ENDS: Final = frozenset({_PARAGRAPH, _CELL, _PAGE_BREAK})
_INSTEAD: Final = {"\x1e": "-", "\x1f": "", "\xa0": " ", _LINE_BREAK: "\n", "\t": " ", "\x0e": " "}
_SHAPES: Final = {"\x01": "pictures", "\x08": "drawings"}
_LINK: Final = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]+)"', re.IGNORECASE)


def read_doc(path: Path, name: str) -> Draft:
    """Read a Word 97 to 2003 document.

    Raises:
        DamagedFile: its structures are broken.
        EncryptedFile: it is protected with a password.
        NoText: there is not a word in it.
    """
    found = Findings()
    with open_ole2(path, name) as container:
        take_ole2(container, found)
        tables = {
            table_: stream(container, table_, name)
            for table_ in ("0Table", "1Table")
            if container.exists(table_)
        }
        try:
            word = read_word(stream(container, "WordDocument", name), tables)
        except Encrypted as error:
            raise EncryptedFile(name=name) from error
        except Broken as error:
            raise DamagedFile(name=name, reason=str(error)) from error
        if container.exists("ObjectPool"):
            found.lose("Embedded objects were not carried.")
    found.body = _Writer(word, found).body()
    return finish(found, name, Format.DOC)


class _Writer:
    """Writes the text of one file as Markdown."""

    def __init__(self, word: WordText, found: Findings) -> None:
        self._word = word
        self._found = found
        self._words: list[str] = []
        self._called: dict[int, str] = {}
        self._footnotes: list[str] = []
        for sort in ("footnotes", "endnotes"):
            self._notes(sort)

    def body(self) -> str:
        """Return the body; notes, comments and headers are put where they belong."""
        word, found = self._word, self._found
        parts = list(self._blocks(*word.parts.get("body", (0, len(word.text)))))
        boxes = list(self._blocks(*word.parts.get("text boxes", (0, 0))))
        if boxes:
            found.count("text boxes", found=len(boxes), carried=len(boxes))
        found.text = " ".join(self._words)
        for comment in self._stories("comments"):
            text = one_line(" ".join(comment))
            if text:
                found.count("comments", found=1, carried=1)
                found.notes.append(text)
        header = one_line(" ".join(dict.fromkeys(self._blocks(*word.parts.get("headers", (0, 0))))))
        if header:
            found.properties.setdefault("page header or footer", header[:1000])
        return blocks([*parts, *boxes, *self._footnotes])

    def _notes(self, sort: str) -> None:
        """Prepare the notes of a sort: where they are called, and their texts at the document's end."""
        places = self._word.references.get(sort, [])
        for place, story in zip(places, self._stories(sort), strict=False):
            label = str(len(self._called) + 1)
            text = "\n    ".join(line for block in story for line in block.split("\n"))
            if text:
                self._called[place] = label
                self._footnotes.append(f"[^{label}]: {text}")
                self._found.count("footnotes", found=1, carried=1)

    def _stories(self, sort: str) -> Iterator[list[str]]:
        """Yield the blocks of each note or comment of a sort."""
        first, end = self._word.parts.get(sort, (0, 0))
        starts = [first + start for start in self._word.starts.get(sort, []) if first + start < end]
        for start, stop in zip(starts, [*starts[1:], end], strict=False):
            yield [block for block in self._blocks(start, stop) if block]

    def _blocks(self, start: int, end: int) -> Iterator[str]:
        items: list[str] = []
        rows: list[list[Cell]] = []
        row: list[Cell] = []
        cell: list[list[Run]] = []
        for runs, mark, place in self._paragraphs(start, end):
            looks = self._word.paragraph(place)
            in_table = looks.in_table or mark == _CELL
            if not in_table and (rows or row):
                yield from self._table([*rows, row] if row else rows)
                rows, row, cell = [], [], []
            level = self._level(looks.style, looks.outline)
            text = inline(runs)
            if in_table:
                row_end = looks.row_end or (
                    mark == _CELL and not row and not cell and not text and bool(rows)
                )
                if row_end:
                    rows, row, cell = [*rows, row] if row else rows, [], []
                    continue
                cell += [runs] if text else []
                if mark == _CELL:
                    row, cell = [*row, Cell(cell)], []
            elif level:
                yield from _flushed(items)
                yield heading(level, runs)
            elif looks.list_level >= 0 and text:
                depth = min(
                    looks.list_level,
                    (len(items[-1]) - len(items[-1].lstrip())) // 4 + 1 if items else 0,
                )
                items.append(
                    " " * 4 * depth + "- " + text.replace("\n", "\n" + " " * 4 * (depth + 1))
                )
            else:
                yield from _flushed(items)
                yield text
        yield from _flushed(items)
        if rows or row or cell:
            yield from self._table([*rows, [*row, *([Cell(cell)] if cell else [])]])

    def _table(self, rows: list[list[Cell]]) -> Iterator[str]:
        self._found.count("tables", found=1, carried=1)
        yield table(rows)

    def _level(self, style: int, outline: int) -> int:
        return outline + 1 if outline >= 0 else self._word.style_levels.get(style, 0)

    def _paragraphs(self, start: int, end: int) -> Iterator[tuple[list[Run], str, int]]:
        """Yield each paragraph's runs with its end mark and the mark's place; fields show their result."""
        text = self._word.text
        runs: list[Run] = []
        fields: list[
            tuple[str, bool]
        ] = []  # the instruction so far, and whether the result has begun
        place = start
        while place < end:
            char = text[place]
            if char in _ENDS:
                yield runs, char, place
                runs = []
                place += 1
            elif char in (_FIELD_BEGIN, _FIELD_SEPARATOR, _FIELD_END):
                _field(fields, char)
                place += 1
            else:
                stop = self._plain_until(place, end)
                self._take(text[place:stop], place, fields, runs)
                place = stop
        if runs:
            yield runs, _PARAGRAPH, end - 1

    def _plain_until(self, place: int, end: int) -> int:
        """Return the end of the text from ``place`` on that has no mark in it and looks the same."""
        stop = min(end, self._word.stretch(place))
        mark = _MARK.search(self._word.text, place + 1, stop)
        return mark.start() if mark else max(stop, place + 1)

    def _take(self, text: str, place: int, fields: list[tuple[str, bool]], runs: list[Run]) -> None:
        if fields and not fields[-1][1]:
            fields[-1] = (fields[-1][0] + text, False)
            return
        looks = self._word.character(place)
        if any(not shown for _, shown in fields) or looks.hidden:
            return
        if place in self._called and text[0] == _NOTE_CALL:
            runs.append(Run(self._called[place], footnote=True))
        for char, sort in _SHAPES.items():
            if char in text:
                self._found.count(sort, found=text.count(char))
                self._found.lose("Pictures and drawings were not carried.")
        # Signs of the font Symbol, which nearly all private characters of old files are.
        plain = without_private(_paired(text), "Symbol")
        shown = visible("".join(_INSTEAD.get(char, char) for char in plain))
        self._words.append(shown)
        link = next((found.group(1) for code, _ in fields if (found := _LINK.search(code))), "")
        runs.append(Run(shown, bold=looks.bold, italic=looks.italic, href=link))


_MARK: Final = re.compile("[\r\x07\x0c\x13\x14\x15\x02]")


def _field(fields: list[tuple[str, bool]], mark: str) -> None:
    if mark == _FIELD_BEGIN:
        fields.append(("", False))
    elif fields and mark == _FIELD_SEPARATOR:
        fields[-1] = (fields[-1][0], True)
    elif fields:
        fields.pop()


def _flushed(items: list[str]) -> Iterator[str]:
    if items:
        yield "\n".join(items)
        items.clear()


def _paired(text: str) -> str:
    """Make characters of UTF-16 pairs; the places of the file count each half."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
