"""The Whoosh index on disk: its schema, what a written entry looks like, its folder, its lock.

::

    <folder>/CURRENT          name of the index folder in use; replaced in one step
    <folder>/writer.lock      held (by the operating system) by the one process that writes
    <folder>/tidy.lock        held by the one process that merges segments
    <folder>/index-<hex>/     a Whoosh index, and stamp.json: what made it
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import struct
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from whoosh import columns, fields, formats
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.util.filelock import FileLock, try_for

from kb.errors import SearchUnavailable
from kb.search import feedback
from kb.search.analysis import ANALYSIS_VERSION, Signal, is_unit, tokens
from kb.search.columns import fact_row
from kb.search.engine import Entry, IndexBusy
from kb.search.whoosh_blocks import (
    BODY_REGION,
    HEADING_REGION,
    LAST_POSITION,
    NO_POSITIONS,
    TITLE_REGION,
    pack_counts,
)
from kb.search.whoosh_mapped import MappedStorage

# Change it whenever the same entry is written differently: indexes made before are then rebuilt.
SCHEMA_VERSION: Final = "2"
STAMP: Final = {"engine": "whoosh", "schema": SCHEMA_VERSION, "analysis": ANALYSIS_VERSION}

LOCK_SECONDS: Final = 10.0  # longest wait for another process that writes one batch
# Postings in a block. Whoosh's 128 is made for skipping; we read whole lists, where few large blocks decode three
# times as fast.
_BLOCK_POSTINGS: Final = 2048
_COMPRESSION: Final = (
    1  # zlib level: 3 saves another 2 % of space and costs a tenth of the writing time
)
MERGE_MEGABYTES: Final = (
    256  # memory for postings on their way into a large segment, before they go to disk
)
# A phrase must not run from one heading or section into the next.
_TEXT_GAP: Final = 10

MERGING: Final = "index-merge-"  # folder in which a merged segment is being written

_CURRENT: Final = "CURRENT"
_STAMP_FILE: Final = "stamp.json"


class PostingField(fields.FieldType):  # type: ignore[misc]
    """A field whose terms, packed counts and positions are made by :func:`written`, not by Whoosh's analysis."""

    def __init__(self) -> None:
        super().__init__(formats.Format(), analyzer=None)

    def index(self, value: Any, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Hand the postings over: ``(term, count, weight, value)``."""
        for term, packed, positions in value:
            yield term, 1, float(packed), positions


def schema() -> fields.Schema:
    """The fields: the key to delete by, the two signals, the facts of a row, the gist."""
    return fields.Schema(
        key=fields.ID(),
        words=PostingField(),
        grams=PostingField(),
        facts=fields.COLUMN(columns.VarBytesColumn()),
        gist=fields.COLUMN(columns.VarBytesColumn()),
    )


def codec() -> W3Codec:
    """How posting lists are laid out."""
    return W3Codec(blocklimit=_BLOCK_POSTINGS, compression=_COMPRESSION)


def written(entry: Entry) -> dict[str, Any]:
    """The Whoosh document of an entry. This is where its texts are analysed, each once."""
    signals: dict[Signal, _Occurrences] = {"words": _Occurrences(), "grams": _Occurrences()}
    lengths: dict[Signal, list[int]] = {"words": [], "grams": []}
    telling: Counter[str] = Counter()
    texts = ((entry.title,), entry.headings, entry.body)
    regions = (TITLE_REGION, HEADING_REGION, BODY_REGION, LAST_POSITION)
    for field, parts in enumerate(texts):
        counts: dict[Signal, int] = {"words": 0, "grams": 0}
        first = regions[field]
        for part in parts:
            last = first
            for token in tokens(part):
                last = first + token.position
                # Words of Chinese characters keep no positions: phrases of them are looked up among the grams.
                keeps = token.signal == "grams" or is_unit(token.text)
                position = min(last, regions[field + 1] - 1) if keeps else None
                signals[token.signal].add(token.text, field, position)
                counts[token.signal] += 1
                if feedback.tells(token):
                    telling[token.text] += 1
            first = last + _TEXT_GAP
        for signal, count in counts.items():
            lengths[signal].append(count)
    row = fact_row(entry, [*lengths["words"], *lengths["grams"]])
    return {
        "key": entry.key,
        "words": signals["words"].postings(),
        "grams": signals["grams"].postings(),
        "facts": json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode(),
        "gist": feedback.written(telling),
    }


class _Occurrences:
    """The terms of one signal in one entry: counts by field, and positions."""

    def __init__(self) -> None:
        self._counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._positions: defaultdict[str, list[int]] = defaultdict(list)

    def add(self, term: str, field: int, position: int | None) -> None:
        self._counts[term][field] += 1
        if position is not None:
            self._positions[term].append(position)

    def postings(self) -> list[tuple[bytes, int, bytes]]:
        packed = []
        for term, counts in self._counts.items():
            positions = sorted(set(self._positions.get(term, ())))
            value = struct.pack(f"<{len(positions)}I", *positions) or NO_POSITIONS
            packed.append((term.encode(), pack_counts(*counts), value))
        return packed


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


def create(index: Path) -> FileIndex:
    """Make an empty Whoosh index in a folder."""
    return FileIndex.create(FileStorage(str(index)), schema(), "main")


def open_index(index: Path) -> FileIndex:
    """Open the Whoosh index in a folder; raises whatever Whoosh raises."""
    return FileIndex(MappedStorage(str(index)), schema(), "main")


def toc_path(index: Path, generation: int) -> Path:
    """The file that exists exactly as long as ``generation`` is the newest one."""
    return index / f"_main_{generation}.toc"


def sweep_index(index: Path) -> None:
    """Remove what a killed writer left in an index folder; only for the holder of the lock."""
    shutil.rmtree(index / "main.tmp", ignore_errors=True)
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
