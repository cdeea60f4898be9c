"""Names: found while they are typed, by how they are written or sound, wherever in the name that is.

``fxgl``, ``fengxian``, ``fengxgl``, ``风险gl`` and ``風險`` all lead to 风险管理登记册; ``haojp`` leads to 郝建平. A
character may be read in any of its ways (:mod:`kb.search.readings`).

All names lie one after the other in one array of letters, and what is typed is matched against all its places at once:
a look at 20,000 titles costs a few milliseconds. A table never changes; what has changed since goes into a second,
small one beside it (:mod:`kb.suggesting`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.folding import HAN, fold_text
from kb.search.readings import DOUBLE_INITIALS, readings, syllables

# Longer than this nothing is typed to find a name by, in letters without spaces.
MAX_TYPED_CHARS: Final = 64
# One letter would bring a twentieth of all names by its sound.
_MIN_SOUND_CHARS: Final = 2
_LONGEST_SYLLABLE: Final = 6  # zhuang
# Where so many places fit, nobody means the middle of a word.
_FEW_PLACES: Final = 50
# Counts of carriers are kept for so many sets of audiences, at four bytes a name each.
_KEPT_COUNTS: Final = 32
_END: Final = "\0"  # between names; no letter, so nothing is found across it
_HAN: Final = re.compile(f"[{HAN}]")
# Sorts of characters; a word begins where the sort changes.
_NO_LETTER, _LETTER, _DIGIT, _HAN_LETTER = range(4)

_Places = NDArray[np.int64]
_Bits = NDArray[np.bool_]


class Fit(IntEnum):
    """How well what is typed fits a name; smaller is better."""

    WHOLE = 0
    BEGINNING = 1
    WORD = 2  # at the beginning of a word, or at any Chinese character
    SOUND_OF_WHOLE = 3
    SOUND_OF_BEGINNING = 4
    INSIDE = 5  # in the middle of an English word
    SOUND_OF_WORD = 6


class Name(NamedTuple):
    """Something that can be offered.

    Attributes:
        text: what is shown.
        kind: what sort of thing has this name.
        id: which one; 0 where the text says it all.
        also: what else it may be found by.
        carriers: numbers of the documents that carry it; known to whoever may read one of them. None: to everybody.
        weight: how often it is wanted, beside the number of its carriers.
    """

    text: str
    kind: str
    id: int = 0
    also: tuple[str, ...] = ()
    carriers: tuple[int, ...] | None = None
    weight: int = 1


class FoundName(NamedTuple):
    """A name that fits, and how many carriers whoever asks may read (times its weight)."""

    name: Name
    fit: Fit
    uses: int


class NameTable:
    """Names and who carries them. Safe to share between threads."""

    def __init__(self, names: Iterable[Name], audiences: Mapping[int, int]) -> None:
        """Prepare ``names``; ``audiences`` has the audience of each carrier."""
        self._names: Sequence[Name] = tuple(names)
        self._carriers = _Carriers(self._names, audiences)
        self._kinds: dict[str, NDArray[np.int64]] = {}
        for kind in {name.kind for name in self._names}:
            self._kinds[kind] = np.array(
                [place for place, name in enumerate(self._names) if name.kind == kind]
            )
        self._lengths = np.array([len(name.text) for name in self._names], np.int32)
        self._letters = _Letters(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; the names themselves are not counted."""
        return self._letters.nbytes + self._carriers.nbytes

    def find(
        self,
        typed: str,
        audiences: frozenset[int] | None,
        limit: int,
        *,
        gone: Collection[int] = frozenset(),
        worst: Fit = Fit.SOUND_OF_WORD,
    ) -> list[FoundName]:
        """The names of each kind that fit best, at most ``limit`` of a kind, in no particular order.

        Args:
            typed: what has been typed so far.
            audiences: those that may be seen; None means all.
            limit: how many of each kind.
            gone: carriers that do not count any more.
            worst: names that fit worse than this are left out.
        """
        fits = self._letters.fits(compact(typed), len(self._names))
        fits[fits > worst] = _NO_FIT
        places = np.flatnonzero(fits != _NO_FIT)
        if not len(places):
            return []
        uses = self._carriers.uses(audiences, gone)
        fits[uses == 0] = _NO_FIT
        found: list[FoundName] = []
        for own in self._kinds.values():
            fitting = own[fits[own] != _NO_FIT]
            order = np.lexsort((self._lengths[fitting], -uses[fitting], fits[fitting]))[:limit]
            found += [
                FoundName(self._names[place], Fit(fits[place]), int(uses[place]))
                for place in fitting[order].tolist()
            ]
        return found


def compact(text: str) -> str:
    """Folded, without what people type between syllables or leave out between words."""
    return "".join(char for char in fold_text(text) if char.isalnum())[:MAX_TYPED_CHARS]


_NO_FIT: Final = len(Fit)


class _Carriers:
    """Which documents carry which names, as pairs, and which audience each document has."""

    def __init__(self, names: Sequence[Name], audiences: Mapping[int, int]) -> None:
        self._ids = np.array(sorted(audiences), np.int64)
        self._audiences = np.array([audiences[number] for number in self._ids.tolist()], np.int64)
        pairs = [
            (place, number)
            for place, name in enumerate(names)
            for number in name.carriers or ()
            if number in audiences
        ]
        table = np.array(pairs, np.int64).reshape(len(pairs), 2)
        self._named = table[:, 0].astype(np.int32)
        self._carrying = np.searchsorted(self._ids, table[:, 1]).astype(np.int32)
        self._free = np.array([name.carriers is None for name in names], dtype=bool)
        self._weights = np.array([name.weight for name in names], np.int32)
        self._known: dict[tuple[frozenset[int] | None, frozenset[int]], NDArray[np.int32]] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        arrays = (self._ids, self._audiences, self._named, self._carrying, self._weights)
        return sum(int(each.nbytes) for each in arrays)

    def uses(self, audiences: frozenset[int] | None, gone: Collection[int]) -> NDArray[np.int32]:
        """For each name how many carriers may be seen, times its weight."""
        key = audiences, frozenset(gone)
        found = self._known.get(key)
        if found is None:
            seen = np.ones(len(self._ids), dtype=bool)
            if audiences is not None:
                seen = np.isin(self._audiences, np.array(sorted(audiences), np.int64))
            if gone:
                seen &= ~np.isin(self._ids, np.array(sorted(gone), np.int64))
            counted = np.bincount(
                self._named, weights=seen[self._carrying], minlength=len(self._free)
            ).astype(np.int32)
            found = np.where(self._free, 1, counted).astype(np.int32) * self._weights
            with self._lock:
                if len(self._known) >= _KEPT_COUNTS:
                    self._known.clear()
                self._known[key] = found
        return found


class _Letters:
    """The letters and digits of all names in one row, with the places where a search may begin."""

    def __init__(self, names: Sequence[Name]) -> None:
        spellings = [
            (place, fold_text(text).replace(_END, " "))
            for place, name in enumerate(names)
            for text in dict.fromkeys((name.text, *name.also))
            if text
        ]
        joined = "".join(_END + text for _, text in spellings) + _END
        codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
        self._alphabet, coded = np.unique(codes, return_inverse=True)
        chars = [chr(code) for code in self._alphabet.tolist()]
        sorts = np.array([_sort(char) for char in chars], np.int8)
        sort = sorts[coded]
        # Each Chinese character may begin a word.
        begins = (sort != _NO_LETTER) & ((sort != np.roll(sort, 1)) | (sort == _HAN_LETTER))
        ends = coded == 0
        kept = (sort != _NO_LETTER) | ends
        self._codes = coded[kept].astype(np.int32)
        self._begins = begins[kept]
        # Most letters are in the middle of an English word, where hardly anything is looked for.
        self._starts = np.flatnonzero(self._begins)
        self._start_codes = self._codes[self._starts]
        self._ends = ends[kept]
        self._first = np.roll(self._ends, 1)
        spelling = np.cumsum(self._ends) - 1
        owners = np.array([place for place, _ in spellings] + [len(names)], np.int32)
        self._owners = owners[spelling]
        self._code_of = {char: code for code, char in enumerate(chars)}
        self._readings = _codes_by_reading(chars, sorts == _HAN_LETTER)
        self._tables: dict[tuple[str, bool], _Bits] = {}

    @property
    def nbytes(self) -> int:
        arrays = (
            self._codes,
            self._begins,
            self._starts,
            self._start_codes,
            self._ends,
            self._first,
            self._owners,
        )
        return sum(int(each.nbytes) for each in (*arrays, *self._tables.values()))

    def fits(self, typed: str, count: int) -> NDArray[np.int8]:
        """For each of ``count`` names how well ``typed`` fits it."""
        fits = np.full(count, _NO_FIT, np.int8)
        if not typed:
            return fits
        written = self._written(typed, inside=False)
        sound = self._sounding(typed)
        inside = np.empty(0, np.int64)
        if len(written) < _FEW_PLACES:
            inside = self._written(typed, inside=True)
        # From the worst to the best, so that the best remains.
        for fit, places in (
            (Fit.SOUND_OF_WORD, sound.starts),
            (Fit.INSIDE, inside),
            (Fit.SOUND_OF_BEGINNING, sound.starts[self._first[sound.starts]]),
            (Fit.SOUND_OF_WHOLE, sound.wholes),
            (Fit.WORD, written),
            (Fit.BEGINNING, written[self._first[written]]),
            (Fit.WHOLE, written[self._first[written] & self._ends[written + len(typed)]]),
        ):
            fits[self._owners[places]] = fit
        return fits

    def _written(self, typed: str, *, inside: bool) -> _Places:
        """Where ``typed`` stands as it is, at the beginning of a word or ``inside`` of one."""
        codes = [self._code_of.get(char) for char in typed]
        if None in codes:
            return np.empty(0, np.int64)
        if inside:
            places = np.flatnonzero((self._codes == codes[0]) & ~self._begins)
        else:
            places = self._starts[self._start_codes == codes[0]]
        for ahead, code in enumerate(codes[1:], 1):
            # Never beyond the row: after each letter comes at least the end of its name, which is no letter.
            places = places[self._codes[places + ahead] == code]
        return places

    def _sounding(self, typed: str) -> _Sounding:
        """Where ``typed`` stands by syllables and initials, with other letters as they are."""
        nothing = _Sounding(np.empty(0, np.int64), np.empty(0, np.int64))
        letters = sum(char.isascii() and char.isalpha() for char in typed)
        if letters < _MIN_SOUND_CHARS or not self._readings:
            return nothing
        # For what has been read of `typed` and how many letters of the name that took: where names may begin.
        open_: dict[tuple[int, int], list[_Places]] = {}
        first = np.zeros(len(self._alphabet), dtype=bool)
        for _, step in self._steps(typed, 0):
            first |= step
        open_[0, 0] = [self._starts[first[self._start_codes]]]
        starts, wholes = [nothing.starts], [nothing.wholes]
        for at in range(len(typed) + 1):
            for key in [key for key in open_ if key[0] == at]:
                _, taken = key
                places = _joined(open_.pop(key))
                if at == len(typed):
                    starts.append(places)
                    whole = self._first[places] & self._ends[places + taken]
                    wholes.append(places[whole])
                    continue
                here = self._codes[places + taken]
                for after, step in self._steps(typed, at):
                    left = places[step[here]]
                    if len(left):
                        open_.setdefault((after, taken + 1), []).append(left)
        return _Sounding(np.concatenate(starts), np.concatenate(wholes))

    def _steps(self, typed: str, at: int) -> Iterator[tuple[int, _Bits]]:
        """What one letter of a name may stand for from ``at`` on: how far that goes, and which letters do."""
        if not (typed[at].isascii() and typed[at].isalpha()):
            yield at + 1, self._table(typed[at], begins=True)
            return
        for after in range(at + 1, min(at + _LONGEST_SYLLABLE, len(typed)) + 1):
            part = typed[at:after]
            if after == len(typed) or after == at + 1 or part in DOUBLE_INITIALS:
                yield after, self._table(part, begins=True)
            elif part in syllables():
                yield after, self._table(part, begins=False)

    def _table(self, part: str, *, begins: bool) -> _Bits:
        """Which letters ``part`` stands for: itself, and characters with this reading or one that begins like it."""
        table = self._tables.get((part, begins))
        if table is None:
            table = np.zeros(len(self._alphabet), dtype=bool)
            if part in self._code_of:
                table[self._code_of[part]] = True
            for reading, codes in self._readings.items():
                if reading == part or (begins and reading.startswith(part)):
                    table[codes] = True
            # Of other letters there are thousands, and their tables are as easily made as kept.
            if part.isascii():
                self._tables[part, begins] = table
        return table


class _Sounding(NamedTuple):
    """Places where something sounds like what is typed; those where it is a whole name."""

    starts: _Places
    wholes: _Places


def _joined(parts: Sequence[_Places]) -> _Places:
    return parts[0] if len(parts) == 1 else np.unique(np.concatenate(parts))


def _codes_by_reading(chars: Sequence[str], han: _Bits) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for code in np.flatnonzero(han).tolist():
        for reading in readings(chars[code]):
            found.setdefault(reading, []).append(code)
    return found


def _sort(char: str) -> int:
    if _HAN.match(char):
        return _HAN_LETTER
    if char.isdigit():
        return _DIGIT
    return _LETTER if char.isalnum() else _NO_LETTER
