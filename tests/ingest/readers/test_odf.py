"""OpenDocument: text, presentations; what is shown is carried, what is deleted or hidden is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import read
from kb.drafts import Draft
from kb.errors import DamagedFile, NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import ODF_SPACES, PNG, odf, words

LIST = "<text:list>{}</text:list>"
ITEM = "<text:list-item><text:p>{}</text:p>{}</text:list-item>"


def odt(
    folder: Path, body: str, *, styles: str = "", more: dict[str, bytes | str] | None = None
) -> Draft:
    return read(odf(folder / "a.odt", "text", body, styles=styles, more=more), "a.odt")


def style(name: str, looks: str, parent: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:parent-style-name="{parent}">'
        f"<style:text-properties {looks}/></style:style>"
    )


@pytest.mark.parametrize(
    ("xml", "markdown"),
    [
        ('<text:h text:outline-level="2">二、风险</text:h>', "## 二、风险\n"),
        (
            "<text:p>甲<text:line-break/>乙<text:tab/>丙<text:s text:c='3'/>丁</text:p>",
            "甲  \n乙 丙 丁\n",
        ),
        (
            '<text:p><text:a xlink:href="https://x.cn">链接</text:a> <text:a xlink:href="#x">内</text:a></text:p>',
            "[链接](https://x.cn) 内\n",
        ),
        ("<text:p>rare 𠮷 👍 a*b &lt;c&gt;</text:p>", "rare 𠮷 👍 a\\*b &lt;c>\n"),
        ("<text:section><text:p>一</text:p><text:p/></text:section>", "一\n"),
        (
            LIST.format(
                f"{ITEM.format('一', LIST.format(ITEM.format('二', '')))}{ITEM.format('三', '')}"
            ),
            "- 一\n    - 二\n- 三\n",
        ),
    ],
)
def test_text_is_written_as_markdown(tmp_path: Path, xml: str, markdown: str) -> None:
    found = odt(tmp_path, xml)
    assert found.body == markdown
    assert found.ledger.coverage == 100.0


def test_looks_come_through_styles_and_their_parents(tmp_path: Path) -> None:
    styles = (
        style("B", 'fo:font-weight="bold"')
        + style("BI", 'fo:font-style="italic"', "B")
        + style("H", 'text:display="none"')
    )
    body = (
        '<text:p>a <text:span text:style-name="BI">粗斜</text:span>'
        '<text:span text:style-name="H">藏</text:span></text:p>'
    )
    assert odt(tmp_path, body, styles=styles).body == "a ***粗斜***\n"


def test_a_style_that_is_its_own_parent_does_no_harm(tmp_path: Path) -> None:
    styles = style("X", 'fo:font-weight="bold"', "X")
    assert (
        odt(
            tmp_path,
            '<text:p><text:span text:style-name="X">粗</text:span></text:p>',
            styles=styles,
        ).body
        == "**粗**\n"
    )


def test_numbered_lists_count_from_where_they_start(tmp_path: Path) -> None:
    styles = (
        '<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1" '
        'text:start-value="3"/></text:list-style>'
    )
    items = "".join(f"<text:list-item><text:p>{one}</text:p></text:list-item>" for one in "xy")
    assert (
        odt(tmp_path, f'<text:list text:style-name="N">{items}</text:list>', styles=styles).body
        == "3. x\n4. y\n"
    )


def test_insertions_are_carried_and_deletions_are_not(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>删去</text:p></text:deletion></text:changed-region>"
        "</text:tracked-changes><text:p>留<text:change-start/>新增<text:change-end/></text:p>"
    )
    assert words(odt(tmp_path, body)) == "留新增"


def test_footnotes_comments_and_page_headers_go_where_they_belong(tmp_path: Path) -> None:
    body = (
        "<text:p>正文<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>脚注</text:p></text:note-body>"
        "</text:note>。<office:annotation><dc:creator>李娜</dc:creator><text:p>核对</text:p></office:annotation></text:p>"
    )
    page = (
        f"<office:document-styles {ODF_SPACES}><office:master-styles>"
        "<style:master-page><style:header><text:p>内部资料</text:p>"
        "</style:header></style:master-page></office:master-styles></office:document-styles>"
    )
    found = odt(tmp_path, body, more={"styles.xml": page})
    assert found.body == "正文[^1]。\n\n[^1]: 脚注\n"
    assert found.notes == ("李娜: 核对",)
    assert found.metadata["header"] == "内部资料"
    assert found.ledger.coverage == 100.0


def test_tables_with_covered_cells_pictures_boxes_and_formulas_are_carried(tmp_path: Path) -> None:
    body = (
        "<table:table><table:table-row><table:table-cell "
        'table:number-columns-spanned="2"><text:p>合并</text:p></table:table-cell>'
        "<table:covered-table-cell/></table:table-row><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        '<text:p>图<draw:frame><draw:image xlink:href="Pictures/x.png"/>'
        '<svg:title xmlns:svg="s">进度</svg:title></draw:frame>'
        "<draw:frame><draw:text-box><text:p>框</text:p></draw:text-box></draw:frame>"
        '<draw:frame><draw:object xlink:href="./O1"/></draw:frame></text:p>'
    )
    math = '<math xmlns="m"><mi>a</mi><mo>+</mo><mi>b</mi></math>'
    found = odt(tmp_path, body, more={"Pictures/x.png": PNG, "O1/content.xml": math})
    (picture,) = found.pictures
    assert "".join(plain_text(found.body).split()) == "合并ab图进度a+b框"
    assert f"![进度](files/{picture.name})" in found.body
    assert 'colspan="2"' in found.body


def test_generated_tables_of_contents_are_left_out(tmp_path: Path) -> None:
    body = (
        "<text:table-of-content><text:index-body><text:p>目录 1</text:p>"
        "</text:index-body></text:table-of-content><text:p>正文</text:p>"
    )
    found = odt(tmp_path, body)
    assert words(found) == "正文"
    assert found.ledger.coverage == 100.0


def test_properties_are_read(tmp_path: Path) -> None:
    meta = (
        f"<office:document-meta {ODF_SPACES}><office:meta>"
        "<dc:creator>李娜</dc:creator><meta:keyword>风险</meta:keyword>"
        '<dc:date>2023-05-01T00:00:00</dc:date><meta:user-defined meta:name="项目编号">A1</meta:user-defined>'
        "</office:meta></office:document-meta>"
    )
    found = odt(tmp_path, "<text:p>x</text:p>", more={"meta.xml": meta})
    assert found.authors == ("李娜",)
    assert found.tags == ("风险",)
    assert str(found.dated) == "2023-05-01"
    assert found.metadata["项目编号"] == "A1"


def test_each_page_of_a_presentation_is_a_section_with_its_notes(tmp_path: Path) -> None:
    body = (
        '<draw:page><draw:frame presentation:class="title"><draw:text-box>'
        "<text:p>项目总结</text:p></draw:text-box></draw:frame>"
        "<draw:g><draw:frame><draw:text-box><text:p>按期</text:p></draw:text-box></draw:frame></draw:g>"
        "<presentation:notes><draw:frame><draw:text-box><text:p>讲稿</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>"
        "<draw:page><draw:custom-shape><text:p>无题页</text:p></draw:custom-shape></draw:page>"
    )
    found = read(odf(tmp_path / "a.odp", "presentation", body), "a.odp")
    assert found.body == "## 项目总结\n\n按期\n\n> 讲稿\n\n## 第 2 页\n\n无题页\n"
    assert [one.heading for one in sections(found.body)] == ["项目总结", "第 2 页"]
    assert found.ledger.coverage == 100.0


def test_files_without_content_or_without_a_word_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        odt(tmp_path, "<text:p/>")
    with pytest.raises(DamagedFile):
        odt(tmp_path, "", more={"content.xml": "<office:document-content/>"})
    with pytest.raises(DamagedFile):
        odt(tmp_path, "", more={"content.xml": f"<office:document-content {ODF_SPACES}/>"})
