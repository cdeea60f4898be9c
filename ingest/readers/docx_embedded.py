"""Files within a Word file: each is named, and what our readers understand of it is carried."""

from __future__ import annotations

import importlib
import io
import posixpath
import struct
import tempfile
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Final

import olefile

from ingest.readers.docx_model import ITALIC, Block, Paragraph, Piece, Raw
from ingest.readers.docx_pictures import picture_piece
from kb.drafts import Draft
from kb.errors import FileRefused

if TYPE_CHECKING:
    from ingest.readers.docx_story import Context

DEEPEST: Final = (
    2  # files within files that are read: a workbook in a report, and what lies in that workbook
)
LONGEST: Final = (
    200_000  # characters of one embedded file that are carried; the original holds the rest
)
_OLE2: Final = b"\xd0\xcf\x11\xe0"
_NATIVE: Final = "\x01Ole10Native"

_depth: ContextVar[int] = ContextVar("depth of files within files", default=0)


def embedded_blocks(
    context: Context, part: str, relation_id: str, *, program: str = "", chunk: bool = False
) -> list[Block]:
    """The blocks for one embedded file.

    Args:
        context: of the file it lies in.
        part: the part that refers to it.
        relation_id: the relation it refers by.
        program: the program it was made with, as the file says (``Excel.Sheet.12``).
        chunk: True for a piece of the document itself that is kept in another format (``w:altChunk``).
    """
    relation = context.package.relations(part).get(relation_id)
    label = program or "no program is named"
    if relation is None or relation.external:
        context.tally.lose(
            f"An embedded file is not in the file, only a link to it ({label}).", "embedded_files"
        )
        return []
    name = posixpath.basename(relation.target)
    named: list[Block] = [] if chunk else [Paragraph([Piece(name, ITALIC)])]
    content = context.package.read(relation.target)
    if not content:
        context.tally.lose(
            f"The embedded file {name} is missing in the file ({label}).", "embedded_files"
        )
        return named
    if _depth.get() >= DEEPEST:
        context.tally.lose(
            f"The embedded file {name} lies too deep within other files and was not read.",
            "embedded_files",
        )
        return named
    content, own_name = unwrapped(content)
    if own_name and not chunk:
        name = own_name
        named = [Paragraph([Piece(name, ITALIC)])]
    if (picture := picture_piece(context, content, name)) is not None:
        context.tally.carry("embedded_files")
        return [Paragraph([picture])]
    draft = _read(content, name)
    if isinstance(draft, str):
        context.tally.lose(
            f"The embedded file {name} ({label}) is named but not read: {draft}", "embedded_files"
        )
        return named
    body = draft.body
    if len(body) > LONGEST:
        cut = body.rfind("\n\n", 0, LONGEST)
        body = body[: cut if cut > 0 else LONGEST]
        context.tally.lose(
            f"Of the embedded file {name} only the first {len(body)} characters were carried."
        )
    context.pictures.update({picture.name: picture for picture in draft.pictures})
    context.tally.carry("embedded_files")
    for loss in draft.ledger.losses:
        context.tally.lose(f"In the embedded file {name}: {loss}")
    return [*named, Raw(body.strip("\n"))]


def _read(content: bytes, name: str) -> Draft | str:
    """Read a file by the door all files take; the reason when it cannot be."""
    # The door imports this reader, so it is looked for when it is needed.
    door = importlib.import_module("ingest.readers")
    mark = _depth.set(_depth.get() + 1)
    try:
        with tempfile.TemporaryDirectory(prefix="embedded-") as folder:
            path = Path(folder) / "file"
            path.write_bytes(content)
            draft: Draft = door.read(path, name)
    except FileRefused as refusal:
        return str(refusal)
    finally:
        _depth.reset(mark)
    return draft


def unwrapped(content: bytes) -> tuple[bytes, str]:
    """The file itself and its name: programs put files of other programs into an OLE2 container.

    The name is empty where the container does not keep one; what is no container comes back as it is.
    """
    if not content.startswith(_OLE2):
        return content, ""
    try:
        with olefile.OleFileIO(io.BytesIO(content)) as container:
            for stream in ("package", "CONTENTS"):
                if container.exists(stream) and (inner := container.openstream(stream).read()):
                    return inner, ""
            if container.exists(_NATIVE):
                return _native(container.openstream(_NATIVE).read()) or (content, "")
    except (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error):
        # olefile answers broken containers with whatever its arithmetic ran into.
        return content, ""
    return content, ""


def _native(stream: bytes) -> tuple[bytes, str] | None:
    """Read a packaged file: size, kind, label, path, two numbers, a temporary path, then the bytes (MS-OLEDS 2.3.6)."""
    label, at = _text_at(stream, 6)
    _, at = _text_at(stream, at)
    (path_size,) = struct.unpack_from("<I", stream, at + 4)
    at += 8 + path_size
    (size,) = struct.unpack_from("<I", stream, at)
    inner = stream[at + 4 : at + 4 + size]
    return (inner, posixpath.basename(label.replace("\\", "/"))) if inner else None


def _text_at(stream: bytes, at: int) -> tuple[str, int]:
    end = stream.index(b"\0", at)
    raw = stream[at:end]
    try:
        return raw.decode("gb18030" if any(byte > 0x7F for byte in raw) else "ascii"), end + 1  # noqa: PLR2004
    except UnicodeDecodeError:
        return raw.decode("latin-1"), end + 1
