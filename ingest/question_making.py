"""A question made of the lines of its answers: which kind they tell, and why they may tell none."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Final

from ingest.question_words import truth_of
from kb.course_texts import QuestionKind, QuestionText
from kb.errors import N_

_MIXED: Final = N_("the question mixes answers of several kinds")
_NO_ANSWER: Final = N_("the question has no answer")
_NUMBERING: Final = N_("the steps are not numbered 1, 2, 3")
_OTHER_KIND: Final = N_("the kind written does not fit the answers")
_NO_TRUTH: Final = N_("the answer is neither true nor false")
# The kinds that answers of one sort can be of; the first is taken where none is written.
_KINDS_OF: Final[dict[str, tuple[QuestionKind, ...]]] = {
    "option": ("single", "multiple"),
    "accepted": ("fill_in", "true_false"),
    "order": ("order",),
    "find": ("find_it",),
}


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """A line of an answer: of which sort, what its mark said, its words."""

    sort: str
    mark: str
    text: str


@dataclass(slots=True)
class OpenQuestion:
    """A question while its lines are read; ``last`` is what an indented line goes on with."""

    line: int
    text: list[str]
    answers: list[AnswerLine] = field(default_factory=list)
    explanation: list[str] = field(default_factory=list)
    points: int = 1
    kind: QuestionKind | None = None
    last: str = "text"
    broken: bool = False


class NoQuestionError(Exception):
    """The lines of a question do not make one."""

    def __init__(self, reason: str, value: str) -> None:
        self.reason, self.value = reason, value
        super().__init__(reason)


def made_of(question: OpenQuestion) -> QuestionText:
    """The question that the lines say, not yet checked.

    Raises:
        NoQuestionError: they say none.
    """
    text = "\n".join(question.text).strip()
    sorts = list(dict.fromkeys(answer.sort for answer in question.answers))
    if len(sorts) != 1:
        raise NoQuestionError(_MIXED if sorts else _NO_ANSWER, text)
    kind = _kind(question, sorts[0])
    if kind is None:
        raise NoQuestionError(_OTHER_KIND, text)
    told = tuple(answer.text for answer in question.answers)
    explanation = "\n".join(question.explanation).strip()
    made = QuestionText(kind, text, explanation=explanation, points=question.points)
    if sorts[0] == "option":
        right = tuple(i for i, answer in enumerate(question.answers) if answer.mark)
        return replace(made, options=told, right=right)
    if kind == "order":
        numbers = [int(unicodedata.normalize("NFKC", each.mark)) for each in question.answers]
        if numbers != [*range(1, len(told) + 1)]:
            raise NoQuestionError(_NUMBERING, text)
        return replace(made, options=told)
    if kind == "true_false":
        truth = truth_of(told[0]) if len(told) == 1 else None
        if truth is None:
            raise NoQuestionError(_NO_TRUTH, told[0])
        return replace(made, accepted=(truth,))
    return replace(made, accepted=told)


def _kind(question: OpenQuestion, sort: str) -> QuestionKind | None:
    """The kind written, or the one the answers tell; None where the two do not agree."""
    if question.kind is not None:
        return question.kind if question.kind in _KINDS_OF[sort] else None
    if sort == "option":
        return "multiple" if sum(bool(each.mark) for each in question.answers) > 1 else "single"
    told = question.answers[0].text
    # A bare figure is an amount, not a truth.
    if sort == "accepted" and len(question.answers) == 1 and told not in {"0", "1"}:
        return "true_false" if truth_of(told) else "fill_in"
    return _KINDS_OF[sort][0]
