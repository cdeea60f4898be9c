"""今年, last 2 years, since 2021: as values of a date, never taken out of a question."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

from datetime import date

import pytest

from kb.search.language import understand
from kb.search.query import Bag, Dated, Every
from kb.search.relative_dates import absolute, any_period, relative_period

TODAY = date(2024, 2, 29)  # a Thursday of a leap year


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("今年", date(2024, 1, 1), date(2024, 12, 31)),
        ("本年", date(2024, 1, 1), date(2024, 12, 31)),
        ("this year", date(2024, 1, 1), date(2024, 12, 31)),
        ("This-Year", date(2024, 1, 1), date(2024, 12, 31)),
        ("去年", date(2023, 1, 1), date(2023, 12, 31)),
        ("last year", date(2023, 1, 1), date(2023, 12, 31)),
        ("ＬＡＳＴ　ＹＥＡＲ", date(2023, 1, 1), date(2023, 12, 31)),
        ("前年", date(2022, 1, 1), date(2022, 12, 31)),
        ("本月", date(2024, 2, 1), date(2024, 2, 29)),
        ("这个月", date(2024, 2, 1), date(2024, 2, 29)),
        ("這個月", date(2024, 2, 1), date(2024, 2, 29)),
        ("上个月", date(2024, 1, 1), date(2024, 1, 31)),
        ("last month", date(2024, 1, 1), date(2024, 1, 31)),
        ("本季度", date(2024, 1, 1), date(2024, 3, 31)),
        ("last quarter", date(2023, 10, 1), date(2023, 12, 31)),
        ("上周", date(2024, 2, 19), date(2024, 2, 25)),
        ("this week", date(2024, 2, 26), date(2024, 3, 3)),
        ("今天", TODAY, TODAY),
        ("昨天", date(2024, 2, 28), date(2024, 2, 28)),
        ("最近两年", date(2022, 2, 28), TODAY),
        ("最近2年", date(2022, 2, 28), TODAY),
        ("近三个月", date(2023, 11, 29), TODAY),
        ("过去半年", date(2023, 8, 29), TODAY),
        ("近30天", date(2024, 1, 30), TODAY),
        ("最近一周", date(2024, 2, 22), TODAY),
        ("last 2 years", date(2022, 2, 28), TODAY),
        ("last-2-years", date(2022, 2, 28), TODAY),
        ("past three months", date(2023, 11, 29), TODAY),
        ("the last 10 days", date(2024, 2, 19), TODAY),
        ("since 2021", date(2021, 1, 1), None),
        ("2021年以来", date(2021, 1, 1), None),
        ("自2021年", date(2021, 1, 1), None),
        ("since 2021-03", date(2021, 3, 1), None),
        ("2021年3月以后", date(2021, 3, 1), None),
        ("before 2020", None, date(2019, 12, 31)),
        ("2020年以前", None, date(2019, 12, 31)),
        ("until 2020", None, date(2020, 12, 31)),
    ],
)
def test_periods_are_reckoned_from_the_given_day(
    text: str, first: date | None, last: date | None
) -> None:
    assert relative_period(text, TODAY) == (first, last)
    assert any_period(text, TODAY) == (first, last)
    assert understand(f"日期:{text}", today=lambda: TODAY).node == Dated(first, last)
    assert understand(f'date:"{text}"', today=lambda: TODAY).node == Dated(first, last)


@pytest.mark.parametrize(
    "text",
    ["", "年", "明年", "next year", "last", "last years", "最近", "最近零年x", "since", "since yesterday", "以来",
     "今年的", "a year", "😀", "last 2 risks", "since 2021-13", "before 0000"],
)  # fmt: skip
def test_what_is_no_period_is_none(text: str) -> None:
    assert relative_period(text, TODAY) is None


@pytest.mark.parametrize(
    "text",
    ["今年的预算", "去年 供应商", "last year budget", "last 2 years", "since 2021", "最近两年的教训", "this year",
     "risk since 2021 in schedule", "updated: last year"],
)  # fmt: skip
def test_in_a_question_they_are_words(text: str) -> None:
    assert absolute(text, lambda: TODAY) == text
    assert isinstance(understand(text, today=lambda: TODAY).node, Bag)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("日期:今年 风险", "日期:2024-01-01..2024-12-31 风险"),
        ("风险 日期：去年", "风险 日期:2023-01-01..2023-12-31"),
        ("risk date:last 2 years supplier", "risk date:2022-02-28..2024-02-29 supplier"),
        ('date:"this year" risk', "date:2024-01-01..2024-12-31 risk"),
        ("from:去年 to:上个月 风险", "from:2023-01-01..2023-12-31 to:2024-01-01..2024-01-31 风险"),
        ("date:since 2021", "date:2021-01-01.."),
        (
            "(date:今年 OR date:前年) 风险",
            "(date:2024-01-01..2024-12-31 OR date:2022-01-01..2022-12-31) 风险",
        ),
        ("日期:今年的", "日期:今年的"),
        ("date:last yearly", "date:last yearly"),
        ('date:"this year', 'date:"this year'),
        ("date:2019..2020", "date:2019..2020"),
        ("标题:今年", "标题:今年"),
    ],
)
def test_only_the_value_of_a_date_is_rewritten(text: str, expected: str) -> None:
    assert absolute(text, lambda: TODAY) == expected


def test_from_takes_the_first_day_and_to_the_last() -> None:
    node = understand("from:去年 to:上个月 风险", today=lambda: TODAY).node
    assert isinstance(node, Every)
    assert Dated(date(2023, 1, 1), None) in node.must
    assert Dated(None, date(2024, 1, 31)) in node.must


def test_a_very_long_time_ago_is_long_enough() -> None:
    assert relative_period("last 9999 years", TODAY) == (date(1924, 2, 29), TODAY)
    assert relative_period("last 9999 days", TODAY) is not None
    for text in ("date:" * 2_000, "日期:最近" * 1_000, "date:last " * 1_000):
        understand(text, today=lambda: TODAY)
