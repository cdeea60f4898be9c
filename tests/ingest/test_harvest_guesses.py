"""What the harvester understands without a list: families of headings, labels by their head, marks, forms, titles."""

from __future__ import annotations

import pytest

from ingest.harvest import harvest
from ingest.harvest_families import family_topics


@pytest.mark.parametrize(
    ("headings", "kinds"),
    [
        (["Keep", "Drop", "Add"], ["good-practice", "lesson", None]),
        (["保持", "停止", "开始"], ["good-practice", "lesson", None]),
        (["Keep 保持", "Stop / 停止"], ["good-practice", "lesson"]),
        (["1. Liked", "2. Lacked", "Budget"], ["good-practice", "lesson", "-"]),
        (["Things to keep", "What to stop"], ["good-practice", "lesson"]),
        (["保持（發揚）", "改進"], ["good-practice", None]),
    ],
)
def test_words_of_one_family_announce_lessons_beside_each_other(
    headings: list[str], kinds: list[str | None]
) -> None:
    topics = family_topics(headings)
    assert [topic.kind if topic else "-" for topic in topics] == kinds


@pytest.mark.parametrize(
    "headings",
    [
        ["Keep"],
        ["Add", "Improve"],
        ["Add", "Remove", "Edit"],
        ["开始", "结束"],
        ["Start date", "Stop date"],
        ["优点", "缺点"],
        ["Pros", "Cons"],
        ["Learned", "Budget"],
        ["𠮷", "👍"],
        [],
    ],
)
def test_words_of_no_family_announce_nothing(headings: list[str]) -> None:
    assert family_topics(headings) == [None] * len(headings)


@pytest.mark.parametrize(
    "labels",
    [
        ("事项描述", "产生的影响", "今后应采取的做法"),
        ("異常情形", "造成之損害", "再發防止"),
        ("Trouble / issue seen", "Effect on cost", "What should be avoided next"),
    ],
)
def test_columns_are_understood_by_their_head_where_lessons_are_announced(
    labels: tuple[str, str, str],
) -> None:
    happened, harm, advice = (
        "吊篮租赁合同未约定停工费",
        "多付 18 万元 extra",
        "合同增加停工计费条款",
    )
    table = f"| {' | '.join(labels)} |\n|---|---|---|\n| {happened} | {harm} | {advice} |\n"
    [lesson] = harvest(f"# 报告\n\n## 经验教训\n\n{table}")
    assert (lesson.what_happened, lesson.impact, lesson.recommendation) == (happened, harm, advice)
    assert harvest(f"# 报告\n\n## 台账\n\n{table}") == []


@pytest.mark.parametrize(
    ("body", "told", "kind"),
    [
        ("【教训】一楼补偿标准公布过早，引发攀比。", "一楼补偿标准公布过早，引发攀比。", "lesson"),
        (
            "【經驗】請燃氣公司駐場半天，快了三週。",
            "請燃氣公司駐場半天，快了三週。",
            "good-practice",
        ),
        ("**Lesson learned:** trial pits every 50 m.", "trial pits every 50 m.", "lesson"),
        ("> Lesson 2: trial pits every 50 m.", "trial pits every 50 m.", "lesson"),
        ("- 教训：管廊没有探明，停工 46 天", "管廊没有探明，停工 46 天", "lesson"),
        (
            "**Good practice** Pharmacists labelled shelves.",
            "Pharmacists labelled shelves.",
            "good-practice",
        ),
    ],
)
def test_a_lesson_marked_as_such_is_found_in_any_chapter(body: str, told: str, kind: str) -> None:
    [lesson] = harvest(f"# 某项目总结\n\n## 3 施工\n\n基坑遇到燃气管两处。\n\n{body}\n")
    assert told in (lesson.what_happened, lesson.recommendation)
    assert (lesson.kind, lesson.heading) == (kind, "3 施工")


@pytest.mark.parametrize(
    "body",
    [
        "经验：五年以上大型项目管理经历。",
        "Lessons are held on Monday mornings in room 4.",
        "教训：无",
        "经验教训：详见附件三。",
        "请各组填写【教训】一栏。",
    ],
)
def test_words_that_only_look_like_a_mark_are_none(body: str) -> None:
    assert harvest(f"# 某项目情况\n\n## 3 施工\n\n{body}\n") == []


def test_the_causes_and_advice_after_a_mark_belong_to_it() -> None:
    body = (
        "【教训】管廊没有探明，停工 46 天。\n\n原因：钻孔太少。\n\n建议：先用探地雷达。\n\n本章完。"
    )
    [lesson] = harvest(f"# 某项目总结\n\n## 3 施工\n\n{body}\n")
    assert (lesson.cause, lesson.recommendation) == ("钻孔太少。", "先用探地雷达。")


FORM = (
    "<table><tr><td>项目名称</td><td>营销二期</td></tr>"
    "<tr><td>{label}</td><td><p>1. 客户归属重算了三遍。</p><p>2. 外呼线路开通晚了一个月。</p></td></tr></table>"
)


@pytest.mark.parametrize("label", ["存在问题及改进建议", "經驗教訓", "Lessons learned"])
def test_the_field_of_a_form_holds_a_lesson_in_each_line(label: str) -> None:
    lessons = harvest(f"# 项目结项表\n\n{FORM.format(label=label)}\n")
    assert [one.what_happened for one in lessons] == [
        "客户归属重算了三遍。",
        "外呼线路开通晚了一个月。",
    ]
    assert {one.section for one in lessons} == {label}


@pytest.mark.parametrize("label", ["工作内容", "风险及应对措施", "可能出现的问题及对策", "Scope"])
def test_other_fields_of_a_form_hold_none(label: str) -> None:
    assert harvest(f"# 项目结项表\n\n{FORM.format(label=label)}\n") == []


@pytest.mark.parametrize(
    ("title", "count"),
    [
        ("滨江泵站改造工程总结", 2),
        ("Harbour crane refurbishment: close-out report", 2),
        ("專案結案報告", 2),
        ("行业发展现状研究", 0),
        ("测试工作总结", 0),
        ("某项目可行性研究报告", 0),
    ],
)
def test_problems_are_lessons_in_reports_that_look_back(title: str, count: int) -> None:
    body = "1. 电缆到货晚了 21 天，窝工。\n2. 图纸与现场不符，返工两次。\n"
    assert len(harvest(f"# {title}\n\n## 概况\n\n完成。\n\n## 存在的问题\n\n{body}")) == count


def test_chapters_of_a_lessons_report_are_lessons_whatever_they_are_called() -> None:
    body = (
        "# Lessons learned report: metering\n\n## Introduction\n\nThis report was written in May.\n\n"
        "## Planning\n\nThe list missed 1,900 connections.\n\n## Installation 安装\n\n只带了一种接头，跑了两趟。\n"
    )
    assert [one.heading for one in harvest(body)] == ["Planning", "Installation 安装"]
