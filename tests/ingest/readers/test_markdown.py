"""Markdown: the body stays the writer's, front matter is understood, dead links become words."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.ingest.readers.office_files import PNG, draft, words

FRONT = """---
title: {title}
{more}
---
正文 body
"""


def test_the_body_is_kept_to_the_letter(tmp_path: Path) -> None:
    body = "# 目标\n\n- 一\n    - 二\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n```py\nx = '[y](z.md)'\n```\n"
    assert draft(tmp_path, "a.md", body).body == body


CHINESE = (
    "类型: 会议纪要\n作者: 李娜、王强\n日期: 2023年5月1日\n标签: 风险，质量\n项目: CL-2019-015"
)
ENGLISH = "kind: methodology\nauthors:\n  - Ann Lee\n  - Bob Ray\ndate: 2023-05-01T10:00:00\nkeywords: risk, quality"
MIXED = "type: 经验教训\nauthor: 李娜\ndate: 2023-05-01\ntags: [供应商, delay]\nproject: 青衣江药业智能仓储"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (CHINESE, ("minutes", ("李娜", "王强"), ("风险", "质量"), "CL-2019-015", "")),
        (ENGLISH, ("methodology", ("Ann Lee", "Bob Ray"), ("risk", "quality"), "", "")),
        (MIXED, ("lesson", ("李娜",), ("供应商", "delay"), "", "青衣江药业智能仓储")),
    ],
)
def test_front_matter_in_both_languages_says_what_the_document_is(
    tmp_path: Path, more: str, expected: tuple[object, ...]
) -> None:
    found = draft(tmp_path, "a.md", FRONT.format(title="供应商延期", more=more))
    assert (
        found.kind.value,
        found.authors,
        found.tags,
        found.project_code,
        found.project_name,
    ) == expected
    assert (found.title, found.dated) == ("供应商延期", date(2023, 5, 1))
    assert words(found) == "正文 body"


def test_a_language_given_wins_over_the_one_found(tmp_path: Path) -> None:
    assert draft(tmp_path, "a.md", FRONT.format(title="x", more="lang: en-US")).language == "en"


def test_what_only_looks_like_front_matter_stays_in_the_body(tmp_path: Path) -> None:
    for text in (
        "---\n\n只是一条线\n\n---\n\n之后",
        "---\n- a\n- b\n---\n之后",
        "---\na: [unclosed\n---\n之后",
    ):
        assert draft(tmp_path, "a.md", text).body.strip() == text


def test_front_matter_that_explodes_is_not_expanded(tmp_path: Path) -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 12))
    found = draft(tmp_path, "a.md", f"---\nl0: &l0 [x]\n{levels}---\n正文")
    assert len(found.body) < 2000
    assert "正文" in found.body


def test_a_picture_beside_the_file_travels_along(tmp_path: Path) -> None:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "进度 图.png").write_bytes(PNG)
    found = draft(tmp_path, "a.md", "见 ![进度](img/进度%20图.png)")
    (picture,) = found.pictures
    assert picture.content == PNG
    assert found.body == f"见 ![进度](files/{picture.name})\n"


def test_a_picture_that_is_not_there_becomes_its_words(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.md", "![进度图](img/1.png) and ![](https://x.cn/plan.png) end")
    assert found.body == "进度图 and plan.png end\n"
    assert found.ledger.counts["pictures"].found == 2
    assert found.ledger.losses


def test_a_picture_outside_the_folder_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.png").symlink_to(tmp_path / "secret.png")
    for target in (
        "../secret.png",
        f"{tmp_path}/secret.png",
        "link.png",
        f"file://{tmp_path}/secret.png",
    ):
        assert not draft(inside, "a.md", f"x ![y]({target})").pictures


def test_pictures_are_not_looked_for_beside_a_stored_copy(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(PNG)
    (tmp_path / "ab12cd").write_text("x ![y](x.png)", encoding="utf-8")
    from ingest.readers import read

    assert not read(tmp_path / "ab12cd", "a.md").pictures


def test_links_to_files_that_stayed_behind_become_words_and_others_stay(tmp_path: Path) -> None:
    text = "[方法](./method.md) [site](https://x.cn/a_(b)) [top](#top) [mail](mailto:a@b.cn) <a href='x.html'>页</a>"
    assert (
        draft(tmp_path, "a.md", text).body
        == "方法 [site](https://x.cn/a_(b)) [top](#top) [mail](mailto:a@b.cn) 页\n"
    )


def test_marks_of_site_builders_are_left_out_and_templates_for_people_are_not(
    tmp_path: Path,
) -> None:
    text = (
        "## How to do it{#how}\n\n<section class='x'>\n\n{% include a.html %}正文 text{: .note}\n\n</section>\n"
        "<!-- hidden --><script>alert(1)</script>\n填写 {{项目名称}} 和 {项目编号}\n"
    )
    assert (
        words(draft(tmp_path, "a.md", text))
        == "How to do it 正文 text 填写 {{项目名称}} 和 {项目编号}"
    )


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_markdown_in_other_character_sets_is_read(tmp_path: Path, encoding: str) -> None:
    found = draft(
        tmp_path, "a.md", "---\r\ntitle: 教训\r\n---\r\n# 供应商延期\r\n".encode(encoding)
    )
    assert (found.title, words(found)) == ("教训", "供应商延期")
