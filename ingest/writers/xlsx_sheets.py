"""The sheets of an Excel file as cells with texts that can be searched and set.

Cells are written as inline strings, so an answer that begins with ``=`` is a text and never a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from math import ceil
from typing import Final
from unicodedata import east_asian_width

from lxml import etree

from ingest.readers.docx_names import XML_SPACE
from ingest.writers.office_files import OfficeFile

S_NS: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_REFERENCE: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RELATIVE: Final = re.compile(r"(?<![A-Za-z0-9_.])(\$?[A-Z]{1,3})(\d{1,7})(?![\d(])")
# Day 0 of Excel's calendar as everybody counts it, and the first day after the 29 February 1900 it believes in.
_DAY_ZERO: Final = date(1899, 12, 30)
_FIRST_DAY: Final = date(1900, 3, 1)
_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(50, 59)})
# A line of 10 or 11 point text, the highest row Excel knows, and the width of a column nobody set.
_LINE_POINTS: Final = 15
_HIGHEST_POINTS: Final = 409
_USUAL_WIDTH: Final = 8.43
_MOST_COLUMNS: Final = 200
_NOT_IN_FORMAT: Final = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def s(local: str) -> str:
    """A name of SpreadsheetML."""
    return f"{{{S_NS}}}{local}"


_ROW, _CELL, _V, _F, _IS, _T = s("row"), s("c"), s("v"), s("f"), s("is"), s("t")


class Workbook:
    """The sheets of a file, its shared strings and its formats."""

    def __init__(self, file: OfficeFile) -> None:
        """Look into ``file``."""
        self.file = file
        self.part = next(iter(file.related("", "officeDocument")), "xl/workbook.xml")
        self.root = file.xml(self.part)
        self._strings = [
            _joined(item)
            for part in file.related(self.part, "sharedStrings")
            for item in file.xml(part).iter(s("si"))
        ]
        self._date_styles = self._find_date_styles()

    def sheets(self) -> Iterator[tuple[str, str, etree._Element]]:
        """Name, part and root of each sheet."""
        targets = self.file.targets(self.part)
        for sheet in self.root.iter(s("sheet")):
            part = targets.get(sheet.get(_R_ID, ""), "")
            if part in self.file.parts and (root := self.file.xml(part)).tag == s("worksheet"):
                yield sheet.get("name", ""), part, root

    def text(self, cell: etree._Element) -> str:
        """The text of a cell; empty for numbers and formulas."""
        if cell.get("t") == "inlineStr":
            inline = cell.find(_IS)
            return _joined(inline) if inline is not None else ""
        if cell.get("t") != "s":
            return ""
        value = cell.findtext(_V, "")
        known = value.isdecimal() and int(value) < len(self._strings)
        return self._strings[int(value)] if known else ""

    def shows_dates(self, cell: etree._Element) -> bool:
        """Whether a number in this cell is shown as a date."""
        return cell.get("s", "0") in self._date_styles

    def recalculate(self) -> None:
        """Have every formula calculated when the file is opened."""
        properties = self.root.find(s("calcPr"))
        if properties is None:
            properties = etree.Element(s("calcPr"))
            after = [s("definedNames"), s("externalReferences"), s("functionGroups"), s("sheets")]
            anchor = next(each for name in after if (each := self.root.find(name)) is not None)
            anchor.addnext(properties)
        properties.set("fullCalcOnLoad", "1")
        self.file.touch(self.part)

    @property
    def counts_from_1904(self) -> bool:
        """Whether the file uses the calendar of old Macintoshes."""
        properties = self.root.find(s("workbookPr"))
        return properties is not None and properties.get("date1904") in {"1", "true"}

    def _find_date_styles(self) -> frozenset[str]:
        found: set[str] = set()
        for part in self.file.related(self.part, "styles"):
            root = self.file.xml(part)
            dates = {str(number) for number in _DATE_FORMATS}
            for format_ in root.iter(s("numFmt")):
                code = _NOT_IN_FORMAT.sub("", format_.get("formatCode", "")).lower()
                if "y" in code or "d" in code:
                    dates.add(format_.get("numFmtId", ""))
            for number, style in enumerate(root.iterfind(f"{s('cellXfs')}/{s('xf')}")):
                if style.get("numFmtId") in dates:
                    found.add(str(number))
        return frozenset(found)


def cells(root: etree._Element) -> Iterator[etree._Element]:
    """The cells of a sheet."""
    yield from root.iter(_CELL)


def place(cell: etree._Element) -> tuple[str, int]:
    """Column and row of a cell."""
    found = _REFERENCE.fullmatch(cell.get("r", ""))
    return (found[1], int(found[2])) if found else ("A", 0)


def set_text(cell: etree._Element, text: str) -> None:
    """Make a cell hold a text, or nothing."""
    _empty(cell)
    if text:
        cell.set("t", "inlineStr")
        inline = etree.SubElement(etree.SubElement(cell, _IS), _T)
        inline.text = text
        inline.set(XML_SPACE, "preserve")


def set_number(cell: etree._Element, number: str) -> None:
    """Make a cell hold a number, given as digits."""
    _empty(cell)
    etree.SubElement(cell, _V).text = number


def serial(day: date) -> str:
    """A day as Excel counts it; empty for days its calendar is wrong about."""
    return str((day - _DAY_ZERO).days) if day >= _FIRST_DAY else ""


def cell_at(row: etree._Element, column: str) -> etree._Element:
    """The cell of a row in a column, which is made where there is none."""
    number = row.get("r", "")
    wanted = _ordinal(column)
    for at, cell in enumerate(row):
        here = _ordinal(place(cell)[0])
        if here == wanted:
            return cell
        if here > wanted:
            new = etree.Element(_CELL, {"r": f"{column}{number}"})
            row.insert(at, new)
            return new
    return etree.SubElement(row, _CELL, {"r": f"{column}{number}"})


def row_at(root: etree._Element, number: int, like: etree._Element) -> etree._Element:
    """The row with this number, which is made with the height of another one where there is none."""
    last = like
    for row in root.iter(_ROW):
        here = int(row.get("r", "0"))
        if here == number:
            return row
        if here < number:
            last = row
    new = etree.Element(_ROW, {"r": str(number)})
    for name in ("ht", "customHeight"):
        if like.get(name):
            new.set(name, like.get(name, ""))
    last.addnext(new)
    return new


def moved(formula: str, old: int, new: int) -> str:
    """A formula of row ``old`` for row ``new``: relative references to its own row move along."""
    outside = formula.split('"')
    for at in range(0, len(outside), 2):  # every other part is a text in quotation marks
        outside[at] = _RELATIVE.sub(
            lambda found: f"{found[1]}{new if int(found[2]) == old else found[2]}", outside[at]
        )
    return '"'.join(outside)


def stretch(root: etree._Element, row: int, last: int) -> None:
    """Let lists to choose from, conditional formats and the filter that reach over ``row`` reach down to ``last``."""
    for name, attribute in (
        ("dataValidation", "sqref"),
        ("conditionalFormatting", "sqref"),
        ("autoFilter", "ref"),
    ):
        for element in root.iter(s(name)):
            ranges = element.get(attribute, "").split()
            element.set(attribute, " ".join(_stretched(each, row, last) for each in ranges))


def fit_height(root: etree._Element, row: etree._Element, texts: dict[str, str]) -> None:
    """Make a row as high as its texts need, by column; a height that somebody set stays.

    Excel and LibreOffice fit rows while one types, not when they open a file.
    """
    if row.get("customHeight"):
        return
    widths: dict[str, float] = {}
    for columns in root.iter(s("col")):
        for number in range(int(columns.get("min", "1")), int(columns.get("max", "1")) + 1):
            if number <= _MOST_COLUMNS:
                widths[str(number)] = float(columns.get("width", _USUAL_WIDTH))
    lines = 1
    for column, text in texts.items():
        width = max(widths.get(str(_ordinal(column)), _USUAL_WIDTH) - 1, 1)
        lines = max(lines, sum(max(ceil(_width(line) / width), 1) for line in text.split("\n")))
    row.set("ht", str(min(lines * _LINE_POINTS + 3, _HIGHEST_POINTS)))
    row.set("customHeight", "1")


def _width(text: str) -> int:
    """The width of a text in digits, as Excel measures columns: Chinese takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _stretched(area: str, row: int, last: int) -> str:
    found = re.fullmatch(r"([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?", area)
    if not found:
        return area
    first, end = int(found[2]), int(found[4] or found[2])
    if not first <= row <= end or end >= last:
        return area
    return f"{found[1]}{first}:{found[3] or found[1]}{last}"


def _empty(cell: etree._Element) -> None:
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)


def _joined(item: etree._Element) -> str:
    """The text of a string, without the readings of Japanese words that may stand beside it."""
    return "".join(
        text.text or ""
        for text in item.iter(_T)
        if not any(above.tag == s("rPh") for above in text.iterancestors())
    )


def _ordinal(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
