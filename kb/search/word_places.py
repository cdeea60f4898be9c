"""Where the words of a question stand in a folded text.

Chinese words are looked for as they stand, other words by how they begin and then by their stems, and codes
(``cl-2018-007``) whole. Each word is looked for by itself, with the string search of Python: one regular expression of
all words takes four milliseconds to make, and twenty times as long to run over a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple

from kb.search.folding import HAN

# Letters of a stem that the word itself surely begins with: “delivery” has the stem “deliveri”.
_STEM_TAIL: Final = 1
_SHORTEST_HEAD: Final = 2

_LETTER: Final = re.compile(rf"[^\W\d_{HAN}]")
_REST_OF_WORD: Final = re.compile(rf"{_LETTER.pattern}*(?:'{_LETTER.pattern}+)*")
_BEFORE_CODE: Final = re.compile(rf"[^\W_{HAN}]")
_AFTER_CODE: Final = re.compile(rf"[^\W_{HAN}]|\.\d")


class Place(NamedTuple):
    """A word in a folded text; other words than Chinese ones and codes are told by their stem."""

    start: int
    end: int
    word: str


class WordPlaces:
    """Finds the words of one question. Made once for a question, cheap to make."""

    def __init__(
        self, han: Collection[str], stems: Collection[str], stem: Callable[[str], str]
    ) -> None:
        """Look for the Chinese words ``han``, and for other words with one of ``stems``, which ``stem`` makes."""
        self._han = tuple(han)
        self._codes = tuple(word for word in stems if not word.isalpha())
        self._heads = _shortest(
            word[: max(len(word) - _STEM_TAIL, _SHORTEST_HEAD)] for word in stems if word.isalpha()
        )
        self._stems = frozenset(stems)
        self._stem = stem

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self._han or self._stems)

    def find(self, text: str) -> list[Place]:
        """The words in the folded ``text``, in order; of those that overlap the first, and of these the longest.

        Codes come before the words they begin with: CL-2018-007 is one place.
        """
        found = [(start, -len(word), word) for word in self._han for start in _starts(text, word)]
        found += [
            (start, -len(code), code)
            for code in self._codes
            for start in _starts(text, code)
            if _stands_alone(text, start, start + len(code))
        ]
        coded = {start for start, _, _ in found}
        found += [
            (start, start - end, "")
            for start, end in self._beginnings(text).items()
            if start not in coded
        ]
        found.sort()
        places: list[Place] = []
        at = 0
        for start, length, known in found:
            if start < at:
                continue
            # A word that only begins like one of those wanted is passed over as a whole.
            at = start - length
            word = known or self._stem(text[start:at])
            if known or word in self._stems:
                places.append(Place(start, at, word))
        return places

    def _beginnings(self, text: str) -> dict[int, int]:
        """Where words begin that begin like one of those wanted, and where each ends."""
        found: dict[int, int] = {}
        for head in self._heads:
            for start in _starts(text, head):
                if start and _LETTER.match(text, start - 1):
                    continue
                rest = _REST_OF_WORD.match(text, start + len(head))
                found[start] = rest.end() if rest else start + len(head)
        return found


def _starts(text: str, word: str) -> Iterator[int]:
    start = text.find(word)
    while start >= 0:
        yield start
        start = text.find(word, start + 1)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = start and _BEFORE_CODE.match(text, start - 1)
    return not before and not _AFTER_CODE.match(text, end)


def _shortest(heads: Iterator[str]) -> tuple[str, ...]:
    """Without those that begin with another one: they are found by that."""
    kept: list[str] = []
    for head in sorted(set(heads), key=len):
        if not head.startswith(tuple(kept)):
            kept.append(head)
    return tuple(kept)
