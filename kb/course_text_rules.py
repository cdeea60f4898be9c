"""What a question must be before it may be asked: pure decisions for everybody who takes questions in.

::

    >>> question_faults(QuestionText("single", "Which gate?", ("G1", "G3"), right=(0, 1)))[0].reason
    'a question with one right answer has %(count)s marked as right'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from kb.course_texts import FALSE, TRUE, QuestionText, is_place
from kb.errors import N_
from kb.search.folding import fold_text

# Bounds, generous for what people write by hand: a question fits on a screen, an option on a few lines.
MAX_QUESTION: Final = 2_000  # characters
MAX_OPTION: Final = 500  # characters
MAX_EXPLANATION: Final = 4_000  # characters
MAX_ANSWER: Final = 400  # characters of an accepted answer or of a place
MAX_OPTIONS: Final = 12  # A to L
MAX_ACCEPTED: Final = 20
MAX_POINTS: Final = 100
MAX_QUESTIONS: Final = 1_000  # of one bank

_CHOSEN: Final = frozenset({"single", "multiple"})
_LISTED: Final = _CHOSEN | {"order"}


@dataclass(frozen=True, slots=True)
class TextFault:
    """Why a text cannot be used: a message id with gaps for ``data``."""

    reason: str
    data: Mapping[str, str | int] = field(default_factory=dict)


def question_faults(question: QuestionText) -> list[TextFault]:
    """Everything that keeps a question from being asked; empty for a good one.

    An explanation may be missing.
    """
    return [*_lengths(question), *_options(question), *_answers(question)]


def answer_key(answer: str) -> str:
    """What two answers to a fill-in question have in common: case, width, spaces and a final stop do not count."""
    folded = "".join(fold_text(answer).split())
    return folded.rstrip(".。") or folded


def is_inside(target: str) -> bool:
    """True for what can be a page of this knowledge base: a place, or an address that begins with one stroke."""
    return is_place(target) or (
        target.startswith("/") and not target.startswith("//") and not set(target) & set("\\ \t\n")
    )


def _lengths(question: QuestionText) -> Iterator[TextFault]:
    if not question.text.strip():
        yield TextFault(N_("the question has no words"))
    for text, most, reason in (
        (question.text, MAX_QUESTION, N_("the question has %(count)s characters; %(most)s may be")),
        (
            question.explanation,
            MAX_EXPLANATION,
            N_("the explanation has %(count)s characters; %(most)s may be"),
        ),
    ):
        if len(text) > most:
            yield TextFault(reason, {"count": len(text), "most": most})
    for option in question.options:
        if len(option) > MAX_OPTION:
            yield TextFault(
                N_("an option has %(count)s characters; %(most)s may be"),
                {"count": len(option), "most": MAX_OPTION},
            )
    for answer in question.accepted:
        if len(answer) > MAX_ANSWER:
            yield TextFault(
                N_("an accepted answer has %(count)s characters; %(most)s may be"),
                {"count": len(answer), "most": MAX_ANSWER},
            )
    if not 1 <= question.points <= MAX_POINTS:
        yield TextFault(N_("a question counts 1 to %(most)s points"), {"most": MAX_POINTS})


def _options(question: QuestionText) -> Iterator[TextFault]:
    count = len(question.options)
    if question.kind not in _LISTED:
        if count:
            yield TextFault(N_("a question of this kind has no options"))
        return
    if count < 2:  # noqa: PLR2004  nothing to choose between
        yield TextFault(N_("at least two options are needed"))
    if count > MAX_OPTIONS:
        yield TextFault(
            N_("there are %(count)s options; %(most)s may be"),
            {"count": count, "most": MAX_OPTIONS},
        )
    if not all(option.strip() for option in question.options):
        yield TextFault(N_("an option has no words"))
    seen: set[str] = set()
    for option in question.options:
        # By their spelling: 3 mm and 3 m, MW and mw may be the difference that is asked for.
        key = " ".join(option.split())
        if key in seen:
            yield TextFault(N_("the option “%(option)s” stands there twice"), {"option": key[:80]})
        seen.add(key)


def _answers(question: QuestionText) -> Iterator[TextFault]:
    right, count = set(question.right), len(question.options)
    if question.kind in _CHOSEN:
        if not right:
            yield TextFault(N_("no option is marked as right"))
        elif not all(0 <= number < count for number in right):
            yield TextFault(N_("an answer names an option that is not there"))
        elif question.kind == "single" and len(right) > 1:
            yield TextFault(
                N_("a question with one right answer has %(count)s marked as right"),
                {"count": len(right)},
            )
    elif right:
        yield TextFault(N_("a question of this kind has no marked options"))
    yield from _accepted(question)


def _accepted(question: QuestionText) -> Iterator[TextFault]:
    accepted, kind = question.accepted, question.kind
    if kind in _LISTED:
        if accepted:
            yield TextFault(N_("a question with options takes its answer from them"))
        return
    if kind == "true_false":
        if accepted not in {(TRUE,), (FALSE,)}:
            yield TextFault(N_("the answer is neither true nor false"))
        return
    if not any(map(answer_key, accepted)):
        yield TextFault(N_("no accepted answer is given"))
    elif not all(map(answer_key, accepted)):
        yield TextFault(N_("an accepted answer has no words"))
    if len(accepted) > MAX_ACCEPTED:
        yield TextFault(
            N_("there are %(count)s accepted answers; %(most)s may be"),
            {"count": len(accepted), "most": MAX_ACCEPTED},
        )
    if kind == "find_it":
        for target in accepted:
            if target.strip() and not is_inside(target):
                yield TextFault(
                    N_("“%(place)s” is no page of this knowledge base"), {"place": target[:80]}
                )
