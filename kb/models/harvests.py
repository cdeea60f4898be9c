"""For each imported document, which version of it was last searched for lessons, and as which kind of document."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.models.base import Base


class DocumentHarvest(Base):
    """One imported document. ``kind`` is empty where it is not known what it was searched as.

    A document that differs from its row by now (a curator corrected its kind, its text was changed) is searched again.
    """

    __tablename__ = "document_harvests"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))


def record_harvest(session: Session, document_id: int, version: int, kind: str) -> None:
    """Write down, in the caller's transaction, that this version was searched as a document of this kind."""
    session.merge(DocumentHarvest(document_id=document_id, version=version, kind=kind))
