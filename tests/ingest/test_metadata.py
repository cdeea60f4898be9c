# ruff: noqa: RUF001  full-width signs are part of what is tested
"""What a document says of itself: cover, title, kind, language, dates, in Chinese and English."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.metadata import describe, kind_of, language_of
from ingest.metadata_cover import people, read_cover
from ingest.metadata_dates import find_date
from kb.drafts import KINDS


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024年5月6日", date(2024, 5, 6)),
        ("２０２４年５月", date(2024, 5, 1)),
        ("二〇二四年十二月三十一日", date(2024, 12, 31)),
        ("二○二三年十月二十日", date(2023, 10, 20)),
        ("2024-05-06", date(2024, 5, 6)),
        ("2024/5/6 14:30", date(2024, 5, 6)),
        ("2024.05.06", date(2024, 5, 6)),
        ("20240506", date(2024, 5, 6)),
        ("May 6, 2024", date(2024, 5, 6)),
        ("6th of nothing; 6 May 2024", date(2024, 5, 6)),
        ("6-Sep-2024", date(2024, 9, 6)),
        ("September 2024", date(2024, 9, 1)),
        ("2024-02-31", None),
        ("版本 1.2.3", None),
        ("1601-01-01", None),
        ("电话 13800138000", None),
        ("", None),
    ],
)
def test_dates_are_read_as_people_write_them(text: str, day: date | None) -> None:
    assert find_date(text) == day


def test_a_date_among_other_words_is_not_a_date_of_its_own() -> None:
    assert find_date("2024年5月6日", whole=True) == date(2024, 5, 6)
    assert find_date("自2024年5月6日起施行", whole=True) is None


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("李娜、王强", ("李娜", "王强")),
        ("李 娜", ("李娜",)),
        ("李娜 王小强", ("李娜", "王小强")),
        ("Li Na, Wang Qiang and Zoë Müller", ("Li Na", "Wang Qiang", "Zoë Müller")),
        ("张伟（项目经理）；陈晨", ("张伟", "陈晨")),
        ("信息技术部门", ()),
        ("Wei Anqi, figures by Qiao Mingyu", ("Wei Anqi",)),
        ("Marit de Vries, security lead, with Inês Carvalho", ("Marit de Vries", "Inês Carvalho")),
        ("a@b.com", ()),
    ],
)
def test_names_are_told_apart(text: str, names: tuple[str, ...]) -> None:
    assert people(text) == names


COVERS = [
    pytest.param(
        [
            "项目名称\t供应链协同平台",
            "项目编号\tYF-2023-017",
            "项目经理\t李娜",
            "编 制 人\t王强",
            "日    期\t2024年5月6日",
        ],
        id="two columns",
    ),
    pytest.param(
        [
            "项目名称\t供应链协同平台\t项目编号\tYF-2023-017",
            "项目经理\t李娜\t编制人\t王强",
            "日期\t2024-05-06\t版本\tV1.0",
        ],
        id="four columns",
    ),
    pytest.param(
        [
            "项目名称：\t供应链协同平台",
            "项目编号：\tYF-2023-017\t\t",
            "\t编制人：\t王强",
            "编制日期：\t2024/05/06",
        ],
        id="colons and empty cells",
    ),
    pytest.param(
        ["项目名称\t项目编号\t编制人\t日期", "供应链协同平台\tYF-2023-017\t王强\t2024.5.6"],
        id="labels above values",
    ),
    pytest.param(
        [
            "项目名称：供应链协同平台",
            "项目编号：YF-2023-017    编制人：王强",
            "日 期： 2024 年 5 月 6 日",
        ],
        id="lines",
    ),
    pytest.param(
        [
            "项目名称 Project Name\t供应链协同平台",
            "项目编号（Project No.）\tYF-2023-017",
            "Author 作者\t王强",
            "Date / 日期\t6 May 2024",
        ],
        id="both languages",
    ),
    pytest.param(
        ["項目名稱\t供应链协同平台", "項目編號\tYF-2023-017", "編制人\t王强", "日期\t2024-05-06"],
        id="traditional",
    ),
    pytest.param(
        [
            "Project Name:\t供应链协同平台",
            "Project Code\tYF-2023-017",
            "Prepared by\t王强",
            "Date\tMay 6, 2024",
        ],
        id="English",
    ),
]


@pytest.mark.parametrize("lines", COVERS)
def test_covers_of_every_layout_say_the_same(lines: list[str]) -> None:
    cover = read_cover(["远帆科技集团", "项目总结报告", *lines, "1 项目概述", "本项目……"])
    assert cover.project_name == "供应链协同平台"
    assert cover.project_code == "YF-2023-017"
    assert cover.authors == ("王强",)
    assert cover.dated == date(2024, 5, 6)


def test_entries_are_kept_by_the_labels_the_document_uses() -> None:
    cover = read_cover(["密    级\t内部", "甲方\t远帆集团\t乙方\t海川咨询", "Sponsor\tCFO"])
    assert cover.entries == {
        "密级": "内部",
        "甲方": "远帆集团",
        "乙方": "海川咨询",
        "Sponsor": "CFO",
    }


def test_two_labels_in_one_cell_and_several_codes() -> None:
    cover = read_cover(["版本／日期\tV1.0／2022-05-20", "项目编号\tYF-1（议题一）、YF-2（议题二）"])
    assert cover.dated == date(2022, 5, 20)
    assert cover.project_code == "YF-1"
    assert cover.entries["版本／日期"] == "V1.0／2022-05-20"


@pytest.mark.parametrize(
    "lines",
    [
        ["版本\t日期\t作者\t修改说明", "V1.0\t2024-01-01\t王强\t初稿"],
        ["项目名称\t＿＿＿＿＿", "项目编号\tXXXX", "编制人\t<姓名>", "日期\t"],
        ["项目经理负责协调各方资源，按期交付。", "日期很重要。"],
        ["作者\t日期", "甲\t乙\t丙"],
        ["项目", "编号"],
        ["Project\tCost\tGain", "A\t1\t2", "B\t3\t4", "C\t5\t6", "D\t7\t8", "日期\t无\t无"],
    ],
)
def test_what_only_looks_like_a_cover_gives_nothing(lines: list[str]) -> None:
    cover = read_cover(lines)
    assert (cover.project_name, cover.project_code, cover.authors, cover.dated) == (
        "",
        "",
        (),
        None,
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("本项目按期上线。", "zh"),
        ("專案如期上線", "zh"),
        ("The project went live on time.", "en"),
        ("供应链 SRM 系统采用 Spring Cloud 微服务架构，部署在 Kubernetes 集群上", "zh"),
        ("The 供应链 project was delivered by the Shanghai team in May", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_one_most_is_written_in(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("title", "kind", "evidence"),
    [
        ("供应链平台项目总结报告", "summary", "项目总结"),
        ("供应链平台经验教训汇编", "lesson", "经验教训"),
        ("Lessons Learned: ERP rollout", "lesson", "Lessons Learned"),
        ("项目总结报告模板", "template", "模板"),
        ("项目周例会会议纪要", "minutes", "会议纪要"),
        ("新员工培训课件", "training", "培训"),
        ("2024 年培训计划", "plan", "培训计划"),
        ("需求变更管理办法", "methodology", "管理办法"),
        ("用户操作手册", "guide", "手册"),
        ("项目管理计划", "plan", "计划"),
        ("Project Charter", "plan", "Charter"),
        ("系统测试报告", "report", "报告"),
        ("Project close-out", "summary", "close-out"),
        ("會議紀要", "minutes", "會議紀要"),
        ("Risk management procedure", "methodology", "procedure"),
        ("随笔", "other", ""),
    ],
)
def test_the_title_tells_the_kind_and_the_words_that_told_it(
    title: str, kind: str, evidence: str
) -> None:
    guess = kind_of(title=title, name="x.docx")
    assert guess.value == kind
    assert guess.value in KINDS
    assert guess.evidence == (f"title: {evidence}" if evidence else "")


def test_where_the_title_is_silent_the_name_the_folder_and_the_headings_are_asked() -> None:
    assert kind_of(title="供应链", name="供应链_总结.docx").evidence == "file name: 总结"
    assert (
        kind_of(title="供应链", name="a.docx", folders=("资料", "03 培训")).evidence
        == "folder: 培训"
    )
    assert kind_of(title="供应链", name="a.dotx").value == "template"
    assert (
        kind_of(title="x", name="a", properties={"category": "会议记录"}).evidence
        == "category: 会议记录"
    )
    by_headings = kind_of(title="x", name="a", headings=["1 参会人员", "2 议题", "3 Other"])
    assert (by_headings.value, by_headings.evidence) == ("minutes", "headings: 1 参会人员, 2 议题")
    assert kind_of(title="x", name="a", headings=["经验教训"]).value == "other"


def test_a_title_that_goes_on_in_the_next_line_is_read_whole() -> None:
    body = "远帆集团\n\n川南变电站改造\n\n项 目 总 结 报 告\n\n正文"
    assert (
        describe(body=body, name="x", title="川南变电站改造").title == "川南变电站改造项目总结报告"
    )
    whole = {"title": "川南变电站改造 项目总结报告"}
    assert (
        describe(body=body, name="x", title="川南变电站改造", properties=whole).title
        == whole["title"]
    )


def test_a_project_document_is_described_whole() -> None:
    body = (
        "远帆科技集团有限公司\n\n供应链协同平台项目总结报告\n\n| 项目名称 | 供应链协同平台 |\n| --- | --- |\n"
        "| 项目编号 | YF-2023-017 |\n| 编制人 | 李娜、王强 |\n| 密级 | 内部 |\n\n二〇二四年五月六日\n\n"
        "# 1 项目概述\n\n按期上线。\n\n# 2 经验教训\n\n无。\n"
    )
    found = describe(
        body=body, name="归档/017.docx", properties={"title": "Microsoft Word - 文档1"}
    )
    assert found.title == "供应链协同平台项目总结报告"
    assert (found.kind.value, found.language) == ("summary", "zh")
    assert (found.project_name, found.project_code) == ("供应链协同平台", "YF-2023-017")
    assert found.authors == ("李娜", "王强")
    assert found.dated == date(2024, 5, 6)
    assert found.metadata["密级"] == "内部"


@pytest.mark.parametrize(
    ("body", "properties", "title"),
    [
        ("# Data centre move: summary\n\n## Goals\n\nx", {}, "Data centre move: summary"),
        ("正文。\n\n# 一\n\n# 二", {"title": "机房搬迁总结"}, "机房搬迁总结"),
        ("正文。\n\n# 一\n\n# 二", {"title": "Document1"}, "file name"),
        (
            "| 文档名称 | 机房搬迁方案 |\n|---|---|\n| 版本 | 1.0 |",
            {"title": "旧模板"},
            "机房搬迁方案",
        ),
        ("", {}, "file name"),
        (
            "# 项目总结报告\n\n| 项目名称 | 机房搬迁 |\n|---|---|\n| 版本 | 1 |",
            {},
            "机房搬迁项目总结报告",
        ),
        ("# Status report\n\nProject name: DC move", {}, "DC move: Status report"),
        ("远帆集团\n\n项 目 总 结 报 告\n\n项目名称：机房搬迁", {}, "机房搬迁项目总结报告"),
    ],
)
def test_the_best_title_is_chosen(body: str, properties: dict[str, str], title: str) -> None:
    assert describe(body=body, name="folder/file name.docx", properties=properties).title == title
