"""Uploads: a multipart body taken apart while it streams in, each file going to the file store as it ends.

No large file is held in memory. A file over the limit is not kept, only counted, so that it gets its own outcome while
the rest of the upload goes on. Works in a worker thread, because hashing and writing block.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Final

from anyio import from_thread
from fastapi import Depends
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from kb.access import Action
from kb.config import MIB
from kb.errors import N_, InvalidInput
from kb.files import FileStore
from web.visit import Visiting

# The form field that holds files.
FILES_FIELD: Final = "files"
# The form field that holds a table of metadata for them.
MANIFEST_FIELD: Final = "manifest"
# Files in one upload: twice the 5,000 that a department brings at most, so the limit only meets accidents.
MAX_FILES: Final = 10_000
# Other fields are a kind or an audience; more bytes than this in all of them is no form of ours.
MAX_FIELD_BYTES: Final = 64 * 1024
# Up to this size a file waits in memory, in bytes; most Word files are smaller, which saves writing them twice.
_IN_MEMORY: Final = 4 * MIB
MAX_PATH_CHARS: Final = 1000


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One file of an upload.

    Attributes:
        path: its name, or its path in the folder that was uploaded, with ``/``.
        sha256: where it lies in the file store; None when it was larger than the limit and was not kept.
        size: in bytes, also when it was not kept.
    """

    path: str
    sha256: str | None
    size: int


@dataclass(slots=True)
class Upload:
    """What a form brought: its files in order, the manifest if there was one, and its other fields."""

    files: list[UploadedFile] = field(default_factory=list)
    manifest: UploadedFile | None = None
    fields: dict[str, str] = field(default_factory=dict)


def receive(visit: Visiting) -> Upload:
    """Take in the upload of a request, as a FastAPI dependency.

    Raises:
        NotAllowed: the actor may not import; nothing was read.
        InvalidInput: the body is no multipart form, or broke off.
        HTTPException: 413, more files or bytes than are taken at once.
        DataFolderError: the files could not be kept.
    """
    visit.actor.must(Action.IMPORT)
    settings = visit.site.settings
    most = settings.max_upload_mib * MIB
    boundary = _boundary(visit.request)
    if int(visit.request.headers.get("content-length") or 0) > most:
        raise HTTPException(413)
    taken = _Intake(visit.kb.files, settings.max_file_mib * MIB, settings.data_dir)
    stream, received = visit.request.stream(), 0
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": taken.begin,
                "on_header_field": taken.header_name,
                "on_header_value": taken.header_value,
                "on_header_end": taken.header_end,
                "on_part_data": taken.data,
                "on_part_end": taken.end,
            },
        )
        while chunk := from_thread.run(_next, stream):
            received += len(chunk)
            if received > most:
                raise HTTPException(413)
            parser.write(chunk)
        parser.finalize()
        # The parser itself takes a form that ends in its middle for whole.
        if parser.state != MultipartState.END:
            raise _broken()
    except FormParserError as error:
        raise _broken() from error
    finally:
        taken.close()
    return taken.upload


Received = Annotated[Upload, Depends(receive)]


def clean_path(name: str) -> str:
    """A name or relative path as people may see it: no way out of a folder, nothing that cannot be printed."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    parts = [part.strip() for part in printable.replace("\\", "/").split("/")]
    # The end is what tells files apart.
    return "/".join(part for part in parts if part not in {"", ".", ".."})[-MAX_PATH_CHARS:]


class _Intake:
    """What the parser calls, part by part."""

    def __init__(self, store: FileStore, max_file_bytes: int, folder: Path) -> None:
        self.upload = Upload()
        self._store = store
        # Not the system's folder for such files, which may lie in memory.
        self._folder = folder
        self._max_file_bytes = max_file_bytes
        self._field_bytes = 0
        self._file: IO[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        self.close()
        self._headers: dict[str, bytes] = {}
        self._header_name = self._header_value = b""
        self._size = 0
        self._value = bytearray()
        self._disposition: tuple[str, str | None] | None = None

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def header_end(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            _, options = parse_options_header(self._header_value)
            file_name = options.get(b"filename")
            self._disposition = (
                _decoded(options.get(b"name", b"")),
                None if file_name is None else _decoded(file_name),
            )
        self._header_name = self._header_value = b""

    def data(self, data: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._field_bytes += end - start
            if self._field_bytes > MAX_FIELD_BYTES:
                raise HTTPException(413)
            self._value += data[start:end]
            return
        self._size += end - start
        if self._size > self._max_file_bytes:
            self.close()
            return
        if self._file is None:
            self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  closed in close()
                _IN_MEMORY, dir=str(self._folder)
            )
        self._file.write(data[start:end])

    def end(self) -> None:
        name, file_name = self._disposition or ("", None)
        if file_name is None:
            self.upload.fields[name] = _decoded(bytes(self._value))
            return
        path = clean_path(file_name)
        # A form that was sent without choosing a file holds one part without a name and without a byte.
        if name not in {FILES_FIELD, MANIFEST_FIELD} or (not path and not self._size):
            return
        if len(self.upload.files) >= MAX_FILES:
            raise HTTPException(413)
        sha256 = None
        if self._size <= self._max_file_bytes:
            if self._file is None:
                sha256, _ = self._store.keep(b"")
            else:
                self._file.seek(0)
                sha256, _ = self._store.keep(self._file)  # type: ignore[arg-type]
        file = UploadedFile(path or "unnamed", sha256, self._size)
        if name == MANIFEST_FIELD:
            self.upload.manifest = file
        else:
            self.upload.files.append(file)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _is_file(self) -> bool:
        return self._disposition is not None and self._disposition[1] is not None


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    # The stream ends with an empty chunk.
    return await anext(stream, b"")


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise _broken()
    return boundary


def _broken() -> InvalidInput:
    return InvalidInput(field=FILES_FIELD, reason=N_("the upload is incomplete or not a form"))


def _decoded(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        # What is left of programs that send names in the code page of a Chinese Windows.
        return name.decode("gb18030", errors="replace")
