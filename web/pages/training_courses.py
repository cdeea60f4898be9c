"""Courses and their units, to read and to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from kb.access import Action
from kb.checks_views import CheckStanding
from kb.course_shapes import CourseView, UnitView
from kb.errors import Conflict
from kb.markdown import render
from kb.models.training import COURSE_PUBLISHED
from kb.training_rules import LANGUAGES, STATES, NotYet
from web.document_links import with_titles, without_title
from web.pages.documents import send
from web.pages.training import name_of
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_MEDIA: Final = "application/octet-stream"
# What browsers play within a page, by the end of the file's name.
_PLAYED: Final = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".webm": "video/webm",
    ".ogv": "video/ogg",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
}


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """Context of ``training/catalogue.html``; the addresses go with languages and states."""

    courses: tuple[CourseView, ...]
    query: str
    language: str
    state: str
    languages: tuple[tuple[str, str], ...]
    states: tuple[tuple[str, str], ...]
    may_author: bool


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Context of ``training/course.html``; ``summary`` is safe HTML, ``owner`` and ``teachers`` are names.

    ``notice`` says why what was asked for is not possible now; empty where nothing was refused.
    """

    course: CourseView
    summary: str
    owner: str
    teachers: tuple[str, ...]
    signed_in: bool
    may_report: bool
    notice: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """Context of ``training/unit.html``.

    Attributes:
        body: safe HTML.
        check: where the learner stands with its check; None where it has none or nobody has signed in.
        position: of the unit, from 1.
        notice: why what was asked for is not possible now; empty where nothing was refused.
        player: ``video`` or ``audio`` where browsers play the file of the unit; empty otherwise.
    """

    course: CourseView
    unit: UnitView
    body: str
    before: UnitView | None
    after: UnitView | None
    check: CheckStanding | None
    position: int
    signed_in: bool
    notice: str
    player: str


@router.get("/courses")
def catalogue(visit: Visiting, q: str = "", language: str = "", state: str = "") -> Response:
    """All courses, narrowed by words and language; for authors also drafts and what was withdrawn."""
    may_author = Action.AUTHOR_COURSES in visit.actor.actions
    state = state if may_author and state in STATES else COURSE_PUBLISHED
    language = language if language in LANGUAGES else ""
    found = visit.kb.courses.list(visit.actor, words=q[:200], language=language, state=state)

    def address(**changed: str) -> str:
        pairs = {"q": q, "language": language, "state": state} | changed
        if pairs["state"] == COURSE_PUBLISHED:
            pairs["state"] = ""
        told = urlencode([pair for pair in pairs.items() if pair[1]])
        return f"/courses?{told}" if told else "/courses"

    page = CataloguePage(
        courses=_own_language_first(found, visit.language.code),
        query=q,
        language=language,
        state=state,
        languages=tuple((one, address(language=one)) for one in ("", *LANGUAGES)),
        states=tuple((one, address(state=one)) for one in STATES) if may_author else (),
        may_author=may_author,
    )
    return visit.page("training/catalogue.html", page)


@router.get("/courses/{course_id}")
def course(visit: Visiting, course_id: Id) -> Response:
    """The home of a course: what one learns, its units, where to go on."""
    return show_course(visit, course_id)


def show_course(visit: Visit, course_id: int, refused: Conflict | None = None) -> Response:
    """The home of a course, with a word about what was refused."""
    found = visit.kb.courses.get(visit.actor, course_id)
    page = CoursePage(
        course=found,
        summary=shown(visit, found.summary),
        owner=name_of(visit, found.owner),
        teachers=tuple(name_of(visit, handle) for handle in found.teachers),
        signed_in=bool(visit.actor.id),
        may_report=Action.SEE_REPORTS in visit.actor.actions,
        notice=visit.language.sentence(refused) if refused else "",
    )
    return visit.page("training/course.html", page, status=409 if refused else 200)


@router.get("/courses/{course_id}/units/{unit_id}")
def unit(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """A unit to learn from; one whose turn has not come leads to its course, which says what comes before."""
    return show_unit(visit, course_id, unit_id)


def show_unit(
    visit: Visit, course_id: int, unit_id: int, refused: Conflict | None = None
) -> Response:
    """A unit, with a word about what was refused."""
    try:
        reading = visit.kb.training.open(visit.actor, course_id, unit_id)
    except NotYet as error:
        return show_course(visit, course_id, error)
    found = reading.unit
    check = None
    if found.check is not None and visit.actor.id:
        check = visit.kb.checks.standing(visit.actor, course_id, unit_id)
    page = UnitPage(
        course=reading.course,
        unit=found,
        body=shown(visit, found.body, found.title),
        before=reading.before,
        after=reading.after,
        check=check,
        position=reading.course.units.index(found) + 1,
        player=_PLAYED.get(_ending(found.file_name), "").partition("/")[0],
        signed_in=bool(visit.actor.id),
        notice=visit.language.sentence(refused) if refused else "",
    )
    return visit.page("training/unit.html", page, status=409 if refused else 200)


@router.post("/courses/{course_id}/units/{unit_id}/done")
def done(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """Mark a unit as done and go on to the next one; after the last one, to the course."""
    try:
        found = visit.kb.training.finish(visit.actor, course_id, unit_id)
    except NotYet as error:
        return show_course(visit, course_id, error)
    later = found.next_unit
    if later is None or found.certificate:
        return visit.redirect(f"/courses/{course_id}")
    return visit.redirect(f"/courses/{course_id}/units/{later.id}")


@router.post("/courses/{course_id}/units/{unit_id}/reopen")
def reopen(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """Take back that a unit is done."""
    visit.kb.training.reopen(visit.actor, course_id, unit_id)
    return visit.redirect(f"/courses/{course_id}/units/{unit_id}")


@router.get("/courses/{course_id}/units/{unit_id}/file")
def file(visit: Visiting, course_id: Id, unit_id: Id) -> Response:
    """The file of a unit, to download; a player on the page reads it bit by bit from where it wants."""
    path, name = visit.kb.courses.file(visit.actor, course_id, unit_id)
    return send(path, name, _PLAYED.get(_ending(name), _MEDIA), inline=False)


def shown(visit: Visit, body: str, title: str = "") -> str:
    """Markdown of a course as safe HTML, with the titles of what it links to."""
    return with_titles(visit, without_title(render(body, ""), title))


def _ending(name: str) -> str:
    return PurePath(name).suffix.lower()


def _own_language_first(found: Sequence[CourseView], code: str) -> tuple[CourseView, ...]:
    return tuple(sorted(found, key=lambda one: one.language != code))
