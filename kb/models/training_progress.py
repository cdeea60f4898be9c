"""Training as it is taken: assignments, progress, attempts at checks, certificates. Nothing here is ever deleted."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class TrainingAssignment(Base):
    """A path or a course that somebody is to finish; ``principal`` as :mod:`kb.access` writes users and groups.

    ``due_on`` is None where the days of the path count from ``at``. ``ended_at``: it was taken back;
    ``reminded_at``: when those who had not finished were reminded last.
    """

    __tablename__ = "training_assignments"
    __table_args__ = (
        CheckConstraint("(path_id IS NULL) <> (course_id IS NULL)", name="one_of_two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    principal: Mapped[str] = mapped_column(String(120), index=True)
    path_id: Mapped[int | None] = mapped_column(ForeignKey("learning_paths.id"), index=True)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"), index=True)
    due_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]


class UnitProgress(Base):
    """How far somebody is with a unit: first and last opened, and finished."""

    __tablename__ = "unit_progress"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    unit_id: Mapped[int] = mapped_column(
        ForeignKey("course_units.id"), primary_key=True, index=True
    )
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    opened_at: Mapped[datetime] = mapped_column(default=utc_now)
    done_at: Mapped[datetime | None]


class CheckAttempt(Base):
    """One attempt at a check.

    ``questions`` are those drawn, as they were then (:mod:`kb.checks_content`), in the order they are shown;
    ``answers`` and ``results`` go with them, one by one. ``opened`` holds addresses of pages read meanwhile. ``due_at``
    is the end of its time limit, ``score`` the share of the points reached, 0 to 1. One that was handed in too late
    (``late``) keeps its answers and its score, and does not pass.
    """

    __tablename__ = "check_attempts"
    __table_args__ = (UniqueConstraint("unit_id", "user_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("course_units.id"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    seed: Mapped[int]
    pass_percent: Mapped[int]
    questions: Mapped[list[Any]]
    answers: Mapped[list[Any]] = mapped_column(default=list)
    results: Mapped[list[Any]] = mapped_column(default=list)
    opened: Mapped[list[Any]] = mapped_column(default=list)
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    due_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    score: Mapped[float | None]
    passed: Mapped[bool] = mapped_column(default=False)
    late: Mapped[bool] = mapped_column(default=False)


class CheckAnswer(Base):
    """How one question of an attempt was answered: ``credit`` from 0 to 1. For the reports."""

    __tablename__ = "check_answers"
    __table_args__ = (Index("ix_check_answers_question", "question_id", "credit"),)

    attempt_id: Mapped[int] = mapped_column(
        ForeignKey("check_attempts.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("bank_questions.id"))
    kind: Mapped[str] = mapped_column(String(20))
    credit: Mapped[float]


class Certificate(Base):
    """Somebody finished a course or a path. Name and title are as they were on that day; ``code`` verifies it."""

    __tablename__ = "certificates"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    user_id: Mapped[str | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"), index=True)
    path_id: Mapped[int | None] = mapped_column(ForeignKey("learning_paths.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)
    minutes: Mapped[int] = mapped_column(default=0)
    score: Mapped[float | None]
    issued_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
