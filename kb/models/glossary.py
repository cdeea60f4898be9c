"""The glossary: one row for each concept, what was done to them, and a version that every change raises."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class GlossaryEntry(Base):
    """A concept with its names in both languages.

    ``origin`` is ``bundled`` as long as it stands as it was delivered, ``own`` once somebody here has added or changed
    it. ``delivered_as`` is the Chinese head it was delivered with, by which a later delivery knows it again; empty for
    what was added here. Removed entries stay, with ``active`` false: otherwise the next delivery would bring them back.
    ``revision`` counts its changes.
    """

    __tablename__ = "glossary_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    zh: Mapped[str] = mapped_column(String(100))
    zh_synonyms: Mapped[list[Any]] = mapped_column(default=list)
    zh_hant: Mapped[list[Any]] = mapped_column(default=list)
    en: Mapped[str] = mapped_column(String(200))
    en_synonyms: Mapped[list[Any]] = mapped_column(default=list)
    abbreviations: Mapped[list[Any]] = mapped_column(default=list)
    area: Mapped[str] = mapped_column(String(40), default="")
    note: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(20), default="own")
    delivered_as: Mapped[str] = mapped_column(String(100), default="", index=True)
    active: Mapped[bool] = mapped_column(default=True)
    revision: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_by: Mapped[str] = mapped_column(String(100), default="")


class GlossaryChange(Base):
    """Somebody did something to an entry, or, with ``entry_id`` empty, loaded the bundled glossary.

    ``action`` is ``add``, ``change``, ``remove``, ``restore`` or ``load``; ``before`` and ``after`` hold the fields
    that differ, or for ``load`` how many entries were added and brought up to date.
    """

    __tablename__ = "glossary_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("glossary_entries.id"), index=True)
    action: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)


class GlossaryState(Base):
    """One row: the version, and the hash of the bundled file loaded last.

    A counter in a row, not the highest number of the log: of two transactions the one with the lower number may commit
    last, and its change would then go unseen. Raising the counter makes the second one wait for the first.
    """

    __tablename__ = "glossary_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    loaded_sha256: Mapped[str] = mapped_column(String(64), default="")
