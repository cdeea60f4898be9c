# ruff: noqa: RUF001  both widths of punctuation are meant
"""Dates as people write them in Chinese and English documents."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

EARLIEST: Final = 1980  # a document written on a computer
LATEST: Final = 2100

_DIGITS: Final = {sign: str(value) for value, sign in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "O": "0",
}
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        [
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ],
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"
_YEAR: Final = r"((?:19|20)\d\d)"
_PATTERNS: Final = (
    (re.compile(rf"{_YEAR}\s*年\s*(\d{{1,2}})\s*月(?:\s*(\d{{1,2}})\s*[日号])?"), "ymd"),
    (re.compile(rf"(?<!\d){_YEAR}\s?[-/.．]\s?(\d{{1,2}})(?:\s?[-/.．]\s?(\d{{1,2}}))?(?!\d)"), "ymd"),
    (re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)"), "ymd"),
    (re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+{_YEAR}\b", re.IGNORECASE), "mdy"),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[\s-]+{_MONTH},?[\s-]+{_YEAR}\b", re.IGNORECASE), "dmy"),
    (re.compile(rf"\b{_MONTH},?\s+{_YEAR}\b", re.IGNORECASE), "my"),
)  # fmt: skip
_HAN_DATE: Final = re.compile(
    r"([一二][〇○零ＯO一二三四五六七八九]{3})\s*年\s*(元|[一二三四五六七八九十]{1,3})\s*月(?:\s*([一二三四五六七八九十]{1,3})\s*[日号])?"
)
_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)}


def find_date(text: str, *, whole: bool = False) -> date | None:
    """The first date in a text; the first of the month where no day is given; None when there is none.

    Args:
        text: one line.
        whole: True to take a date only when the text holds nothing else.
    """
    text = text.strip().translate(_WIDE)
    if han := _HAN_DATE.search(text):
        if whole and han.group() != text:
            return None
        year = int("".join(_DIGITS[sign] for sign in han[1]))
        month = 1 if han[2] == "元" else _han_number(han[2])
        return _date(year, month, _han_number(han[3]) if han[3] else 1)
    for pattern, order in _PATTERNS:
        found = pattern.search(text)
        if found is None or (whole and found.group() != text):
            continue
        if (day := _read(found, order)) is not None:
            return day
    return None


def _read(found: re.Match[str], order: str) -> date | None:
    parts = dict(zip(order, found.groups(), strict=True))
    month = parts["m"].lower()
    return _date(int(parts["y"]), _MONTHS.get(month) or int(month), int(parts.get("d") or 1))


def _date(year: int, month: int, day: int) -> date | None:
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _han_number(signs: str) -> int:
    """十 = 10, 十二 = 12, 二十 = 20, 三十一 = 31."""
    if "十" not in signs:
        return int("".join(_DIGITS[sign] for sign in signs))
    tens, _, ones = signs.partition("十")
    return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(ones, "0"))
