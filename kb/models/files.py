"""Stored files: bytes named by the hash of their content, kept once however often they are used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class StoredFile(Base):
    """The record of one content in the file store; ``size`` in bytes."""

    __tablename__ = "stored_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(120))
    stored_at: Mapped[datetime] = mapped_column(default=utc_now)
