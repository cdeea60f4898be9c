"""The life of documents: who vouches for them and until when, new versions that wait, what was decided and why.

The rules are in :mod:`kb.lifecycle_rules`. A document without a row in :class:`DocumentLife` was imported and nobody
looks after it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class DocumentLife(Base):
    """Who looks after a document, and how fresh it is; users are named by their sign-in names.

    ``author`` began it here; ``review_months`` is the time between reviews, None for never; ``reviewed_by`` who
    approved the published version, empty where it was published without review; ``confirmed_at`` when somebody last
    said that it is still right; ``review_due`` the day from which a review is due; ``superseded_by`` the document
    that took its place; ``edited`` whether its text was changed here since it was imported.
    """

    __tablename__ = "document_lives"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    author: Mapped[str] = mapped_column(String(100), default="", index=True)
    owner: Mapped[str] = mapped_column(String(100), default="", index=True)
    review_months: Mapped[int | None]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str] = mapped_column(String(100), default="")
    reviewed_by: Mapped[list[Any]] = mapped_column(default=list)
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str] = mapped_column(String(100), default="")
    review_due: Mapped[date | None] = mapped_column(index=True)
    superseded_by: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), index=True
    )
    edited: Mapped[bool] = mapped_column(default=False)


class DocumentReviewer(Base):
    """Somebody who is asked to review a document."""

    __tablename__ = "document_reviewers"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)


class ReviewVote(Base):
    """A reviewer's approval of one version."""

    __tablename__ = "review_votes"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class LifeEvent(Base):
    """One step in a document's life: ``transition`` is its name in :mod:`kb.lifecycle_rules`, ``note`` says why."""

    __tablename__ = "life_events"
    __table_args__ = (Index("ix_life_events_document", "document_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    transition: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class PendingVersion(Base):
    """A new version of a published document that waits while readers see the published one.

    ``origin`` is ``edit`` where people write it here, ``file`` where an import brought it; of each there is one at
    most. ``number`` is its row in :class:`kb.models.DocumentVersion`, ``base`` the version it was made from, ``state``
    ``draft`` or ``review``, ``by`` whoever wrote it last. ``draft`` is, for a file, everything else that its reader
    found (:class:`kb.drafts.Draft` without its pictures, as JSON).
    """

    __tablename__ = "pending_versions"
    __table_args__ = (UniqueConstraint("document_id", "origin"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    origin: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    base: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    by: Mapped[str] = mapped_column(String(100), index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
