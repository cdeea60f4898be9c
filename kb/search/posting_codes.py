"""How counts and positions are kept in few bytes, coded and decoded for whole lists at once.

Counts
    A thing holds a term so often in its title, its headings and its body. Nearly always one byte says it
    (:data:`_SHAPES`); the others, a posting in some thousands, have code 0 and stand in a list of their own.

Positions
    Numbers of units, each field in a region of its own so that a phrase never runs from one into the next. Within a
    posting gaps are written, seven bits a byte, lowest first, the top bit for "goes on". The last byte of a gap has six
    bits and one that says whether the posting ends with it. So the bytes of a posting can be found, and moved to
    another place, without knowing what they mean.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]
Bytes = NDArray[np.uint8]

# Counts in (title, headings), and from which to below which count in the body: the codes from 1 on, in this order.
_SHAPES: Final = ((0, 0, 1, 128), (1, 0, 0, 64), (0, 1, 0, 40), (1, 1, 0, 24))
# Codes of postings that stand in the body only; those above hold more.
LAST_BODY_CODE: Final = 127
# Title, headings and body of each code; of code 0 nothing.
TITLES: Final = np.zeros(256, np.float32)
HEADINGS: Final = np.zeros(256, np.float32)
BODIES: Final = np.zeros(256, np.float32)
# Bits of packed counts: body lowest, then headings, then title; and the highest count each can hold.
_BODY_BITS: Final = 16
_HEADING_BITS: Final = 8
_MAX_BODY: Final = (1 << _BODY_BITS) - 1
_MAX_HEADING: Final = (1 << _HEADING_BITS) - 1
_MAX_TITLE: Final = 255

# Positions: where each field begins. The body first, because gaps from 0 are short.
HEADING_REGION: Final = 1 << 24
TITLE_REGION: Final = HEADING_REGION + (1 << 20)
POSITION_BITS: Final = 25
LAST_POSITION: Final = (1 << POSITION_BITS) - 1

_MORE: Final = 0x80
_ENDS: Final = 0x40
# Below the first a gap takes one byte, below the second two, and so on.
_GAP_LIMITS: Final = (1 << 6, 1 << 13, 1 << 20)


def _fill_tables() -> NDArray[np.uint8]:
    """Fill the tables of codes; returns the code of each packed count that has one, by ``_place``."""
    codes = np.zeros(4 << 7, np.uint8)
    code = 1
    for title, heading, first, end in _SHAPES:
        for body in range(first, end):
            TITLES[code], HEADINGS[code], BODIES[code] = title, heading, body
            codes[(title | heading << 1) << 7 | body] = code
            code += 1
    return codes


_CODES: Final = _fill_tables()


def coded(
    titles: NDArray[Any], headings: NDArray[Any], bodies: NDArray[Any]
) -> tuple[Codes, NDArray[np.uint32]]:
    """The codes of counts, and the packed counts of those with code 0, in order."""
    small = (titles <= 1) & (headings <= 1) & (bodies <= LAST_BODY_CODE)
    place = np.where(small, (titles | headings << 1) << 7 | bodies, 0)
    codes = _CODES[place]
    rest = codes == 0
    packed = (
        np.minimum(titles[rest], _MAX_TITLE).astype(np.uint32) << (_BODY_BITS + _HEADING_BITS)
        | np.minimum(headings[rest], _MAX_HEADING).astype(np.uint32) << _BODY_BITS
        | np.minimum(bodies[rest], _MAX_BODY).astype(np.uint32)
    )
    return codes, packed


def unpacked(
    packed: NDArray[np.uint32],
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Title, headings and body counts of packed counts."""
    return (
        (packed >> np.uint32(_BODY_BITS + _HEADING_BITS)).astype(np.float32),
        (packed >> np.uint32(_BODY_BITS) & np.uint32(_MAX_HEADING)).astype(np.float32),
        (packed & np.uint32(_MAX_BODY)).astype(np.float32),
    )


def written_positions(
    positions: NDArray[np.int64], is_first: NDArray[np.bool_]
) -> tuple[Bytes, NDArray[np.int64]]:
    """Positions as bytes, and how many bytes each takes.

    Args:
        positions: ascending within each posting.
        is_first: of a posting.
    """
    if not len(positions):
        return np.empty(0, np.uint8), np.empty(0, np.int64)
    gaps = positions.copy()
    gaps[1:] -= np.where(is_first[1:], 0, positions[:-1])
    is_last = np.append(is_first[1:], True)
    sizes = np.ones(len(gaps), np.int64)
    for limit in _GAP_LIMITS:
        sizes += gaps >= limit
    ends = np.cumsum(sizes)
    out = np.empty(int(ends[-1]), np.uint8)
    starts = ends - sizes
    for number in range(len(_GAP_LIMITS)):
        more = sizes > number + 1
        if not more.any():
            break
        out[starts[more] + number] = _MORE | (gaps[more] >> (7 * number) & 0x7F)
    out[ends - 1] = (gaps >> (7 * (sizes - 1)) & 0x3F) | np.where(is_last, _ENDS, 0)
    return out, sizes


def read_positions(data: Bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Positions from bytes, and for each which posting of the list it belongs to, from 0 on."""
    if not len(data):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    last_bytes = np.flatnonzero(data < _MORE)
    final = data[last_bytes]
    starts = np.empty_like(last_bytes)
    starts[0] = 0
    starts[1:] = last_bytes[:-1] + 1
    sizes = last_bytes - starts
    gaps = (final & np.uint8(0x3F)).astype(np.int64) << (7 * sizes)
    for number in range(int(sizes.max(initial=0))):
        more = sizes > number
        gaps[more] |= (data[starts[more] + number] & np.uint8(0x7F)).astype(np.int64) << (
            7 * number
        )
    is_last = final >= _ENDS
    owners: NDArray[np.int64] = np.cumsum(is_last) - is_last
    sums = np.cumsum(gaps)
    # Each posting counts from 0: take off what was reached at the end of the one before.
    reached = np.concatenate([np.zeros(1, np.int64), sums[is_last]])
    return sums - reached[owners], owners


def posting_sizes(data: Bytes) -> NDArray[np.int64]:
    """How many bytes each posting takes."""
    return np.diff(np.flatnonzero((data & np.uint8(_MORE | _ENDS)) == _ENDS), prepend=-1)
