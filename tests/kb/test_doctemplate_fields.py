"""Placeholders: what people may write between the braces, and how a mistake is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.doctemplate_fields import (
    MAX_FIELDS,
    Fault,
    Field,
    Mark,
    PlaceholderFault,
    collect,
    from_json,
    marks,
    parse,
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("审批日期", Field("审批日期", bare=True)),
        (" 𠮷祥 🚀 ", Field("𠮷祥 🚀", bare=True)),
        ("date:审批日期", Field("审批日期", "date")),
        ("日期：审批日期", Field("审批日期", "date")),
        (
            "long:Why now? * # one sentence",
            Field("Why now?", "long", required=True, hint="one sentence"),
        ),
        ("person:Chair = project.manager", Field("Chair", "person", source="project.manager")),
        ("choice:状态 | 绿 | 黄 | 绿", Field("状态", "choice", choices=("绿", "黄"))),
        ("选项：狀態 ｜ 綠 ｜ 紅", Field("狀態", "choice", choices=("綠", "紅"))),  # noqa: RUF001
        ("Risks[].Response", Field("Response", group="Risks", bare=True)),
        ("number: 风险 [] . 分值", Field("分值", "number", group="风险")),
        ("rownumber:风险[]", Field("#", "rownumber", group="风险")),
        ("project.name", Field("project.name", source="project.name")),
        ("today", Field("today", "date", source="today")),
    ],
)
def test_a_placeholder_means_what_it_says(written: str, meant: Field) -> None:
    assert parse(written) == meant


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "has no name"),
        (" * ", "has no name"),
        ("data:日期", "there is no type “data”"),
        ("choice:状态", "needs 2 to"),
        ("choice:状态 | 绿", "needs 2 to"),
        ("date:日期 | 今天 | 明天", "is no choice"),
        ("text:名称 = project.nam", "nothing called “project.nam”"),
        ("project.nickname", "nothing called “project.nickname”"),
        ("me.password", "nothing called “me.password”"),
        ("rownumber:风险", "a row number is written"),
        ("风险[]", "needs a column"),
        ("a {{ b", "begins inside another one"),
        ("% for x in y %", None),
        ("x\ny", "broken over two lines"),
        ("长" * 101, "longer than 100"),
        ("x" * 3000, "longer than 2000"),
        ("\u200bname", "cannot be seen"),
    ],
)
def test_what_cannot_be_filled_is_refused_with_its_reason(written: str, why: str | None) -> None:
    if why is None:
        # Signs like these are no statement of ours: just an odd name.
        assert parse(written).name == written
        return
    with pytest.raises(PlaceholderFault, match=why):
        parse(written)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("客户：{{ 客户", "opened"),
        ("客户 }}", "was not opened"),
        ("{% for r in risks %}", "no loops"),
        ("{{ a }} and {{ b", "opened"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}", None),
    ],
)
def test_braces_that_do_not_fit_are_told(text: str, why: str | None) -> None:
    found = marks(text)
    if why is None:
        # An expression of other template languages is but an odd name here: nothing is ever evaluated.
        assert [type(each) for each in found] == [Mark]
        return
    assert any(isinstance(each, Fault) and why in each.why for each in found)


def test_marks_stand_where_the_text_has_them() -> None:
    text = "甲 {{ a }}, {{date:乙}}!"
    found = marks(text)
    assert [text[m.start : m.end] for m in found if isinstance(m, Mark)] == [
        "{{ a }}",
        "{{date:乙}}",
    ]


def test_a_bare_name_refers_to_the_placeholder_that_says_more_whichever_comes_first() -> None:
    fields, faults = collect(
        [parse("项目"), parse("date:日"), parse("choice:项目 | 甲 | 乙"), parse("日")]
    )
    assert [(field.name, field.type) for field in fields] == [("项目", "choice"), ("日", "date")]
    assert not faults


def test_one_name_with_two_meanings_is_a_fault() -> None:
    _, faults = collect([parse("date:Due"), parse("number:Due")])
    assert "defined twice" in faults[0][1].why


def test_a_form_has_an_end() -> None:
    _, faults = collect(parse(f"field {number}") for number in range(MAX_FIELDS + 5))
    assert len(faults) == 1


def test_fields_survive_being_stored() -> None:
    fields, _ = collect(
        [parse("choice:状态 * | 绿 | 红 # 拿不准就是黄"), parse("date:R[].日 = today")]
    )
    assert from_json([field.as_json() for field in fields]) == fields


@given(st.text(alphabet="{}%#|=*[].: \nab日期", max_size=40))
def test_no_text_makes_the_parser_fail(text: str) -> None:
    for each in marks(text):
        assert isinstance(each, Mark | Fault)
        if isinstance(each, Fault):
            assert each.at("here").sentence
