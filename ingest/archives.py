"""Zip archives: what is in them, to any depth, without ever writing outside the folder that is given.

An archive is a stranger's list of names and of promised sizes; neither is believed. Names are
decoded the way the program that wrote them meant (Windows writes Chinese names in GBK without
saying so) and lose everything that leads out of a folder. Contents are counted while they are
unpacked, over all archives within archives together.

:func:`members` walks an archive lazily; :func:`unpack` puts its files into a folder, for a process
that reads for another.
"""

from __future__ import annotations

import stat
import struct
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final

from ingest.charset import decode
from ingest.formats import Format, sniff
from ingest.limits import DEFAULT_LIMITS, MIB, Limits
from ingest.packages import ZIP_FAULTS, is_file
from ingest.sources import shown, skip_reason
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileRefused,
    FileTooLarge,
    HostileFile,
    UnsupportedFormat,
)

ZIP_SIGNATURE: Final = b"PK\x03\x04"
SEPARATOR: Final = "!/"  # between an archive and what is in it: 年度.zip!/报告.docx
_ENCRYPTED_FLAG: Final = 0x1
_UTF8_FLAG: Final = 0x800
_UNICODE_NAME: Final = 0x7075  # Info-ZIP's extra field with the name in UTF-8
_UNICODE_HEAD: Final = 5  # bytes of it before the name: version and checksum
_CHUNK: Final = 1 * MIB
_MAX_NAME: Final = 255  # characters of one step of a path; file systems take no more bytes


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes:
        path: how people know it: ``年度.zip!/报告/a.docx``.
        stream: its content, at its beginning; valid until the next member is asked for. None with an error or a skip.
        size: of its content, in bytes.
        error: why it could not be had, or None.
        skip: why it is not to be opened at all (see ``kb.importing_rules.SKIP_REASONS``), or empty.
    """

    path: str
    stream: IO[bytes] | None = None
    size: int = 0
    error: FileRefused | None = None
    skip: str = ""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A member as plain data: its content lies in ``file``, or ``error_code`` and ``error_data`` say why not."""

    path: str
    file: str = ""
    size: int = 0
    error_code: str = ""
    error_data: dict[str, str | int] = field(default_factory=dict)
    skip: str = ""


def members(
    path: Path, name: str, folder: Path, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Member]:
    """Yield every file of a zip archive, and of the archives in it, one at a time and in the archive's order.

    What is wrong with one member is that member's error; the others go on. When a limit of the whole is reached, a
    last member named like the archive tells so.

    Args:
        path: where the archive lies.
        name: how people know it.
        folder: where the one content at hand is kept while it is read; nothing is written anywhere else.
        limits: how much, how many and how deep.

    Raises:
        DamagedFile: it is no zip archive, or its directory is broken.
        EncryptedFile: each of its files is encrypted.
        HostileFile: it has more entries than the limit.
    """
    walk = _Walk(folder, limits)
    with path.open("rb") as stream:
        yield from walk.archive(stream, name, name, depth=1)


def unpack(
    path: Path | str, name: str, folder: Path | str, limits: Limits = DEFAULT_LIMITS
) -> list[Unpacked]:
    """Put the files of an archive into ``folder`` under names of our own; errors as :func:`members`."""
    target = Path(folder)
    unpacked: list[Unpacked] = []
    for number, member in enumerate(members(Path(path), name, target, limits), 1):
        if member.stream is None:
            code, data = (member.error.code, member.error.data) if member.error else ("", {})
            unpacked.append(
                Unpacked(member.path, error_code=code, error_data=data, skip=member.skip)
            )
            continue
        file = target / f"{number:06}"
        with file.open("xb") as out:
            while chunk := member.stream.read(_CHUNK):
                out.write(chunk)
        unpacked.append(Unpacked(member.path, str(file), member.size))
    return unpacked


class _Exhausted(Exception):
    """A limit of the whole is reached; the message says which."""


class _Walk:
    """One walk through an archive and all archives in it, with what is left of the limits."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._bytes_left = limits.unpacked_mib * MIB
        self._entries_left = limits.entries

    def archive(
        self, stream: IO[bytes], name: str, shown_path: str, *, depth: int
    ) -> Iterator[Member]:
        """Yield the members of one archive; ``shown_path`` is how people know it."""
        archive = self._opened(stream, name)
        with archive:
            entries = [entry for entry in archive.infolist() if is_file(entry)]
            if entries and all(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
                raise EncryptedFile(name=name)
            try:
                for entry, inner in zip(entries, entry_paths(entries), strict=True):
                    yield from self._entry(archive, entry, f"{shown_path}{SEPARATOR}{inner}", depth)
            except _Exhausted as reached:
                yield Member(shown_path, error=HostileFile(name=name, reason=str(reached)))

    def _opened(self, stream: IO[bytes], name: str) -> zipfile.ZipFile:
        try:
            archive = zipfile.ZipFile(stream)
        except ZIP_FAULTS as error:
            raise DamagedFile(
                name=name, reason="the archive is cut off or its directory is broken"
            ) from error
        self._entries_left -= len(archive.infolist())
        if self._entries_left < 0:
            archive.close()
            raise HostileFile(name=name, reason=f"it holds more than {self._limits.entries} files")
        return archive

    def _entry(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, depth: int
    ) -> Iterator[Member]:
        inside = path.rpartition(SEPARATOR)[2]
        name = inside.rpartition("/")[2]
        skip = next((reason for part in inside.split("/") if (reason := skip_reason(part))), "")
        if skip or stat.S_ISLNK(entry.external_attr >> 16):
            yield Member(path, skip=skip or "special-file")
            return
        # Deleted when closed; named, because formats are told from files that have a place.
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".member-") as content:
            try:
                size = self._copied(archive, entry, name, content.file)
            except FileRefused as error:
                yield Member(path, error=error)
                return
            content.seek(0)
            packed = content.read(len(ZIP_SIGNATURE)) == ZIP_SIGNATURE
            content.seek(0)
            # Most members are no zip of any sort, and telling what else they are takes longer than unpacking them.
            if not packed or sniff(Path(content.name), name) is not Format.ZIP:
                yield Member(path, content.file, size)
            elif depth >= self._limits.depth:
                reason = f"it is an archive within {self._limits.depth} archives"
                yield Member(path, error=HostileFile(name=name, reason=reason))
            else:
                yield from self._nested(content.file, name, path, depth + 1)

    def _nested(self, stream: IO[bytes], name: str, path: str, depth: int) -> Iterator[Member]:
        try:
            yield from self.archive(stream, name, path, depth=depth)
        except FileRefused as error:
            yield Member(path, error=error)

    def _copied(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, target: IO[bytes]
    ) -> int:
        """Unpack one entry and return its real size; the promised one is only good for refusing early."""
        limits = self._limits
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise EncryptedFile(name=name)
        largest = limits.file_mib * MIB
        if entry.file_size > largest:
            raise FileTooLarge(
                name=name, size_mib=-(-entry.file_size // MIB), limit_mib=limits.file_mib
            )
        size = 0
        try:
            with archive.open(entry) as source:
                while chunk := source.read(_CHUNK):
                    size += len(chunk)
                    self._count(len(chunk), size, entry, name)
                    target.write(chunk)
        except NotImplementedError as error:
            raise UnsupportedFormat(
                name=name, format="packed by a method only some programs know"
            ) from error
        except ZIP_FAULTS as error:
            raise DamagedFile(name=name, reason="it cannot be unpacked from its archive") from error
        if not size:
            raise EmptyFile(name=name)
        target.flush()
        return size

    def _count(self, more: int, size: int, entry: zipfile.ZipInfo, name: str) -> None:
        limits = self._limits
        self._bytes_left -= more
        if self._bytes_left < 0:
            raise _Exhausted(f"it unpacks to more than {limits.unpacked_mib} MiB")
        grown = size / max(entry.compress_size, 1)
        if size > limits.ratio_from_mib * MIB and grown > limits.ratio:
            raise HostileFile(
                name=name, reason=f"it unpacks to more than {limits.ratio} times its packed size"
            )


def entry_paths(entries: list[zipfile.ZipInfo]) -> list[str]:
    """Return how people know the entries of one archive, each once: decoded, and without a way out of a folder."""
    raw = [_raw_name(entry) for entry in entries]
    # One program wrote them all: together they tell the character set better than a single short name.
    undeclared = [name for entry, name in zip(entries, raw, strict=True) if not _is_declared(entry)]
    encoding = decode(b"\n".join(undeclared)).encoding
    paths, seen = [], Counter[str]()
    for entry, name in zip(entries, raw, strict=True):
        path = _safe(_name(entry, name, encoding))
        seen[path.casefold()] += 1
        if seen[path.casefold()] > 1:
            step = PurePosixPath(path)
            path = str(step.with_name(f"{step.stem} ({seen[path.casefold()]}){step.suffix}"))
        paths.append(path)
    return paths


def _raw_name(entry: zipfile.ZipInfo) -> bytes:
    """Return a name's bytes: zipfile decodes them as UTF-8 where the entry says so, else as if they were of DOS."""
    encoding = "utf-8" if _is_declared(entry) else "cp437"
    return entry.orig_filename.encode(
        encoding, "surrogateescape" if encoding == "utf-8" else "replace"
    )


def _is_declared(entry: zipfile.ZipInfo) -> bool:
    return bool(entry.flag_bits & _UTF8_FLAG)


def _name(entry: zipfile.ZipInfo, raw: bytes, encoding: str) -> str:
    if _is_declared(entry):
        return entry.orig_filename
    told = _unicode_name(entry.extra, raw)
    if told:
        return told
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return decode(raw).text


def _unicode_name(extra: bytes, raw: bytes) -> str:
    """Return the name Info-ZIP's extra field gives, if it still belongs to the name (its checksum says so)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        field_ = extra[at + 4 : at + 4 + length]
        known = kind == _UNICODE_NAME and length > _UNICODE_HEAD and field_[0] == 1
        if known and struct.unpack_from("<I", field_, 1)[0] == zlib.crc32(raw):
            return field_[_UNICODE_HEAD:].decode("utf-8", "replace")
        at += 4 + length
    return ""


def _safe(name: str) -> str:
    """Return a path that stays below where it starts: no root, no drive, no way up, nothing that cannot be shown."""
    steps = [shown(step.strip()) for step in name.replace("\\", "/").replace("\0", "").split("/")]
    kept = [step[:_MAX_NAME] for step in steps if step not in {"", ".", ".."}]
    if kept and len(kept[0]) == 2 and kept[0][1] == ":":  # noqa: PLR2004  the drive of C:\dir
        kept = kept[1:]
    return "/".join(kept) or "unnamed"
