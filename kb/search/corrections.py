"""Did you mean: another spelling of a question, where words in it stand nowhere.

A word that stands in something the asker may read is kept, however odd it looks. Of the others an English one is
replaced by a known word a letter or two away (two letters that changed places count as one), or by two words that were
written together; in a run of Chinese characters a stretch is replaced by a word of the same sound, or one that differs
in a single character (:mod:`kb.search.chinese_slips`).

Only words that the asker may read are ever offered: :class:`Asker` says which those are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import Final, NamedTuple, Protocol

from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.search.analysis import Token, Unit, tokens, units
from kb.search.chinese_slips import (
    MAX_WORD_CHARS,
    MIN_SLIP_CHARS,
    MIN_WORD_CHARS,
    ChineseWords,
    Meant,
)
from kb.search.folding import Folded, fold
from kb.search.wording import STOP_WORDS

# Shorter words are one letter away from too many others.
MIN_LETTERS: Final = 4
# From so many letters on two of them may be wrong.
_LETTERS_FOR_TWO: Final = 7
_MIN_PART_LETTERS: Final = 3  # of each of two words written together
# Words and characters of a question that are looked at; nobody sees a slip in the middle of a page.
MAX_WORDS: Final = 12
MAX_HAN: Final = 60
# Candidates that are looked up for one slip, likeliest first.
_TRIED: Final = 8
_MAX_SLIPS_IN_A_RUN: Final = 2

_OPERATORS: Final = frozenset({"AND", "OR", "NOT"})
# A field with its value; only titles hold words that could be misspelled.
_FIELD: Final = re.compile(r"(?<!\w)(?!title:|标题:)[^\W\d_]+\s*:\s*(?:\"[^\"]*\"|\S+)")


class Asker(Protocol):
    """What whoever asks may know of."""

    def stands(self, text: str) -> bool:
        """Whether ``text``, side by side, stands in something the asker may read."""

    def writes(self, word: str) -> bool:
        """Whether an English word stands, spelled just so, in something the asker may read."""


class EnglishWords:
    """English words as they are written, by length."""

    def __init__(self, words: Mapping[str, int]) -> None:
        """From words and how many things hold each; those with other letters are left out."""
        self._frequency = {word: count for word, count in words.items() if word.isalpha()}
        self._by_length: dict[int, list[str]] = {}
        for word in self._frequency:
            self._by_length.setdefault(len(word), []).append(word)

    def __len__(self) -> int:
        return len(self._frequency)

    def meant_by(self, written: str) -> Iterator[str]:
        """Words that may have been meant, likeliest first."""
        most = 2 if len(written) >= _LETTERS_FOR_TWO else 1
        found: list[tuple[float, bool, int, str]] = []
        for length in range(len(written) - most, len(written) + most + 1):
            for word, distance, _ in process.extract(
                written,
                self._by_length.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=most,
                limit=None,
            ):
                # The first letter is hardly ever wrong.
                found.append((distance, word[0] != written[0], -self._frequency[word], word))
        yield from (word for distance, *_, word in sorted(found) if distance)
        yield from self._parted(written)

    def _parted(self, written: str) -> Iterator[str]:
        """Two words that were written together, the more frequent pair first."""
        pairs = []
        for at in range(_MIN_PART_LETTERS, len(written) - _MIN_PART_LETTERS + 1):
            one, other = written[:at], written[at:]
            if one in self._frequency and other in self._frequency:
                pairs.append((-min(self._frequency[one], self._frequency[other]), f"{one} {other}"))
        yield from (text for _, text in sorted(pairs))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All words that may have been meant."""

    english: EnglishWords
    chinese: ChineseWords


class _Change(NamedTuple):
    """A stretch of the folded question and what it should have been."""

    start: int
    end: int
    text: str


def revised(text: str, vocabulary: Vocabulary, asker: Asker, *, eager: bool = True) -> str | None:
    """``text`` as it may have been meant; None where nothing looks misspelled or nothing better is known.

    Args:
        text: the question as it was typed.
        vocabulary: the words that may have been meant.
        asker: says what whoever asks may know of.
        eager: little was found, so that a guess is welcome; otherwise only what is all but sure is corrected.
    """
    folded = fold(text)
    hidden = [match.span() for match in _FIELD.finditer(folded.text)]
    row = [
        unit for unit in units(text) if not any(start <= unit.start < end for start, end in hidden)
    ]
    changes = [
        *_english_changes(text, folded, row, vocabulary.english, asker),
        *_chinese_changes(row, vocabulary.chinese, asker, eager=eager),
    ]
    return _applied(text, folded, changes) if changes else None


def _applied(text: str, folded: Folded, changes: Iterable[_Change]) -> str:
    for change in sorted(changes, reverse=True):
        first, last = folded.original(change.start, change.end)
        text = text[:first] + change.text + text[last:]
    return text


def _english_changes(
    text: str, folded: Folded, row: Sequence[Unit], words: EnglishWords, asker: Asker
) -> Iterator[_Change]:
    latin = [unit for unit in row if unit.text.isalpha() and not unit.is_han]
    for unit in latin[:MAX_WORDS]:
        first, last = folded.original(unit.start, unit.end)
        if (
            len(unit.text) < MIN_LETTERS
            or unit.text in STOP_WORDS
            or text[first:last] in _OPERATORS
            or asker.stands(unit.text)
        ):
            continue
        for word in islice(words.meant_by(unit.text), _TRIED):
            if all(asker.writes(part) and asker.stands(part) for part in word.split()):
                yield _Change(unit.start, unit.end, word)
                break


def _chinese_changes(
    row: Sequence[Unit], words: ChineseWords, asker: Asker, *, eager: bool
) -> Iterator[_Change]:
    left = MAX_HAN
    for run in _runs(row):
        left -= len(run)
        if left < 0:
            return
        written = "".join(unit.text for unit in run)
        meant = written
        for _ in range(_MAX_SLIPS_IN_A_RUN):
            better = _better_run(meant, words, asker, eager=eager)
            if better is None:
                break
            meant = better
        if meant != written:
            yield _Change(run[0].start, run[-1].end, meant)


def _runs(row: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Chinese characters side by side."""
    run: list[Unit] = []
    for unit in row:
        if run and (not unit.is_han or unit.position != run[-1].position + 1):
            yield run
            run = []
        if unit.is_han:
            run.append(unit)
    if run:
        yield run


def _better_run(written: str, words: ChineseWords, asker: Asker, *, eager: bool) -> str | None:
    doubtful = _doubtful_pairs(written, asker)
    if not doubtful:
        return None
    slips_from = MIN_SLIP_CHARS if eager else MIN_SLIP_CHARS + 1
    candidates: list[tuple[Meant, int, int]] = []
    for start in range(len(written)):
        for end in range(start + MIN_WORD_CHARS, min(start + MAX_WORD_CHARS, len(written)) + 1):
            if any(start <= pair < end - 1 for pair in doubtful):
                part = written[start:end]
                candidates += [
                    (meant, start, end) for meant in words.meant_by(part, slips_from=slips_from)
                ]
    if eager:
        candidates += [(meant, 0, len(written)) for meant in words.nearly(written)]
    candidates.sort(key=lambda c: (-c[0].likely, -c[0].frequency, c[0].text))
    for meant, start, end in candidates[:_TRIED]:
        if asker.stands(meant.text):
            return written[:start] + meant.text + written[end:]
    return None


def _doubtful_pairs(written: str, asker: Asker) -> list[int]:
    """Places of neighbours that stand side by side nowhere, though no two known words meet there."""
    found = [token for token in tokens(written) if token.signal == "words"]
    ends, starts = _sound_edges(found, asker)
    return [
        at
        for at, (one, other) in enumerate(pairwise(written))
        if not (at + 1 in ends and at + 1 in starts) and not asker.stands(one + other)
    ]


def _sound_edges(found: Iterable[Token], asker: Asker) -> tuple[set[int], set[int]]:
    """Where words end and where words begin that need no correction: known ones and stop words."""
    ends: set[int] = set()
    starts: set[int] = set()
    for token in found:
        if token.plain in STOP_WORDS or (len(token.text) > 1 and asker.stands(token.text)):
            ends.add(token.end)
            starts.add(token.start)
    return ends, starts
