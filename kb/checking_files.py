"""Looks at stored files and at the rows that name them, and each other."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from kb.backup_format import CHUNK
from kb.checking_findings import Finding
from kb.config import Settings
from kb.database import Database
from kb.errors import N_
from kb.files import FileStore
from kb.models import Base, StoredFile, utc_now
from kb.storage import INCOMING, YOUNG_SECONDS, Storage, size_of

# So many of the things that a file belongs to are named.
_NAMED: Final = 5
# A row that is taken out may leave others without theirs; a chain of tables is never this long.
_ROUNDS: Final = 20


def missing_files(database: Database, files: FileStore) -> Iterator[Finding]:
    """Files that are registered as stored and are not there."""
    with database.read() as session:
        for sha256 in session.scalars(select(StoredFile.sha256).order_by(StoredFile.sha256)):
            if not files.path(sha256).is_file():
                yield Finding(
                    "file-missing",
                    N_("The file %(sha256)s is missing; it belongs to: %(things)s."),
                    N_("Copy it from a backup into the data folder, or import it again."),
                    {"sha256": sha256, "things": _belongs_to(session, sha256)},
                )


def damaged_files(database: Database, files: FileStore) -> Iterator[Finding]:
    """Files whose content is no longer what it was when it was stored."""
    for sha256 in files.hashes():
        path = files.path(sha256)
        try:
            digest = hashlib.sha256()
            with path.open("rb") as content:
                while chunk := content.read(CHUNK):
                    digest.update(chunk)
            reason = "" if digest.hexdigest() == sha256 else N_("its content has changed")
        except OSError as error:
            reason = error.strerror or str(error)
        if reason:
            with database.read() as session:
                things = _belongs_to(session, sha256)
            yield Finding(
                "file-damaged",
                N_("The file %(sha256)s is damaged (%(reason)s); it belongs to: %(things)s."),
                N_("Replace it by the one in a backup; look after the disk, which may be failing."),
                {"sha256": sha256, "reason": reason, "things": things},
            )


def orphan_files(
    settings: Settings, database: Database, files: FileStore, to: Path, *, mend: bool
) -> Iterator[Finding]:
    """Files that no row names: what a crash may leave. Mending moves them out of the way, into the folder ``to``."""
    for path, sha256 in Storage(settings, database, files).orphans():
        size = size_of(path)
        if mend:
            to.mkdir(exist_ok=True)
            path.replace(to / sha256)
        yield Finding(
            "file-orphaned",
            N_("The file %(sha256)s (%(size)s bytes) belongs to nothing."),
            N_("It does no harm; with --mend it is moved to the folder “orphans”."),
            {"sha256": sha256, "size": size},
            mended=mend,
            note=True,
        )


def leftovers(settings: Settings, *, mend: bool) -> Iterator[Finding]:
    """Files that were being written when a process was killed."""
    limit = time.time() - YOUNG_SECONDS
    for path in sorted(settings.files_dir.glob(INCOMING)):
        if path.stat().st_mtime < limit:
            if mend:
                path.unlink(missing_ok=True)
            yield Finding(
                "file-half-written",
                N_("%(path)s was never finished: the process that wrote it was stopped."),
                N_("It does no harm; with --mend it is deleted."),
                {"path": str(path)},
                mended=mend,
                note=True,
            )


def orphan_rows(database: Database, to: Path, *, mend: bool) -> Iterator[Finding]:
    """Rows that name a row which is not there. Mending takes them out and keeps them in a file in the folder ``to``.

    PostgreSQL checks this with every write and cannot hold such rows.
    """
    if database.engine.dialect.name != "sqlite":
        return
    with database.unchecked() as connection:
        for _ in range(_ROUNDS):
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            for table, number, parent, _ in broken:
                if mend:
                    _take_out(connection, str(table), int(number), to)
                yield Finding(
                    "row-orphaned",
                    N_("Row %(number)s of %(table)s names a row of %(parent)s that is not there."),
                    N_("With --mend it is taken out and kept in the folder “orphans”."),
                    {"table": str(table), "number": int(number), "parent": str(parent)},
                    mended=mend,
                )
            if not broken or not mend:
                break
        connection.commit()


def _take_out(connection: Connection, table: str, number: int, to: Path) -> None:
    # The table's name is one of ours: the database gave it.
    row = connection.exec_driver_sql(
        f'SELECT * FROM "{table}" WHERE rowid = ?',  # noqa: S608
        (number,),
    ).first()
    if row is None:  # named by two columns, and taken out for the first
        return
    to.mkdir(exist_ok=True)
    with (to / f"rows-{utc_now().date()}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"table": table, **row._mapping}, default=str) + "\n")
    connection.exec_driver_sql(
        f'DELETE FROM "{table}" WHERE rowid = ?',  # noqa: S608
        (number,),
    )


def _belongs_to(session: Session, sha256: str) -> str:
    """The first few things that a file belongs to, such as ``documents 12``."""
    named: list[str] = []
    for table in Base.metadata.sorted_tables:
        if table.name == StoredFile.__tablename__:
            continue
        for column in table.columns:
            if column.name == "sha256" or column.name.endswith("_sha256"):
                key = next((one for one in table.columns if one.name == "document_id"), None)
                keys = list(table.primary_key.columns) if key is None else [key]
                rows = session.execute(select(*keys).where(column == sha256).limit(_NAMED)).all()
                what = table.name if key is None else "documents"
                named += [f"{what} {' '.join(str(part) for part in row)}" for row in rows]
    return ", ".join(list(dict.fromkeys(named))[:_NAMED]) or "–"
