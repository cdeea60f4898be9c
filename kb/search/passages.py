"""Passages: which part of a hit to show, with the words of the question marked.

Nothing is segmented here: a document would cost more than the whole search. The words of the question are looked for
in the folded text (runs and words of Chinese characters as they stand, other words by their stems), and the way back to
the original text is the folding's own, so marks are always where the words are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Final, NamedTuple

from kb.search.analysis import stem, tokens, units, words_in_use
from kb.search.folding import HAN, fold
from kb.search.word_places import WordPlaces
from kb.search.wording import STOP_WORDS

# Width of a passage in columns: a Chinese character takes two, everything else one.
PASSAGE_COLUMNS: Final = 240
_LEAD_COLUMNS: Final = 48  # shown before the first mark
# Longer documents are looked through only so far, in characters: about 3 ms.
_MOST_CHARS: Final = 60_000
_MOST_MARKS: Final = 200  # places considered as the beginning of a passage
_HEADING_FACTOR: Final = 1.5  # a word in a heading says more of its section than one in the text
_WEIGHT: Final = 2.0  # of a word that is not Chinese; a Chinese one counts its characters
_REMEMBERED_CHARS: Final = 100  # of a piece that is wanted

_HAN_RUN: Final = re.compile(f"[{HAN}]+")
_WIDE: Final = re.compile(
    r"[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)
_BREAK: Final = re.compile(r"[。！？；\n]|[.!?;](?=\s)")


class Mark(NamedTuple):
    """A word of the question in a text: offsets in the original, the word, its weight."""

    start: int
    end: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Passage:
    """The best section's place among those given, and the passage as HTML with ``<mark>`` only."""

    section: int | None
    html: str


class Highlighter:
    """Finds the words of one question in texts. Made once for a question."""

    def __init__(self, wanted: Iterable[str]) -> None:
        """Look for the words of the pieces of text ``wanted``."""
        known = words_in_use()
        pieces = [
            _remembered(piece, known) if len(piece) <= _REMEMBERED_CHARS else _looked_for(piece)
            for piece in dict.fromkeys(wanted)
        ]
        han = frozenset[str]().union(*(piece.han for piece in pieces))
        stems = frozenset[str]().union(*(piece.stems for piece in pieces))
        self._weights = {word: float(len(word)) for word in han}
        self._places = WordPlaces(han, stems, stem)

    def marks(self, text: str) -> list[Mark]:
        """Where words of the question stand in ``text``, in order, without overlap."""
        if not self._places or not text:
            return []
        folded = fold(text)
        return [
            Mark(*folded.original(start, end), word, self._weights.get(word, _WEIGHT))
            for start, end, word in self._places.find(folded.text)
        ]

    def title(self, text: str) -> str:
        """A whole short text as HTML, its marks in it."""
        return _html(text, 0, len(text), self.marks(text))

    def passage(self, sections: Sequence[tuple[str, str]]) -> Passage:
        """The best passage of a document given as ``(heading, text)`` of its sections."""
        best, best_weight, best_marks = None, 0.0, list[Mark]()
        for number, (in_heading, in_text) in enumerate(self._marks_of(sections)):
            weights = {mark.word: mark.weight for mark in in_text}
            weights.update((mark.word, mark.weight * _HEADING_FACTOR) for mark in in_heading)
            # Distinct words decide, how often they stand there only between equals.
            weight = sum(weights.values()) + min(len(in_text), 20) / 100
            if weights and weight > best_weight:
                best, best_weight, best_marks = number, weight, in_text
        if best is None:
            best = next((number for number, (_, text) in enumerate(sections) if text.strip()), None)
            if best is None:
                return Passage(None, "")
            return Passage(None, _html_of_window(sections[best][1], []))
        if not sections[best][1].strip():
            # A heading alone: what stands under it begins with the next text.
            following = (text for _, text in sections[best + 1 :] if text.strip())
            text = next(following, "")
            return Passage(best, _html_of_window(text, self.marks(text[:_MOST_CHARS])))
        return Passage(best, _html_of_window(sections[best][1], best_marks))

    def _marks_of(
        self, sections: Sequence[tuple[str, str]]
    ) -> Iterator[tuple[list[Mark], list[Mark]]]:
        """The marks in the heading and in the text of each section, as offsets in these.

        All are looked through at once, because that costs little more than one of them; no word goes over an end of
        line.
        """
        left = _MOST_CHARS
        parts: list[str] = []
        for heading, text in sections:
            parts += (heading, text[: max(left, 0)])
            left -= len(text)
        marks = iter(self.marks("\n".join(parts)))
        mark = next(marks, None)
        start = 0
        found: list[list[Mark]] = []
        for part in parts:
            end = start + len(part)
            inside: list[Mark] = []
            while mark is not None and mark.start < end:
                inside.append(Mark(mark.start - start, mark.end - start, mark.word, mark.weight))
                mark = next(marks, None)
            found.append(inside)
            start = end + 1
        yield from zip(found[::2], found[1::2], strict=True)


class _Looked(NamedTuple):
    """What to look for: runs of Chinese characters as they stand, stems of other words."""

    han: frozenset[str]
    stems: frozenset[str]


# Pieces are words of questions and what they are called elsewhere: the same again and again.
@lru_cache(maxsize=4096)
def _remembered(piece: str, _known: frozenset[str]) -> _Looked:
    """The same; ``_known`` are the words of the glossary, by which it is cut."""
    return _looked_for(piece)


def _looked_for(piece: str) -> _Looked:
    """What to look for where ``piece`` is wanted."""
    stems: set[str] = set()
    han: set[str] = set()
    kept = [t for t in tokens(piece) if t.plain not in STOP_WORDS] or list(tokens(piece))
    pairs = {t.text for t in kept if t.signal == "grams" and len(t.text) > 1}
    for token in kept:
        if token.signal == "words" and _HAN_RUN.fullmatch(token.text):
            folded = fold(token.text).text
            # Single characters are noise, unless nothing else was asked for.
            if len(folded) > 1 or not pairs:
                han.add(folded)
        elif token.signal == "words":
            stems.add(token.text)
    han |= {pair for pair in pairs if _HAN_RUN.fullmatch(pair)}
    han |= {
        run for run in _HAN_RUN.findall(fold(piece).text) if len(run) > 1 and run not in STOP_WORDS
    }
    stems |= {u.stem for u in units(piece) if not u.is_han and u.text not in STOP_WORDS}
    return _Looked(frozenset(han), frozenset(stems))


def _window(text: str, marks: Sequence[Mark]) -> tuple[int, int]:
    """The piece of ``text`` to show: where most different words of the question stand together."""
    wide = len(_WIDE.findall(text, 0, 1000))
    width = round(PASSAGE_COLUMNS / (1 + wide / max(min(len(text), 1000), 1)))
    lead = width * _LEAD_COLUMNS // PASSAGE_COLUMNS
    best, best_weight = 0, -1.0
    for number, first in enumerate(marks[:_MOST_MARKS]):
        inside: dict[str, float] = {}
        for mark in marks[number:]:
            if mark.end > first.start + width - lead:
                break
            inside[mark.word] = mark.weight
        weight = sum(inside.values())
        if weight > best_weight:
            best, best_weight = first.start, weight
    start = max(0, best - lead)
    if start:
        # Begin with a sentence, or at least with a word.
        sentence = [match.end() for match in _BREAK.finditer(text, start, best)]
        word = text.find(" ", start, best) + 1
        start = sentence[0] if sentence else word or start
    end = min(len(text), start + width)
    space = text.rfind(" ", end - width // 8, end)
    if end < len(text) and space > best and not _WIDE.match(text, end - 1):
        end = space
    return start, end


def _html_of_window(text: str, marks: Sequence[Mark]) -> str:
    start, end = _window(text, marks)
    html = _html(text, start, end, marks).strip()
    return f"{'…' if start else ''}{html}{'…' if end < len(text) else ''}"


def _html(text: str, start: int, end: int, marks: Iterable[Mark]) -> str:
    """``text[start:end]`` escaped, white space as single spaces, with the marks that lie in it."""
    parts: list[str] = []
    at = start
    for mark in marks:
        if mark.start < at or mark.end > end:
            continue
        parts += [
            escape(text[at : mark.start]),
            "<mark>",
            escape(text[mark.start : mark.end]),
            "</mark>",
        ]
        at = mark.end
    parts.append(escape(text[at:end]))
    return re.sub(r"\s+", " ", "".join(parts))
