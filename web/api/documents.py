"""``GET /api/v1/documents/{id}``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from web.visit import Id, Visiting

router = APIRouter(tags=["documents"])


class SectionBody(BaseModel):
    """A heading and the plain text under it."""

    heading: str = Field(description="Empty for the text before the first heading.")
    level: int
    anchor: str = Field(description="Id of the heading on the page; stable across versions.")
    text: str


class ProjectBody(BaseModel):
    """The project a document belongs to."""

    code: str
    name_zh: str
    name_en: str


class DocumentBody(BaseModel):
    """A document in its present version."""

    id: int
    url: str
    title: str
    kind: str
    language: str
    body: str = Field(description="Markdown.")
    sections: list[SectionBody]
    project: ProjectBody | None
    people: list[str]
    tags: list[str]
    dated: date | None
    state: str = Field(description="`published`, or `review` until it is.")
    version: int
    format: str
    original_name: str = Field(description="Empty for a document that was written here.")
    original_url: str
    metadata: dict[str, Any] = Field(description="What the file says of itself, by its own labels.")
    ledger: dict[str, Any] = Field(description="What of the original was carried.")
    notes: list[Any]
    created: datetime
    updated: datetime


@router.get("/documents/{document_id}")
def document(visit: Visiting, document_id: Id) -> DocumentBody:
    """A document with its Markdown body and its sections."""
    found = visit.kb.documents.get(visit.actor, document_id)
    address = f"/documents/{found.id}"
    return DocumentBody(
        id=found.id,
        url=address,
        title=found.title,
        kind=found.kind,
        language=found.language,
        body=found.body,
        sections=[
            SectionBody(
                heading=section.heading,
                level=section.level,
                anchor=section.anchor,
                text=section.text,
            )
            for section in found.sections
        ],
        project=ProjectBody(
            code=found.project.code,
            name_zh=found.project.name_zh,
            name_en=found.project.name_en,
        )
        if found.project
        else None,
        people=[person.name for person in found.people],
        tags=[tag.tag for tag in found.tags],
        dated=found.dated,
        state=found.state,
        version=found.version,
        format=found.format,
        original_name=found.original_name,
        original_url=f"{address}/original" if found.original_sha256 else "",
        metadata=found.file_metadata,
        ledger=found.ledger,
        notes=found.notes,
        created=found.created_at,
        updated=found.updated_at,
    )
