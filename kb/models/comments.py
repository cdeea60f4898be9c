"""Comments on documents and their sections, and who is mentioned in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class DocumentComment(Base):
    """A comment, read by whoever may read its document.

    ``anchor`` and ``heading`` are the section it is on, empty for the whole page; ``thread`` the comment it answers,
    None for one that begins a thread. A deleted comment that was answered keeps its row without its text.
    """

    __tablename__ = "document_comments"
    __table_args__ = (Index("ix_document_comments_document", "document_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"))
    thread: Mapped[int | None] = mapped_column(
        ForeignKey("document_comments.id", ondelete="CASCADE"), index=True
    )
    anchor: Mapped[str] = mapped_column(String(300), default="")
    heading: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100), index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str] = mapped_column(String(100), default="")


class CommentMention(Base):
    """Somebody who is mentioned in a comment; ``seen_at`` once they have looked at it."""

    __tablename__ = "comment_mentions"

    comment_id: Mapped[int] = mapped_column(
        ForeignKey("document_comments.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime | None]
