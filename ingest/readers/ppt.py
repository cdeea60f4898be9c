"""PowerPoint 97 to 2003 presentations (.ppt, .pps, .pot, .dps of Kingsoft), read from their records.

Source: Microsoft, [MS-PPT], sections in brackets. The stream ``PowerPoint Document`` is a tree of records. What stands in
the outline of a slide is kept in one list for all slides ([2.4.14.3]), the rest in the shapes of each slide.
"""

from __future__ import annotations

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
_SLIDE: Final = 0x03EE
_NOTES: Final = 0x03F0
_NOTES_ATOM: Final = 0x03F1
_SLIDE_LIST: Final = 0x0FF0
_PERSIST_ATOM: Final = 0x03F3
_TEXT_HEADER: Final = 0x0F9F
_TEXT_CHARS: Final = 0x0FA0
_TEXT_BYTES: Final = 0x0FA8
_OUTLINE_REFERENCE: Final = 0x0F9E
_USER_EDIT: Final = 0x0FF5
_PERSIST_DIRECTORY: Final = 0x1772
_COMMENT: Final = 0x2EE0
_COMMENT_TEXT: Final = 0x0FBA
_CURRENT_USER_ENCRYPTED: Final = 0xF3D1C4DF

# Kinds of text ([2.13.33]).
_TITLES: Final = frozenset({0, 6})
_NOTES_TEXT: Final = 2
_OTHER_TEXT: Final = 4
_LIST_TEXTS: Final = frozenset({1, 7, 8})


@dataclass(frozen=True, slots=True)
class _Record:
    kind: int
    instance: int
    start: int  # of its content
    end: int
    container: bool


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
        if container.exists("EncryptedSummary") or int.from_bytes(user[12:16], "little") == _CURRENT_USER_ENCRYPTED:
            raise EncryptedFile(name=name)
        content = stream(container, "PowerPoint Document", name)
    try:
        presentation = _Presentation(content)
        found.body = blocks(presentation.blocks(found))
    except (struct.error, IndexError) as error:
        raise DamagedFile(name=name, reason="its records are cut off") from error
    found.text = presentation.words
    found.lose("Pictures, charts and drawings were not carried.")
    return finish(found, name, Format.PPT)


class _Presentation:
    """The records of one file."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._seen = 0
        self._words: list[str] = []
        top = list(self._records(0, len(content)))
        self._places = self._directory(top)
        self._document = self._last(top, _DOCUMENT)

    @property
    def words(self) -> str:
        """Every text of the slides and notes that were met."""
        return " ".join(self._words)

    def blocks(self, found: Findings) -> Iterator[str]:
        """Yield the slides as blocks of Markdown."""
        notes = self._notes()
        for position, (place, outline) in enumerate(self._slides(), 1):
            slide = self._at(place)
            shapes = [text for text in self._shapes(slide) if text.kind != _NOTES_TEXT] if slide else []
            texts = [text for text in (*outline, *shapes) if text.text.strip(" \r\v*")]
            self._words += [text.text for text in texts]
            title = next((text for text in texts if text.kind in _TITLES), None)
            if position == 1 and title:
                found.title = one_line(title.text)
            name = one_line(title.text) if title else page_name(position, " ".join(t.text for t in texts), english="Slide")
            yield heading(2, [Run(name)])
            for text in texts:
                if text is not title:
                    yield from _written(text)
            for comment in self._comments(slide):
                found.count("comments", found=1, carried=1)
                found.notes.append(f"Slide {position}: {comment}")
            spoken = [block for text in notes.get(place, ()) for block in _written(text)]
            if spoken:
                self._words += [text.text for text in notes[place]]
                found.count("speaker notes", found=1, carried=1)
                yield quote("\n\n".join(spoken))

    def _slides(self) -> list[tuple[int, list[_Text]]]:
        """Return each slide's persistent number with the texts of its outline, in the order they are shown."""
        slides: list[tuple[int, list[_Text]]] = []
        for number, texts in self._listed(instance=0):
            slides.append((number, texts))
        return slides

    def _notes(self) -> dict[int, list[_Text]]:
        """Return the texts of the notes by the persistent number of their slide."""
        by_id = {self._slide_id(number): number for number, _ in self._persisted(instance=0)}
        notes: dict[int, list[_Text]] = {}
        for number, outline in self._listed(instance=2):
            page = self._at(number)
            if page is None:
                continue
            atom = next((one for one in self._children(page) if one.kind == _NOTES_ATOM), None)
            slide = by_id.get(struct.unpack_from("<I", self._content, atom.start)[0]) if atom else None
            texts = [t for t in (*outline, *self._shapes(page)) if t.kind == _NOTES_TEXT and t.text.strip()]
            if slide is not None and texts:
                notes[slide] = texts
        return notes
