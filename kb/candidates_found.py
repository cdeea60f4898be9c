"""FoundLesson: a lesson that the harvester saw in a report, not stored yet.

Plain data that can cross a process border, like :mod:`kb.drafts`. Storing it as a candidate, and deciding on it, is
:mod:`kb.candidates`.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

LessonKind = Literal["lesson", "good-practice", "challenge"]
# What in the document made it a lesson; ``number`` counts these within their section.
FoundAs = Literal[
    "section",
    "sub-section",
    "list item",
    "paragraph",
    "table row",
    "table column",
    "table",
    "table cell",
]

LESSON_KINDS: Final[tuple[LessonKind, ...]] = ("lesson", "good-practice", "challenge")


@dataclass(frozen=True, slots=True)
class FoundLesson:
    """One lesson, with the words of the report and where they stand.

    Attributes:
        title: never empty; taken from the report, shortened where it is a whole paragraph.
        kind: lesson, good practice or challenge, as the heading or the row says it; else lesson.
        what_happened, cause, impact, recommendation: plain text; each may be empty, never all of them.
        owner: who is responsible, as the report names it.
        phase: phase or gate, if said.
        heading, anchor: of the section it stands in; both empty before the first heading.
        position: 1, 2, 3 … in the order of the document.
        section: the heading that announced lessons; empty where only a table's columns did.
        found_as, number: which part of the section it is, e.g. table row 3.
        language: ``zh`` or ``en``, whichever most of its words are.
    """

    title: str
    kind: LessonKind
    what_happened: str
    cause: str
    impact: str
    recommendation: str
    owner: str
    phase: str
    heading: str
    anchor: str
    position: int
    section: str
    found_as: FoundAs
    number: int
    language: str

    @property
    def evidence(self) -> str:
        """Why it was taken, in English: ``section “经验教训”, table row 3``."""
        return evidence(self.section, self.found_as, self.number)

    @property
    def fingerprint(self) -> str:
        """The same for the same words, whatever their spacing, case and width: 64 hexadecimal digits.

        The place in the document does not count, nor do owner and phase, which are corrected more often than told anew.
        """
        words = (self.title, self.what_happened, self.cause, self.impact, self.recommendation)
        return hashlib.sha256("\n".join(map(folded, words)).encode()).hexdigest()


def evidence(section: str, found_as: str, number: int) -> str:
    """Why a lesson was taken, in English."""
    part = f"{found_as} {number}" if number else found_as
    if not section:
        return f"columns of the table, {part}"
    return f"section “{section}”" if found_as == "section" else f"section “{section}”, {part}"


def folded(text: str) -> str:
    """``text`` without its spacing, case and width."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
