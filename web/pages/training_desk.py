"""Writing courses: what is said of one, its units in their order, publishing and withdrawing. For authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action, Audience
from kb.course_shapes import CourseView, UnitView
from kb.courses import CourseDetails
from kb.errors import KnowledgeBaseError
from web.errors import status_of
from web.pages.training_forms import Fields, Sent, skills_of, skills_text
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class CourseFormPage:
    """Context of ``training/course_form.html``.

    Attributes:
        course: the one that is changed; None for a new one.
        details: what stands in the fields; ``skills`` and ``others`` as they are typed and offered.
        wrong: what is wrong, in words.
    """

    course: CourseView | None
    details: CourseDetails
    audience: str
    skills: str
    others: tuple[CourseView, ...]
    banks: tuple[tuple[int, str], ...]
    closed: tuple[UnitView, ...]
    wrong: str


@router.get("/courses/new")
def new(visit: Visiting) -> Response:
    """The form for a new course."""
    visit.actor.must(Action.AUTHOR_COURSES)
    return _course_form(visit, None, CourseDetails("", visit.language.code, owner=visit.actor.id))


@router.post("/courses")
def create(visit: Visiting, form: Sent) -> Response:
    """Begin a course."""
    visit.actor.must(Action.AUTHOR_COURSES)
    try:
        number = visit.kb.courses.create(visit.actor, _details(form))
    except KnowledgeBaseError as error:
        return _course_form(visit, None, None, form, error)
    return visit.redirect(f"/courses/{number}/edit")


@router.get("/courses/{course_id:int}/edit")
def edit(visit: Visiting, course_id: Id) -> Response:
    """The form of a course, with its units."""
    visit.actor.must(Action.AUTHOR_COURSES)
    found = visit.kb.courses.get(visit.actor, course_id)
    return _course_form(visit, found, _stored(found))


@router.post("/courses/{course_id:int}/edit")
def change(visit: Visiting, course_id: Id, form: Sent) -> Response:
    """Change what is said of a course."""
    visit.actor.must(Action.AUTHOR_COURSES)
    found = visit.kb.courses.get(visit.actor, course_id)
    try:
        visit.kb.courses.change(visit.actor, course_id, _details(form))
    except KnowledgeBaseError as error:
        return _course_form(visit, found, None, form, error)
    return visit.redirect(f"/courses/{course_id}/edit")


@router.post("/courses/{course_id:int}/state")
def set_state(visit: Visiting, course_id: Id, state: Annotated[str, Form()] = "") -> Response:
    """Publish, withdraw, or take back to its writers."""
    visit.kb.courses.set_state(visit.actor, course_id, state)
    return visit.redirect(f"/courses/{course_id}/edit")


def _course_form(
    visit: Visit,
    course: CourseView | None,
    details: CourseDetails | None,
    form: Fields | None = None,
    error: KnowledgeBaseError | None = None,
) -> Response:
    typed = form or Fields()
    if details is None:
        details = CourseDetails(
            typed.text("title"),
            typed.text("language"),
            typed.text("summary"),
            owner=typed.text("owner"),
            needs=tuple(int(one) for one in typed.many("needs") if one.isdecimal()),
            teachers=_words(typed.text("teachers")),
        )
    kb = visit.kb
    page = CourseFormPage(
        course=course,
        details=details,
        audience=typed.text("audience") or (course.audience if course else "everyone"),
        skills=typed.text("skills") or skills_text(details.skills),
        others=tuple(
            one for one in kb.courses.list(visit.actor) if course is None or one.id != course.id
        ),
        banks=tuple(kb.question_banks.of_course(visit.actor, course.id)) if course else (),
        closed=tuple(unit for unit in course.units if not unit.standing.available)
        if course
        else (),
        wrong=visit.language.sentence(error) if error else "",
    )
    status = status_of(error) if error else 200
    return visit.page("training/course_form.html", page, status=status)


def _details(form: Fields) -> CourseDetails:
    return CourseDetails(
        title=form.text("title"),
        language=form.text("language"),
        summary=form.text("summary"),
        owner=form.text("owner"),
        twin_id=form.whole("twin") or None,
        needs=tuple(int(one) for one in form.many("needs") if one.isdecimal()),
        skills=skills_of(form.text("skills")),
        teachers=_words(form.text("teachers")),
        audience=Audience.parse(form.text("audience") or "everyone"),
    )


def _stored(course: CourseView) -> CourseDetails:
    return CourseDetails(
        course.title,
        course.language,
        course.summary,
        owner=course.owner,
        twin_id=course.twin[0] if course.twin else None,
        needs=tuple(one.id for one in course.needed),
        skills=course.skills,
        teachers=course.teachers,
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace("，", ",").replace(",", " ").split())
