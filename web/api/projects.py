"""``GET /api/v1/projects`` and ``GET /api/v1/projects/{id}``."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.project_listing import AMOUNTS, FACTS, ProjectFilter, ProjectLine, Sort
from kb.project_rules import ProjectText
from kb.projects import MAX_PER_PAGE
from web.visit import Id, Visiting

router = APIRouter(tags=["projects"])


class MemberBody(BaseModel):
    """Somebody with a role; the manager has the role ``manager``."""

    person: str = Field(description="Handle, or a name where the register of people has none.")
    role: str


class ProjectBody(BaseModel):
    """A project; money is in whole units of ``currency``."""

    id: int
    code: str
    name_zh: str
    name_en: str
    customer: str
    industry: str
    type: str
    manager: str
    status: str
    started: date | None
    planned_end: date | None
    ended: date | None
    currency: str
    budget: float | None
    final_cost: float | None
    effort_days: float | None = Field(description="Person-days.")
    team_size: int | None
    tags: list[str]
    registered: bool = Field(description="False where only documents named it.")
    documents: int = Field(description="Number of documents one may read.")
    url: str


class WholeProjectBody(ProjectBody):
    """A project with its people, other names and summaries."""

    summary_zh: str
    summary_en: str
    members: list[MemberBody]
    aliases: list[str]
    document_ids: list[int]
    lesson_ids: list[int]


class ProjectsBody(BaseModel):
    """One page of projects."""

    total: int = Field(description="Number of projects over all pages.")
    page: int
    per_page: int
    projects: list[ProjectBody]


@router.get("/projects")
def projects(
    visit: Visiting,
    *,
    q: Annotated[str, Query(max_length=200)] = "",
    industry: str = "",
    status: str = "",
    year: Annotated[str, Query(description="Of the start.")] = "",
    manager: str = "",
    tag: str = "",
    sort: Sort = "started",
    descending: bool = True,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = 50,
) -> ProjectsBody:
    """The projects one may know of."""
    asked = ProjectFilter(
        query=q,
        industry=industry,
        status=status,
        year=year,
        manager=manager,
        tag=tag,
        sort=sort,
        descending=descending,
    )
    found = visit.kb.projects.listed(visit.actor, asked, page=page, per_page=per_page)
    return ProjectsBody(
        total=found.total,
        page=page,
        per_page=per_page,
        projects=[ProjectBody(**_line(line)) for line in found.lines],
    )


@router.get("/projects/{project_id}")
def project(visit: Visiting, project_id: Id) -> WholeProjectBody:
    """One project; of one that was merged, the one it went into."""
    view = visit.kb.projects.get(visit.actor, project_id)
    text: ProjectText = view.text
    return WholeProjectBody(
        id=view.id,
        **{name: getattr(text, name) for name in FACTS if name not in {"id", "registered"}},
        manager=text.manager,
        summary_zh=text.summary_zh,
        summary_en=text.summary_en,
        budget=_number(text.budget),
        final_cost=_number(text.final_cost),
        effort_days=_number(text.effort_days),
        tags=list(text.tags),
        members=[MemberBody(person=one.person, role=one.role) for one in text.members],
        aliases=list(text.aliases),
        registered=view.registered,
        documents=len(view.documents),
        document_ids=[one.id for one in view.documents],
        lesson_ids=[one.id for one in view.lessons],
        url=f"/projects/{view.id}",
    )


def _line(line: ProjectLine) -> dict[str, object]:
    return {
        **{name: getattr(line, name) for name in FACTS},
        **{name: _number(getattr(line, name)) for name in AMOUNTS},
        "manager": line.manager.handle,
        "tags": list(line.tags),
        "documents": line.documents,
        "url": f"/projects/{line.id}",
    }


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
