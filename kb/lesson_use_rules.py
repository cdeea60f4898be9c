"""What may be said of applying a lesson, and how much use in projects lifts it among its peers; pure."""

from __future__ import annotations

import math
from typing import Final, Literal

from kb.errors import N_
from kb.lesson_rules import MAX_DAYS, MAX_TEXT_CHARS, LessonRefused, Problem

UseOutcome = Literal["helped", "adapted", "not-helped"]

OUTCOMES: Final[tuple[UseOutcome, ...]] = ("helped", "adapted", "not-helped")


def checked_use(outcome: str, note: str, days_saved: float | None) -> tuple[UseOutcome, str, float]:
    """What somebody says of applying a lesson, when it can be taken; days are working days.

    Raises:
        LessonRefused: the outcome is none, or the days are negative, absurd, or saved by a lesson that did not help.
    """
    known = next((each for each in OUTCOMES if each == outcome), None)
    days = 0.0 if days_saved is None else days_saved
    wrong: list[Problem] = []
    if known is None:
        wrong.append(Problem("outcome", N_("choose one of the list")))
    if not (math.isfinite(days) and 0 <= days <= MAX_DAYS):
        wrong.append(Problem("days_saved", N_("a number from 0 to %(limit)s"), {"limit": MAX_DAYS}))
    elif days and known == "not-helped":
        wrong.append(Problem("days_saved", N_("a lesson that did not help saved no days")))
    if len(note) > MAX_TEXT_CHARS:
        wrong.append(Problem("note", N_("%(count)s characters at most"), {"count": MAX_TEXT_CHARS}))
    if wrong or known is None:
        raise LessonRefused(wrong)
    return known, note.strip(), days


# At most this much more than a lesson nobody has used, without unit: a factor on the score. One that helped in nine
# projects gets nine tenths of it; it passes others that answer about as well, never those that answer clearly better.
MOST_BOOST: Final = 0.15
_USES_FOR_HALF: Final = 1.0
_ADAPTED_COUNTS: Final = 0.5  # an adapted lesson was of use, and not as it stands


def reuse_boost(helped: int, adapted: int, not_helped: int) -> float:
    """The factor, from 1 to 1 + :data:`MOST_BOOST`, by which use in projects lifts a lesson among its peers.

    It grows with the uses that helped and levels off. Uses that did not help only ever take away from it, and never
    bring it below 1: a lesson is not punished for having been tried.
    """
    good = helped + _ADAPTED_COUNTS * adapted
    total = good + not_helped
    if good <= 0:
        return 1.0
    return 1.0 + MOST_BOOST * (good / (good + _USES_FOR_HALF)) * (good / total)
