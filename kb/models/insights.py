"""Questions people asked, which hits they opened, which questions a curator has dealt with.

No row says who asked. ``visitor`` is a keyed hash of the question together with whoever asked it: it tells how many
different people asked one question within one week, and nothing else. Two questions of one person have nothing in
common, and once the week is over its key (:class:`VisitorSalt`) is thrown away, so nobody can work a name out of it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now

# Questions are kept up to this length, in characters; the longest that people type are about a third of it.
MAX_QUESTION_CHARS = 300

# Keys are compared by code point, so that a prefix is a range of them on every database.
_Key = String(MAX_QUESTION_CHARS).with_variant(
    String(MAX_QUESTION_CHARS, collation="C"), "postgresql"
)


class AskedQuestion(Base):
    """A question, asked once by one visitor.

    ``token`` names it towards pages; ``week`` is the Monday (UTC) of the week it was asked in; ``key`` the folded text,
    the same for every way of writing it; ``narrowed`` True when there were filters; ``door`` ``page``, ``api`` or
    ``command``; ``best_document`` the first hit, no foreign key, because the log outlives documents.
    """

    __tablename__ = "asked_questions"
    __table_args__ = (Index("ix_asked_questions_key_week", "key", "week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(24), unique=True)
    asked_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    week: Mapped[date] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(String(MAX_QUESTION_CHARS))
    key: Mapped[str] = mapped_column(_Key)
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    narrowed: Mapped[bool]
    total: Mapped[int]
    took_ms: Mapped[float]
    door: Mapped[str] = mapped_column(String(10))
    visitor: Mapped[str] = mapped_column(String(32))
    best_document: Mapped[int | None]


class OpenedHit(Base):
    """A document that was opened from the answer to a question."""

    __tablename__ = "opened_hits"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("asked_questions.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[int] = mapped_column(primary_key=True)


class PopularQuestion(Base):
    """A question that may be suggested to whoever may read the document; counted from the log now and then."""

    __tablename__ = "popular_questions"

    key: Mapped[str] = mapped_column(_Key, primary_key=True)
    document_id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(String(MAX_QUESTION_CHARS))
    askers: Mapped[int]


class SettledQuestion(Base):
    """A question a curator has dealt with. Askings after ``settled_at`` are news again."""

    __tablename__ = "settled_questions"

    key: Mapped[str] = mapped_column(_Key, primary_key=True)
    text: Mapped[str] = mapped_column(String(MAX_QUESTION_CHARS))
    by: Mapped[str] = mapped_column(String(100))
    settled_at: Mapped[datetime] = mapped_column(default=utc_now)


class VisitorSalt(Base):
    """The key that the visitors of one week are hashed with; its row is deleted when the week is over."""

    __tablename__ = "visitor_salts"

    week: Mapped[date] = mapped_column(primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
