"""The look of a run: what its own properties and its character style say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.readers.docx_model import BOLD, ITALIC, LOWERED, RAISED
from ingest.readers.docx_names import VAL, w
from ingest.readers.docx_styles import NO_STYLE, Styles, is_on, number


@dataclass(slots=True)
class RunLook:
    """What a run says of itself; None where it leaves that to its paragraph.

    Attributes:
        look: sum of BOLD, ITALIC, RAISED, LOWERED, by its own properties and its character style.
        bold, hidden: as said.
        size: in half points, or 0.
        fonts: the element that names its fonts.
    """

    look: int = 0
    bold: bool | None = None
    hidden: bool | None = None
    size: int = 0
    fonts: etree._Element | None = None


def read_run(properties: etree._Element, styles: Styles) -> RunLook:
    """Read a run's ``w:rPr``."""
    run = RunLook()
    italic: bool | None = None
    style = NO_STYLE
    for child in properties:
        tag = child.tag
        if tag == _BOLD:
            run.bold = is_on(child.get(VAL))
        elif tag == _ITALIC:
            italic = is_on(child.get(VAL))
        elif tag == _VANISH:
            run.hidden = is_on(child.get(VAL))
        elif tag == _SIZE:
            run.size = number(child.get(VAL), 0)
        elif tag == _STYLE:
            style = styles.get(child.get(VAL))
        elif tag == _FONTS:
            run.fonts = child
        elif tag == _VERT_ALIGN:
            run.look |= _SCRIPTS.get(child.get(VAL) or "", 0)
    run.bold = True if run.bold is None and style.bold else run.bold
    run.hidden = True if run.hidden is None and style.hidden else run.hidden
    italic = style.italic if italic is None else italic
    run.size = run.size or style.size
    run.look |= (BOLD if run.bold else 0) | (ITALIC if italic else 0)
    return run


_BOLD: Final = w("b")
_ITALIC: Final = w("i")
_VANISH: Final = w("vanish")
_SIZE: Final = w("sz")
_STYLE: Final = w("rStyle")
_FONTS: Final = w("rFonts")
_VERT_ALIGN: Final = w("vertAlign")
_SCRIPTS: Final = {"superscript": RAISED, "subscript": LOWERED}
