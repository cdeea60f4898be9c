"""Imports of registers on their way: kept from the upload to the result, so that no step has to be repeated."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now


class RegisterImport(Base):
    """One file on its way into a register; only whoever began it, and administrators, see it.

    ``kind`` is the register's name. ``state`` is ``columns`` (the columns wait to be confirmed), ``checked`` (they
    were; the rows wait), ``running`` (since ``finished_at``), ``done`` or ``cancelled``. ``sheet`` is the number of
    the table within the file and ``header_row`` of the row with the headers, both from 0; ``columns`` has for each
    field with a column the number of it. ``counts`` says how many rows had which outcome, and ``problems`` what was
    refused, once done.
    """

    __tablename__ = "register_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[str] = mapped_column(String(20), default="columns")
    by: Mapped[str] = mapped_column(String(100), index=True)
    file_name: Mapped[str] = mapped_column(String(400))
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_files.sha256"), index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    sheet: Mapped[int] = mapped_column(default=0)
    header_row: Mapped[int] = mapped_column(default=0)
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    keep: Mapped[str] = mapped_column(String(20), default="")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    problems: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    finished_at: Mapped[datetime | None]
