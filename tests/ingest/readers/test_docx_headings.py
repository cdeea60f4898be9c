"""Headings of Word files: by style, by outline level, and by look where a file marks none."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.markdown import sections
from tests.ingest.readers.word_files import NAMESPACES, heading_styles, p, read, run


def outline(folder: Path, body: str, styles: str = "") -> list[tuple[int, str]]:
    draft = read(folder, body, {"styles.xml": styles} if styles else None)
    return [(section.level, section.heading) for section in sections(draft.body) if section.level]


def test_styles_and_outline_levels_make_headings(tmp_path: Path) -> None:
    body = (
        p("立项", style="1")
        + p("Scope", style="2")
        + p("直接设级", properties='<w:outlineLvl w:val="2"/>')
        + p("取消设级", style="1", properties='<w:outlineLvl w:val="9"/>')
        + p("一、不因外观", properties="<w:jc w:val='center'/>")
    )
    assert outline(tmp_path, body, heading_styles()) == [(1, "立项"), (2, "Scope"), (3, "直接设级")]


@pytest.mark.parametrize(
    "name", ["heading 2", "Heading 2", "标题 2", "標題 2", "Überschrift 2", "見出し 2"]
)
def test_heading_styles_are_known_by_their_names_in_many_languages(
    tmp_path: Path, name: str
) -> None:
    styles = (
        f'<w:styles {NAMESPACES}><w:style w:type="paragraph" w:styleId="x"><w:name w:val="{name}"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="y"><w:name w:val="公司标题"/><w:basedOn w:val="x"/></w:style>'
        "</w:styles>"
    )
    assert outline(tmp_path, p("范围", style="y"), styles) == [(2, "范围")]


def test_styles_based_on_each_other_do_not_hang(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMESPACES}><w:style w:type="paragraph" w:styleId="x"><w:basedOn w:val="y"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="y"><w:basedOn w:val="x"/></w:style></w:styles>'
    )
    assert outline(tmp_path, p("正文", style="x"), styles) == []


def bold(text: str) -> str:
    return p(run(text, "<w:b/>"))


def test_short_numbered_lines_in_bold_are_headings_where_none_are_marked(tmp_path: Path) -> None:
    body = (
        p("关于供应链平台的总结")
        + bold("第一章 总论")
        + bold("一、项目背景")
        + p("一、这里只是正文里的一句话")
        + bold("（一）建设目标")
        + bold("1.1 Scope of work")
        + bold("1.1.1 细目")
        + bold("重要提示")
        + bold("二、这一段虽然加粗而且有编号，但它是一句完整的话，所以不是标题。")
        + bold("第二章 结论")
    )
    assert outline(tmp_path, body) == [
        (1, "第一章 总论"),
        (2, "一、项目背景"),
        (3, "（一）建设目标"),
        (4, "1.1 Scope of work"),
        (5, "1.1.1 细目"),
        (1, "第二章 结论"),
    ]


def test_what_is_met_first_stands_further_out(tmp_path: Path) -> None:
    body = (
        bold("第三章 经验教训")
        + bold("3.1 采购 procurement")
        + bold("（一）电缆")
        + bold("（二）電機")
        + bold("3.2 沟通")
    )
    assert [level for level, _ in outline(tmp_path, body)] == [1, 2, 3, 3, 2]


def test_larger_letters_do_as_well_as_bold(tmp_path: Path) -> None:
    def larger(text: str) -> str:
        return p(run(text, '<w:sz w:val="32"/>'))

    body = larger("1 Introduction") + p("text") + larger("2 Lessons") + p("text")
    assert outline(tmp_path, body) == [(1, "1 Introduction"), (1, "2 Lessons")]


def test_a_file_with_marked_headings_is_not_second_guessed(tmp_path: Path) -> None:
    assert outline(tmp_path, p("概述", style="1") + bold("一、背景"), heading_styles()) == [
        (1, "概述")
    ]


def test_the_title_style_gives_the_title_and_stays_in_the_text(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        p("供应链平台项目总结", style="T") + p("概述", style="1"),
        {"styles.xml": heading_styles()},
    )
    assert draft.title == "供应链平台项目总结"
    assert "供应链平台项目总结" in draft.body


def test_a_table_of_contents_is_a_list_and_no_headings(tmp_path: Path) -> None:
    body = (
        p("1 概述\u00a03", style="toc1") + p("2 实施\u00a05", style="toc1") + p("概述", style="1")
    )
    draft = read(tmp_path, body, {"styles.xml": heading_styles()})
    assert draft.body.startswith("- 1 概述\u00a03\n- 2 实施\u00a05\n\n# 概述")


def test_headings_are_plain_and_their_pictures_follow_them(tmp_path: Path) -> None:
    body = p(run("第 ", "<w:b/>") + "<w:r><w:br/></w:r>" + run("一 #章", "<w:i/>"), style="1")
    assert read(tmp_path, body, {"styles.xml": heading_styles()}).body == "# 第 一 #章\n"
    assert outline(tmp_path, p("C #", style="1"), heading_styles()) == [(1, "C #")]
