"""Expertise from evidence: what each deed counts, how it fades, and sums that can be checked by hand.

::

    points of a deed   = relevance x weight of its kind x part x fade      (rounded to 3 places)
    fade               = 0.5 ^ (age in days / HALF_LIFE_DAYS)              (rounded to 3 places)
    score of a person  = sum of the points x factors of the person

Relevance is 1 for a topic; for a question it is the score of the hit divided by that of the best hit (2 places). All
factors are rounded before they are multiplied, so whoever multiplies what the page shows gets what the page says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from kb.evidence import Evidence, EvidenceKind

# What a deed counts when it is new, in points. Doing it for months is the strongest sign; next, telling it in one's
# own words so that others can use it; then having used somebody else's lesson, answered, taught; having looked over
# somebody else's text shows judgement but takes an hour.
WEIGHTS: Final[Mapping[EvidenceKind, float]] = {
    "led": 4.0,
    "wrote": 3.0,
    "applied": 2.5,
    "answered": 2.0,
    "taught": 2.0,
    "validated": 1.5,
}
# After so many days a deed counts half: three years. Projects here last one to two; what somebody did two projects ago
# should count, but less than what they did last. With one year everybody's knowledge would seem gone after a single
# long project, with ten those who left the subject long ago would outrank those who work in it.
HALF_LIFE_DAYS: Final = 3 * 365.25
# What somebody says of themselves, without a deed to show, in points: less than any fresh deed.
OWN_WORD: Final = 1.0
# The person has looked at the topic and stands by it.
CONFIRMED: Final = 1.25
# Whoever has left cannot be asked over lunch; those who can come first unless they know far less.
LEFT: Final = 0.25
_PLACES: Final = 3
_RELEVANCE_PLACES: Final = 2


@dataclass(frozen=True, slots=True)
class Points:
    """What one deed counts, with the arithmetic: ``points = relevance x weight x evidence.part x fade``."""

    evidence: Evidence
    relevance: float
    weight: float
    fade: float
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """What somebody's deeds come to: ``total = (sum of points + own_word) x each factor``.

    Attributes:
        factors: by what they are for: ``confirmed``, ``left``.
    """

    points: tuple[Points, ...]
    own_word: float
    factors: Mapping[str, float]
    total: float


def fade(dated: date, today: date) -> float:
    """How much of a deed of that day is left today, from 0 to 1; what lies ahead counts whole."""
    age = max((today - dated).days, 0)
    return round(float(0.5 ** (age / HALF_LIFE_DAYS)), _PLACES)


def relevance(score: float, best: float) -> float:
    """How well a hit answers a question, compared with the best one, from 0 to 1."""
    return round(score / best, _RELEVANCE_PLACES) if best > 0 else 0.0


def points(evidence: Evidence, today: date, of: float = 1.0) -> Points:
    """What a deed counts today; ``of`` is how relevant the thing is."""
    left = fade(evidence.dated, today)
    weight = WEIGHTS[evidence.kind]
    return Points(evidence, of, weight, left, round(of * weight * evidence.part * left, _PLACES))


def score(
    deeds: Iterable[Points],
    *,
    own_word: float = 0.0,
    confirmed: bool = False,
    left: bool = False,
) -> Score:
    """The sum of what somebody's deeds count, greatest first."""
    counted = sorted(
        deeds,
        key=lambda one: (-one.points, one.evidence.subject, one.evidence.number, one.evidence.kind),
    )
    factors = {}
    if confirmed:
        factors["confirmed"] = CONFIRMED
    if left:
        factors["left"] = LEFT
    total = sum(one.points for one in counted) + own_word
    for factor in factors.values():
        total *= factor
    return Score(tuple(counted), own_word, factors, round(total, _PLACES))


def once_each(evidence: Iterable[Evidence]) -> Sequence[Evidence]:
    """Each kind of deed on a thing once for a person, at its greatest part: two roles in a project are one."""
    kept: dict[tuple[int, str, str, int], Evidence] = {}
    for one in evidence:
        key = (one.person, one.kind, one.subject, one.number)
        known = kept.get(key)
        if known is None or (one.part, one.dated) > (known.part, known.dated):
            kept[key] = one
    return tuple(kept.values())
