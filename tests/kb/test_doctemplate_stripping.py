"""Stripping: what in a report belongs to one project, and what does not."""

from __future__ import annotations

import pytest

from kb.doctemplate_stripping import Known, findings, replacements, spans

KNOWN = Known(
    own=(
        ("project.code", "CL-2024-005"),
        ("project.name", "东港冷链物流中心"),
        ("project.manager", "顾欣然"),
    ),
    names=(
        ("person", "江雨禾"),
        ("person", "Helena Brandt"),
        ("customer", "东港冷链"),
        ("person", "An"),
    ),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("项目 CL-2024-005，参考CL-2019-015。", [("code", "CL-2024-005"), ("code", "CL-2019-015")]),
        ("东港冷链物流中心由东港冷链投资", [("project", "东港冷链物流中心"), ("customer", "东港冷链")]),
        ("顾欣然与江雨禾", [("person", "顾欣然"), ("person", "江雨禾")]),
        ("Helena Brandt and Helena Brandtner", [("person", "Helena Brandt")]),
        ("预算8,900万元，另付 EUR 0.41 m 与 ¥1,200", [
            ("money", "8,900万元"), ("money", "EUR 0.41 m"), ("money", "¥1,200"),
        ]),
        ("2025年11月7日、2025-11-07、7 November 2025、2025年11月", [
            ("date", "2025年11月7日"), ("date", "2025-11-07"), ("date", "7 November 2025"), ("date", "2025年11月"),
        ]),
        ("gu.xinran@chengling.example 13812345678 0571-88886666 +65 6123 4567", [
            ("email", "gu.xinran@chengling.example"), ("phone", "13812345678"), ("phone", "0571-88886666"),
            ("phone", "+65 6123 4567"),
        ]),
        ("停工46个工作日，重复率7.4%", [("number", "46个工作日"), ("number", "7.4%")]),
        ("第3章 范围", []),
        ("Answer an question", []),
        ("無關的繁體文字 𠮷 🚀", []),
    ],
)  # fmt: skip
def test_names_and_figures_are_found(text: str, found: list[tuple[str, str]]) -> None:
    assert [(kind, text[start:end]) for start, end, kind in spans(text, KNOWN)] == found


def test_the_own_project_becomes_its_source_and_others_are_numbered() -> None:
    made = findings(
        ["CL-2024-005 由 顾欣然 负责，参考 CL-2019-015 与 CL-2021-002"] * 2, KNOWN, "zh"
    )
    assert {each.text: each.placeholder for each in made} == {
        "CL-2024-005": "{{ project.code }}",
        "CL-2019-015": "{{ text:相关项目编号 1 }}",
        "CL-2021-002": "{{ text:相关项目编号 2 }}",
        "顾欣然": "{{ project.manager }}",
    }
    assert {each.count for each in made} == {2}


def test_only_what_is_chosen_is_replaced() -> None:
    text = "CL-2024-005 至 2025-11-07"
    assert replacements(text, KNOWN, {("date", "2025-11-07"): "X"}) == [(14, 24, "X")]
