"""What is done with a question: answering, accepting, voting, commenting, closing, bringing it to people, using it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action, Audience
from kb.editing_texts import Text
from kb.errors import Conflict, InvalidInput, NotFound
from kb.lesson_rules import LessonText
from kb.question_routing import Suggested
from kb.question_rules import MAX_ANSWER_CHARS, QuestionClosed
from kb.question_views import AnswerView, QuestionView
from web.lesson_fields import filled
from web.pages.lesson_form import show_form
from web.pages.questions import question_page
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# A page that comes of a question tells how to do one thing well.
PAGE_KIND: Final = "guide"
_NUMBER: Final = re.compile(r"(?:.*/questions/)?(\d{1,9})(?:[?#].*)?")
_WORDS: Final = {
    "zh": ("问题", "回答", "来源：[问题 {number}](/questions/{number})"),
    "en": ("Question", "Answer", "Source: [question {number}](/questions/{number})"),
}


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """Context of ``questions/answer.html``: the form in which an answer is put otherwise."""

    question: QuestionView
    answer: AnswerView
    body: str
    problem: str
    advice: str
    max_answer_chars: int


@dataclass(frozen=True, slots=True)
class ExpertsPage:
    """Context of ``questions/experts.html``: whom the question can still be brought to; ``found`` by a name."""

    question: QuestionView
    suggested: tuple[Suggested, ...]
    problem: str


@router.post("/questions/{question_id:int}/answers")
def answer(
    visit: Visiting,
    question_id: Id,
    body: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
) -> Response:
    """Answer; a text that is refused stays in its form."""
    try:
        visit.kb.question_answers.answer(visit.actor, question_id, body, token=token[:100])
    except (InvalidInput, QuestionClosed) as error:
        return question_page(
            visit,
            question_id,
            typed=body,
            problem=visit.language.sentence(error),
            advice=visit.language.advice(error),
            status=409 if isinstance(error, QuestionClosed) else 422,
        )
    return _done(visit, question_id)


@router.get("/answers/{answer_id:int}/edit")
def edit_answer(visit: Visiting, answer_id: Id) -> Response:
    """The form in which an answer is put otherwise."""
    return _answer_form(visit, answer_id)


@router.post("/answers/{answer_id:int}/edit")
def save_answer(
    visit: Visiting,
    answer_id: Id,
    body: Annotated[str, Form()] = "",
    revision: Annotated[int, Form()] = 0,
) -> Response:
    """Put an answer otherwise."""
    try:
        question_id = visit.kb.question_answers.edit(visit.actor, answer_id, body, revision)
    except (InvalidInput, Conflict) as error:
        return _answer_form(visit, answer_id, body=body, error=error)
    return visit.redirect(f"/questions/{question_id}#answer-{answer_id}")


@router.post("/answers/{answer_id:int}/accept")
def accept(visit: Visiting, answer_id: Id, on: Annotated[bool, Form()] = True) -> Response:
    """Say that an answer is the one, or take that back."""
    return _done(visit, visit.kb.question_answers.accept(visit.actor, answer_id, on=on))


@router.post("/answers/{answer_id:int}/vote")
def vote_answer(visit: Visiting, answer_id: Id, on: Annotated[bool, Form()] = True) -> Response:
    """Say that an answer helped, or take that back."""
    return _done(visit, visit.kb.question_answers.vote(visit.actor, answer_id, on=on))


@router.post("/questions/{question_id:int}/vote")
def vote(visit: Visiting, question_id: Id, on: Annotated[bool, Form()] = True) -> Response:
    """Say that one has the same question, or take that back."""
    visit.kb.questions.vote(visit.actor, question_id, on=on)
    return _done(visit, question_id)


@router.post("/questions/{question_id:int}/comments")
def comment(
    visit: Visiting,
    question_id: Id,
    text: Annotated[str, Form()] = "",
    answer_id: Annotated[int, Form(ge=0, le=MAX_ID)] = 0,
    token: Annotated[str, Form()] = "",
) -> Response:
    """Comment on the question, or on one of its answers."""
    try:
        visit.kb.question_answers.comment(
            visit.actor, question_id, text, answer_id=answer_id or None, token=token[:100]
        )
    except InvalidInput as error:
        problem = visit.language.sentence(error)
        return question_page(visit, question_id, problem=problem, status=422)
    return _done(visit, question_id)


@router.post("/questions/comments/{comment_id:int}/delete")
def delete_comment(visit: Visiting, comment_id: Id) -> Response:
    """Take a comment away."""
    return _done(visit, visit.kb.question_answers.delete_comment(visit.actor, comment_id))


@router.post("/questions/{question_id:int}/close")
def close(
    visit: Visiting,
    question_id: Id,
    note: Annotated[str, Form()] = "",
    duplicate_of: Annotated[str, Form()] = "",
) -> Response:
    """Take no more answers, as a duplicate where another question is named by its number or address."""
    try:
        number = _number(duplicate_of)
        visit.kb.questions.close(visit.actor, question_id, note=note, duplicate_of=number)
    except (InvalidInput, NotFound) as error:
        visit.kb.question_views.get(visit.actor, question_id)
        problem = visit.language.sentence(error)
        return question_page(visit, question_id, problem=problem, status=422)
    return _done(visit, question_id)


@router.post("/questions/{question_id:int}/reopen")
def reopen(visit: Visiting, question_id: Id) -> Response:
    """Take answers again."""
    visit.kb.questions.reopen(visit.actor, question_id)
    return _done(visit, question_id)


@router.get("/questions/{question_id:int}/experts")
def experts(visit: Visiting, question_id: Id) -> Response:
    """Whom the question can still be brought to."""
    return _experts(visit, question_id)


@router.post("/questions/{question_id:int}/experts")
def bring(
    visit: Visiting,
    question_id: Id,
    person: Annotated[int, Form(ge=0, le=MAX_ID)] = 0,
    away: Annotated[bool, Form()] = False,
) -> Response:
    """Bring a question to somebody, or take it away from them."""
    try:
        if away:
            visit.kb.questions.spare(visit.actor, question_id, person)
        else:
            visit.kb.questions.bring_to(visit.actor, question_id, person)
    except InvalidInput as error:
        return _experts(visit, question_id, problem=visit.language.sentence(error))
    return _done(visit, question_id)


@router.post("/questions/{question_id:int}/page")
def make_page(visit: Visiting, question_id: Id) -> Response:
    """Make a draft page of a question and its answers, and go on in the editor; a second click opens the same one."""
    visit.actor.must(Action.CONTRIBUTE)
    found = visit.kb.question_views.get(visit.actor, question_id)
    made = next((fruit for fruit in found.fruits if fruit.subject == "document"), None)
    if made is not None:
        return visit.redirect(f"/documents/{made.number}/edit")
    number = visit.kb.editing.new(
        visit.actor,
        title=found.text.title,
        kind=PAGE_KIND,
        language=found.text.language,
        audience=Audience.parse(found.text.audience),
    )
    visit.kb.editing.save(visit.actor, number, Text(found.text.title, page_body(found)), base=1)
    visit.kb.questions.bear(visit.actor, question_id, "document", number)
    return visit.redirect(f"/documents/{number}/edit")


@router.get("/questions/{question_id:int}/lesson")
def make_lesson(visit: Visiting, question_id: Id) -> Response:
    """The form for a lesson, filled from a question and its best answer."""
    visit.actor.must(Action.CONTRIBUTE)
    found = visit.kb.question_views.get(visit.actor, question_id)
    best = found.answers[0].body if found.answers else ""
    text = LessonText(
        title=found.text.title,
        language=found.text.language,
        what_happened=found.text.body,
        recommendation=best,
        evidence=_source(found),
        project=found.text.project,
        audience=found.text.audience,
        tags=found.text.tags,
    )
    return show_form(visit, {**filled(text), "question": str(question_id)})


def page_body(question: QuestionView) -> str:
    """What a page begins with that is made of a question: the question, the accepted answer, or else all of them."""
    asked, answered, _ = _WORDS[
        question.text.language if question.text.language in _WORDS else "en"
    ]
    accepted = [each for each in question.answers if each.accepted]
    parts = [f"## {asked}\n\n{question.text.body or question.text.title}"]
    parts += [f"## {answered}\n\n{each.body}" for each in accepted or question.answers]
    return "\n\n".join([*parts, _source(question)]) + "\n"


def _source(question: QuestionView) -> str:
    """A link back; without the title, which not every reader of the page or lesson may know."""
    words = _WORDS[question.text.language if question.text.language in _WORDS else "en"]
    return words[2].format(number=question.id)


def _number(text: str) -> int | None:
    text = text.strip()
    found = _NUMBER.fullmatch(text)
    if text and found is None:
        raise NotFound(what="question", id=text[:100])
    return int(found[1]) if found else None


def _answer_form(
    visit: Visit,
    answer_id: int,
    *,
    body: str | None = None,
    error: InvalidInput | Conflict | None = None,
) -> Response:
    question_id = visit.kb.question_views.question_of(visit.actor, answer_id)
    found = visit.kb.question_views.get(visit.actor, question_id)
    row = next(each for each in found.answers if each.id == answer_id)
    if not row.may_edit:
        visit.actor.must(Action.CURATE)
    page = AnswerPage(
        question=found,
        answer=row,
        body=row.body if body is None else body,
        problem=visit.language.sentence(error) if error else "",
        advice=visit.language.advice(error) if error else "",
        max_answer_chars=MAX_ANSWER_CHARS,
    )
    status = 409 if isinstance(error, Conflict) else 422 if error else 200
    return visit.page("questions/answer.html", page, status=status)


def _experts(visit: Visit, question_id: int, *, problem: str = "") -> Response:
    found = visit.kb.question_views.get(visit.actor, question_id)
    if not found.may_steer:
        visit.actor.must(Action.CURATE)
    known = {each.person_id for each in found.experts}
    suggested = visit.kb.question_routing.suggested(
        visit.actor, found.text.title, found.text.body, limit=2 * len(known) + 5
    )
    page = ExpertsPage(
        found, tuple(each for each in suggested if each.person_id not in known), problem
    )
    return visit.page("questions/experts.html", page, block="found", status=422 if problem else 200)


def _done(visit: Visit, question_id: int) -> Response:
    """The question as it is now for htmx; back to its page for others."""
    if visit.fragment:
        return question_page(visit, question_id)
    return visit.redirect(f"/questions/{question_id}")
