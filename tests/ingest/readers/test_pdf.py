"""PDF: paragraphs and sections out of letters on pages; scans and locks are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import read
from kb.drafts import Draft
from kb.errors import DamagedFile, NoText
from kb.markdown import sections
from tests.ingest.readers.office_files import pdf, words

Line = tuple[str, float, float, float]


def column(
    lines: list[str], *, size: float = 12, left: float = 100, top: float = 700, pitch: float = 16
) -> list[Line]:
    return [(text, size, left, top - pitch * at) for at, text in enumerate(lines)]


def made(
    folder: Path, *pages: list[Line], outline: tuple[tuple[str, int], ...] = (), title: str = ""
) -> Draft:
    path = folder / "a.pdf"
    path.write_bytes(pdf(pages, outline=outline, title=title))
    return read(path, "a.pdf")


def headings(found: Draft) -> list[tuple[int, str]]:
    return [(one.level, one.heading) for one in sections(found.body) if one.heading]


@pytest.mark.parametrize(
    "text",
    ["项目按期上线，节约一百万元。", "Delivered on time: 98% of users.", "專案 mixed 混合 text"],
)
def test_text_comes_through_as_it_is(tmp_path: Path, text: str) -> None:
    found = made(tmp_path, [(text, 12, 100, 700)])
    assert words(found) == text
    assert found.ledger.coverage == 100.0


def test_lines_of_a_paragraph_are_joined_and_a_word_is_whole_again(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        column(
            ["本项目由于供应商延期交付核心设备导致整体进度推迟了两周项", "目组随后调整了验收计划。"]
        )
        + column(["下一段另起一行。"], top=600),
    )
    assert (
        found.body
        == "本项目由于供应商延期交付核心设备导致整体进度推迟了两周项目组随后调整了验收计划。\n\n下一段另起一行。\n"
    )


def test_a_word_broken_at_the_end_of_a_line_is_joined(tmp_path: Path) -> None:
    found = made(tmp_path, column(["The supplier was late and the accep-", "tance test moved."]))
    assert words(found) == "The supplier was late and the acceptance test moved."


def test_items_of_a_list_stay_apart(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        column(
            ["1. 供应商延期交付核心设备影响上线", "2. 需求变更没有评估影响范围就实施", "• 第三条"]
        ),
    )
    assert len(found.body.strip().split("\n\n")) == 3


def test_the_outline_makes_the_sections(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        column(["第一章 概况", "正文一"]),
        column(["1.2 Lessons", "正文二", "不在目录里的话"]),
        outline=(("第一章 概况", 0), ("Lessons", 1), ("页上没有的标题", 1)),
    )
    assert [(one.heading, one.text) for one in sections(found.body)] == [
        ("第一章 概况", "正文一"),
        ("页上没有的标题", ""),
        ("Lessons", "正文二\n不在目录里的话"),
    ]


def test_larger_letters_make_headings_where_there_is_no_outline(tmp_path: Path) -> None:
    body = column(
        [
            "这是正文的第一行文字内容",
            "这是正文的第二行文字内容",
            "第三行。",
            "第四行。",
            "第五行。",
            "第六行。",
        ],
        top=640,
    )
    found = made(tmp_path, [("项目总结报告", 24, 100, 740), ("一、项目背景", 16, 100, 680), *body])
    assert headings(found) == [(1, "项目总结报告"), (2, "一、项目背景")]
    assert found.title == "项目总结报告"


def test_pages_are_the_sections_where_nothing_tells_headings(tmp_path: Path) -> None:
    found = made(tmp_path, column(["第一页的文字"]), column(["second page here"]))
    assert headings(found) == [(2, "第 1 页"), (2, "Page 2")]


def test_page_headers_and_numbers_are_noted_once_and_not_carried(tmp_path: Path) -> None:
    pages = [
        [
            ("内部资料 请勿外传", 9, 100, 770),
            (f"第 {n} 页", 9, 280, 30),
            *column([f"正文 {n}", "更多内容"]),
        ]
        for n in range(1, 5)
    ]
    found = made(tmp_path, *pages)
    assert "内部资料" not in found.body
    assert found.metadata["page header or footer"] == "内部资料 请勿外传"
    assert words(found).split()[:6] == ["第", "1", "页", "正文", "1", "更多内容"]
    assert found.ledger.coverage == 100.0


def test_a_scan_has_no_text_and_single_pages_without_are_named(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="without a text layer"):
        made(tmp_path, [], [])
    found = made(tmp_path, column(["有字"]), [], [], column(["also text"]), [])
    assert found.ledger.losses == ["Pages without a text layer: 2–3, 5."]
    assert (found.ledger.counts["pages"].found, found.ledger.counts["pages"].carried) == (5, 2)


def test_the_title_of_the_properties_counts_unless_a_program_wrote_it(tmp_path: Path) -> None:
    assert made(tmp_path, column(["x y"]), title="风险管理办法").title == "风险管理办法"
    assert made(tmp_path, column(["x y"]), title="Microsoft Word - 新建文档.doc").title == "a"


@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_cut_off_file_is_damaged_or_read_as_far_as_it_goes(tmp_path: Path, share: float) -> None:
    whole = pdf([column(["项目总结"] * 20)])
    path = tmp_path / "a.pdf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises((DamagedFile, NoText)):
        read(path, "a.pdf")
