"""Questions as they are stored, drawn and shown: what stays on the server, and what the browser gets.

A question is a :class:`kb.course_texts.QuestionText`. An attempt keeps a copy of each question it drew, so that an edit
of the bank changes nothing that was asked before. The browser sees the options by the place they are shown at, never by
their place in the bank, which for a question of order would be the answer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kb.course_texts import QUESTION_KINDS, QuestionText

# Kinds whose options are shuffled.
_SHUFFLED: Final = frozenset({"single", "multiple", "order"})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question of an attempt.

    Attributes:
        id: its number in the bank.
        question: as it was when it was drawn.
        shown: for each place on the page, the position of its option in the question.
    """

    id: int
    question: QuestionText
    shown: tuple[int, ...]

    @property
    def options(self) -> tuple[str, ...]:
        """The options in the order they are shown."""
        return tuple(self.question.options[position] for position in self.shown)

    def answer(self, places: Sequence[str]) -> tuple[str, ...]:
        """What was sent, for choices turned from places on the page into positions in the question.

        What is no place is left out, what comes twice counts once.
        """
        if self.question.kind not in _SHUFFLED:
            return tuple(place.strip()[:1000] for place in places if place.strip())[:1]
        chosen = [
            self.shown[int(place)]
            for place in places
            if place.isascii() and place.isdecimal() and int(place) < len(self.shown)
        ]
        return tuple(map(str, dict.fromkeys(chosen)))


def as_json(question: QuestionText) -> dict[str, Any]:
    """A question in the form that JSON has for it."""
    return {
        "kind": question.kind,
        "text": question.text,
        "options": list(question.options),
        "right": list(question.right),
        "accepted": list(question.accepted),
        "explanation": question.explanation,
        "points": question.points,
    }


def from_json(stored: dict[str, Any]) -> QuestionText:
    """The question that :func:`as_json` wrote.

    Raises:
        ValueError: it is of no kind known here.
    """
    if stored["kind"] not in QUESTION_KINDS:
        message = f"no kind of question: {stored['kind']}"
        raise ValueError(message)
    return QuestionText(
        kind=stored["kind"],
        text=stored["text"],
        options=tuple(stored["options"]),
        right=tuple(stored["right"]),
        accepted=tuple(stored["accepted"]),
        explanation=stored["explanation"],
        points=stored["points"],
    )


def draw(bank: Sequence[tuple[int, QuestionText]], count: int, seed: int) -> tuple[Drawn, ...]:
    """The questions of one attempt; the same seed draws the same, in the same order, with the same places.

    Args:
        bank: number and text of each question.
        count: how many are drawn at random; 0 or more than there are: all of them, in their order.
        seed: of this attempt.
    """
    chance = random.Random(seed)  # noqa: S311  no secret: the answers never leave the server
    chosen = list(bank) if not 0 < count < len(bank) else chance.sample(list(bank), count)
    drawn = []
    for number, question in chosen:
        shown = list(range(len(question.options)))
        if question.kind in _SHUFFLED:
            chance.shuffle(shown)
            if question.kind == "order" and shown == sorted(shown):
                shown.reverse()  # shown in the right order, it would answer itself
        drawn.append(Drawn(number, question, tuple(shown)))
    return tuple(drawn)


def drawn_as_json(drawn: Drawn) -> dict[str, Any]:
    """A drawn question for the row of its attempt."""
    return {"id": drawn.id, "question": as_json(drawn.question), "shown": list(drawn.shown)}


def drawn_from_json(stored: dict[str, Any]) -> Drawn:
    """The drawn question that :func:`drawn_as_json` wrote."""
    return Drawn(stored["id"], from_json(stored["question"]), tuple(stored["shown"]))
