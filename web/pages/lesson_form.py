"""Telling a lesson and putting it right, with what happened before beside it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from kb.access import Action
from kb.candidates import Candidate
from kb.candidates_found import LESSON_KINDS
from kb.errors import NotFound
from kb.lesson_precedents import Precedents
from kb.lesson_rows import must_sign
from kb.lesson_rules import (
    CATEGORIES,
    CAUSES,
    PHASES,
    QUALITY,
    LessonRefused,
    LessonText,
    Problem,
    tidied,
)
from kb.lesson_rules import problems as all_problems
from kb.lesson_sources import SourceRef
from kb.lessons import Version
from web.language import Language
from web.lesson_fields import NAMES, filled, typed
from web.pages.lessons import project_choices
from web.search_address import document_address
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# A form is refused before it is read beyond this; the longest text may have 40,000 characters in each of five fields.
_MAX_FORM_FIELDS: Final = 100
_TOKEN_BYTES: Final = 12
# From this percent on somebody who writes without JavaScript is shown what was told before, once, before it is stored.
_LOOK_FIRST: Final = 60


@dataclass(frozen=True, slots=True)
class FormPage:
    """Context of ``lessons/form.html``.

    Attributes:
        lesson_id: of the lesson that is corrected; 0 for a new one.
        candidate: the harvested candidate that is accepted; None otherwise.
        action: where the form is sent.
        values: what stands in the fields.
        wrong: what is wrong with them, by field.
        conflict: the version somebody else saved meanwhile; None otherwise.
        before: what tells nearly the same.
        look: the form was kept back to show this.
        token: of this form, so that it is taken once.
    """

    lesson_id: int
    candidate: Candidate | None
    action: str
    back: str
    revision: int
    values: Mapping[str, str]
    wrong: Mapping[str, str]
    conflict: Version | None
    before: Precedents
    look: bool
    token: str
    source: str
    source_url: str
    kinds: tuple[str, ...]
    phases: tuple[str, ...]
    categories: tuple[str, ...]
    causes: tuple[str, ...]
    qualities: tuple[str, ...]
    projects: tuple[tuple[str, str], ...]
    may_merge: bool


@dataclass(frozen=True, slots=True)
class BeforePage:
    """Context of ``lessons/before.html``; ``candidate_id`` is the candidate that could be merged, or 0.

    ``quiet`` says nothing where there is nothing to say.
    """

    before: Precedents
    candidate_id: int
    may_merge: bool
    quiet: bool = False


async def sent_form(request: Request) -> Mapping[str, str]:
    """The text fields of a form; files are left out."""
    form: FormData = await request.form(max_files=1, max_fields=_MAX_FORM_FIELDS)
    return {name: value for name, value in form.items() if isinstance(value, str)}


Sent = Annotated[Mapping[str, str], Depends(sent_form)]


@router.get("/lessons/new")
def new(visit: Visiting, document: int = 0, anchor: str = "") -> Response:
    """The form for a new lesson; told of a section, when one is given."""
    must_sign(visit.actor)
    text = LessonText(language=visit.language.code, phase="")
    if document > 0:
        source = visit.kb.documents.get(visit.actor, document)
        code = source.project.code if source.project else ""
        text = replace(text, project=code, language=source.language)
    values = {**filled(text), "document": str(document or ""), "anchor": anchor}
    return show_form(visit, values)


@router.post("/lessons")
def submit(visit: Visiting, form: Sent) -> Response:
    """Tell a lesson."""
    must_sign(visit.actor)
    told = typed(form)
    wrong = [*told.problems, *all_problems(tidied(told.text), "submit")]
    if not wrong and not form.get("seen"):
        near = _before(visit, told.text)
        if any(each.percent >= _LOOK_FIRST for each in near.found):
            return show_form(visit, form, before=near, look=True)
    if wrong:
        return show_form(visit, form, wrong=wrong)
    try:
        lesson_id = visit.kb.lessons.submit(
            visit.actor,
            told.text,
            sources=_source_of(visit, form),
            token=form.get("token", "")[:100],
        )
    except LessonRefused as error:
        return show_form(visit, form, wrong=error.problems)
    if question := _whole(form.get("question", "")):
        with suppress(NotFound):  # it may have gone meanwhile; the lesson is told all the same
            visit.kb.questions.bear(visit.actor, question, "lesson", lesson_id)
    return visit.redirect(f"/lessons/{lesson_id}")


@router.get("/lessons/{lesson_id:int}/edit")
def edit(visit: Visiting, lesson_id: Id) -> Response:
    """The form of a lesson."""
    found = visit.kb.lessons.get(visit.actor, lesson_id)
    if "correct" not in found.moves:
        visit.actor.must(Action.CURATE)
    return show_form(visit, filled(found.text), lesson_id=lesson_id, revision=found.revision)


@router.post("/lessons/{lesson_id:int}")
def correct(visit: Visiting, lesson_id: Id, form: Sent) -> Response:
    """Put a lesson right; where somebody else saved meanwhile, both texts are shown."""
    told = typed(form)
    sent = form.get("revision", "")
    revision = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0  # noqa: PLR2004  digits
    if told.problems:
        return show_form(visit, form, lesson_id=lesson_id, revision=revision, wrong=told.problems)
    try:
        saved = visit.kb.lessons.correct(
            visit.actor, lesson_id, told.text, revision, note=form.get("change_note", "")[:500]
        )
    except LessonRefused as error:
        return show_form(visit, form, lesson_id=lesson_id, revision=revision, wrong=error.problems)
    if saved.kept:
        return visit.redirect(f"/lessons/{lesson_id}")
    theirs = next(
        each
        for each in visit.kb.lessons.history(visit.actor, lesson_id)
        if each.event != "set-aside"
    )
    return show_form(
        visit, form, lesson_id=lesson_id, revision=saved.revision, conflict=theirs, status=409
    )


@router.post("/lessons/before")
def before(visit: Visiting, form: Sent) -> Response:
    """What tells nearly the same as what is being typed."""
    must_sign(visit.actor)
    own = _whole(form.get("lesson", ""))
    candidate = _whole(form.get("candidate", ""))
    near = _before(visit, typed(form).text, lesson_id=own, candidate_id=candidate)
    page = BeforePage(near, candidate, may_merge=bool(candidate) and _may_curate(visit))
    return visit.page("lessons/before.html", page, block="found")


def show_form(
    visit: Visit,
    values: Mapping[str, str],
    *,
    lesson_id: int = 0,
    candidate: Candidate | None = None,
    revision: int = 0,
    wrong: Sequence[Problem] = (),
    conflict: Version | None = None,
    before: Precedents | None = None,
    look: bool = False,
    status: int = 0,
) -> Response:
    """The form, with what was typed, what is wrong with it, and what was told before.

    What was told before is asked for by the page itself, after it has been shown, unless it is given.
    """
    action, back = f"/lessons/{lesson_id}", f"/lessons/{lesson_id}"
    if candidate is not None:
        action, back = f"/candidates/{candidate.id}/accept", "/candidates"
    elif not lesson_id:
        action, back = "/lessons", "/lessons"
    source, source_url = _named_source(visit, values, candidate)
    page = FormPage(
        lesson_id=lesson_id,
        candidate=candidate,
        action=action,
        back=back,
        revision=revision,
        values={
            **dict.fromkeys((*NAMES, "document", "anchor", "question", "then", "change_note"), ""),
            **values,
        },
        wrong=told_problems(visit.language, wrong),
        conflict=conflict,
        before=before or Precedents(),
        look=look,
        token=values.get("token") or secrets.token_urlsafe(_TOKEN_BYTES),
        source=source,
        source_url=source_url,
        kinds=LESSON_KINDS,
        phases=PHASES,
        categories=CATEGORIES,
        causes=CAUSES,
        qualities=tuple(map(str, reversed(QUALITY))),
        projects=project_choices(visit),
        may_merge=candidate is not None,
    )
    return visit.page(
        "lessons/form.html", page, block="content", status=status or (422 if wrong else 200)
    )


def told_problems(language: Language, wrong: Sequence[Problem]) -> dict[str, str]:
    """What is wrong, by field, in the reader's language; the first word on each field counts."""
    told: dict[str, str] = {}
    for each in wrong:
        told.setdefault(each.field, language.gettext(each.message) % each.data)
    return told


def _before(
    visit: Visit, text: LessonText, *, lesson_id: int = 0, candidate_id: int = 0
) -> Precedents:
    return visit.kb.lesson_precedents.before(
        visit.actor,
        text.title,
        text.what_happened,
        text.recommendation,
        language=text.language,
        without_lesson=lesson_id or None,
        without_candidate=candidate_id or None,
    )


def _named_source(
    visit: Visit, values: Mapping[str, str], candidate: Candidate | None
) -> tuple[str, str]:
    if candidate is not None:
        return candidate.document_title, document_address(
            candidate.document_id, anchor=candidate.anchor
        )
    number = _whole(values.get("document", ""))
    if not number:
        return "", ""
    document = visit.kb.documents.get(visit.actor, number)
    return document.title, document_address(number, anchor=values.get("anchor", ""))


def _source_of(visit: Visit, form: Mapping[str, str]) -> list[SourceRef]:
    number = _whole(form.get("document", ""))
    if not number:
        return []
    document = visit.kb.documents.get(visit.actor, number)
    anchor = form.get("anchor", "")
    heading = next((each.heading for each in document.sections if each.anchor == anchor), "")
    return [SourceRef(number, anchor if heading else "", heading)]


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004  digits


def _may_curate(visit: Visit) -> bool:
    return Action.CURATE in visit.actor.actions
