"""``GET /api/v1/candidates`` and ``POST /api/v1/candidates/{id}/decision``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.candidates import MAX_PER_PAGE, Candidate, CandidateFilter, CandidateState
from kb.candidates_found import LessonKind
from web.search_address import document_address
from web.visit import MAX_ID, Id, Visiting

router = APIRouter(tags=["candidates"])


class CandidateBody(BaseModel):
    """A lesson that was found in a document and waits for a decision, or has it."""

    id: int
    state: CandidateState
    title: str
    kind: LessonKind
    what_happened: str
    cause: str
    impact: str
    recommendation: str
    owner: str
    phase: str
    language: str
    document: int
    document_title: str
    project: str = Field(description="Code of the document's project, or empty.")
    heading: str
    source_url: str = Field(description="The section it stands in.")
    evidence: str = Field(description="Why it was taken.")
    version: int = Field(description="Version of the document it was seen in last.")
    found: datetime
    decided_by: str = Field(description="Empty while it waits.")
    decided: datetime | None


class CandidatesBody(BaseModel):
    """One page of candidates."""

    total: int = Field(description="Number of candidates over all pages.")
    page: int
    per_page: int
    counts: dict[CandidateState, int] = Field(description="How many there are in each state.")
    candidates: list[CandidateBody]


class DecisionBody(BaseModel):
    """What somebody decided."""

    decision: Literal["kept", "rejected", "waiting"] = Field(
        description="`waiting` takes a decision back."
    )


@router.get("/candidates")
def candidates(
    visit: Visiting,
    *,
    state: CandidateState = "waiting",
    document: Annotated[
        int | None, Query(ge=1, le=MAX_ID, description="Only those of this document.")
    ] = None,
    project: Annotated[str, Query(description="Only those of the project with this code.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = 50,
) -> CandidatesBody:
    """Candidate lessons of the documents one may read, those of the newest document first."""
    asked = CandidateFilter(state, document, project)
    found, total = visit.kb.candidates.queue(visit.actor, asked, page=page, per_page=per_page)
    return CandidatesBody(
        total=total,
        page=page,
        per_page=per_page,
        counts=visit.kb.candidates.counts(visit.actor, asked),
        candidates=[_body(candidate) for candidate in found],
    )


@router.get("/candidates/{candidate_id}")
def candidate(visit: Visiting, candidate_id: Id) -> CandidateBody:
    """One candidate."""
    return _body(visit.kb.candidates.get(visit.actor, candidate_id))


@router.post("/candidates/{candidate_id}/decision")
def decide(visit: Visiting, candidate_id: Id, decided: DecisionBody) -> CandidateBody:
    """Keep or reject a candidate, or put it back."""
    return _body(visit.kb.candidates.decide(visit.actor, candidate_id, decided.decision))


def _body(found: Candidate) -> CandidateBody:
    return CandidateBody(
        id=found.id,
        state=found.state,
        title=found.title,
        kind=found.kind,
        what_happened=found.what_happened,
        cause=found.cause,
        impact=found.impact,
        recommendation=found.recommendation,
        owner=found.owner,
        phase=found.phase,
        language=found.language,
        document=found.document_id,
        document_title=found.document_title,
        project=found.project_code,
        heading=found.heading,
        source_url=document_address(found.document_id, anchor=found.anchor),
        evidence=found.evidence,
        version=found.version,
        found=found.found_at,
        decided_by=found.decided_by,
        decided=found.decided_at,
    )
