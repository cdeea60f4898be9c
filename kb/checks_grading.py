"""Grading, as pure functions: answers in, credit from 0 to 1 out. No rule stands anywhere else.

=============  =====================================================================================================
single         the right option: 1, else 0
true_false     the right word: 1, else 0
multiple       (right ones chosen minus wrong ones chosen) / right ones, at least 0: to choose everything does not pay
fill_in        one of the accepted answers: 1. Width, case, spaces, traditional characters, accents and punctuation at
               either end make no difference
order          neighbours that follow one another as they should / all neighbours: one item in the wrong place costs
               two or three of them, a guess reaches little
find_it        an accepted page or section: 1; the right page where a section was asked for: ½. A page that took the
               place of the accepted one counts like it, and its sections are not compared
nothing given  0
=============  =====================================================================================================
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kb.course_texts import QuestionText
from kb.search.folding import fold_text

# For the right page without the section that was asked for.
PAGE_ONLY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Found:
    """A page or a section of one, after following what took its place.

    Attributes:
        subject, number: which page.
        anchor: its section; empty for the page as a whole.
        moved: another page took the place of the one named.
    """

    subject: str
    number: int
    anchor: str = ""
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt went: credit for each question, the share of the points reached, and whether that passes."""

    credits: tuple[float, ...]
    score: float
    passed: bool


def credit(
    question: QuestionText,
    answer: Sequence[str],
    given: Found | None = None,
    accepted: Sequence[Found] = (),
) -> float:
    """What an answer to a question is worth, 0 to 1; see the table above.

    Args:
        question: what was asked.
        answer: single, multiple, order: positions of options; the others: one text.
        given: find_it: what the answer leads to, None where it leads nowhere.
        accepted: find_it: what would have been right.
    """
    if not answer:
        return 0.0
    if question.kind in {"single", "multiple"}:
        return _chosen(question, answer)
    if question.kind == "order":
        return _ordered([int(position) for position in answer], len(question.options))
    if question.kind == "find_it":
        return 0.0 if given is None else max((_nearness(given, one) for one in accepted), default=0)
    return float(plain(answer[0]) in {plain(text) for text in question.accepted})


def outcome(
    questions: Sequence[QuestionText], credits_: Sequence[float], pass_percent: int
) -> Outcome:
    """What an attempt comes to. No points at all can be reached where there is no question: that does not pass."""
    points = sum(question.points for question in questions)
    reached = sum(
        question.points * share for question, share in zip(questions, credits_, strict=True)
    )
    score = reached / points if points else 0.0
    # Sums of halves and thirds: a hair below the mark is the mark.
    passed = bool(points) and score * 100 + 1e-9 >= pass_percent
    return Outcome(tuple(credits_), score, passed)


def plain(text: str) -> str:
    """An answer without what makes no difference: width, case, spaces, traditional forms, punctuation at its ends."""
    folded = "".join(fold_text(text).split())
    start, end = 0, len(folded)
    while start < end and _is_mark(folded[start]):
        start += 1
    while end > start and _is_mark(folded[end - 1]):
        end -= 1
    # An answer of nothing but marks, such as "%", is one.
    return folded[start:end] or folded


def _is_mark(char: str) -> bool:
    return unicodedata.category(char).startswith("P") and char != "%"


def _chosen(question: QuestionText, answer: Sequence[str]) -> float:
    chosen, right = set(map(int, answer)), set(question.right)
    if question.kind == "single":
        return float(chosen <= right and len(chosen) == 1)
    return max(0.0, (len(chosen & right) - len(chosen - right)) / len(right)) if right else 0.0


def _ordered(given: Sequence[int], count: int) -> float:
    if sorted(given) != list(range(count)) or count < 2:  # noqa: PLR2004  one thing has no order
        return 0.0
    return sum(after == before + 1 for before, after in pairwise(given)) / (count - 1)


def _nearness(given: Found, right: Found) -> float:
    if (given.subject, given.number) != (right.subject, right.number):
        return 0.0
    if not right.anchor or given.anchor == right.anchor or given.moved or right.moved:
        return 1.0
    return PAGE_ONLY
