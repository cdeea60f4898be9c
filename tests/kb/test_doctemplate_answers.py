"""Answers: checked, prefilled and written, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from kb.doctemplate_answers import (
    MAX_ANSWER_CHARS,
    MAX_ROWS,
    Answers,
    answers_from_json,
    checked,
    clean,
    date_of,
    number_of,
    prefilled,
    written,
)
from kb.doctemplate_fields import parse


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-05", date(2026, 3, 5)),
        ("2026/3/5", date(2026, 3, 5)),
        ("2026年3月5日", date(2026, 3, 5)),
        ("２０２６．０３．０５", date(2026, 3, 5)),  # noqa: RUF001  full-width on purpose
        ("2026-02-30", None),
        ("tomorrow", None),
    ],
)
def test_a_date_is_understood_as_it_is_written(text: str, day: date | None) -> None:
    assert date_of(text) == day


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.5", 1234.5), ("１２", 12.0), ("-3", -3.0), ("1e9", None), ("NaN", None), ("三", None)],  # noqa: RUF001
)
def test_a_number_is_a_number(text: str, number: float | None) -> None:
    assert number_of(text) == number


def test_dates_are_written_in_the_language_of_the_template() -> None:
    asked = parse("date:Due")
    assert written(asked, "2026-03-05", "zh") == "2026年3月5日"
    assert written(asked, "2026-03-05", "en") == "5 March 2026"


def test_wrong_answers_are_told_by_their_place_and_kept_for_correction() -> None:
    fields = tuple(
        map(parse, ("date:日期 *", "choice:状态 | 绿 | 红", "number:R[].分值", "long:说明 *"))
    )
    given = Answers(
        {"日期": "下周", "状态": "紫", "说明": " "},
        {"R": [{"分值": " "}, {"分值": "很高"}, {"分值": "１２"}]},  # noqa: RUF001
    )
    answers, problems = checked(fields, given)
    assert set(problems) == {("", 0, "日期"), ("", 0, "状态"), ("R", 0, "分值"), ("", 0, "说明")}
    assert answers.values["日期"] == "下周"
    assert [row["分值"] for row in answers.rows["R"]] == ["很高", "12"]


def test_what_no_field_asks_for_is_left_out() -> None:
    answers, problems = checked([parse("a")], Answers({"a": "x", "b": "y"}, {"R": [{"c": "z"}]}))
    assert (answers.values, answers.rows, problems) == ({"a": "x"}, {}, {})


def test_answers_have_an_end() -> None:
    fields = (parse("long:a"), parse("R[].b"))
    long = Answers({"a": "字" * (MAX_ANSWER_CHARS + 1)}, {"R": [{"b": "x"}] * (MAX_ROWS + 1)})
    answers, problems = checked(fields, long)
    assert len(answers.values["a"]) == MAX_ANSWER_CHARS
    assert len(answers.rows["R"]) == MAX_ROWS
    assert set(problems) == {("", 0, "a"), ("R", 0, "")}


def test_prefilling_never_overwrites_an_answer() -> None:
    fields = (parse("project.name"), parse("person:Chair = project.manager"))
    known = {"project.name": "湖滨区智慧水务平台", "project.manager": "尹淑云"}
    answers = prefilled(fields, Answers({"Chair": "江雨禾"}), known)
    assert answers.values == {"project.name": "湖滨区智慧水务平台", "Chair": "江雨禾"}


def test_what_xml_cannot_hold_is_taken_out_and_the_rest_stays() -> None:
    assert clean("a\x00b\x0b\r\n𠮷🚀\ud800\ufffe\tc") == "ab\n𠮷🚀\tc"


@pytest.mark.parametrize(
    "stored", [{}, {"values": []}, {"rows": {"R": 3}}, {"rows": {"R": [4, None]}}]
)
def test_a_kept_form_of_any_shape_can_be_read(stored: dict[str, object]) -> None:
    assert all(not row for rows in answers_from_json(stored).rows.values() for row in rows)
