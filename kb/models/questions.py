"""Questions put to colleagues, with their answers: asked once, answered once, found by everybody after.

Not to be confused with what people type into the search: that log is :mod:`kb.models.insights`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.access import Actor
from kb.models.access import readable
from kb.models.base import Base, utc_now
from kb.models.projects import Project

TITLE_CHARS: Final = 300
ORIGIN_CHARS: Final = 200


class Question(Base):
    """A question. ``asked_by`` and all other names of people in this module are sign-in names, unless said otherwise.

    ``origin`` names where the row came from (a form's token, a bundled file), so that what is sent twice becomes one
    question. ``closed_at`` with ``closed_note`` when it takes no more answers; ``duplicate_of`` the question that was
    asked before. ``reminded_at`` when its experts, ``escalated_at`` when the PMO was told that it has no answer.
    """

    __tablename__ = "questions"
    __table_args__ = (Index("ix_questions_open", "closed_at", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(ForeignKey("projects.id"), index=True)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    body: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(100), index=True)
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)
    edited_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str] = mapped_column(String(100), default="")
    closed_note: Mapped[str] = mapped_column(String(500), default="")
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("questions.id"), index=True)
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]

    project: Mapped[Project | None] = relationship(lazy="raise")
    tags: Mapped[list[QuestionTag]] = relationship(
        lazy="raise", order_by="QuestionTag.tag", cascade="all, delete-orphan"
    )
    answers: Mapped[list[Answer]] = relationship(
        lazy="raise", order_by="Answer.id", cascade="all, delete-orphan"
    )


class QuestionTag(Base):
    """A tag on a question."""

    __tablename__ = "question_tags"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class Answer(Base):
    """An answer; ``accepted_at`` when the asker, or a curator, said that it is the one."""

    __tablename__ = "answers"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    body: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100), index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    edited_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str] = mapped_column(String(100), default="")


class QuestionEdit(Base):
    """A text as it was before somebody put it otherwise: of the question, or of one of its answers."""

    __tablename__ = "question_edits"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answers.id"), index=True)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS), default="")
    body: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class QuestionComment(Base):
    """A short comment on a question, or on one of its answers."""

    __tablename__ = "question_comments"

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), index=True)
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answers.id"), index=True)
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    text: Mapped[str] = mapped_column(String(1000))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class QuestionVote(Base):
    """Somebody who has the same question."""

    __tablename__ = "question_votes"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(100), primary_key=True)


class AnswerVote(Base):
    """Somebody whom an answer helped."""

    __tablename__ = "answer_votes"

    answer_id: Mapped[int] = mapped_column(ForeignKey("answers.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(100), primary_key=True)


class QuestionExpert(Base):
    """Somebody of the register of people to whom a question was brought, by whom."""

    __tablename__ = "question_experts"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, index=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class QuestionFruit(Base):
    """What became of a question: a page or a lesson, ``subject`` number ``number`` as the change log names it."""

    __tablename__ = "question_fruits"

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


def question_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the question, and so all that was answered, is for ``actor``."""
    return readable(actor, Question.audience_id)
