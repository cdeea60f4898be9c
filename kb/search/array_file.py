"""A file of named arrays, written once and read in place.

::

    array, array, ...     each beginning at a multiple of eight bytes
    directory             JSON: {"arrays": {name: [type, offset, count]}, "facts": anything}
    tail                  offset, length and checksum of the directory, checksum of the arrays, MAGIC

Reading is a memory map and one view for each array: nothing is decoded, opening takes the same time whatever the size,
and what is not looked at is not loaded. The map lives as long as one of its views. A file that was cut or scribbled on
is told by its tail when it is opened, or by :meth:`ArrayFile.check`, which reads all of it.
"""

from __future__ import annotations

import json
import mmap
import struct
import tempfile
import zlib
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

MAGIC: Final = b"qjarrays"
_TAIL: Final = struct.Struct("<QQII8s")
_ALIGNMENT: Final = 8
# What of one array is kept in memory on its way into the file, in bytes.
_SPOOLED: Final = 1 << 20
_COPIED_AT_ONCE: Final = 1 << 20


class ArrayWriter:
    """Collects arrays piece by piece, in any order, and writes them to one file."""

    def __init__(self, path: Path) -> None:
        """Write to ``path`` in the end; what does not fit in memory waits beside it."""
        self._path = path
        self._parts: dict[str, tuple[IO[bytes], np.dtype[Any]]] = {}

    def append(self, name: str, values: NDArray[Any]) -> None:
        """Add to the end of the array ``name``; its type is that of the first piece."""
        if name not in self._parts:
            spool = tempfile.SpooledTemporaryFile(max_size=_SPOOLED, dir=str(self._path.parent))  # noqa: SIM115
            self._parts[name] = spool, values.dtype
        file, dtype = self._parts[name]
        file.write(np.ascontiguousarray(values, dtype=dtype).data)

    def finish(self, facts: dict[str, Any]) -> None:
        """Write the file, with ``facts`` in its directory. Nothing can be added afterwards."""
        arrays: dict[str, tuple[str, int, int]] = {}
        checksum = 0
        with self._path.open("wb") as out:
            for name, (part, dtype) in self._parts.items():
                padding = b"\0" * (-out.tell() % _ALIGNMENT)
                out.write(padding)
                checksum = zlib.crc32(padding, checksum)
                first = out.tell()
                part.seek(0)
                while piece := part.read(_COPIED_AT_ONCE):
                    out.write(piece)
                    checksum = zlib.crc32(piece, checksum)
                arrays[name] = dtype.str, first, (out.tell() - first) // dtype.itemsize
            directory = json.dumps({"arrays": arrays, "facts": facts}, ensure_ascii=False).encode()
            at = out.tell()
            out.write(directory)
            out.write(_TAIL.pack(at, len(directory), zlib.crc32(directory), checksum, MAGIC))
        self.discard()

    def discard(self) -> None:
        """Let go of what was collected. Calling it again does nothing."""
        for part, _ in self._parts.values():
            part.close()
        self._parts.clear()


class ArrayFile:
    """The arrays of a file, and its facts. Read-only; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        """Open ``path``.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no such file, or not whole.
        """
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._path = path
        size = len(self._map)
        if size < _TAIL.size:
            raise ValueError(f"{path.name} is cut")
        at, length, checksum, self._checksum, magic = _TAIL.unpack(self._map[size - _TAIL.size :])
        directory = self._map[at : at + length]
        if magic != MAGIC or zlib.crc32(directory) != checksum:
            raise ValueError(f"{path.name} is damaged")
        self._end = at
        read = json.loads(directory)
        self._arrays: dict[str, tuple[str, int, int]] = read["arrays"]
        self.facts: dict[str, Any] = read["facts"]
        self.bytes = size

    def __getitem__(self, name: str) -> NDArray[Any]:
        """The array ``name``, in place; empty where there is none of this name."""
        dtype, at, count = self._arrays.get(name, ("|u1", 0, 0))
        if not count:
            return np.empty(0, np.dtype(dtype))
        return np.frombuffer(self._map, np.dtype(dtype), count, at)

    def check(self) -> None:
        """Read everything.

        Raises:
            ValueError: the arrays are not what was written.
        """
        checksum, left = 0, self._end
        with self._path.open("rb") as file:
            while left and (piece := file.read(min(left, _COPIED_AT_ONCE))):
                checksum = zlib.crc32(piece, checksum)
                left -= len(piece)
        if checksum != self._checksum:
            raise ValueError(f"{self._path.name} is damaged")
