"""PDF: paragraphs and sections out of letters on pages; scans and locks are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.readers import pdf_lines, read
from ingest.readers.pdf_rules import Rule, of_rules
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
    folder: Path,
    *pages: list[Line],
    outline: tuple[tuple[str, int], ...] = (),
    title: str = "",
    drawn: bytes = b"",
) -> Draft:
    path = folder / "a.pdf"
    path.write_bytes(pdf(pages, outline=outline, title=title, drawn=drawn))
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


def test_a_paragraph_goes_on_in_the_next_column(tmp_path: Path) -> None:
    text = "这一行写满了左边一栏的宽度为止"
    left = column([text] * 4, size=10, left=60, pitch=14)
    right = column([text, "到此为止。", *[text] * 2], size=10, left=320, pitch=14)
    found = made(tmp_path, [*left, *right])
    assert [len(block) for block in words(found).split() if "到此为止" in block] == [80]


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


def strokes(*lines: tuple[float, float, float, float]) -> bytes:
    return b"".join(b"%g %g m %g %g l S\n" % line for line in lines)


def thin(*lines: tuple[float, float, float, float]) -> bytes:
    """The same as filled rectangles half a point thick, as Word draws them."""
    return b"".join(
        b"%g %g %g %g re f\n" % (x1, y1, max(x2 - x1, 0.5), max(y2 - y1, 0.5))
        for x1, y1, x2, y2 in lines
    )


# Three rows and three columns; the first row has no line between its second and third place.
RULES = (
    *((100.0, y, 400.0, y) for y in (600.0, 640.0, 680.0, 720.0)),
    *((x, 600.0, x, 720.0) for x in (100.0, 200.0, 400.0)),
    (300.0, 600.0, 300.0, 680.0),
)
CELLS: list[Line] = [
    ("序号", 10, 105, 700),
    ("问题与措施", 10, 205, 700),
    ("1", 10, 105, 660),
    ("电缆到货晚了二十一", 10, 205, 668),
    ("天 late", 10, 205, 655),
    ("提前采购", 10, 305, 660),
    ("2", 10, 105, 620),
    ("无", 10, 205, 620),
    ("Plan B", 10, 305, 620),
]


@pytest.mark.parametrize("draw", [strokes, thin])
def test_a_table_with_lines_is_a_table(tmp_path: Path, draw: Callable[..., bytes]) -> None:
    before, after = ("表前的一句话。", 10.0, 100.0, 740.0), ("表后的一句话。", 10.0, 100.0, 560.0)
    found = made(tmp_path, [before, *CELLS, after], drawn=draw(*RULES))
    assert found.body == (
        "表前的一句话。\n\n<table>\n"
        '<tr><th>序号</th><th colspan="2">问题与措施</th></tr>\n'
        "<tr><td>1</td><td>电缆到货晚了二十一天 late</td><td>提前采购</td></tr>\n"
        "<tr><td>2</td><td>无</td><td>Plan B</td></tr>\n</table>\n\n表后的一句话。\n"
    )
    assert found.ledger.counts["tables"].carried == 1
    assert found.ledger.coverage == 100.0


def test_boxes_of_a_drawing_are_no_table(tmp_path: Path) -> None:
    boxes = b"100 600 80 40 re S 250 600 80 40 re S 180 620 m 250 620 l S\n"
    found = made(tmp_path, [("开始", 10, 110, 615), ("结束", 10, 260, 615)], drawn=boxes)
    assert "|" not in found.body
    assert "<table" not in found.body
    assert words(found).split() == ["开始", "结束"]


def test_an_empty_form_is_left_as_lines(tmp_path: Path) -> None:
    found = made(tmp_path, [("签字", 10, 105, 700)], drawn=strokes(*RULES))
    assert words(found) == "签字"
    assert "tables" not in found.ledger.counts


def test_thousands_of_lines_are_a_drawing_and_cost_no_time(tmp_path: Path) -> None:
    hatch = strokes(*((50.0, 10 + n / 10, 550.0, 10 + n / 10) for n in range(6000)))
    assert words(made(tmp_path, [("图样", 10, 105, 700)], drawn=hatch)) == "图样"


def test_cells_may_wind_around_one_in_the_middle() -> None:
    across = [Rule(y, 0, 90) for y in (0.0, 90.0)] + [Rule(30.0, 30, 90), Rule(60.0, 0, 60)]
    down = [Rule(x, 0, 90) for x in (0.0, 90.0)] + [Rule(30.0, 0, 60), Rule(60.0, 30, 90)]
    lattices = of_rules(across, down)
    assert [len(lattice.boxes) for lattice in lattices] == [5]
    for lattice in lattices:
        assert lattice.holding(45, 45) is not None
        assert lattice.holding(100, 45) is None


def line_of(text: str, top: float, height: float, points: float) -> pdf_lines.Line:
    return pdf_lines.Line(text, 60, 260, top - height, top, height, points=points)


@pytest.mark.parametrize(("points", "count"), [(10.5, 1), (0.0, 2)])
def test_letters_of_two_fonts_in_one_size_are_one_paragraph(points: float, count: int) -> None:
    lines = [
        line_of("项目组每周例会逐项销号，最终按期完成了全部建设", 700, 10.5, points),
        line_of("内容 The quick brown fox jumps over the lazy dog", 686, 12.5, points),
    ]
    assert len(pdf_lines.paragraphs(lines)) == count


def test_a_latin_line_among_chinese_ones_is_no_larger() -> None:
    page = [line_of("项目组每周例会", 700 - 14 * n, 10.5, 10.5) for n in range(5)]
    latin = line_of("Project Phoenix", 620, 12.5, 10.5)
    assert {line.size for line in pdf_lines.evened([[*page, latin]])[0]} == {10.5}
    unknown = line_of("Project Phoenix", 620, 12.5, 0)
    assert pdf_lines.evened([[*page, unknown]])[0][-1].size == 12.5
