"""The way back from a backup: into an empty place only, and only after every byte of it was compared.

The rows go into tables of the revision that the backup was made with, which are then migrated like any older database.
They may come from SQLite and go to PostgreSQL or the other way round. All of it is one transaction; the files are put
down before it ends, so that a restore that is cut off leaves no row without its file.

Sign-ins are left behind: one that was ended after the backup was made must not come to life again.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from sqlalchemy import Connection, MetaData, Table, delete, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from kb.backup import Progress, check
from kb.backup_format import FILES, TABLES, BackupRefused, Manifest, read
from kb.config import Settings
from kb.database import NEWEST, Database
from kb.errors import DataFolderError
from kb.files import FileStore
from kb.models import UserSession

_ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was restored; ``missing`` are hashes of files that were not there when the backup was made."""

    made_at: str
    version: str
    rows: int
    files: int
    missing: tuple[str, ...]


def restore(
    settings: Settings, source: Path, progress: Progress = lambda _done, _total: None
) -> RestoreReport:
    """Fill an empty installation from a backup; the search index is built at the next start.

    Args:
        settings: name the data folder and the database to fill.
        source: the backup.
        progress: told how many files of how many are put down.

    Raises:
        BackupRefused: the place is not empty, or the backup is not as it was made.
        DataFolderError: something could not be written; the place is as empty as before.
    """
    _must_be_empty(settings)
    try:
        with source.open("rb") as file:
            manifest = check(file, str(source))
            with zipfile.ZipFile(file) as archive:
                return _restore(settings, archive, manifest, progress)
    except OSError as error:
        raise DataFolderError(path=str(source), reason=error.strerror or str(error)) from error


def _restore(
    settings: Settings, archive: zipfile.ZipFile, manifest: Manifest, progress: Progress
) -> RestoreReport:
    made = not settings.data_dir.exists()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.effective_database_url)
    store = FileStore(settings.files_dir)
    files = [name for name in manifest.parts if name.startswith(FILES)]
    try:
        with database.unchecked() as connection:
            database.upgrade(connection, manifest.revision)
            rows = _fill(connection, archive, manifest)
            for done, name in enumerate(files):
                with archive.open(name) as content:
                    store.keep(cast("BinaryIO", content))
                progress(done + 1, len(files))
            database.upgrade(connection, NEWEST)
            connection.execute(delete(UserSession))
            _must_hold_together(connection, str(archive.filename))
            connection.commit()
    except BaseException:
        database.close()
        _empty(settings, made=made)
        raise
    database.close()
    return RestoreReport(manifest.made_at, manifest.version, rows, len(files), manifest.missing)


def _must_be_empty(settings: Settings) -> None:
    folder = settings.data_dir
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(
            path=str(folder), reason="a backup is restored into an empty folder only, and it is not"
        )
    database = Database(settings.effective_database_url)
    if database.engine.dialect.name == "sqlite":
        taken = Path(database.engine.url.database or "").exists()  # connecting would make it
    else:
        try:
            with database.engine.connect() as connection:
                taken = bool(inspect(connection).get_table_names())
        except SQLAlchemyError as error:
            raise DataFolderError(path=database.where, reason=str(error)) from error
    database.close()
    if taken:
        raise BackupRefused(path=database.where, reason="the database has tables already")


def _empty(settings: Settings, *, made: bool) -> None:
    """Leave the place as it was: it was empty."""
    for path in settings.data_dir.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    if made:
        settings.data_dir.rmdir()


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> int:
    metadata = MetaData()
    metadata.reflect(connection)
    tables = {name: metadata.tables[name] for name in manifest.tables if name in metadata.tables}
    lost = sorted(name for name, rows in manifest.tables.items() if rows and name not in tables)
    if lost:
        reason = f"it has rows of tables that its revision does not have: {', '.join(lost)}"
        raise BackupRefused(path=str(archive.filename), reason=reason)
    keys = _without_foreign_keys(connection, tables)
    for name in tables:  # what a migration filled in by itself
        connection.exec_driver_sql(f'DELETE FROM "{name}"')  # noqa: S608  a name out of the database itself
    rows = sum(_fill_table(connection, archive, table) for table in tables.values())
    for statement in keys:
        connection.exec_driver_sql(statement)
    _set_sequences(connection, tables)
    return rows


def _fill_table(connection: Connection, archive: zipfile.ZipFile, table: Table) -> int:
    number = 0
    with archive.open(f"{TABLES}{table.name}.jsonl") as lines:
        names = read(next(lines))
        rows = _rows(lines, names)
        while batch := list(islice(rows, _ROWS_AT_ONCE)):
            connection.execute(table.insert(), batch)
            number += len(batch)
    return number


def _rows(lines: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        yield dict(zip(names, read(line), strict=True))


def _without_foreign_keys(connection: Connection, tables: dict[str, Table]) -> list[str]:
    """Take foreign keys off, because rows come table by table; returns what puts them back, which checks them all.

    On SQLite they are switched off for the connection, and checked at the end.
    """
    if connection.dialect.name != "postgresql":
        return []
    back = []
    for name in tables:
        for conname, definition in connection.execute(
            text(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'f' AND conrelid = CAST(:name AS regclass)"
            ),
            {"name": f'"{name}"'},
        ).all():
            connection.exec_driver_sql(f'ALTER TABLE "{name}" DROP CONSTRAINT "{conname}"')
            back.append(f'ALTER TABLE "{name}" ADD CONSTRAINT "{conname}" {definition}')
    return back


def _set_sequences(connection: Connection, tables: dict[str, Table]) -> None:
    """Let PostgreSQL count on from the highest number; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for name, table in tables.items():
        for column in table.primary_key.columns:
            sequence = connection.scalar(
                text("SELECT pg_get_serial_sequence(:name, :column)"),
                {"name": f'"{name}"', "column": column.name},
            )
            if sequence:
                connection.exec_driver_sql(
                    f"SELECT setval('{sequence}', (SELECT COALESCE(MAX(\"{column.name}\"), 0) + 1"  # noqa: S608
                    f' FROM "{name}"), false)'
                )


def _must_hold_together(connection: Connection, name: str) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            reason = f"a row of {broken[0]} in it names one of {broken[2]} that is not there"
            raise BackupRefused(path=name, reason=reason)
