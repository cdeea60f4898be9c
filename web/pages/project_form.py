"""The form of a project: a new one, or one that is changed; what is wrong stands at its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from starlette.responses import Response

from ingest.register_numbers import read_amount
from kb.access import Action
from kb.errors import N_, Conflict
from kb.project_listing import ProjectFilter
from kb.project_rules import STATUSES, Member, ProjectText, read_member
from kb.projects import ProjectRefused
from web.form_fields import FormField
from web.project_labels import INDUSTRIES, TYPES, field_label
from web.project_labels import STATUSES as STATUS_LABELS
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

_NOT_A_DAY: Final = N_("This is no date; write it as 2024-03-05.")
_NOT_A_NUMBER: Final = N_("This is no number.")
_CHANGED: Final = N_(
    "Somebody else saved this project meanwhile. What you wrote stands here, what they saved on the project’s page."
)
# More than this in one field is no form filled in by hand.
_MOST_CHARS: Final = 40_000
_LONG: Final = ("summary_zh", "summary_en", "members", "tags", "aliases")


@dataclass(frozen=True, slots=True)
class ProjectForm:
    """The fields of the form as they were sent; lists with one entry a line."""

    code: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    name_zh: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    name_en: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    customer: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    industry: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    type: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    manager: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    status: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    started: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    planned_end: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    ended: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    currency: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    budget: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    final_cost: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    effort_days: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    team_size: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    summary_zh: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    summary_en: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    members: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    tags: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    aliases: Annotated[str, Form(max_length=_MOST_CHARS)] = ""
    audience: Annotated[str, Form(max_length=_MOST_CHARS)] = "everyone"
    revision: Annotated[int | None, Form()] = None


Sent = Annotated[ProjectForm, Depends()]
FIELDS: Final = tuple(name for name in ProjectForm.__dataclass_fields__ if name != "revision")
_LABELS: Final = {"audience": N_("Who may know of it")}


@dataclass(frozen=True, slots=True)
class ProjectFormPage:
    """Context of ``projects/form.html``; ``id`` is 0 for a new project."""

    id: int
    title: str
    fields: Mapping[str, FormField]
    revision: int | None
    problem: str
    statuses: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...]
    industries: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]


@router.get("/projects/new")
def new(visit: Visiting, code: str = "", name: str = "") -> Response:
    """The form for a new project."""
    visit.actor.must(Action.CURATE)
    name_zh, name_en = ("", name) if name.isascii() else (name, "")
    return _form(visit, 0, ProjectForm(code=code[:100], name_zh=name_zh, name_en=name_en))


@router.post("/projects")
def add(visit: Visiting, form: Sent) -> Response:
    """Add a project."""
    return _save(visit, form, None)


@router.get("/projects/{project_id:int}/edit")
def edit(visit: Visiting, project_id: Id) -> Response:
    """The form of a project."""
    text, revision = visit.kb.projects.text(visit.actor, project_id)
    return _form(visit, project_id, replace(form_of(text), revision=revision))


@router.post("/projects/{project_id:int}")
def save(visit: Visiting, project_id: Id, form: Sent) -> Response:
    """Change a project."""
    return _save(visit, form, project_id)


def form_of(text: ProjectText) -> ProjectForm:
    """A project as its form shows it."""
    values: dict[str, str] = {}
    for name in FIELDS:
        value = getattr(text, name)
        if name == "members":
            values[name] = "\n".join(_member_line(one) for one in value)
        elif isinstance(value, tuple):
            values[name] = "\n".join(value)
        elif isinstance(value, Decimal):
            values[name] = format(value.normalize(), "f")
        else:
            values[name] = "" if value is None else str(value)
    return ProjectForm(**values)  # type: ignore[arg-type]


def text_of(form: ProjectForm) -> tuple[ProjectText, dict[str, str]]:
    """What a form says, and for each field that cannot be read why, as a message id."""
    wrong: dict[str, str] = {}
    values: dict[str, object] = {}
    for name in FIELDS:
        text = getattr(form, name).strip()
        if name in {"started", "planned_end", "ended"}:
            values[name] = _day(name, text, wrong)
        elif name in {"budget", "final_cost", "effort_days", "team_size"}:
            values[name] = _number(name, text, wrong)
        elif name == "members":
            values[name] = tuple(read_member(line) for line in _lines(text))
        elif name in {"tags", "aliases"}:
            values[name] = _lines(text)
        else:
            values[name] = text
    return ProjectText(**values), wrong  # type: ignore[arg-type]


def _save(visit: Visit, form: ProjectForm, project_id: int | None) -> Response:
    visit.actor.must(Action.CURATE)
    text, wrong = text_of(form)
    if not wrong:
        try:
            saved = visit.kb.projects.save(
                visit.actor, text, project_id=project_id, revision=form.revision
            )
            return visit.redirect(f"/projects/{saved}")
        except ProjectRefused as error:
            wrong = error.wrong
        except Conflict:
            _, revision = visit.kb.projects.text(visit.actor, project_id or 0)
            kept = replace(form, revision=revision)
            return _form(visit, project_id or 0, kept, problem=_CHANGED, status=409)
    return _form(visit, project_id or 0, form, wrong=wrong, status=422)


def _form(
    visit: Visit,
    project_id: int,
    form: ProjectForm,
    *,
    wrong: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    language = visit.language
    found = visit.kb.projects.listed(visit.actor, ProjectFilter(), per_page=1)
    context = ProjectFormPage(
        id=project_id,
        title=form.name_zh or form.name_en or form.code,
        fields={
            name: FormField(
                name,
                language.gettext(_LABELS[name]) if name in _LABELS else field_label(language, name),
                getattr(form, name),
                language.gettext((wrong or {}).get(name, "")),
                name in _LONG,
            )
            for name in FIELDS
        },
        revision=form.revision,
        problem=language.gettext(problem),
        statuses=tuple((one, language.gettext(STATUS_LABELS[one])) for one in STATUSES),
        types=tuple((one, language.gettext(label)) for one, label in TYPES.items()),
        industries=tuple((one, language.gettext(label)) for one, label in INDUSTRIES.items()),
        people=tuple(
            (person.handle, f"{person.name_zh} {person.name_en}".strip())
            for person in found.people.values()
        ),
    )
    return visit.page("projects/form.html", context, block="content", status=status)


def _member_line(one: Member) -> str:
    return f"{one.person}: {one.role}" if one.role else one.person


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for part in text.splitlines() if (line := part.strip()))


def _day(name: str, text: str, wrong: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong[name] = _NOT_A_DAY
        return None


def _number(name: str, text: str, wrong: dict[str, str]) -> Decimal | int | None:
    if not text:
        return None
    amount = read_amount(text)
    whole = name == "team_size"
    if amount is None or (whole and amount.number != int(amount.number)):
        wrong[name] = _NOT_A_NUMBER
        return None
    return int(amount.number) if whole else amount.number
