"""Training as a learner meets it: what to go on with, paths, the transcript, growing into a role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from kb.access import Action
from kb.certificates import CertificateView
from kb.course_shapes import CourseView
from kb.errors import N_, NotFound
from kb.training_assigning import AssignmentView
from kb.training_lines import Line
from kb.training_path_views import PathView
from kb.training_rules import LANGUAGES
from web.csv_tables import table_lines
from web.templating import label
from web.visit import Id, Visit, Visiting
from web.xlsx_tables import MEDIA_TYPE, workbook

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class HomePage:
    """Context of ``training/home.html``; ``language`` is that of the paths shown."""

    signed_in: bool
    continued: tuple[CourseView, ...]
    assigned: tuple[AssignmentView, ...]
    paths: tuple[PathView, ...]
    finished: tuple[CourseView, ...]
    language: str
    courses: int
    may_author: bool
    may_report: bool


@dataclass(frozen=True, slots=True)
class PathPage:
    """Context of ``training/path.html``; ``owner`` is a name."""

    path: PathView
    owner: str
    signed_in: bool


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """Context of ``training/transcript.html``; ``user`` is empty for one's own."""

    name: str
    user: str
    lines: tuple[Line, ...]
    certificates: tuple[CertificateView, ...]


@router.get("/training")
def home(visit: Visiting, language: str = "") -> Response:
    """Where one was, what is due, which paths there are."""
    kb, actor = visit.kb, visit.actor
    language = language if language in LANGUAGES else visit.language.code
    paths = kb.learning_paths.list(actor, language=language)
    page = HomePage(
        signed_in=bool(actor.id),
        continued=tuple(kb.training.begun(actor)),
        assigned=tuple(kb.assignments.mine(actor)),
        paths=tuple(sorted(paths, key=lambda one: (not one.assigned, bool(one.certificate)))),
        finished=tuple(kb.training.finished(actor)),
        language=language,
        courses=len(kb.courses.list(actor)),
        may_author=Action.AUTHOR_COURSES in actor.actions,
        may_report=Action.SEE_REPORTS in actor.actions,
    )
    return visit.page("training/home.html", page)


@router.get("/training/paths/{path_id}")
def path(visit: Visiting, path_id: Id) -> Response:
    """One path: its courses in order, what is done and what comes next."""
    found = visit.kb.learning_paths.get(visit.actor, path_id)
    page = PathPage(found, name_of(visit, found.owner), bool(visit.actor.id))
    return visit.page("training/path.html", page)


@router.get("/training/transcript")
def transcript(visit: Visiting, user: str = "") -> Response:
    """What one has begun and finished; somebody else's for those who see reports."""
    who = user or visit.actor.id
    lines = visit.kb.training_reports.transcript(visit.actor, who)
    page = TranscriptPage(
        name=lines[0].name if lines else name_of(visit, who),
        user=user if user != visit.actor.id else "",
        lines=tuple(lines),
        certificates=tuple(visit.kb.certificates.of_user(visit.actor, who)),
    )
    return visit.page("training/transcript.html", page)


@router.get("/training/transcript.{form}")
def transcript_table(visit: Visiting, form: str, user: str = "") -> Response:
    """The transcript as a table: ``csv`` or ``xlsx``."""
    lines = visit.kb.training_reports.transcript(visit.actor, user or visit.actor.id)
    return table(visit, form, "transcript", lines)


def table(visit: Visit, form: str, name: str, lines: Sequence[Line]) -> Response:
    """Who is where, as a file for spreadsheet programs.

    Raises:
        NotFound: the form is neither ``csv`` nor ``xlsx``.
    """
    say = visit.language.gettext
    header = [say(text) for text in _COLUMNS]
    rows = list(_rows(visit, lines))
    if form == "xlsx":
        content, media = workbook(say(N_("Training")), header, rows), MEDIA_TYPE
    elif form == "csv":
        content, media = "".join(table_lines(header, rows)).encode(), "text/csv; charset=utf-8"
    else:
        raise NotFound(what=N_("page"), id=form)
    return Response(
        content,
        media_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{form}"',
            "Cache-Control": "private, no-store",
        },
    )


def name_of(visit: Visit, user: str) -> str:
    """How a user or a person of the register is called; the sign-in name or handle where nothing is known."""
    names = visit.kb.lessons.people(visit.actor, [user]).get(user)
    if names is not None:
        first, second = (
            (names.zh, names.en) if visit.language.code == "zh" else (names.en, names.zh)
        )
        return first or second or user
    return visit.actor.name if user == visit.actor.id and visit.actor.name else user


_COLUMNS: Final = (
    N_("Learner"),
    N_("Course"),
    N_("Language"),
    N_("State"),
    N_("Done, percent"),
    N_("Begun"),
    N_("Finished"),
    N_("Due"),
    N_("Result, percent"),
    N_("Attempts at checks"),
    N_("Estimated minutes"),
)


def _rows(visit: Visit, lines: Sequence[Line]) -> Iterator[tuple[object, ...]]:
    for one in lines:
        yield (
            one.name,
            one.title,
            label(visit.language, "language", one.language),
            visit.language.gettext(state_of(one)),
            one.percent,
            _day(one.started_at.date() if one.started_at else None),
            _day(one.done_at.date() if one.done_at else None),
            _day(one.due_on),
            None if one.score is None else round(one.score * 100, 1),
            one.attempts,
            one.minutes,
        )


def state_of(line: Line) -> str:
    """Where somebody is with a course, as a message id."""
    if line.done_at:
        return N_("Finished")
    if line.overdue:
        return N_("Overdue")
    return N_("In progress") if line.started_at else N_("Not begun")


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
