r"""Safe opening of zip-based office files (docx, pptx, xlsx, odt, epub …) and of their XML parts.

Nothing here writes to disk, follows a link or fetches anything. Every part is read within the limits of
:class:`ingest.limits.Limits`; XML is parsed without DTDs, entities or network. Part names are compared as the Open
Packaging Conventions say: without regard to case, and with ``/`` where a careless program wrote ``\``.

Start with :func:`open_package`; :func:`parse_xml` also serves XML that comes from elsewhere.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

from lxml import etree

from ingest.limits import DEFAULT_LIMITS, MIB, Limits
from kb.errors import DamagedFile, EncryptedFile, HostileFile

_ENCRYPTED_FLAG: Final = 0x1
_RELATIONSHIP: Final = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# What reading a broken zip raises, from the directory to the last byte of an entry.
ZIP_FAULTS: Final = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    ValueError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from one part to another.

    Attributes:
        id: its name within the part, e.g. ``rId3``.
        type: the last word of its type, e.g. ``image``, ``slide``, ``notesSlide``.
        target: name of the part it leads to, or an outside address.
        external: True when ``target`` is an outside address, which is never opened.
    """

    id: str
    type: str
    target: str
    external: bool


class Package:
    """An opened zip-based office file; made by :func:`open_package`."""

    def __init__(self, archive: zipfile.ZipFile, name: str, limits: Limits) -> None:
        self.name = name
        self._archive = archive
        self._limits = limits
        self._taken = 0
        self._entries: dict[str, zipfile.ZipInfo] = {}
        # Names that differ in case only are one part; where there are two, the spelling that is asked for wins.
        self._spelled: dict[str, zipfile.ZipInfo] = {}
        for entry in archive.infolist():
            if is_file(entry):
                self._entries.setdefault(_key(entry.filename), entry)
                self._spelled.setdefault(_spelling(entry.filename), entry)

    @property
    def parts(self) -> list[str]:
        """Names of all parts as the file spells them, with ``/``, in the order of the file."""
        return [_spelling(entry.filename) for entry in self._entries.values()]

    def __contains__(self, part: str) -> bool:
        return _key(part) in self._entries

    def read(self, part: str) -> bytes:
        """Return the bytes of a part.

        Raises:
            KeyError: there is no such part.
            DamagedFile: its bytes are broken.
            EncryptedFile: it is encrypted.
            HostileFile: it, or all parts read so far, are larger than the limits.
        """
        entry = self._entry(part)
        self.check(part)
        try:
            with self._archive.open(entry) as stream:
                content = stream.read(self._limits.part_mib * MIB + 1)
        except ZIP_FAULTS as error:
            raise DamagedFile(
                name=self.name, reason=f"its part {part} cannot be unpacked"
            ) from error
        self._taken += len(content)
        if self._taken > self._limits.unpacked_mib * MIB:
            raise HostileFile(
                name=self.name, reason=f"it unpacks to more than {self._limits.unpacked_mib} MiB"
            )
        return content

    def check(self, part: str) -> None:
        """Return when a part may be unpacked; errors as :meth:`read`. For libraries that open the file themselves."""
        entry = self._entry(part)
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise EncryptedFile(name=self.name)
        check_entry(entry, self.name, self._limits)

    def _entry(self, part: str) -> zipfile.ZipInfo:
        return self._spelled.get(_spelling(part)) or self._entries[_key(part)]

    def xml(self, part: str) -> etree._Element:
        """Return the root element of an XML part; errors as :meth:`read` and :func:`parse_xml`."""
        return parse_xml(self.read(part), self.name, part)

    def relationships(self, part: str) -> dict[str, Relationship]:
        """Return the links of a part (``""`` for the file itself) by id; none is an empty dictionary.

        Raises:
            DamagedFile: the list of links is not XML.
        """
        folder, leaf = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", leaf + ".rels")
        if listing not in self:
            return {}
        links = (
            _relationship(element, folder) for element in self.xml(listing).iter(_RELATIONSHIP)
        )
        return {link.id: link for link in links}

    def related(self, part: str, type_: str) -> list[str]:
        """Return the names of the parts inside the file that ``part`` links to with this type."""
        return [
            link.target
            for link in self.relationships(part).values()
            if link.type == type_ and not link.external and link.target in self
        ]


@contextmanager
def open_package(
    source: Path | BinaryIO, name: str, limits: Limits = DEFAULT_LIMITS
) -> Iterator[Package]:
    """Open a zip-based office file for reading; ``name`` is how people know it.

    Raises:
        DamagedFile: the zip's directory is missing or broken.
        HostileFile: it has more entries than the limit.
    """
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as stream:
        try:
            archive = zipfile.ZipFile(stream)
        except ZIP_FAULTS as error:
            raise DamagedFile(
                name=name, reason="it is cut off or its directory of parts is broken"
            ) from error
        if len(archive.infolist()) > limits.entries:
            raise HostileFile(name=name, reason=f"it holds more than {limits.entries} parts")
        yield Package(archive, name, limits)


def is_file(entry: zipfile.ZipInfo) -> bool:
    """True for an entry that is no folder; zipfile stumbles over one without a name."""
    return bool(entry.filename) and not entry.filename.endswith("/")


def check_entry(entry: zipfile.ZipInfo, name: str, limits: Limits) -> None:
    """Return when the sizes an entry declares are within the limits; zipfile never yields more than declared.

    Raises:
        HostileFile: it is too large, or packed so well that only a bomb is.
    """
    if entry.file_size > limits.part_mib * MIB:
        raise HostileFile(
            name=name,
            reason=f"its part {entry.filename} unpacks to more than {limits.part_mib} MiB",
        )
    grown = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > limits.ratio_from_mib * MIB and grown > limits.ratio:
        raise HostileFile(
            name=name, reason=f"its part {entry.filename} unpacks to {grown:.0f} times its size"
        )


def parse_xml(content: bytes, name: str, part: str = "") -> etree._Element:
    """Parse XML without DTDs, entities or network; ``name`` and ``part`` tell people where it stands.

    Raises:
        DamagedFile: it is not well-formed, or deeper or longer than libxml2 takes.
        HostileFile: it declares entities, which no office program writes.
    """
    where = f"its part {part}" if part else "it"
    try:
        root = etree.fromstring(content, _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        if b"<!ENTITY" in content[:_DTD_WITHIN]:
            raise HostileFile(name=name, reason=f"{where} declares XML entities") from error
        raise DamagedFile(name=name, reason=f"{where} is not well-formed XML") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise HostileFile(name=name, reason=f"{where} declares XML entities")
    return root


# A document type stands before the root element; this far is far enough to name an entity bomb that did not parse.
_DTD_WITHIN: Final = 64 * 1024


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
    )


def _relationship(element: etree._Element, folder: str) -> Relationship:
    target = element.get("Target", "")
    external = element.get("TargetMode", "") == "External"
    if not external:
        path = unquote(urlsplit(target.replace("\\", "/")).path) if target else ""
        target = posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
    return Relationship(
        id=element.get("Id", ""),
        type=element.get("Type", "").rstrip("/").rpartition("/")[2],
        target=target,
        external=external,
    )


def _key(part: str) -> str:
    return _spelling(part).casefold()


def _spelling(part: str) -> str:
    return part.replace("\\", "/").lstrip("/")
