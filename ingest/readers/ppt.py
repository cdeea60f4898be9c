"""PowerPoint 97 to 2003 presentations (.ppt, .pps, .pot, .dps of Kingsoft), read from their records.

Source: Microsoft, [MS-PPT], sections in brackets. The stream ``PowerPoint Document``
is a tree of records. What stands in the outline of a slide is kept in one list for all slides
([2.4.14.3]), the rest in the shapes of each slide.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.formats import Format
from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.ole2 import open_ole2, stream
from ingest.readers.properties import take_ole2
from ingest.readers.writing import Run, blocks, heading, inline, listing, one_line, quote, visible
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile

_HEAD: Final = struct.Struct("<HHI")
_CONTAINER: Final = 0xF  # the version of records that hold records
_MAX_DEPTH: Final = 30
_MAX_RECORDS: Final = 500_000

# Record types ([2.13.24]).
_DOCUMENT: Final = 0x03E8
_NOTES_ATOM: Final = 0x03F1
_SLIDE_LIST: Final = 0x0FF0
_PERSIST_ATOM: Final = 0x03F3
_TEXT_HEADER: Final = 0x0F9F
_TEXT_CHARS: Final = 0x0FA0
_TEXT_BYTES: Final = 0x0FA8
_PERSIST_DIRECTORY: Final = 0x1772
_COMMENT: Final = 0x2EE0
_STRING: Final = 0x0FBA
_CURRENT_USER_ENCRYPTED: Final = 0xF3D1C4DF

# Kinds of text ([2.13.33]).
_TITLES: Final = frozenset({0, 6})
_NOTES_TEXT: Final = 2
_OTHER_TEXT: Final = 4
_LIST_TEXTS: Final = frozenset({1, 7, 8})
_BLANK: Final = re.compile(
    r"[\s*]+"
)  # a lone asterisk stands for a number or date the program fills in


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    start: int  # of its content
    end: int
    container: bool


@dataclass(frozen=True, slots=True)
class _Listed:
    """A slide or a page of notes as the document lists it: where it is, its id, the texts of its outline."""

    place: int
    id: int
    outline: list[_Text]


@dataclass(frozen=True, slots=True)
class _Text:
    kind: int
    text: str


def read_ppt(path: Path, name: str) -> Draft:
    """Read a PowerPoint 97 to 2003 presentation: each slide is a section, its notes a quotation.

    Raises:
        DamagedFile: its records are broken.
        EncryptedFile: it is protected with a password.
        NoText: there is not a word in it.
    """
    found = Findings()
    with open_ole2(path, name) as container:
        take_ole2(container, found)
        user = stream(container, "Current User", name) if container.exists("Current User") else b""
        if (
            container.exists("EncryptedSummary")
            or int.from_bytes(user[12:16], "little") == _CURRENT_USER_ENCRYPTED
        ):
            raise EncryptedFile(name=name)
        content = stream(container, "PowerPoint Document", name)
        if container.exists("Pictures"):
            found.lose("Pictures were not carried.")
    try:
        presentation = _Presentation(content)
        found.body = blocks(presentation.blocks(found))
    except (struct.error, IndexError) as error:
        raise DamagedFile(name=name, reason="its records are cut off") from error
    found.text = presentation.words
    return finish(found, name, Format.PPT)


class _Presentation:
    """The records of one file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._seen = 0
        self._words: list[str] = []
        top = list(self._records(0, len(content)))
        self._places = self._directory(top)
        self._document = next(
            (record for record in reversed(top) if record.kind == _DOCUMENT), None
        )

    @property
    def words(self) -> str:
        """Every text of the slides and notes that were met."""
        return " ".join(self._words)

    def blocks(self, found: Findings) -> Iterator[str]:
        """Yield the slides as blocks of Markdown."""
        notes = self._notes()
        for position, slide in enumerate(self._listed(instance=0), 1):
            page = self._at(slide.place)
            shapes = [text for text in self._shapes(page) if text.kind != _NOTES_TEXT]
            texts = [text for text in (*slide.outline, *shapes) if _BLANK.sub("", text.text)]
            self._words += [text.text for text in texts]
            title = next((text for text in texts if text.kind in _TITLES), None)
            if position == 1 and title:
                found.title = one_line(title.text)
            together = " ".join(text.text for text in texts)
            yield heading(
                2,
                [
                    Run(
                        one_line(title.text)
                        if title
                        else page_name(position, together, english="Slide")
                    )
                ],
            )
            for text in texts:
                if text is not title:
                    yield from _written(text)
            for comment in self._comments(page):
                found.count("comments", found=1, carried=1)
                found.notes.append(f"Slide {position}: {comment}")
            if spoken := notes.get(slide.id):
                self._words += [text.text for text in spoken]
                found.count("speaker notes", found=1, carried=1)
                yield quote("\n\n".join(block for text in spoken for block in _written(text)))

    def _notes(self) -> dict[int, list[_Text]]:
        """Return the texts of the notes by the id of their slide."""
        notes: dict[int, list[_Text]] = {}
        for listed in self._listed(instance=2):
            page = self._at(listed.place)
            atom = next((one for one in self._children(page) if one.kind == _NOTES_ATOM), None)
            texts = [
                one for one in (*listed.outline, *self._shapes(page)) if one.kind == _NOTES_TEXT
            ]
            texts = [one for one in texts if _BLANK.sub("", one.text)]
            if atom and texts:
                notes[struct.unpack_from("<I", self._content, atom.start)[0]] = texts
        return notes

    def _listed(self, instance: int) -> list[_Listed]:
        """Return what the document lists: its slides (0) or notes (2), in order, with the texts of their outline."""
        listed: list[_Listed] = []
        kind = _OTHER_TEXT
        for container in self._children(self._document):
            if container.kind != _SLIDE_LIST or container.instance != instance:
                continue
            for record in self._children(container):
                if record.kind == _PERSIST_ATOM:
                    number, _, _, id_ = struct.unpack_from("<4I", self._content, record.start)
                    listed.append(_Listed(self._places.get(number, -1), id_, []))
                elif record.kind == _TEXT_HEADER:
                    kind = struct.unpack_from("<I", self._content, record.start)[0]
                elif listed and (text := self._text(record)) is not None:
                    listed[-1].outline.append(_Text(kind, text))
        return listed

    def _shapes(self, page: _Record | None) -> Iterator[_Text]:
        """Yield the texts of a page's own shapes; those that only point into the outline have none."""
        kind = _OTHER_TEXT
        for record in self._descendants(page):
            if record.kind == _COMMENT:
                continue
            if record.kind == _TEXT_HEADER:
                kind = struct.unpack_from("<I", self._content, record.start)[0]
            elif (text := self._text(record)) is not None:
                yield _Text(kind, text)
                kind = _OTHER_TEXT

    def _comments(self, page: _Record | None) -> Iterator[str]:
        for record in self._descendants(page, into_comments=True):
            if record.kind == _COMMENT:
                texts = [one for one in self._children(record) if one.kind == _STRING]
                # The author, the words, the initials, in this order of instances.
                words = next((one for one in texts if one.instance == 1), None)
                if words and (text := one_line(self._wide(words))):
                    yield text

    def _text(self, record: _Record) -> str | None:
        if record.kind == _TEXT_CHARS:
            return self._wide(record)
        if record.kind == _TEXT_BYTES:
            return self._content[record.start : record.end].decode("latin-1")
        return None

    def _wide(self, record: _Record) -> str:
        return self._content[record.start : record.end].decode("utf-16-le", "replace")

    def _directory(self, top: list[_Record]) -> dict[int, int]:
        """Return where each persistent record begins; later saves stand later and win ([2.3.4])."""
        places: dict[int, int] = {}
        for record in top:
            if record.kind != _PERSIST_DIRECTORY:
                continue
            at = record.start
            while at + 4 <= record.end:
                value = struct.unpack_from("<I", self._content, at)[0]
                first, count = value & 0xFFFFF, value >> 20
                count = min(count, (record.end - at - 4) // 4)
                for step, place in enumerate(
                    struct.unpack_from(f"<{count}I", self._content, at + 4)
                ):
                    places[first + step] = place
                at += 4 + 4 * count
        return places

    def _at(self, place: int) -> _Record | None:
        if not 0 <= place < len(self._content):
            return None
        return next(self._records(place, len(self._content)), None)

    def _children(self, record: _Record | None) -> Iterator[_Record]:
        if record is not None and record.container:
            yield from self._records(record.start, record.end)

    def _descendants(
        self, record: _Record | None, *, into_comments: bool = False
    ) -> Iterator[_Record]:
        stack = [iter(self._children(record))]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
                continue
            yield inner
            if (
                inner.container
                and len(stack) < _MAX_DEPTH
                and (into_comments or inner.kind != _COMMENT)
            ):
                stack.append(iter(self._children(inner)))

    def _records(self, start: int, end: int) -> Iterator[_Record]:
        at = start
        while at + _HEAD.size <= end:
            self._seen += 1
            if self._seen > _MAX_RECORDS:
                return
            version, kind, length = _HEAD.unpack_from(self._content, at)
            at += _HEAD.size
            stop = min(at + length, end)
            yield _Record(kind, version >> 4, at, stop, version & 0xF == _CONTAINER)
            at += length


def _written(text: _Text) -> Iterator[str]:
    """Yield a text as blocks: a list where it is one of bullets, else its paragraphs."""
    paragraphs = [
        inline([Run(visible(part.replace("\v", "\n")))]) for part in text.text.split("\r")
    ]
    paragraphs = [part for part in paragraphs if part]
    if text.kind in _LIST_TEXTS and len(paragraphs) > 1:
        yield listing(paragraphs)
    else:
        yield from paragraphs
