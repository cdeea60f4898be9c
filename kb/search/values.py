"""Values: what people write after ``kind:``, ``language:`` and ``date:``, in either language, as what is stored."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Final

from kb.drafts import KINDS
from kb.search.folding import fold_text

_KIND_NAMES: Final = {
    "项目总结": "summary", "总结": "summary", "项目总结报告": "summary",
    "教训": "lesson", "经验教训": "lesson", "经验": "lesson", "lessons": "lesson", "lesson learned": "lesson",
    "方法论": "methodology", "方法": "methodology", "制度": "methodology",
    "指南": "guide", "手册": "guide", "模板": "template", "范本": "template", "培训": "training",
    "计划": "plan", "方案": "plan", "报告": "report", "纪要": "minutes", "会议纪要": "minutes",
    "其他": "other", "其它": "other",
    "项目": "project", "project": "project", "人员": "person", "人": "person", "专家": "person", "person": "person",
    "people": "person", "expert": "person", "课程": "course", "course": "course",
}  # fmt: skip
_LANGUAGE_NAMES: Final = {
    "zh": "zh", "cn": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "中": "zh",
    "en": "en", "english": "en", "英文": "en", "英语": "en", "英": "en",
}  # fmt: skip

_PERIOD: Final = re.compile(
    r"(?P<year>[12]\d{3})(?:年|[-/.]?(?=\d\d?))?(?:(?P<month>\d{1,2})月?(?:[-/.]?(?P<day>\d{1,2})日?)?)?"
)
_RANGE: Final = re.compile(r"\.\.+|~|—+|至|到|\bto\b")

Period = tuple[date | None, date | None]


def kind_of(name: str) -> str | None:
    """The kind of document with this name, or None."""
    folded = fold_text(name)
    singular = folded.removesuffix("s")
    known = {**_KIND_NAMES, **{kind: kind for kind in KINDS}}
    return known.get(folded) or known.get(singular)


def language_of(name: str) -> str | None:
    """The language with this name, or None."""
    return _LANGUAGE_NAMES.get(fold_text(name))


def period_of(text: str) -> Period | None:
    """First and last day of a day, month, year, or of a range such as ``2019-03..2020``; an open end is None.

    None when it is nothing of the kind.
    """
    ends = _RANGE.split(fold_text(text).replace(" ", ""))
    if len(ends) > 2:  # noqa: PLR2004  a range has two ends
        return None
    periods = [_single(end) if end else (None, None) for end in ends]
    first, last = periods[0], periods[-1]
    if first is None or last is None or (first[0] is None and last[1] is None):
        return None
    return first[0], last[1]


def _single(text: str) -> Period | None:
    match = _PERIOD.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.group("year", "month", "day"))
    try:
        first = date(year or 0, month or 1, day or 1)
        last_month = month or 12
        last = date(first.year, last_month, day or calendar.monthrange(first.year, last_month)[1])
    except ValueError:
        return None
    return first, last
