"""Notifications: what users are told on the site and by mail, and how each of them wants to be told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now

NOTIFIED_TITLE_CHARS = 300


class Notification(Base):
    """Somebody is told that something happened to a thing.

    ``kind`` is one of :data:`kb.notifying.KINDS`; ``subject`` and ``number`` name the thing as the change log does;
    ``title`` is what the thing was called then; ``by`` is the sign-in name of whoever did it, empty for the system;
    ``mailed_at`` is when it left by mail.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_unread", "user_id", "seen_at"),
        Index("ix_notifications_unsent", "mailed_at", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(NOTIFIED_TITLE_CHARS))
    by: Mapped[str] = mapped_column(String(100), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class MailChoice(Base):
    """How a user wants to be told by mail; without a row the usual of :mod:`kb.notifications` holds.

    ``pace`` is ``none``, ``at-once`` or ``daily``; ``language`` the language of the mails, empty for both;
    ``mailed_at`` when the last mail left, ``tries`` how often sending has failed since, ``next_at`` when to try again.
    """

    __tablename__ = "mail_choices"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    pace: Mapped[str] = mapped_column(String(10), default="daily")
    language: Mapped[str] = mapped_column(String(10), default="")
    mailed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
