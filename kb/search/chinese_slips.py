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
# Which of two corrections is meant: the one that explains more characters, and sound is the better witness.
_SOUND_COST: Final = 1.0
_SLIP_COST: Final = 1.5
_OTHER_LENGTH_COST: Final = 1.7  # a character too many, too few, or two that changed places


class Meant(NamedTuple):
    """A word that may have been meant; ``likely`` says how sure that is, without unit: larger is surer."""

    text: str
    likely: float
    frequency: int


class ChineseWords:
    """Words by length as arrays of characters and sounds. Never changes once built."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """From words and how many things hold each; those too short or too long are left out."""
        self._sounds = _Sounds()
        by_length: dict[int, list[tuple[str, int]]] = {}
        for word, frequency in words.items():
            if MIN_WORD_CHARS <= len(word) <= MAX_WORD_CHARS:
                by_length.setdefault(len(word), []).append((word, frequency))
        self._groups = {
            length: _Group(length, known, self._sounds) for length, known in by_length.items()
        }

    def __len__(self) -> int:
        return sum(len(group.words) for group in self._groups.values())

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; the words themselves are not counted."""
        return sum(group.codes.nbytes + group.heard.nbytes for group in self._groups.values())

    def meant_by(self, written: str, *, slips_from: int = MIN_SLIP_CHARS) -> list[Meant]:
        """Words as long as ``written`` that sound like it or, from ``slips_from`` characters on, differ in one."""
        group = self._groups.get(len(written))
        if group is None:
            return []
        found: dict[str, Meant] = {}
        for places, cost in (
            (group.differing_in_one(written) if len(written) >= slips_from else (), _SLIP_COST),
            (group.sounding_like(written, self._sounds), _SOUND_COST),
        ):
            for place in places:
                word, frequency = group.words[place]
                if word != written:
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


class _Sounds:
    """Numbers for sounds and the sets of them that characters have; 0 is no sound."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._of: dict[str, tuple[int, ...]] = {}

    def of(self, char: str) -> tuple[int, ...]:
        """The sounds of a character, ascending."""
        known = self._of.get(char)
        if known is None:
            known = self._of[char] = tuple(
                sorted(self._numbers.setdefault(s, len(self._numbers) + 1) for s in sounds(char))
            )
        return known


class _Group:
    """The words of one length. ``heard`` has for each character the number of its set of sounds."""

    def __init__(self, length: int, words: Iterable[tuple[str, int]], known: _Sounds) -> None:
        self.words = sorted(words)
        self.texts = [word for word, _ in self.words]
        joined = "".join(self.texts)
        shape = (len(self.words), length)
        self.codes: NDArray[np.uint32] = np.frombuffer(
            joined.encode("utf-32-le"), np.uint32
        ).reshape(shape)
        self._sets: dict[tuple[int, ...], int] = {}
        numbers = {
            char: self._sets.setdefault(known.of(char), len(self._sets)) for char in set(joined)
        }
        self.heard: NDArray[np.uint16] = np.array(
            [numbers[char] for char in joined], np.uint16
        ).reshape(shape)

    def differing_in_one(self, written: str) -> list[int]:
        """Places of the words that differ from ``written`` in exactly one character."""
        own = np.frombuffer(written.encode("utf-32-le"), np.uint32)
        return np.flatnonzero((self.codes != own).sum(axis=1) == 1).tolist()

    def sounding_like(self, written: str, known: _Sounds) -> list[int]:
        """Places of the words each character of which may sound like that of ``written``."""
        places = np.arange(len(self.words))
        for at, char in enumerate(written):
            own = frozenset(known.of(char))
            code = ord(char)
            alike = np.array([not own.isdisjoint(each) for each in self._sets], dtype=bool)
            same = alike[self.heard[places, at]] | (self.codes[places, at] == code)
            places = places[same]
        return places.tolist()
