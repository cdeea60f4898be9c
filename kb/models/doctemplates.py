"""DocTemplates: standard templates with their versions, the forms people have begun, and every use."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, and_, or_, true
from sqlalchemy.orm import Mapped, mapped_column

from kb.access import Action, Actor
from kb.models.access import readable
from kb.models.base import Base, utc_now

# The states: seen by curators and its owner only; in the library; kept for its versions and no longer offered.
DRAFT: Final = "draft"
PUBLISHED: Final = "published"
RETIRED: Final = "retired"


class DocTemplate(Base):
    """A standard template in its present version.

    ``kind`` and ``phase`` are words of :mod:`kb.doctemplate_rules`; ``guide_id`` is the document that explains the
    method behind it; ``place`` names a bundled one, so that a later start finds it again; ``source_id`` is the document
    it was made from, for one from past work. ``downloads`` and ``fills`` count its uses.
    """

    __tablename__ = "doctemplates"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[str] = mapped_column(String(40), index=True)
    phase: Mapped[str] = mapped_column(String(20), index=True)
    language: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(Text, default="")
    when_to_use: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(String(200), default="")
    tags: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(20), default=DRAFT)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    guide_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    place: Mapped[str | None] = mapped_column(String(400), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    by: Mapped[str] = mapped_column(String(100), default="")
    downloads: Mapped[int] = mapped_column(default=0)
    fills: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class DocTemplateVersion(Base):
    """One version of a template: its file, its form, its text, and an example that was filled in.

    ``fields`` are those of :meth:`kb.doctemplate_fields.Field.as_json`; ``body`` and ``example_body`` are Markdown.
    """

    __tablename__ = "doctemplate_versions"

    template_id: Mapped[int] = mapped_column(ForeignKey("doctemplates.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_files.sha256"))
    name: Mapped[str] = mapped_column(String(300))
    fields: Mapped[list[Any]]
    body: Mapped[str] = mapped_column(Text)
    example_sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_files.sha256"))
    example_body: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DocTemplateForm(Base):
    """A form somebody has begun to fill in; ``answers`` as :meth:`kb.doctemplate_answers.Answers.as_json`."""

    __tablename__ = "doctemplate_forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("doctemplates.id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    project: Mapped[str] = mapped_column(String(100), default="")
    answers: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class DocTemplateUse(Base):
    """A template was downloaded or filled in; ``by`` is empty for somebody who had not signed in."""

    __tablename__ = "doctemplate_uses"
    __table_args__ = (Index("ix_doctemplate_uses_template", "template_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("doctemplates.id"))
    version: Mapped[int]
    what: Mapped[str] = mapped_column(String(20))
    project: Mapped[str] = mapped_column(String(100), default="")
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


def doctemplate_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the template may be seen by ``actor``.

    Published or retired, it is for its audience; a draft is for whoever made it and for curators of its audience.
    """
    if actor.sees_all:
        return true()
    admitted = readable(actor, DocTemplate.audience_id)
    if Action.CURATE in actor.actions:
        return admitted
    seen = DocTemplate.state != DRAFT
    if actor.id:
        seen = or_(seen, DocTemplate.by == actor.id)
    return and_(admitted, seen)
