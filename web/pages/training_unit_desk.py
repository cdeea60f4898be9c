"""Writing the units of a course: their texts, what they lead to, their files and checks, their order. For authors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action
from kb.course_shapes import CheckRules, CourseView, UnitView
from kb.course_texts import UNIT_KINDS
from kb.courses_units import CheckDraft, UnitDraft, UnitFile
from kb.errors import N_, InvalidInput
from web.pages.training_forms import Fields, Sent
from web.uploads import Received
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class UnitFormPage:
    """Context of ``training/unit_form.html``; ``unit`` is None for a new one, ``others`` can come before it."""

    course: CourseView
    unit: UnitView | None
    draft: UnitDraft
    rules: CheckRules
    has_check: bool
    others: tuple[UnitView, ...]
    banks: tuple[tuple[int, str], ...]
    kinds: tuple[str, ...]
    wrong: str


@router.get("/courses/{course_id:int}/units/new")
def new_unit(visit: Visiting, course_id: Id, kind: str = "page") -> Response:
    """The form for a new unit."""
    visit.actor.must(Action.AUTHOR_COURSES)
    kind = kind if kind in UNIT_KINDS else "page"
    return _unit_form(visit, course_id, 0, UnitDraft(kind, ""))


@router.post("/courses/{course_id:int}/units")
def add_unit(visit: Visiting, course_id: Id, form: Sent) -> Response:
    """Add a unit at the end."""
    visit.actor.must(Action.AUTHOR_COURSES)
    try:
        draft = _draft(form)
        number = visit.kb.courses.add_unit(visit.actor, course_id, draft)
    except InvalidInput as error:
        return _unit_form(visit, course_id, 0, _typed(form), error)
    if draft.kind in {"file", "video", "check"}:
        return visit.redirect(f"/courses/{course_id}/units/{number}/edit")
    return visit.redirect(f"/courses/{course_id}/edit#units")


@router.get("/courses/{course_id:int}/units/{unit_id:int}/edit")
def edit_unit(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """The form of a unit."""
    visit.actor.must(Action.AUTHOR_COURSES)
    return _unit_form(visit, course_id, unit_id, None)


@router.post("/courses/{course_id:int}/units/{unit_id:int}/edit")
def change_unit(visit: Visiting, course_id: Id, unit_id: Id, form: Sent) -> Response:
    """Change a unit."""
    visit.actor.must(Action.AUTHOR_COURSES)
    try:
        visit.kb.courses.change_unit(visit.actor, course_id, unit_id, _draft(form))
    except InvalidInput as error:
        return _unit_form(visit, course_id, unit_id, _typed(form), error)
    return visit.redirect(f"/courses/{course_id}/edit#units")


@router.post("/courses/{course_id:int}/units/{unit_id:int}/move")
def move(visit: Visiting, course_id: Id, unit_id: Id, step: Annotated[int, Form()]) -> Response:
    """Move a unit one place up or down."""
    visit.kb.courses.move_unit(visit.actor, course_id, unit_id, step)
    return visit.redirect(f"/courses/{course_id}/edit#units")


@router.post("/courses/{course_id:int}/units/{unit_id:int}/remove")
def remove(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """Take a unit out."""
    visit.kb.courses.remove_unit(visit.actor, course_id, unit_id)
    return visit.redirect(f"/courses/{course_id}/edit#units")


@router.post("/courses/{course_id:int}/units/{unit_id:int}/file")
def put_file(visit: Visiting, course_id: Id, unit_id: Id, upload: Received) -> Response:
    """Give a unit a file, or another one."""
    visit.actor.must(Action.AUTHOR_COURSES)
    given = next(iter(upload.files), None)
    if given is None or given.sha256 is None:
        reason = N_("no file was given") if given is None else N_("the file is too large")
        raise InvalidInput(field=N_("file"), reason=reason)
    found = visit.kb.courses.get(visit.actor, course_id, bodies=True).unit(unit_id)
    name = given.path.rsplit("/", 1)[-1]
    file = UnitFile(given.sha256, given.size, name, "application/octet-stream")
    draft = replace(_draft_of(found), file=file)
    visit.kb.courses.change_unit(visit.actor, course_id, unit_id, draft)
    return visit.redirect(f"/courses/{course_id}/units/{unit_id}/edit")


def _unit_form(
    visit: Visit,
    course_id: int,
    unit_id: int,
    draft: UnitDraft | None,
    error: InvalidInput | None = None,
) -> Response:
    course = visit.kb.courses.get(visit.actor, course_id, bodies=True)
    unit = course.unit(unit_id) if unit_id else None
    if draft is None:
        assert unit is not None  # noqa: S101  a form without a draft is that of a unit
        draft = _draft_of(unit)
    check = draft.check or (CheckDraft() if draft.kind == "check" else None)
    rules = check or CheckDraft()
    page = UnitFormPage(
        course=course,
        unit=unit,
        draft=draft,
        rules=CheckRules(
            rules.bank or (unit.check.bank if unit and unit.check else 0),
            rules.draw,
            rules.pass_percent,
            rules.retries,
            rules.wait_minutes,
            rules.limit_minutes,
        ),
        has_check=check is not None,
        others=tuple(one for one in course.units if one.id != unit_id),
        banks=tuple(visit.kb.question_banks.of_course(visit.actor, course_id)),
        kinds=UNIT_KINDS,
        wrong=visit.language.sentence(error) if error else "",
    )
    return visit.page("training/unit_form.html", page, status=422 if error else 200)


def _draft(form: Fields) -> UnitDraft:
    draft = _typed(form)
    if form.text("check") or draft.kind == "check":
        retries = form.text("retries")
        check = CheckDraft(
            bank=form.whole("bank") or None,
            draw=form.whole("draw"),
            pass_percent=form.whole("pass_percent", 80),
            retries=form.whole("retries") if retries else None,
            wait_minutes=form.whole("wait_minutes"),
            limit_minutes=form.whole("limit_minutes"),
        )
        draft = replace(draft, check=check)
    return replace(draft, minutes=form.whole("minutes", 10))


def _typed(form: Fields) -> UnitDraft:
    """What was typed, as far as it can be shown again whatever it is."""
    return UnitDraft(
        kind=form.text("kind"),
        title=form.text("title"),
        body=form.text("body"),
        target=form.text("target"),
        needs=form.many("needs"),
        check=CheckDraft() if form.text("check") else None,
    )


def _draft_of(unit: UnitView) -> UnitDraft:
    rules = unit.check
    return UnitDraft(
        unit.kind,
        unit.title,
        unit.minutes,
        unit.body,
        unit.target_text,
        needs=unit.needs,
        check=CheckDraft(
            rules.bank,
            rules.draw,
            rules.pass_percent,
            rules.retries,
            rules.wait_minutes,
            rules.limit_minutes,
        )
        if rules
        else None,
    )
