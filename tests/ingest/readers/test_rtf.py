# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Rich text: every code page, every escape, and nothing that Word does not show."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.drafts import Draft
from kb.errors import NoText
from kb.markdown import plain_text
from tests.ingest.readers.office_files import PNG, draft, words


def rtf(folder: Path, body: str, head: str = "\\ansicpg936") -> Draft:
    return draft(folder, "a.rtf", f"{{\\rtf1\\ansi{head} {body}}}".encode("latin-1"))


def hexed(text: str, encoding: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


@pytest.mark.parametrize(
    ("text", "encoding", "head"),
    [
        ("项目总结：节约 １２０ 万元", "gbk", "\\ansicpg936"),
        ("專案結案報告", "big5", "\\ansicpg950"),
        ("Überblick café", "cp1252", "\\ansicpg1252"),
        ("Отчёт", "cp1251", "\\ansicpg1251"),
    ],
)
def test_the_code_page_of_the_document_is_used(
    tmp_path: Path, text: str, encoding: str, head: str
) -> None:
    assert words(rtf(tmp_path, hexed(text, encoding), head)) == text


def test_each_font_has_its_own_character_set(tmp_path: Path) -> None:
    fonts = "{\\fonttbl{\\f0\\fcharset134 SimSun;}{\\f1\\fcharset136 MingLiU;}{\\f2\\fcharset204 Arial;}}"
    body = f"{fonts}{{\\f0 {hexed('项目', 'gbk')}}}{{\\f1 {hexed('專案', 'big5')}}}{{\\f2 {hexed('Отчёт', 'cp1251')}}}"
    assert words(rtf(tmp_path, body, "\\ansicpg1252")) == "项目專案Отчёт"


def test_unicode_escapes_skip_their_substitutes(tmp_path: Path) -> None:
    body = (
        "\\uc1\\u39033?\\u30446?{\\uc2\\u24635??}\\uc0\\u32467\\uc1 \\u-10179?\\u-8695? \\u8217'x"
    )
    assert words(rtf(tmp_path, body)) == "项目总结😉 ’x"


def test_half_a_character_pair_is_dropped(tmp_path: Path) -> None:
    assert words(rtf(tmp_path, "a\\u-10178?b\\u-8375?c")) == "abc"


def test_paragraphs_breaks_looks_and_symbols(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        "one\\line two\\par {\\b bold}\\i  it\\i0  {\\strike s}\\par \\ldblquote x\\rdblquote\\emdash\\~y\\par",
    )
    assert found.body == "one  \ntwo\n\n**bold** *it* <del>s</del>\n\n“x”— y\n"


def test_hidden_and_deleted_text_and_instructions_are_left_out(tmp_path: Path) -> None:
    body = (
        "{\\*\\generator Word}{\\v hidden}{\\deleted gone}{\\colortbl;\\red0;}{\\*\\unknown secret}shown"
        '{\\field{\\*\\fldinst HYPERLINK "https://x.cn"}{\\fldrslt link}}'
    )
    found = rtf(tmp_path, body)
    assert found.body == "shown[link](https://x.cn)\n"
    assert found.ledger.coverage == 100.0


def test_headings_come_from_outline_levels_and_from_styles(tmp_path: Path) -> None:
    styles = (
        "{\\stylesheet{\\s0 Normal;}{\\s1 heading 1;}{\\s2\\outlinelevel1 "
        + hexed("小节", "gbk")
        + ";}}"
    )
    found = rtf(
        tmp_path,
        styles
        + "\\pard\\s1 One\\par\\pard\\s2 Two\\par\\pard\\outlinelevel2 Three\\par\\pard text\\par",
    )
    assert found.body == "# One\n\n## Two\n\n### Three\n\ntext\n"


def test_lists_keep_their_numbers_and_levels(tmp_path: Path) -> None:
    def item(label: str, text: str, level: int = 0) -> str:
        return f"{{\\listtext {label}\\tab}}\\pard\\ls1\\ilvl{level} {text}\\par "

    body = (
        item("1.", "one")
        + item("\\bullet", "sub", 1)
        + item("2.", "two")
        + item("(a)", "three")
        + "\\pard end\\par"
    )
    assert rtf(tmp_path, body).body == "1. one\n    - sub\n2. two\n- (a) three\n\nend\n"


def test_tables_are_tables(tmp_path: Path) -> None:
    row = "\\trowd\\cellx1\\cellx2\\pard\\intbl {}\\cell {}\\cell\\row "
    merged = "\\trowd\\clmgf\\cellx1\\clmrg\\cellx2\\pard\\intbl both\\cell\\cell\\row "
    found = rtf(tmp_path, row.format("a", "b\\par c") + row.format("1", "2") + "\\pard after\\par")
    assert found.body == "| a | b<br>c |\n| --- | --- |\n| 1 | 2 |\n\nafter\n"
    found = rtf(tmp_path, row.format("a", "b") + merged)
    assert plain_text(found.body) == "a\tb\nboth"
    assert 'colspan="2"' in found.body


def test_footnotes_comments_headers_and_properties_go_where_they_belong(tmp_path: Path) -> None:
    info = f"{{\\info{{\\title {hexed('风险办法', 'gbk')}}}{{\\author Li Na}}{{\\keywords a; b}}}}"
    body = (
        info
        + "{\\header internal\\par}text{\\footnote note\\par}{\\*\\atnauthor Bob}{\\*\\annotation check\\par}.\\par"
    )
    found = rtf(tmp_path, body)
    assert found.body == "text[^1].\n\n[^1]: note\n"
    assert found.notes == ("Bob: check",)
    assert found.metadata["header"] == "internal"
    assert (found.title, found.authors, found.tags) == ("风险办法", ("Li Na",), ("a", "b"))


def test_pictures_travel_along_and_drawings_are_named(tmp_path: Path) -> None:
    found = rtf(
        tmp_path,
        f"x{{\\pict\\pngblip {PNG.hex()}}}{{\\pict\\emfblip 0100}}{{\\pict\\pngblip\\bin4 \x00{{}}\\}}y",
    )
    assert [one.content for one in found.pictures] == [PNG]
    assert words(found).replace(" ", "") == "xy"
    assert (found.ledger.counts["pictures"].found, found.ledger.counts["pictures"].carried) == (
        3,
        1,
    )


@pytest.mark.parametrize(
    "body",
    [
        "a{\\b b{\\i c",
        "a}}}}b",
        "a\\",
        "a{\\*",
        "a\\'4",
        "a\\u999999999?b",
        "{" * 20_000 + "a" + "}" * 20_000,
    ],
)
def test_broken_rich_text_gives_what_it_has(tmp_path: Path, body: str) -> None:
    assert "a" in words(draft(tmp_path, "x.rtf", b"{\\rtf1\\ansi " + body.encode()))


def test_rich_text_without_a_word_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        rtf(tmp_path, "\\par\\par")
