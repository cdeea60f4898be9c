"""Excel workbooks (.xlsx, .xlsm, .xltx, .xlsb, .xls): each sheet becomes a section, its cells tables.

Cells are read by calamine, as the program last computed them; formulas and macros are not run. What
lies on or beside the cells of an .xlsx (text boxes, charts, comments) is read from its XML.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Final

import python_calamine as calamine
from lxml import etree

from ingest.formats import Format
from ingest.limits import Limits
from ingest.packages import Package, open_package
from ingest.readers.drafting import Findings, finish
from ingest.readers.elements import attribute, child, children, descendants, local, qualified
from ingest.readers.grid import MAX_ROWS, Grid, write_grid
from ingest.readers.ole2 import open_ole2, stream
from ingest.readers.properties import take_office_open, take_ole2
from ingest.readers.sheet_extras import Extras, OldExtras
from ingest.readers.sheet_spans import MAX_SPAN, is_locked, xls_span, xlsb_span, xlsx_span
from ingest.readers.writing import blocks, one_line, visible
from ingest.readers.xls_records import beside_cells, without_codes
from kb.drafts import Draft
from kb.errors import DamagedFile, EncryptedFile, UnsupportedFormat

_TOO_WIDE: Final = f"the cells of a sheet lie further apart than {MAX_SPAN} cells"
_BINARY_SHEET: Final = re.compile(r"xl/\w*sheets/[^/]+\.bin", re.IGNORECASE)
_MARGINS: Final = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)>([^<]{1,2000})<")
_SIGNIFICANT_DIGITS: Final = 15  # what Excel itself keeps of a number

Value = float | int | str | bool | date | datetime | time | timedelta | None


def read_xlsx(path: Path, name: str, limits: Limits) -> Draft:
    """Read an Excel workbook of the XML kind.

    Raises:
        DamagedFile: it holds no workbook, or its parts are broken.
        EncryptedFile: it is protected with a password.
        HostileFile: it is built to exhaust.
        NoText: all its cells are empty.
    """
    with open_package(path, name, limits) as package:
        found = Findings()
        take_office_open(package, found)
        parts = _sheet_parts(package)
        too_wide: set[str] = set()
        margins: list[str] = []
        for sheet, part in parts.items():
            content = package.read(part)
            if xlsx_span(content) > MAX_SPAN:
                too_wide.add(sheet)
            margins += (
                without_codes(unescape(told.decode(errors="replace")))
                for told in _MARGINS.findall(content)
            )
        if margin := " · ".join(dict.fromkeys(filter(None, margins))):
            found.properties.setdefault("page header or footer", margin)
        extras = {sheet: Extras(package, part, found) for sheet, part in parts.items()}
        book = _Book(found, frozenset(too_wide), extras, _shared_words(package))
        return _read(path, name, Format.XLSX, book)


def read_xlsb(path: Path, name: str, limits: Limits) -> Draft:
    """Read a binary Excel workbook; errors as :func:`read_xlsx`."""
    with open_package(path, name, limits) as package:
        found = Findings()
        take_office_open(package, found)
        for part in package.parts:
            package.check(part)
            if _BINARY_SHEET.fullmatch(part) and xlsb_span(package.read(part)) > MAX_SPAN:
                raise DamagedFile(name=name, reason=_TOO_WIDE)
    return _read(path, name, Format.XLSB, _Book(found))


def read_xls(path: Path, name: str) -> Draft:
    """Read an Excel 97-2003 workbook; errors as :func:`read_xlsx`."""
    found = Findings()
    with open_ole2(path, name) as container:
        take_ole2(container, found)
        book = next((one for one in ("Workbook", "Book") if container.exists(one)), "Workbook")
        content = stream(container, book, name)
        if is_locked(content):
            raise EncryptedFile(name=name)
        if xls_span(content) > MAX_SPAN:
            raise DamagedFile(name=name, reason=_TOO_WIDE)
    sheets = beside_cells(content)
    extras = {sheet: OldExtras(beside, found) for sheet, beside in sheets.items()}
    words = " ".join(text for beside in sheets.values() for text in beside.words)
    return _read(path, name, Format.XLS, _Book(found, extras=extras, words=words))


def shown(value: Value) -> str:
    """Return a cell's value as people read it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.{_SIGNIFICANT_DIGITS}g}" if math.isfinite(value) else ""
    if isinstance(value, datetime):
        return (
            value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
        )
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, (date, time)):
        return value.isoformat()
    return visible(str(value)).strip() if value is not None else ""


@dataclass(slots=True)
class _Book:
    """What is known of a workbook before its cells are read.

    Attributes:
        found: collects.
        too_wide: sheets whose cells lie too far apart to be read.
        extras: what sheets hold beside their cells.
        words: every word of the cells, by another look; empty where there is none.
    """

    found: Findings
    too_wide: frozenset[str] = frozenset()
    extras: Mapping[str, Extras | OldExtras] = field(default_factory=dict)
    words: str = ""


def _read(path: Path, name: str, format_: Format, book: _Book) -> Draft:
    found, parts, cells = book.found, list[str](), list[str]()
    try:
        with panics_told(), calamine.CalamineWorkbook.from_path(path) as workbook:
            for sheet in workbook.sheet_names:
                if sheet in book.too_wide:
                    found.lose(
                        f"Sheet “{sheet}” spans more than {MAX_SPAN} cells and was left out."
                    )
                    continue
                grid = _grid(workbook, sheet, found)
                cells += [text for row in grid.rows for text in row]
                more = book.extras[sheet].blocks() if sheet in book.extras else []
                written = write_grid(grid, found)
                # A sheet nobody wrote on is not worth a section.
                parts += [*written, *more] if len(written) > 1 or more else []
                found.body = "\n\n".join(parts)
    except calamine.PasswordError as error:
        raise EncryptedFile(name=name) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        if "macrosheets" in str(error):
            raise UnsupportedFormat(
                name=name, format="an Excel workbook with Excel 4 macro sheets"
            ) from error
        reason = f"its sheets cannot be read ({one_line(str(error))[:120]})"
        raise DamagedFile(name=name, reason=reason) from error
    found.body = blocks(parts)
    beside = [extra.words for extra in book.extras.values()]
    found.text = " ".join([book.words or " ".join(cells), *beside])
    return finish(found, name, format_, empty="no cell of its sheets is filled")


@contextmanager
def panics_told() -> Iterator[None]:
    """Turn a panic of calamine's Rust into its own error: it meets broken bytes with either."""
    try:
        yield
    except BaseException as error:
        # The class is made anew by each extension module and can be told by its name only.
        if type(error).__name__ != "PanicException":
            raise
        raise calamine.CalamineError(str(error)) from error


def _grid(workbook: calamine.CalamineWorkbook, name: str, found: Findings) -> Grid:
    try:
        sheet = workbook.get_sheet_by_name(name)
    except calamine.CalamineError:
        found.lose(f"Sheet “{name}” could not be read.")
        return Grid(name, [])
    rows: list[list[str]] = []
    for row in sheet.iter_rows():
        rows.append([shown(value) for value in row])
        if len(rows) > MAX_ROWS:
            break
    return Grid(name, rows, total_rows=sheet.height)


def _sheet_parts(package: Package) -> dict[str, str]:
    """Return the part of each sheet by its name."""
    main = next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
    if main not in package:
        raise DamagedFile(name=package.name, reason="the workbook itself is missing from it")
    links = package.relationships(main)
    sheets = {
        attribute(sheet, "name"): qualified(sheet, "id")
        for sheet in descendants(package.xml(main), "sheet")
    }
    return {
        name: links[id_].target
        for name, id_ in sheets.items()
        if id_ in links and links[id_].target in package
    }


def _shared_words(package: Package) -> str:
    """Every word of the cells, by a plain look at the XML: shared strings that are used, and inline ones."""
    main = next(iter(package.related("", "officeDocument")), "xl/workbook.xml")
    shared = [
        "".join(str(text.text or "") for text in descendants(item, "t") if not _phonetic(text))
        for part in package.related(main, "sharedStrings")
        for item in children(package.xml(part), "si")
    ]
    words: list[str] = []
    for part in _sheet_parts(package).values():
        for cell in descendants(package.xml(part), "c"):
            value = child(cell, "v")
            text = str(value.text or "") if value is not None else ""
            kind = attribute(cell, "t")
            if kind == "s" and text.isdecimal() and int(text) < len(shared):
                words.append(shared[int(text)])
            elif kind in {"str", "inlineStr"}:
                words.append(
                    text or "".join(str(inner.text or "") for inner in descendants(cell, "t"))
                )
    # Characters that XML cannot hold are written as _x000D_.
    return re.sub(r"_x[0-9A-Fa-f]{4}_", " ", " ".join(words))


def _phonetic(text: etree._Element) -> bool:
    """True for the reading aids of Japanese cells, which Excel does not show."""
    return any(local(above) == "rPh" for above in text.iterancestors())
