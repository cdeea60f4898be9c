"""``GET /api/v1/lessons``, ``GET /api/v1/lessons/{id}`` and ``POST /api/v1/lessons``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from kb.candidates_found import LessonKind
from kb.lesson_listing import MAX_PER_PAGE, LessonFilter
from kb.lesson_rules import LessonState, LessonText, Verdict
from kb.lesson_views import LessonView, Summary
from web.search_address import document_address, thing_address
from web.visit import Id, Visiting

router = APIRouter(tags=["lessons"])


class UsesBody(BaseModel):
    """How often a lesson was applied, by outcome."""

    helped: int
    adapted: int
    not_helped: int
    days_saved: float = Field(description="Working days.")


class SummaryBody(BaseModel):
    """A lesson in a list."""

    id: int
    url: str
    title: str
    kind: LessonKind
    state: LessonState
    verdict: str = Field(description="Empty before an expert has looked at it.")
    language: str
    category: str
    cause: str
    phase: str
    project: str = Field(description="Code of the project it was learned in, or empty.")
    owner: str
    impact_days: float | None = Field(description="Working days; minus was lost.")
    updated: datetime
    uses: UsesBody


class LessonsBody(BaseModel):
    """One page of lessons."""

    total: int
    page: int
    per_page: int
    lessons: list[SummaryBody]


class SourceBody(BaseModel):
    """Where a lesson was told."""

    url: str = Field(description="The section of the document; empty for what lies elsewhere.")
    title: str
    heading: str
    project: str


class ClosureBody(BaseModel):
    """What a lesson changed: a document or a standard template."""

    document: int | None = Field(description="Its id; null for a standard template.")
    doctemplate: int | None = Field(description="Its id; null for a document.")
    title: str
    version: int
    url: str
    heading: str


class LessonBody(BaseModel):
    """A lesson, complete; long texts are Markdown."""

    id: int
    url: str
    state: LessonState
    revision: int
    title: str
    kind: LessonKind
    language: str
    what_happened: str
    root_cause: str
    cause: str
    early_signs: str
    recommendation: str
    impact_days: float | None
    impact_money: float | None
    currency: str
    impact_quality: int | None
    phase: str
    category: str
    project_type: str
    project_size: str
    technology: str
    supplier: str
    on_risk_register: bool | None
    evidence: str
    project: str
    owner: str
    happened_on: date | None
    review_on: date | None
    tags: list[str]
    verdict: Verdict | None
    expert_note: str
    validated_by: str
    validated: datetime | None
    submitted: datetime
    gaps: list[str] = Field(description="Fields an expert has to fill in first.")
    projects: list[str] = Field(description="Codes of all projects that had it.")
    sources: list[SourceBody]
    uses: UsesBody
    closures: list[ClosureBody]
    superseded_by: int | None


class SubmitBody(BaseModel):
    """A lesson that is told; long texts are Markdown."""

    title: str = Field(min_length=1, max_length=300)
    kind: LessonKind = "lesson"
    language: Literal["zh", "en"]
    what_happened: str = Field(min_length=1)
    root_cause: str = ""
    cause: str = ""
    early_signs: str = ""
    recommendation: str = Field(min_length=1)
    impact_days: float | None = None
    impact_money: float | None = None
    currency: str = ""
    impact_quality: Literal[-2, -1, 0, 1, 2] | None = None
    phase: str = Field(min_length=1)
    category: str = ""
    project_type: str = ""
    project_size: str = ""
    technology: str = ""
    supplier: str = ""
    on_risk_register: bool | None = None
    evidence: str = ""
    project: str = Field(default="", description="Code of a project of the register.")
    owner: str = ""
    audience: str = "everyone"
    happened_on: date | None = None
    review_on: date | None = None
    tags: list[str] = []
    token: str = Field(
        default="",
        max_length=100,
        description="Sent twice with the same token, it stays one lesson.",
    )


@router.get("/lessons")
def lessons(
    visit: Visiting,
    *,
    state: Annotated[LessonState | None, Query()] = None,
    kind: Annotated[LessonKind | None, Query()] = None,
    category: str = "",
    phase: str = "",
    project: str = "",
    owner: str = "",
    tag: str = "",
    q: Annotated[str, Query(max_length=200, description="Words that stand in the lesson.")] = "",
    sort: Literal["updated", "used", "lost"] = "updated",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = 50,
) -> LessonsBody:
    """The lessons one may read, the latest first."""
    asked = LessonFilter(
        state=state or "",
        kind=kind or "",
        category=category,
        phase=phase,
        project=project,
        owner=owner,
        tag=tag,
        words=q,
        sort=sort,
    )
    found, total = visit.kb.lesson_lists.page(visit.actor, asked, page=page, per_page=per_page)
    return LessonsBody(
        total=total, page=page, per_page=per_page, lessons=[_summary(each) for each in found]
    )


@router.get("/lessons/{lesson_id}")
def lesson(visit: Visiting, lesson_id: Id) -> LessonBody:
    """One lesson."""
    return _body(visit.kb.lessons.get(visit.actor, lesson_id))


@router.post("/lessons", status_code=201)
def submit(visit: Visiting, told: SubmitBody, response: Response) -> LessonBody:
    """Tell a lesson; until an expert has looked at it, only its teller and curators see it."""
    values = told.model_dump()
    token = values.pop("token")
    values["tags"] = tuple(values["tags"])
    lesson_id = visit.kb.lessons.submit(visit.actor, LessonText(**values), token=token)
    response.headers["Location"] = f"/api/v1/lessons/{lesson_id}"
    return _body(visit.kb.lessons.get(visit.actor, lesson_id))


def _summary(found: Summary) -> SummaryBody:
    uses = found.uses
    return SummaryBody(
        id=found.id,
        url=f"/lessons/{found.id}",
        title=found.title,
        kind=cast("LessonKind", found.kind),
        state=found.state,
        verdict=found.verdict,
        language=found.language,
        category=found.category,
        cause=found.cause,
        phase=found.phase,
        project=found.project_code,
        owner=found.owner,
        impact_days=found.impact_days,
        updated=found.updated_at,
        uses=UsesBody(
            helped=uses.helped,
            adapted=uses.adapted,
            not_helped=uses.not_helped,
            days_saved=uses.days_saved,
        ),
    )


def _body(found: LessonView) -> LessonBody:
    text = found.text.as_json()
    text.pop("audience")
    counts = found.counts
    return LessonBody(
        **text,
        id=found.id,
        url=f"/lessons/{found.id}",
        state=found.state,
        revision=found.revision,
        verdict=found.verdict,
        expert_note=found.expert_note,
        validated_by=found.validated_by,
        validated=found.validated_at,
        submitted=found.submitted_at,
        gaps=list(found.gaps),
        projects=list(found.projects),
        sources=[
            SourceBody(
                url=document_address(each.document_id, anchor=each.anchor)
                if each.document_id
                else "",
                title=each.document_title or each.told,
                heading=each.heading,
                project=each.project_code,
            )
            for each in found.sources
        ],
        uses=UsesBody(
            helped=counts.helped,
            adapted=counts.adapted,
            not_helped=counts.not_helped,
            days_saved=counts.days_saved,
        ),
        closures=[
            ClosureBody(
                document=each.number if each.subject == "document" else None,
                doctemplate=each.number if each.subject == "doctemplate" else None,
                title=each.title,
                version=each.version,
                url=thing_address(each.subject, each.number, anchor=each.anchor),
                heading=each.heading,
            )
            for each in found.closures
        ],
        superseded_by=found.successor[0] if found.successor else None,
    )
