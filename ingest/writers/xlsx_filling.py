"""Filling in an Excel file: its placeholders found, its repeating row written downwards, its answers put in place."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Final

from lxml import etree

from ingest.writers.filling import Filling, Row
from ingest.writers.office_files import OfficeFile
from ingest.writers.xlsx_sheets import (
    S_NS,
    Workbook,
    cell_at,
    cells,
    fit_height,
    moved,
    place,
    row_at,
    s,
    serial,
    set_number,
    set_text,
    stretch,
)
from kb.doctemplate_answers import date_of, number_of
from kb.doctemplate_fields import Fault, Field, Mark, collect, has_braces, marks
from kb.errors import N_

_CELL_PLACE: Final = N_("sheet “%(sheet)s”, cell %(cell)s, “%(text)s”")
_PART_PLACE: Final = N_("part %(part)s, “%(text)s”")
_EXCERPT_CHARS: Final = 60
# Excel keeps 15 digits of a number; a longer one, or one with leading zeros, is a code and stays a text.
_EXACT_DIGITS: Final = 15
_HEADERS: Final = (
    "oddHeader",
    "oddFooter",
    "evenHeader",
    "evenFooter",
    "firstHeader",
    "firstFooter",
)
# Parts whose texts are in no cell.
_BESIDE: Final = ("xl/comments", "xl/drawings/", "xl/charts/", "xl/tables/", "xl/threadedcomments/")
_FORMULA, _VALUE = s("f"), s("v")


def xlsx_fields(file: OfficeFile) -> tuple[tuple[Field, ...], list[Fault]]:
    """The fields of an Excel file, and everything that is wrong with its placeholders, with the places."""
    book = Workbook(file)
    found: list[tuple[Field, str, str, str]] = []
    faults: list[Fault] = list(_faults_beside(book))
    for name, _part, root in book.sheets():
        if has_braces(name):
            faults.append(_at(Fault(N_("the name of a sheet cannot be filled")), name, "-", name))
        repeating: dict[int, str] = {}
        for cell in cells(root):
            text, where = book.text(cell), cell.get("r", "")
            for mark in marks(text):
                fault = (
                    mark if isinstance(mark, Fault) else _list_fault(mark.field, cell, repeating)
                )
                if fault:
                    faults.append(_at(fault, name, where, text))
                if isinstance(mark, Mark):
                    found.append((mark.field, name, where, text))
            if has_braces(cell.findtext(_FORMULA, "")):
                faults.append(
                    _at(
                        Fault(N_("a formula cannot be filled")),
                        name,
                        where,
                        cell.findtext(_FORMULA, ""),
                    )
                )
        faults.extend(_below(book, name, root, repeating))
        for header in _headers(root):
            for mark in marks(header.text or ""):
                if isinstance(mark, Fault) or mark.field.group:
                    fault = mark if isinstance(mark, Fault) else _no_row(mark.field)
                    faults.append(_at(fault, name, N_("page header"), header.text or ""))
                else:
                    found.append((mark.field, name, N_("page header"), header.text or ""))
    fields, contradictions = collect(field for field, *_ in found)
    for field, fault in contradictions:
        _, name, where, text = next(each for each in found if each[0] is field)
        faults.append(_at(fault, name, where, text))
    return fields, faults


def fill_xlsx(file: OfficeFile, filling: Filling) -> None:
    """Put the answers into the file."""
    book = Workbook(file)
    for _name, part, root in book.sheets():
        waiting = [(cell, book.text(cell)) for cell in cells(root) if has_braces(book.text(cell))]
        lists = {
            place(cell)[1]: mark.field.group
            for cell, text in waiting
            for mark in marks(text)
            if isinstance(mark, Mark) and mark.field.group
        }
        for number, group in lists.items():
            _write_rows(book, root, number, filling, group)
        for cell, text in waiting:
            if place(cell)[1] not in lists:
                _fill(book, cell, text, filling)
        for header in _headers(root):
            header.text = _filled(header.text or "", filling, doubled=True)
        for cell in cells(root):
            # What was calculated before is not true any more.
            value = cell.find(_VALUE)
            if cell.find(_FORMULA) is not None and value is not None:
                cell.remove(value)
        file.touch(part)
    book.recalculate()


def _write_rows(
    book: Workbook, root: etree._Element, number: int, filling: Filling, group: str
) -> None:
    pattern = next(row for row in root.iter(s("row")) if row.get("r") == str(number))
    model = deepcopy(pattern)
    answers = filling.rows(group)
    for offset, answered in enumerate(answers or [None]):
        row = pattern if offset == 0 else row_at(root, number + offset, model)
        texts: dict[str, str] = {}
        for like in model:
            cell = cell_at(row, place(like)[0])
            if "s" not in cell.attrib and "s" in like.attrib:
                cell.set("s", like.get("s", ""))
            text = book.text(like)
            if has_braces(text):
                repeated = Row(group, offset + 1, answered)
                texts[place(like)[0]] = _filled(text, filling, repeated)
                _fill(book, cell, text, filling, repeated)
            elif offset and cell.find(_FORMULA) is None:
                _copy(like, cell, number, number + offset)
        fit_height(root, row, texts)
    stretch(root, number, number + max(len(answers), 1) - 1)
    size = root.find(s("dimension"))
    if size is not None:
        root.remove(size)


def _copy(like: etree._Element, cell: etree._Element, old: int, new: int) -> None:
    """What stands in a repeating row beside its placeholders stands in each row; formulas move along."""
    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    if "t" in like.attrib:
        cell.set("t", like.get("t", ""))
    for child in like:
        if child.tag == _FORMULA and child.get("t") in {"shared", "array"}:
            continue
        copy = deepcopy(child)
        if copy.tag == _FORMULA:
            copy.text = moved(copy.text or "", old, new)
        cell.append(copy)


def _fill(
    book: Workbook, cell: etree._Element, text: str, filling: Filling, row: Row | None = None
) -> None:
    """Fill one cell: a date or number that stands alone becomes one, everything else is a text."""
    asked = [mark for mark in marks(text) if isinstance(mark, Mark)]
    if len(asked) == 1 and asked[0].start == 0 and asked[0].end == len(text):
        field = asked[0].field
        number = _as_number(book, cell, filling.type(field), filling.raw(field, row))
        if filling.type(field) == "rownumber" and row:
            number = str(row.number)
        if number:
            set_number(cell, number)
            return
    set_text(cell, _filled(text, filling, row))


def _as_number(book: Workbook, cell: etree._Element, type_: str, raw: str) -> str:
    if type_ == "number" and number_of(raw) is not None:
        digits = raw.lstrip("+-").replace(".", "")
        code = len(digits) > _EXACT_DIGITS or (
            digits.startswith("0") and raw.lstrip("+-")[1:2] not in {"", "."}
        )
        return "" if code else raw.removeprefix("+")
    if type_ == "date" and book.shows_dates(cell) and not book.counts_from_1904:
        day = date_of(raw)
        return serial(day) if day else ""
    return ""


def _filled(text: str, filling: Filling, row: Row | None = None, *, doubled: bool = False) -> str:
    """The text with its placeholders filled; in a page header an ampersand is written twice."""
    for mark in reversed([mark for mark in marks(text) if isinstance(mark, Mark)]):
        answer = filling.text(mark.field, row)
        if doubled:
            answer = answer.replace("&", "&&").replace("\n", " ")
        text = text[: mark.start] + answer + text[mark.end :]
    return text


def _list_fault(field: Field, cell: etree._Element, repeating: dict[int, str]) -> Fault | None:
    if not field.group:
        return None
    number = place(cell)[1]
    if repeating.setdefault(number, field.group) != field.group:
        return Fault(
            N_("one row repeats for “%(one)s[]” and “%(other)s[]”; it can for one list only"),
            {"one": repeating[number], "other": field.group},
        )
    return None


def _no_row(field: Field) -> Fault:
    return Fault(N_("“%(name)s[]” repeats a table row, and here is none"), {"name": field.group})


def _below(
    book: Workbook, name: str, root: etree._Element, repeating: dict[int, str]
) -> Iterator[Fault]:
    """What stands below a repeating row would be written over."""
    if not repeating:
        return
    first = min(repeating)
    calculated = {
        place(cell)[0]
        for cell in cells(root)
        if place(cell)[1] == first and cell.find(_FORMULA) is not None
    }
    for cell in cells(root):
        column, number = place(cell)
        holds = (
            cell.find(_VALUE) is not None
            or bool(book.text(cell))
            or cell.find(_FORMULA) is not None
        )
        if (
            number > first
            and holds
            and not (cell.find(_FORMULA) is not None and column in calculated)
        ):
            fault = Fault(
                N_(
                    "row %(row)s repeats downwards, so nothing may stand below it; put it above or on another sheet"
                ),
                {"row": first},
            )
            yield _at(fault, name, cell.get("r", ""), book.text(cell))
            return


def _faults_beside(book: Workbook) -> Iterator[Fault]:
    """Placeholders in comments, text boxes, charts and the heads of tables."""
    for part in book.file.parts:
        if not part.lower().startswith(_BESIDE) or not part.lower().endswith(".xml"):
            continue
        for element in book.file.xml(part).iter():
            texts = (
                [element.text or "", element.get("name", "")]
                if isinstance(element.tag, str)
                else []
            )
            for text in texts:
                if has_braces(text) and not text.startswith("{"):
                    yield Fault(N_("only cells and page headers can be filled")).at(
                        _PART_PLACE, part=part, text=text[:_EXCERPT_CHARS]
                    )


def _headers(root: etree._Element) -> Iterator[etree._Element]:
    yield from root.iter(*(f"{{{S_NS}}}{name}" for name in _HEADERS))


def _at(fault: Fault, sheet: str, cell: str, text: str) -> Fault:
    text = " ".join(text.split())
    return fault.at(_CELL_PLACE, sheet=sheet, cell=cell, text=text[:_EXCERPT_CHARS])
