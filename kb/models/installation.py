"""What has been done once and for all in this installation, such as loading the bundled corpus."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class Milestone(Base):
    """Something reached; its row stands from then on."""

    __tablename__ = "milestones"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    reached_at: Mapped[datetime] = mapped_column(default=utc_now)
