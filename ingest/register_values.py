"""One cell turned into what its field holds, or the reason why it cannot be."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from ingest.metadata_dates import EARLIEST, LATEST, find_date
from ingest.readers.sheets import shown
from ingest.readers.writing import one_line, visible
from ingest.register_numbers import HeaderUnit, header_unit, read_amount, read_currency
from ingest.register_tables import Cell, is_empty
from ingest.registers import Field, FieldType
from kb.errors import N_
from kb.known_names import KnownNames
from kb.project_names import name_parts
from kb.register_rows import Value
from kb.search.folding import fold_text

# Excel's day 0; its own count knows a 29 February 1900, so days before March 1900 would be one off.
_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range((date(EARLIEST, 1, 1) - _EPOCH).days, (date(LATEST, 12, 31) - _EPOCH).days)
_COMPACT: Final = range(EARLIEST * 10_000, (LATEST + 1) * 10_000)  # 20240305
_NUMERIC_DATE: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]((?:19|20)\d\d)")
_TIME_OF_DAY: Final = re.compile(r"[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$")
_WEEKDAY: Final = re.compile(r"\s*[(]?(?:星期|周|週)[一二三四五六日天][)]?$")
# What people write where there is nothing to write yet.
_NOTHING: Final = frozenset(
    {
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "n/a",
        "na",
        "tbd",
        "none",
        "无",
        "無",
        "暂无",
        "待定",
        "未定",
    }
)
_STRONG_BREAKS: Final = re.compile(r"[;；、|\n]+")
_WEAK_BREAKS: Final = re.compile(r"[,，]+")
_MOST_ENTRIES: Final = 100
_GUARDED: Final = re.compile(r"'(?=[=+\-@\t\r\n＝＋－＠])")  # noqa: RUF001
_CHOICES_TOLD: Final = 8


class CellError(Exception):
    """Why a cell cannot be used, and what to do; both message ids with gaps for ``data``."""

    def __init__(self, reason: str, advice: str, **data: str | int) -> None:
        self.reason, self.advice, self.data = reason, advice, data
        super().__init__(reason % data)


@dataclass(frozen=True, slots=True)
class Column:
    """What a column as a whole says about its cells.

    Attributes:
        unit: from its header.
        day_first: True where its dates are written day/month/year, False for month/day/year, None where no cell tells.
    """

    unit: HeaderUnit = field(default_factory=HeaderUnit)
    day_first: bool | None = None


@dataclass(frozen=True, slots=True)
class Converted:
    """A cell's value; None for an empty one. ``currency`` is the one that an amount came with."""

    value: Value | None
    currency: str = ""


def column_of(header: str, cells: Iterable[Cell]) -> Column:
    """What a header and the cells below it say about all of them."""
    day_first = None
    for cell in cells:
        found = _NUMERIC_DATE.search(cell) if isinstance(cell, str) else None
        if found and int(found[1]) > 12:  # noqa: PLR2004  no month
            day_first = True
        elif found and int(found[2]) > 12:  # noqa: PLR2004
            day_first = False
    return Column(header_unit(header), day_first)


def convert(field_: Field, cell: Cell, column: Column, names: KnownNames) -> Converted:
    """The value of a cell.

    Raises:
        CellError: it is none of this field, with what to do.
    """
    if is_empty(cell):
        return Converted(None)
    text = _GUARDED.sub("", cell_text(cell), count=1)
    kind = field_.type
    if kind not in {FieldType.TEXT, FieldType.LONG_TEXT} and text.strip().lower() in _NOTHING:
        return Converted(None)
    if kind is FieldType.DATE:
        return Converted(_day(cell, text, column))
    if kind in {FieldType.NUMBER, FieldType.MONEY}:
        return _number(field_, cell, text, column)
    if kind is FieldType.LIST:
        return Converted(_entries(field_, text))
    if kind is not FieldType.LONG_TEXT:
        text = one_line(text)
    if kind is FieldType.CHOICE:
        text = _choice(field_, text)
    elif kind is FieldType.CURRENCY:
        text = read_currency(text) or text
    elif kind is FieldType.PERSON:
        text = _known(field_, text, names.person(text), _SEVERAL_PEOPLE, _NOBODY)
    elif kind is FieldType.PROJECT:
        text = _known(field_, text, names.project(text), _SEVERAL_PROJECTS, _NO_PROJECT)
    _must_fit(field_, text)
    return Converted(text or None)


def cell_text(cell: Cell) -> str:
    """A cell as people see it, without characters nobody sees."""
    if isinstance(cell, str):
        return visible(cell).strip()
    return shown(cell)


_SEVERAL_PEOPLE: Final = N_("“%(value)s” is the name of several people: %(found)s")
_SEVERAL_PROJECTS: Final = N_("“%(value)s” is the name of several projects: %(found)s")
_NOBODY: Final = N_("nobody is known by this name")
_NO_PROJECT: Final = N_("no project is known by this name")
_WRITE_ID: Final = N_("Write the one that is meant in the cell.")
_ADD_FIRST: Final = N_("Correct the name, or add it to its own register first.")
_NO_DATE: Final = N_("this is no date")
_WRITE_DATE: Final = N_("Write it as 2024-03-05.")
_WHICH_ORDER: Final = N_("it cannot be told which is the day and which the month")
_NO_NUMBER: Final = N_("this is no number")
_WRITE_NUMBER: Final = N_("Write one plain number, such as 1200, 1.2万 or 9.6 m.")
_TOO_LONG: Final = N_("the text has %(count)s characters; %(most)s are taken")
_SHORTEN: Final = N_("Shorten it, or leave the column out.")
_NO_CHOICE: Final = N_("this is none of the words that are known here")
_KNOWN_CHOICES: Final = N_("Write one of: %(choices)s.")
_TOO_MANY_ENTRIES: Final = N_("the list has %(count)s entries; %(most)s are taken")


def _day(cell: Cell, text: str, column: Column) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, (bool, time, timedelta)):
        raise CellError(_NO_DATE, _WRITE_DATE)
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = _TIME_OF_DAY.sub("", _WEEKDAY.sub("", plain)).strip()
    if re.fullmatch(r"\d{5}(?:\.\d+)?", plain) and int(float(plain)) in _SERIALS:
        return _EPOCH + timedelta(days=int(float(plain)))
    if numeric := _NUMERIC_DATE.fullmatch(plain):
        return _numeric_day(int(numeric[1]), int(numeric[2]), int(numeric[3]), column)
    if re.fullmatch(r"\d{8}", plain) and int(plain) not in _COMPACT:
        raise CellError(_NO_DATE, _WRITE_DATE)
    found = find_date(plain, whole=True)
    if found is None:
        raise CellError(_NO_DATE, _WRITE_DATE)
    return found


def _numeric_day(first: int, second: int, year: int, column: Column) -> date:
    if first != second and column.day_first is None:
        raise CellError(_WHICH_ORDER, _WRITE_DATE)
    day, month = (first, second) if column.day_first else (second, first)
    try:
        return date(year, month, day)
    except ValueError as error:
        raise CellError(_NO_DATE, _WRITE_DATE) from error


def _number(field_: Field, cell: Cell, text: str, column: Column) -> Converted:
    if isinstance(cell, (bool, date, time, timedelta)):
        raise CellError(_NO_NUMBER, _WRITE_NUMBER)
    amount = read_amount(text)
    if amount is None:
        raise CellError(_NO_NUMBER, _WRITE_NUMBER)
    number = amount.number
    if field_.type is not FieldType.MONEY:
        return Converted(number)
    if not amount.scaled:
        number *= column.unit.times
    return Converted(
        number.quantize(Decimal("0.01")).normalize() + 0, amount.currency or column.unit.currency
    )


def _entries(field_: Field, text: str) -> tuple[str, ...]:
    breaks = _STRONG_BREAKS if _STRONG_BREAKS.search(text) else _WEAK_BREAKS
    entries = tuple(
        dict.fromkeys(entry for part in breaks.split(text) if (entry := one_line(part)))
    )
    if len(entries) > _MOST_ENTRIES:
        raise CellError(_TOO_MANY_ENTRIES, _SHORTEN, count=len(entries), most=_MOST_ENTRIES)
    for entry in entries:
        _must_fit(field_, entry)
    return entries


def choice_of(field_: Field, text: str) -> str:
    """The stored word that a text stands for; empty for none."""
    meant = {
        _choice_key(word): stored for stored, words in field_.choices.items() for word in words
    }
    meant |= {_choice_key(stored): stored for stored in field_.choices}
    for part in name_parts(text):
        if stored := meant.get(_choice_key(part)):
            return stored
    return ""


def _choice(field_: Field, text: str) -> str:
    stored = choice_of(field_, text)
    if stored or field_.open:
        return stored or text
    known = [*field_.choices][:_CHOICES_TOLD]
    raise CellError(_NO_CHOICE, _KNOWN_CHOICES, choices=", ".join(known))


def _choice_key(word: str) -> str:
    return "".join(sign for sign in fold_text(word) if sign.isalnum())


def _known(field_: Field, text: str, found: frozenset[str], several: str, unknown: str) -> str:
    if len(found) > 1:
        raise CellError(several, _WRITE_ID, value=text, found=", ".join(sorted(found)))
    if not found and field_.known:
        raise CellError(unknown, _ADD_FIRST)
    return next(iter(found), text)


def _must_fit(field_: Field, text: str) -> None:
    if len(text) > field_.max_length:
        raise CellError(_TOO_LONG, _SHORTEN, count=len(text), most=field_.max_length)
