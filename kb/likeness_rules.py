"""How alike two texts are: the share of their character five-grams that both have (Jaccard), letters and digits only.

Five characters tell copies from texts that merely share a subject, in Chinese (some three words) as in English (one).
To find candidates among many texts without comparing each, a text is sketched by the smallest hashes of its five-grams
(A. Broder, "On the resemblance and containment of documents", 1997): texts that are J alike share about J of them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Percent from which a text is said to be nearly the same as another. Two reports made from one template share their
# headings, which are rarely a third of the whole; versions of one report share well over three quarters.
LIKE_ENOUGH: Final = 60
SKETCH_SIZE: Final = 32
# Of 32 smallest hashes, texts that are 60 % alike share 19 on average and fewer than 8 once in many thousand times.
MIN_SHARED: Final = 8
# A five-gram of a sketch that more documents share is the text of their template and tells no copy from another report.
# Without this bound the search for candidates took 240 ms a document at 5,000 made from one set of phrases, and more
# with each.
MOST_SHARING: Final = 100
# With fewer five-grams everything is like everything: a form with a name on it.
MIN_SHINGLES: Final = 100
_WIDTH: Final = 5
_MAX_CHARS: Final = 2_000_000  # the beginning tells enough; a bound on time and memory
_BASE: Final = np.uint64(1_000_003)

Shingles = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Near:
    """A document that is nearly the same as another; ``likeness`` in percent of the text of both."""

    document_id: int
    title: str
    likeness: int


def shingles(text: str) -> Shingles:
    """The hashes of the five-grams of ``text``, sorted, each once; case and width of letters do not count."""
    folded = unicodedata.normalize("NFKC", text[:_MAX_CHARS]).casefold()
    letters = "".join(filter(str.isalnum, folded))
    codes = np.frombuffer(letters.encode("utf-32-le", "replace"), dtype=np.uint32).astype(np.uint64)
    if len(codes) < _WIDTH:
        return np.empty(0, dtype=np.uint64)
    windows = len(codes) - _WIDTH + 1
    hashed = np.zeros(windows, dtype=np.uint64)
    for offset in range(_WIDTH):
        hashed = hashed * _BASE + codes[offset : offset + windows]
    return np.unique(_mixed(hashed))


def sketch(found: Shingles) -> list[int]:
    """What candidates are found by: the smallest hashes, as signed 64-bit columns hold them; none for short texts."""
    return (
        []
        if len(found) < MIN_SHINGLES
        else [int(value) for value in found[:SKETCH_SIZE] >> np.uint64(1)]
    )


def least_shared(telling: int) -> int:
    """How many of ``telling`` hashes of a sketch a candidate must share: as many in proportion as of a whole one."""
    return max(-(-MIN_SHARED * telling // SKETCH_SIZE), 1)


def likeness(one: Shingles, other: Shingles) -> int:
    """How alike two texts are, in whole percent, rounded down: 100 only for the same letters in the same order."""
    common = len(np.intersect1d(one, other, assume_unique=True))
    total = len(one) + len(other) - common
    return 100 * common // total if total else 0


def _mixed(values: Shingles) -> Shingles:
    """Spread hashes evenly, so that the smallest are a fair sample (the finaliser of SplitMix64, public domain)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
