"""Drawings in a paragraph: pictures, text boxes and shapes, charts, SmartArt, embedded files.

New files keep them in DrawingML, older ones in VML; both are walked by the names of what matters inside, so that groups
and canvases of any make are read alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from lxml import etree

from ingest.readers.charts import chart_blocks
from ingest.readers.docx_embedded import embedded_blocks
from ingest.readers.docx_model import Block, Paragraph, Piece, Raw
from ingest.readers.docx_names import (
    CX_CHART,
    DGM_NS,
    DGM_RELIDS,
    MC_ALTERNATE,
    MC_CHOICE,
    MC_FALLBACK,
    O_NS,
    OLE_OBJECT,
    a,
    c,
    r,
    v,
    w,
)
from ingest.readers.docx_pictures import picture_piece

if TYPE_CHECKING:
    from ingest.readers.docx_line import Line

# Alternative texts nobody wrote: names of files and of shapes, and what programs say of a picture.
_NOT_TOLD: Final = re.compile(
    r"(?:[\w\-. ()\\/:]+\.(?:png|jpe?g|gif|bmp|emf|wmf|tiff?|svg|webp)|(?:图片|picture|image|图像|img|graphic)\s*\d*"
    r"|https?://\S+|[0-9a-f]{16,})",
    re.IGNORECASE,
)
_MACHINE_TOLD: Final = re.compile(
    r"\s*(?:description automatically generated.*|已生成(?:极高|很高|高)?可信度的说明)\s*$",
    re.IGNORECASE,
)


def take_drawing(line: Line, element: etree._Element) -> None:
    """Take what a ``w:drawing``, ``w:pict`` or ``w:object`` holds into a paragraph."""
    _walk(line, element, _alternative_text(element))


def _walk(line: Line, element: etree._Element, alt: str) -> None:
    for child in element:
        tag = child.tag
        handler = _HANDLERS.get(tag)
        if handler is not None:
            handler(line, child, alt)
        elif isinstance(tag, str) and tag not in _SKIPPED:
            _walk(line, child, alt)


def _text_box(line: Line, element: etree._Element, _alt: str) -> None:
    line.context.tally.carry("text_boxes")
    line.after += line.story.apart(element)


def _blip(line: Line, element: etree._Element, alt: str) -> None:
    _picture(line, element.get(r("embed")) or "", element.get(r("link")) or "", alt)


def _image_data(line: Line, element: etree._Element, alt: str) -> None:
    _picture(
        line,
        element.get(r("id")) or element.get(r("pict")) or "",
        element.get(r("href")) or "",
        alt,
    )


def _text_path(line: Line, element: etree._Element, _alt: str) -> None:
    """Words drawn along a line: WordArt of older files."""
    if words := (element.get("string") or "").strip():
        line.after.append(Paragraph([Piece(words)]))


def _embedded(line: Line, element: etree._Element, _alt: str) -> None:
    program = element.get("ProgID") or ""
    line.after += embedded_blocks(
        line.context, line.story.part, element.get(r("id")) or "", program=program
    )


def _control(line: Line, element: etree._Element, _alt: str) -> None:
    line.context.tally.lose(
        f"The state of the control “{element.get(w('name')) or ''}” is not carried."
    )


def _alternate(line: Line, element: etree._Element, alt: str) -> None:
    for copy in (*element.iterchildren(MC_CHOICE), *element.iterchildren(MC_FALLBACK)):
        before = len(line.pieces), len(line.after)
        _walk(line, copy, alt)
        if before != (len(line.pieces), len(line.after)):
            return


def _alternative_text(element: etree._Element) -> str:
    """What somebody wrote to describe a picture; not what a program put there."""
    said = ""
    for holder in element.iter(_DOC_PROPERTIES, _SHAPE):
        said = holder.get("descr") or holder.get("alt") or holder.get("title") or ""
        if said:
            break
    said = _MACHINE_TOLD.sub("", " ".join(said.split()))
    return "" if _NOT_TOLD.fullmatch(said) else said


def _picture(line: Line, embedded: str, linked: str, alt: str) -> None:
    context = line.context
    relation = line.story.relation(embedded) or line.story.relation(linked)
    if relation is None:
        if embedded or linked:
            context.tally.lose(
                "A picture is missing: the file does not say where it is.", "pictures"
            )
        return
    if relation.external:
        context.tally.lose(
            f"A picture lies outside the file and was not fetched: {relation.target[:200]}",
            "pictures",
        )
        return
    content = context.package.read(relation.target)
    if content is None:
        context.tally.lose(f"The picture {relation.target} is missing in the file.", "pictures")
        return
    piece = picture_piece(context, content, alt)
    if piece is None:
        ending = relation.target.rpartition(".")[2].upper()[:8]
        context.tally.lose(
            f"A picture of a sort that browsers do not show ({ending}) is left in the original: {relation.target}",
            "pictures",
        )
        return
    context.tally.carry("pictures")
    line.pieces.append(piece)


def _drawn_text(line: Line, element: etree._Element, _alt: str) -> None:
    """Text written straight into a drawing, not in a text box."""
    for paragraph in element.iter(a("p")):
        words = "".join(text.text or "" for text in paragraph.iter(a("t")))
        if words.strip():
            line.after.append(Paragraph([Piece(words)]))


def _related(line: Line, relation_id: str | None) -> etree._Element | None:
    relation = line.story.relation(relation_id)
    return (
        None if relation is None or relation.external else line.context.package.xml(relation.target)
    )


def _chart(line: Line, element: etree._Element, _alt: str) -> None:
    root = _related(line, element.get(r("id")))
    written = [text for text in chart_blocks(root) if text.strip()] if root is not None else []
    if written:
        line.context.tally.carry("charts")
        line.after += [Raw(text) for text in written]
    else:
        line.context.tally.lose("A chart holds no data that could be read.", "charts")


def _diagram(line: Line, element: etree._Element, _alt: str) -> None:
    """SmartArt: the text of its points, as a list."""
    root = _related(line, element.get(r("dm")))
    found: list[Block] = []
    for point in [] if root is None else root.iter(f"{{{DGM_NS}}}pt"):
        for paragraph in point.iter(a("p")):
            words = "".join(text.text or "" for text in paragraph.iter(a("t")))
            if words.strip():
                found.append(Paragraph([Piece(words)], bullet=True, list_level=0))
    if found:
        line.context.tally.carry("diagrams")
        line.after += found
    else:
        line.context.tally.lose("A diagram holds no text that could be read.", "diagrams")


_SHAPE: Final = v("shape")
_DOC_PROPERTIES: Final = (
    "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
)
# What an embedded object says of its link.
_SKIPPED: Final = frozenset(
    {f"{{{O_NS}}}LinkType", f"{{{O_NS}}}LockedField", f"{{{O_NS}}}FieldCodes"}
)
_HANDLERS: Final[dict[object, Callable[[Line, etree._Element, str], None]]] = {
    w("txbxContent"): _text_box,
    a("txBody"): _drawn_text,
    a("blip"): _blip,
    v("imagedata"): _image_data,
    v("textpath"): _text_path,
    c("chart"): _chart,
    CX_CHART: _chart,
    DGM_RELIDS: _diagram,
    OLE_OBJECT: _embedded,
    w("control"): _control,
    MC_ALTERNATE: _alternate,
}
