"""What is done with a lesson on its page: judged, sent back, replaced, built into a page, applied in a project."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action
from kb.doctemplate_views import TemplateView
from kb.errors import N_, NotFound, SearchUnavailable
from kb.lesson_precedents import Precedents
from kb.lesson_rules import LessonRefused, Problem
from kb.lesson_views import LessonView
from kb.models import Document
from kb.models.doctemplates import PUBLISHED
from kb.search.answers import Hit, SearchRequest
from web.lesson_fields import number
from web.pages.lesson_form import Sent, told_problems
from web.pages.lessons import show
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# The kinds of documents that a lesson changes; a report only tells what was.
_CHANGED_KINDS: Final = ("methodology", "guide", "template", "training")
_OFFERED: Final = 8
_NOTE_CHARS: Final = 2000
_FOUND: Final = ("document", "doctemplate")
_DOCUMENT: Final = re.compile(r"(?:.*/documents/)?(\d{1,18})(?:[/?#].*)?")
_TEMPLATE: Final = re.compile(r"(?:.*/doctemplates/)?(\d{1,18})(?:[/?#].*)?")
# Pasted into the wrong field, an address still says what it is.
_TEMPLATE_ADDRESS: Final = re.compile(r".*/doctemplates/\d.*")
_DOCUMENT_ADDRESS: Final = re.compile(r".*/documents/\d.*")
_LESSON: Final = re.compile(r"(?:.*/lessons/)?(\d{1,18})(?:[/?#].*)?")


@dataclass(frozen=True, slots=True)
class ClosePage:
    """Context of ``lessons/close.html``: first what to choose from, then the sections of the one chosen.

    Attributes:
        query: what documents and standard templates were looked for.
        document, template: the one chosen; both are None before that.
        wrong: what is wrong with the form, by field.
    """

    lesson: LessonView
    query: str
    hits: tuple[Hit, ...]
    document: Document | None
    template: TemplateView | None
    note: str
    wrong: dict[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """What a lesson changed, as it was chosen: ids of which at most one is not 0."""

    document: int = 0
    template: int = 0


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """Context of ``lessons/choose.html``: another lesson is chosen, to take this one's place or this candidate in.

    Attributes:
        title: of what goes into the chosen lesson.
        action: where the choice is sent.
        back: where one came from.
        candidate: what goes in is a harvested candidate, not a lesson.
        near: what tells nearly the same.
        chosen: number or address that was typed.
    """

    title: str
    language: str
    action: str
    back: str
    candidate: bool
    near: Precedents
    chosen: str
    then: str
    wrong: dict[str, str]


@router.post("/lessons/{lesson_id:int}/validate")
def validate(
    visit: Visiting,
    lesson_id: Id,
    verdict: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """The expert's word."""
    try:
        visit.kb.lessons.validate(visit.actor, lesson_id, verdict, note)
    except LessonRefused as error:
        return _again(visit, lesson_id, "validate", error, {"verdict": verdict, "note": note})
    return visit.redirect(f"/lessons/{lesson_id}")


@router.post("/lessons/{lesson_id:int}/reopen")
def reopen(visit: Visiting, lesson_id: Id, note: Annotated[str, Form()] = "") -> Response:
    """Send it back."""
    try:
        visit.kb.lessons.reopen(visit.actor, lesson_id, note)
    except LessonRefused as error:
        return _again(visit, lesson_id, "reopen", error, {"note": note})
    return visit.redirect(f"/lessons/{lesson_id}")


@router.post("/lessons/{lesson_id:int}/reinstate")
def reinstate(visit: Visiting, lesson_id: Id) -> Response:
    """Take back that it was superseded."""
    visit.kb.lessons.reinstate(visit.actor, lesson_id)
    return visit.redirect(f"/lessons/{lesson_id}")


@router.get("/lessons/{lesson_id:int}/supersede")
def choose_successor(visit: Visiting, lesson_id: Id) -> Response:
    """Which lesson takes its place."""
    return _choose_successor(visit, lesson_id)


@router.post("/lessons/{lesson_id:int}/supersede")
def supersede(visit: Visiting, lesson_id: Id, chosen: Annotated[str, Form()] = "") -> Response:
    """Let another lesson take its place."""
    try:
        visit.kb.lessons.supersede(visit.actor, lesson_id, lesson_number(chosen))
    except (LessonRefused, NotFound) as error:
        return _choose_successor(visit, lesson_id, chosen=chosen, error=error)
    return visit.redirect(f"/lessons/{lesson_id}")


@router.get("/lessons/{lesson_id:int}/close")
def choose_place(
    visit: Visiting, lesson_id: Id, q: str = "", document: str = "", template: str = ""
) -> Response:
    """Which page, template or checklist it changed, and which section."""
    visit.actor.must(Action.CURATE)
    return _close(visit, lesson_id, _place(document, template), query=q)


@router.post("/lessons/{lesson_id:int}/close")
def close(visit: Visiting, lesson_id: Id, form: Sent) -> Response:
    """Close it by linking what it changed."""
    place = _place(form.get("document", ""), form.get("template", ""))
    note = form.get("note", "")[:_NOTE_CHARS]
    closures = visit.kb.lesson_closures
    try:
        if place.template:
            closures.build_into_template(visit.actor, lesson_id, place.template, note=note)
        else:
            anchor = form.get("anchor", "")
            closures.build_in(visit.actor, lesson_id, place.document, anchor=anchor, note=note)
    except LessonRefused as error:
        return _close(
            visit,
            lesson_id,
            place,
            note=note,
            wrong=told_problems(visit.language, error.problems),
        )
    return visit.redirect(f"/lessons/{lesson_id}")


@router.post("/lessons/{lesson_id:int}/take-out")
def take_out(visit: Visiting, lesson_id: Id, closure: Annotated[int, Form()]) -> Response:
    """Take such a link away."""
    visit.kb.lesson_closures.take_out(visit.actor, lesson_id, closure)
    return visit.redirect(f"/lessons/{lesson_id}")


@router.post("/lessons/{lesson_id:int}/uses")
def use(visit: Visiting, lesson_id: Id, form: Sent) -> Response:
    """Say how it went in a project; said again, it replaces what was said before."""
    project, outcome = form.get("project", ""), form.get("outcome", "")
    try:
        days = _days(form.get("days_saved", ""))
        visit.kb.lesson_reuse.record(
            visit.actor,
            lesson_id,
            project,
            outcome,
            note=form.get("note", ""),
            days_saved=days,
        )
    except LessonRefused as error:
        return _again(visit, lesson_id, "use", error, dict(form))
    return visit.redirect(f"/lessons/{lesson_id}#uses")


@router.post("/lessons/{lesson_id:int}/uses/remove")
def remove_use(visit: Visiting, lesson_id: Id, project: Annotated[str, Form()]) -> Response:
    """Take back what one said of a project."""
    visit.kb.lesson_reuse.remove(visit.actor, lesson_id, project)
    return visit.redirect(f"/lessons/{lesson_id}#uses")


def lesson_number(text: str) -> int:
    """The number of a lesson from what was typed or pasted: ``12``, ``#12``, an address.

    Raises:
        LessonRefused: it is none.
    """
    found = _LESSON.fullmatch(text.strip().removeprefix("#"))
    if found is None or int(found[1]) > MAX_ID:
        raise LessonRefused([Problem("successor", N_("choose a lesson, or write its number"))])
    return int(found[1])


def told_error(visit: Visit, error: LessonRefused | NotFound) -> dict[str, str]:
    """What went wrong with choosing a lesson."""
    if isinstance(error, LessonRefused):
        return told_problems(visit.language, error.problems)
    return {"successor": visit.language.sentence(error)}


def _again(
    visit: Visit, lesson_id: int, form: str, error: LessonRefused, typed: dict[str, str]
) -> Response:
    wrong = told_problems(visit.language, error.problems)
    return show(visit, lesson_id, form=form, wrong=wrong, typed=typed)


def _days(text: str) -> float | None:
    try:
        return number(text)
    except ValueError as error:
        raise LessonRefused([Problem("days_saved", N_("write a number"))]) from error


def _choose_successor(
    visit: Visit, lesson_id: int, chosen: str = "", error: LessonRefused | NotFound | None = None
) -> Response:
    visit.actor.must(Action.CURATE)
    found = visit.kb.lessons.get(visit.actor, lesson_id)
    near = visit.kb.lesson_precedents.before(
        visit.actor,
        found.text.title,
        found.text.what_happened,
        language=found.text.language,
        without_lesson=lesson_id,
    )
    page = ChoosePage(
        title=found.text.title,
        language=found.text.language,
        action=f"/lessons/{lesson_id}/supersede",
        back=f"/lessons/{lesson_id}",
        candidate=False,
        near=near,
        chosen=chosen,
        then="",
        wrong=told_error(visit, error) if error else {},
    )
    return visit.page("lessons/choose.html", page, block="content", status=422 if error else 200)


def _close(
    visit: Visit,
    lesson_id: int,
    place: Place,
    *,
    query: str = "",
    note: str = "",
    wrong: dict[str, str] | None = None,
) -> Response:
    found = visit.kb.lessons.get(visit.actor, lesson_id)
    document = visit.kb.documents.get(visit.actor, place.document) if place.document else None
    template = _template(visit, place.template) if place.template else None
    page = ClosePage(
        lesson=found,
        query=query,
        hits=() if document or template else _places(visit, query or found.text.title),
        document=document,
        template=template,
        note=note,
        wrong=wrong or {},
    )
    return visit.page("lessons/close.html", page, block="content", status=422 if wrong else 200)


def _place(document: str, template: str) -> Place:
    """What was typed or pasted into the two fields; the first that makes sense counts."""
    if _TEMPLATE_ADDRESS.fullmatch(document) or _DOCUMENT_ADDRESS.fullmatch(template):
        document, template = template, document
    if found := _DOCUMENT.fullmatch(document.strip()):
        return Place(document=int(found[1]))
    if found := _TEMPLATE.fullmatch(template.strip()):
        return Place(template=int(found[1]))
    return Place()


def _template(visit: Visit, template_id: int) -> TemplateView:
    """A template of the library; one that is not offered cannot be chosen."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    if found.state != PUBLISHED:
        raise NotFound(what=N_("template"), id=template_id)
    return found


def _places(visit: Visit, query: str) -> tuple[Hit, ...]:
    request = SearchRequest(query=query, kinds=_CHANGED_KINDS, per_page=_OFFERED)
    try:
        hits = visit.kb.search(visit.actor, request).hits
    except SearchUnavailable:
        return ()
    return tuple(hit for hit in hits if hit.subject in _FOUND)
