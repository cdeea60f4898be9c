"""Draft: what a reader made of a file, not stored yet.

A draft is plain data that can cross a process border. Its body is Markdown; pictures are referenced from the body as
``files/<name>`` and travel along as bytes. Whatever the reader could not carry is counted in the :class:`Ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from kb.candidates_found import FoundLesson

# The kinds of documents, in the order they are offered. Labels for people are the web's business.
KINDS: Final = (
    "summary",
    "lesson",
    "methodology",
    "guide",
    "template",
    "training",
    "plan",
    "report",
    "minutes",
    "other",
)


@dataclass(frozen=True, slots=True)
class Guess:
    """A value a reader decided on, and the words it decided by."""

    value: str
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture found in a file; ``name`` is ``<sha256>.<ending>``."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Count:
    """How many of something the file holds, and how many of them reached the document."""

    found: int
    carried: int


@dataclass(slots=True)
class Ledger:
    """The honesty ledger: what stands in a file against what reached the document.

    Attributes:
        counts: for each sort of content (``characters``, ``tables``, ``pictures``, ``footnotes`` …) its count.
        losses: one plain sentence for each thing that was not carried.
    """

    counts: dict[str, Count] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)

    @property
    def coverage(self) -> float:
        """Percent of the characters found that were carried; 100.0 for a file without text."""
        characters = self.counts.get("characters", Count(0, 0))
        if not characters.found:
            return 100.0
        return round(100 * min(characters.carried, characters.found) / characters.found, 2)

    def as_json(self) -> dict[str, object]:
        """The ledger as JSON holds it: ``{"coverage", "counts": {name: {"found","carried"}}, "losses"}``."""
        return {
            "coverage": self.coverage,
            "counts": {
                name: {"found": count.found, "carried": count.carried}
                for name, count in self.counts.items()
            },
            "losses": list(self.losses),
        }


@dataclass(slots=True)
class Draft:
    """A file as a reader understood it.

    Attributes:
        title: never empty; the file's name where nothing better was found.
        body: Markdown.
        language: ``zh`` or ``en``: the one most of the text is written in.
        kind: one of :data:`KINDS`, with its evidence.
        format: the reader's name for the file's format, e.g. ``docx``.
        metadata: what the file says of itself (properties, cover table), by its own labels.
        project_code: code of the project it belongs to, or empty.
        project_name: name of the project, or empty.
        authors: names of the people who wrote it, in order.
        tags: words it was marked with.
        dated: the day it says it was written.
        notes: comments and other remarks that are not part of the body.
        pictures: the pictures its body refers to.
        ledger: what was found against what was carried.
        lessons: what its text says was learned, as :mod:`ingest.harvest` found it.
    """

    title: str
    body: str
    language: str
    kind: Guess
    format: str
    metadata: dict[str, str] = field(default_factory=dict)
    project_code: str = ""
    project_name: str = ""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    dated: date | None = None
    notes: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    ledger: Ledger = field(default_factory=Ledger)
    lessons: tuple[FoundLesson, ...] = ()
