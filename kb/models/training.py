"""Training as it is written: courses of units, banks of questions, learning paths, skills wanted for a role."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, UniqueConstraint, and_, true
from sqlalchemy.orm import Mapped, mapped_column

from kb.access import Action, Actor
from kb.models.access import readable
from kb.models.base import Base, utc_now

# The states of a course and of a path: seen by curators; open to its audience; kept for those who took it.
COURSE_DRAFT: Final = "draft"
COURSE_PUBLISHED: Final = "published"
COURSE_WITHDRAWN: Final = "withdrawn"


class Course(Base):
    """A course in its present version.

    ``place`` names one that came from a file, so that a later reading finds it again; ``needs`` holds the ids of
    courses to be finished before; ``skills`` what it gives, each ``{"skill": …, "level": 1 to 3}``; ``teachers`` are
    handles of people; ``twin_id`` is the same course in the other language. ``version`` counts the changes.
    """

    __tablename__ = "courses"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str | None] = mapped_column(String(300), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default=COURSE_DRAFT, index=True)
    version: Mapped[int] = mapped_column(default=1)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    owner: Mapped[str] = mapped_column(String(100), default="")
    twin_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    needs: Mapped[list[Any]] = mapped_column(default=list)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    teachers: Mapped[list[Any]] = mapped_column(default=list)
    by: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class QuestionBank(Base):
    """Questions that checks draw from; a bank belongs to a course, and every unit of it may use the bank."""

    __tablename__ = "question_banks"

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class BankQuestion(Base):
    """One question; ``content`` as :func:`kb.checks_content.as_json` writes it. ``retired_at``: no longer drawn."""

    __tablename__ = "bank_questions"
    __table_args__ = (Index("ix_bank_questions_bank", "bank_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("question_banks.id"))
    position: Mapped[int]
    content: Mapped[dict[str, Any]]
    retired_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class CourseUnit(Base):
    """A part of a course: a page of its own, a document, a file, a video, a check.

    ``key`` is its stable name within the course; ``needs`` the keys of units to be done before; ``target`` the address
    or place that it leads to; ``sha256`` a file of its own. A unit that was taken out keeps its row (``removed_at``)
    and everybody's progress. The columns from ``bank_id`` on are the rules of its check: how many questions are drawn
    (0: all), how many attempts there may be after the first (None: any number), how long to wait between two, the time
    limit (0: none).
    """

    __tablename__ = "course_units"
    __table_args__ = (UniqueConstraint("course_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), index=True)
    key: Mapped[str] = mapped_column(String(100))
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text, default="")
    minutes: Mapped[int] = mapped_column(default=10)
    target: Mapped[str] = mapped_column(String(1000), default="")
    sha256: Mapped[str | None] = mapped_column(ForeignKey("stored_files.sha256"))
    file_name: Mapped[str] = mapped_column(String(300), default="")
    needs: Mapped[list[Any]] = mapped_column(default=list)
    bank_id: Mapped[int | None] = mapped_column(ForeignKey("question_banks.id"))
    draw: Mapped[int] = mapped_column(default=0)
    pass_percent: Mapped[int] = mapped_column(default=80)
    retries: Mapped[int | None]
    wait_minutes: Mapped[int] = mapped_column(default=0)
    limit_minutes: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None]


class LearningPath(Base):
    """Courses in an order for a role; ``needs`` holds ids of paths to be finished before."""

    __tablename__ = "learning_paths"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str | None] = mapped_column(String(300), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    role: Mapped[str] = mapped_column(String(100), index=True)
    language: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(20), default=COURSE_DRAFT)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    needs: Mapped[list[Any]] = mapped_column(default=list)
    due_days: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str] = mapped_column(String(100), default="")
    by: Mapped[str] = mapped_column(String(100), default="")
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class PathCourse(Base):
    """A course on a path; ``due_days`` after it was assigned it should be finished, 0 for no date."""

    __tablename__ = "path_courses"

    path_id: Mapped[int] = mapped_column(ForeignKey("learning_paths.id"), primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"), primary_key=True, index=True)
    position: Mapped[int]
    due_days: Mapped[int] = mapped_column(default=0)


class RoleSkill(Base):
    """A skill that a role wants, at a level of 1 (knows it), 2 (does it) or 3 (teaches it)."""

    __tablename__ = "role_skills"

    role: Mapped[str] = mapped_column(String(100), primary_key=True)
    skill: Mapped[str] = mapped_column(String(100), primary_key=True)
    level: Mapped[int] = mapped_column(default=1)


def course_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the course may be seen by ``actor``: a draft only by curators of its audience."""
    return _seen(actor, readable(actor, Course.audience_id), Course.state != COURSE_DRAFT)


def path_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the path may be seen by ``actor``: a draft only by curators of its audience."""
    admitted = readable(actor, LearningPath.audience_id)
    return _seen(actor, admitted, LearningPath.state != COURSE_DRAFT)


def _seen(
    actor: Actor, admitted: ColumnElement[bool], open_: ColumnElement[bool]
) -> ColumnElement[bool]:
    if actor.sees_all:
        return true()
    return admitted if Action.AUTHOR_COURSES in actor.actions else and_(admitted, open_)
