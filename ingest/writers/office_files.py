"""Office files as templates: opened with suspicion, changed part by part, written again.

A template is handed on to many people, so it is held to more than an imported document: no macros, no controls, nothing
that is fetched from elsewhere when somebody opens it, and no more bytes than a form needs.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from lxml import etree

from ingest.formats import DESCRIPTIONS, Format, sniff
from ingest.limits import MIB, Limits
from ingest.packages import Package, open_package, parse_xml
from ingest.readers.docx_names import w
from kb.errors import (
    EmptyFile,
    EncryptedFile,
    FileTooLarge,
    HostileFile,
    UnsupportedFormat,
)

# A form with a logo has well below 1 MiB; these bounds keep parsing it in the serving process harmless.
TEMPLATE_LIMITS: Final = Limits(
    file_mib=10, unpacked_mib=64, part_mib=16, ratio_from_mib=4, entries=2000
)
FORMATS: Final = (Format.DOCX, Format.XLSX)
MEDIA_TYPES: Final = {
    Format.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# Zip entries are dated so that the same answers make the same bytes.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
# Relations that lead outside and are harmless: they are followed when somebody clicks, not when the file is opened.
_CLICKED: Final = frozenset({"hyperlink"})


class OfficeFile:
    """A .docx or .xlsx in memory whose XML parts can be changed.

    Attributes:
        name: how people know it.
        format: ``DOCX`` or ``XLSX``.
        parts: names of its parts, in the order of the file.
    """

    def __init__(self, content: bytes, name: str, format_: Format, package: Package) -> None:
        self.name = name
        self.format = format_
        self.parts = list(package.parts)
        self._content = content
        self._package = package
        self._roots: dict[str, etree._Element] = {}
        self._changed: set[str] = set()
        self._dropped: set[str] = set()

    def xml(self, part: str) -> etree._Element:
        """The root of an XML part; one object however often it is asked for."""
        if part not in self._roots:
            self._roots[part] = parse_xml(self._package.read(part), self.name, part)
        return self._roots[part]

    def related(self, part: str, type_: str) -> list[str]:
        """The parts that ``part`` has a relation of this type to."""
        return self._package.related(part, type_)

    def targets(self, part: str) -> Mapping[str, str]:
        """The parts that ``part`` links to, by the id of the link."""
        return {link.id: link.target for link in self._package.relationships(part).values()}

    def touch(self, part: str) -> None:
        """Say that the root of ``part`` was changed."""
        self._changed.add(part)

    def drop(self, part: str) -> None:
        """Leave a part out; the caller sees to it that nothing refers to it."""
        self._dropped.add(part)

    def bytes(self) -> bytes:
        """The file with its changes."""
        out = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(self._content)) as old,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            for part in self.parts:
                if part in self._dropped:
                    continue
                changed = part in self._changed
                data = _serialised(self._roots[part]) if changed else _read(old, part)
                new.writestr(zipfile.ZipInfo(part, _EPOCH), data, zipfile.ZIP_DEFLATED)
        return out.getvalue()


def open_office(content: bytes, name: str) -> OfficeFile:
    """Open a file that is to be, or is, a template.

    Raises:
        EmptyFile, FileTooLarge, EncryptedFile, DamagedFile: as for every file.
        UnsupportedFormat: it is neither .docx nor .xlsx, or carries macros.
        HostileFile: it is built to exhaust, or fetches something from elsewhere when it is opened.
    """
    if not content:
        raise EmptyFile(name=name)
    if len(content) > TEMPLATE_LIMITS.file_mib * MIB:
        raise FileTooLarge(
            name=name, size_mib=round(len(content) / MIB), limit_mib=TEMPLATE_LIMITS.file_mib
        )
    format_ = _format(content, name)
    with open_package(io.BytesIO(content), name, TEMPLATE_LIMITS) as package:
        _check(package, name)
        # The archive stays readable: its bytes are in memory.
        return OfficeFile(content, name, format_, package)


def detached(content: bytes, name: str) -> bytes:
    """The same file without its link to the Word template it was once begun from.

    Nearly every company document has one, to a path or server that others cannot reach or should not ask. Any other
    content is given back as it is.
    """
    if not content.startswith(b"PK"):
        return content
    with open_package(io.BytesIO(content), name, TEMPLATE_LIMITS) as package:
        file = OfficeFile(content, name, Format.DOCX, package)
        found = [
            part
            for part in package.parts
            if part.lower().endswith(".rels") and b"attachedTemplate" in package.read(part)
        ]
        for part in found:
            links = file.xml(part)
            for link in list(links):
                if isinstance(link.tag, str) and link.get("Type", "").endswith("/attachedTemplate"):
                    links.remove(link)
            file.touch(part)
        if not found:
            return content
        for part in package.parts:
            if part.lower().endswith("settings.xml"):
                settings = file.xml(part)
                for element in settings.findall(w("attachedTemplate")):
                    settings.remove(element)
                file.touch(part)
        return file.bytes()


def _format(content: bytes, name: str) -> Format:
    # Formats are told by what lies on disk.
    with NamedTemporaryFile(suffix=Path(name).suffix[:10]) as file:
        file.write(content)
        file.flush()
        found = sniff(Path(file.name), name)
    if found is Format.ENCRYPTED_OFFICE:
        raise EncryptedFile(name=name)
    if found not in FORMATS:
        raise UnsupportedFormat(name=name, format=DESCRIPTIONS[found])
    return found


def _check(package: Package, name: str) -> None:
    for part in package.parts:
        lowered = part.lower()
        if "vbaproject" in lowered or "/activex/" in lowered or "/macrosheets/" in lowered:
            raise UnsupportedFormat(name=name, format="a file with macros or controls")
        if lowered.endswith(".rels"):
            _check_relations(package, part, name)
    if "[Content_Types].xml" in package and b"macroEnabled" in package.read("[Content_Types].xml"):
        raise UnsupportedFormat(name=name, format="a file with macros or controls")


def _check_relations(package: Package, part: str, name: str) -> None:
    for link in package.xml(part):
        if not isinstance(link.tag, str) or link.get("TargetMode") != "External":
            continue
        type_ = link.get("Type", "").rstrip("/").rpartition("/")[2]
        if type_ not in _CLICKED:
            raise HostileFile(name=name, reason=f"it would fetch its {type_} from elsewhere")


def _read(archive: zipfile.ZipFile, part: str) -> bytes:
    try:
        return archive.read(part)
    except KeyError:
        # Some programs write names with a backslash or a leading slash.
        wanted = next(
            i for i in archive.infolist() if i.filename.replace("\\", "/").lstrip("/") == part
        )
        return archive.read(wanted)


def _serialised(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
