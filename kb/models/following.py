"""Who follows what, and how far the change log has been told to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class Follow(Base):
    """A user follows something: ``subject`` is a topic, tag, project, question, document, person or community.

    ``key`` is its number, for a tag the tag itself.
    """

    __tablename__ = "follows"

    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    subject: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class FollowedUpTo(Base):
    """The newest change of the change log that followers have been told of; one row, number 1."""

    __tablename__ = "followed_up_to"

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int]
