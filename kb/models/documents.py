"""Documents: what is read, with its sections, versions, files, people, tags and the places it came from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, selectinload
from sqlalchemy.orm.interfaces import LoaderOption

from kb.access import Action, Actor
from kb.folder_paths import MAX_FOLDER_CHARS
from kb.models.access import readable
from kb.models.base import Base, utc_now
from kb.models.lifecycle import DocumentLife, DocumentReviewer
from kb.models.projects import Project, project_readable

# The states of a document. Published and archived ones are open to their audience (only the first can be found by
# searching); drafts and those in review are seen only by whoever works on them. See kb.lifecycle_rules.
DRAFT: Final = "draft"
REVIEW: Final = "review"
PUBLISHED: Final = "published"
ARCHIVED: Final = "archived"


class Document(Base):
    """A document in its present version.

    ``body`` is Markdown; ``dated`` the day it says it was written; ``guesses`` the reader's decisions with their
    evidence; ``ledger`` what of the original was carried. ``by`` is whoever imported or wrote this version;
    ``corrected`` names the details that people set by hand, which a new version of the file leaves as they are.
    ``folder`` is where it was imported from (:mod:`kb.folder_paths`), empty for what lay in none, and None in rows
    older than it.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(500))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    language: Mapped[str] = mapped_column(String(10))
    body: Mapped[str] = mapped_column(Text)
    dated: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(20), default=PUBLISHED)
    by: Mapped[str] = mapped_column(String(100), default="")
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    audience_inherited: Mapped[bool] = mapped_column(default=False, server_default=false())
    folder: Mapped[str | None] = mapped_column(String(MAX_FOLDER_CHARS), index=True, default="")
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    format: Mapped[str] = mapped_column(String(20), default="")
    original_sha256: Mapped[str | None] = mapped_column(
        ForeignKey("stored_files.sha256"), index=True
    )
    original_name: Mapped[str] = mapped_column(String(400), default="")
    file_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict)
    guesses: Mapped[dict[str, Any]] = mapped_column(default=dict)
    corrected: Mapped[list[Any]] = mapped_column(default=list)
    ledger: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    project: Mapped[Project | None] = relationship(lazy="raise")
    sections: Mapped[list[DocumentSection]] = relationship(
        lazy="raise", order_by="DocumentSection.position", cascade="all, delete-orphan"
    )
    people: Mapped[list[DocumentPerson]] = relationship(
        lazy="raise", order_by="DocumentPerson.position", cascade="all, delete-orphan"
    )
    tags: Mapped[list[DocumentTag]] = relationship(
        lazy="raise", order_by="DocumentTag.tag", cascade="all, delete-orphan"
    )


class DocumentSection(Base):
    """A heading and the plain text under it; ``anchor`` is the heading's id on the page, stable across versions.

    Position 0 is the text before the first heading: heading and anchor are empty, ``level`` is 0.
    """

    __tablename__ = "document_sections"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[int]
    heading: Mapped[str] = mapped_column(Text)
    anchor: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)


class DocumentPerson(Base):
    """Somebody named as an author; ``person_id`` once the name is matched to the register."""

    __tablename__ = "document_people"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)


class DocumentTag(Base):
    """A tag on a document."""

    __tablename__ = "document_tags"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class DocumentVersion(Base):
    """A document as it was at one moment. The present version has its row here too.

    ``base`` is the version it was made from; ``published`` is False until readers get to see it.
    """

    __tablename__ = "document_versions"
    __table_args__ = (Index("ix_document_versions_number", "document_id", "number", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[str] = mapped_column(Text)
    original_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_files.sha256"))
    original_name: Mapped[str] = mapped_column(String(400), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    base: Mapped[int | None]
    published: Mapped[bool] = mapped_column(default=True, server_default=true())
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DocumentSource(Base):
    """A place (path or upload name) where a document's content was seen, with the content seen there last.

    This is what tells an unchanged file from a new version and from a duplicate. ``own`` where the document was stored
    from this place; otherwise a duplicate of it lay here, and what lies here later is none of its versions.
    """

    __tablename__ = "document_sources"

    place: Mapped[str] = mapped_column(String(2000), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    own: Mapped[bool] = mapped_column(default=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)


class DocumentFile(Base):
    """A stored file that belongs to a document: a picture or an attachment, under the name its body uses."""

    __tablename__ = "document_files"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_files.sha256"), index=True)


def document_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the document may be read by ``actor``.

    Published or archived, it is for its audience. A draft, and what waits for review, is for whoever wrote it, looks
    after it or is asked to review it, and for those curators who are of its audience; one that nobody signed in for,
    for everybody who may import, as its import job is.
    """
    if actor.sees_all:
        return true()
    allowed = actor.actions
    admitted = readable(actor, Document.audience_id)
    own = _concerned(actor) if actor.id and Action.READ in allowed else false()
    nobodys = (Document.by == "") & admitted if Action.IMPORT in allowed else false()
    curated = admitted if Action.CURATE in allowed else false()
    return or_(
        Document.state.in_((PUBLISHED, ARCHIVED)) & admitted,
        Document.state.in_((DRAFT, REVIEW)) & or_(own, nobodys, curated),
    )


def _concerned(actor: Actor) -> ColumnElement[bool]:
    """Condition: ``actor`` wrote the document, looks after it or is asked to review it."""
    looked_after = select(DocumentLife.document_id).where(
        (DocumentLife.owner == actor.id) | (DocumentLife.author == actor.id)
    )
    reviewed = select(DocumentReviewer.document_id).where(DocumentReviewer.user_id == actor.id)
    return or_(Document.by == actor.id, Document.id.in_(looked_after), Document.id.in_(reviewed))


def known_project(actor: Actor) -> LoaderOption:
    """Load the project with each document, or nothing in its place where ``actor`` may not know of the project."""
    return selectinload(Document.project.and_(project_readable(actor)))
