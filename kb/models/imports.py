"""Import jobs and their items: recorded before work starts, so that a restart knows what is left."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.folder_paths import MAX_FOLDER_CHARS
from kb.models.base import Base, utc_now


class ImportJob(Base):
    """One run. ``state`` is ``queued``, ``running``, ``paused``, ``done`` or ``cancelled``.

    ``actor`` is whoever started it, as it was then (id, name, role, groups): documents are stored
    in its name, also by a runner in another process. ``kind`` is empty where each file's own kind
    is taken; ``document_state`` is the state its documents get (see ``Document``); ``manifest`` names
    the table of metadata that was handed in with the files, if any, and ``manifest_rows`` those of its
    rows that no file was found for yet, ``[[path, overrides]]``: it may lie in an archive. ``sources`` are
    the folders and files still to be listed when ``listed`` is false. ``runner`` names the process
    that works on it and ``heartbeat_at`` when it last said so; a job whose heartbeat is old is free
    for another process to go on with. ``error`` says why a job was paused by itself, such as a full
    disk.
    """

    __tablename__ = "import_jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(20), default="queued", index=True)
    by: Mapped[str] = mapped_column(String(100), index=True)
    actor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    kind: Mapped[str] = mapped_column(String(40), default="")
    audience: Mapped[str] = mapped_column(String(4000), default="everyone")
    document_state: Mapped[str] = mapped_column(String(20), default="published")
    manifest: Mapped[str] = mapped_column(String(400), default="")
    manifest_rows: Mapped[list[Any] | None]
    sources: Mapped[list[Any]] = mapped_column(default=list)
    listed: Mapped[bool] = mapped_column(default=True)
    runner: Mapped[str] = mapped_column(String(200), default="")
    heartbeat_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class ImportItem(Base):
    """One file of a run.

    ``path`` is how people know it, ``place`` the identity of where it lies (``DocumentSource``), ``folder``
    its folder (:mod:`kb.folder_paths`; None in rows older than it), ``local_path`` where its bytes can be read
    now (as bytes: names on disk need not be text), or empty when they are in the file store under ``sha256``.
    ``overrides`` is metadata that wins over
    what the reader finds (:class:`kb.importing_rules.Overrides`). ``state`` is ``pending``,
    ``running`` or ``done``; ``outcome``, once done: ``stored``, ``unchanged``, ``duplicate``,
    ``failed``, ``skipped`` (never opened, e.g. a lock file), ``expanded`` (an archive whose entries
    are items of their own) or ``cancelled``. ``document_version`` is above 1 where a stored file
    became a new version of a document. ``near`` lists what it is nearly the same as:
    ``[{"document", "title", "likeness"}]``. ``note`` is something to know of it that is no error, such as
    that the manifest does not list it. ``started_at`` is the start of its first attempt.
    """

    __tablename__ = "import_items"
    __table_args__ = (
        Index("ix_import_items_open", "job_id", "state", "id"),
        Index("ix_import_items_place", "job_id", "place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("import_jobs.id"))
    path: Mapped[str] = mapped_column(String(2000))
    place: Mapped[str] = mapped_column(String(2000))
    folder: Mapped[str | None] = mapped_column(String(MAX_FOLDER_CHARS))
    local_path: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    overrides: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(20), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(20), default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    document_version: Mapped[int | None]
    step: Mapped[str] = mapped_column(String(20), default="")
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    advice: Mapped[str] = mapped_column(Text, default="")
    ledger: Mapped[dict[str, Any]] = mapped_column(default=dict)
    near: Mapped[list[Any]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
