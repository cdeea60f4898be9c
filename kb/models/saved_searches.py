"""Saved searches of signed-in users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class SavedSearch(Base):
    """A search somebody keeps.

    ``request`` holds the fields of :class:`kb.search.answers.SearchRequest`; ``looked_at`` is when its owner last
    opened it; ``feed_token`` names its feed to whoever knows it, None while it has no feed.
    """

    __tablename__ = "saved_searches"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    request: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    looked_at: Mapped[datetime] = mapped_column(default=utc_now)
    feed_token: Mapped[str | None] = mapped_column(String(64), unique=True)
