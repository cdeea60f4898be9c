"""Taking a check: begin, answer, hand in, read how it went. What is right is not in the page before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from kb.checks_views import Asked, AttemptView
from kb.models import utc_now
from kb.training_rules import NoAttempt, NotYet
from web.pages.training_courses import show_unit, shown
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# More fields than the largest check sends.
_MAX_FIELDS: Final = 5_000


@dataclass(frozen=True, slots=True)
class AskedView:
    """A question on the page: its texts as safe HTML, ``name`` of its fields, options with their places.

    ``right`` and ``explanation`` are empty before it is handed in.
    """

    asked: Asked
    name: str
    text: str
    options: tuple[tuple[str, str], ...]
    right: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """Context of ``training/attempt.html``; ``over`` when the time limit has passed before it was handed in."""

    attempt: AttemptView
    questions: tuple[AskedView, ...]
    over: bool
    seconds_left: int


async def _answers(request: Request) -> Mapping[int, Sequence[str]]:
    form: FormData = await request.form(max_files=0, max_fields=_MAX_FIELDS)
    return read_answers(
        [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    )


Answers = Annotated[Mapping[int, Sequence[str]], Depends(_answers)]


@router.post("/courses/{course_id}/units/{unit_id}/attempts")
def begin(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """Begin an attempt, or go on with the one that is open."""
    try:
        attempt = visit.kb.checks.begin(visit.actor, course_id, unit_id)
    except (NoAttempt, NotYet) as error:
        return show_unit(visit, course_id, unit_id, error)
    return visit.redirect(f"/training/attempts/{attempt}")


@router.get("/training/attempts/{attempt_id}")
def attempt(visit: Visiting, attempt_id: Id) -> Response:
    """The questions of an attempt; once it was handed in, how it went."""
    found = visit.kb.checks.get(visit.actor, attempt_id)
    due, now = found.line.due_at, utc_now()
    page = AttemptPage(
        attempt=found,
        questions=tuple(_view(visit, place, asked) for place, asked in enumerate(found.questions)),
        over=found.line.submitted_at is None and due is not None and due < now,
        seconds_left=_seconds(due, now),
    )
    return visit.page("training/attempt.html", page)


@router.post("/training/attempts/{attempt_id}/keep")
def keep(visit: Visiting, attempt_id: Id, answers: Answers) -> Response:
    """Keep the answers so far, and offer what was opened meanwhile."""
    visit.kb.checks.keep(visit.actor, attempt_id, answers)
    return visit.redirect(f"/training/attempts/{attempt_id}")


@router.post("/training/attempts/{attempt_id}")
def submit(visit: Visiting, attempt_id: Id, answers: Answers) -> Response:
    """Hand an attempt in; handed in twice, it is what it was."""
    visit.kb.checks.submit(visit.actor, attempt_id, answers)
    return visit.redirect(f"/training/attempts/{attempt_id}")


def read_answers(pairs: Sequence[tuple[str, str]]) -> dict[int, list[str]]:
    """What a form sends, by the place of each question.

    ``q3`` is a choice or a text; ``q3.1`` says at which position the option at place 1 stands, for a question of order.
    An address that was picked from a list (``q3.picked``) counts where none was typed.
    """
    chosen: dict[int, list[str]] = {}
    ordered: dict[int, list[tuple[int, int]]] = {}
    for name, value in pairs:
        number, _, place = name.removeprefix("q").partition(".")
        if not name.startswith("q") or not _is_number(number):
            continue
        if place == "picked":
            if value and not any(chosen.get(int(number), [])):
                chosen[int(number)] = [value]
        elif not place:
            chosen.setdefault(int(number), []).extend([value] if value.strip() else [])
        elif _is_number(place) and _is_number(value):
            ordered.setdefault(int(number), []).append((int(value), int(place)))
    for question, places in ordered.items():
        chosen[question] = [str(place) for _, place in sorted(places)]
    return chosen


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5  # noqa: PLR2004  digits


def _view(visit: Visit, place: int, asked: Asked) -> AskedView:
    options = tuple((str(at), shown(visit, text)) for at, text in enumerate(asked.options))
    return AskedView(
        asked=asked,
        name=f"q{place}",
        text=shown(visit, asked.text),
        options=options,
        right=_right(visit, asked),
        explanation=shown(visit, asked.explanation),
    )


def _right(visit: Visit, asked: Asked) -> tuple[str, ...]:
    """The right answers of questions without options, as safe HTML; pages by their titles."""
    if asked.kind == "find_it":
        return tuple(shown(visit, f"[]({address})") for address in asked.right)
    return tuple(escape(text) for text in asked.right) if asked.kind == "fill_in" else ()


def _seconds(due: datetime | None, now: datetime) -> int:
    return max(0, int((due - now).total_seconds())) if due is not None else 0
