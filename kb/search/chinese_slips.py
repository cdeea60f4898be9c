"""Chinese words that somebody may have meant: those that sound the same, and those that differ in one character.

An input method offers 需求辩更 for 需求变更: another word of the same sound. Reading badly or writing by hand gives
风验管理 for 风险管理: one character is another. Both are found by comparing with all words of one length at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.search.readings import sounds

MIN_WORD_CHARS: Final = 2
MAX_WORD_CHARS: Final = 8  # longer names are put together from shorter ones
# Of two characters every second word is one slip away from some other.
MIN_SLIP_CHARS: Final = 3
# At least this share of the characters, one in so many, must be right: nobody gets all of a word wrong.
_RIGHT_SHARE: Final = 2
# Which of two corrections is meant: the one that explains more characters, and sound is the better witness.
_SOUND_COST: Final = 1.0
_NEAR_SOUND_COST: Final = 1.3
_SLIP_COST: Final = 1.5
_OTHER_LENGTH_COST: Final = 1.7  # a character too many, too few, or two that changed places

# Tables of what sounds like a character that are kept for each length, at some 4 KB each.
_KEPT_TABLES: Final = 500


class Meant(NamedTuple):
    """A word that may have been meant; ``likely`` says how sure that is, without unit: larger is surer."""

    text: str
    likely: float
    frequency: int


class ChineseWords:
    """Words by length as arrays of characters and sounds. Never changes once built."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """From words and how many things hold each; those too short or too long are left out."""
        by_length: dict[int, list[tuple[str, int]]] = {}
        for word, frequency in words.items():
            if MIN_WORD_CHARS <= len(word) <= MAX_WORD_CHARS:
                by_length.setdefault(len(word), []).append((word, frequency))
        self._groups = {length: _Group(length, known) for length, known in by_length.items()}

    def __len__(self) -> int:
        return sum(len(group.words) for group in self._groups.values())

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; the words themselves are not counted."""
        return sum(group.codes.nbytes + group.heard.nbytes for group in self._groups.values())

    def meant_by(
        self, written: str, *, slips_from: int = MIN_SLIP_CHARS, blurred: bool = True
    ) -> list[Meant]:
        """Words as long as ``written`` that sound like it or, from ``slips_from`` characters on, differ in one.

        With ``blurred``, sounds that are easily taken for each other count as one.
        """
        group = self._groups.get(len(written))
        if group is None:
            return []
        found: dict[str, Meant] = {}
        for places, cost in (
            (group.differing_in_one(written) if len(written) >= slips_from else (), _SLIP_COST),
            (group.sounding_like(written, blurred=True) if blurred else (), _NEAR_SOUND_COST),
            (group.sounding_like(written, blurred=False), _SOUND_COST),
        ):
            for place in places:
                word, frequency = group.words[place]
                wrong = sum(one != other for one, other in zip(word, written, strict=True))
                if 0 < wrong <= max(1, len(word) // _RIGHT_SHARE):
                    found[word] = Meant(word, len(word) - cost, frequency)
        return list(found.values())

    def nearly(self, written: str) -> list[Meant]:
        """Words with one character more or less than ``written``, or two of its neighbours changed round."""
        found = []
        for length in range(len(written) - 1, len(written) + 2):
            group = self._groups.get(length)
            if group is None or length < MIN_SLIP_CHARS:
                continue
            near = process.extract(
                written, group.texts, scorer=OSA.distance, score_cutoff=1, limit=None
            )
            for _, distance, place in near:
                word, frequency = group.words[place]
                if distance and (length != len(written) or sorted(word) == sorted(written)):
                    found.append(Meant(word, len(written) - _OTHER_LENGTH_COST, frequency))
        return found


class _Group:
    """The words of one length. ``heard`` has for each character its place among the different ones there are."""

    def __init__(self, length: int, words: Iterable[tuple[str, int]]) -> None:
        self.words = sorted(words)
        self.texts = [word for word, _ in self.words]
        joined = "".join(self.texts)
        shape = (len(self.words), length)
        self.codes: NDArray[np.uint32] = np.frombuffer(
            joined.encode("utf-32-le"), np.uint32
        ).reshape(shape)
        different, heard = np.unique(self.codes, return_inverse=True)
        self._chars = [chr(code) for code in different.tolist()]
        self._known: dict[tuple[str, bool], NDArray[np.bool_]] = {}
        self.heard: NDArray[np.uint16] = heard.astype(np.uint16).reshape(shape)

    def differing_in_one(self, written: str) -> list[int]:
        """Places of the words that differ from ``written`` in exactly one character."""
        own = np.frombuffer(written.encode("utf-32-le"), np.uint32)
        return np.flatnonzero((self.codes != own).sum(axis=1) == 1).tolist()

    def sounding_like(self, written: str, *, blurred: bool) -> list[int]:
        """Places of the words each character of which may sound like that of ``written``."""
        places = np.arange(len(self.words))
        for at, char in enumerate(written):
            places = places[self._alike(char, blurred=blurred)[self.heard[places, at]]]
            if not len(places):
                break
        return places.tolist()

    def _alike(self, char: str, *, blurred: bool) -> NDArray[np.bool_]:
        """Which of the different characters sound like ``char``."""
        known = self._known.get((char, blurred))
        if known is None:
            own = sounds(char, blurred=blurred)
            known = np.array(
                [
                    each == char or not own.isdisjoint(sounds(each, blurred=blurred))
                    for each in self._chars
                ],
                dtype=bool,
            )
            if len(self._known) >= _KEPT_TABLES:
                self._known.clear()
            self._known[char, blurred] = known
        return known
