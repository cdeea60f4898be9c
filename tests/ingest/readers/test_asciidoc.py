"""AsciiDoc: the marks of project guides become Markdown, everything else stays words."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.markdown import plain_text
from tests.ingest.readers.office_files import draft


@pytest.mark.parametrize(
    ("asciidoc", "markdown"),
    [
        ("= 标题\n\n== 第一节\n正文", "# 标题\n\n## 第一节\n\n正文\n"),
        ("=== Markdown 也行 ===\n### so", "### Markdown 也行\n\n### so\n"),
        ("* 一\n** 二\n* 三\n", "- 一\n    - 二\n- 三\n"),
        (". x\n. y\n", "1. x\n1. y\n"),
        ("*粗* _斜_ `码` a_b_c 3 * 4 * 5", "**粗** *斜* `码` a\\_b\\_c 3 \\* 4 \\* 5\n"),
        ("见 https://x.cn/a[说明] 和 link:b.adoc[另页]。", "见 [说明](https://x.cn/a) 和 另页。\n"),
        ("https://x.cn/a.", "[https://x.cn/a](https://x.cn/a).\n"),
        ("----\ncode *x*\n----", "```\ncode *x*\n```\n"),
        ("____\n引文\n____", "> 引文\n"),
        ("// comment\n////\nblock\n////\n正文", "正文\n"),
        ("image::img/a.png[进度图]\n", "进度图\n"),
        ("[NOTE]\n====\n注意\n====", "> 注意\n"),
    ],
)
def test_marks_become_markdown(tmp_path: Path, asciidoc: str, markdown: str) -> None:
    assert draft(tmp_path, "a.adoc", asciidoc).body == markdown


def test_a_table_becomes_a_table(tmp_path: Path) -> None:
    text = '[cols="1,2"]\n|===\n|问题 |措施\n\n|延期\n|每周检查\n\n|超支 |复盘\n|==='
    assert (
        plain_text(draft(tmp_path, "a.adoc", text).body) == "问题\t措施\n延期\t每周检查\n超支\t复盘"
    )


def test_attributes_become_metadata(tmp_path: Path) -> None:
    found = draft(tmp_path, "a.adoc", "= Lessons\n:author: Li Na\n:project: A1\n\nText")
    assert found.metadata["author"] == "Li Na"
    assert found.authors == ("Li Na",)


def test_a_part_included_from_elsewhere_is_a_named_loss(tmp_path: Path) -> None:
    assert draft(tmp_path, "a.adoc", "正文\n\ninclude::other.adoc[]\n").ledger.losses
