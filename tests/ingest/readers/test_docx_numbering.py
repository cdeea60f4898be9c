# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Automatic numbers: every number Word shows in front of a heading or an item is computed and written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers.docx_number_formats import format_number
from kb.markdown import plain_text, render, sections
from tests.ingest.readers.word_files import (
    NAMESPACES,
    heading_styles,
    level,
    numbered,
    numbering,
    p,
    read,
    run,
)


@pytest.mark.parametrize(
    ("number_format", "written"),
    [
        ("decimal", {1: "1", 12: "12"}),
        ("decimalZero", {1: "01", 12: "12", 123: "123"}),
        ("upperRoman", {4: "IV", 1994: "MCMXCIV"}),
        ("lowerRoman", {9: "ix"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {28: "bb"}),
        ("ordinal", {0: "0th", 1: "1st", 2: "2nd", 3: "3rd", 11: "11th", 22: "22nd", 113: "113th"}),
        ("cardinalText", {7: "Seven", 21: "Twenty-one", 342: "Three Hundred Forty-two"}),
        ("ordinalText", {1: "First", 12: "Twelfth", 20: "Twentieth", 25: "Twenty-fifth"}),
        (
            "chineseCounting",
            {1: "一", 10: "十", 12: "十二", 20: "二十", 99: "九十九", 100: "一〇〇"},
        ),
        (
            "chineseCountingThousand",
            {
                10: "十",
                11: "十一",
                101: "一百零一",
                110: "一百一十",
                1005: "一千零五",
                12030: "一万二千零三十",
            },
        ),
        ("chineseLegalSimplified", {1: "壹", 10: "壹拾", 25: "贰拾伍", 308: "叁佰零捌"}),
        ("ideographLegalTraditional", {16: "壹拾陸", 10000: "壹萬"}),
        ("taiwaneseCountingThousand", {15: "十五"}),
        ("ideographTraditional", {1: "甲", 2: "乙", 10: "癸", 11: "11"}),
        ("ideographZodiac", {1: "子", 12: "亥", 13: "13"}),
        ("ideographZodiacTraditional", {1: "甲子", 60: "癸亥"}),
        ("ideographDigital", {10: "一〇", 25: "二五"}),
        ("decimalEnclosedCircleChinese", {1: "①", 20: "⑳", 21: "21"}),
        ("decimalEnclosedParen", {3: "⑶"}),
        ("ideographEnclosedCircle", {2: "㊁"}),
        ("decimalFullWidth", {12: "１２"}),
        ("japaneseCounting", {12: "十二"}),
        ("something new", {3: "3"}),
        ("lowerLetter", {0: "0", 99_999: "99999"}),
    ],
)
def test_numbers_are_written_as_word_writes_them(
    number_format: str, written: dict[int, str]
) -> None:
    assert {value: format_number(value, number_format) for value in written} == written


def headings(folder: Path, body: str, *levels: str, extra: str = "") -> list[str]:
    draft = read(
        folder,
        body,
        {
            "styles.xml": heading_styles(numbered_by=1),
            "numbering.xml": numbering(*levels, extra=extra),
        },
    )
    return [section.heading for section in sections(draft.body) if section.heading]


def test_headings_carry_the_number_their_style_gives_them(tmp_path: Path) -> None:
    body = "".join(
        p(text, style=style)
        for style, text in [
            ("1", "概述"),
            ("2", "背景"),
            ("2", "Goals"),
            ("3", "范围"),
            ("1", "实施"),
            ("2", "计划"),
        ]
    )
    levels = [level("decimal", "%1"), level("decimal", "%1.%2"), level("decimal", "%1.%2.%3")]
    assert headings(tmp_path, body, *levels) == [
        "1 概述",
        "1.1 背景",
        "1.2 Goals",
        "1.2.1 范围",
        "2 实施",
        "2.1 计划",
    ]


def test_chinese_chapters_count_in_characters_and_their_sections_in_digits(tmp_path: Path) -> None:
    body = "".join(
        p(text, style=style)
        for style, text in [("1", "总则"), ("2", "目的"), ("1", "组织"), ("2", "分工")]
    )
    levels = [
        level("chineseCountingThousand", "第%1章", extra='<w:suff w:val="space"/>'),
        level("decimal", "%1.%2", extra="<w:isLgl/>"),
    ]
    assert headings(tmp_path, body, *levels) == [
        "第一章 总则",
        "1.1 目的",
        "第二章 组织",
        "2.1 分工",
    ]


def test_chinese_signs_need_no_space_after_them(tmp_path: Path) -> None:
    body = p("背景", style="1") + p("目标", style="2") + p("细目", style="3")
    levels = [
        level("chineseCounting", "%1、"),
        level("chineseCounting", "（%2）"),
        level("ideographTraditional", "%3．"),
    ]
    assert headings(tmp_path, body, *levels) == ["一、背景", "（一）目标", "甲．细目"]


def listed(folder: Path, body: str, *levels: str, extra: str = "") -> list[str]:
    draft = read(folder, body, {"numbering.xml": numbering(*levels, extra=extra)})
    return plain_text(draft.body).split("\n")


def test_a_skipped_level_counts_as_begun(tmp_path: Path) -> None:
    levels = [
        level("decimal", "%1"),
        level("lowerLetter", "%1.%2"),
        level("upperRoman", "%1.%2.%3"),
    ]
    body = "".join(numbered("项", at) for at in (0, 1, 2, 2, 1, 2, 0, 2, 1))
    assert listed(tmp_path, body, *levels) == [
        "1 项",
        "1.a 项",
        "1.a.I 项",
        "1.a.II 项",
        "1.b 项",
        "1.b.I 项",
        "2 项",
        "2.a.I 项",
        "2.b 项",
    ]


def test_a_list_that_starts_anew_and_one_that_only_looks_different(tmp_path: Path) -> None:
    restarted = (
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        '</w:lvlOverride></w:num><w:num w:numId="3"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">'
        f'<w:lvl w:ilvl="0">{level("upperLetter", "%1)")}</w:lvl></w:lvlOverride></w:num>'
    )
    body = "".join(numbered("项", 0, num_id) for num_id in (1, 1, 3, 2, 2))
    assert listed(tmp_path, body, level("decimal", "%1)"), extra=restarted) == [
        "1) 项",
        "2) 项",
        "C) 项",
        "1) 项",
        "2) 项",
    ]


def test_a_level_that_never_restarts_goes_on_counting(tmp_path: Path) -> None:
    levels = [level("decimal", "%1、"), level("decimal", "(%2)", extra='<w:lvlRestart w:val="0"/>')]
    body = "".join(numbered("项", at) for at in (0, 1, 1, 0, 1))
    assert listed(tmp_path, body, *levels) == ["1、项", "(1) 项", "(2) 项", "2、项", "(3) 项"]


def test_a_list_may_follow_a_numbering_style(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMESPACES}><w:style w:type="numbering" w:styleId="N"><w:name w:val="制度编号"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
    )
    follower = (
        '<w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="N"/></w:abstractNum>'
        '<w:num w:numId="5"><w:abstractNumId w:val="8"/></w:num>'
    )
    draft = read(
        tmp_path,
        numbered("职责", 0, 5),
        {
            "styles.xml": styles,
            "numbering.xml": numbering(level("decimal", "第%1条"), extra=follower),
        },
    )
    assert plain_text(draft.body) == "第1条 职责"


def test_own_formats_with_leading_zeros(tmp_path: Path) -> None:
    custom = (
        '<mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, ..."/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
    )
    written = f'<w:start w:val="7"/>{custom}<w:lvlText w:val="FR-%1"/>'
    assert listed(tmp_path, numbered("需求") + numbered("Need"), written) == [
        "FR-007 需求",
        "FR-008 Need",
    ]


def test_deleted_and_unnumbered_paragraphs_take_no_number(tmp_path: Path) -> None:
    gone = '<w:del w:id="1"><w:r><w:delText>旧</w:delText></w:r></w:del>'
    mark = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    none = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>'
    body = (
        numbered("甲")
        + p(gone, properties=mark + '<w:rPr><w:del w:id="2"/></w:rPr>')
        + p("无号", properties=none)
        + numbered("乙")
    )
    assert listed(tmp_path, body, level("decimal", "%1.")) == ["1. 甲", "无号", "2. 乙"]


def test_lists_nest_and_show_their_numbers_on_the_page(tmp_path: Path) -> None:
    levels = [level("decimal", "%1."), level("lowerLetter", "%2)"), level("bullet", "\uf0b7")]
    body = (
        numbered("准备")
        + numbered("招标", 1)
        + numbered("评标", 1)
        + numbered("技术标", 2)
        + numbered("实施")
        + p("中间一段。")
        + numbered("收尾")
    )
    draft = read(tmp_path, body, {"numbering.xml": numbering(*levels)})
    assert draft.body == (
        "1. 准备\n    - a) 招标\n    - b) 评标\n        - 技术标\n2. 实施\n\n中间一段。\n\n3. 收尾\n"
    )
    page = render(draft.body, "/")
    assert page.count("<ol") == 2
    assert '<ol start="3">' in page
    assert '<li class="labelled">a) 招标</li>' in page
    assert "<li>技术标</li>" in page


def test_a_list_that_begins_again_does_not_run_on(tmp_path: Path) -> None:
    again = (
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
        "</w:lvlOverride></w:num>"
    )
    body = numbered("甲") + numbered("乙") + numbered("丙", 0, 2) + numbered("丁", 0, 2)
    lines = listed(tmp_path, body, level("decimal", "%1."), extra=again)
    assert lines == ["1. 甲", "2. 乙", "1. 丙", "2. 丁"]


def test_an_item_with_line_breaks_stays_one_item(tmp_path: Path) -> None:
    body = numbered("<w:r><w:t>第一行</w:t><w:br/><w:t>1. 第二行</w:t></w:r>") + numbered("下一项")
    draft = read(tmp_path, body, {"numbering.xml": numbering(level("decimal", "%1."))})
    page = render(draft.body, "/")
    assert page.count("<li>") == 2
    assert page.count("<ol>") == 1
    assert plain_text(draft.body).split("\n") == ["1. 第一行", "1. 第二行", "2. 下一项"]


def test_numbers_that_refer_to_nothing_are_no_error(tmp_path: Path) -> None:
    body = numbered("无此列表", 0, 99) + numbered("级别太深", 42) + numbered("ok")
    assert listed(tmp_path, body, level("decimal", "%1.")) == ["无此列表", "级别太深", "1. ok"]
    assert listed(tmp_path, p(run("x")), "") == ["x"]
