"""Backups: everything that cannot be made again, in one file, while the house goes on working.

All tables are read in one transaction that sees one state: on SQLite beside the writers, who are not kept waiting; on
PostgreSQL as REPEATABLE READ. The files that this state names were complete on the disk before it could name them, and
files never change, so they are copied afterwards. What was written is read again and compared before the backup gets
its name. The form: :mod:`kb.backup_format`; the way back: :mod:`kb.backup_restoring`.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any, Final

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.backup_format import CHUNK, FILES, MANIFEST, TABLES, BackupRefused, Manifest, Part, written
from kb.database import Database
from kb.errors import DataFolderError
from kb.files import FileStore
from kb.models import Base, StoredFile, record_audit, utc_now
from kb.models.audit import end_of_chain
from kb.storage import named_files

ENDING: Final = ".qianjian.zip"
_ROWS_AT_ONCE: Final = 500
# Texts shrink to a third; Word files, pictures and PDF are compressed already, and trying again only takes time.
_LEVEL: Final = 6
_SHRINKS: Final = (
    "text/",
    "application/json",
    "application/xml",
    "application/rtf",
    "application/msword",
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds.

    Attributes:
        path: where it lies; ``size`` in bytes.
        rows, files: how many were written and read again.
        missing: hashes of files that rows name and that are not there: the backup is whole, the data folder is not.
        damaged: hashes of files whose content is not what it was; they are in the backup as they are.
    """

    path: Path
    size: int
    rows: int
    files: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


@dataclass(slots=True)
class _Content:
    """What was put into the zip file so far."""

    parts: dict[str, Part] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class Backups:
    """Use cases around backups."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Back up ``database`` and ``files``."""
        self._database = database
        self._files = files

    def make(
        self, actor: Actor, target: Path, progress: Progress = lambda _done, _total: None
    ) -> BackupReport:
        """Write a backup to ``target``, whole or not at all.

        Args:
            actor: who wants it; it is written to the audit log.
            target: a file that does not exist yet.
            progress: told how many files of how many are written.

        Raises:
            NotAllowed: the actor is no administrator.
            BackupRefused: there is a file with this name.
            DataFolderError: it could not be written, or what was written is not what can be read again.
        """
        actor.must(Action.BACK_UP)
        if target.exists():
            raise BackupRefused(path=str(target), reason="there is a file with this name already")
        with self._database.write() as session:
            record_audit(session, actor, "backup", "installation", "")
        beside = target.with_name(f".{target.name}-{os.getpid()}")
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w+b") as out:
                content = self._write(out, progress)
                out.flush()
                os.fsync(out.fileno())
                check(out, str(target))
            size = beside.stat().st_size
            os.link(beside, target)  # unlike a rename it never replaces what came in between
        except FileExistsError as error:
            raise BackupRefused(path=str(target), reason="there is a file already") from error
        except OSError as error:
            raise DataFolderError(path=str(target), reason=error.strerror or str(error)) from error
        finally:
            beside.unlink(missing_ok=True)
        return BackupReport(
            path=target,
            size=size,
            rows=sum(content.tables.values()),
            files=sum(name.startswith(FILES) for name in content.parts),
            missing=tuple(content.missing),
            damaged=tuple(content.damaged),
        )

    def kept(self, actor: Actor, folder: Path) -> list[tuple[str, int, datetime]]:
        """Name, size and moment of the backups in a folder, newest first.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.BACK_UP)
        found = []
        for path in folder.glob(f"*{ENDING}"):
            told = path.stat()
            found.append((path.name, told.st_size, datetime.fromtimestamp(told.st_mtime, UTC)))
        return sorted(found, key=lambda one: one[2], reverse=True)

    def _write(self, out: IO[bytes], progress: Progress) -> _Content:
        content = _Content()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            with self._snapshot() as connection:
                for table in Base.metadata.sorted_tables:
                    content.tables[table.name] = _write_table(archive, content, connection, table)
                session = Session(connection)
                named = named_files(session)
                types = {one.sha256: one.media_type for one in session.scalars(select(StoredFile))}
                last = end_of_chain(session)
            for done, sha256 in enumerate(sorted(named)):
                self._write_file(archive, content, sha256, types.get(sha256))
                progress(done + 1, len(named))
            manifest = Manifest(
                version=version("qianjian"),
                revision=self._database.revision(),
                made_at=utc_now().isoformat(timespec="seconds"),
                tables=content.tables,
                parts=content.parts,
                missing=tuple(content.missing),
                audit=last,
            )
            archive.writestr(MANIFEST, manifest.as_json())
        return content

    def _write_file(
        self, archive: zipfile.ZipFile, content: _Content, sha256: str, media_type: str | None
    ) -> None:
        source = self._files.path(sha256)
        if not source.is_file():
            # Hashes of sources whose bytes were never kept are no loss; those registered as stored are.
            if media_type is not None:
                content.missing.append(sha256)
            return
        entry = zipfile.ZipInfo(FILES + sha256)
        shrinks = (media_type or "").startswith(_SHRINKS)
        entry.compress_type = zipfile.ZIP_DEFLATED if shrinks else zipfile.ZIP_STORED
        with source.open("rb") as file:
            _put(archive, content, entry, iter(lambda: file.read(CHUNK), b""))
        if content.parts[entry.filename].sha256 != sha256:
            content.damaged.append(sha256)

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """A connection that sees one state of the database until it is closed."""
        options: dict[str, Any] = {"qianjian_write": False}
        if self._database.engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        try:
            with self._database.engine.connect().execution_options(**options) as connection:
                yield connection
        except OperationalError as error:
            raise DataFolderError(path="database", reason=str(error.orig)) from error


def check(file: IO[bytes], name: str) -> Manifest:
    """Read a backup from its first to its last byte and compare it with what its manifest says.

    Raises:
        BackupRefused: it is no backup, or not as it was when it was made.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = Manifest.parse(archive.read(MANIFEST))
            if {*archive.namelist()} != {*manifest.parts, MANIFEST}:
                raise BackupRefused(path=name, reason="something was added to it or taken out")
            for part, told in manifest.parts.items():
                digest, size = hashlib.sha256(), 0
                with archive.open(part) as source:
                    while chunk := source.read(CHUNK):
                        digest.update(chunk)
                        size += len(chunk)
                if Part(digest.hexdigest(), size) != told:
                    raise BackupRefused(path=name, reason=f"{part} in it is damaged")
    except (zipfile.BadZipFile, EOFError, KeyError, ValueError) as error:
        raise BackupRefused(path=name, reason=f"it is no whole backup ({error})") from error
    return manifest


def _write_table(
    archive: zipfile.ZipFile, content: _Content, connection: Connection, table: Table
) -> int:
    number = 0

    def lines() -> Iterator[bytes]:
        nonlocal number
        yield written(column.name for column in table.columns)
        rows = select(table).order_by(*table.primary_key.columns)
        result = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(rows)
        for row in result:
            number += 1
            yield written(row)

    entry = zipfile.ZipInfo(f"{TABLES}{table.name}.jsonl")
    entry.compress_type = zipfile.ZIP_DEFLATED
    _put(archive, content, entry, lines())
    return number


def _put(
    archive: zipfile.ZipFile, content: _Content, entry: zipfile.ZipInfo, chunks: Iterator[bytes]
) -> None:
    digest, size = hashlib.sha256(), 0
    # Nobody knows the size before the last chunk.
    with archive.open(entry, "w", force_zip64=True) as out:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    content.parts[entry.filename] = Part(digest.hexdigest(), size)
