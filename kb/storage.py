"""What the data folder holds and how much room is left: files that rows name, files that none names, sizes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.config import Settings
from kb.database import Database
from kb.files import FileStore
from kb.models import Base

# A file is written before the row that names it, so a young one may belong to work under way.
YOUNG_SECONDS: Final = 24 * 60 * 60.0
# A file that is being written: FileStore.keep.
INCOMING: Final = ".incoming-*"


@dataclass(frozen=True, slots=True)
class StorageUse:
    """How much room what takes, in bytes.

    Attributes:
        files, files_count: contents in the file store.
        orphans, orphans_count: those of them that no row names, old enough to be nobody's work under way.
        database: the database; None where it is on a server that does not say.
        index: the search index, in ``segments`` parts.
        free, total: of the disk that holds the data folder.
    """

    files: int
    files_count: int
    orphans: int
    orphans_count: int
    database: int | None
    index: int
    segments: int
    free: int
    total: int


class Storage:
    """Use cases around room on the disk."""

    def __init__(self, settings: Settings, database: Database, files: FileStore) -> None:
        """Look at the folder of ``settings``, at ``database`` and at ``files``."""
        self._settings = settings
        self._database = database
        self._files = files

    def use(self, actor: Actor) -> StorageUse:
        """How much room everything takes; looks at every file once, without reading it.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.ADMINISTER)
        orphans = {path for path, _ in self.orphans()}
        sizes = {path: size_of(path) for path in map(self._files.path, self._files.hashes())}
        disk = shutil.disk_usage(self._settings.data_dir)
        return StorageUse(
            files=sum(sizes.values()),
            files_count=len(sizes),
            orphans=sum(sizes.get(path, 0) for path in orphans),
            orphans_count=len(orphans),
            database=self._database_size(),
            index=folder_size(self._settings.index_dir),
            segments=sum(1 for _ in self._settings.index_dir.rglob("*.arrays")),
            free=disk.free,
            total=disk.total,
        )

    def orphans(self) -> Iterator[tuple[Path, str]]:
        """Files that no row names and that have lain there for a day, with their hash."""
        on_disk = set(self._files.hashes())
        with self._database.read() as session:
            nobodys = on_disk - named_files(session)
        limit = time.time() - YOUNG_SECONDS
        for sha256 in sorted(nobodys):
            path = self._files.path(sha256)
            if path.is_file() and path.stat().st_mtime < limit:
                yield path, sha256

    def _database_size(self) -> int | None:
        if self._database.engine.dialect.name == "sqlite":
            path = Path(self._database.engine.url.database or "")
            return sum(size_of(path.with_name(path.name + end)) for end in ("", "-wal", "-shm"))
        with self._database.read() as session:
            size = session.scalar(text("SELECT pg_database_size(current_database())"))
            return None if size is None else int(size)


def named_files(session: Session) -> set[str]:
    """The hash of every file that some row names, whatever it is to that row.

    Not only those registered as stored: an upload lies in the store before it is imported.
    """
    named: set[str] = set()
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name == "sha256" or column.name.endswith("_sha256"):
                hashes = session.scalars(select(column).where(column.is_not(None)).distinct())
                named.update(str(one) for one in hashes)
    return named - {""}


def folder_size(folder: Path) -> int:
    """Bytes of all files below a folder; 0 for one that is not there."""
    return sum(size_of(path) for path in folder.rglob("*") if path.is_file())


def size_of(path: Path) -> int:
    """Bytes of a file; 0 for one that is not there, or gone meanwhile."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
