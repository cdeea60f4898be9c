"""Did you mean: another spelling of a question, where words in it stand nowhere.

A word that stands in something the asker may read is kept, however odd it looks, and so is a word of the language that
stands nowhere: it is no slip. Of the others an English one is replaced by a known word a letter or two away (two
letters that changed places count as one), or by two words that were written together; in a run of Chinese characters
a stretch is replaced by a word of the same sound, or one that differs in a single character
(:mod:`kb.search.chinese_slips`), where nothing doubtful is left beside it then.

Most questions hold a name or two that stands nowhere. Where enough was found, a correction must therefore be all but
sure: the same sound, one letter, a frequent word, no name. Measured on 300 questions of which most ask for what is not
there: 160 were “corrected” without these conditions.

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

from kb.search.analysis import Unit, tokens, units
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
# Held by so many things, a word is more likely than the slip that is one letter away from it.
_SURE_FREQUENCY: Final = 3
# Longer runs are sentences, in which two characters of some other sound-alike word are easily found.
_KEYWORD_CHARS: Final = 4
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

    def is_word(self, text: str) -> bool:
        """Whether ``text`` is a word of its language, whether it stands anywhere or not."""


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

    def meant_by(self, written: str, *, sure: bool = False) -> Iterator[str]:
        """Words that may have been meant, likeliest first; with ``sure`` only frequent ones one letter away."""
        most = 2 if len(written) >= _LETTERS_FOR_TWO and not sure else 1
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
                other_begin, frequency = word[0] != written[0], self._frequency[word]
                if not sure or (frequency >= _SURE_FREQUENCY and not other_begin):
                    found.append((distance, other_begin, -frequency, word))
        yield from (word for distance, *_, word in sorted(found) if distance)
        if not sure:
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
        *_english_changes(text, folded, row, vocabulary.english, asker, eager=eager),
        *_chinese_changes(row, vocabulary.chinese, asker, eager=eager),
    ]
    return _applied(text, folded, changes) if changes else None


def _applied(text: str, folded: Folded, changes: Iterable[_Change]) -> str:
    for change in sorted(changes, reverse=True):
        first, last = folded.original(change.start, change.end)
        text = text[:first] + change.text + text[last:]
    return text


def _english_changes(
    text: str,
    folded: Folded,
    row: Sequence[Unit],
    words: EnglishWords,
    asker: Asker,
    *,
    eager: bool,
) -> Iterator[_Change]:
    latin = [unit for unit in row if unit.text.isalpha() and not unit.is_han]
    for unit in latin[:MAX_WORDS]:
        first, last = folded.original(unit.start, unit.end)
        if (
            len(unit.text) < MIN_LETTERS
            or unit.text in STOP_WORDS
            or text[first:last] in _OPERATORS
            or (not eager and unit is not row[0] and text[first].isupper())
            or asker.is_word(unit.text)
            or asker.stands(unit.text)
        ):
            continue
        for word in islice(words.meant_by(unit.text, sure=not eager), _TRIED):
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
    shortest = MIN_WORD_CHARS if eager or len(written) <= _KEYWORD_CHARS else MIN_WORD_CHARS + 1
    candidates: list[tuple[Meant, int, int]] = []
    for start in range(len(written)):
        for end in range(start + shortest, min(start + MAX_WORD_CHARS, len(written)) + 1):
            if any(start <= pair < end - 1 for pair in doubtful):
                found = words.meant_by(written[start:end], slips_from=slips_from, blurred=eager)
                candidates += [(meant, start, end) for meant in found]
    if eager:
        candidates += [(meant, 0, len(written)) for meant in words.nearly(written)]
    candidates.sort(key=lambda c: (-c[0].likely, -c[0].frequency, c[0].text))
    for meant, start, end in candidates[:_TRIED]:
        better = written[:start] + meant.text + written[end:]
        if asker.stands(meant.text) and _is_settled(
            better, start - 1, start + len(meant.text), asker, eager=eager
        ):
            return better
    return None


def _is_settled(better: str, first: int, last: int, asker: Asker, *, eager: bool) -> bool:
    """Whether nothing doubtful is left: from ``first`` to ``last`` where a guess is welcome, else anywhere."""
    doubtful = _doubtful_pairs(better, asker)
    return not any(first <= at < last for at in doubtful) if eager else not doubtful


def _doubtful_pairs(written: str, asker: Asker) -> list[int]:
    """Places of neighbours that stand side by side nowhere, within no word and where no two words meet."""
    inside, ends, starts = _words_in(written, asker)
    return [
        at
        for at, (one, other) in enumerate(pairwise(written))
        if at not in inside
        and not (at + 1 in ends and at + 1 in starts)
        and not asker.stands(one + other)
    ]


def _words_in(written: str, asker: Asker) -> tuple[set[int], set[int], set[int]]:
    """Places of pairs within words that need no correction; where such words and stop words end and begin."""
    inside: set[int] = set()
    ends: set[int] = set()
    starts: set[int] = set()
    for token in tokens(written):
        if token.signal != "words":
            continue
        is_known = len(token.text) > 1 and (asker.is_word(token.text) or asker.stands(token.text))
        if is_known:
            inside.update(range(token.start, token.end - 1))
        if is_known or token.plain in STOP_WORDS:
            ends.add(token.end)
            starts.add(token.start)
    return inside, ends, starts
