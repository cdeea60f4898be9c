"""The last step of every reader: from a body and what the file says of itself to a :class:`kb.drafts.Draft`.

Here title, language, kind, project and date are decided (by :mod:`ingest.metadata`), pictures are
named by their content, and the honesty ledger's characters are counted, the same way for every
format: what an independent look at the file found, against what stands in the body.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from ingest.formats import Format
from ingest.metadata import describe, kind_of, language_of
from ingest.readers.writing import one_line
from kb.drafts import KINDS, Count, Draft, Guess, Ledger, Picture
from kb.errors import NoText
from kb.markdown import plain_text

_LANGUAGES: Final = {"zh": "zh", "en": "en", "cn": "zh", "中文": "zh", "英文": "en"}
_PROJECT_CODE: Final = re.compile(r"(?=.*\d)[A-Za-z0-9]{1,12}(?:[-_/][A-Za-z0-9]{1,12}){0,4}")
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
        text: all words that stand in the file, gathered by another way than the body; the measure of coverage. None
            where the body is the file's own text (Markdown).
        title: what its author marked as its title, or empty; a title in the properties does not count.
        properties: what the file says of itself, by its own labels.
        authors, tags, dated: as the draft has them; ``dated_surely`` when the file says it is the day it was written.
        kind, language, project: what the file names for itself (front matter), or empty.
        notes: comments and remarks that are not part of the body.
        pictures: pictures the body refers to, by name.
        counts: ledger counts other than characters.
        losses: plain sentences, one for each thing not carried.
    """

    body: str = ""
    text: str | None = None
    title: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: date | None = None
    dated_surely: bool = False
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
    found: Findings,
    name: str,
    format_: Format,
    *,
    empty: str = "it is blank, or holds nothing but pictures",
) -> Draft:
    """Make the draft of a file; ``empty`` says why there is no text, in case there is none.

    Raises:
        NoText: there is not a word in it.
    """
    plain = plain_text(found.body)
    # The names of pages are ours: they do not make a document of pictures readable.
    if not _has_words(plain) or (found.text is not None and not _has_words(found.text)):
        raise NoText(name=name, reason=empty)
    characters = _characters(found.text, plain)
    if characters.carried < characters.found and not found.losses:
        missing = characters.found - characters.carried
        found.lose(
            f"{missing} of {characters.found} letters and digits did not reach the document."
        )
    described = describe(
        body=found.body, name=name, properties=found.properties, title=one_line(found.title)
    )
    is_code = _PROJECT_CODE.fullmatch(found.project) is not None
    return Draft(
        title=described.title,
        body=found.body,
        language=_LANGUAGES.get(found.language.lower()[:2], described.language),
        kind=_kind(found.kind) or described.kind,
        format=format_.value,
        metadata={**described.metadata, **found.properties},
        project_code=found.project if is_code else described.project_code,
        project_name=described.project_name if is_code else found.project or described.project_name,
        authors=found.authors or described.authors,
        tags=found.tags,
        dated=(found.dated if found.dated_surely else described.dated) or found.dated,
        notes=tuple(note for note in found.notes if note.strip()),
        pictures=tuple(found.pictures.values()),
        ledger=Ledger(
            counts={"characters": characters, **found.counts},
            losses=found.losses,
        ),
    )


def page_name(position: int, text: str, *, english: str = "Page") -> str:
    """Return what a page or slide without a heading of its own is called, in the language of its text."""
    return f"第 {position} 页" if language_of(text) == "zh" else f"{english} {position}"


def _has_words(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _kind(given: str) -> Guess | None:
    """Return the kind a file names for itself, in our word for it or in its own."""
    if not given:
        return None
    if given.lower() in KINDS:
        return Guess(given.lower(), f"front matter: {given}")
    guess = kind_of(title=given, name="")
    return None if guess.value == "other" else Guess(guess.value, f"front matter: {given}")


def _characters(text: str | None, plain: str) -> Count:
    """Count the letters and digits of ``text`` that are in ``plain``, as many times as they stand there.

    Comparing how often each character occurs takes no alignment, and a paragraph that was dropped is missed because
    none of its characters has a double to spare. Without ``text``, the body is the file's own text.
    """
    present = Counter(char for char in plain if char.isalnum())
    if text is None:
        return Count(present.total(), present.total())
    wanted = Counter(char for char in text if char.isalnum())
    carried = sum(min(number, present[char]) for char, number in wanted.items())
    return Count(wanted.total(), carried)
