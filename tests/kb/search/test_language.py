"""What somebody typed: what it is understood as, and that anything at all is understood in time."""

# ruff: noqa: RUF001  full-width forms are what is tested

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.search.answers import MAX_QUERY_CHARS
from kb.search.language import understand
from kb.search.query import Bag, Dated, Every, Everything, Fact, Prefix, Run, Some, Term
from kb.search.values import kind_of, period_of


@pytest.mark.parametrize(
    "text",
    [
        "供应商 延期",
        "supplier delay",
        "供应商delay",
        "risk-based planning",
        "注意:安全 http://a.b/c",
    ],
)
def test_a_list_of_words_is_a_bag(text: str) -> None:
    understood = understand(text)
    assert isinstance(understood.node, Bag)
    assert understood.ignored == ()


def test_stop_words_fall_away_unless_there_is_nothing_else() -> None:
    asked = words_of("大莱龙铁路位于哪里")
    assert "哪里" not in asked
    assert "铁路" in asked
    assert words_of("what is the risk") == {"risk"}
    assert bag_of("the of").slots
    assert bag_of("什么").slots


def words_of(text: str) -> set[str]:
    terms = [slot.terms[0] for slot in bag_of(text).slots]
    return {term.text for term in terms if isinstance(term, Term)}


def bag_of(text: str) -> Bag:
    node = understand(text).node
    assert isinstance(node, Bag)
    return node


def test_a_phrase_is_required_and_words_beside_it_only_add() -> None:
    node = understand("“变更控制” 医院").node
    assert isinstance(node, Every)
    assert [type(child) for child in node.must] == [Run]
    assert [type(child) for child in node.should] == [Bag]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("2020-02", date(2020, 2, 1), date(2020, 2, 29)),
        ("2020年2月3日", date(2020, 2, 3), date(2020, 2, 3)),
        ("２０２０／０２", date(2020, 2, 1), date(2020, 2, 29)),
        ("20200203", date(2020, 2, 3), date(2020, 2, 3)),
        ("2019..2021", date(2019, 1, 1), date(2021, 12, 31)),
        ("2019-03至2020", date(2019, 3, 1), date(2020, 12, 31)),
        ("2019..", date(2019, 1, 1), None),
        ("..2019", None, date(2019, 12, 31)),
    ],
)
def test_days_months_years_and_ranges(text: str, first: date | None, last: date | None) -> None:
    assert period_of(text) == (first, last)
    assert understand(f"日期:{text}").node == Dated(first, last)


@pytest.mark.parametrize(
    "text", ["", "..", "2019-13", "2019-02-30", "199", "abc", "2019..x", "1..2..3", "0000"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert period_of(text) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("教训", "lesson"),
        ("經驗教訓", "lesson"),
        ("Lessons", "lesson"),
        ("lesson", "lesson"),
        ("会议纪要", "minutes"),
        ("ＰＬＡＮ", "plan"),
    ],
)
def test_kinds_go_by_their_names_in_both_languages(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert understand(f"类型:{name}").node == Fact("kind", (kind,))


def test_an_unknown_value_is_searched_as_words_and_said_so() -> None:
    understood = understand("kind:banana")
    assert isinstance(understood.node, Bag)
    assert "banana" in understood.ignored[0]
    assert understood.wanted == ("banana",)


@pytest.mark.parametrize(
    "text",
    [
        '"没有结束的引号',
        "((((风险",
        "风险))))",
        "a*",
        "date:tomorrow 风险",
        "AND 风险",
        "x" * (MAX_QUERY_CHARS + 1),
        "!!! ，。",
        '""""',
    ],
)
def test_what_is_ignored_is_said(text: str) -> None:
    understood = understand(text)
    assert understood.ignored
    assert all(sentence.endswith(".") for sentence in understood.ignored)


def test_words_are_a_bag_beside_not_and_required_inside_operators() -> None:
    beside = understand("供应商 延期 NOT 医院").node
    assert isinstance(beside, Every)
    assert [type(child) for child in beside.must] == [Bag]
    inside = understand("(供应商 延期 NOT 医院) OR 电网").node
    assert isinstance(inside, Some)
    assert isinstance(inside.nodes[0], Every)
    assert [type(child) for child in inside.nodes[0].must] == [Run, Run]
    assert len(inside.nodes[0].without) == 1


def test_what_is_not_wanted_is_not_marked() -> None:
    assert understand("供应商 NOT 医院").wanted == ("供应商",)
    assert understand("风险 AND 类型:教训").wanted == ("风险",)


def test_single_characters_and_beginnings() -> None:
    assert understand("桥").node == Prefix("grams", "桥")
    assert isinstance(understand("sched*").node, Some)
    assert understand("").node == Everything()
    assert understand(" \t\n").node == Everything()
    assert understand("？！").node == Some(())


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "(a OR " * 500 + "b" + ")" * 500,
        '"' * 10_000,
        "项目管理" * 2_500,
        "a:" * 5_000,
        "标题:" * 3_000,
        "NOT " * 2_500,
        "AND OR NOT " * 900,
        "x* " * 3_000,
        "[a TO " * 1_500,
        "\x00\x01\x02" * 3_000,
        "'; DROP TABLE documents; --" * 300,
        "(.*)+[a-z]{1,}\\d" * 600,
        "مرحبا שלום " * 900,
        "😀" * 10_000,
        "的" * 10_000,
        "1,2,3,4," * 1_200,
        "a-b-c-d-" * 1_200,
    ],
)  # fmt: skip
def test_ten_thousand_characters_of_anything_are_understood_in_time(text: str) -> None:
    understand("warm up")
    began = time.perf_counter()
    understand(text)
    assert time.perf_counter() - began < 1.0


@settings(max_examples=300, deadline=None)
@given(
    st.text(
        alphabet=st.sampled_from(
            list("a的风险 \"“”()（）:：*[]{}~^'\\-_/.,，AND OR NOT标题:且或非 2019")
        ),
        max_size=60,
    )
)
def test_no_text_is_too_strange(text: str) -> None:
    understood = understand(text)
    assert understood.node is not None


@pytest.mark.parametrize(
    "text",
    [
        "为什么会有“矮冬瓜”这个绰号？",
        "「會通河」在哪一年開始動工",
        '"开源"是什么意思？',
        "International Space Station (ISS) Program",
        "吴音（古代的法律）用语",
        "Project: lessons of the year",
    ],
)
def test_quotes_brackets_and_colons_of_ordinary_prose_are_no_operators(text: str) -> None:
    understood = understand(text)
    assert isinstance(understood.node, Bag)
    assert understood.ignored == ()


@pytest.mark.parametrize(
    "text",
    [
        '"lessons learned"',
        "(“经验教训”)",
        'What is "open source"?',
        "title:“验收”",
        "见 “变更控制”。",
    ],
)
def test_quotes_that_stand_by_themselves_ask_for_a_phrase(text: str) -> None:
    node = understand(text).node
    assert isinstance(node, Run) or (isinstance(node, Every) and isinstance(node.must[0], Run))
