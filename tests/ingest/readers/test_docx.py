# ruff: noqa: RUF001  full-width signs are part of what is tested
"""The Word reader: everything Word shows reaches the document, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.readers import docx_line
from ingest.readers.docx_names import w
from kb.errors import NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.word_files import (
    NAMESPACES,
    PNG,
    cell,
    heading_styles,
    p,
    read,
    run,
    table,
    write,
)


def words(folder: Path, body: str) -> str:
    return " ".join(plain_text(read(folder, body).body).split())


@pytest.mark.parametrize(
    "text",
    [
        "项目在 2023 年按期上线，节约 １２０ 万元。",
        "Delivered on time: 98% of 1,200 users (see §3).",
        "專案經理 Li Na 負責 R&D <系统集成> a*b_c [1] 𠮷 👍 |",
        "1. 不是列表 # - > `x` ~~~ &amp; ÄÖÜ ﬁ ①㎡",
    ],
)
def test_text_comes_through_as_it_is(tmp_path: Path, text: str) -> None:
    assert words(tmp_path, p(text)) == text


def test_a_tracked_insertion_is_carried_and_a_deletion_is_not(tmp_path: Path) -> None:
    body = p(
        run("工期")
        + f'<w:ins w:id="1" w:author="李">{run("延长两周")}</w:ins>'
        + '<w:del w:id="2" w:author="李"><w:r><w:delText>缩短一周</w:delText></w:r></w:del>'
        + f'<w:moveFrom w:id="3">{run("moved")}</w:moveFrom>'
        + run("，")
        + f'<w:moveTo w:id="4">{run("moved")}</w:moveTo>'
    )
    draft = read(tmp_path, body)
    assert plain_text(draft.body) == "工期延长两周，moved"
    assert draft.ledger.counts["insertions"].found == draft.ledger.counts["insertions"].carried == 2
    assert draft.ledger.coverage == 100


def test_a_paragraph_whose_mark_was_deleted_runs_on_into_the_next(tmp_path: Path) -> None:
    deleted = '<w:rPr><w:del w:id="1"/></w:rPr>'
    assert words(tmp_path, p("风险登", properties=deleted) + p("记册")) == "风险登记册"


def test_deleted_rows_and_tables_are_not_carried(tmp_path: Path) -> None:
    gone = '<w:tr><w:trPr><w:del w:id="1"/></w:trPr>' + cell("旧") + cell("old") + "</w:tr>"
    half = table(("项", "值")).replace("</w:tbl>", gone + "</w:tbl>")
    draft = read(tmp_path, p("表") + half + f"<w:tbl>{gone}</w:tbl>")
    assert plain_text(draft.body).split() == ["表", "项", "值"]
    assert (draft.ledger.counts["tables"].found, draft.ledger.counts["tables"].carried) == (1, 1)
    assert draft.ledger.losses == []


def test_hidden_text_is_left_out_whether_hidden_itself_or_by_its_style(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {NAMESPACES}><w:style w:type="character" w:styleId="H"><w:name w:val="secret"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style>"
        '<w:style w:type="paragraph" w:styleId="P"><w:name w:val="secret paragraph"/>'
        "<w:rPr><w:vanish/></w:rPr></w:style></w:styles>"
    )
    body = (
        p(
            run("看得见")
            + run("隐藏", "<w:vanish/>")
            + run("hidden", '<w:rStyle w:val="H"/>')
            + run("again", '<w:vanish w:val="0"/>')
        )
        + p("整段隐藏", style="P")
        + p(run("shown", '<w:vanish w:val="false"/>'), style="P")
    )
    draft = read(tmp_path, body, {"styles.xml": styles})
    assert plain_text(draft.body) == "看得见again\nshown"
    assert draft.ledger.coverage == 100


def test_a_text_box_is_carried_once_though_it_is_stored_twice(tmp_path: Path) -> None:
    inside = f"<w:txbxContent>{p('重点：先试点')}</w:txbxContent>"
    body = p(
        run("正文")
        + '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><a:graphic><wps:txbx>'
        + inside
        + "</wps:txbx></a:graphic></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>"
        + inside
        + "</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    draft = read(tmp_path, body)
    assert plain_text(draft.body) == "正文\n重点：先试点"
    assert (draft.ledger.counts["text_boxes"].found, draft.ledger.counts["text_boxes"].carried) == (
        1,
        1,
    )


def test_the_older_copy_is_read_when_the_newer_one_says_nothing(tmp_path: Path) -> None:
    body = p(
        '<w:r><mc:AlternateContent><mc:Choice Requires="x"><w:drawing/></mc:Choice><mc:Fallback><w:pict><v:textbox>'
        f"<w:txbxContent>{p('只在旧版里')}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    draft = read(tmp_path, body)
    assert plain_text(draft.body) == "只在旧版里"
    assert draft.ledger.coverage == 100


def test_content_controls_smart_tags_and_unknown_wrappers_are_seen_through(tmp_path: Path) -> None:
    body = (
        f"<w:sdt><w:sdtPr><w:alias w:val='x'/></w:sdtPr><w:sdtContent>{p('块级控件')}</w:sdtContent></w:sdt>"
        + p(
            f"<w:sdt><w:sdtContent>{run('inline')}</w:sdtContent></w:sdt>"
            f"<w:smartTag>{run(' 标签')}</w:smartTag>"
        )
        + p(f"<w:customXml>{run('custom')}</w:customXml><w:strange>{run(' 未知')}</w:strange>")
        + table(("甲", "乙")).replace(
            cell("乙"), f"<w:sdt><w:sdtContent>{cell('控件格')}</w:sdtContent></w:sdt>"
        )
    )
    assert words(tmp_path, body) == "块级控件 inline 标签 custom 未知 甲 控件格"


def test_fields_show_their_result_and_not_their_instructions(tmp_path: Path) -> None:
    def mark(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def code(text: str) -> str:
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    body = (
        p(run("第 ") + mark("begin") + code(" PAGE ") + mark("separate") + run("3") + mark("end") + run(" 页"))
        + p(f'<w:fldSimple w:instr=" AUTHOR ">{run("李娜")}</w:fldSimple>')
        + p(mark("begin") + code(' HYPERLINK "https://example.com/a" ') + mark("separate") + run("手册") + mark("end"))
        + p(mark("begin") + code(r" eq \o\ac(○,3) ") + mark("end"))
        + p(mark("begin") + code(r" SYMBOL 252 \f Wingdings ") + mark("end"))
        # A nested field whose result is part of an instruction is not shown either.
        + p(mark("begin") + code("IF ") + mark("begin") + code("X") + mark("separate") + run("内层") + mark("end")
            + mark("separate") + run("外层") + mark("end"))
        + p('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/></w:checkBox></w:ffData>'
            "</w:fldChar></w:r>" + mark("end") + run("已验收"))
    )  # fmt: skip
    draft = read(tmp_path, body)
    assert plain_text(draft.body).split("\n") == [
        "第 3 页",
        "李娜",
        "手册",
        "③",
        "✓",
        "外层",
        "☑已验收",
    ]
    assert "[手册](https://example.com/a)" in draft.body


def test_a_field_that_is_never_closed_swallows_nothing(tmp_path: Path) -> None:
    body = p(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> REF </w:instrText></w:r>'
        + run("以下")
    )
    assert words(tmp_path, body + p("正文都在")) == "以下 正文都在"


@pytest.mark.parametrize(
    ("properties", "written"),
    [
        ("<w:b/>", "见 **重点** 处"),
        ("<w:i/>", "见 *重点* 处"),
        ("<w:b/><w:i/>", "见 ***重点*** 处"),
        ('<w:b w:val="0"/>', "见 重点 处"),
        ('<w:vertAlign w:val="superscript"/>', "见 <sup>重点</sup> 处"),
        ('<w:vertAlign w:val="subscript"/>', "见 <sub>重点</sub> 处"),
    ],
)
def test_looks_that_mean_something_are_kept(tmp_path: Path, properties: str, written: str) -> None:
    draft = read(tmp_path, p(run("见") + run(" 重点 ", properties) + run("处")))
    assert draft.body.strip() == written


def test_links_lead_out_only_to_safe_addresses(tmp_path: Path) -> None:
    body = p(
        f'<w:hyperlink r:id="l1">{run("官网 (a)")}</w:hyperlink><w:hyperlink r:id="l2">{run("脚本")}</w:hyperlink>'
        f'<w:hyperlink w:anchor="b">{run("书签")}</w:hyperlink>'
    )
    draft = read(
        tmp_path,
        body,
        related={
            "l1": ("hyperlink", "https://example.com/a (b)?q=风险"),
            "l2": ("hyperlink", "javascript://alert(1)"),
        },
    )
    assert draft.body.strip() == "[官网 (a)](https://example.com/a%20%28b%29?q=风险)脚本书签"


def test_breaks_tabs_hyphens_and_symbols_show_what_word_shows(tmp_path: Path) -> None:
    body = p(
        run("一")
        + "<w:r><w:tab/><w:t>二</w:t><w:noBreakHyphen/><w:t>三</w:t><w:softHyphen/><w:br/><w:t>四</w:t></w:r>"
        + '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Symbol" w:char="F0B3"/></w:r>'
        + run("\uf0e0", '<w:rFonts w:ascii="Wingdings"/>')
    )
    draft = read(tmp_path, body)
    assert draft.body == "一 二-三  \n四☑≥→\n"
    assert draft.ledger.coverage == 100


def test_footnotes_and_endnotes_follow_their_section(tmp_path: Path) -> None:
    def notes(kind: str, *texts: str) -> str:
        separators = f'<w:{kind} w:id="-1" w:type="separator">{p("分隔")}</w:{kind}>'
        written = "".join(
            f'<w:{kind} w:id="{at}">{p(text)}</w:{kind}>' for at, text in enumerate(texts, 1)
        )
        return f"<w:{kind}s {NAMESPACES}>{separators}{written}</w:{kind}s>"

    mark = '<w:r><w:{kind}Reference w:id="{at}"/></w:r>'
    body = (
        p("一", style="1")
        + p(
            run("成本")
            + mark.format(kind="footnote", at=2)
            + run("超支")
            + mark.format(kind="endnote", at=1)
        )
        + p("二", style="1")
        + p(run("完") + mark.format(kind="footnote", at=1))
    )
    draft = read(
        tmp_path,
        body,
        {
            "styles.xml": heading_styles(),
            "footnotes.xml": notes("footnote", "第一条 note", "见财务部报表"),
            "endnotes.xml": notes("endnote", "尾注"),
        },
    )
    assert "成本[^1]超支[^e1]" in draft.body
    first, second = sections(draft.body)
    assert (first.heading, first.text) == ("一", "成本超支\n见财务部报表\n尾注")
    assert (second.heading, second.text) == ("二", "完\n第一条 note")
    assert draft.ledger.counts["footnotes"].carried == 3


def test_comments_are_notes_with_their_author_and_what_they_are_about(tmp_path: Path) -> None:
    comments = (
        f'<w:comments {NAMESPACES}><w:comment w:id="5" w:author="王强" w:date="2024-03-01T08:00:00Z">'
        f"{p('依据是什么？')}</w:comment></w:comments>"
    )
    body = p(
        run("预算")
        + '<w:commentRangeStart w:id="5"/>'
        + run("增加三成")
        + '<w:commentRangeEnd w:id="5"/><w:r><w:commentReference w:id="5"/></w:r>'
    )
    draft = read(tmp_path, body, {"comments.xml": comments})
    assert draft.notes == ("王强 2024-03-01 “增加三成”: 依据是什么？",)
    assert plain_text(draft.body) == "预算增加三成"


def test_page_headers_and_footers_are_metadata(tmp_path: Path) -> None:
    body = (
        p("正文")
        + '<w:sectPr><w:headerReference w:type="default" r:id="h1"/><w:headerReference w:type="first" r:id="h2"/>'
        '<w:footerReference w:type="default" r:id="f1"/></w:sectPr>'
    )
    draft = read(
        tmp_path,
        body,
        {
            "header1.xml": f"<w:hdr {NAMESPACES}>{p('远帆集团 · 内部资料')}</w:hdr>",
            "header2.xml": f"<w:hdr {NAMESPACES}>{p('First page')}</w:hdr>",
            "footer1.xml": f"<w:ftr {NAMESPACES}>{table(('密级', '秘密'))}</w:ftr>",
        },
        {
            "h1": ("header", "header1.xml"),
            "h2": ("header", "header2.xml"),
            "f1": ("footer", "footer1.xml"),
        },
    )
    assert draft.metadata["header"] == "远帆集团 · 内部资料 · First page"
    assert draft.metadata["footer"] == "密级 秘密"
    assert plain_text(draft.body) == "正文"
    assert draft.ledger.counts["headers"].carried == 3


def test_words_that_stand_only_in_the_margins_become_the_document(tmp_path: Path) -> None:
    draft = read(
        tmp_path,
        '<w:sectPr><w:headerReference w:type="default" r:id="h"/></w:sectPr>',
        {"header1.xml": f"<w:hdr {NAMESPACES}>{p('空白表格 编号 17')}</w:hdr>"},
        {"h": ("header", "header1.xml")},
    )
    assert plain_text(draft.body) == "空白表格 编号 17"


def picture(relation: str, descr: str = "") -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图片 1" descr="{descr}"/><a:graphic>'
        f'<a:blip r:embed="{relation}"/></a:graphic></wp:inline></w:drawing></w:r>'
    )


def test_pictures_travel_along_once_with_what_somebody_said_of_them(tmp_path: Path) -> None:
    body = p(run("架构") + picture("i1", "部署架构图")) + p(picture("i1", "C:\\temp\\image1.png"))
    draft = read(tmp_path, body, {"media/image1.png": PNG}, {"i1": ("image", "media/image1.png")})
    (kept,) = draft.pictures
    assert kept.content == PNG
    assert kept.media_type == "image/png"
    assert draft.body == f"架构![部署架构图](files/{kept.name})\n\n![](files/{kept.name})\n"
    assert (draft.ledger.counts["pictures"].found, draft.ledger.counts["pictures"].carried) == (
        2,
        2,
    )


def test_pictures_that_cannot_be_shown_or_are_missing_are_named(tmp_path: Path) -> None:
    body = p(run("图") + picture("i1") + picture("i2") + picture("i3") + picture("i9"))
    draft = read(
        tmp_path,
        body,
        {"media/image1.emf": b"\x01\x00\x00\x00emf"},
        {
            "i1": ("image", "media/image1.emf"),
            "i2": ("image", "https://example.com/x.png"),
            "i3": ("image", "media/gone.png"),
        },
    )
    assert draft.ledger.counts["pictures"].carried == 0
    assert len(draft.ledger.losses) == 4
    assert any("EMF" in loss for loss in draft.ledger.losses)
    assert any("https://example.com/x.png" in loss for loss in draft.ledger.losses)


def test_equations_can_be_read(tmp_path: Path) -> None:
    def t(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    power = f"<m:sSup><m:e>{t('b')}</m:e><m:sup>{t('2')}</m:sup></m:sSup>"
    body = p(
        f"<m:oMath>{t('x=')}<m:f><m:num>{t('−b±')}<m:rad><m:deg/><m:e>{power}{t('−4ac')}</m:e></m:rad></m:num>"
        f"<m:den>{t('2a')}</m:den></m:f></m:oMath>"
    ) + p(
        f"<m:oMathPara><m:oMath><m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>{t('i=1')}</m:sub>"
        f"<m:sup>{t('n')}</m:sup><m:e>{t('成本')}</m:e></m:nary></m:oMath></m:oMathPara>"
    )
    draft = read(tmp_path, body)
    assert draft.body.strip() == (
        "x=(−b±√(b<sup>2</sup>−4ac))/2a\n\n∑<sub>i=1</sub><sup>n</sup> 成本"
    )
    assert draft.ledger.counts["equations"].carried == 2


def test_charts_and_diagrams_give_their_words(tmp_path: Path) -> None:
    chart = (
        f"<c:chartSpace {NAMESPACES}><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>进度偏差</a:t></a:r>"
        "</a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'>"
        "<c:v>实际</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        "<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>一月</c:v></c:pt></c:strCache>"
        "</c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx='0'><c:v>12</c:v></c:pt></c:numCache>"
        "</c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>"
        for text in ("立项", "Close")
    )
    diagram = f"<dgm:dataModel {NAMESPACES}><dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"
    body = p('<w:r><w:drawing><c:chart r:id="c1"/></w:drawing></w:r>') + p(
        '<w:r><w:drawing><dgm:relIds r:dm="d1"/></w:drawing></w:r>'
    )
    draft = read(
        tmp_path,
        body,
        {"charts/chart1.xml": chart, "diagrams/data1.xml": diagram},
        {"c1": ("chart", "charts/chart1.xml"), "d1": ("diagramData", "diagrams/data1.xml")},
    )
    assert plain_text(draft.body).split() == ["进度偏差", "实际", "一月", "12", "立项", "Close"]
    assert draft.ledger.counts["charts"].carried == draft.ledger.counts["diagrams"].carried == 1


def test_an_embedded_file_is_named_and_what_can_be_read_of_it_is_carried(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    content = write(inner / "x.docx", p("附件里的教训：尽早测试")).read_bytes()
    body = p(
        '<w:r><w:object><o:OLEObject ProgID="Word.Document.12" r:id="e1"/></w:object></w:r>'
    ) + p('<w:r><w:object><o:OLEObject ProgID="Visio.Drawing.15" r:id="e2"/></w:object></w:r>')
    draft = read(
        tmp_path,
        body,
        {"embeddings/附件1.docx": content, "embeddings/plan.vsd": b"\x00\x01\x02garbage"},
        {"e1": ("package", "embeddings/附件1.docx"), "e2": ("oleObject", "embeddings/plan.vsd")},
    )
    assert plain_text(draft.body).split("\n") == [
        "附件1.docx",
        "附件里的教训：尽早测试",
        "plan.vsd",
    ]
    assert (
        draft.ledger.counts["embedded_files"].found,
        draft.ledger.counts["embedded_files"].carried,
    ) == (2, 1)
    assert any("plan.vsd" in loss and "Visio.Drawing.15" in loss for loss in draft.ledger.losses)


def test_a_file_that_embeds_itself_again_and_again_ends(tmp_path: Path) -> None:
    body = p("层") + p(
        '<w:r><w:object><o:OLEObject ProgID="Word.Document.12" r:id="e"/></w:object></w:r>'
    )
    content: bytes = b""
    for _ in range(6):
        parts: dict[str, str | bytes] = {"embeddings/x.docx": content} if content else {}
        content = write(
            tmp_path / "x.docx", body, parts, {"e": ("package", "embeddings/x.docx")}
        ).read_bytes()
    draft = read(
        tmp_path, body, {"embeddings/x.docx": content}, {"e": ("package", "embeddings/x.docx")}
    )
    assert draft.body.count("层") == 3
    assert any("too deep" in loss for loss in draft.ledger.losses)


def test_a_part_of_the_document_kept_in_another_format_is_read(tmp_path: Path) -> None:
    html = "<html><body><h1>会议结论</h1><p>Phase two starts in May.</p></body></html>"
    draft = read(
        tmp_path,
        p("前") + '<w:altChunk r:id="k"/>' + p("后"),
        {"afchunk.html": html},
        {"k": ("aFChunk", "afchunk.html")},
    )
    assert plain_text(draft.body).split("\n") == [
        "前",
        "会议结论",
        "Phase two starts in May.",
        "后",
    ]


def test_a_file_without_a_word_says_so(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        read(tmp_path, p() + p("  "))
    with pytest.raises(NoText, match="pictures"):
        read(tmp_path, p(picture("i")), {"media/i.png": PNG}, {"i": ("image", "media/i.png")})


def test_what_is_lost_is_counted_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A reader that forgets links stands for any fault of ours: the ledger must not believe the reader.
    monkeypatch.setitem(docx_line._HANDLERS, w("hyperlink"), lambda line, element: None)
    draft = read(
        tmp_path, p(run("四个字的") + f'<w:hyperlink w:anchor="x">{run("遗失")}</w:hyperlink>')
    )
    assert draft.ledger.counts["characters"].found == 6
    assert draft.ledger.counts["characters"].carried == 4
    assert draft.ledger.coverage == pytest.approx(66.67)
    assert "2 of 6 characters did not reach the document." in draft.ledger.losses


def test_properties_and_keywords_are_read(tmp_path: Path) -> None:
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        "<dc:title>供应链平台结项报告</dc:title><dc:creator>李娜;Wang Qiang</dc:creator>"
        "<cp:keywords>供应链, ERP</cp:keywords>"
        "<dcterms:modified>2024-05-06T07:08:09Z</dcterms:modified></cp:coreProperties>"
    )
    draft = read(tmp_path, p("正文"), {"/docProps/core.xml": core})
    assert draft.title == "供应链平台结项报告"
    assert draft.authors == ("李娜", "Wang Qiang")
    assert draft.tags == ("供应链", "ERP")
    assert draft.kind.value == "summary"
    assert str(draft.dated) == "2024-05-06"
