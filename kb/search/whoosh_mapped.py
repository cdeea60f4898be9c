"""Segments read in place: Whoosh's storage with memory maps that are not copied.

Whoosh maps a segment and then copies each of its parts into memory (``BytesIO`` of the map): at 2,400 documents 366 MiB
against 220 without the copies, and more with each segment that is opened while a large import goes on. Reading without
maps would be flat too, but takes two to three times as long for a question. So a segment is handed over as a file that
knows how to cut itself into parts, which is all that Whoosh's compound storage asks of it.

To be deleted when ``whoosh.filedb.structfile.BufferFile`` no longer copies its buffer.
"""

from __future__ import annotations

import io
import mmap
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import BufferFile


class MappedStorage(FileStorage):  # type: ignore[misc]
    """Files in a folder; segments are memory maps."""

    def open_file(self, name: str, **options: Any) -> Any:
        """Open a file for reading: a segment as a map, all others as Whoosh does."""
        if not name.endswith(".seg"):
            return super().open_file(name, **options)
        with (Path(self.folder) / name).open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _MappedFile(memoryview(mapped), name)


class _MappedFile(BufferFile):  # type: ignore[misc]
    """A part of a map. It has no ``fileno``, which is how Whoosh's compound storage knows not to map it itself."""

    def __init__(self, buffer: memoryview, name: str | None = None) -> None:
        """Read from ``buffer``; nothing is copied. Replaces the base's, whose only other work is the copy."""
        self._buf = buffer
        self._name = name
        self.file = _View(buffer)
        self.onclose = None
        self.is_real = False
        self.is_closed = False

    def subset(self, position: int, length: int, name: str | None = None) -> _MappedFile:
        """The part of ``length`` bytes from ``position`` on."""
        return _MappedFile(self._buf[position : position + length], name or self._name)


class _View(io.RawIOBase):
    """A memory view as a file to read."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._buffer)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        end = len(self._buffer) if size is None or size < 0 else self._at + size
        found = bytes(self._buffer[self._at : end])
        self._at += len(found)
        return found
