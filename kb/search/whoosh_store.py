"""The Whoosh index on disk: its schema, its segments, its folder, its lock.

::

    <folder>/CURRENT          name of the index folder in use; replaced in one step
    <folder>/writer.lock      held (by the operating system) by the one process that writes
    <folder>/tidy.lock        held by the one process that merges segments
    <folder>/index-<hex>/     a Whoosh index, and stamp.json: what made it
        <segment>.*           Whoosh's: the keys of the segment's things
        <segment>.arrays      ours: posting lists, columns, gists (kb.search.run_building)

Whoosh keeps which things there are: keys, segments, generations, deletions, each commit all or nothing. Its posting
lists are made and merged posting by posting in Python, which was half and more of the time of indexing, and decoded by
zlib and pickle, which was nine tenths of the time of a question; ours are arrays that lie beside. A file that has a
segment's name is swept away by Whoosh together with the segment.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh import fields
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.util.filelock import FileLock, try_for

from kb.errors import SearchUnavailable
from kb.search.analysis import ANALYSIS_VERSION
from kb.search.columns import Mask
from kb.search.engine import IndexBusy

# Change it whenever the same entry is written differently: indexes made before are then rebuilt.
SCHEMA_VERSION: Final = "3"
STAMP: Final = {"engine": "whoosh", "schema": SCHEMA_VERSION, "analysis": ANALYSIS_VERSION}

LOCK_SECONDS: Final = 10.0  # longest wait for another process that writes one batch
MERGING: Final = "index-merge-"  # folder in which a merged segment is being written
PARTS: Final = (
    "parts-"  # folder, in an index, of the parts of a batch that is too large to be made at once
)

_CURRENT: Final = "CURRENT"
_STAMP_FILE: Final = "stamp.json"


def schema() -> fields.Schema:
    """The only field that Whoosh holds: the key to delete by."""
    return fields.Schema(key=fields.ID())


class IndexFolder:
    """The folder of one index: which sub-folder is current, who may write."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read or made yet."""
        self.folder = folder

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock, which the operating system frees should the process die.

        Raises:
            IndexBusy: another process holds it for longer than :data:`LOCK_SECONDS`.
            SearchUnavailable: the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(str(self.folder / "writer.lock"))
            got = try_for(lock.acquire, timeout=LOCK_SECONDS, delay=0.05)
        except OSError as error:
            raise SearchUnavailable(reason=f"{self.folder}: {error.strerror}") from error
        if not got:
            raise IndexBusy(reason="another process is writing to the index")
        try:
            yield
        finally:
            lock.release()

    @contextmanager
    def tidying(self) -> Iterator[bool]:
        """Hold the lock of whoever merges segments; gives False at once when another process does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(self.folder / "tidy.lock"))
        if not lock.acquire():
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def current(self) -> Path | None:
        """The index folder in use, or None."""
        try:
            name = (self.folder / _CURRENT).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None
        path = self.folder / name
        return path if name.startswith("index-") and path.is_dir() else None

    def beside(self) -> Path:
        """A new, empty index folder that is not in use yet."""
        path = self.folder / f"index-{secrets.token_hex(6)}"
        path.mkdir(parents=True)
        return path

    def use(self, index: Path) -> None:
        """Stamp a finished index, put it in the place of the present one, and remove all others."""
        _write_durably(index / _STAMP_FILE, json.dumps(STAMP))
        flush(index, index.iterdir())
        _write_durably(self.folder / _CURRENT, index.name)
        flush(self.folder, ())
        self.sweep()

    def sweep(self) -> None:
        """Remove index folders that are not in use: left by a rebuild, or by a process that was killed."""
        current = self.current()
        for path in self.folder.glob("index-*"):
            if path != current and not path.name.startswith(MERGING):
                shutil.rmtree(path, ignore_errors=True)


def stamp_of(index: Path) -> dict[str, str]:
    """What made an index; empty when that cannot be read."""
    try:
        stamp = json.loads((index / _STAMP_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def create(index: Path) -> None:
    """Make an empty Whoosh index in a folder."""
    FileIndex.create(FileStorage(str(index)), schema(), "main")


def open_index(index: Path) -> FileIndex:
    """Open the Whoosh index in a folder; raises whatever Whoosh raises."""
    return FileIndex(FileStorage(str(index)), schema(), "main")


def writer_of(index: Path) -> Any:
    """A Whoosh writer on the index in a folder; raises whatever Whoosh raises."""
    # Not as one file: Whoosh would pack our arrays into it.
    return open_index(index).writer(compound=False)


def contents(index: Path) -> TOC:
    """The newest generation of an index: its number and its segments. Reads one small file."""
    return TOC.read(FileStorage(str(index)), "main", schema=schema())


def arrays_path(index: Path, segment: str) -> Path:
    """The file with the arrays of a segment."""
    return index / f"{segment}.arrays"


def live_mask(segment: Any) -> Mask | None:
    """Which things of a segment are not deleted; None: all of them."""
    deleted = list(segment.deleted_docs())
    if not deleted:
        return None
    live = np.ones(segment.doc_count_all(), dtype=bool)
    live[deleted] = False
    return live


def add_keys(writer: Any, keys: Iterable[str]) -> str:
    """Give a writer the things of its new segment, in the order of their arrays; returns the segment's name."""
    for key in keys:
        writer.add_document(key=key)
    return str(writer.get_segment().segment_id())


def toc_path(index: Path, generation: int) -> Path:
    """The file that exists exactly as long as ``generation`` is the newest one."""
    return index / f"_main_{generation}.toc"


def sweep_index(index: Path) -> None:
    """Remove what a killed writer left in an index folder; only for the holder of the lock."""
    for folder in (index / "main.tmp", *index.glob(f"{PARTS}*")):
        shutil.rmtree(folder, ignore_errors=True)
    for path in index.glob("_main_*.toc.*"):
        path.unlink(missing_ok=True)


def flush(folder: Path, files: Iterable[Path]) -> None:
    """Have the operating system write files, and the names in ``folder``, to the disk."""
    for path in (*(file for file in files if file.is_file()), folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_durably(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}-{time.time_ns()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
