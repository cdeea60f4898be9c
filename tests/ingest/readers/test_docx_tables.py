"""Tables of Word: simple ones as pipe tables, merged and nested ones as HTML, no cell lost."""

from __future__ import annotations

from pathlib import Path

from kb.markdown import plain_text, render
from tests.ingest.readers.word_files import cell, level, numbered, numbering, p, read, run, table


def test_a_simple_table_becomes_a_pipe_table(tmp_path: Path) -> None:
    body = table(("风险", "Owner"), ("延期 | 超支", "李娜"), (cell(p("第一") + p("second")), ""))
    draft = read(tmp_path, body)
    assert draft.body == (
        "| 风险 | Owner |\n| --- | --- |\n| 延期 \\| 超支 | 李娜 |\n| 第一<br>second |  |\n"
    )
    assert draft.ledger.counts["tables"].carried == 1


def test_merged_cells_keep_their_place(tmp_path: Path) -> None:
    down, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    body = table(
        (cell("阶段", '<w:gridSpan w:val="2"/>'), "状态"),
        (cell("实施", down), "开发", "完成"),
        (cell("", on), "测试", "in progress"),
    )
    draft = read(tmp_path, body)
    assert draft.body == (
        '<table>\n<tr><td colspan="2">阶段</td><td>状态</td></tr>\n'
        '<tr><td rowspan="2">实施</td><td>开发</td><td>完成</td></tr>\n'
        "<tr><td>测试</td><td>in progress</td></tr>\n</table>\n"
    )
    assert 'rowspan="2"' in render(draft.body, "/")
    assert plain_text(draft.body).split() == [
        "阶段",
        "状态",
        "实施",
        "开发",
        "完成",
        "测试",
        "in",
        "progress",
    ]


def test_text_left_in_a_covered_cell_is_not_lost(tmp_path: Path) -> None:
    body = table(
        (cell("上", '<w:vMerge w:val="restart"/>'), "a"),
        (cell("遗留", "<w:vMerge/>"), "b"),
    )
    assert plain_text(read(tmp_path, body).body).split() == ["上", "遗留", "a", "b"]


def test_cells_merged_the_old_way_across(tmp_path: Path) -> None:
    body = table(
        (cell("宽", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), "窄"), ("1", "2", "3")
    )
    assert '<td colspan="2">宽</td><td>窄</td>' in read(tmp_path, body).body


def test_a_table_in_a_table_stands_in_its_cell(tmp_path: Path) -> None:
    inner = table(("里", "in"), ("1", "2"))
    body = table(("外", cell(p("前") + inner + p("后"))), ("x", "y"))
    draft = read(tmp_path, body)
    assert "<td><p>前</p><table><tr><td>里</td><td>in</td></tr>" in draft.body
    assert draft.ledger.counts["tables"].carried == 2
    assert plain_text(draft.body).split() == ["外", "前", "里", "in", "1", "2", "后", "x", "y"]


def test_marked_header_rows_are_headers(tmp_path: Path) -> None:
    wide = cell("合计", '<w:gridSpan w:val="2"/>')
    body = table(("项", "数"), (wide,)).replace(
        "<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 1
    )
    assert "<tr><th>项</th><th>数</th></tr>" in read(tmp_path, body).body


def test_a_first_row_in_bold_is_a_header(tmp_path: Path) -> None:
    bold = [cell(p(run(text, "<w:b/>"))) for text in ("项", "数")]
    body = table(bold, (cell("合计", '<w:gridSpan w:val="2"/>'),))
    assert "<th><strong>项</strong></th>" in read(tmp_path, body).body


def test_a_table_of_one_cell_is_only_a_frame(tmp_path: Path) -> None:
    draft = read(tmp_path, table((cell(p("提示：先备份") + p("Then migrate")),)))
    assert draft.body == "提示：先备份\n\nThen migrate\n"
    assert draft.ledger.counts["tables"].carried == 1


def test_lists_and_headings_in_cells_keep_their_numbers(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {
        "numbering.xml": numbering(level("decimal", "%1."), level("bullet", "•"))
    }
    body = table(
        ("步骤", cell(numbered("备份") + numbered("迁移") + numbered("细节", 1))), ("x", "y")
    )
    draft = read(tmp_path, body, parts)
    assert "1. 备份<br>2. 迁移<br>• 细节" in draft.body


def test_footnotes_and_pictures_in_merged_tables_work(tmp_path: Path) -> None:
    from tests.ingest.readers.word_files import NAMESPACES

    notes = f'<w:footnotes {NAMESPACES}><w:footnote w:id="1">{p("口径见附录")}</w:footnote></w:footnotes>'
    mark = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    body = table((cell(p(run("金额") + mark), '<w:gridSpan w:val="2"/>'),), ("1", "2"))
    draft = read(tmp_path, body, {"footnotes.xml": notes})
    assert plain_text(draft.body).split() == ["金额", "1", "2", "口径见附录"]
    page = render(draft.body, "/")
    assert '<sup id="fnref:1"><a href="#fn:1"' in page


def test_tags_in_cells_are_text(tmp_path: Path) -> None:
    body = table(
        (
            cell(
                "<w:p><w:r><w:t>&lt;b&gt;粗&lt;/b&gt; &lt;script&gt;</w:t></w:r></w:p>",
                '<w:gridSpan w:val="2"/>',
            ),
        ),
        ("1", "2"),
    )
    draft = read(tmp_path, body)
    assert plain_text(draft.body).split() == ["<b>粗</b>", "<script>", "1", "2"]
    assert "<script>" not in render(draft.body, "/")


def test_absurd_spans_and_deep_nesting_do_no_harm(tmp_path: Path) -> None:
    body = table((cell("宽", '<w:gridSpan w:val="999999999"/>'), "x"), ("1", "2"))
    assert 'colspan="1000"' in read(tmp_path, body).body
    nested = table(("底", "y"))
    for _ in range(30):
        nested = table((cell(nested + p()), "z"))
    assert "底" in plain_text(read(tmp_path, nested).body)
