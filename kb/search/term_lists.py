"""Posting lists of one signal in one segment, read where they lie in its file. Nothing is decoded to find them.

Arrays of a signal ``s``; those that say where something ends have one number more than there are terms, the first 0::

    s.terms            the terms in UTF-8, ascending, one after the other
    s.term_ends        where each ends
    s.ids              numbers of things within the segment, ascending in each list
    s.codes            their counts (kb.search.posting_codes), one byte each
    s.list_ends        where each list ends, in s.ids and s.codes
    s.high_at, s.high  places and packed counts of the postings with code 0
    s.positions        of terms that phrases are looked up by
    s.position_ends    where those of each term end
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.array_file import ArrayFile
from kb.search.posting_codes import (
    BODIES,
    HEADINGS,
    LAST_BODY_CODE,
    TITLES,
    read_positions,
    unpacked,
)

# Numbers of things within a segment have 16 bits.
MOST_THINGS: Final = 1 << 16
# Every so many terms one is kept in memory, so that a term is found in some 2 µs instead of 8.
_SAMPLED: Final = 64


class Counts(NamedTuple):
    """A posting list: numbers of things within the segment, and how often the term stands in each of their fields.

    ``titles`` and ``headings`` are None where the term stands in no title and no heading.
    """

    ids: NDArray[np.uint16]
    bodies: NDArray[np.float32]
    headings: NDArray[np.float32] | None
    titles: NDArray[np.float32] | None


class TermLists:
    """The lists of one signal. Safe to share between threads."""

    def __init__(self, file: ArrayFile, signal: str) -> None:
        """Read them from ``file``."""
        self.ids: NDArray[np.uint16] = file[f"{signal}.ids"]
        self.codes: NDArray[np.uint8] = file[f"{signal}.codes"]
        self.list_ends: NDArray[np.uint32] = file[f"{signal}.list_ends"]
        self.high_at: NDArray[np.uint32] = file[f"{signal}.high_at"]
        self.high: NDArray[np.uint32] = file[f"{signal}.high"]
        self.position_bytes: NDArray[np.uint8] = file[f"{signal}.positions"]
        self.position_ends: NDArray[np.uint32] = file[f"{signal}.position_ends"]
        self._terms = file[f"{signal}.terms"].data
        self._term_ends = file[f"{signal}.term_ends"].data
        # Reading one number is three times as fast from a memory view as from an array.
        self._ends = self.list_ends.data

    def __len__(self) -> int:
        return max(len(self._term_ends) - 1, 0)

    def term(self, number: int) -> bytes:
        """The term with this number."""
        return self._terms[self._term_ends[number] : self._term_ends[number + 1]].tobytes()

    def terms(self, first: int = 0, end: int | None = None) -> list[bytes]:
        """The terms from number ``first`` to below ``end``."""
        ends = self._term_ends[first : (len(self) if end is None else end) + 1].tolist()
        if not ends:
            return []
        whole = self._terms[ends[0] : ends[-1]].tobytes()
        base = ends[0]
        return [whole[a - base : b - base] for a, b in pairwise(ends)]

    def find(self, term: bytes) -> int:
        """The number of ``term``; -1 where it does not stand in the segment."""
        number = self._place(term)
        return number if number < len(self) and self.term(number) == term else -1

    def frequency(self, number: int) -> int:
        """How many things held the term with this number when they were written."""
        return int(self._ends[number + 1] - self._ends[number])

    def things(self, number: int) -> NDArray[np.uint16]:
        """The things that hold the term with this number."""
        return self.ids[self._ends[number] : self._ends[number + 1]]

    def counts(self, number: int) -> Counts:
        """The postings of the term with this number, deleted things included."""
        first, end = self._ends[number], self._ends[number + 1]
        codes = self.codes[first:end]
        bodies = BODIES[codes]
        headings = titles = None
        if not len(codes):
            return Counts(self.ids[first:end], bodies, None, None)
        # Most terms of most things stand in the body only.
        if int(codes.max()) > LAST_BODY_CODE:
            headings, titles = HEADINGS[codes], TITLES[codes]
        if not codes.min():
            at = np.flatnonzero(codes == 0)
            begin, stop = np.searchsorted(self.high_at, (first, end))
            if headings is None or titles is None:
                headings, titles = HEADINGS[codes], TITLES[codes]
            titles[at], headings[at], bodies[at] = unpacked(self.high[begin:stop])
        return Counts(self.ids[first:end], bodies, headings, titles)

    def positions(self, number: int) -> NDArray[np.int64]:
        """``thing << 32 | position`` of each occurrence, ascending; lists without positions give an empty array."""
        data = self.position_bytes[self.position_ends[number] : self.position_ends[number + 1]]
        positions, owners = read_positions(data)
        if not len(positions):
            return positions
        return self.things(number).astype(np.int64)[owners] << 32 | positions

    def beginning_with(self, start: bytes, most: int) -> list[bytes]:
        """The first terms that begin with ``start``, at most so many."""
        first = self._place(start)
        found = self.terms(first, min(first + most, len(self)))
        return [term for term in found if term.startswith(start)]

    def all_terms(self) -> Iterator[tuple[bytes, int]]:
        """Each term and how many things held it when it was written."""
        for number in range(len(self)):
            yield self.term(number), self.frequency(number)

    def _place(self, term: bytes) -> int:
        """The number of the first term that is not below ``term``."""
        block = bisect_left(self._samples, term)
        low, high = max(block - 1, 0) * _SAMPLED, min(block * _SAMPLED, len(self))
        while low < high:
            middle = (low + high) // 2
            if self.term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low

    @cached_property
    def _samples(self) -> list[bytes]:
        return [self.term(number) for number in range(0, len(self), _SAMPLED)]


def ends_of(sizes: NDArray[Any]) -> NDArray[np.uint32]:
    """Where pieces of these sizes end, beginning with 0."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]).astype(np.uint32)
