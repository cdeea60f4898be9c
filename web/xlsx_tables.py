"""Tables for Excel: every text is written as a text, so that nothing in a cell is computed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What XML cannot hold; Excel refuses a file with one of them.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CELL_CHARS: Final = 32_767  # Excel's limit
_WIDTH: Final = 18  # of a column, in characters


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """An .xlsx file with one sheet. Texts, numbers, days and empty cells (None) may stand in the rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number in range(1, len(header) + 1):
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTH
    titles = [_cell(sheet, name) for name in header]
    for cell in titles:
        cell.font = Font(bold=True)
    sheet.append(titles)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    told = io.BytesIO()
    book.save(told)
    return told.getvalue()


def _cell(sheet: WriteOnlyWorksheet, value: object) -> Cell:
    if value is None or isinstance(value, (int, float, datetime)):
        return WriteOnlyCell(sheet, value)
    if isinstance(value, Decimal):
        return WriteOnlyCell(sheet, float(value))
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, datetime(value.year, value.month, value.day))  # noqa: DTZ001  a day
        cell.number_format = "yyyy-mm-dd"
        return cell
    cell = WriteOnlyCell(sheet, _CONTROLS.sub("", str(value))[:_CELL_CHARS])
    # A text that begins with = was taken for a formula.
    cell.data_type = "s"
    return cell
