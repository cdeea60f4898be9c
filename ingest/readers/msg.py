"""Outlook messages (.msg): an OLE2 container with one stream for each property.

Source: Microsoft, [MS-OXMSG] and, for compressed rich text, [MS-OXRTFCP].
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import olefile

from ingest.charset import decode
from ingest.formats import Format
from ingest.readers.letters import Attachment, Letter, write_letter
from ingest.readers.ole2 import OLE2_FAULTS, open_ole2
from ingest.readers.rtf import rtf_findings
from ingest.readers.rtf_tokens import CODE_PAGES
from ingest.readers.writing import one_line
from kb.drafts import Draft

_SUBJECT: Final = 0x0037
_BODY: Final = 0x1000
_HTML: Final = 0x1013
_RTF: Final = 0x1009
_TEXTS: Final = (("From", 0x0C1A), ("To", 0x0E04), ("Cc", 0x0E03))
_SENDER_ADDRESS: Final = 0x5D01
_SENT: Final = (0x0039, 0x0E06)  # submitted, delivered
_CODE_PAGE: Final = (0x3FFD, 0x3FDE)
_FILE_NAMES: Final = (0x3707, 0x3704, 0x3001)
_FILE_DATA: Final = 0x3701
_CONTENT_ID: Final = 0x3712
_MIME_TYPE: Final = 0x370E
_UNICODE, _ANSI, _BINARY, _INTEGER, _TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x0040
_EPOCH: Final = datetime(1601, 1, 1, tzinfo=UTC)
_ROOT_HEAD: Final = 32  # bytes before the entries of the message's own property stream
_ENTRY: Final = struct.Struct("<HHI8s")
_COMPRESSED: Final = b"LZFu"
_UNCOMPRESSED: Final = b"MELA"
_RTF_HEAD: Final = 16
_WINDOW: Final = 4096
# What every compressed text may refer back to before it has said anything.
_DICTIONARY: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_LARGEST_RTF: Final = 64 * 1024 * 1024  # bytes


def read_msg(path: Path, name: str) -> Draft:
    """Read an Outlook message: head and body; attachments are named.

    Raises:
        DamagedFile: its container is broken.
        NoText: there is not a word in it.
    """
    with open_ole2(path, name) as container:
        message = _Storage(container, [])
        letter = Letter(subject=one_line(message.text(_SUBJECT)), sent=message.time(_SENT))
        for label, tag in _TEXTS:
            if value := one_line(message.text(tag)):
                letter.headers[label] = value
        letter.sender = letter.headers.get("From", "")
        address = one_line(message.text(_SENDER_ADDRESS))
        if "@" in address and address not in letter.headers.get("From", ""):
            letter.headers["From"] = f"{letter.headers.get('From', '')} <{address}>".strip()
        if letter.sent:
            letter.headers["Date"] = letter.sent.isoformat(" ", "minutes")
        if letter.subject:
            letter.headers["Subject"] = letter.subject
        letter.html = message.binary(_HTML) or message.text(_HTML)
        letter.plain = message.text(_BODY)
        if not letter.html and not letter.plain.strip():
            letter.rich = _rich(message.binary(_RTF))
        for folder in sorted(
            {
                entry[0]
                for entry in container.listdir()
                if entry[0].startswith("__attach_version1.0")
            }
        ):
            _attachment(_Storage(container, [folder], message.encoding), letter)
    return write_letter(letter, name, Format.MSG)


def _attachment(storage: _Storage, letter: Letter) -> None:
    names = [one_line(storage.text(tag)) for tag in _FILE_NAMES]
    content = storage.binary(_FILE_DATA)
    id_, kind = one_line(storage.text(_CONTENT_ID)), one_line(storage.text(_MIME_TYPE)).lower()
    if id_ and kind.startswith("image/") and letter.html:
        letter.pictures[id_.strip("<>")] = (content, kind)
    else:
        letter.attachments.append(Attachment(next(filter(None, names), "unnamed"), len(content)))


class _Storage:
    """A folder of property streams: the message itself, or one of its attachments."""

    def __init__(self, container: olefile.OleFileIO, folder: list[str], encoding: str = "") -> None:
        self._container = container
        self._folder = folder
        self._numbers = self._properties()
        pages = (CODE_PAGES.get(self._number(tag)) for tag in _CODE_PAGE)
        self.encoding = encoding or next(filter(None, pages), "")

    def text(self, tag: int) -> str:
        """Return a text property, whichever way it is stored; empty where there is none."""
        wide = self._stream(tag, _UNICODE)
        if wide:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        narrow = self._stream(tag, _ANSI).rstrip(b"\0")
        return decode(narrow, declared=self.encoding).text if narrow else ""

    def binary(self, tag: int) -> bytes:
        """Return a binary property; empty where there is none."""
        return self._stream(tag, _BINARY)

    def time(self, tags: tuple[int, ...]) -> datetime | None:
        """Return the first of these times that is set."""
        for tag in tags:
            ticks = int.from_bytes(self._numbers.get((tag, _TIME), b""), "little")
            if ticks:
                try:
                    return _EPOCH + timedelta(microseconds=ticks // 10)
                except OverflowError:
                    continue
        return None

    def _number(self, tag: int) -> int:
        return int.from_bytes(self._numbers.get((tag, _INTEGER), b"")[:4], "little")

    def _stream(self, tag: int, kind: int) -> bytes:
        path = [*self._folder, f"__substg1.0_{tag:04X}{kind:04X}"]
        try:
            if not self._container.exists("/".join(path)):
                return b""
            with self._container.openstream(path) as stream:
                return bytes(stream.read())
        except OLE2_FAULTS:
            # One broken property does not make the message unreadable.
            return b""

    def _properties(self) -> dict[tuple[int, int], bytes]:
        """Return the values of fixed length by (tag, kind)."""
        try:
            with self._container.openstream([*self._folder, "__properties_version1.0"]) as stream:
                content = bytes(stream.read())
        except OLE2_FAULTS:
            return {}
        entries = content[0 if self._folder else _ROOT_HEAD :]
        usable = len(entries) // _ENTRY.size * _ENTRY.size
        return {(tag, kind): value for kind, tag, _, value in _ENTRY.iter_unpack(entries[:usable])}


def _rich(packed: bytes) -> list[str]:
    content = unpack_rtf(packed)
    return [rtf_findings(content).body] if content else []


def unpack_rtf(packed: bytes) -> bytes:
    """Return rich text that Outlook packed; what is broken ends where it breaks."""
    if len(packed) < _RTF_HEAD:
        return b""
    size, kind = struct.unpack_from("<I4s", packed, 4)
    if kind == _UNCOMPRESSED:
        return packed[_RTF_HEAD : _RTF_HEAD + size]
    if kind != _COMPRESSED:
        return b""
    window = bytearray(_DICTIONARY.ljust(_WINDOW, b"\0"))
    write, out, at = len(_DICTIONARY), bytearray(), _RTF_HEAD
    while at < len(packed) and len(out) < min(size, _LARGEST_RTF):
        control = packed[at]
        at += 1
        for bit in range(8):
            if at >= len(packed):
                break
            if control >> bit & 1:
                reference = int.from_bytes(packed[at : at + 2], "big")
                at += 2
                offset, length = reference >> 4, (reference & 0xF) + 2
                if offset == write:  # the mark of the end
                    return bytes(out)
                for step in range(length):
                    byte = window[(offset + step) % _WINDOW]
                    out.append(byte)
                    window[write] = byte
                    write = (write + 1) % _WINDOW
            else:
                out.append(packed[at])
                window[write] = packed[at]
                write = (write + 1) % _WINDOW
                at += 1
    return bytes(out)
