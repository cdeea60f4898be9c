"""Pictures of a Word file: which of them a page can show, and under which name they travel."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from ingest.readers.docx_model import PICTURE, Piece
from kb.drafts import Picture

if TYPE_CHECKING:
    from ingest.readers.docx_story import Context

# How pictures begin that a browser shows, with their ending and media type.
_SHOWN: Final = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
    (b"BM", "bmp", "image/bmp"),
)
_SVG: Final = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,2000}-->\s*)?(?:<!DOCTYPE[^>]{0,500}>\s*)?<svg[\s>]"
)
_SVG_WITHIN: Final = 4096  # bytes in which an SVG must have begun


def picture_piece(context: Context, content: bytes, alt: str) -> Piece | None:
    """Take a picture along and give the piece that shows it; None for a sort that browsers do not show."""
    kind = _kind(content)
    if kind is None:
        return None
    ending, media_type = kind
    name = f"{hashlib.sha256(content).hexdigest()}.{ending}"
    context.pictures.setdefault(name, Picture(name, media_type, content))
    return Piece(f"files/{name}", href=alt, kind=PICTURE)


def _kind(content: bytes) -> tuple[str, str] | None:
    """The ending and media type of a picture that browsers show."""
    for start, ending, media_type in _SHOWN:
        if content.startswith(start):
            return ending, media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp", "image/webp"
    return ("svg", "image/svg+xml") if _SVG.match(content[:_SVG_WITHIN]) else None
