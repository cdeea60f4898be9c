"""Reports for the PMO (who is where, what is failed most), and growing into a role."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from kb.access import Action
from kb.course_shapes import CourseView
from kb.errors import KnowledgeBaseError
from kb.skills import SkillLine
from kb.training_lines import Line
from kb.training_reports import FailedQuestion
from web.errors import status_of
from web.pages.training import name_of, state_of, table
from web.pages.training_forms import Fields, Sent, skills_of, skills_text
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Context of ``training/reports.html``.

    Attributes:
        lines: each with where the person is, in words.
        course_id, group: what it is narrowed to; 0 and empty for everything.
        finished, overdue: how many of the lines.
        gaps: only find-it questions that people failed are shown.
    """

    lines: tuple[tuple[Line, str], ...]
    failed: tuple[FailedQuestion, ...]
    courses: tuple[CourseView, ...]
    groups: tuple[str, ...]
    course_id: int
    group: str
    finished: int
    overdue: int
    gaps: bool
    table_url: str


@dataclass(frozen=True, slots=True)
class GrowthPage:
    """Context of ``training/growth.html``; ``text`` is what stands in the form of what the role wants."""

    role: str
    roles: tuple[str, ...]
    user: str
    name: str
    lines: tuple[SkillLine, ...]
    met: int
    text: str
    may_author: bool
    wrong: str


@router.get("/training/reports")
def reports(visit: Visiting, course: str = "", group: str = "", gaps: str = "") -> Response:
    """Who is where, and which questions fail most; narrowed to a course or a group."""
    kb, number = visit.kb, _number(course)
    lines = kb.training_reports.lines(visit.actor, course_id=number, group=group)
    told = {"course": number or "", "group": group}
    page = ReportPage(
        lines=tuple((one, visit.language.gettext(state_of(one))) for one in lines),
        failed=tuple(
            kb.training_reports.failed(visit.actor, course_id=number, only_searches=bool(gaps))
        ),
        courses=tuple(kb.courses.list(visit.actor)),
        groups=tuple(kb.training_reports.groups(visit.actor)),
        course_id=number,
        group=group,
        finished=sum(one.done_at is not None for one in lines),
        overdue=sum(one.overdue for one in lines),
        gaps=bool(gaps),
        table_url=urlencode([(name, value) for name, value in told.items() if value]),
    )
    return visit.page("training/reports.html", page)


@router.get("/training/reports.{form}")
def report_table(visit: Visiting, form: str, course: str = "", group: str = "") -> Response:
    """The report as a table: ``csv`` or ``xlsx``."""
    lines = visit.kb.training_reports.lines(visit.actor, course_id=_number(course), group=group)
    return table(visit, form, "training", lines)


@router.post("/training/questions/{question_id}/settle")
def settle(visit: Visiting, question_id: Id) -> Response:
    """Say that what a find-it question asks for can be found now."""
    visit.kb.training_reports.settle_search(visit.actor, question_id)
    return visit.redirect("/training/reports?gaps=1#questions")


@router.get("/training/growth")
def growth(visit: Visiting, role: str = "", user: str = "") -> Response:
    """What a role wants, what one has shown, and the courses between the two."""
    return _growth(visit, role, user)


@router.post("/training/growth")
def want(visit: Visiting, form: Sent) -> Response:
    """Set the skills that a role wants."""
    visit.actor.must(Action.AUTHOR_COURSES)
    role = form.text("role")
    try:
        visit.kb.skills.want(visit.actor, role, skills_of(form.text("skills")))
    except KnowledgeBaseError as error:
        return _growth(visit, role, "", form, error)
    return visit.redirect(f"/training/growth?{urlencode({'role': role})}")


def _growth(
    visit: Visit,
    role: str,
    user: str,
    form: Fields | None = None,
    error: KnowledgeBaseError | None = None,
) -> Response:
    kb = visit.kb
    roles = tuple(kb.skills.roles(visit.actor))
    role = " ".join(role.split())[:100] or roles[0]
    lines = tuple(kb.skills.growth(visit.actor, role, user))
    page = GrowthPage(
        role=role,
        roles=roles if role in roles else (*roles, role),
        user=user if user != visit.actor.id else "",
        name=name_of(visit, user or visit.actor.id),
        lines=lines,
        met=sum(one.met for one in lines),
        text=form.text("skills") if form else skills_text(tuple(kb.skills.wanted(role))),
        may_author=Action.AUTHOR_COURSES in visit.actor.actions,
        wrong=visit.language.sentence(error) if error else "",
    )
    return visit.page("training/growth.html", page, status=status_of(error) if error else 200)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004  digits
