"""Filling in a template: its fields as a form, prefilled from the project; the finished file as the answer.

The whole form travels with each request, so rows are added and projects chosen without JavaScript, and for visitors who
have not signed in. For those who have, what they typed is kept while they type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ingest.doctemplates import fill, media_type
from kb.doctemplate_answers import MAX_ROWS, Answers, Place, Problem, checked, prefilled
from kb.doctemplate_fields import Field, groups
from kb.doctemplate_forms import Form, Offered
from kb.doctemplate_rules import file_name
from kb.doctemplate_views import TemplateView
from kb.errors import NotFound
from web.language import Language
from web.pages.doctemplates import attachment
from web.visit import MAX_ID, Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# One form: the longest answers there may be (kb.doctemplate_answers.MAX_TOTAL_CHARS) in UTF-8, percent-encoded.
_MOST_BYTES: Final = 12_000_000
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Box:
    """One field to fill in: its name in the form, what it asks, what was answered, and what is wrong with that."""

    name: str
    label: str
    field: Field
    value: str
    problem: str


@dataclass(frozen=True, slots=True)
class ListBox:
    """A list of rows; ``index`` names it in the form."""

    index: int
    name: str
    rows: tuple[tuple[Box, ...], ...]
    problem: str


@dataclass(frozen=True, slots=True)
class FillPage:
    """Context of ``doctemplates/fill.html``.

    Attributes:
        form_id: the form that is kept, or 0.
        wrong: how many answers cannot be used.
        note: one sentence about what just happened, or empty.
    """

    template: TemplateView
    boxes: tuple[Box, ...]
    lists: tuple[ListBox, ...]
    offered: Offered
    project: str
    form_id: int
    may_keep: bool
    wrong: int
    note: str
    mark_open: bool
    guidance: bool


@dataclass(frozen=True, slots=True)
class FormsPage:
    """Context of ``doctemplates/forms.html``."""

    forms: tuple[Form, ...]


async def sent_form(request: Request) -> Mapping[str, str]:
    """The text fields of a form of any size that is still a form."""
    if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
        raise HTTPException(413)
    form = await request.form(max_files=0, max_fields=100_000, max_part_size=_MOST_BYTES)
    return {name: value for name, value in form.multi_items() if isinstance(value, str)}


Sent = Annotated[Mapping[str, str], Depends(sent_form)]


@router.get("/doctemplates/mine")
def forms(visit: Visiting) -> Response:
    """The forms one has begun."""
    return visit.page(
        "doctemplates/forms.html", FormsPage(visit.kb.doctemplate_forms.mine(visit.actor))
    )


@router.post("/doctemplates/mine/{form_id}/delete")
def drop(visit: Visiting, form_id: Id) -> Response:
    """Throw a form away."""
    visit.kb.doctemplate_forms.drop(visit.actor, form_id)
    return visit.redirect("/doctemplates/mine")


@router.get("/doctemplates/{template_id}/fill")
def start(visit: Visiting, template_id: Id, project: str = "", form: int = 0) -> Response:
    """The form: empty, prefilled from a project, or as it was kept."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    answers, number = Answers(), 0
    if 0 < form <= MAX_ID:
        begun = visit.kb.doctemplate_forms.get(visit.actor, form)
        if begun.template_id != template_id:
            raise NotFound(what="form", id=form)
        answers, project, number = begun.answers, begun.project, begun.id
    answers = _prefilled(visit, found, answers, project)
    return _page(visit, found, answers, project=project, form_id=number)


@router.post("/doctemplates/{template_id}/fill")
def act(visit: Visiting, template_id: Id, sent: Sent) -> Response:
    """Do what the pressed button says: another row, the project's data, keep, or the finished file."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    answers = _read(visit, found, sent)
    project, do = sent.get("project", ""), sent.get("do", "fill")
    number = _whole(sent.get("form", ""))
    if do == "fill":
        return _finished(visit, found, answers, sent)
    note = ""
    if do == "keep":
        number = _keep(visit, found, answers, sent)
        note = visit.language.gettext("Kept.")
    elif do == "project":
        answers = _prefilled(visit, found, answers, project)
    else:
        answers = _with_rows(found.fields, answers, do)
    return _page(visit, found, answers, project=project, form_id=number, note=note, sent=sent)


@router.post("/doctemplates/{template_id}/keep")
def keep(visit: Visiting, template_id: Id, sent: Sent) -> Response:
    """Keep what was typed so far; asked for by the page while somebody types."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    answers = _read(visit, found, sent)
    number = _keep(visit, found, answers, sent)
    return _page(
        visit, found, answers, project=sent.get("project", ""), form_id=number, block="kept"
    )


def _finished(
    visit: Visit, found: TemplateView, given: Answers, sent: Mapping[str, str]
) -> Response:
    answers, problems = checked(found.fields, given)
    project = sent.get("project", "")
    if problems:
        number = _whole(sent.get("form", ""))
        return _page(
            visit, found, answers, project=project, form_id=number, problems=problems, sent=sent
        )
    if visit.actor.id:
        _keep(visit, found, answers, sent)
    content, name = visit.kb.doctemplates.content(visit.actor, found.id)
    made = fill(
        content,
        name,
        found.fields,
        answers,
        found.details.language,
        mark_open="mark_open" in sent,
        guidance="guidance" in sent,
    )
    visit.kb.doctemplates.count(visit.actor, found.id, "fill", project)
    called = file_name(found.details.title, project, date.today(), found.format)  # noqa: DTZ011  the visitor's day
    return attachment(made, called, media_type(found.format))


def _keep(visit: Visit, found: TemplateView, answers: Answers, sent: Mapping[str, str]) -> int:
    number = _whole(sent.get("form", "")) or None
    return visit.kb.doctemplate_forms.keep(
        visit.actor, found.id, answers, sent.get("project", ""), number
    )


def _prefilled(visit: Visit, found: TemplateView, answers: Answers, project: str) -> Answers:
    today = date.today()  # noqa: DTZ011  the day on the wall of whoever fills in
    known = visit.kb.doctemplate_forms.known(visit.actor, project, found.details.language, today)
    return prefilled(found.fields, answers, known)


def _read(visit: Visit, found: TemplateView, sent: Mapping[str, str]) -> Answers:
    """The answers of a form that was made for this version of the template, or an earlier one."""
    fields = found.fields
    version = _whole(sent.get("version", ""))
    if version and version != found.version:
        fields = visit.kb.doctemplates.fields(visit.actor, found.id, version)
    values = {each.name: sent.get(f"f{at}", "") for at, each in enumerate(fields) if not each.group}
    rows = {}
    for index, (group, _members) in enumerate(groups(fields)):
        if not group:
            continue
        count = min(_whole(sent.get(f"n{index}", "")), MAX_ROWS)
        rows[group] = [
            {
                each.name: sent.get(f"r{index}.{row}.{at}", "")
                for at, each in enumerate(fields)
                if each.group == group and each.type != "rownumber"
            }
            for row in range(count)
        ]
    return Answers(values, rows)


def _with_rows(fields: tuple[Field, ...], answers: Answers, do: str) -> Answers:
    """The answers with a row more (``add:2``) or less (``remove:2:0``); the numbers are list and row."""
    what, *numbers = do.split(":")
    names = [group for group, _ in groups(fields)]
    at = _whole(numbers[0]) if numbers else 0
    if at >= len(names) or not names[at] or what not in {"add", "remove"}:
        return answers
    rows = {group: list(each) for group, each in answers.rows.items()}
    mine = rows.setdefault(names[at], [])
    if what == "add" and len(mine) < MAX_ROWS:
        mine.append({})
    elif what == "remove" and len(numbers) > 1 and _whole(numbers[1]) < len(mine):
        del mine[_whole(numbers[1])]
    return Answers(answers.values, rows)


def _page(
    visit: Visit,
    found: TemplateView,
    answers: Answers,
    *,
    project: str,
    form_id: int = 0,
    problems: Mapping[Place, Problem] | None = None,
    note: str = "",
    sent: Mapping[str, str] | None = None,
    block: str = "form",
) -> Response:
    wrong = problems or {}
    showing = _Showing(visit.language, found, wrong)
    page = FillPage(
        template=found,
        boxes=showing.boxes(answers.values, ("", 0), "f{at}"),
        lists=tuple(
            showing.list(group, index, answers)
            for index, (group, _) in enumerate(groups(found.fields))
            if group
        ),
        offered=visit.kb.doctemplate_forms.offered(visit.actor, found.details.language),
        project=project,
        form_id=form_id,
        may_keep=bool(visit.actor.id),
        wrong=len(wrong),
        note=note or showing.told(("", 0, "")),
        mark_open=sent is None or "mark_open" in sent,
        guidance=sent is not None and "guidance" in sent,
    )
    return visit.page("doctemplates/fill.html", page, block=block, status=422 if wrong else 200)


@dataclass(frozen=True, slots=True)
class _Showing:
    """What the boxes of one form have in common."""

    language: Language
    found: TemplateView
    wrong: Mapping[Place, Problem]

    def list(self, group: str, index: int, answers: Answers) -> ListBox:
        """The box of a list."""
        # An empty list shows one row to begin with; rows without an answer are left out in the end.
        rows = answers.rows.get(group) or [{}]
        return ListBox(
            index=index,
            name=group,
            rows=tuple(
                self.boxes(row, (group, number), f"r{index}.{number}.{{at}}")
                for number, row in enumerate(rows)
            ),
            problem=self.told((group, 0, "")),
        )

    def boxes(
        self, values: Mapping[str, str], place: tuple[str, int], naming: str
    ) -> tuple[Box, ...]:
        """The boxes of one row, or of the fields that are in no list."""
        return tuple(
            Box(
                name=naming.format(at=at),
                label=each.label(self.found.details.language),
                field=each,
                value=values.get(each.name, ""),
                problem=self.told((*place, each.name)),
            )
            for at, each in enumerate(self.found.fields)
            if each.group == place[0] and each.type != "rownumber"
        )

    def told(self, place: Place) -> str:
        """What is wrong there, or nothing."""
        problem = self.wrong.get(place)
        return self.language.told(problem.why, problem.data) if problem else ""


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0
