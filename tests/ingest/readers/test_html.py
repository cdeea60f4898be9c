"""Web pages: what a reader sees, and nothing a machine does."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kb.errors import NoText
from kb.markdown import plain_text
from tests.ingest.readers.office_files import PNG, draft, words


def page(folder: Path, body: str, head: str = "", encoding: str = "utf-8") -> str:
    return draft(
        folder, "a.html", f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding)
    ).body


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<h1>项目 总结</h1><p>按期<b>上线</b>。</p>", "# 项目 总结\n\n按期**上线**。\n"),
        ("<p>a <i> b </i>c<br>d</p>", "a *b* c  \nd\n"),
        ("<ul><li>一<ul><li>二</li></ul><li>三</ul>", "- 一\n    - 二\n- 三\n"),
        ("<ol start=3><li>x<li>y</ol>", "3. x\n4. y\n"),
        ("<p>1. 不是列表 <code>a*b</code> c_d</p>", "1\\. 不是列表 `a*b` c\\_d\n"),
        ("<blockquote><p>甲</p><p>乙</p></blockquote>", "> 甲\n>\n> 乙\n"),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```\n"),
        ("loose <div>块</div> tail", "loose\n\n块\n\ntail\n"),
        ("<dl><dt>里程碑</dt><dd>上线</dd></dl>", "**里程碑**\n\n上线\n"),
        (
            "<p><a href='https://x.cn/a b'>链接</a> <a href='#x'>内</a></p>",
            "[链接](https://x.cn/a%20b) 内\n",
        ),
        ("<p><a href='javascript:alert(1)'>x</a><a href='data:text/html,x'>y</a></p>", "xy\n"),
    ],
)
def test_what_stands_on_a_page_is_written_as_markdown(
    tmp_path: Path, html: str, markdown: str
) -> None:
    assert page(tmp_path, html) == markdown


def test_nothing_a_machine_reads_is_carried(tmp_path: Path) -> None:
    body = (
        "<script>bad()</script><style>p{}</style><noscript>n</noscript><nav>menu</nav><template>t</template>"
        "<p style='display:none'>hidden</p><p hidden>gone</p><!-- c --><p>留下</p>"
    )
    found = draft(tmp_path, "a.html", f"<html><body>{body}</body></html>")
    assert words(found) == "留下"
    assert found.ledger.coverage == 100.0


def test_a_table_of_data_is_a_table_and_one_for_layout_is_not(tmp_path: Path) -> None:
    data = "<table><tr><th>问题<th>措施<tr><td>延期|超支<td>检查<br>复盘</table>"
    assert (
        page(tmp_path, data) == "| 问题 | 措施 |\n| --- | --- |\n| 延期\\|超支 | 检查<br>复盘 |\n"
    )
    layout = f"<table><tr><td><h2>目录</h2></td><td>{data}</td></tr></table>"
    assert page(tmp_path, layout).startswith("## 目录\n\n| 问题 | 措施 |")


def test_a_table_with_covered_cells_keeps_them(tmp_path: Path) -> None:
    found = page(
        tmp_path,
        "<table><tr><td colspan=2>合并<td>c<tr><td rowspan=2>a<td>b<td>d<tr><td>e<td>f</table>",
    )
    assert found.startswith('<table>\n<tr><th colspan="2">合并</th><th>c</th></tr>')
    assert plain_text(found) == "合并\tc\na\tb\td\ne\tf"


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("gb18030", "gb2312"),
        ("big5", "big5"),
        ("utf-8", "utf-8"),
        ("utf-8", ""),
        ("gb18030", ""),
        ("utf-8", "gb2312"),
    ],
)
def test_the_character_set_is_the_real_one_even_against_a_wrong_declaration(
    tmp_path: Path, encoding: str, declared: str
) -> None:
    meta = (
        f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        if declared
        else ""
    )
    text = "專案結案報告與經驗" if encoding == "big5" else "项目结案报告与经验教训"
    assert page(tmp_path, f"<p>{text}</p>", meta, encoding).strip() == text


def test_properties_of_the_page_are_read(tmp_path: Path) -> None:
    head = "<title>风险 管理办法</title><meta name=author content='李娜'><meta name=keywords content='风险，登记册'>"
    found = draft(tmp_path, "a.html", f"<html><head>{head}</head><body>正文</body></html>")
    assert found.title == "风险 管理办法"
    assert found.authors == ("李娜",)
    assert found.tags == ("风险", "登记册")


def test_a_picture_within_the_page_is_stored_and_others_are_named(tmp_path: Path) -> None:
    inside = "data:image/png;base64," + base64.b64encode(PNG).decode()
    found = draft(
        tmp_path,
        "a.html",
        f"<html><p>图<img src='{inside}' alt='进度'><img src='http://x.cn/b.png' alt='另一'>",
    )
    (picture,) = found.pictures
    assert found.body == f"图![进度](files/{picture.name})另一\n"
    assert (found.ledger.counts["pictures"].found, found.ledger.counts["pictures"].carried) == (
        2,
        1,
    )


@pytest.mark.parametrize("depth", [300, 30_000])
def test_a_bottomless_page_is_read_as_far_as_it_goes(tmp_path: Path, depth: int) -> None:
    for tag in ("div", "span", "ul><li", "table><tr><td", "blockquote"):
        found = draft(tmp_path, "a.html", "<html><p>开始</p>" + f"<{tag}>" * depth + "深处")
        assert "开始" in words(found)


def test_a_blank_page_has_no_text(tmp_path: Path) -> None:
    for text in ("<html></html>", "<html><body><img src=x></body></html>", "<html><!-- c -->"):
        with pytest.raises(NoText):
            draft(tmp_path, "a.html", text)
