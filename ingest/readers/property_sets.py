"""The property sets of OLE2 files (SummaryInformation and its companion): title, authors, dates, code page.

Source: Microsoft, [MS-OLEPS]. Only plain values of one property each are read, so a broken set costs no time.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import Final

_HEAD: Final = 28  # bytes before the place of the first section
_MAX_PROPERTIES: Final = 500  # of one set; Office writes 20
_CODE_PAGE: Final = 1
_INTEGER, _TEXT, _WIDE_TEXT, _TIME = 2, 30, 31, 64
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_UTF16: Final = 1200
_ENCODINGS: Final = {936: "gb18030", 950: "big5hkscs", 65001: "utf-8", 10000: "mac_roman"}

# What the properties of the two sets are called, by number.
SUMMARY: Final = {
    2: "title",
    3: "subject",
    4: "creator",
    5: "keywords",
    6: "description",
    8: "last modified by",
    12: "created",
    13: "modified",
}
DOCUMENT_SUMMARY: Final = {2: "category", 14: "manager", 15: "company"}


def property_set(content: bytes, labels: dict[int, str]) -> dict[str, str]:
    """Return the properties of a set that ``labels`` names; what is broken is left out."""
    try:
        places = _places(content)
        page = (
            struct.unpack_from("<H", content, places[_CODE_PAGE] + 4)[0]
            if _CODE_PAGE in places
            else 1252
        )
    except struct.error:
        return {}
    found: dict[str, str] = {}
    for number, label in labels.items():
        if number in places:
            try:
                found[label] = _value(content, places[number], page)
            except (struct.error, OverflowError):
                continue
    return {label: text for label, text in found.items() if text}


def _places(content: bytes) -> dict[int, int]:
    """Return where each property of the first section begins."""
    if len(content) < _HEAD:
        return {}
    section = struct.unpack_from("<I", content, _HEAD + 16)[0]
    count = min(struct.unpack_from("<I", content, section + 4)[0], _MAX_PROPERTIES)
    pairs = struct.unpack_from(f"<{2 * count}I", content, section + 8)
    return {number: section + place for number, place in zip(pairs[::2], pairs[1::2], strict=True)}


def _value(content: bytes, place: int, page: int) -> str:
    kind, size = struct.unpack_from("<II", content, place)
    start = place + 8
    if kind == _TEXT:
        raw = content[start : start + size]
        if page == _UTF16:
            return raw.decode("utf-16-le", "replace").rstrip("\0")
        return _decoded(raw.rstrip(b"\0"), page)
    if kind == _WIDE_TEXT:
        return content[start : start + 2 * size].decode("utf-16-le", "replace").rstrip("\0")
    if kind == _TIME:
        ticks = struct.unpack_from("<Q", content, place + 4)[0]
        return (
            (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat(" ", "seconds")
            if ticks
            else ""
        )
    return ""


def _decoded(raw: bytes, page: int) -> str:
    try:
        return raw.decode(_ENCODINGS.get(page, f"cp{page}"), "replace")
    except LookupError:
        return raw.decode("cp1252", "replace")
