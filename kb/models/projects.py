"""Projects: the register that documents link themselves to, with their people, tags and other names."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    false,
    or_,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from kb.access import Actor
from kb.models.access import prepared_readable, readable
from kb.models.base import Base, utc_now
from kb.project_names import code_key, name_key

MAX_CODE_CHARS = 100
MAX_NAME_CHARS = 300


class Project(Base):
    """A project; the name is kept in both languages, either may be empty.

    ``registered`` is False for one that only a document named; such a project takes code and facts of a row of a
    register that means it. ``ended`` is the real end, ``planned_end`` the one agreed at first; ``budget`` and
    ``final_cost`` are in whole units of ``currency``, ``effort_days`` in person-days. ``manager`` is the handle of a
    person, or a name where the register of people has none. ``merged_into`` names the project that this one turned out
    to be: the row stays, so that its address and its names still lead there. ``audience_id`` is empty in rows older
    than it, which are for everybody. The ``…_key`` columns follow code and names by themselves.
    """

    __tablename__ = "projects"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(MAX_CODE_CHARS), unique=True)
    name_zh: Mapped[str] = mapped_column(String(MAX_NAME_CHARS), default="", index=True)
    name_en: Mapped[str] = mapped_column(String(MAX_NAME_CHARS), default="", index=True)
    customer: Mapped[str] = mapped_column(String(300), default="")
    industry: Mapped[str] = mapped_column(String(200), default="")
    manager: Mapped[str] = mapped_column(String(100), default="")
    started: Mapped[date | None]
    ended: Mapped[date | None]
    status: Mapped[str] = mapped_column(String(100), default="")

    type: Mapped[str] = mapped_column(String(200), default="", server_default="")
    planned_end: Mapped[date | None]
    currency: Mapped[str] = mapped_column(String(10), default="", server_default="")
    budget: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    final_cost: Mapped[Decimal | None] = mapped_column(Numeric(18, 2))
    effort_days: Mapped[Decimal | None] = mapped_column(Numeric(12, 1))
    team_size: Mapped[int | None]
    summary_zh: Mapped[str] = mapped_column(Text, default="", server_default="")
    summary_en: Mapped[str] = mapped_column(Text, default="", server_default="")
    audience_id: Mapped[int | None] = mapped_column(index=True)
    registered: Mapped[bool] = mapped_column(default=True, server_default=true())
    merged_into: Mapped[int | None] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    updated_at: Mapped[datetime | None] = mapped_column(default=utc_now)
    code_key: Mapped[str] = mapped_column(String(300), default="", server_default="", index=True)
    name_zh_key: Mapped[str] = mapped_column(String(300), default="", server_default="", index=True)
    name_en_key: Mapped[str] = mapped_column(String(300), default="", server_default="", index=True)

    members: Mapped[list[ProjectMember]] = relationship(
        lazy="raise", order_by="ProjectMember.position", cascade="all, delete-orphan"
    )
    tags: Mapped[list[ProjectTag]] = relationship(
        lazy="raise", order_by="ProjectTag.tag", cascade="all, delete-orphan"
    )

    @validates("code", "name_zh", "name_en")
    def _keys(self, field: str, value: str) -> str:
        setattr(self, f"{field}_key", code_key(value) if field == "code" else name_key(value))
        return value


class ProjectMember(Base):
    """Somebody with a role in a project; ``person`` is a handle, or a name where the register of people has none."""

    __tablename__ = "project_members"
    __table_args__ = (UniqueConstraint("project_id", "person", "role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    position: Mapped[int]
    person: Mapped[str] = mapped_column(String(200), index=True)
    role: Mapped[str] = mapped_column(String(200), default="")


class ProjectTag(Base):
    """A tag on a project."""

    __tablename__ = "project_tags"

    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class ProjectAlias(Base):
    """Another code or name that documents use for a project; ``key`` as :mod:`kb.project_names` makes it."""

    __tablename__ = "project_aliases"
    __table_args__ = (UniqueConstraint("project_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("projects.id"))
    name: Mapped[str] = mapped_column(String(MAX_NAME_CHARS))
    key: Mapped[str] = mapped_column(String(300), index=True)
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class ProjectsApart(Base):
    """Two projects that look like one and are not, as somebody decided; ``first_id`` is the smaller."""

    __tablename__ = "projects_apart"

    first_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class ProjectMerge(Base):
    """The project ``merged_id`` was found to be ``into_id``: what it said then, and how much moved (by table)."""

    __tablename__ = "project_merges"

    id: Mapped[int] = mapped_column(primary_key=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("projects.id"), index=True)
    facts: Mapped[dict[str, Any]]
    moved: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


def project_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the project may be known to ``actor``; one without an audience, to everybody who may read."""
    if actor.sees_all:
        return true()
    everybody = Project.audience_id.is_(None) if actor.principals else false()
    # The column may be empty, which `readable` does not know of: then no audience is in it.
    return or_(everybody, readable(actor, Project.audience_id))  # type: ignore[arg-type]


def prepared_project_readable(*, sees_all: bool) -> ColumnElement[bool]:
    """The condition of :func:`project_readable` for a statement that is made once, see :func:`prepared_readable`.

    It does not ask whether the actor may read at all; that is for the rows that name the project.
    """
    if sees_all:
        return true()
    everybody = Project.audience_id.is_(None)
    # The column may be empty, which `prepared_readable` does not know of: then no audience is in it.
    return or_(everybody, prepared_readable(Project.audience_id, sees_all=False))  # type: ignore[arg-type]
