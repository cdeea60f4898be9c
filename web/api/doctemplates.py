"""``GET /api/v1/doctemplates``, one of them, and ``POST /api/v1/doctemplates/{id}/fill``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ingest.doctemplates import fill as fill_file
from ingest.doctemplates import media_type
from kb.doctemplate_answers import Answers, checked, prefilled
from kb.doctemplate_rules import file_name
from kb.doctemplate_views import LibraryFilter, TemplateView
from kb.errors import InvalidInput
from web.pages.doctemplates import attachment
from web.visit import Id, Visiting

router = APIRouter(tags=["doctemplates"])


class FieldBody(BaseModel):
    """One field of a template's form."""

    name: str
    label: str
    type: str
    group: str = Field(description="The list in whose rows it stands, or empty.")
    choices: list[str]
    source: str = Field(description="What it is prefilled from, or empty.")
    hint: str
    required: bool


class DocTemplateBody(BaseModel):
    """A standard template."""

    id: int
    title: str
    kind: str
    phase: str
    language: str
    format: str
    state: str
    version: int
    purpose: str
    when_to_use: str
    owner: str
    tags: list[str]
    guide: int | None = Field(description="Id of the document that explains the method.")
    downloads: int
    fills: int
    updated: datetime
    url: str


class DocTemplateWhole(DocTemplateBody):
    """A standard template with its form and its text."""

    fields: list[FieldBody]
    body: str = Field(description="Markdown, with the labels of the fields in brackets.")


class LibraryBody(BaseModel):
    """The library."""

    total: int
    languages: dict[str, int]
    kinds: dict[str, int]
    doctemplates: list[DocTemplateBody]


class AnswersBody(BaseModel):
    """What a template is filled in with."""

    project: str = Field("", description="Code of the project that fields are prefilled from.")
    values: dict[str, str] = Field({}, description="Answers by the names of the fields.")
    rows: dict[str, list[dict[str, str]]] = Field({}, description="Rows by list, each by field.")
    mark_open: bool = Field(False, description="Show the names of open fields in brackets.")
    guidance: bool = Field(False, description="Keep the texts that say how to fill in.")


@router.get("/doctemplates")
def library(
    visit: Visiting,
    *,
    language: Annotated[Literal["", "zh", "en"], Query()] = "",
    kind: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=200, description="Words in title or purpose.")] = "",
) -> LibraryBody:
    """The standard templates one may use."""
    asked = LibraryFilter(language=language, kind=kind, words=q)
    found = visit.kb.doctemplates.library(visit.actor, asked)
    return LibraryBody(
        total=len(found.templates),
        languages=dict(found.languages),
        kinds=dict(found.kinds),
        doctemplates=[DocTemplateBody(**_facts(each)) for each in found.templates],
    )


@router.get("/doctemplates/{template_id}")
def template(visit: Visiting, template_id: Id) -> DocTemplateWhole:
    """One template with the fields of its form."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    language = found.details.language
    return DocTemplateWhole(
        **_facts(found),
        fields=[
            FieldBody(**{**each.as_json(), "label": each.label(language)}) for each in found.fields
        ],
        body=found.body,
    )


@router.post("/doctemplates/{template_id}/fill", response_class=Response)
def fill(visit: Visiting, template_id: Id, given: AnswersBody) -> Response:
    """The finished file. An answer that cannot be used is told by its field."""
    found = visit.kb.doctemplates.get(visit.actor, template_id)
    details = found.details
    today = date.today()  # noqa: DTZ011  the day where the server stands
    known = visit.kb.doctemplate_forms.known(visit.actor, given.project, details.language, today)
    sent = prefilled(found.fields, Answers(given.values, given.rows), known)
    answers, problems = checked(found.fields, sent)
    for place, problem in problems.items():
        raise InvalidInput(field=place[2] or place[0], reason=problem.why % problem.data)
    content, name = visit.kb.doctemplates.content(visit.actor, template_id)
    made = fill_file(
        content,
        name,
        found.fields,
        answers,
        details.language,
        mark_open=given.mark_open,
        guidance=given.guidance,
    )
    visit.kb.doctemplates.count(visit.actor, template_id, "fill", given.project)
    called = file_name(details.title, given.project, today, found.format)
    return attachment(made, called, media_type(found.format))


def _facts(found: TemplateView) -> dict[str, object]:
    details = found.details
    return {
        "id": found.id,
        "title": details.title,
        "kind": details.kind,
        "phase": details.phase,
        "language": details.language,
        "format": found.format,
        "state": found.state,
        "version": found.version,
        "purpose": details.purpose,
        "when_to_use": details.when_to_use,
        "owner": details.owner,
        "tags": list(details.tags),
        "guide": found.guide[0] if found.guide else None,
        "downloads": found.downloads,
        "fills": found.fills,
        "updated": found.updated_at,
        "url": f"/doctemplates/{found.id}",
    }
