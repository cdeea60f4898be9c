"""Documents of which people who may not read them are told that something matches, and whom to ask."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class AnnouncedDocument(Base):
    """A document with this row may be known of, through its owner's name and nothing else, by whoever searches."""

    __tablename__ = "announced_documents"

    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(default=utc_now)
