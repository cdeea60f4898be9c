"""What near duplicates are found by."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base


class DocumentShingle(Base):
    """One number of a document's sketch, see :mod:`kb.likeness_rules`."""

    __tablename__ = "document_shingles"

    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    document_id: Mapped[int] = mapped_column(
        ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True, index=True
    )
