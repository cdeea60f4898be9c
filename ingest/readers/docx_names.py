"""Names of WordprocessingML and its neighbours, as lxml writes them: ``{namespace}local``."""

from __future__ import annotations

from typing import Final

W_NS: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R_NS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
A_NS: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
C_NS: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CX_NS: Final = "http://schemas.microsoft.com/office/drawing/2014/chartex"
DGM_NS: Final = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
M_NS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/math"
MC_NS: Final = "http://schemas.openxmlformats.org/markup-compatibility/2006"
V_NS: Final = "urn:schemas-microsoft-com:vml"
O_NS: Final = "urn:schemas-microsoft-com:office:office"
W14_NS: Final = "http://schemas.microsoft.com/office/word/2010/wordml"
PR_NS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
CT_NS: Final = "http://schemas.openxmlformats.org/package/2006/content-types"
XML_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"

# ISO 29500 strict names and the transitional ones every part is read with.
STRICT: Final = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W_NS.encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/relationships", R_NS.encode()),
    (b"http://purl.oclc.org/ooxml/drawingml/main", A_NS.encode()),
    (b"http://purl.oclc.org/ooxml/drawingml/chart", C_NS.encode()),
    (b"http://purl.oclc.org/ooxml/drawingml/diagram", DGM_NS.encode()),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", M_NS.encode()),
    (
        b"http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
        b"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/extendedProperties",
        b"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/customProperties",
        b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
        b"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes",
    ),
)


def w(local: str) -> str:
    """A name of WordprocessingML."""
    return f"{{{W_NS}}}{local}"


def r(local: str) -> str:
    """A name of the relationships namespace."""
    return f"{{{R_NS}}}{local}"


def a(local: str) -> str:
    """A name of DrawingML."""
    return f"{{{A_NS}}}{local}"


def c(local: str) -> str:
    """A name of DrawingML charts."""
    return f"{{{C_NS}}}{local}"


def m(local: str) -> str:
    """A name of Office math."""
    return f"{{{M_NS}}}{local}"


def v(local: str) -> str:
    """A name of VML."""
    return f"{{{V_NS}}}{local}"


VAL: Final = w("val")
FALSE: Final = frozenset({"0", "false", "off", "none"})

MC_ALTERNATE: Final = f"{{{MC_NS}}}AlternateContent"
MC_CHOICE: Final = f"{{{MC_NS}}}Choice"
MC_FALLBACK: Final = f"{{{MC_NS}}}Fallback"
DGM_RELIDS: Final = f"{{{DGM_NS}}}relIds"
CX_CHART: Final = f"{{{CX_NS}}}chart"
OLE_OBJECT: Final = f"{{{O_NS}}}OLEObject"
