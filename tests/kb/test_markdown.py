"""Markdown: what is written as text comes back as the same text, in sections, in plain text and on the page."""

from __future__ import annotations

import html
import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.markdown import escape, plain_text, render, sections

# Everything a file may hold: no surrogates; line breaks and controls are folded by `escape`.
TEXT = st.text(
    st.one_of(
        st.sampled_from("*_`[]()<>|\\#&!~=-+.: \t\n0123456789abz风险项目，（）一、　\u00a0𠮷👍é"),
        st.characters(exclude_categories=["Cs", "Cc"]),
    ),
    max_size=60,
)
HARD = [
    "1. 项目背景",
    "- not a list",
    "# 不是标题",
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
]


def folded(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x08\x0e-\x1b\x7f]", "", text).split())


def shown(markup: str) -> str:
    return folded(html.unescape(re.sub(r"<[^>]*>", "", markup)))


def in_examples(test):
    for text in HARD:
        test = example(text)(test)
    return test


@pytest.mark.parametrize("place", ["paragraph", "bullet", "nested", "cell", "heading", "bold", "quotation"])
def test_any_text_escaped_comes_back_whole_wherever_it_is_put(place: str) -> None:
    bodies = {
        "paragraph": "{}\n",
        "bullet": "- {}\n- x\n",
        "nested": "1. x\n    - {}\n",
        "cell": "| x | {} |\n|---|---|\n| {} | x |\n",
        "heading": "## {}\n\nx\n",
        "bold": "x **{}** x\n",
        "quotation": "> {}\n",
    }

    @settings(max_examples=150, deadline=None)
    @in_examples
    @given(TEXT)
    def holds(text: str) -> None:
        if not text.strip() or not folded(text):
            return
        body = bodies[place].format(*[escape(text)] * 2)
        count = bodies[place].count("{}")
        words = folded(text)
        read = folded(plain_text(body))
        extra = {"bullet": 1, "nested": 1, "cell": 2, "heading": 1, "bold": 2}.get(place, 0)
        assert read.count(words) >= count, (body, read)
        rest = read
        for _ in range(count):
            before, _, after = rest.partition(words)
            rest = f"{before} {after}"
        if words not in {"x", "1.", "1"}:
            left = rest.replace("1.", "") if place == "nested" else rest
            assert sorted(left.split()) == ["x"] * extra, (body, read)
        markup = shown(render(body, "/files/"))
        if place != "nested":
            assert markup.split() == read.split()
        else:
            assert markup.split() == read.split()[1:]

    holds()


def test_a_large_body_takes_time_in_proportion_to_its_size() -> None:
    def seconds(body: str) -> float:
        start = time.perf_counter()
        sections(body)
        render(body, "/")
        return time.perf_counter() - start

    for line in ("风险 *高* a\\_b [说明](http://a.b) ", "[[[[", "*a _b ", "`` ` ", "<table> ", "- x\n", "| a | b |\n"):
        small, large = "# 标题\n\n" + line * 5_000, "# 标题\n\n" + line * 40_000
        assert seconds(large) < 30 * max(seconds(small), 0.02), line
