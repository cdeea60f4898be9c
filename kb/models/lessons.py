"""Lessons: the record, where it comes from, what it was at each step, where it was used, what it changed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    or_,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.access import Action, Actor
from kb.models.access import readable
from kb.models.base import Base, utc_now
from kb.models.doctemplates import DocTemplate
from kb.models.documents import Document
from kb.models.projects import Project

NAME_CHARS: Final = 200
TITLE_CHARS: Final = 300


class Lesson(Base):
    """A lesson as it is now; what its words mean is said at :class:`kb.lesson_rules.LessonText`.

    ``revision`` counts the changes, so that two people who edit at once notice. ``origin`` names where the row came
    from (a form's token, a register and its row), so that what is sent twice becomes one lesson. ``verdict`` and
    ``expert_note`` are the expert's; both are empty until it is validated. ``project_id`` is the project it was
    learned in; further ones are those of its sources.
    """

    __tablename__ = "lessons"
    __table_args__ = (Index("ix_lessons_board", "state", "verdict"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="submitted")
    revision: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str | None] = mapped_column(String(300), unique=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    audience_inherited: Mapped[bool] = mapped_column(default=False, server_default=false())
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("lessons.id"))

    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    kind: Mapped[str] = mapped_column(String(20), index=True)
    language: Mapped[str] = mapped_column(String(10))
    what_happened: Mapped[str] = mapped_column(Text)
    root_cause: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(String(NAME_CHARS))
    early_signs: Mapped[str] = mapped_column(Text)
    recommendation: Mapped[str] = mapped_column(Text)
    impact_days: Mapped[float | None]
    impact_money: Mapped[float | None]
    currency: Mapped[str] = mapped_column(String(3))
    impact_quality: Mapped[int | None]
    phase: Mapped[str] = mapped_column(String(NAME_CHARS), index=True)
    category: Mapped[str] = mapped_column(String(NAME_CHARS), index=True)
    project_type: Mapped[str] = mapped_column(String(NAME_CHARS))
    project_size: Mapped[str] = mapped_column(String(NAME_CHARS))
    technology: Mapped[str] = mapped_column(String(NAME_CHARS))
    supplier: Mapped[str] = mapped_column(String(NAME_CHARS))
    on_risk_register: Mapped[bool | None]
    evidence: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(NAME_CHARS), index=True)
    happened_on: Mapped[date | None]
    review_on: Mapped[date | None] = mapped_column(index=True)

    verdict: Mapped[str] = mapped_column(String(20), default="")
    expert_note: Mapped[str] = mapped_column(Text, default="")
    validated_by: Mapped[str] = mapped_column(String(100), default="")
    validated_at: Mapped[datetime | None]
    submitted_by: Mapped[str] = mapped_column(String(100), index=True)
    submitted_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)

    project: Mapped[Project | None] = relationship(lazy="raise")
    tags: Mapped[list[LessonTag]] = relationship(
        lazy="raise", order_by="LessonTag.tag", cascade="all, delete-orphan"
    )
    sources: Mapped[list[LessonSource]] = relationship(
        lazy="raise", order_by="LessonSource.id", cascade="all, delete-orphan"
    )


class LessonTag(Base):
    """A tag on a lesson."""

    __tablename__ = "lesson_tags"

    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class LessonSource(Base):
    """Where a lesson was told: a section of a document, a project, a row of a register. A lesson may have many.

    ``candidate_id`` is the harvested candidate it was accepted from or that was merged into it; ``told`` names what
    lies outside of this knowledge base (a register and its number). Whoever may not read the document does not see
    the source.
    """

    __tablename__ = "lesson_sources"

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"), index=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    anchor: Mapped[str] = mapped_column(String(300), default="")
    heading: Mapped[str] = mapped_column(Text, default="")
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    candidate_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_candidates.id"), index=True)
    told: Mapped[str] = mapped_column(String(500), default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)

    document: Mapped[Document | None] = relationship(lazy="raise")
    project: Mapped[Project | None] = relationship(lazy="raise")


class LessonVersion(Base):
    """A lesson as it was after one step: ``event`` is the step (see :data:`kb.lesson_rules.EVENTS`).

    ``content`` holds the fields of :class:`kb.lesson_rules.LessonText` in the form JSON has for them. A version whose
    event is ``set-aside`` was never in force: somebody else had saved first.
    """

    __tablename__ = "lesson_versions"
    __table_args__ = (UniqueConstraint("lesson_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"))
    number: Mapped[int]
    event: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class LessonUse(Base):
    """A lesson applied in a project, as one person tells it: one row for each project and person.

    ``outcome`` is one of :data:`kb.lesson_rules.OUTCOMES`; ``days_saved`` working days, fractions allowed.
    """

    __tablename__ = "lesson_uses"
    __table_args__ = (UniqueConstraint("lesson_id", "project_id", "by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"))
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    outcome: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    days_saved: Mapped[float] = mapped_column(default=0.0)
    at: Mapped[datetime] = mapped_column(default=utc_now)

    project: Mapped[Project] = relationship(lazy="raise")


class LessonClosure(Base):
    """The page, template or checklist that a lesson changed, in a version.

    It is either a document, perhaps a section of it, or a standard template (which has no sections), never both.
    """

    __tablename__ = "lesson_closures"
    __table_args__ = (
        UniqueConstraint("lesson_id", "document_id", "anchor"),
        UniqueConstraint("doctemplate_id", "lesson_id"),
        CheckConstraint("(document_id IS NULL) <> (doctemplate_id IS NULL)", name="one_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    lesson_id: Mapped[int] = mapped_column(ForeignKey("lessons.id"))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    doctemplate_id: Mapped[int | None] = mapped_column(ForeignKey("doctemplates.id"))
    version: Mapped[int]
    anchor: Mapped[str] = mapped_column(String(300), default="")
    heading: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)

    document: Mapped[Document | None] = relationship(lazy="raise")
    doctemplate: Mapped[DocTemplate | None] = relationship(lazy="raise")


def lesson_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the lesson may be read by ``actor``.

    One that an expert has validated is for its audience; before that it is for whoever submitted it and for those
    curators who are of its audience.
    """
    if actor.sees_all:
        return true()
    allowed = actor.actions
    admitted = readable(actor, Lesson.audience_id)
    own = Lesson.submitted_by == actor.id if actor.id and Action.READ in allowed else false()
    curated = admitted if Action.CURATE in allowed else false()
    return or_(
        Lesson.validated_at.is_not(None) & admitted,
        Lesson.validated_at.is_(None) & or_(own, curated),
    )
