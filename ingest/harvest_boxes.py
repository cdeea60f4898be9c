"""Lessons that are marked one by one in ordinary chapters: ``【教训】…``, a paragraph ``Lesson learned: …``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.harvest_labels import CONTENT
from ingest.harvest_outline import Listing, Paragraph, Part
from ingest.harvest_text import Telling, first_sentence_title, opening_label, tell
from ingest.harvest_words import folded, unnumbered
from kb.candidates_found import LessonKind

_SURE: Final = (
    r"(?:主要|重要)?(?:经验教训|教训|成功经验|启示|经验与教训)|lessons? (?:learn(?:ed|t)|identified)|lesson"
    r"|(?:key )?(?:learning(?: point)?|take-?away)"
)
# “经验：三年以上” is a demand, not a lesson; in a box or in bold it is a mark.
_MARKED: Final = rf"{_SURE}|经验|good practice|best practice|做法|亮点"
_COUNT: Final = r"\s*(?:no\.? ?)?(?:\d{1,3}|[一二三四五六七八九十]{1,3})?"
_BOX: Final = re.compile(rf"[【\[]\s*(?P<mark>{_MARKED}){_COUNT}\s*[】\]]\s*:?")
_LABEL: Final = re.compile(rf"(?P<mark>{_SURE}){_COUNT}\s*:")
_BOLD: Final = re.compile(rf"(?P<mark>{_MARKED}){_COUNT}")
_GOOD: Final = re.compile(r"^(?:成功)?经验$|good|best|做法|亮点")


def boxed_in(parts: Sequence[Part]) -> list[Telling]:
    """The lessons that paragraphs and list items of a section mark as such; cause and advice may follow each."""
    tellings: list[Telling] = []
    is_open = False
    for text, lead, is_item in _texts(parts):
        kind, rest = _marked(text, lead)
        if rest:
            telling = Telling(
                title=first_sentence_title(rest),
                kind=kind,
                found_as="list item" if is_item else "paragraph",
                number=len(tellings) + 1,
            )
            tell(telling, rest)
            tellings.append(telling)
            is_open = True
        elif is_open and opening_label(text) in CONTENT - {"event", "context"}:
            tell(tellings[-1], text)
        else:
            is_open = False
    return tellings


def _texts(parts: Sequence[Part]) -> Iterator[tuple[str, str, bool]]:
    for part in parts:
        if isinstance(part, Paragraph):
            yield part.text, part.lead, False
        elif isinstance(part, Listing):
            for item in part.items:
                yield item.text, item.lead, True


def _marked(text: str, lead: str) -> tuple[LessonKind | None, str]:
    """The kind a mark names and the words after it; no words where nothing is marked."""
    for bare in (text.strip(), unnumbered(text.strip())):
        kind, rest = _begins(bare, lead)
        if rest:
            return kind, rest
    return None, ""


def _begins(bare: str, lead: str) -> tuple[LessonKind | None, str]:
    # Folding keeps the number of characters of the marks; half-width and small letters are all it changes in them.
    start = folded(bare[:40])
    found = _BOX.match(start) or _LABEL.match(start)
    if found:
        return _kind(found["mark"]), _after(bare, found.end())
    bold = _BOLD.fullmatch(folded(lead).strip(" :.")) if lead else None
    if bold and bare.startswith(lead) and len(lead) < len(bare):
        return _kind(bold["mark"]), bare[len(lead) :].lstrip(" ：:。.—–-\n")
    return None, ""


def _after(bare: str, end: int) -> str:
    """What stands after the first ``end`` folded characters, in the letters of the text."""
    for place in range(len(bare) + 1):
        if len(folded(bare[:place])) >= end:
            return bare[place:].lstrip(" ：:】]\n")
    return ""


def _kind(mark: str) -> LessonKind | None:
    return "good-practice" if _GOOD.search(mark) else None
