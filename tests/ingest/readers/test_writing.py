# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Writing Markdown: what is written reads back as the words that were meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.readers.drafting import Findings, finish, page_name
from ingest.readers.writing import (
    Cell,
    Run,
    blocks,
    code_block,
    heading,
    inline,
    listing,
    quote,
    table,
)
from kb.markdown import plain_text, render

# Words as documents have them, with every sign Markdown knows.
TEXTS = st.text(
    alphabet=st.sampled_from([*"ab1 项目。，｜×*_`[](){}<>#+-.!|&;:\\/~=\"'", "𠮷", "👍"]),
    min_size=1,
    max_size=30,
).filter(lambda text: text.strip())


def squeezed(text: str) -> str:
    return " ".join(text.split())


@given(TEXTS)
def test_any_text_reads_back_as_it_was(text: str) -> None:
    assert squeezed(plain_text(blocks([inline([Run(text)])]))) == squeezed(text)
    assert squeezed(plain_text(blocks([heading(2, [Run(text)])]))) == squeezed(text)
    assert squeezed(plain_text(table([[Cell.of(text)], [Cell.of("x")]]))) == f"{squeezed(text)} x"


@given(TEXTS)
def test_any_text_in_a_table_of_html_reads_back_as_it_was(text: str) -> None:
    written = table([[Cell([[Run(text)]], columns=2)], [Cell.of("x"), Cell.of("y")]])
    assert written.startswith("<table>")
    assert squeezed(plain_text(written)) == f"{squeezed(text)} x y"


@pytest.mark.parametrize(
    ("runs", "markdown"),
    [
        ([Run("粗", bold=True), Run("体", bold=True)], "**粗体**"),
        ([Run(" a ", bold=True), Run("b")], "**a** b"),
        ([Run("a", italic=True, bold=True)], "***a***"),
        ([Run("x", strike=True)], "<del>x</del>"),
        ([Run("a`b", code=True)], "``a`b``"),
        ([Run("a\nb")], "a  \nb"),
        ([Run("注", href="https://x.cn/a (1)")], "[注](https://x.cn/a%20%281%29)"),
        ([Run("x", href="javascript:alert(1)")], "x"),
        ([Run("x", href="../a.docx")], "x"),
        ([Run("1", footnote=True)], "[^1]"),
        ([Run("a]b", picture="files/x.png")], "![a\\]b](files/x.png)"),
        ([Run("a\x00\x0bb\ufeff")], "ab"),
        ([Run("  "), Run("")], ""),
    ],
)
def test_looks_are_written(runs: list[Run], markdown: str) -> None:
    assert inline(runs) == markdown


def test_a_line_that_looks_like_a_list_or_heading_is_text() -> None:
    for text in ("1. 不是列表", "- x", "# x", "> x", "+ y", "===", "~~~"):
        assert plain_text(inline([Run(text)])) == text


def test_lists_quotations_and_code_nest() -> None:
    assert listing(["一\n\n二", "三"]) == "- 一\n\n    二\n- 三"
    assert listing(["x", "y"], start=4) == "4. x\n5. y"
    assert quote("a\n\nb") == "> a\n>\n> b"
    assert code_block("x\n```\ny") == "````\nx\n```\ny\n````"


def test_tables_are_as_wide_as_their_widest_row_and_empty_ones_are_none() -> None:
    assert (
        table([[Cell.of("a")], [Cell.of("b"), Cell.of("c|d\ne")]])
        == "| a | |\n| --- | --- |\n| b | c\\|d<br>e |"
    )
    assert table([]) == table([[Cell(), Cell.of(" ")]]) == ""


def test_a_table_of_html_is_shown_with_its_covered_cells() -> None:
    shown = render(
        table([[Cell([[Run("合并", bold=True)]], columns=2)], [Cell.of("a"), Cell.of("b")]]),
        "/files/",
    )
    assert '<th colspan="2"><strong>合并</strong></th>' in shown


def test_pictures_are_named_by_their_content_and_kept_once() -> None:
    found = Findings()
    first, again = found.picture(b"x", "image/png"), found.picture(b"x", "image/png")
    assert first == again == f"files/{next(iter(found.pictures))}"
    assert found.picture(b"x", "image/x-emf") == found.picture(b"", "image/png") == ""
    assert len(found.pictures) == 1


@pytest.mark.parametrize(
    ("text", "body", "carried"),
    [
        ("项目总结", "项目总结", 4),
        ("项目总结", "项目", 2),
        ("abc", "# a\n\n**b** c", 3),
        ("aab", "ab", 2),
    ],
)
def test_the_ledger_counts_what_is_missing_from_the_body(
    text: str, body: str, carried: int
) -> None:
    from ingest.formats import Format

    counted = finish(Findings(text=text, body=body), "a.txt", Format.TEXT).ledger.counts[
        "characters"
    ]
    assert (counted.found, counted.carried) == (len(text), carried)


def test_pages_are_called_in_the_language_of_their_text() -> None:
    assert page_name(3, "项目总结") == "第 3 页"
    assert page_name(3, "project summary") == "Page 3"
    assert page_name(3, "project", english="Slide") == "Slide 3"
