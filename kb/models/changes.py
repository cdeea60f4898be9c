"""The change log: what the search index still has to catch up with.

A row is written in the transaction that changes the thing and removed from the open set (``done_at``) only after the
index has committed it. Applying a row twice is harmless: the index replaces by key.

The same call writes the row of the audit log, which stays when the change is done with.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.access import Actor
from kb.models.audit import record_audit
from kb.models.base import Base, utc_now

# The thing is the same as before; only how its words are cut is not.
_NO_DEED: Final = frozenset({"glossary"})


class Change(Base):
    """``subject`` (``document``) number ``subject_id`` was stored or removed at ``at`` by ``by``."""

    __tablename__ = "changes"
    __table_args__ = (Index("ix_changes_open", "done_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    done_at: Mapped[datetime | None]


def record_change(
    session: Session, actor: Actor, subject: str, subject_id: int, action: str
) -> None:
    """Add to the change log and to the audit log, in the caller's transaction, that ``actor`` did ``action``."""
    session.add(Change(subject=subject, subject_id=subject_id, action=action, by=actor.id))
    if action not in _NO_DEED:
        record_audit(session, actor, action, subject, subject_id)
