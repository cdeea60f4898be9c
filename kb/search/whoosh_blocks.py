"""Posting lists of Whoosh as NumPy arrays: the one place that knows how Whoosh keeps them on disk.

Whoosh stores a list in blocks of ``(id gaps, weights, values)`` and decodes one posting at a time. Taking whole blocks
is what makes the difference between 9 and 1 ms a question. The block arrays are private to Whoosh (the names below are
those of 2.7.4 and of its successors); when they are not there, :func:`_slow_blocks` reads the same through the public
matcher interface.

What we keep in a posting: the weight is the counts in the three fields packed into 24 bits (exact in Whoosh's 32-bit
floats), the value is the positions as little-endian 32-bit numbers, or :data:`NO_POSITIONS` for all postings of a term.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.matching.wrappers import FilterMatcher

from kb.search.scoring import Ids

# Bits of the packed weight: body lowest, then headings, then title; and the highest count each can hold.
_BODY_BITS: Final = 12
_HEADING_BITS: Final = 6
_MAX_BODY: Final = (1 << _BODY_BITS) - 1
_MAX_HEADING: Final = (1 << _HEADING_BITS) - 1
_MAX_TITLE: Final = 63

# Positions: each field has a region of its own, so that a phrase never runs from one into the next.
TITLE_REGION: Final = 0
HEADING_REGION: Final = 1 << 16
BODY_REGION: Final = 1 << 20
LAST_POSITION: Final = (1 << 32) - 1
# Not empty, because Whoosh leaves empty values out and then loses count of the others.
NO_POSITIONS: Final = b"\0"

_POSITION: Final = np.dtype("<u4")
_BLOCK_NAMES: Final = ("_read_data", "_lastblock", "_next_block", "_blocklength")

# Ids, weights, values of one block.
Block = tuple[NDArray[np.int64], NDArray[np.float64], tuple[bytes, ...]]


class Counts(NamedTuple):
    """A posting list: numbers of things, ascending, and for each the packed counts."""

    ids: Ids
    packed: NDArray[np.uint32]


def pack_counts(title: int, headings: int, body: int) -> int:
    """Counts in the three fields as one number; counts too high to matter are cut."""
    return (
        min(title, _MAX_TITLE) << (_BODY_BITS + _HEADING_BITS)
        | min(headings, _MAX_HEADING) << _BODY_BITS
        | min(body, _MAX_BODY)
    )


def unpack_counts(
    packed: NDArray[np.uint32],
) -> tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32]]:
    """Title, headings and body counts of packed counts."""
    return (
        packed >> np.uint32(_BODY_BITS + _HEADING_BITS),
        packed >> np.uint32(_BODY_BITS) & np.uint32(_MAX_HEADING),
        packed & np.uint32(_MAX_BODY),
    )


def read_counts(matcher: Any) -> Counts:
    """All postings of a fresh matcher, deleted things included."""
    ids, weights = [], []
    for block_ids, block_weights, _ in _blocks(matcher):
        ids.append(block_ids)
        weights.append(block_weights)
    return Counts(np.concatenate(ids).astype(np.int32), np.concatenate(weights).astype(np.uint32))


def read_positions(matcher: Any) -> NDArray[np.int64]:
    """``id << 32 | position`` for each occurrence, ascending; lists without positions give an empty array."""
    keys = []
    for ids, _, values in _blocks(matcher):
        if values[0] == NO_POSITIONS:
            continue
        counts = (
            np.fromiter(map(len, values), dtype=np.int64, count=len(values)) // _POSITION.itemsize
        )
        positions = np.frombuffer(b"".join(values), dtype=_POSITION).astype(np.int64)
        keys.append(np.repeat(ids << 32, counts) | positions)
    return np.concatenate(keys) if keys else np.empty(0, dtype=np.int64)


def _blocks(matcher: Any) -> Iterator[Block]:
    # Whoosh wraps the list when the segment has deletions; we take those out ourselves, for the whole list at once.
    while isinstance(matcher, FilterMatcher):
        matcher = matcher.child
    if all(hasattr(matcher, name) for name in _BLOCK_NAMES):
        return _fast_blocks(matcher)
    return _slow_blocks(matcher)


def _fast_blocks(matcher: Any) -> Iterator[Block]:
    matcher.reset()
    while True:
        matcher._read_data()
        gaps, weights, values = matcher._data
        ids = np.cumsum(np.array(gaps, dtype=np.int64))
        if weights is None:
            counts = np.ones(len(ids))
        elif isinstance(weights, float):
            counts = np.full(len(ids), weights)
        else:
            counts = np.array(weights, dtype=np.float64)
        yield ids, counts, values
        if matcher._lastblock:
            return
        matcher._next_block()


def _slow_blocks(matcher: Any) -> Iterator[Block]:
    matcher.reset()
    ids, counts, values = [], [], []
    while matcher.is_active():
        ids.append(matcher.id())
        counts.append(matcher.weight())
        values.append(matcher.value())
        matcher.next()
    yield np.array(ids, dtype=np.int64), np.array(counts, dtype=np.float64), tuple(values)
