"""The last step of every reader: from a body and what the file says of itself to a :class:`kb.drafts.Draft`.

Here the title is chosen, the language, kind, project and date are decided (by :mod:`ingest.metadata`), pictures are named
by their content, and the honesty ledger's characters are counted, the same way for every format: what an independent
look at the file found, against what stands in the body.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePath
from typing import Final

from ingest.formats import Format
from ingest.readers.writing import one_line
from kb.drafts import Count, Draft, Guess, Ledger, Picture
from kb.errors import NoText
from kb.markdown import plain_text, sections

_MAX_TITLE: Final = 300  # characters; the longest real titles met have 120
# Titles office programs put there by themselves.
_EMPTY_TITLES: Final = re.compile(
    r"(?:第 \d+ 页|untitled|page|document|presentation|slide|powerpoint presentation|microsoft (?:word|powerpoint|excel)\b.*"
    r"|title|no title|无标题|演示文稿|幻灯片|文档|工作簿|未命名)\s*\d*",
    re.I,
)
# What browsers show. Drawings of Windows (EMF, WMF) and TIFF they do not.
_PICTURE_TYPES: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
}


@dataclass(slots=True)
class Findings:
    """What a reader found out about one file, before it becomes a draft.

    Attributes:
        body: Markdown.
        text: all words that stand in the file, gathered by another way than the body; the measure of coverage. Empty
            where the body is the file's own text (Markdown, plain text).
        title: what the file calls itself, or empty.
        properties: what the file says of itself, by its own labels.
        authors, tags, dated: as the draft has them.
        notes: comments and remarks that are not part of the body.
        pictures: pictures the body refers to, by name.
        counts: ledger counts other than characters.
        losses: plain sentences, one for each thing not carried.
    """

    body: str = ""
    text: str = ""
    title: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: date | None = None
    kind: str = ""
    language: str = ""
    project: str = ""
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    counts: dict[str, Count] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)

    def picture(self, content: bytes, media_type: str) -> str:
        """Take a picture along and return its address for the body; an empty string for a type no page shows."""
        ending = _PICTURE_TYPES.get(media_type)
        if ending is None or not content:
            return ""
        name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
        self.pictures.setdefault(name, Picture(name, media_type, content))
        return f"files/{name}"

    def count(self, sort: str, *, found: int = 0, carried: int = 0) -> None:
        """Add to one of the ledger's counts."""
        before = self.counts.get(sort, Count(0, 0))
        self.counts[sort] = Count(before.found + found, before.carried + carried)

    def lose(self, sentence: str) -> None:
        """Name a loss, once."""
        if sentence not in self.losses:
            self.losses.append(sentence)


def finish(
    found: Findings, name: str, format_: Format, *, empty: str = "it is blank, or holds nothing but pictures"
) -> Draft:
    """Make the draft of a file; ``empty`` says why there is no text, in case there is none.

    Raises:
        NoText: there is not a word in it.
    """
    body = found.body
    if not any(char.isalnum() for char in body):
        raise NoText(name=name, reason=empty)
    ledger = Ledger(counts={"characters": _characters(found.text, body), **found.counts}, losses=found.losses)
    return Draft(
        title=_title(found, name),
        body=body,
        language=found.language or _language(body),
        kind=Guess(found.kind or "other", "front matter" if found.kind else ""),
        format=format_.value,
        metadata=found.properties,
        project_code="",
        project_name=found.project,
        authors=found.authors,
        tags=found.tags,
        dated=found.dated,
        notes=tuple(note for note in found.notes if note.strip()),
        pictures=tuple(found.pictures.values()),
        ledger=ledger,
    )


def _title(found: Findings, name: str) -> str:
    stem = one_line(PurePath(name.replace("\\", "/")).stem) or one_line(name)
    given = one_line(found.title)
    if given and not _EMPTY_TITLES.fullmatch(given):
        return given[:_MAX_TITLE]
    first = next((part for part in sections(found.body) if part.heading), None)
    if first and first.position <= 1 and not _EMPTY_TITLES.fullmatch(first.heading):
        return first.heading[:_MAX_TITLE]
    return stem[:_MAX_TITLE]


def page_name(position: int, text: str, *, english: str = "Page") -> str:
    """Return what a page or slide without a heading of its own is called, in the language of its text."""
    return f"第 {position} 页" if _language(text) == "zh" else f"{english} {position}"


def _language(text: str) -> str:
    han = sum("\u4e00" <= char <= "\u9fff" for char in text)
    return "zh" if han * 2 > len(re.findall(r"[A-Za-z]{2,}", text)) else "en"


def _characters(text: str, body: str) -> Count:
    """Count the characters of ``text`` that are in ``body``, as many times as they stand there.

    Comparing how often each character occurs takes no alignment, and a paragraph that was dropped is missed because
    none of its characters has a double to spare: markup adds punctuation only.
    """
    if not text:
        total = sum(not char.isspace() for char in body)
        return Count(total, total)
    wanted = Counter(char for char in text if char.isalnum())
    present = Counter(plain_text(body))
    carried = sum(min(number, present[char]) for char, number in wanted.items())
    return Count(wanted.total(), carried)
