"""The package of a Word file, read with tolerance: what is broken is told, and the rest goes on without it.

:mod:`ingest.packages` opens the zip and keeps the limits; here a part that is missing, cut off or not well-formed costs
only itself, strict OOXML is read by the transitional names, and the document part is found even where the content
types or relations that should lead to it are gone.
"""

from __future__ import annotations

import io
import pathlib
import zipfile
from typing import Final

from lxml import etree

from ingest.limits import DEFAULT_LIMITS, MIB
from ingest.packages import ZIP_FAULTS, Package, Relationship
from ingest.readers.docx_names import CT_NS, STRICT, W_NS
from kb.errors import DamagedFile, EmptyFile, EncryptedFile, HostileFile, MislabelledFile

_OLE2: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_DOCUMENT: Final = f"{{{W_NS}}}document"
_TOO_DEEP: Final = "depth"  # the word in libxml2's message about elements nested deeper than 256


class WordPackage:
    """An opened Word file.

    Attributes:
        name: how the file is called in errors.
        package: the zip below.
        main: name of the document part; ``root`` its root element.
        losses: grows while parts are read: one sentence for each part that could not be, or not whole.
    """

    def __init__(self, source: pathlib.Path | bytes, name: str) -> None:
        """Open a file, given by its path or, when it lies within another one, by its bytes.

        Raises:
            EmptyFile: it has no bytes.
            EncryptedFile: it is protected with a password.
            MislabelledFile: it is no zip archive, or holds no Word document.
            DamagedFile: it is an archive that cannot be opened, or its document part cannot be read.
            HostileFile: it is built to exhaust memory, or declares XML entities.
        """
        self.name = name
        self.losses: list[str] = []
        self._relations: dict[str, dict[str, Relationship]] = {}
        content = source if isinstance(source, bytes) else source.read_bytes()
        self.package = Package(_archive(content, name), name, DEFAULT_LIMITS)
        self.main, self.root = self._find_main()

    def read(self, part: str) -> bytes | None:
        """The bytes of a part; None when there is none, or (with a loss) when it cannot be unpacked."""
        if part not in self.package:
            return None
        try:
            return self.package.read(part)
        except DamagedFile:
            self._lose(f"The part {part} cannot be unpacked.")
            return None

    def xml(self, part: str) -> etree._Element | None:
        """The root element of an XML part, as much of it as can be read; None when that is nothing.

        Raises:
            HostileFile: it declares entities or nests too deep.
        """
        content = self.read(part)
        if not content:
            return None
        if b"purl.oclc.org/ooxml" in content:
            for strict, transitional in STRICT:
                content = content.replace(strict, transitional)
        root = self._parsed(part, content)
        if root is not None:
            declared = root.getroottree().docinfo.internalDTD
            if declared is not None and any(True for _ in declared.iterentities()):
                raise HostileFile(name=self.name, reason=f"its part {part} declares XML entities")
        return root

    def relations(self, part: str) -> dict[str, Relationship]:
        """The relations of a part by id; of the file itself for the empty name."""
        if part not in self._relations:
            try:
                self._relations[part] = self.package.relationships(part)
            except DamagedFile:
                self._lose(
                    f"The relations of {part or 'the file'} cannot be read; what they lead to is missing."
                )
                self._relations[part] = {}
        return self._relations[part]

    def related(self, part: str, type_: str) -> list[str]:
        """The parts in the file that ``part`` has a relation of this type to."""
        return [
            link.target
            for link in self.relations(part).values()
            if link.type == type_ and not link.external and link.target in self.package
        ]

    def _parsed(self, part: str, content: bytes) -> etree._Element | None:
        try:
            return etree.fromstring(content, _parser(recover=False))
        except etree.XMLSyntaxError as error:
            reason = error.msg or "no reason is given"
            if _TOO_DEEP in reason.lower():
                raise HostileFile(
                    name=self.name, reason=f"its part {part} nests too deep"
                ) from error
        except ValueError as error:
            reason = str(error)
        try:
            root = etree.fromstring(content, _parser(recover=True))
        except (etree.XMLSyntaxError, ValueError):
            root = None
        self._lose(
            f"The part {part} is not well-formed XML ({reason.rstrip('.')}); some of it may be missing."
        )
        return root

    def _lose(self, sentence: str) -> None:
        if sentence not in self.losses:
            self.losses.append(sentence)

    def _find_main(self) -> tuple[str, etree._Element]:
        """The document part: by relation, by content type, by its usual name; its root element decides."""
        candidates = self.related("", "officeDocument")
        candidates += self._main_by_content_type()
        candidates.append("word/document.xml")
        candidates += [
            part
            for part in self.package.parts
            if part.lower().endswith(".xml") and "document" in part.lower()
        ]
        for part in dict.fromkeys(candidates):
            if (
                part in self.package
                and (root := self.xml(part)) is not None
                and root.tag == _DOCUMENT
            ):
                return part, root
        if any(part in self.package for part in ("xl/workbook.xml", "ppt/presentation.xml")):
            raise MislabelledFile(name=self.name, format="a workbook or a presentation")
        if self.losses:
            raise DamagedFile(name=self.name, reason=self.losses[0].rstrip("."))
        if "_rels/.rels" in self.package or "[Content_Types].xml" in self.package:
            raise DamagedFile(name=self.name, reason="it has no document part")
        raise MislabelledFile(name=self.name, format="a zip archive")

    def _main_by_content_type(self) -> list[str]:
        root = self.xml("[Content_Types].xml")
        if root is None:
            return []
        overrides = root.iter(f"{{{CT_NS}}}Override")
        return [
            (element.get("PartName") or "").lstrip("/")
            for element in overrides
            if (element.get("ContentType") or "").endswith("main+xml")
        ]


def _archive(content: bytes, name: str) -> zipfile.ZipFile:
    if not content:
        raise EmptyFile(name=name)
    if content.startswith(_OLE2):
        if _ENCRYPTED in content:
            raise EncryptedFile(name=name)
        raise MislabelledFile(name=name, format="an Office file of the time before 2007")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except ZIP_FAULTS as error:
        if content.startswith(b"PK"):
            raise DamagedFile(
                name=name, reason="it is cut off or its directory of parts is broken"
            ) from error
        raise MislabelledFile(name=name, format="no archive, as every .docx file is") from error
    entries = archive.infolist()
    if len(entries) > DEFAULT_LIMITS.entries:
        raise HostileFile(name=name, reason=f"it holds more than {DEFAULT_LIMITS.entries} parts")
    declared = sum(entry.file_size for entry in entries)
    if declared > DEFAULT_LIMITS.unpacked_mib * MIB:
        raise HostileFile(
            name=name, reason=f"it unpacks to more than {DEFAULT_LIMITS.unpacked_mib} MiB"
        )
    return archive


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
