"""Styles of a Word file, resolved along the chain they are based on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from ingest.readers.docx_names import FALSE, VAL, w

# Word writes built-in styles by their English names whatever its language; other programs do not always.
_HEADING: Final = re.compile(
    r"(?:heading|标题|標題|見出し|제목|überschrift|titre|título|titolo|rubrik|overskrift|kop|заголовок)\s*([1-9])"
)
_TITLES: Final = frozenset(
    {"title", "文档标题", "标题", "標題", "封面标题", "文件标题", "document title"}
)
BODY_LEVEL: Final = 9  # w:outlineLvl counts from 0; 9 means body text
_UNSET: Final = -1


@dataclass(frozen=True, slots=True)
class Style:
    """What a style means after everything it is based on has been taken in.

    Attributes:
        level: heading level 1 to 9, or 0.
        title: True for the style of a document's title.
        bold, italic, hidden: what its runs are.
        size: of its letters in half points, or 0 where nothing is said.
        numbering: id of its list and level in it; level -1 where the list must be asked.
    """

    id: str = ""
    name: str = ""
    level: int = 0
    title: bool = False
    bold: bool = False
    italic: bool = False
    hidden: bool = False
    size: int = 0
    numbering: tuple[str, int] | None = None


NO_STYLE: Final = Style()


class Styles:
    """All styles of a file, looked up by id."""

    def __init__(self, root: etree._Element | None) -> None:
        """Read ``styles.xml``; a file without it has no styles."""
        self._elements: dict[str, etree._Element] = {}
        self._resolved: dict[str, Style] = {}
        self._default = ""
        self.body_size = 0
        if root is None:
            return
        for element in root.iter(w("style")):
            self._elements.setdefault(element.get(w("styleId")) or "", element)
            if element.get(w("type")) == "paragraph" and is_on(element.get(w("default"), "0")):
                self._default = element.get(w("styleId")) or ""
        size = root.find(f"{w('docDefaults')}/{w('rPrDefault')}/{w('rPr')}/{w('sz')}")
        default_size = number(size.get(VAL) if size is not None else None, 20)
        self.body_size = self.get(self._default).size or default_size

    def paragraph(self, style_id: str | None) -> Style:
        """The style of a paragraph: the one named, else the file's default."""
        return self.get(style_id if style_id in self._elements else self._default)

    def hiding(self) -> frozenset[str]:
        """The ids of the styles that hide text."""
        return frozenset(style_id for style_id in self._elements if self.get(style_id).hidden)

    def get(self, style_id: str | None) -> Style:
        """The style of this id; one that says nothing when there is none."""
        if not style_id:
            return NO_STYLE
        found = self._resolved.get(style_id)
        if found is None:
            found = self._resolved[style_id] = self._resolve(style_id)
        return found

    def _resolve(self, style_id: str) -> Style:
        """Walk from the style to its ancestors; what is nearer counts."""
        level, size, numbering = _UNSET, 0, None
        toggles: dict[str, bool] = {}
        title = False
        seen: set[str] = set()
        at: str | None = style_id
        while at and at not in seen and (element := self._elements.get(at)) is not None:
            seen.add(at)
            name = _value(element, "name").lower()
            title = title or name in _TITLES
            paragraph, run = element.find(w("pPr")), element.find(w("rPr"))
            if level == _UNSET:
                level = _level(name, paragraph)
            if numbering is None and paragraph is not None:
                numbering = _numbering(paragraph.find(w("numPr")))
            if run is not None:
                size = size or number(_value(run, "sz"), 0)
                for toggle in ("b", "i", "vanish"):
                    # A default style that hides is damage: nobody means a document to be invisible.
                    if toggle == "vanish" and at == self._default:
                        continue
                    if toggle not in toggles and (mark := run.find(w(toggle))) is not None:
                        toggles[toggle] = is_on(mark.get(VAL))
            at = _value(element, "basedOn")
        first = self._elements.get(style_id)
        return Style(
            id=style_id,
            name=_value(first, "name").lower() if first is not None else "",
            level=level if 1 <= level <= BODY_LEVEL else 0,
            title=title,
            bold=toggles.get("b", False),
            italic=toggles.get("i", False),
            hidden=toggles.get("vanish", False),
            size=size,
            numbering=numbering,
        )


def _level(name: str, paragraph: etree._Element | None) -> int:
    """The heading level one style itself decides on: 1 to 9, 0 for body text, -1 when it leaves that open."""
    if paragraph is not None and (outline := paragraph.find(w("outlineLvl"))) is not None:
        decided = number(outline.get(VAL), BODY_LEVEL)
        return decided + 1 if 0 <= decided < BODY_LEVEL else 0
    heading = _HEADING.fullmatch(name)
    return int(heading[1]) if heading else _UNSET


def _numbering(element: etree._Element | None) -> tuple[str, int] | None:
    if element is None:
        return None
    num_id = _value(element, "numId")
    level = _value(element, "ilvl")
    return (num_id, number(level, _UNSET) if level else _UNSET) if num_id else None


def _value(element: etree._Element, local: str) -> str:
    child = element.find(w(local))
    return (child.get(VAL) or "") if child is not None else ""


def is_on(value: str | None) -> bool:
    """Read an on/off value; the mere presence of the element means on."""
    return value is None or value.lower() not in FALSE


def number(value: str | None, otherwise: int) -> int:
    """Read an integer as Word writes it, with ``otherwise`` for what is none."""
    try:
        return int(float(value)) if value else otherwise
    except (ValueError, OverflowError):
        return otherwise
