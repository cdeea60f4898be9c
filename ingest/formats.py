"""What a file really is: the bytes decide, the name only where bytes cannot (plain text of one dialect or another).

:func:`sniff` looks at the first bytes, at the directory of a zip or OLE2 container, and at the first words of a
text. It never unpacks or parses more than that, so it is safe on any file.
"""

from __future__ import annotations

import re
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Final

import olefile

from ingest.charset import decode, looks_like_text
from ingest.packages import ZIP_FAULTS


class Format(StrEnum):
    """A format that is told apart; the value is what a draft and the API call it."""

    DOCX = "docx"
    PPTX = "pptx"
    XLSX = "xlsx"
    XLSB = "xlsb"
    ODT = "odt"
    ODS = "ods"
    ODP = "odp"
    EPUB = "epub"
    DOC = "doc"
    XLS = "xls"
    PPT = "ppt"
    WORKS = "works"
    MSG = "msg"
    ENCRYPTED_OFFICE = "encrypted-office"
    PDF = "pdf"
    RTF = "rtf"
    HTML = "html"
    MHTML = "mhtml"
    EML = "eml"
    MARKDOWN = "md"
    ASCIIDOC = "asciidoc"
    TEXT = "txt"
    CSV = "csv"
    ZIP = "zip"
    IMAGE = "image"
    OTHER_ARCHIVE = "other-archive"
    OTHER_OFFICE = "other-office"
    XML = "xml"
    PROGRAM = "program"
    OTHER = "other"


# How a format is called in a sentence to people.
DESCRIPTIONS: Final[dict[Format, str]] = {
    Format.DOCX: "a Word document",
    Format.PPTX: "a PowerPoint presentation",
    Format.XLSX: "an Excel workbook",
    Format.XLSB: "a binary Excel workbook",
    Format.ODT: "an OpenDocument text",
    Format.ODS: "an OpenDocument spreadsheet",
    Format.ODP: "an OpenDocument presentation",
    Format.EPUB: "an e-book (EPUB)",
    Format.DOC: "a Word 97-2003 document",
    Format.XLS: "an Excel 97-2003 workbook",
    Format.PPT: "a PowerPoint 97-2003 presentation",
    Format.WORKS: "a Microsoft Works document",
    Format.MSG: "an Outlook message",
    Format.ENCRYPTED_OFFICE: "an Office file protected with a password",
    Format.PDF: "a PDF",
    Format.RTF: "rich text (RTF)",
    Format.HTML: "a web page",
    Format.MHTML: "a saved web page (MHTML)",
    Format.EML: "an e-mail",
    Format.MARKDOWN: "Markdown",
    Format.ASCIIDOC: "AsciiDoc",
    Format.TEXT: "plain text",
    Format.CSV: "a table of comma-separated values",
    Format.ZIP: "a zip archive",
    Format.IMAGE: "a picture",
    Format.OTHER_ARCHIVE: "an archive other than zip",
    Format.OTHER_OFFICE: "an office file of a program that is not known here",
    Format.XML: "XML data",
    Format.PROGRAM: "a program",
    Format.OTHER: "unknown data",
}

# The formats a name's ending promises. Several endings share a format; a few promise one of several.
_PROMISES: Final[dict[str, frozenset[Format]]] = {
    ending: frozenset(formats)
    for endings, formats in (
        ("docx docm dotx dotm", {Format.DOCX}),
        ("pptx pptm ppsx ppsm potx potm", {Format.PPTX}),
        ("xlsx xlsm xltx xltm xlam", {Format.XLSX}),
        ("xlsb", {Format.XLSB}),
        ("odt ott", {Format.ODT}),
        ("ods ots", {Format.ODS}),
        ("odp otp", {Format.ODP}),
        ("epub", {Format.EPUB}),
        ("doc dot wps", {Format.DOC, Format.WORKS}),
        ("xls xlt et", {Format.XLS}),
        ("ppt pps pot dps", {Format.PPT}),
        ("msg", {Format.MSG}),
        ("pdf", {Format.PDF}),
        ("rtf", {Format.RTF}),
        ("htm html xhtml", {Format.HTML}),
        ("mht mhtml", {Format.MHTML}),
        ("eml", {Format.EML}),
        ("md markdown mkd", {Format.MARKDOWN}),
        ("adoc asciidoc asc", {Format.ASCIIDOC}),
        ("txt text log", {Format.TEXT}),
        ("csv tsv tab", {Format.CSV}),
        ("zip", {Format.ZIP}),
        ("png jpg jpeg gif bmp tif tiff webp emf wmf", {Format.IMAGE}),
        ("rar 7z gz tgz bz2 xz tar", {Format.OTHER_ARCHIVE}),
    )
    for ending in endings.split()
}

_HEAD: Final = (
    64 * 1024
)  # bytes looked at; a Word HTML export has up to 20 KiB of styles before its first words
_PDF_WITHIN: Final = 1024  # Acrobat takes rubbish before the mark up to here

_RTF: Final = b"{\\rtf"
_ZEROS: Final = b"\x00\x00\x00\x00"
# Bytes that tell a format, each with the place they stand at; all of a line must be there.
_MAGIC: Final[tuple[tuple[tuple[tuple[int, bytes], ...], Format], ...]] = (
    (((0, b"\x89PNG\r\n"),), Format.IMAGE),
    (((0, b"\xff\xd8\xff"),), Format.IMAGE),
    (((0, b"GIF8"),), Format.IMAGE),
    (((0, b"II*\x00"),), Format.IMAGE),
    (((0, b"MM\x00*"),), Format.IMAGE),
    (((0, b"\xd7\xcd\xc6\x9a"),), Format.IMAGE),
    (((0, b"8BPS"),), Format.IMAGE),
    (((0, b"RIFF"), (8, b"WEBP")), Format.IMAGE),
    (((0, b"BM"), (6, _ZEROS)), Format.IMAGE),
    (((0, b"\x01\x00\x00\x00"), (40, b" EMF")), Format.IMAGE),
    (((0, b"Rar!\x1a\x07"),), Format.OTHER_ARCHIVE),
    (((0, b"7z\xbc\xaf\x27\x1c"),), Format.OTHER_ARCHIVE),
    (((0, b"\x1f\x8b"),), Format.OTHER_ARCHIVE),
    (((0, b"BZh"),), Format.OTHER_ARCHIVE),
    (((0, b"\xfd7zXZ\x00"),), Format.OTHER_ARCHIVE),
    (((257, b"ustar"),), Format.OTHER_ARCHIVE),
    (((0, b"\x7fELF"),), Format.PROGRAM),
    (((0, b"MZ"), (6, b"\x00")), Format.PROGRAM),
    # Office programs before OLE2: Word 1 to 6, WordPerfect, BIFF 2 to 4 of Excel.
    (((0, b"\xdb\xa5"),), Format.OTHER_OFFICE),
    (((0, b"1\xbe\x00\x00"),), Format.OTHER_OFFICE),
    (((0, b"\xffWPC"),), Format.OTHER_OFFICE),
    (((0, b"\x09\x00\x04\x00"),), Format.OTHER_OFFICE),
    (((0, b"\x09\x02\x06\x00"),), Format.OTHER_OFFICE),
    (((0, b"\x09\x04\x06\x00"),), Format.OTHER_OFFICE),
)

# Streams at the root of an OLE2 file, in lower case, and what they make it. The first found decides: an encrypted
# workbook holds nothing but the package; a message may hold documents further down, which are not at the root.
_OLE2_STREAMS: Final[tuple[tuple[str, Format], ...]] = (
    ("encryptedpackage", Format.ENCRYPTED_OFFICE),
    ("__properties_version1.0", Format.MSG),
    ("worddocument", Format.DOC),
    ("powerpoint document", Format.PPT),
    ("pp40", Format.OTHER_OFFICE),
    ("workbook", Format.XLS),
    ("book", Format.XLS),
    ("contents", Format.WORKS),
    ("matost", Format.WORKS),
    ("mn0", Format.WORKS),
)

# Words of the main part's content type (OPC) or of the `mimetype` entry (ODF, EPUB).
_CONTENT_TYPES: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"ms-excel.sheet.binary.macroEnabled.main", Format.XLSB),
    (b"wordprocessingml.document.main+xml", Format.DOCX),
    (b"wordprocessingml.template.main+xml", Format.DOCX),
    (b"ms-word.document.macroEnabled.main+xml", Format.DOCX),
    (b"ms-word.template.macroEnabledTemplate.main+xml", Format.DOCX),
    (b"presentationml.presentation.main+xml", Format.PPTX),
    (b"presentationml.slideshow.main+xml", Format.PPTX),
    (b"presentationml.template.main+xml", Format.PPTX),
    (b"ms-powerpoint.", Format.PPTX),
    (b"spreadsheetml.sheet.main+xml", Format.XLSX),
    (b"spreadsheetml.template.main+xml", Format.XLSX),
    (b"ms-excel.", Format.XLSX),
)
_MIME_TYPES: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"application/vnd.oasis.opendocument.text", Format.ODT),
    (b"application/vnd.oasis.opendocument.spreadsheet", Format.ODS),
    (b"application/vnd.oasis.opendocument.presentation", Format.ODP),
    (b"application/epub+zip", Format.EPUB),
)
# Where the parts of an office file lie; tells what a cut-off one was, and one with an odd list of content types.
_FOLDERS: Final[tuple[tuple[bytes, Format], ...]] = (
    (b"word/", Format.DOCX),
    (b"ppt/", Format.PPTX),
    (b"xl/workbook.bin", Format.XLSB),
    (b"xl/", Format.XLSX),
)

_HTML_START: Final = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAGS: Final = re.compile(
    r"\s*(?:<!--.*?-->\s*)*<(?:head|body|title|meta|script|style|div|table|p|h[1-6]|ul|ol|span|article)\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_XML_START: Final = re.compile(r"\s*<\?xml\b")
_MAIL_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_MAIL_TELLING: Final = re.compile(
    r"^(?:From|To|Subject|Date|Received|Return-Path|Message-ID|MIME-Version|Content-Type|X-[\w-]+"
    r"|DKIM-Signature|Delivered-To|Sender|Reply-To|Cc):",
    re.IGNORECASE | re.MULTILINE,
)
_RELATED: Final = re.compile(r"^Content-Type:\s*multipart/related", re.IGNORECASE | re.MULTILINE)
_TELLING_HEADERS: Final = (
    3  # as many different headers as a text must open with to be taken for a mail
)
_MARKDOWN_START: Final = re.compile(
    r"\A(?:---\r?\n(?:.*\r?\n)*?(?:---|\.\.\.)\r?$|#{1,6} \S)", re.MULTILINE
)

# Text formats that look the same to a machine: here the name may choose.
_TEXTS: Final = frozenset({Format.MARKDOWN, Format.ASCIIDOC, Format.TEXT, Format.CSV})


def sniff(path: Path, name: str) -> Format:
    """Return what the file at ``path`` is; ``name`` is how people know it and matters only for plain text.

    A file of no bytes is ``TEXT``. A broken container is still told by what is left of it.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return _zip(path, head)
    if head.startswith(olefile.MAGIC):
        return _ole2(path)
    return _plain(head) or _text(head, name)


def promised(name: str) -> frozenset[Format]:
    """Return the formats the ending of ``name`` promises; empty when it promises none."""
    return _PROMISES.get(Path(name).suffix.lower().lstrip("."), frozenset())


def _plain(head: bytes) -> Format | None:
    """Return what the first bytes of a file say that is no container, or None when they may be text."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return Format.PDF
    if start.startswith(_RTF):
        return Format.RTF
    return next(
        (
            format_
            for marks, format_ in _MAGIC
            if all(head[place : place + len(mark)] == mark for place, mark in marks)
        ),
        None,
    )


def _zip(path: Path, head: bytes) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            return _zip_content(archive)
    except ZIP_FAULTS:
        # Cut off or tampered with: the local headers of the first parts still carry their names.
        found = _first(_MIME_TYPES, head) or _first(_FOLDERS, head)
        return found or Format.ZIP


def _zip_content(archive: zipfile.ZipFile) -> Format:
    names = {
        entry.filename.replace("\\", "/").lstrip("/").lower(): entry for entry in archive.infolist()
    }
    for entry, table in (("mimetype", _MIME_TYPES), ("[content_types].xml", _CONTENT_TYPES)):
        if entry in names and not names[entry].flag_bits & 1:
            with archive.open(names[entry]) as stream:
                found = _first(table, stream.read(_HEAD * 16))
            if found:
                return found
    if "[content_types].xml" in names:
        return _first(_FOLDERS, "\n".join(names).encode()) or Format.OTHER_OFFICE
    if "meta-inf/container.xml" in names:
        return Format.EPUB
    return Format.ZIP


def _ole2(path: Path) -> Format:
    try:
        with olefile.OleFileIO(path) as container:
            roots = {entry[0].lower() for entry in container.listdir(streams=True)}
    except (OSError, ValueError, IndexError, TypeError, AttributeError, RecursionError):
        # olefile answers a broken directory with whatever its arithmetic ran into.
        return _ole2_by_bytes(path)
    return next(
        (format_ for stream, format_ in _OLE2_STREAMS if stream in roots), Format.OTHER_OFFICE
    )


def _ole2_by_bytes(path: Path) -> Format:
    """Tell a container with a broken directory by the stream names that are left in it."""
    content = path.read_bytes().lower()
    for stream, format_ in _OLE2_STREAMS:
        if stream.encode("utf-16-le") in content:
            return format_
    return Format.OTHER_OFFICE


def _text(head: bytes, name: str) -> Format:
    if not looks_like_text(head):
        return Format.OTHER
    text = decode(head, cut=True).text
    if _HTML_START.match(text):
        return Format.HTML
    # A README may begin with a tag, so where the bytes only hint, the name is heard first.
    named = next(iter(_TEXTS & promised(name)), None)
    return _mail(text) or named or _dialect(text)


def _dialect(text: str) -> Format:
    for pattern, format_ in (
        (_HTML_TAGS, Format.HTML),
        (_XML_START, Format.XML),
        (_MARKDOWN_START, Format.MARKDOWN),
    ):
        if pattern.match(text):
            return format_
    return Format.TEXT


def _mail(text: str) -> Format | None:
    head = re.split(r"\r?\n\r?\n", text.lstrip("\ufeff\r\n"), maxsplit=1)[0]
    start = head.partition("\n")[2] if head.startswith("From ") else head
    if not _MAIL_HEADER.match(start):
        return None
    headers = {match.group().lower() for match in _MAIL_TELLING.finditer(head)}
    if len(headers) < _TELLING_HEADERS:
        return None
    # A page saved from the web was sent to nobody.
    saved = (
        _RELATED.search(head) and "text/html" in text.lower() and not headers & {"to:", "received:"}
    )
    return Format.MHTML if saved else Format.EML


def _first(table: tuple[tuple[bytes, Format], ...], content: bytes) -> Format | None:
    return next((format_ for mark, format_ in table if mark in content), None)
