"""The file store: bytes in, hash out. Each content is kept once, under ``files/ab/cdef…``, and never changes.

A file is complete on disk (written beside, flushed, renamed) before any row points to it, so a crash leaves at worst a
file nobody refers to, never a row without its file.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.errors import DataFolderError, NotFound
from kb.models import StoredFile

_CHUNK: Final = 1024 * 1024


class FileStore:
    """Original files, pictures and attachments, named by the SHA-256 of their content."""

    def __init__(self, folder: Path) -> None:
        """Keep files under ``folder``, which is made when the first file comes."""
        self._folder = folder

    def keep(self, source: BinaryIO | bytes) -> tuple[str, int]:
        """Store a content and return its ``(sha256, size in bytes)``; storing it again changes nothing.

        Raises:
            DataFolderError: it could not be written (disk full, read-only).
        """
        digest, size = hashlib.sha256(), 0
        chunks = [source] if isinstance(source, bytes) else iter(lambda: source.read(_CHUNK), b"")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, beside = tempfile.mkstemp(dir=self._folder, prefix=".incoming-")
            try:
                with os.fdopen(descriptor, "wb") as out:
                    for chunk in chunks:
                        digest.update(chunk)
                        size += len(chunk)
                        out.write(chunk)
                    out.flush()
                    os.fsync(out.fileno())
                target = self.path(digest.hexdigest())
                target.parent.mkdir(exist_ok=True)
                Path(beside).replace(target)
            finally:
                Path(beside).unlink(missing_ok=True)
        except OSError as error:
            raise DataFolderError(
                path=str(self._folder), reason=error.strerror or str(error)
            ) from error
        return digest.hexdigest(), size

    def path(self, sha256: str) -> Path:
        """Where the content with this hash lies, whether or not it is there."""
        return self._folder / sha256[:2] / sha256[2:]

    def open(self, sha256: str) -> BinaryIO:
        """Open a stored content for reading.

        Raises:
            NotFound: no content has this hash.
        """
        try:
            return self.path(sha256).open("rb")
        except OSError as error:
            raise NotFound(what="file", id=sha256) from error

    def hashes(self) -> Iterator[str]:
        """The hash of every content on disk."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            for file in sorted(folder.iterdir()):
                yield folder.name + file.name


def register_file(session: Session, sha256: str, size: int, media_type: str) -> None:
    """Record a kept content in the caller's transaction; once is enough."""
    if session.get(StoredFile, sha256) is None:
        # On PostgreSQL somebody else may add the same content at this very moment: a logo that every report has.
        with suppress(IntegrityError), session.begin_nested():
            session.add(StoredFile(sha256=sha256, size=size, media_type=media_type[:120]))
