"""The part of a hit that is shown, and the words marked in it."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.passages import PASSAGE_COLUMNS, Highlighter


@pytest.mark.parametrize(
    ("wanted", "text", "html"),
    [
        ("供应商", "供应商延期", "<mark>供应商</mark>延期"),
        ("供應商", "供应商延期", "<mark>供应商</mark>延期"),
        ("供应商", "供應商延期", "<mark>供應商</mark>延期"),
        ("deliveries", "Delivery, delivered", "<mark>Delivery</mark>, delivered"),
        ("supplier", "Ｓｕｐｐｌｉｅｒ’s", "<mark>Ｓｕｐｐｌｉｅｒ’s</mark>"),
        ("pue", "PUE1.62达标", "<mark>PUE</mark>1.62达标"),
        ("220千伏", "220 千伏", "<mark>220</mark> <mark>千伏</mark>"),
        ("1.62", "1.62与11.62", "<mark>1.62</mark>与11.62"),
        ("1", "1.5与1", "1.5与<mark>1</mark>"),
        ("CL-2018-007", "见CL-2018-007。", "见<mark>CL-2018-007</mark>。"),
        ("𠮷野", "在𠮷野家😀", "在<mark>𠮷野</mark>家😀"),
        ("什么是风险", "风险是什么", "<mark>风险</mark>是什么"),
        ("the risk", "the risk", "the <mark>risk</mark>"),
        ("art", "party art", "party <mark>art</mark>"),
        ("验收", "½验收ﬁ验收", "½<mark>验收</mark>ﬁ<mark>验收</mark>"),
        ("b", "<b>&amp;", "&lt;<mark>b</mark>&gt;&amp;amp;"),
        ("桥", "大桥与桥墩", "大<mark>桥</mark>与<mark>桥</mark>墩"),
        ("", "<i>", "&lt;i&gt;"),
        ("x", "", ""),
    ],
)
def test_words_are_marked_where_they_stand_and_everything_is_escaped(
    wanted: str, text: str, html: str
) -> None:
    assert Highlighter([wanted]).title(text) == html


SECTIONS = (
    ("", "概述：本项目历时两年。"),
    ("进度", "供应商多次延期。" * 3),
    (
        "What we learned",
        "Agree on penalties before signing. " * 8 + "The supplier was late with milestone two.",
    ),
    ("建议", "先锁定产能，再谈里程碑。"),
)


@pytest.mark.parametrize(
    ("wanted", "section", "marked"),
    [
        ("供应商 延期", 1, {"供应商", "延期"}),
        ("late milestones", 2, {"late", "milestone"}),
        ("锁定里程碑", 3, {"锁定", "里程碑"}),
        ("建议", 3, set()),
    ],
)
def test_the_section_that_holds_most_of_the_question_is_shown(
    wanted: str, section: int, marked: set[str]
) -> None:
    passage = Highlighter([wanted]).passage(SECTIONS)
    assert passage.section == section
    assert set(re.findall("<mark>(.*?)</mark>", passage.html)) == marked


def test_without_a_word_of_the_question_the_beginning_is_shown() -> None:
    passage = Highlighter(["区块链"]).passage(SECTIONS)
    assert passage.section is None
    assert passage.html == "概述：本项目历时两年。"
    assert Highlighter(["x"]).passage([]).html == ""
    assert Highlighter(["x"]).passage([("Heading", " ")]).html == ""


def test_a_heading_without_text_shows_what_follows_under_it() -> None:
    sections = [
        ("概述", "开头。"),
        ("供应商延期", " "),
        ("", ""),
        ("经过", "供应商迟到两周。"),
        ("尾", "完"),
    ]
    passage = Highlighter(["供应商延期"]).passage(sections)
    assert passage.section == 1
    assert passage.html == "<mark>供应商</mark>迟到两周。"
    assert Highlighter(["尾"]).passage([("尾", "")]).html == ""


@pytest.mark.parametrize("filler", ["风险评估与应对。", "Risk review took place today. "])
def test_a_long_section_is_cut_around_the_words(filler: str) -> None:
    text = filler * 100 + "供应商与supplier同时出现。" + filler * 100
    html = Highlighter(["供应商 supplier"]).passage([("", text)]).html
    assert html.startswith("…")
    assert html.endswith("…")
    assert html.count("<mark>") == 2
    plain = unescape(re.sub("</?mark>", "", html)).strip("…")
    assert plain in text
    assert sum(2 if char > "\u2e80" else 1 for char in plain) <= PASSAGE_COLUMNS * 1.3


@given(st.text(max_size=80), st.text(max_size=200))
def test_a_passage_is_the_text_and_marks_and_nothing_else(wanted: str, text: str) -> None:
    html = Highlighter([wanted]).title(text)
    assert re.fullmatch(r"(?:[^<>]|</?mark>)*", html)
    plain = unescape(html.replace("<mark>", "").replace("</mark>", ""))
    assert plain == re.sub(r"\s+", " ", text) or "&" in text


def test_a_hit_costs_about_a_millisecond() -> None:
    sections = [
        (f"第{n}节 section {n}", "供应商延期交货，进度受到影响。The supplier was late. " * 20)
        for n in range(10)
    ]
    highlighter = Highlighter(["供应商延期 supplier delays"])
    highlighter.passage(sections)
    times = []
    for _ in range(10):
        began = time.perf_counter()
        highlighter.passage(sections)
        times.append(time.perf_counter() - began)
    # 8,000 characters; generous, because the machine may be busy.
    assert min(times) < 0.02
