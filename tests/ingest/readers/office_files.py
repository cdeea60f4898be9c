"""Builders of small files of many formats: a few lines of each format's own structure."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ingest.readers import read
from kb.drafts import Draft
from kb.markdown import plain_text

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def draft(folder: Path, name: str, content: bytes | str) -> Draft:
    """Write a file and read it."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read(path, name)


def words(found: Draft) -> str:
    """The words of a draft's body, on one line."""
    return " ".join(plain_text(found.body).split())


def zipped(path: Path, parts: Mapping[str, bytes | str], *, stored: Iterable[str] = ()) -> Path:
    """Write a zip file; the parts named in ``stored`` are not compressed."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, kind)
    return path


# Office Open XML -------------------------------------------------------------------------------

_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">{}</cp:coreProperties>'
)


def links(*targets: tuple[str, str, str]) -> str:
    """A part's list of links: (id, last word of the type, target)."""
    listed = "".join(
        f'<Relationship Id="{id_}" Type="{_RELATIONSHIPS}/{type_}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if target.startswith('http') else ''}/>"
        for id_, type_, target in targets
    )
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f"{listed}</Relationships>"
    )


def content_types(main: str, type_: str) -> str:
    """The list of content types, with the one that matters."""
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Override PartName="/{main}" ContentType="application/vnd.{type_}.main+xml"/></Types>'
    )


SLIDE = (
    '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{_RELATIONSHIPS}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart">'
    "<p:cSld><p:spTree>{}</p:spTree></p:cSld></p:sld>"
)


def shape(*paragraphs: str, role: str | None = None) -> str:
    """A shape with text; ``role`` is the type of its placeholder."""
    placeholder = "" if role is None else f'<p:ph type="{role}"/>'
    body = "".join(
        one if one.startswith("<a:p>") else f"<a:p><a:r><a:t>{one}</a:t></a:r></a:p>"
        for one in paragraphs
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr>'
        f"<p:txBody>{body}</p:txBody></p:sp>"
    )


def pptx(
    path: Path,
    slides: Sequence[str],
    *,
    more: Mapping[str, bytes | str] | None = None,
    core: str = "",
) -> Path:
    """Write a presentation; each slide is the XML of its shapes. ``more`` holds further parts."""
    listed = "".join(f'<p:sldId id="{256 + n}" r:id="s{n}"/>' for n in range(len(slides)))
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(
            "ppt/presentation.xml", "openxmlformats-officedocument.presentationml.presentation"
        ),
        "_rels/.rels": links(("m", "officeDocument", "ppt/presentation.xml")),
        "docProps/core.xml": _CORE.format(core),
        "ppt/presentation.xml": (
            '<p:presentation xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
            f'xmlns:r="{_RELATIONSHIPS}"><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>'
        ),
        "ppt/_rels/presentation.xml.rels": links(
            *((f"s{n}", "slide", f"slides/slide{n}.xml") for n in range(len(slides)))
        ),
        **{f"ppt/slides/slide{n}.xml": SLIDE.format(one) for n, one in enumerate(slides)},
        **(more or {}),
    }
    return zipped(path, parts)


def xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[str | float | None]]],
    *,
    more: Mapping[str, bytes | str] | None = None,
) -> Path:
    """Write a workbook of texts and numbers."""
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n + 1}" r:id="s{n}"/>' for n, name in enumerate(names)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(
            "xl/workbook.xml", "openxmlformats-officedocument.spreadsheetml.sheet"
        ),
        "_rels/.rels": links(("m", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{space}" xmlns:r="{_RELATIONSHIPS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            *((f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(len(names)))
        ),
        **{
            f"xl/worksheets/sheet{n}.xml": (
                f'<worksheet xmlns="{space}" xmlns:r="{_RELATIONSHIPS}"><sheetData>'
                f"{''.join(_row(at, row) for at, row in enumerate(sheets[name], 1))}</sheetData></worksheet>"
            )
            for n, name in enumerate(names)
        },
        **(more or {}),
    }
    return zipped(path, parts)


def _row(number: int, cells: Sequence[str | float | None]) -> str:
    written = "".join(
        f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{one}</t></is></c>'
        if isinstance(one, str)
        else f'<c r="{chr(65 + n)}{number}"><v>{one}</v></c>'
        for n, one in enumerate(cells)
        if one is not None
    )
    return f'<row r="{number}">{written}</row>'


# OpenDocument ----------------------------------------------------------------------------------

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
ODF_SPACES = (
    " ".join(
        f'xmlns:{prefix}="{_ODF}{rest}"'
        for prefix, rest in (
            ("office", "office:1.0"),
            ("text", "text:1.0"),
            ("table", "table:1.0"),
            ("style", "style:1.0"),
            ("draw", "drawing:1.0"),
            ("presentation", "presentation:1.0"),
            ("fo", "xsl-fo-compatible:1.0"),
            ("meta", "meta:1.0"),
        )
    )
    + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odf(
    path: Path,
    kind: str,
    body: str,
    *,
    styles: str = "",
    more: Mapping[str, bytes | str] | None = None,
) -> Path:
    """Write an OpenDocument file; ``kind`` is ``text``, ``presentation`` or ``spreadsheet``."""
    content = (
        f"<office:document-content {ODF_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    parts: dict[str, bytes | str] = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": content,
        **(more or {}),
    }
    return zipped(path, parts, stored=["mimetype"])


# OLE2 ------------------------------------------------------------------------------------------

_SECTOR = 512
_SMALLEST = 4096  # shorter streams would go into a second file system within the first
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole2(path: Path, streams: Mapping[str, bytes]) -> Path:
    """Write an OLE2 container; ``storage/stream`` names put streams into storages. Streams are padded with zeros."""
    storages = sorted({name.split("/")[0] for name in streams if "/" in name})
    names = ["Root Entry", *storages, *streams]
    fat: list[int] = []
    data = bytearray()
    starts: dict[str, tuple[int, int]] = {}
    for name, content in streams.items():
        padded = content.ljust(_SMALLEST, b"\0")
        starts[name] = (len(fat), len(padded))
        count = -(-len(padded) // _SECTOR)
        fat += [len(fat) + step + 1 for step in range(count - 1)] + [_END]
        data += padded.ljust(count * _SECTOR, b"\0")
    entries = b"".join(_entry(at, name, names, storages, starts) for at, name in enumerate(names))
    directory = len(fat)
    count = -(-len(entries) // _SECTOR)
    fat += [directory + step + 1 for step in range(count - 1)] + [_END]
    data += entries.ljust(count * _SECTOR, b"\0")
    fat_sectors = 1
    while fat_sectors * 128 < len(fat) + fat_sectors:
        fat_sectors += 1
    first_fat = len(fat)
    fat += [_FAT] * fat_sectors
    table = struct.pack(f"<{fat_sectors * 128}I", *fat, *[_FREE] * (fat_sectors * 128 - len(fat)))
    places = [first_fat + n for n in range(fat_sectors)]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack(
        "<HHHHH6xIIIIIIIII",
        0x3E,
        3,
        0xFFFE,
        9,
        6,
        0,
        fat_sectors,
        directory,
        0,
        4096,
        _END,
        0,
        _END,
        0,
    )
    head += struct.pack("<109I", *places, *[_FREE] * (109 - len(places)))
    path.write_bytes(head + bytes(data) + table)
    return path


def _entry(
    at: int,
    name: str,
    names: Sequence[str],
    storages: Sequence[str],
    starts: Mapping[str, tuple[int, int]],
) -> bytes:
    """A directory entry; the entries of a folder hang on each other's right side."""
    folder = name.split("/", maxsplit=1)[0] if "/" in name else ""
    siblings = [
        n
        for n, one in enumerate(names)
        if n and (one.split("/")[0] if "/" in one else "") == folder
    ]
    inside = [n for n, one in enumerate(names) if one.startswith(name + "/")]
    top = [n for n, one in enumerate(names) if n and "/" not in one]
    child = top[0] if at == 0 else inside[0] if name in storages else _FREE
    right = next((n for n in siblings if n > at), _FREE) if at else _FREE
    kind = 5 if at == 0 else 1 if name in storages else 2
    own = name.rpartition("/")[2].encode("utf-16-le")
    start, size = starts.get(name, (_END if at == 0 else 0, 0))
    return own.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI16xIQ", len(own) + 2, kind, 1, _FREE, right, child, 0, start, size
    )


# Word 97 ---------------------------------------------------------------------------------------

_TEXT_AT = 0x800


def word97(
    paragraphs: Sequence[tuple[str, int]],
    *,
    flags: int = 0,
    notes: Sequence[str] = (),
    looks: Mapping[int, bytes] | None = None,
    lists: Sequence[Sequence[tuple[int, str]]] = (),
    uses: Sequence[tuple[int, Mapping[int, int]]] = (),
    letters: Mapping[int, bytes] | None = None,
) -> dict[str, bytes]:
    """The streams of a Word file. Each paragraph is its text with its end mark and its style: 0 text, 1 to 9 headings.

    ``notes`` are footnotes, called where the text has ``\\x02``;
    ``looks`` adds property changes to a paragraph by its place. ``lists`` have levels, each a way to count and its
    text, where ``\\x00`` is the number of the first level; ``uses`` name a list (from 0) and where levels start anew.
    ``letters`` adds property changes to all letters of a paragraph by its place.
    """
    body = "".join(text for text, _ in paragraphs)
    foot = "".join("\x02 " + note + "\r" for note in notes)
    text = body + foot + "\r" * bool(notes)
    units = text.encode("utf-16-le")
    total = len(units) // 2
    table = bytearray()
    places: dict[int, tuple[int, int]] = {}

    def put(offset: int, content: bytes) -> None:
        places[offset] = (len(table), len(content))
        table.extend(content)

    put(0x1A2, b"\x02" + struct.pack("<I", 16) + struct.pack("<IIHIH", 0, total, 0, _TEXT_AT, 0))
    put(0xA2, _styles())
    if lists:
        heads, levels = _lists(lists)
        put(0x2E2, heads)
        table.extend(levels)  # not counted in the length of the list table
        put(0x2EA, _uses(uses))
    calls = [at for at, char in enumerate(body) if char == "\x02"]
    if notes:
        put(0xAA, struct.pack(f"<{len(calls) + 1}I", *calls, len(body)) + bytes(2 * len(calls)))
        ends, at = [0], 0
        for note in notes:
            at += len(note) + 3
            ends.append(at)
        put(0xB2, struct.pack(f"<{len(ends) + 1}I", *ends, at + 1))
    page = -(-(_TEXT_AT + len(units)) // 512)
    ends_at, at = [0], 0
    for one, _ in paragraphs:
        at += len(one.encode("utf-16-le")) // 2
        ends_at.append(at)
    edges = [_TEXT_AT + 2 * end for end in ends_at]
    put(0x102, struct.pack("<III", edges[0], edges[-1], page))
    put(0xFA, struct.pack("<III", edges[0], edges[-1], page + 1))
    head = bytearray(0x400)
    struct.pack_into("<HHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0x0804, 0, 0x0200 | flags)
    struct.pack_into("<II", head, 0x4C, len(body.encode("utf-16-le")) // 2, len(foot))
    for offset, (place, length) in places.items():
        struct.pack_into("<II", head, offset, place, length)
    document = bytes(head).ljust(_TEXT_AT, b"\0") + units
    document = document.ljust(page * 512, b"\0") + _paragraph_page(
        edges, [s for _, s in paragraphs], looks or {}
    )
    document += _character_page(edges, letters or {})
    return {"WordDocument": document, "1Table": bytes(table)}


def _lists(lists: Sequence[Sequence[tuple[int, str]]]) -> tuple[bytes, bytes]:
    heads, levels = struct.pack("<H", len(lists)), b""
    for number, own in enumerate(lists):
        heads += struct.pack("<II18sBB", 100 + number, 0, b"\xff\x0f" * 9, 0, 0)
        for at in range(9):
            way, text = own[at] if at < len(own) else (0, chr(at) + ".")
            places = bytes(place for place, char in enumerate(text, 1) if ord(char) < 9).ljust(
                9, b"\0"
            )
            levels += struct.pack("<IBB9sBII4B", 1, way, 0, places, 0, 0, 0, 0, 0, 0, 0)
            levels += struct.pack("<H", len(text)) + text.encode("utf-16-le")
    return heads, levels


def _uses(uses: Sequence[tuple[int, Mapping[int, int]]]) -> bytes:
    heads, rest = struct.pack("<I", len(uses)), b""
    for number, starts in uses:
        heads += struct.pack("<IIIBBBB", 100 + number, 0, 0, len(starts), 0, 0, 0)
        rest += b"\xff" * 4
        for level, start in starts.items():
            rest += struct.pack("<II", start, level | 0x10)
    return heads + rest


def _styles() -> bytes:
    """A style sheet: the text style, and the nine headings."""
    sheet = struct.pack("<HHH", 18, 10, 10) + bytes(14)
    for number in range(10):
        style = struct.pack("<HHHHH", number, 0xFFF << 4 | 1, 0, 0, 0)
        sheet += struct.pack("<H", len(style)) + style
    return sheet


def _paragraph_page(
    edges: Sequence[int], styles: Sequence[int], looks: Mapping[int, bytes]
) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(edges)}I", page, 0, *edges)
    at = 510
    for number, style in enumerate(styles):
        body = struct.pack("<H", style) + looks.get(number, b"")
        body += b"\0" * (
            1 - len(body) % 2
        )  # an odd length, so that the length byte says (length + 1) / 2
        at -= len(body) + 1
        at -= at % 2
        page[at] = (len(body) + 1) // 2
        page[at + 1 : at + 1 + len(body)] = body
        page[4 * len(edges) + 13 * number] = at // 2
    page[511] = len(styles)
    return bytes(page)


def _character_page(edges: Sequence[int], letters: Mapping[int, bytes]) -> bytes:
    page = bytearray(512)
    struct.pack_into(f"<{len(edges)}I", page, 0, *edges)
    at = 510
    for number, changes in letters.items():
        at -= len(changes) + 1
        at -= at % 2
        page[at] = len(changes)
        page[at + 1 : at + 1 + len(changes)] = changes
        page[4 * len(edges) + number] = at // 2
    page[511] = len(edges) - 1
    return bytes(page)


# PowerPoint 97 ---------------------------------------------------------------------------------


def record(kind: int, content: bytes, *, instance: int = 0, container: bool = False) -> bytes:
    """A record of a PowerPoint file."""
    return (
        struct.pack("<HHI", instance << 4 | (0xF if container else 0), kind, len(content)) + content
    )


def ppt(
    slides: Sequence[Mapping[int, str]], notes: Mapping[int, str] | None = None
) -> dict[str, bytes]:
    """The streams of a presentation: for each slide its texts by kind (0 title, 1 body, 4 other); notes by slide."""
    spoken = notes or {}
    listed = b""
    for number, texts in enumerate(slides):
        listed += record(0x03F3, struct.pack("<IIIII", number + 2, 0, 0, 256 + number, 0))
        for kind, text in texts.items():
            if kind != 4:
                listed += record(0x0F9F, struct.pack("<I", kind)) + record(
                    0x0FA0, text.encode("utf-16-le")
                )
    pages = b"".join(
        record(0x03F3, struct.pack("<IIIII", 100 + number, 0, 0, 300 + number, 0))
        for number in spoken
    )
    document = record(
        0x03E8,
        record(0x0FF0, listed, container=True) + record(0x0FF0, pages, instance=2, container=True),
        container=True,
    )
    places = {1: 0}
    stream = document
    for number, texts in enumerate(slides):
        places[number + 2] = len(stream)
        other = texts.get(4, "")
        shapes = (
            record(0x0F9F, struct.pack("<I", 4)) + record(0x0FA0, other.encode("utf-16-le"))
            if other
            else b""
        )
        stream += record(0x03EE, record(0x040C, shapes, container=True), container=True)
    for number, text in spoken.items():
        places[100 + number] = len(stream)
        atom = record(0x03F1, struct.pack("<II", 256 + number, 0))
        shapes = record(0x0F9F, struct.pack("<I", 2)) + record(0x0FA8, text.encode("latin-1"))
        stream += record(0x03F0, atom + record(0x040C, shapes, container=True), container=True)
    directory = b"".join(struct.pack("<II", 1 << 20 | id_, place) for id_, place in places.items())
    return {"PowerPoint Document": stream + record(0x1772, directory), "Current User": bytes(20)}


# Excel 97 --------------------------------------------------------------------------------------


def biff(
    name: str, rows: Sequence[Sequence[str | float]], *, encrypted: bool = False
) -> dict[str, bytes]:
    """The stream of a workbook with one sheet."""

    def put(kind: int, content: bytes) -> bytes:
        return struct.pack("<HH", kind, len(content)) + content

    def cell(at: int, column: int, value: str | float) -> bytes:
        place = struct.pack("<HHH", at, column, 0)
        if isinstance(value, str):
            return put(
                0x0204,
                place
                + struct.pack("<HB", len(value.encode("utf-16-le")) // 2, 1)
                + value.encode("utf-16-le"),
            )
        return put(0x0203, place + struct.pack("<d", value))

    start = put(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    if encrypted:
        start += put(0x002F, struct.pack("<HHH", 0, 1, 1))
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    length = len(start) + 4 + 6 + len(title) + 4
    book = start + put(0x0085, struct.pack("<IBB", length, 0, 0) + title) + put(0x000A, b"")
    sheet = put(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
    sheet += b"".join(cell(at, n, one) for at, row in enumerate(rows) for n, one in enumerate(row))
    return {"Workbook": book + sheet + put(0x000A, b"")}


# PDF -------------------------------------------------------------------------------------------


def pdf(
    pages: Sequence[Sequence[tuple[str, float, float, float]]],
    *,
    outline: Sequence[tuple[str, int]] = (),
    encrypt: bool = False,
    title: str = "",
    drawn: bytes = b"",
) -> bytes:
    """A PDF; each page is a list of lines: text, size, left, bottom, in points on a page of 600 by 800.

    ``drawn`` is drawn on every page, in the language of PDF.
    """
    objects: list[bytes] = []

    def put(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    font = put(
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[2 0 R]>>"
    )
    put(
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/DW 1000"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>"
        b"/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 4/Ascent 880/Descent -120>>>>"
    )
    tree = put(b"")
    numbers = []
    for lines in pages:
        content = drawn + b"".join(
            b"BT /F1 %g Tf 1 0 0 1 %g %g Tm <%s> Tj ET\n"
            % (size, left, bottom, text.encode("utf-16-be").hex().encode())
            for text, size, left, bottom in lines
        )
        stream = put(b"<</Length %d>>stream\n%sendstream" % (len(content), content))
        numbers.append(
            put(
                b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 600 800]/Contents %d 0 R/Resources<</Font<</F1 %d 0 R>>>>>>"
                % (tree, stream, font)
            )
        )
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    objects[tree - 1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(numbers))
    catalog = b"<</Type/Catalog/Pages %d 0 R" % tree
    if outline:
        root = len(objects) + 1
        put(b"<</Type/Outlines/First %d 0 R/Last %d 0 R>>" % (root + 1, root + len(outline)))
        for at, (words_, page) in enumerate(outline, 1):
            beside = (b"/Next %d 0 R" % (root + at + 1) if at < len(outline) else b"") + (
                b"/Prev %d 0 R" % (root + at - 1) if at > 1 else b""
            )
            name = ("\ufeff" + words_).encode("utf-16-be").hex().encode()
            put(
                b"<</Title<%s>/Parent %d 0 R/Dest[%d 0 R/Fit]%s>>"
                % (name, root, numbers[page], beside)
            )
        catalog += b"/Outlines %d 0 R" % root
    root_number = put(catalog + b">>")
    extra = b""
    if title:
        extra += b"/Info %d 0 R" % put(
            b"<</Title<%s>>>" % ("\ufeff" + title).encode("utf-16-be").hex().encode()
        )
    if encrypt:
        lock = put(b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (b"ab" * 32, b"cd" * 32))
        extra += b"/Encrypt %d 0 R/ID[<00><00>]" % lock
    return _pdf_file(objects, root_number, extra)


def _pdf_file(objects: Sequence[bytes], root: int, extra: bytes) -> bytes:
    written = bytearray(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer<</Size %d/Root %d 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        root,
        extra,
        start,
    )
    return bytes(written)
