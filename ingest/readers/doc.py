"""Word 97 to 2003 documents (.doc, .dot, .wps of Kingsoft), read from their own structures.

Macros are never looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingest.formats import Format
from ingest.readers.doc_tables import TableRows
from ingest.readers.docx_headings import mark_headings
from ingest.readers.docx_markdown import Writer
from ingest.readers.docx_model import (
    BOLD,
    BREAK,
    ITALIC,
    NOTE,
    Block,
    Paragraph,
    Piece,
    Raw,
    Table,
)
from ingest.readers.docx_symbols import without_private
from ingest.readers.drafting import Findings, finish
from ingest.readers.ole2 import open_ole2, stream
from ingest.readers.properties import take_ole2
from ingest.readers.word97 import Broken, Encrypted, WordText, read_word
from ingest.readers.word97_changes import Looks
from ingest.readers.word97_styles import NORMAL_SIZE, Style
from ingest.readers.writing import one_line, visible
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile

# Marks within the text ([MS-DOC] 2.4.1).
_PARAGRAPH, _CELL, _PAGE_BREAK, _LINE_BREAK = "\r", "\x07", "\x0c", "\x0b"
_FIELD_BEGIN, _FIELD_SEPARATOR, _FIELD_END = "\x13", "\x14", "\x15"
_NOTE_CALL: Final = "\x02"
_ENDS: Final = frozenset({_PARAGRAPH, _CELL, _PAGE_BREAK})
_INSTEAD: Final = {"\x1e": "-", "\x1f": "", "\xa0": " ", _LINE_BREAK: "\n", "\t": " ", "\x0e": " "}
_SHAPES: Final = {"\x01": "pictures", "\x08": "drawings"}
_LONGEST_HEADER: Final = 1000  # characters
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
    found.body = _Blocks(word, found).body()
    return finish(found, name, Format.DOC)


@dataclass(slots=True)
class _Letters:
    """How the letters of one paragraph look: which are bold (None: as its style says), and their sizes."""

    bold: set[bool | None] = field(default_factory=set)
    sizes: set[int] = field(default_factory=set)


class _Blocks:
    """Makes blocks of the text of one file, as the reader of .docx does of its XML."""

    def __init__(self, word: WordText, found: Findings) -> None:
        self._word = word
        self._found = found
        self._words: list[str] = []
        self._called: dict[int, str] = {}
        self._notes: dict[str, list[Block]] = {}

    def body(self) -> str:
        """Return the body as Markdown; notes, comments and headers are put where they belong."""
        word, found = self._word, self._found
        for sort in ("footnotes", "endnotes"):
            self._read_notes(sort)
        blocks = list(self._blocks(*word.parts.get("body", (0, len(word.text)))))
        boxes = [one for one in self._blocks(*word.parts.get("text boxes", (0, 0))) if _told([one])]
        if boxes:
            found.count("text boxes", found=len(boxes), carried=len(boxes))
        found.text = " ".join(self._words)
        mark_headings(blocks, _body_size(blocks))
        for comment in self._stories("comments"):
            if text := _told(comment):
                found.count("comments", found=1, carried=1)
                found.notes.append(text)
        headers = [_told([one]) for one in self._blocks(*word.parts.get("headers", (0, 0)))]
        if header := " ".join(dict.fromkeys(filter(None, headers))):
            found.properties.setdefault("page header or footer", header[:_LONGEST_HEADER])
        found.title = next(
            (one.text for one in blocks if isinstance(one, Paragraph) and one.title and one.text),
            "",
        )
        return Writer(lambda label: self._notes[label]).write([*blocks, *boxes])

    def _read_notes(self, sort: str) -> None:
        """Prepare the notes of a sort: where they are called, and their texts."""
        places = self._word.references.get(sort, [])
        for place, story in zip(places, self._stories(sort), strict=False):
            if _told(story):
                label = str(len(self._called) + 1)
                self._called[place] = label
                self._notes[label] = story
                self._found.count("footnotes", found=1, carried=1)

    def _stories(self, sort: str) -> Iterator[list[Block]]:
        """Yield the blocks of each note or comment of a sort."""
        first, end = self._word.parts.get(sort, (0, 0))
        starts = [first + start for start in self._word.starts.get(sort, []) if first + start < end]
        for start, stop in zip(starts, [*starts[1:], end], strict=False):
            blocks = list(self._blocks(start, stop))
            # The mark that stands for the note's number leaves a space behind.
            if blocks and isinstance(blocks[0], Paragraph) and blocks[0].pieces:
                first_piece = blocks[0].pieces[0]
                blocks[0].pieces[0] = first_piece._replace(text=first_piece.text.lstrip())
            yield blocks

    def _blocks(self, start: int, end: int) -> Iterator[Block]:
        rows = TableRows()
        for pieces, mark, place, look in self._paragraphs(start, end):
            looks = self._word.paragraph(place)
            in_table = looks.in_table or mark == _CELL
            if not in_table and rows:
                yield self._table(rows)
                rows = TableRows()
            if not in_table:
                yield self._paragraph(pieces, looks, look)
            elif looks.row_end or (
                not self._word.tells_looks and mark == _CELL and not pieces and rows.may_end
            ):
                rows.end_row(looks.row)
            else:
                if pieces:
                    rows.add(self._paragraph(pieces, looks, look))
                if mark == _CELL:
                    rows.end_cell()
        if rows:
            yield self._table(rows)

    def _table(self, rows: TableRows) -> Table:
        self._found.count("tables", found=1, carried=1)
        return rows.table()

    def _paragraph(self, pieces: list[Piece], looks: Looks, look: _Letters) -> Paragraph:
        style = self._word.styles.get(looks.style) or Style()
        paragraph = Paragraph(
            pieces,
            level=looks.outline + 1 if looks.outline >= 0 else style.level,
            title=style.title,
            size=max(look.sizes or {style.looks.size}) or NORMAL_SIZE,
            bold=bool(look.bold)
            and all(bool(style.looks.bold) if one is None else one for one in look.bold),
            centred=looks.centred or style.looks.centred,
        )
        list_id = looks.list_id if looks.list_id >= 0 else style.looks.list_id
        if list_id <= 0 or not paragraph.filled:
            return paragraph
        level = looks.list_level
        if level < 0 and looks.list_id < 0:
            level = style.looks.list_level
        elif level < 0:
            level = 0
        label = self._word.lists.label(list_id, level, looks.style)
        if label is None:
            # A list that is not told, or shows nothing: still an item of one.
            paragraph.bullet, paragraph.list_level = True, max(level, 0)
            return paragraph
        paragraph.label, paragraph.value, paragraph.bullet = label.text, label.value, label.bullet
        paragraph.list_level = -1 if paragraph.level else label.level
        self._words.append(label.text)
        return paragraph

    def _paragraphs(self, start: int, end: int) -> Iterator[tuple[list[Piece], str, int, _Letters]]:
        """Yield each paragraph's pieces, end mark, the mark's place and letters; fields show their result."""
        text = self._word.text
        pieces: list[Piece] = []
        letters = _Letters()
        fields: list[
            tuple[str, bool]
        ] = []  # the instruction so far, and whether the result has begun
        place = start
        while place < end:
            char = text[place]
            if char in _ENDS:
                yield pieces, char, place, letters
                pieces, letters = [], _Letters()
                place += 1
            elif char in (_FIELD_BEGIN, _FIELD_SEPARATOR, _FIELD_END):
                _field(fields, char, self._found)
                place += 1
            else:
                stop = self._plain_until(place, end)
                self._take(text[place:stop], place, fields, pieces, letters)
                place = stop
        if pieces:
            yield pieces, _PARAGRAPH, end - 1, letters

    def _plain_until(self, place: int, end: int) -> int:
        """Return the end of the text from ``place`` on that has no mark in it and looks the same."""
        stop = min(end, self._word.stretch(place))
        mark = _MARK.search(self._word.text, place + 1, stop)
        return mark.start() if mark else max(stop, place + 1)

    def _take(
        self,
        text: str,
        place: int,
        fields: list[tuple[str, bool]],
        pieces: list[Piece],
        letters: _Letters,
    ) -> None:
        if fields and not fields[-1][1]:
            fields[-1] = (fields[-1][0] + text, False)
            return
        looks = self._word.character(place)
        if any(not shown for _, shown in fields) or looks.hidden:
            return
        if place in self._called and text[0] == _NOTE_CALL:
            pieces.append(Piece(self._called[place], kind=NOTE))
        for char, sort in _SHAPES.items():
            if char in text:
                self._found.count(sort, found=text.count(char))
                self._found.lose("Pictures and drawings were not carried.")
        # Signs of the font Symbol, which nearly all private characters of old files are.
        plain = without_private(_paired(text), "Symbol")
        shown = visible("".join(_INSTEAD.get(char, char) for char in plain))
        self._words.append(shown)
        link = next((found.group(1) for code, _ in fields if (found := _LINK.search(code))), "")
        look = (BOLD if looks.bold else 0) | (ITALIC if looks.italic else 0)
        if shown.strip():
            letters.bold.add(looks.bold)
            letters.sizes |= {looks.size} if looks.size else set()
        for number, line in enumerate(shown.split("\n")):
            if number:
                pieces.append(Piece("\n", kind=BREAK))
            if line:
                pieces.append(Piece(line, look, link))


_MARK: Final = re.compile("[\r\x07\x0c\x13\x14\x15\x02]")


def _field(fields: list[tuple[str, bool]], mark: str, found: Findings) -> None:
    if fields and mark != _FIELD_BEGIN and "FORMDROPDOWN" in fields[-1][0]:
        found.lose("The entries chosen in drop-down fields were not carried.")
    if mark == _FIELD_BEGIN:
        fields.append(("", False))
    elif fields and mark == _FIELD_SEPARATOR:
        fields[-1] = (fields[-1][0], True)
    elif fields:
        fields.pop()


def _told(blocks: Iterable[Block]) -> str:
    """The words of blocks on one line."""
    words = [
        block.label + block.text
        if isinstance(block, Paragraph)
        else _told(inner for row in block.rows for cell in row.cells for inner in cell.blocks)
        for block in blocks
        if not isinstance(block, Raw)
    ]
    return one_line(" ".join(words))


def _body_size(blocks: list[Block]) -> int:
    """The size of most letters, in half points."""
    sizes = Counter[int]()
    for block in blocks:
        if isinstance(block, Paragraph):
            sizes[block.size] += len(block.text)
    return sizes.most_common(1)[0][0] if sizes else NORMAL_SIZE


def _paired(text: str) -> str:
    """Make characters of UTF-16 pairs; the places of the file count each half."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
