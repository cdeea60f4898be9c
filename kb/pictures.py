"""Pictures, told from other files by their first bytes, whatever their names say.

SVG is none of them: it can hold scripts. It may be attached, and is downloaded then, not shown.
"""

from __future__ import annotations

from typing import Final

# As long as the longest beginning below, in bytes.
HEAD_BYTES: Final = 32
_ENDINGS: Final = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/bmp": "bmp",
}
_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_AVIF_BRANDS: Final = (b"avif", b"avis")
# A bitmap says how long its header is; two letters alone are too little to go by.
_BMP_HEADERS: Final = frozenset({12, 40, 52, 56, 64, 108, 124})


def picture_type(head: bytes) -> str | None:
    """The media type of the picture that begins with ``head``; None when it is none that pages show."""
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in _AVIF_BRANDS:
        return "image/avif"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return None


def ending_of(media_type: str) -> str:
    """The usual ending of names of such pictures."""
    return _ENDINGS[media_type]
