"""Building a run: the entries of one batch as a file of arrays. This is where texts are analysed, each once.

A run is the form of every segment: the arrays of :mod:`kb.search.term_lists` for both signals, the columns of
:mod:`kb.search.columns`, and the gists::

    gist.terms, gist.counts   numbers of ``words`` and how often they stand in the thing
    gist.ends, gist.totals    where those of each thing end, and all its telling occurrences

Terms are collected as numbers and sorted at the end, all in one go: a list for each posting would take ten times as
long.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kb.search import feedback
from kb.search.analysis import Signal, is_unit, tokens
from kb.search.array_file import ArrayWriter
from kb.search.columns import Columns, fact_row
from kb.search.engine import Entry
from kb.search.posting_codes import (
    HEADING_REGION,
    LAST_POSITION,
    POSITION_BITS,
    TITLE_REGION,
    coded,
    written_positions,
)
from kb.search.term_lists import ends_of

SIGNALS: Final[tuple[Signal, ...]] = ("words", "grams")
# Entries of one run, and characters of them all: enough for NumPy to be busy, few enough for memory, which while a run
# is built is some 60 bytes for each character.
RUN_ENTRIES: Final = 1_000
RUN_CHARS: Final = 2_000_000

# A phrase must not run from one heading or section into the next.
_TEXT_GAP: Final = 10
_THING_BITS: Final = 16
_MOST_GIST_COUNT: Final = (1 << 16) - 1


class RunBuilder:
    """Collects entries, at most :data:`kb.search.term_lists.MOST_THINGS` of them."""

    def __init__(self) -> None:
        self._signals = {signal: _Occurrences() for signal in SIGNALS}
        self._rows: list[list[Any]] = []
        self._gists: list[feedback.Gist] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, entry: Entry) -> None:
        """Analyse the texts of an entry."""
        thing = len(self._rows)
        lengths: dict[Signal, list[int]] = {"words": [], "grams": []}
        telling: Counter[str] = Counter()
        texts = ((entry.title,), entry.headings, entry.body)
        firsts = (TITLE_REGION, HEADING_REGION, 0)
        lasts = (LAST_POSITION, TITLE_REGION - 1, HEADING_REGION - 1)
        for parts, begin, limit in zip(texts, firsts, lasts, strict=True):
            counts: dict[Signal, int] = {"words": 0, "grams": 0}
            first = begin
            for part in parts:
                last = first
                for token in tokens(part):
                    last = first + token.position
                    self._signals[token.signal].add(token.text, thing, min(last, limit))
                    counts[token.signal] += 1
                    if feedback.tells(token):
                        telling[token.text] += 1
                first = last + _TEXT_GAP
            for signal, count in counts.items():
                lengths[signal].append(count)
        self._rows.append(fact_row(entry, [*lengths["words"], *lengths["grams"]]))
        self._gists.append(feedback.read(feedback.written(telling)))

    def write(self, path: Path) -> None:
        """Write the run to ``path``."""
        writer = ArrayWriter(path)
        try:
            numbers = {signal: self._signals[signal].write(writer, signal) for signal in SIGNALS}
            self._write_gists(writer, numbers["words"])
            columns = Columns.of(self._rows)
            for name, values in columns.arrays().items():
                writer.append(name, values)
            writer.finish(columns.facts())
        finally:
            writer.discard()

    def _write_gists(self, writer: ArrayWriter, numbers: dict[str, int]) -> None:
        terms = array("I", (numbers[term] for gist in self._gists for term in gist.counts))
        counts = array(
            "H",
            (min(c, _MOST_GIST_COUNT) for gist in self._gists for c in gist.counts.values()),
        )
        writer.append("gist.terms", np.array(terms, np.uint32))
        writer.append("gist.counts", np.array(counts, np.uint16))
        writer.append(
            "gist.ends", ends_of(np.array([len(g.counts) for g in self._gists], np.int64))
        )
        writer.append("gist.totals", np.array([g.total for g in self._gists], np.uint32))


def portions(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """``entries`` in order, in lists that are good for a run each."""
    part: list[Entry] = []
    chars = 0
    for entry in entries:
        size = sum(map(len, (entry.title, *entry.headings, *entry.body)))
        if part and (len(part) >= RUN_ENTRIES or chars + size > RUN_CHARS):
            yield part
            part, chars = [], 0
        part.append(entry)
        chars += size
    if part:
        yield part


def built(entries: Iterable[Entry]) -> RunBuilder:
    """A run of ``entries``, not written yet."""
    builder = RunBuilder()
    for entry in entries:
        builder.add(entry)
    return builder


def build_run(entries: Iterable[Entry], path: Path) -> None:
    """Write a run of ``entries`` to ``path``."""
    built(entries).write(path)


class _Occurrences:
    """The terms of one signal as numbers: in which thing, and where."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms = array("I")
        self._things = array("H")
        self._positions = array("I")

    def add(self, term: str, thing: int, position: int) -> None:
        numbers = self._numbers
        self._terms.append(numbers.setdefault(term, len(numbers)))
        self._things.append(thing)
        self._positions.append(position)

    def write(self, writer: ArrayWriter, signal: Signal) -> dict[str, int]:
        """Write the lists; returns the number of each term in the order of terms."""
        encoded = sorted((term.encode(), number) for term, number in self._numbers.items())
        rank = np.empty(len(encoded), np.int64)
        rank[[number for _, number in encoded]] = np.arange(len(encoded))
        keeps = np.array(
            [signal == "grams" or is_unit(term.decode()) for term, _ in encoded], dtype=bool
        )
        writer.append(f"{signal}.terms", np.frombuffer(b"".join(t for t, _ in encoded), np.uint8))
        writer.append(
            f"{signal}.term_ends", ends_of(np.array([len(t) for t, _ in encoded], np.int64))
        )
        # One number for each occurrence, so that one sort brings them all in order.
        places = (
            rank[np.array(self._terms, np.int64)] << (_THING_BITS + POSITION_BITS)
            | np.array(self._things, np.int64) << POSITION_BITS
            | np.array(self._positions, np.int64)
        )
        places.sort()
        _write_lists(writer, signal, places, keeps)
        return {term.decode(): number for number, (term, _) in enumerate(encoded)}


def _write_lists(
    writer: ArrayWriter, signal: Signal, places: NDArray[np.int64], keeps: NDArray[np.bool_]
) -> None:
    postings = places >> POSITION_BITS
    is_first = _changes(postings)
    firsts = np.flatnonzero(is_first)
    owners = np.cumsum(is_first) - 1
    positions = places & LAST_POSITION
    titles = positions >= TITLE_REGION
    headings = (positions >= HEADING_REGION) & ~titles
    title_counts = np.bincount(owners[titles], minlength=len(firsts))
    heading_counts = np.bincount(owners[headings], minlength=len(firsts))
    sizes = np.diff(firsts, append=len(places))
    codes, high = coded(title_counts, heading_counts, sizes - title_counts - heading_counts)
    terms = postings[firsts] >> _THING_BITS
    writer.append(f"{signal}.ids", (postings[firsts] & ((1 << _THING_BITS) - 1)).astype(np.uint16))
    writer.append(f"{signal}.codes", codes)
    writer.append(f"{signal}.list_ends", ends_of(np.bincount(terms, minlength=len(keeps))))
    writer.append(f"{signal}.high_at", np.flatnonzero(codes == 0).astype(np.uint32))
    writer.append(f"{signal}.high", high)
    # Words of Chinese characters keep no positions: phrases of them are looked up among the grams.
    kept = keeps[places >> (_THING_BITS + POSITION_BITS)] & _changes(places)
    places = places[kept]
    data, byte_sizes = written_positions(places & LAST_POSITION, _changes(places >> POSITION_BITS))
    of_terms = np.bincount(places >> (_THING_BITS + POSITION_BITS), byte_sizes, len(keeps)).astype(
        np.int64
    )
    writer.append(f"{signal}.positions", data)
    writer.append(f"{signal}.position_ends", ends_of(of_terms))


def _changes(values: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first does."""
    changed = np.ones(len(values), dtype=bool)
    changed[1:] = values[1:] != values[:-1]
    return changed
