"""A candidate becomes a lesson: corrected in the lesson's form, or merged into a lesson that tells the same."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action
from kb.candidates import Candidate
from kb.errors import NotFound
from kb.lesson_precedents import Precedents
from kb.lesson_rules import LessonRefused
from web.lesson_fields import filled, typed
from web.pages.lesson_form import BeforePage, Sent, show_form
from web.pages.lesson_steps import ChoosePage, lesson_number, told_error
from web.visit import Id, Visit, Visiting, local_path

router = APIRouter(include_in_schema=False)


@router.get("/candidates/{candidate_id}/edit")
def edit(visit: Visiting, candidate_id: Id, then: str = "/candidates") -> Response:
    """The form of the lesson that a candidate would become."""
    text = visit.kb.lesson_acceptance.draft(visit.actor, candidate_id)
    candidate = visit.kb.candidates.get(visit.actor, candidate_id)
    values = {**filled(text), "then": local_path(then)}
    return show_form(visit, values, candidate=candidate)


@router.post("/candidates/{candidate_id}/accept")
def accept(visit: Visiting, candidate_id: Id, form: Sent) -> Response:
    """Make a lesson of a candidate as it was corrected."""
    visit.actor.must(Action.CURATE)
    candidate = visit.kb.candidates.get(visit.actor, candidate_id)
    told = typed(form)
    if told.problems:
        return show_form(visit, form, candidate=candidate, wrong=told.problems)
    try:
        visit.kb.lesson_acceptance.accept(visit.actor, candidate_id, told.text)
    except LessonRefused as error:
        return show_form(visit, form, candidate=candidate, wrong=error.problems)
    return visit.redirect(local_path(form.get("then") or "/candidates"))


@router.get("/candidates/{candidate_id}/merge")
def choose(visit: Visiting, candidate_id: Id, then: str = "/candidates") -> Response:
    """Which lesson tells the same."""
    return _choose(visit, candidate_id, local_path(then))


@router.post("/candidates/{candidate_id}/merge")
def merge(
    visit: Visiting,
    candidate_id: Id,
    chosen: Annotated[str, Form()] = "",
    then: Annotated[str, Form()] = "/candidates",
) -> Response:
    """Make a candidate one more source of a lesson."""
    try:
        visit.kb.lesson_acceptance.merge(visit.actor, candidate_id, lesson_number(chosen))
    except (LessonRefused, NotFound) as error:
        return _choose(visit, candidate_id, local_path(then), chosen=chosen, error=error)
    return visit.redirect(local_path(then or "/candidates"))


@router.get("/candidates/{candidate_id}/before")
def before(visit: Visiting, candidate_id: Id) -> Response:
    """What tells nearly the same as a candidate."""
    visit.actor.must(Action.CURATE)
    candidate = visit.kb.candidates.get(visit.actor, candidate_id)
    page = BeforePage(_near(visit, candidate), candidate_id=0, may_merge=False, quiet=True)
    return visit.page("lessons/before.html", page, block="found")


def _near(visit: Visit, candidate: Candidate) -> Precedents:
    return visit.kb.lesson_precedents.before(
        visit.actor,
        candidate.title,
        candidate.what_happened,
        candidate.recommendation,
        language=candidate.language,
        without_candidate=candidate.id,
    )


def _choose(
    visit: Visit,
    candidate_id: int,
    then: str,
    *,
    chosen: str = "",
    error: LessonRefused | NotFound | None = None,
) -> Response:
    visit.actor.must(Action.CURATE)
    candidate = visit.kb.candidates.get(visit.actor, candidate_id)
    page = ChoosePage(
        title=candidate.title,
        language=candidate.language,
        action=f"/candidates/{candidate_id}/merge",
        back=then,
        candidate=True,
        near=_near(visit, candidate),
        chosen=chosen,
        then=then,
        wrong=told_error(visit, error) if error else {},
    )
    return visit.page("lessons/choose.html", page, block="content", status=422 if error else 200)
