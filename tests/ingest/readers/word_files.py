"""A builder of small Word files: WordprocessingML written by hand, so that a test says exactly what is in its file."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from ingest.readers.docx import read_docx
from kb.drafts import Draft

NAMESPACES: Final = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "c": "http://schemas.openxmlformats.org/drawingml/2006/chart",
        "dgm": "http://schemas.openxmlformats.org/drawingml/2006/diagram",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "o": "urn:schemas-microsoft-com:office:office",
        "v": "urn:schemas-microsoft-com:vml",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    }.items()
)
RELATION_TYPES: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
CONTENT_TYPES: Final = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
    '.wordprocessingml.document.main+xml"/></Types>'
)
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc33"
    "0000000049454e44ae426082"
)


def run(text: str, properties: str = "") -> str:
    """A ``w:r`` with one ``w:t``; ``properties`` is the inside of its ``w:rPr``."""
    said = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{said}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(content: str = "", *, style: str = "", properties: str = "") -> str:
    """A ``w:p``; ``content`` is XML when it starts with ``<``, else text."""
    inside = content if content.startswith("<") or not content else run(content)
    said = (f'<w:pStyle w:val="{style}"/>' if style else "") + properties
    return f"<w:p>{f'<w:pPr>{said}</w:pPr>' if said else ''}{inside}</w:p>"


def numbered(
    text: str, level: int = 0, num_id: int = 1, *, style: str = "", properties: str = ""
) -> str:
    """A paragraph of a list."""
    mark = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num_id}"/></w:numPr>'
    return p(text, style=style, properties=mark + properties)


def cell(content: str, properties: str = "") -> str:
    """A ``w:tc``; text becomes a paragraph."""
    inside = content if content.startswith("<") else p(content)
    return f"<w:tc>{f'<w:tcPr>{properties}</w:tcPr>' if properties else ''}{inside}</w:tc>"


def table(*rows: tuple[str, ...] | list[str]) -> str:
    """A ``w:tbl`` of cells that are text or finished ``w:tc`` elements."""
    written = (
        "<w:tr>"
        + "".join(one if one.startswith("<w:tc>") else cell(one) for one in row)
        + "</w:tr>"
        for row in rows
    )
    return "<w:tbl>" + "".join(written) + "</w:tbl>"


def heading_styles(*, numbered_by: int = 0) -> str:
    """``styles.xml`` with three headings, a title and a TOC style; the headings count in a list when one is given."""
    styles = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style>'
    )
    for level in (1, 2, 3):
        number = (
            f'<w:numPr><w:ilvl w:val="{level - 1}"/><w:numId w:val="{numbered_by}"/></w:numPr>'
            if numbered_by
            else ""
        )
        styles += (
            f'<w:style w:type="paragraph" w:styleId="{level}"><w:name w:val="heading {level}"/>'
            f'<w:basedOn w:val="a"/><w:pPr>{number}<w:outlineLvl w:val="{level - 1}"/></w:pPr></w:style>'
        )
    styles += '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    styles += '<w:style w:type="paragraph" w:styleId="toc1"><w:name w:val="toc 1"/></w:style>'
    return f"<w:styles {NAMESPACES}>{styles}</w:styles>"


def numbering(*levels: str, extra: str = "") -> str:
    """``numbering.xml`` with one list of these levels (the insides of ``w:lvl``), used by ``w:num`` 1."""
    written = "".join(f'<w:lvl w:ilvl="{at}">{level}</w:lvl>' for at, level in enumerate(levels))
    return (
        f'<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="7">{written}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{extra}</w:numbering>'
    )


def level(number_format: str, text: str, *, start: int = 1, extra: str = "") -> str:
    """The inside of a ``w:lvl``."""
    return f'<w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{extra}<w:lvlText w:val="{escape(text)}"/>'


def document(body: str) -> str:
    """``document.xml`` around a body."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:document {NAMESPACES}><w:body>{body}</w:body></w:document>'


def relations(found: Mapping[str, tuple[str, str]]) -> str:
    """A ``.rels`` part: id → (type, target); a target with ``://`` is external."""
    mode = ' TargetMode="External"'
    lines = "".join(
        f'<Relationship Id="{key}" Type="{RELATION_TYPES}{kind}" Target="{escape(target)}"'
        f"{mode if '://' in target else ''}/>"
        for key, (kind, target) in found.items()
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'


def write(
    path: Path,
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    related: Mapping[str, tuple[str, str]] | None = None,
) -> Path:
    """Write a Word file.

    Args:
        path: where to.
        body: the inside of ``w:body``.
        parts: further parts by name, below ``word/`` unless the name starts with ``/``; styles, numbering, notes and
            comments get their relation by their name.
        related: further relations of the document.
    """
    known = {"styles", "numbering", "footnotes", "endnotes", "comments"}
    links = {
        f"p{at}": (name.removesuffix(".xml"), name)
        for at, name in enumerate(parts or {})
        if name.removesuffix(".xml") in known
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", relations({"r1": ("officeDocument", "word/document.xml")}))
        archive.writestr("word/document.xml", document(body))
        archive.writestr("word/_rels/document.xml.rels", relations({**links, **(related or {})}))
        for name, content in (parts or {}).items():
            archive.writestr(name[1:] if name.startswith("/") else f"word/{name}", content)
    return path


def read(
    folder: Path,
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    related: Mapping[str, tuple[str, str]] | None = None,
    *,
    name: str = "report.docx",
) -> Draft:
    """Write a Word file and read it."""
    return read_docx(write(folder / "report.docx", body, parts, related), name)
