"""Documents written to Word: what was on the page is in the file, and comes back when the file is read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from lxml import etree
from lxml import html as lxml_html

from ingest.readers import read
from ingest.writers.word import Page, Properties, write_word
from ingest.writers.word_grid import grid
from kb.config import Settings
from kb.drafts import Draft
from kb.errors import InvalidInput
from kb.markdown import plain_text, render, sections

HOUSE_STYLE = Settings().corpus_dir / "house-style.docx"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c63606060f80f00010401005f0a2d3b0000000049454e44ae426082"
)
SPANNED = (
    '<table><tr><td rowspan="2">A</td><td colspan="2">B</td></tr><tr><td>C</td>'
    "<td><table><tr><td>inner 内</td></tr></table></td></tr></table>"
)


def written(body: str, style: Path = HOUSE_STYLE, **more: object) -> bytes:
    page = Page("题目 Title", "zh", render(body, "files/"), **more)  # type: ignore[arg-type]
    return write_word([page], Properties("题目 Title", ["李娜", "Chen Wei"], ["风险"]), style)


def back(content: bytes, folder: Path) -> Draft:
    path = folder / "back.docx"
    path.write_bytes(content)
    return read(path, path.name)


@pytest.mark.parametrize(
    "body",
    [
        "一句话。\n\nA sentence with **bold**, *italic*, ~~no strike~~ and 𠮷 🚀 Ｆｕｌｌ　ｗｉｄｔｈ 風險。",  # noqa: RUF001  full-width on purpose
        "# 1 目标\n\n正文\n\n## 1.1 Scope\n\ntext\n\n###### 最低\n\nend",
        "1. 甲\n2. 乙\n    - 丙\n    - 丁\n3. 戊\n\nparagraph\n\n1. again\n2. from one",
        "- 1\\) labelled\n- 一、自带编号",
        "| 风险 | 措施 | Owner |\n|---|---|---|\n| 延期 | **每周**检查 | 李娜 |\n| a | b | c |",
        SPANNED,
        "> 引用一段\n> second line\n\n```python\nif x:\n    print('码')\n```\n\n---\n\nafter the rule",
        "见[网站](https://example.org/路径?q=1)、[邮件](mailto:a@example.org)、[别处](/documents/12) and [up](#1-目标)",
        "正文[^1]与再次[^1]，还有[^注]。\n\n[^1]: 第一个 **注脚**\n\n[^注]: second note",
        "a < b && c > d \"quoted\" 'single' \\* not a list",
    ],
)
def test_every_word_comes_back(body: str, tmp_path: Path) -> None:
    before, after = plain_text(body), plain_text(back(written(body), tmp_path).body)
    assert sorted(before.split()) == sorted(after.replace("题目 Title", "", 1).split())


def test_headings_keep_their_levels_and_tables_their_shape(tmp_path: Path) -> None:
    body = (
        "# 一\n\nx\n\n## 二\n\n"
        '<table><tr><td rowspan="2">A</td><td colspan="2">B</td></tr>'
        "<tr><td>C</td><td>D</td></tr></table>\n"
    )
    draft = back(written(body), tmp_path)
    levels = [(each.level, each.heading) for each in sections(draft.body) if each.heading]
    assert levels == [(1, "一"), (2, "二")]
    assert '<td rowspan="2">A</td><td colspan="2">B</td>' in draft.body


def test_each_ordered_list_begins_anew_and_two_tables_stay_two(tmp_path: Path) -> None:
    body = "1. a\n2. b\n\ntext\n\n1. c\n\n| t |\n|---|\n| 1 |\n\n| u |\n|---|\n| 2 |\n"
    draft = back(written(body), tmp_path)
    assert draft.body.count("1. ") == 2
    assert draft.ledger.counts["tables"].carried == 2
    assert draft.body.count("<table>") == 2


def test_footnotes_are_footnotes_and_a_second_reference_is_the_same_one() -> None:
    content = written("正文[^a]与再次[^a]。\n\n[^a]: 注 *note*\n")
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        notes = etree.fromstring(package.read("word/footnotes.xml"))
        text = package.read("word/document.xml").decode()
    own = [each for each in notes if int(each.get(f"{{{notes.nsmap['w']}}}id", "0")) > 0]
    assert len(own) == 1
    assert "".join(own[0].itertext()).strip() == "注 note"
    assert text.count("w:footnoteReference ") == 2


def test_pictures_are_in_the_file_and_one_that_word_cannot_hold_leaves_its_words(
    tmp_path: Path,
) -> None:
    pictures = {"a.png": PIXEL, "b.svg": b"<svg/>"}
    body = "![现场照片](files/a.png)\n\n![drawing 图](files/b.svg)\n\n![gone 缺](files/c.png)\n"
    content = written(body, picture=pictures.get)
    draft = back(content, tmp_path)
    assert [picture.content for picture in draft.pictures] == [PIXEL]
    assert "![现场照片]" in draft.body
    assert "drawing 图" in draft.body
    assert "gone 缺" in draft.body


def test_links_within_the_site_lead_to_the_site_and_scripts_nowhere() -> None:
    content = written(
        "[页](/documents/12) [x](javascript:alert(1))", site="http://kb.example:8000/"
    )
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        links = package.read("word/_rels/document.xml.rels").decode()
    assert 'Target="http://kb.example:8000/documents/12"' in links
    assert "javascript" not in links


def test_a_book_has_each_document_as_a_chapter_on_a_page_of_its_own() -> None:
    pages = [
        Page("第一章", "zh", render("# 节\n\n一", "files/")),
        Page("Two", "en", render("two", "")),
    ]
    document = docx.Document(io.BytesIO(write_word(pages, Properties("书 Book"), HOUSE_STYLE)))
    looks = [
        (each.style.name, each.text) for each in document.paragraphs if each.text and each.style
    ]
    assert looks == [
        ("Title", "书 Book"), ("Heading 1", "第一章"), ("Heading 2", "节"), ("Normal", "一"),
        ("Heading 1", "Two"), ("Normal", "two"),
    ]  # fmt: skip
    chapters = [each for each in document.paragraphs if each.text in {"第一章", "Two"}]
    assert all(each.paragraph_format.page_break_before for each in chapters)


def test_the_house_style_can_be_replaced_and_its_text_stays_out(tmp_path: Path) -> None:
    own = docx.Document()
    own.styles["Normal"].font.name = "SimSun"
    own.add_paragraph("secret text of the style file")
    for style in [style for style in own.styles if style.type == WD_STYLE_TYPE.PARAGRAPH]:
        if (style.name or "").startswith("Heading"):
            style.delete()
    own.save(str(tmp_path / "own.docx"))
    content = written("# 标题\n\n正文", tmp_path / "own.docx")
    document = docx.Document(io.BytesIO(content))
    assert document.styles["Normal"].font.name == "SimSun"
    assert "secret" not in "".join(each.text for each in document.paragraphs)
    # A style file without heading styles still gives headings.
    assert [s.heading for s in sections(back(content, tmp_path).body) if s.heading] == ["标题"]


def test_a_house_style_that_is_no_word_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "style.docx").write_text("no zip")
    with pytest.raises(InvalidInput, match=r"style\.docx"):
        written("x", tmp_path / "style.docx")


def test_the_file_says_who_wrote_it() -> None:
    core = docx.Document(io.BytesIO(written("x"))).core_properties
    assert (core.title, core.author, core.keywords) == ("题目 Title", "李娜, Chen Wei", "风险")


def test_control_characters_and_deep_nesting_break_nothing(tmp_path: Path) -> None:
    body = "<div>" * 300 + "深 deep" + "</div>" * 300 + "\n\n" + "> " * 80 + "quote \x0b\x00"
    body += "\n\n" + "<b>" * 3000 + "fat" + "</b>" * 3000
    text = plain_text(back(written(body), tmp_path).body)
    assert all(word in text for word in ("深 deep", "quote", "fat"))


@pytest.mark.parametrize(
    ("table", "widths"),
    [
        ("<tr><td>a</td><td>b</td></tr>", [2]),
        ('<tr><td colspan="3">a</td></tr><tr><td>b</td></tr>', [3, 1]),
        ('<tr><td rowspan="9">a</td><td>b</td></tr><tr><td>c</td></tr>', [2, 2]),
        ('<tr><td>a</td><td rowspan="2">b</td></tr><tr><td colspan="5">c</td></tr>', [2, 2]),
        ('<tr><td rowspan="3">a</td></tr><tr></tr><tr><td>b</td></tr>', [1, 1, 2]),
        ('<tr><td colspan="999999">a</td></tr>', [1]),
        ('<tr><td colspan="9999">a</td><td>lost</td></tr>', [63]),
    ],
)
def test_spans_cover_the_columns_that_browsers_give_them(table: str, widths: list[int]) -> None:
    rows = list(lxml_html.fragment_fromstring(f"<table>{table}</table>").iter("tr"))
    assert [len(line) for line in grid(rows)] == widths
