# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Markdown: what is written as text comes back as the same text, in sections, in plain text and on the page."""

from __future__ import annotations

import doctest
import html
import re
import time
from typing import Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import kb.markdown
from kb.markdown import Section, escape, plain_text, render, sections

# Everything a file may hold, but for surrogates; line breaks and controls are folded by `escape`.
TEXT: Final = st.text(
    st.one_of(
        st.sampled_from("*_`[]()<>|\\#&!~=-+.: \t\n0123456789abz风险项目，（）一、　\u00a0𠮷👍é"),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=60,
)
HARD: Final = (
    "1. 项目背景",
    "- not a list",
    "# 不是标题 #",
    "> 引用",
    "---",
    "===",
    "~~~",
    "```",
    "a | b |",
    "\\| \\\\ \\",
    "&amp; &lt; R&D AT&T; &#65;",
    "<项目名称> List<String> a < b > c <b>x</b> <!-- x -->",
    "[^1]: x",
    "[a]: http://b",
    "![图](files/x.png)",
    "snake_case__x *a* **b**",
    "2024 年 3 月",
    "2)",
    "𠮷野家 👍 ＡＢＣ１２３ ﹏",
    "http://example.com/a_b_(c)?d=1&e=2",
    "\u2028a\u0085b\x0cc",
)
# Where a text may stand: the Markdown around it, and the words around it.
PLACES: Final = {
    "paragraph": ("{}\n", "{}"),
    "bullet": ("- {}\n- 尾\n", "{} 尾"),
    "nested": ("- 头\n    - {}\n", "头 {}"),
    "cell": ("| 头 | {} |\n|---|---|\n| 中 | 尾 |\n", "头 {} 中 尾"),
    "heading": ("## {}\n\n尾\n", "{} 尾"),
    "bold": ("头 **{}** 尾\n", "头 {} 尾"),
    "quotation": ("> {}\n", "{}"),
    "footnote": ("头[^n]\n\n[^n]: {}\n", "头 {}"),
}


def folded(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x08\x0e-\x1b\x7f]", "", text).split())


def shown(markup: str) -> str:
    """The words of a page, but for what footnotes add: their numbers and the way back."""
    markup = re.sub(r"<sup.*?</sup>|↩", "", markup)
    return folded(html.unescape(re.sub(r"<[^>]*>", "", markup)))


def check_everywhere(text: str) -> None:
    words = folded(text)
    if not words:
        return
    for place, (markdown, around) in PLACES.items():
        body = markdown.format(escape(text))
        expected = around.format(words)
        assert folded(plain_text(body)) == expected, (place, body)
        assert shown(render(body, "/files/")) == expected, (place, body)


@pytest.mark.parametrize("text", HARD)
def test_texts_that_look_like_markdown_come_back_whole(text: str) -> None:
    check_everywhere(text)


@settings(max_examples=120, deadline=None)
@given(TEXT)
@example("a\\")
@example("&#x")
def test_any_text_escaped_comes_back_whole_wherever_it_is_put(text: str) -> None:
    check_everywhere(text)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.text(st.sampled_from("风险 Risk*_`[]()<>#1.-|\\&!^:\n>~="), max_size=40), max_size=8
    )
)
def test_no_markdown_whatever_it_holds_breaks_reading_or_showing(lines: list[str]) -> None:
    body = "\n".join(lines)
    ids = re.findall(r'<h\d id="([^"]*)"', render(body, "/"))
    assert ids == [section.anchor for section in sections(body) if section.level]


def test_a_body_is_cut_into_its_sections() -> None:
    body = (
        "开头\n\n# 3.2 风险 Register\n\n见 **表** 一[^1]：\n\n| 风险 | 措施 |\n|---|---|\n| 延期 | 加班<br>外包 |\n\n"
        "## 结论 ##\n\n1. 第一\n    - 其一\n2. 第二\n\n[^1]: 出自 *周报*\n\n```python\n# 不是标题\n```\n"
    )
    assert sections(body) == [
        Section(0, 0, "", "", "开头"),
        Section(
            1,
            1,
            "3.2 风险 Register",
            "3-2-风险-register",
            "见 表 一：\n风险\t措施\n延期\t加班 外包",
        ),
        Section(2, 2, "结论", "结论", "1. 第一\n其一\n2. 第二\n出自 周报\n# 不是标题"),
    ]


def test_a_body_without_words_has_no_sections() -> None:
    assert sections("") == sections("\n \n") == []
    assert plain_text("\n\n") == ""
    assert render("", "/") == ""


@pytest.mark.parametrize(
    ("headings", "anchors"),
    [
        (["风险", "风险", "风险"], ["风险", "风险-2", "风险-3"]),
        (["a", "a-2", "a", "A"], ["a", "a-2", "a-3", "a-4"]),
        (["？！", "👍"], ["section", "section-2"]),
        (["1.1 R&D（二期）", "ＡＢＣ"], ["1-1-r-d-二期", "ａｂｃ"]),
        (["长" * 500], ["长" * 100]),
    ],
)
def test_anchors_are_readable_unique_and_never_empty(
    headings: list[str], anchors: list[str]
) -> None:
    body = "\n\n".join(f"# {escape(heading)}" for heading in headings)
    assert [section.anchor for section in sections(body)] == anchors
    assert re.findall(r'<h1 id="([^"]*)"', render(body, "/")) == anchors


def test_anchors_do_not_change_when_text_does() -> None:
    before = [section.anchor for section in sections("# 概述\n\na\n\n# 概述\n\nb")]
    assert [section.anchor for section in sections("新\n\n# 概述\n\n改\n\n# 概述\n")][1:] == before


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("**中文。**中文 与 *斜体*、`代码 *x*`", "中文。中文 与 斜体、代码 *x*"),
        ("2 * 3 * 4 = 24，snake_case_name", "2 * 3 * 4 = 24，snake_case_name"),
        ('见 [手册](https://a.b/c_(d) "说明") 和 <https://x.y/z>', "见 手册 和 https://x.y/z"),
        ("图![部署图](files/a.png)下", "图 部署图 下"),
        ("[参考][r] 与 [r]\n\n[r]: https://a.b", "参考 与 r"),
        ("R&amp;D &lt;x&gt; &copy; H<sub>2</sub>O", "R&D <x> © H2O"),
        ("List<String> 与 <项目名称> 与 <b>粗</b>", "List<String> 与 <项目名称> 与 粗"),
        ("标题\n===\n\n小标题\n---\n正文", "标题 小标题 正文"),
        ("甲 <!-- 注释 --> 乙", "甲 乙"),
        ("- [ ] 待办\n- - 双层\n***\n+ 加", "[ ] 待办 双层 加"),
        ("<table>\n<tr><td>a</td><td>b<br>c</td></tr>\n</table>", "a b c"),
        ("[^无] 没有这条脚注", "[^无] 没有这条脚注"),
    ],
)
def test_markdown_written_by_hand_is_read_as_it_is_shown(markdown: str, text: str) -> None:
    assert folded(plain_text(markdown)) == text
    page = render(markdown, "/")
    if "![" not in markdown:
        assert folded(shown(page.replace("<br>", " ").replace("</td>", " "))) == text


@pytest.mark.parametrize(
    ("markdown", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("[x](javascript:alert(1))", "javascript:"),
        ('<a href="javascript:alert(1)">x</a>', "javascript:"),
        ('<img src="x" onerror="alert(1)">', "onerror"),
        ("![](https://example.com/spy.png)", "https://example.com"),
        ('<table><tr><td style="x" onclick="y">z</td></tr></table>', "onclick"),
        ('<h1 id="search">x</h1>', "id="),
        ("<iframe src=x></iframe>", "<iframe"),
        ("![a](data:image/svg+xml;base64,x)", "data:"),
        ('<li class="evil">x</li>', "evil"),
    ],
)
def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(markdown: str, never: str) -> None:
    assert never not in render(markdown, "/files/")


def test_pictures_and_links_of_the_document_lead_to_its_stored_files() -> None:
    page = render(
        "![图](files/ab.png) [附件](files/c.xlsx) [外](https://x.y)", "/documents/7/files/"
    )
    assert 'src="/documents/7/files/ab.png"' in page
    assert 'href="/documents/7/files/c.xlsx"' in page
    assert '<a href="https://x.y" rel="noopener">' in page


def test_footnotes_are_numbered_in_the_order_they_are_referred_to() -> None:
    page = render(
        "# 一\n\n甲[^b] 乙[^a] 丙[^b]\n\n[^a]: 第二\n\n# 二\n\n[^b]: 第一\n\n[^c]: 没人提到\n", "/"
    )
    assert page.index("第一") < page.index("第二") < page.index("没人提到")
    assert page.count('href="#fn:1"') == 2
    assert page.count('id="fnref:1"') == 1


def test_merged_tables_keep_their_spans() -> None:
    assert '<td rowspan="2" colspan="3">' in render(
        '<table><tr><td rowspan="2" colspan="3">x</td></tr></table>', "/"
    )


def test_numbers_that_markdown_cannot_count_stand_without_a_bullet() -> None:
    page = render("- （一）目标\n- 1.1 范围\n- a) Scope\n- 2024 年的事\n- 普通", "/")
    assert page.count('<li class="labelled">') == 3


@pytest.mark.parametrize(
    "line",
    [
        "风险 *高* a\\_b [说明](http://a.b) ",
        "[[[[",
        "*a _b ",
        "`` ` ",
        "<table> ",
        "<b ",
        "- x\n",
        "| a | b |\n",
        "# x\n",
        "[^1]: x\n",
    ],
)
def test_a_large_body_takes_time_in_proportion_to_its_size(line: str) -> None:
    def seconds(body: str) -> float:
        start = time.thread_time()
        sections(body)
        render(body, "/")
        return time.thread_time() - start

    small, large = "# 标题\n\n" + line * 2_000, "# 标题\n\n" + line * 16_000
    # Eight times as much may take eight times as long; the square would be sixty-four. The best of three, because other
    # work of the machine and the collection of garbage only ever add.
    best = [min(seconds(body) for _ in range(3)) for body in (large, small)]
    assert best[0] < 30 * max(best[1], 0.03)


def test_the_examples_in_the_tour_are_true() -> None:
    assert doctest.testmod(kb.markdown).failed == 0
