"""Drawings in a paragraph: pictures, text boxes and shapes, charts, SmartArt, embedded files.

New files keep them in DrawingML, older ones in VML; both are walked by the names of what matters inside, so that groups
and canvases of any make are read alike.
"""

from __future__ import annotations

import re
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
    OLE_OBJECT,
    O_NS,
    a,
    c,
    r,
    v,
    w,
)
from ingest.readers.docx_pictures import picture_piece

if TYPE_CHECKING:
    from ingest.readers.docx_line import Line
    from ingest.readers.docx_story import Context

# Alternative texts nobody wrote: names of files and of shapes, and what programs say of a picture.
_NOT_TOLD: Final = re.compile(
    r"(?:[\w\-. ()\\/:]+\.(?:png|jpe?g|gif|bmp|emf|wmf|tiff?|svg|webp)|(?:图片|picture|image|图像|img|graphic)\s*\d*"
    r"|https?://\S+|[0-9a-f]{16,})",
    re.IGNORECASE,
)
_MACHINE_TOLD: Final = re.compile(r"\s*(?:description automatically generated.*|已生成(?:极高|很高|高)?可信度的说明)\s*$", re.IGNORECASE)


def take_drawing(line: Line, element: etree._Element) -> None:
    """Take what a ``w:drawing`` or ``w:pict`` holds into a paragraph."""
    _walk(line, element, _alternative_text(element))


def take_object(line: Line, element: etree._Element) -> None:
    """Take an embedded object: its picture, and what can be read of the file in it."""
    _walk(line, element, _alternative_text(element))


def _walk(line: Line, element: etree._Element, alt: str) -> None:
    for child in element:
        tag = child.tag
        if not isinstance(tag, str) or tag in _SKIPPED:
            continue
        if tag == _TEXT_BOX:
            line.context.tally.carry("text_boxes")
            line.after += line.story.apart(child)
        elif tag == _TEXT_BODY:
            line.after += _drawn_text(child)
        elif tag == _BLIP:
            _picture(line, child.get(r("embed")) or "", child.get(r("link")) or "", alt)
        elif tag == _IMAGE_DATA:
            _picture(line, child.get(r("id")) or child.get(r("pict")) or "", child.get(r("href")) or "", alt)
        elif tag == _TEXT_PATH:
            if words := (child.get("string") or "").strip():
                line.after.append(Paragraph([Piece(words)]))
        elif tag in {_CHART, CX_CHART}:
            line.after += _chart(line.context, line.story.part, child.get(r("id")) or "")
        elif tag == DGM_RELIDS:
            line.after += _diagram(line.context, line.story.part, child.get(r("dm")) or "")
        elif tag == OLE_OBJECT:
            line.after += embedded_blocks(
                line.context, line.story.part, child.get(r("id")) or "", program=child.get("ProgID") or ""
            )
        elif tag == _CONTROL:
            line.context.tally.lose(f"The state of the control “{child.get(w('name')) or ''}” is not carried.")
        elif tag == MC_ALTERNATE:
            _alternate(line, child, alt)
        else:
            _walk(line, child, alt)


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
            context.tally.lose("A picture is missing: the file does not say where it is.", "pictures")
        return
    if relation.external:
        context.tally.lose(f"A picture lies outside the file and was not fetched: {relation.target[:200]}", "pictures")
        return
    content = context.package.read(relation.target)
    if content is None:
        context.tally.lose(f"The picture {relation.target} is missing in the file.", "pictures")
        return
    piece = picture_piece(context, content, alt)
    if piece is None:
        ending = relation.target.rpartition(".")[2].upper()[:8]
        context.tally.lose(
            f"A picture of a sort that browsers do not show ({ending}) is left in the original: {relation.target}", "pictures"
        )
        return
    context.tally.carry("pictures")
    line.pieces.append(piece)


def _drawn_text(body: etree._Element) -> list[Block]:
    """Text written straight into a drawing, not in a text box."""
    found: list[Block] = []
    for paragraph in body.iter(a("p")):
        words = "".join(text.text or "" for text in paragraph.iter(a("t")))
        if words.strip():
            found.append(Paragraph([Piece(words)]))
    return found


def _chart(context: Context, part: str, relation_id: str) -> list[Block]:
    relation = context.package.relations(part).get(relation_id)
    root = context.package.xml(relation.target) if relation is not None and not relation.external else None
    written = [text for text in chart_blocks(root) if text.strip()] if root is not None else []
    if not written:
        context.tally.lose("A chart holds no data that could be read.", "charts")
        return []
    context.tally.carry("charts")
    return [Raw(text) for text in written]


def _diagram(context: Context, part: str, relation_id: str) -> list[Block]:
    """SmartArt: the text of its points, as a list."""
    relation = context.package.relations(part).get(relation_id)
    root = context.package.xml(relation.target) if relation is not None and not relation.external else None
    found: list[Block] = []
    if root is not None:
        for point in root.iter(f"{{{DGM_NS}}}pt"):
            for paragraph in point.iter(a("p")):
                words = "".join(text.text or "" for text in paragraph.iter(a("t")))
                if words.strip():
                    found.append(Paragraph([Piece(words)], bullet=True, list_level=0))
    if found:
        context.tally.carry("diagrams")
    else:
        context.tally.lose("A diagram holds no text that could be read.", "diagrams")
    return found


_TEXT_BOX: Final = w("txbxContent")
_TEXT_BODY: Final = a("txBody")
_BLIP: Final = a("blip")
_IMAGE_DATA: Final = v("imagedata")
_TEXT_PATH: Final = v("textpath")
_CHART: Final = c("chart")
_CONTROL: Final = w("control")
_SHAPE: Final = v("shape")
_DOC_PROPERTIES: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
# What an embedded object and a drawing say of themselves; the first also names what was chosen for a link.
_SKIPPED: Final = frozenset({f"{{{O_NS}}}LinkType", f"{{{O_NS}}}LockedField", f"{{{O_NS}}}FieldCodes"})
