"""One file, from where it lies to its document, in three named steps.

``keep``: its bytes go into the file store, whatever becomes of it. ``read``: a reading process makes
a draft of the stored bytes. ``store``: the draft becomes a document. A file whose content is known
already is not read again. An archive is replaced by the files in it, which then go the same way.
"""

from __future__ import annotations

import hashlib
import logging
import mimetypes
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

from ingest.archives import SEPARATOR, ZIP_SIGNATURE, Unpacked
from ingest.formats import Format
from ingest.limits import MIB
from ingest.manifests import NOT_HANDED_IN, in_archive
from ingest.reading import READERS, limits_of, read_in
from ingest.sources import bounded_path, bounded_place, name_of
from ingest.workers import PoolClosed, ReadingPool, temporary_folder
from kb.access import Audience
from kb.documents import Original, Stored
from kb.errors import (
    DataFolderError,
    EmptyFile,
    FileRefused,
    FileTooLarge,
    ImportFault,
    NoText,
    UnreadableFile,
)
from kb.import_queue import ClaimedItem, ClaimedJob, ItemOutcome, Result
from kb.importing_rules import BY_FOLDER, Entry, refusal
from kb.knowledge_base import KnowledgeBase
from kb.likeness import Likeness

_log = logging.getLogger(__name__)
_CHUNK: Final = 1 * MIB
# How a zip begins; the second is an empty one.
_ZIP: Final = frozenset({ZIP_SIGNATURE, b"PK\x05\x06"})
# An archive may unpack to so many times the largest file, see limits_of, and may take as many times as long.
_FILES_IN_TIME: Final = 10


class Pipeline:
    """The way of one file; safe to use from several threads at once."""

    def __init__(self, kb: KnowledgeBase, pool: ReadingPool, *, readers: str = READERS) -> None:
        """Store into ``kb`` what ``readers`` (the module with ``read``) make of files in the processes of ``pool``."""
        self._kb = kb
        self._pool = pool
        self._readers = readers
        self._limits = limits_of(kb.settings)
        self._likeness = Likeness(kb.database)

    @property
    def processes(self) -> int:
        """How many files can be read at once."""
        return self._pool.count

    def process(self, job: ClaimedJob, item: ClaimedItem) -> Result:
        """Bring one file in and say what became of it; whatever the file is, the outcome is a value.

        Raises:
            DataFolderError: nothing can be stored now; the file is not to blame.
            PoolClosed: the reading processes were ended meanwhile.
        """
        way = _Way(item)
        try:
            return self._process(job, item, way)
        except (DataFolderError, PoolClosed):
            raise
        except FileRefused as refused:
            return way.failed(refused)
        except Exception as fault:  # noqa: BLE001  a fault met with one file must not stop the others
            _log.exception("Importing %s met a fault.", item.path)
            reason = f"{type(fault).__name__}: {fault}"[:500]
            return way.failed(ImportFault(name=way.name, reason=reason))

    def _process(self, job: ClaimedJob, item: ClaimedItem, way: _Way) -> Result:
        if self._is_archive(item, way):
            return self._expand(job, item, way)
        self._keep(item, way)
        original = way.original()
        known = self._kb.documents.known(job.actor, item.place, original.sha256)
        if known is not None:
            return way.ended(known)
        way.step = "read"
        path = self._kb.files.path(original.sha256)
        given = item.overrides
        draft, cut = read_in(
            self._pool,
            path,
            way.name,
            self._limits,
            given=replace(given, kind=given.kind or job.kind),
            readers=self._readers,
        )
        way.step = "store"
        way.ledger = draft.ledger.as_json()
        stored = self._kb.documents.store(
            job.actor,
            draft,
            cut=cut,
            place=item.place,
            original=original,
            audience=Audience.parse(given.audience, follows=True)
            if given.audience
            else job.audience,
            state=job.document_state,
        )
        result = replace(way.ended(stored), harvested_as=draft.kind.value)
        if stored.outcome == "stored":
            near = self._likeness.note(job.actor, stored.document_id)
            result = replace(result, near=tuple(near))
        return result

    def _keep(self, item: ClaimedItem, way: _Way) -> None:
        if not item.local_path:
            if item.sha256 is None and item.size is None:
                # A row of a manifest that was without its file, tried again: it still is.
                raise UnreadableFile(name=way.name, reason=NOT_HANDED_IN)
            # Uploaded: kept as it came in, unless it was too large for that.
            self._must_be_within_limits(way.name, item.size or 0)
            way.sha256, way.size = item.sha256 or "", item.size or 0
            return
        with self._opened(item, way) as source:
            self._must_be_within_limits(way.name, os.fstat(source.fileno()).st_size)
            way.sha256, way.size = _hash(source)
            if not self._kb.files.path(way.sha256).exists():
                source.seek(0)
                # The file may have changed since: what was kept is what counts.
                way.sha256, way.size = self._kb.files.keep(source)

    def _is_archive(self, item: ClaimedItem, way: _Way) -> bool:
        """True for an archive of documents, but not for a document that is packed, such as .docx."""
        try:
            with self._opened(item, way) as source:
                if source.read(4) not in _ZIP:
                    return False
            found = self._pool.call(
                "ingest.formats", "sniff", self._path(item), way.name, name=way.name
            )
        except FileRefused:
            return False  # what is wrong with it is told by the steps that every file goes through
        return bool(found == Format.ZIP)

    def _expand(self, job: ClaimedJob, item: ClaimedItem, way: _Way) -> Result:
        """Replace an archive by its files: these are kept, the archive is not, or all would be kept twice."""
        way.step = "read"
        folder = temporary_folder(self._pool.folder)
        try:
            size = self._path(item).stat().st_size
            if size > self._limits.unpacked_mib * MIB:
                limit = self._limits.unpacked_mib
                raise FileTooLarge(name=way.name, size_mib=-(-size // MIB), limit_mib=limit)
            unpacked: list[Unpacked] = self._pool.call(
                "ingest.archives",
                "unpack",
                self._path(item),
                way.name,
                folder,
                self._limits,
                name=way.name,
                times=_FILES_IN_TIME,
            )
            if not unpacked:
                raise NoText(name=way.name, reason="there is no file in the archive")
            entries = in_archive(
                (self._entry(item, way.name, member, folder) for member in unpacked),
                job.manifest_rows,
                listed=bool(job.manifest),
            )
        except FileRefused:
            with suppress(FileRefused):
                self._keep(item, way)
            raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return Result("expanded", "read", sha256=item.sha256, size=item.size, entries=entries)

    def _entry(self, archive: ClaimedItem, name: str, member: Unpacked, folder: Path) -> Entry:
        """A member of the archive ``name`` as an entry of the job, its bytes in the file store."""
        inside = member.path.removeprefix(name) or SEPARATOR
        entry = Entry(
            path=bounded_path(archive.path + inside),
            place=bounded_place(archive.place + inside),
            overrides=replace(archive.overrides, title=""),
            skip=member.skip,
        )
        if member.error_code:
            return replace(entry, error=refusal(member.error_code, member.error_data))
        if member.skip:
            return entry
        # Only the name, and no link: a reading process that was taken over must not choose what is stored.
        with _opened(
            os.fsencode(folder / Path(member.file).name), archive.path, links=False
        ) as source:
            sha256, size = self._kb.files.keep(source)
        return replace(entry, sha256=sha256, size=size)

    def _path(self, item: ClaimedItem) -> Path:
        if item.local_path:
            return Path(os.fsdecode(item.local_path))
        return self._kb.files.path(item.sha256 or "")

    @contextmanager
    def _opened(self, item: ClaimedItem, way: _Way) -> Iterator[BinaryIO]:
        path = os.fsencode(self._path(item))
        with _opened(path, way.name) as source:
            yield source

    def _must_be_within_limits(self, name: str, size: int) -> None:
        if size == 0:
            raise EmptyFile(name=name)
        if size > self._limits.file_mib * MIB:
            limit = self._limits.file_mib
            raise FileTooLarge(name=name, size_mib=-(-size // MIB), limit_mib=limit)


class _Way:
    """How far one file has come."""

    def __init__(self, item: ClaimedItem) -> None:
        self.name = name_of(item.path)
        self.step = "keep"
        self.sha256 = ""
        self.size = 0
        self.ledger: dict[str, Any] = {}

    @property
    def media_type(self) -> str:
        """Media type by the name, for the browser that downloads the original."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def original(self) -> Original:
        """The kept file, as a document refers to it."""
        return Original(self.sha256, self.size, self.name, self.media_type)

    def ended(self, stored: Stored) -> Result:
        """The file is in a document."""
        return replace(
            self._so_far(stored.outcome),
            document_id=stored.document_id,
            version=stored.version,
            ledger=self.ledger,
            note=BY_FOLDER if stored.by_folder else "",
        )

    def failed(self, error: FileRefused) -> Result:
        """The file is in no document."""
        return replace(self._so_far("failed"), error=error)

    def _so_far(self, outcome: ItemOutcome) -> Result:
        return Result(
            outcome,
            self.step,
            sha256=self.sha256 or None,
            size=self.size if self.sha256 else None,
            media_type=self.media_type,
        )


@contextmanager
def _opened(path: bytes, name: str, *, links: bool = True) -> Iterator[BinaryIO]:
    """The file at ``path``; whatever the system says against it, then or while it is read, is UnreadableFile."""
    try:
        # Without O_NONBLOCK the opening of a pipe that nobody writes to would wait for ever.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(path, flags if links else flags | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as source:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise UnreadableFile(name=name, reason="it is not a regular file")
            yield source
    except OSError as error:
        raise UnreadableFile(name=name, reason=error.strerror or str(error)) from error


def _hash(source: BinaryIO) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size
