"""Scoring: the constants of the ranking with their reasons, and the formulas on arrays. Knows no engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis import Signal, is_unit

Floats = NDArray[np.float32]
Ids = NDArray[np.int32]

FIELDS: Final = ("title", "headings", "body")


@dataclass(frozen=True, slots=True)
class FieldRanking:
    """How one field counts: ``weight`` of an occurrence, ``b`` of length normalisation (0 none, 1 full)."""

    weight: float
    b: float


@dataclass(frozen=True, slots=True)
class TermRanking:
    """How terms of one sort count: ``weight`` in the sum, ``k1``: how soon more of the same stops counting.

    ``subject_k1`` is the same for a question that names a subject (:class:`kb.search.query.Slot`).
    """

    weight: float
    k1: float
    subject_k1: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The constants of the ranking, without unit."""

    han_words: TermRanking
    other_words: TermRanking
    grams: TermRanking
    fields: dict[str, FieldRanking]


# Found by grids over fifteen judged sets in both languages (nDCG@10). The optimum is flat: within a fifth of each
# constant the mean moves by .002 at most, in favour of one set and at the cost of another.
RANKING: Final = Ranking(
    # Chinese words are said once where English says them again; pairs of characters overlap, so that the second
    # occurrence of a word brings several pairs at once and must count for little. But who names a subject wants what
    # says it again and again: there titles asked for in Chinese gain .012 to .02, and questions for facts lose as much.
    han_words=TermRanking(weight=1.0, k1=0.7, subject_k1=3.5),
    other_words=TermRanking(weight=1.0, k1=1.6, subject_k1=1.6),
    # Words alone rank .978 (MRR, 1,200 Chinese questions), pairs alone .981, both .988.
    grams=TermRanking(weight=0.7, k1=0.5, subject_k1=1.5),
    fields={
        # A word of the title says what the whole is about; above 2 long titles begin to beat better bodies.
        "title": FieldRanking(weight=2.0, b=0.5),
        "headings": FieldRanking(weight=1.5, b=0.5),
        # Texts are from one line to a book: .75 put long ones too high (known items in English: -.010).
        "body": FieldRanking(weight=1.0, b=0.8),
    },
)


# A text says in its first sentence or two what it is about: for who names a subject what begins in the first so many
# units of the body counts so much more. Between 20 and 40 units, and for weights of .7 to 1.5, titles asked for in
# English gain .004 to .008 and sections in the other language .01 to .02.
LEAD_UNITS: Final = 32
LEAD_WEIGHT: Final = 1.0
# What more things hold is no subject; reading where it stands in 50,000 of them would take 30 ms.
LEAD_THINGS: Final = 5_000

# What hits are about (kb.search.query.About): how many of the best are looked at, and what a cosine of 1 adds, against
# the highest score. With .4 or .8 titles asked for are found .003 worse at most, and .001 better.
MATTER_HITS: Final = 100
MATTER_WEIGHT: Final = 0.6


def ranking_of(signal: Signal, term: str) -> TermRanking:
    """How a term counts."""
    if signal == "grams":
        return RANKING.grams
    return RANKING.other_words if is_unit(term) else RANKING.han_words


def inverse_norms(lengths: NDArray[np.uint32], average: float, field: str) -> Floats:
    """``W_f / (1 - b_f + b_f · l_f / L_f)`` for each thing: what one occurrence in field ``field`` counts."""
    ranking = RANKING.fields[field]
    relative = lengths / average if average else np.ones(len(lengths))
    return (ranking.weight / (1 - ranking.b + ranking.b * relative)).astype(np.float32)


def idf(things: int, holding: float) -> float:
    """``ln(1 + (N - df + 0.5) / (df + 0.5))``."""
    return log1p((things - holding + 0.5) / (holding + 0.5))


def slot_idf(things: int, holding: int, terms: Sequence[tuple[float, int]]) -> float:
    """The idf of a slot of several terms.

    Args:
        things: how many there are.
        holding: how many of them hold a term of the slot.
        terms: of each term that stands anywhere its weight and how many things hold it.
    """
    # Only by the things that hold any term, a word with many translations would count for little however telling each
    # is; only by the terms' mean, one with many loose translations counts for too much. The mean of both gains .028 and
    # .008 on sections asked for in the other language and costs questions across languages .002.
    typical = sum(weight * count for weight, count in terms) / sum(weight for weight, _ in terms)
    return (idf(things, holding) + idf(things, typical)) / 2


def sharpened(weight: float, own_idf: float, things: int, sharpness: float) -> float:
    """``weight`` times (idf / highest idf) to the power of ``sharpness``."""
    return weight * (own_idf / idf(things, 1)) ** sharpness if sharpness and own_idf else weight


def saturated(frequency: Floats, k1: NDArray[np.float64]) -> NDArray[np.float64]:
    """``tf / (k1 + tf)``."""
    return frequency / (k1 + frequency)
