"""Writing learning paths, and assigning paths and courses to people and groups. For authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.access import Action, Audience
from kb.course_shapes import CourseView
from kb.errors import KnowledgeBaseError
from kb.learning_paths import PathDetails
from kb.training_assigning import AssignmentView
from kb.training_path_views import PathView
from web.errors import status_of
from web.pages.training_forms import Fields, Sent
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ChosenCourse:
    """A course that may be on a path: its place from 1 (0: it is not on it) and its days."""

    course: CourseView
    place: int
    days: int


@dataclass(frozen=True, slots=True)
class PathFormPage:
    """Context of ``training/path_form.html``; ``path`` is None for a new one, ``wrong`` what is wrong, in words."""

    path: PathView | None
    details: PathDetails
    audience: str
    courses: tuple[ChosenCourse, ...]
    others: tuple[PathView, ...]
    roles: tuple[str, ...]
    wrong: str


@dataclass(frozen=True, slots=True)
class AssignmentsPage:
    """Context of ``training/assignments.html``; ``typed`` is what stands in the form, ``chosen`` ``path:3``."""

    assignments: tuple[AssignmentView, ...]
    paths: tuple[PathView, ...]
    courses: tuple[CourseView, ...]
    groups: tuple[str, ...]
    chosen: str
    whom: str
    due_on: str
    note: str
    told: int
    wrong: str


@router.get("/training/paths/new")
def new(visit: Visiting) -> Response:
    """The form for a new path."""
    visit.actor.must(Action.AUTHOR_COURSES)
    details = PathDetails("", visit.language.code, "new-hire", owner=visit.actor.id)
    return _path_form(visit, None, details)


@router.post("/training/paths")
def create(visit: Visiting, form: Sent) -> Response:
    """Begin a path."""
    visit.actor.must(Action.AUTHOR_COURSES)
    try:
        number = visit.kb.learning_paths.create(visit.actor, _details(form))
    except KnowledgeBaseError as error:
        return _path_form(visit, None, _typed(form), form, error)
    return visit.redirect(f"/training/paths/{number}")


@router.get("/training/paths/{path_id:int}/edit")
def edit(visit: Visiting, path_id: Id) -> Response:
    """The form of a path."""
    visit.actor.must(Action.AUTHOR_COURSES)
    found = visit.kb.learning_paths.get(visit.actor, path_id)
    details = PathDetails(
        found.title,
        found.language,
        found.role,
        found.summary,
        courses=tuple((step.course.id, step.due_days) for step in found.steps),
        needs=tuple(number for number, _, _ in found.needed),
        due_days=found.due_days,
        owner=found.owner,
    )
    return _path_form(visit, found, details)


@router.post("/training/paths/{path_id:int}/edit")
def change(visit: Visiting, path_id: Id, form: Sent) -> Response:
    """Change a path."""
    visit.actor.must(Action.AUTHOR_COURSES)
    found = visit.kb.learning_paths.get(visit.actor, path_id)
    try:
        visit.kb.learning_paths.change(visit.actor, path_id, _details(form))
    except KnowledgeBaseError as error:
        return _path_form(visit, found, _typed(form), form, error)
    return visit.redirect(f"/training/paths/{path_id}")


@router.post("/training/paths/{path_id:int}/state")
def set_state(visit: Visiting, path_id: Id, state: Annotated[str, Form()] = "") -> Response:
    """Publish, withdraw, or take back to its writers."""
    visit.kb.learning_paths.set_state(visit.actor, path_id, state)
    return visit.redirect(f"/training/paths/{path_id}")


@router.get("/training/assignments")
def assignments(visit: Visiting, path: str = "", course: str = "", told: str = "") -> Response:
    """What is assigned to whom, and the form to assign more."""
    chosen = f"path:{path}" if path else f"course:{course}" if course else ""
    return _assignments(visit, Fields((("what", chosen),)), told=told)


@router.post("/training/assignments")
def assign(visit: Visiting, form: Sent) -> Response:
    """Assign a path or a course."""
    visit.actor.must(Action.AUTHOR_COURSES)
    kind, _, number = form.text("what").partition(":")
    found = int(number) if number.isdecimal() and len(number) < 10 else 0  # noqa: PLR2004  digits
    try:
        told = visit.kb.assignments.assign(
            visit.actor,
            form.text("whom"),
            path_id=found if kind == "path" else 0,
            course_id=found if kind == "course" else 0,
            due_on=form.day("due_on"),
            note=form.text("note"),
        )
    except KnowledgeBaseError as error:
        return _assignments(visit, form, error)
    return visit.redirect(f"/training/assignments?told={told}")


@router.post("/training/assignments/{assignment_id}/end")
def end(visit: Visiting, assignment_id: Id) -> Response:
    """Take an assignment back."""
    visit.kb.assignments.end(visit.actor, assignment_id)
    return visit.redirect("/training/assignments")


def _path_form(
    visit: Visit,
    path: PathView | None,
    details: PathDetails,
    form: Fields | None = None,
    error: KnowledgeBaseError | None = None,
) -> Response:
    kb = visit.kb
    chosen = dict(details.courses)
    order = {number: place for place, number in enumerate(chosen, 1)}
    every = [*kb.courses.list(visit.actor), *kb.courses.list(visit.actor, state="draft")]
    typed = form or Fields()
    page = PathFormPage(
        path=path,
        details=details,
        audience=typed.text("audience") or (path.audience if path else "everyone"),
        courses=tuple(
            sorted(
                (ChosenCourse(one, order.get(one.id, 0), chosen.get(one.id, 0)) for one in every),
                key=lambda one: (one.place or len(every) + 1, one.course.title),
            )
        ),
        others=tuple(
            one for one in kb.learning_paths.list(visit.actor) if path is None or one.id != path.id
        ),
        roles=tuple(kb.skills.roles(visit.actor)),
        wrong=visit.language.sentence(error) if error else "",
    )
    return visit.page("training/path_form.html", page, status=status_of(error) if error else 200)


def _assignments(
    visit: Visit, form: Fields, error: KnowledgeBaseError | None = None, told: str = ""
) -> Response:
    kb = visit.kb
    page = AssignmentsPage(
        assignments=tuple(kb.assignments.all(visit.actor)),
        paths=tuple(kb.learning_paths.list(visit.actor)),
        courses=tuple(kb.courses.list(visit.actor)),
        groups=tuple(kb.training_reports.groups(visit.actor)),
        chosen=form.text("what"),
        whom=form.text("whom"),
        due_on=form.text("due_on"),
        note=form.text("note"),
        told=int(told) if told.isdecimal() and len(told) < 6 else 0,  # noqa: PLR2004  digits
        wrong=visit.language.sentence(error) if error else "",
    )
    status = status_of(error) if error else 200
    return visit.page("training/assignments.html", page, status=status)


def _details(form: Fields) -> PathDetails:
    return PathDetails(
        title=form.text("title"),
        language=form.text("language"),
        role=form.text("role"),
        summary=form.text("summary"),
        courses=_courses(form),
        needs=tuple(int(one) for one in form.many("needs") if one.isdecimal()),
        due_days=form.whole("due_days"),
        owner=form.text("owner"),
        audience=Audience.parse(form.text("audience") or "everyone"),
    )


def _courses(form: Fields) -> tuple[tuple[int, int], ...]:
    """The courses of the form in the order of the numbers typed beside them; one without a number is not on it."""
    placed = []
    for name, value in form.pairs:
        number = name.removeprefix("place-")
        if name.startswith("place-") and number.isdecimal() and value.strip():
            place = form.whole(name)
            if place:
                placed.append((place, int(number), form.whole(f"days-{number}")))
    return tuple((number, days) for _, number, days in sorted(placed))


def _typed(form: Fields) -> PathDetails:
    """What was typed, as far as it can be shown again whatever it is."""
    try:
        courses = _courses(form)
    except KnowledgeBaseError:
        courses = ()
    return PathDetails(
        form.text("title"),
        form.text("language"),
        form.text("role"),
        form.text("summary"),
        courses=courses,
        owner=form.text("owner"),
    )
