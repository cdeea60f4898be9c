"""Relative dates: 今年, 最近两年, last 3 months, since 2021, as first and last day, reckoned from a given day.

Only as values of a date (``日期:今年``, ``date:last 2 years``, ``from=去年``): in a question they are words like
others, for who asks 今年的预算 may well look for a report that says so.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from kb.search.folding import fold_text
from kb.search.values import Period, period_of

_NUMBERS: Final = {
    "一": 1, "两": 2, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十二": 12,
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12,
}  # fmt: skip
_UNITS: Final = {
    "天": "day", "日": "day", "周": "week", "星期": "week", "月": "month", "季度": "quarter", "年": "year",
    "day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year",
}  # fmt: skip
_MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
_MOST: Final = 1200  # months; nothing here is older than a century

_ANY_NUMBER: Final = r"\d{1,4}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True))
_ANY_UNIT: Final = "天|日|周|星期|月|季度|年"
_GAP: Final = r"[\s_-]*"
_DAY: Final = r"[12]\d{3}(?:[-/.年]?\d{1,2}(?:[-/.月]?\d{1,2}日?|月)?|年)?"
_ROLLING: Final = (
    rf"(?:最近|近|过去|这)(?:的)?(?P<zh_n>{_ANY_NUMBER}|半)个?(?P<zh_unit>{_ANY_UNIT})(?:以来|来|内)?"
    rf"|(?:the{_GAP})?(?:last|past){_GAP}(?P<en_n>{_ANY_NUMBER}){_GAP}(?P<en_unit>day|week|month|quarter|year)s?"
)
_NAMED: Final = (
    rf"(?P<zh_which>今|本|这个?|去|上个?|上一|前)(?P<zh_name>天|周|星期|月|季度|年)|(?P<yesterday>昨天|yesterday)"
    rf"|(?P<today>today)"
    rf"|(?P<en_which>this|current|last|previous){_GAP}(?P<en_name>week|month|quarter|year)"
)
_OPEN: Final = (
    rf"(?:自|从|since{_GAP}|from{_GAP}|after{_GAP})(?P<since>{_DAY})(?:以来|以后|之后|起|至今)?"
    rf"|(?P<zh_since>{_DAY})(?:以来|以后|之后|起|至今)"
    rf"|(?:before{_GAP})(?P<before>{_DAY})|(?P<zh_before>{_DAY})(?:以前|之前)"
    rf"|(?:until{_GAP}|up{_GAP}to{_GAP})(?P<until>{_DAY})"
)
_RELATIVE: Final = re.compile(f"{_ROLLING}|{_OPEN}|{_NAMED}")
# How many of a named unit back it lies: 去年 is one year back, 前年 two.
_BACK: Final = {
    "今": 0, "本": 0, "这": 0, "这个": 0, "this": 0, "current": 0,
    "去": 1, "上": 1, "上个": 1, "上一": 1, "last": 1, "previous": 1, "前": 2,
}  # fmt: skip
_FIELD: Final = re.compile(
    r"(?<!\w)(?P<field>date|dated|日期|from|since|起|自|to|until|止|至|year|年份|年)\s*[:：]\s*(?P<quote>\"?)",
    re.IGNORECASE,
)


def relative_period(text: str, today: date) -> Period | None:
    """First and last day of a period told from ``today``; an open end is None. None when it is nothing of the kind."""
    match = _RELATIVE.fullmatch(fold_text(text).strip())
    if match is None:
        return None
    try:
        return _period(match, today)
    except (ValueError, OverflowError):
        return None


def any_period(text: str, today: date) -> Period | None:
    """The same for days, months, years and ranges too: whatever may be written where a date is asked for."""
    return period_of(text) or relative_period(text, today)


def absolute(question: str, today: Callable[[], date]) -> str:
    """A question in which relative values of date fields are written as days; everything else stays as it is."""
    parts: list[str] = []
    at = 0
    for field in _FIELD.finditer(question):
        if field.start() < at:
            continue
        rest = question[field.end() :]
        folded = fold_text(rest)
        # Characters that fold to several, or to none, do not occur in a date; before one the two run alike.
        value = _RELATIVE.match(folded)
        if value is None or rest[value.end() : value.end() + 1].isalnum():
            continue
        period = relative_period(value.group(), today())
        end = field.end() + value.end()
        closed = question[end : end + 1] == '"'
        if period is None or bool(field["quote"]) != closed:
            continue
        first, last = (each.isoformat() if each else "" for each in period)
        parts += [question[at : field.start()], f"{field['field']}:{first}..{last}"]
        at = end + closed
    return "".join((*parts, question[at:]))


def _period(match: re.Match[str], today: date) -> Period | None:
    found = match.groupdict()
    if number := found["zh_n"] or found["en_n"]:
        unit = _UNITS[found["zh_unit"] or found["en_unit"]]
        return _back(today, unit, number), today
    if (open_ := _open(found)) is not None:
        return open_
    if found["yesterday"]:
        return (today - timedelta(days=1),) * 2
    if found["today"]:
        return today, today
    name = found["zh_name"] or found["en_name"]
    if name is None:
        return None
    unit = _UNITS[name]
    return _named(today, unit, _BACK[found["zh_which"] or found["en_which"]])


def _open(found: Mapping[str, str | None]) -> Period | None:
    """From a day on, before it, or until it; None for what is none of these."""
    for ends, side in (
        (("since", "zh_since"), "from"),
        (("before", "zh_before"), "before"),
        (("until", "until"), "to"),
    ):
        text = found[ends[0]] or found[ends[1]]
        period = period_of(text) if text else None
        first, last = period or (None, None)
        if first is not None:
            before = (None, first - timedelta(days=1))
            return {"from": (first, None), "before": before, "to": (None, last)}[side]
    return None


def _back(today: date, unit: str, number: str) -> date:
    """The day so many units before ``today``; half of one for 半."""
    if number == "半":
        if unit == "year":
            return _months_before(today, 6)
        return today - timedelta(days={"month": 15, "quarter": 45, "week": 3, "day": 0}[unit])
    count = _NUMBERS.get(number) or int(number)
    if unit in _MONTHS:
        return _months_before(today, min(count * _MONTHS[unit], _MOST))
    return today - timedelta(days=count * (7 if unit == "week" else 1))


def _named(today: date, unit: str, back: int) -> Period:
    """The whole day, week, month, quarter or year that lies ``back`` before the present one."""
    if unit == "day":
        return (today - timedelta(days=back),) * 2
    if unit == "week":
        monday = today - timedelta(days=today.weekday() + 7 * back)
        return monday, monday + timedelta(days=6)
    months = _MONTHS[unit]
    present = today.replace(day=1, month=(today.month - 1) // months * months + 1)
    first = _months_before(present, months * back)
    return first, _months_before(first, -months) - timedelta(days=1)


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it is too short."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
