"""Merging runs: several files of arrays as one, without deleted things. Postings are moved, never decoded.

It goes through the terms in portions, so that memory stays flat however large the runs are: what is held at once is a
portion of postings and the terms themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.array_file import ArrayFile, ArrayWriter
from kb.search.columns import Columns, Mask, ranges
from kb.search.posting_codes import posting_sizes
from kb.search.run_building import SIGNALS
from kb.search.term_lists import MOST_THINGS, TermLists, ends_of

# Postings and terms of one portion. So few terms have numbers of 16 bits, which NumPy sorts ten times as fast.
_PORTION_POSTINGS: Final = 1 << 19
_PORTION_TERMS: Final = 1 << 16


class Source(NamedTuple):
    """A run, and which of its things to take; None: all."""

    file: ArrayFile
    kept: Mask | None


def merge_runs(sources: Sequence[Source], path: Path) -> Columns:
    """Write what is kept of ``sources``, in order, as one run to ``path``; returns its columns.

    Raises:
        ValueError: more than :data:`kb.search.term_lists.MOST_THINGS` things are kept.
    """
    numbers = _new_numbers(sources)
    writer = ArrayWriter(path)
    try:
        renumbered = [_merge_signal(writer, signal, sources, numbers) for signal in SIGNALS]
        _merge_gists(writer, sources, renumbered[SIGNALS.index("words")])
        read = [Columns.read(source.file) for source in sources]
        columns = Columns.joined(
            [
                part if source.kept is None else part.taken(source.kept)
                for part, source in zip(read, sources, strict=True)
            ]
        )
        for name, values in columns.arrays().items():
            writer.append(name, values)
        writer.finish(columns.facts())
    finally:
        writer.discard()
    return columns


def joined(runs: Sequence[Path], path: Path) -> Path:
    """Where ``runs`` are as one file: one alone stays where it is, several are merged to ``path`` and removed."""
    if len(runs) == 1:
        return runs[0]
    merge_runs([Source(ArrayFile(run), None) for run in runs], path)
    for run in runs:
        run.unlink()
    return path


def _new_numbers(sources: Sequence[Source]) -> list[NDArray[np.uint16]]:
    """For each run the new number of each of its things; what is not kept has any."""
    numbers, first = [], 0
    for file, kept in sources:
        ranks = np.arange(len(file["numbers"])) if kept is None else np.cumsum(kept) - 1
        size = len(ranks) if kept is None else int(np.count_nonzero(kept))
        if first + size > MOST_THINGS:
            raise ValueError(f"a run cannot hold more than {MOST_THINGS} things")
        numbers.append(np.maximum(ranks + first, 0).astype(np.uint16))
        first += size
    return numbers


class _Part(NamedTuple):
    """The lists of one signal in one run; ``number[k]`` is the new number of its term k, -1: it is left out.

    ``reached[k]`` is the highest number up to there: it ascends though some are left out.
    """

    lists: TermLists
    number: NDArray[np.int64]
    reached: NDArray[np.int64]
    kept: Mask | None
    things: NDArray[np.uint16]


def _merge_signal(
    writer: ArrayWriter,
    signal: str,
    sources: Sequence[Source],
    things: Sequence[NDArray[np.uint16]],
) -> list[NDArray[np.int64]]:
    """Merge the lists of one signal; returns for each run the new numbers of its terms."""
    lists = [TermLists(source.file, signal) for source in sources]
    texts = [own.terms() for own in lists]
    terms = sorted(set().union(*texts))
    rank = {term: number for number, term in enumerate(terms)}
    places = [np.fromiter(map(rank.__getitem__, own), np.int64, len(own)) for own in texts]
    del rank, texts
    sizes = np.zeros(len(terms), np.int64)
    for own, source, place in zip(lists, sources, places, strict=True):
        np.add.at(sizes, place, _live_sizes(own, source.kept))
    alive = sizes > 0
    numbers = np.where(alive, np.cumsum(alive) - 1, -1)
    terms = [term for term, lives in zip(terms, alive.tolist(), strict=True) if lives]
    sizes = sizes[alive]
    parts = [
        _Part(own, numbers[place], np.maximum.accumulate(numbers[place]), source.kept, new)
        for own, place, source, new in zip(lists, places, sources, things, strict=True)
    ]
    writer.append(f"{signal}.terms", np.frombuffer(b"".join(terms), np.uint8))
    writer.append(f"{signal}.term_ends", ends_of(np.array([len(t) for t in terms], np.int64)))
    writer.append(f"{signal}.list_ends", ends_of(sizes))
    _merge_lists(writer, signal, parts, sizes)
    return [part.number for part in parts]


def _merge_lists(
    writer: ArrayWriter, signal: str, parts: Sequence[_Part], sizes: NDArray[np.int64]
) -> None:
    position_sizes = np.zeros(len(sizes), np.int64)
    done = 0
    for first, end in _portions(sizes):
        pieces = _side_by_side([_piece(part, first, end) for part in parts])
        terms = np.concatenate([piece.terms for piece in pieces])
        order = np.argsort(terms, kind="stable")
        codes = np.concatenate([piece.codes for piece in pieces])[order]
        writer.append(f"{signal}.ids", np.concatenate([piece.ids for piece in pieces])[order])
        writer.append(f"{signal}.codes", codes)
        high = np.flatnonzero(codes == 0)
        packed = np.concatenate([piece.packed for piece in pieces])
        writer.append(f"{signal}.high_at", (high + done).astype(np.uint32))
        writer.append(f"{signal}.high", packed[order[high]])
        lengths = np.concatenate([piece.lengths for piece in pieces])[order]
        starts = np.concatenate([piece.starts for piece in pieces])[order]
        data = np.concatenate([piece.data for piece in pieces])
        writer.append(f"{signal}.positions", data[ranges(starts, lengths)])
        position_sizes[first:end] = np.bincount(terms[order], lengths, end - first)
        done += len(order)
    writer.append(f"{signal}.position_ends", ends_of(position_sizes))


class _Piece(NamedTuple):
    """A portion of one run's postings: terms counted from the portion's first, and where their positions lie."""

    terms: NDArray[np.uint16]
    ids: NDArray[np.uint16]
    codes: NDArray[np.uint8]
    packed: NDArray[np.uint32]
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]


def _side_by_side(pieces: Sequence[_Piece]) -> list[_Piece]:
    """The pieces with their starts in the data of all, one after the other."""
    ends = np.cumsum([len(piece.data) for piece in pieces])
    return [
        piece._replace(starts=piece.starts + (end - len(piece.data)))
        for piece, end in zip(pieces, ends, strict=True)
    ]


def _piece(part: _Part, first: int, end: int) -> _Piece:
    lists, number = part.lists, part.number
    low, high = np.searchsorted(part.reached, (first, end))
    begin, stop = int(lists.list_ends[low]), int(lists.list_ends[high])
    counts = np.diff(lists.list_ends[low : high + 1]).astype(np.int64)
    own = np.arange(low, high)
    terms = np.repeat(own, counts)
    ids, codes = lists.ids[begin:stop], lists.codes[begin:stop]
    packed = np.zeros(len(ids), np.uint32)
    at, to = np.searchsorted(lists.high_at, (begin, stop))
    packed[lists.high_at[at:to] - np.uint32(begin)] = lists.high[at:to]
    lengths = np.zeros(len(ids), np.int64)
    data = lists.position_bytes[int(lists.position_ends[low]) : int(lists.position_ends[high])]
    has = np.diff(lists.position_ends[low : high + 1].astype(np.int64)) > 0
    lengths[np.repeat(has, counts)] = posting_sizes(data)
    starts = np.cumsum(lengths) - lengths
    kept = number[terms] >= 0
    if part.kept is not None:
        kept &= part.kept[ids]
    if not kept.all():
        terms, ids, codes, packed = terms[kept], ids[kept], codes[kept], packed[kept]
        lengths, starts = lengths[kept], starts[kept]
    return _Piece(
        (number[terms] - first).astype(np.uint16), part.things[ids], codes, packed, data, starts,
        lengths,
    )  # fmt: skip


def _live_sizes(lists: TermLists, kept: Mask | None) -> NDArray[np.int64]:
    """How many kept things hold each term."""
    ends = lists.list_ends.astype(np.int64)
    if kept is None:
        return np.diff(ends)
    return np.diff(ends_of(kept[lists.ids]).astype(np.int64)[ends])


def _portions(sizes: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of terms that are merged at once."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        before = int(ends[first - 1]) if first else 0
        end = int(np.searchsorted(ends, before + _PORTION_POSTINGS, side="right"))
        end = min(max(end, first + 1), first + _PORTION_TERMS)
        yield first, end
        first = end


def _merge_gists(
    writer: ArrayWriter, sources: Sequence[Source], renumbered: Sequence[NDArray[np.int64]]
) -> None:
    sizes: list[NDArray[Any]] = [np.empty(0, np.int64)]
    for (file, kept), numbers in zip(sources, renumbered, strict=True):
        ends = file["gist.ends"].astype(np.int64)
        own: NDArray[np.int64] = np.diff(ends)
        rows = slice(None) if kept is None else np.repeat(kept, own)
        things = slice(None) if kept is None else kept
        writer.append("gist.terms", numbers[file["gist.terms"][rows]].astype(np.uint32))
        writer.append("gist.counts", file["gist.counts"][rows])
        writer.append("gist.totals", file["gist.totals"][things])
        sizes.append(own[things])
    writer.append("gist.ends", ends_of(np.concatenate(sizes)))
