"""``GET /api/v1/documents/{id}``, and what its editor asks: files added to it, people to mention."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from kb.config import MIB
from kb.errors import N_, FileTooLarge, InvalidInput
from kb.markdown import escape
from web.uploads import FILES_FIELD, Received
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
    state: str = Field(description="`published` or `archived`; `draft` or `review` until it is.")
    stage: str = Field(description="The state, or `due` when its review is.")
    owner: str = Field(description="Sign-in name of who looks after it, or empty.")
    reviewed_by: list[str] = Field(description="Names of those who approved what is published.")
    published_at: datetime | None
    review_due: date | None
    superseded_by: str = Field(description="Address of the page that took its place, or empty.")
    version: int
    format: str
    original_name: str = Field(description="Empty for a document that was written here.")
    original_url: str
    metadata: dict[str, Any] = Field(description="What the file says of itself, by its own labels.")
    ledger: dict[str, Any] = Field(description="What of the original was carried.")
    notes: list[Any]
    created: datetime
    updated: datetime


class FileBody(BaseModel):
    """A file that was added to a page."""

    name: str
    url: str
    picture: bool
    markdown: str = Field(
        description="Shows the picture, or links the attachment, within the page."
    )


class PersonBody(BaseModel):
    """Somebody who can be mentioned."""

    id: str = Field(description="Sign-in name.")
    name: str


@router.get("/documents/{document_id}")
def document(visit: Visiting, document_id: Id) -> DocumentBody:
    """A document with its Markdown body and its sections."""
    found = visit.kb.documents.get(visit.actor, document_id)
    life = visit.kb.lifecycle.of(visit.actor, document_id)
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
        stage=life.stage.value,
        owner=life.owner,
        reviewed_by=list(life.reviewed_by),
        published_at=life.published_at,
        review_due=life.review_due,
        superseded_by=f"/documents/{life.successor[0]}" if life.successor else "",
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


@router.post("/documents/{document_id}/files", status_code=201)
def add_files(visit: Visiting, document_id: Id, upload: Received) -> list[FileBody]:
    """Add pictures (field `as` = `picture`: anything else is refused) or attachments to a page."""
    if not upload.files:
        raise InvalidInput(field=FILES_FIELD, reason=N_("no file was given"))
    added: list[FileBody] = []
    for file in upload.files:
        if file.sha256 is None:
            settings = visit.site.settings
            raise FileTooLarge(
                name=file.path,
                size_mib=f"{file.size / MIB:.1f}",
                limit_mib=settings.max_file_mib,
            )
        kept = visit.kb.page_files.attach(
            visit.actor,
            document_id,
            sha256=file.sha256,
            name=file.path,
            picture=upload.fields.get("as") == "picture",
        )
        said = escape(file.path.rsplit("/", 1)[-1])
        mark = "!" if kept.picture else ""
        added.append(
            FileBody(
                name=kept.name,
                url=f"/documents/{document_id}/files/{kept.name}",
                picture=kept.picture,
                markdown=f"{mark}[{said}](files/{kept.name})",
            )
        )
    return added


@router.get("/documents/{document_id}/people")
def people(visit: Visiting, document_id: Id, q: str = "") -> list[PersonBody]:
    """Users who may read a document, to be mentioned in a comment on it."""
    found = visit.kb.comments.people(visit.actor, document_id, q)
    return [PersonBody(id=user, name=name) for user, name in found]
