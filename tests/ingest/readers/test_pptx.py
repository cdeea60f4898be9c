# ruff: noqa: RUF001  full-width signs are part of what is tested
"""PowerPoint: each slide is a section with all its words, in the new format and the old one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ingest.readers import read
from kb.errors import DamagedFile, NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import PNG, links, ole2, ppt, pptx, record, shape, words

GROUP = "<p:grpSp>{}</p:grpSp>"


def body(folder: Path, *slides: str, **more: bytes | str) -> str:
    path = pptx(
        folder / "a.pptx",
        slides,
        more={name.replace("__", "/"): part for name, part in more.items()},
    )
    return read(path, "a.pptx").body


def paragraph(inner: str, looks: str = "") -> str:
    return f"<a:p><a:pPr {looks}</a:pPr>{inner}</a:p>" if looks else f"<a:p>{inner}</a:p>"


def run(text: str, looks: str = "") -> str:
    return f"<a:r><a:rPr {looks}/><a:t>{text}</a:t></a:r>"


def test_each_slide_is_a_section_under_its_title(tmp_path: Path) -> None:
    path = pptx(
        tmp_path / "a.pptx",
        [
            shape("项目总结", role="ctrTitle") + shape("2023 年 5 月", role="subTitle"),
            shape("要点", role="body") + shape("Lessons 教训", role="title"),
        ],
    )
    found = read(path, "汇报.pptx")
    assert found.title == "项目总结"
    assert [(one.heading, one.text) for one in sections(found.body)] == [
        ("项目总结", "2023 年 5 月"),
        ("Lessons 教训", "要点"),
    ]


def test_a_slide_without_a_title_is_called_by_its_number_in_its_language(tmp_path: Path) -> None:
    assert [
        one.heading for one in sections(body(tmp_path, shape("按期上线"), shape("on time")))
    ] == [
        "第 1 页",
        "Slide 2",
    ]


@pytest.mark.parametrize(
    "text", ["节约 １２０ 万元", "專案 𠮷 👍", "a*b &lt;c&gt; [d] |", "R&amp;D 100%"]
)
def test_text_comes_through_as_it_is(tmp_path: Path, text: str) -> None:
    found = read(pptx(tmp_path / "a.pptx", [shape("标题", role="title") + shape(text)]), "a.pptx")
    assert words(found) == "标题 " + text.replace("&lt;", "<").replace("&gt;", ">").replace(
        "&amp;", "&"
    )


def test_bullets_numbers_and_levels_become_lists(tmp_path: Path) -> None:
    bullets = "".join(
        paragraph(run(text), f'lvl="{level}">') for text, level in (("一", 0), ("二", 1), ("三", 0))
    )
    numbers = "".join(
        paragraph(run(text), '><a:buAutoNum type="arabicPeriod" startAt="3"/>') for text in "xy"
    )
    plain = paragraph(run("无符号"), "><a:buNone/>")
    found = body(tmp_path, shape(bullets, role="body") + shape(numbers) + shape(plain, role="body"))
    assert found.endswith("- 一\n    - 二\n- 三\n\n3. x\n4. y\n\n无符号\n")


def test_looks_breaks_and_links_are_kept(tmp_path: Path) -> None:
    inner = (
        run("粗", 'b="1"')
        + "<a:br/>"
        + '<a:r><a:rPr><a:hlinkClick r:id="l"/></a:rPr><a:t>链接</a:t></a:r>'
    )
    found = body(
        tmp_path,
        shape(paragraph(inner)),
        ppt__slides___rels__slide0_xml_rels="",
    )
    assert "**粗**  \n链接" in found
    path = pptx(
        tmp_path / "b.pptx",
        [shape(paragraph(inner))],
        more={"ppt/slides/_rels/slide0.xml.rels": links(("l", "hyperlink", "https://x.cn"))},
    )
    assert "[链接](https://x.cn)" in read(path, "b.pptx").body


def test_groups_are_opened_and_second_copies_are_not_read_twice(tmp_path: Path) -> None:
    alternate = (
        f"<mc:AlternateContent><mc:Choice>{shape('新')}</mc:Choice>"
        f"<mc:Fallback>{shape('旧')}</mc:Fallback></mc:AlternateContent>"
    )
    path = pptx(
        tmp_path / "a.pptx",
        [shape("题", role="title") + GROUP.format(GROUP.format(shape("深")) + alternate)],
    )
    found = read(path, "a.pptx")
    assert words(found) == "题 深 新"
    assert found.ledger.coverage == 100.0


def test_tables_are_tables_with_covered_cells(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody><a:p>{run(text)}</a:p></a:txBody></a:tc>"

    rows = (
        "<a:tr>"
        f"{cell('合并', 'gridSpan=' + chr(34) + '2' + chr(34))}{cell('', 'hMerge=' + chr(34) + '1' + chr(34))}</a:tr>"
    )
    rows += f"<a:tr>{cell('a')}{cell('b')}</a:tr>"
    frame = (
        "<p:graphicFrame><a:graphic><a:graphicData><a:tbl>"
        f"{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    found = body(tmp_path, shape("题", role="title") + frame)
    assert plain_text(found) == "题\n合并\na\tb"
    assert 'colspan="2"' in found


def test_notes_are_quoted_comments_are_notes_and_margins_are_metadata(tmp_path: Path) -> None:
    notes = (
        '<p:notes xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree>'
        f"{shape('讲稿：先讲背景', role='body')}{shape('7', role='sldNum')}</p:spTree></p:cSld></p:notes>"
    )
    comments = (
        '<p:cmLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
        "<p:cm><p:text>数字要核对</p:text></p:cm></p:cmLst>"
    )
    path = pptx(
        tmp_path / "a.pptx",
        [shape("题", role="title") + shape("内部资料", role="ftr") + shape("1", role="sldNum")],
        more={
            "ppt/slides/_rels/slide0.xml.rels": links(
                ("n", "notesSlide", "../n.xml"), ("c", "comments", "../c.xml")
            ),
            "ppt/n.xml": notes,
            "ppt/c.xml": comments,
        },
    )
    found = read(path, "a.pptx")
    assert found.body == "## 题\n\n> 讲稿：先讲背景\n"
    assert found.notes == ("Slide 1: 数字要核对",)
    assert found.metadata["footer"] == "内部资料"
    assert found.ledger.coverage == 100.0


def test_smartart_and_charts_are_words_and_numbers(tmp_path: Path) -> None:
    data = (
        '<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst>'
        + "".join(
            f"<dgm:pt><dgm:t><a:p>{run(text)}</a:p></dgm:t></dgm:pt>" for text in ("启动", "规划")
        )
        + "</dgm:ptLst></dgm:dataModel>"
    )
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><c:chart>'
        "<c:title><c:tx><c:rich><a:p><a:r><a:t>成本</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea><c:barChart>"
        "<c:ser><c:tx><c:v>实际</c:v></c:tx><c:cat><c:pt idx='0'><c:v>一季度</c:v></c:pt></c:cat>"
        "<c:val><c:pt idx='0'><c:v>4.4000000000000004</c:v></c:pt></c:val>"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    frames = (
        '<p:graphicFrame><dgm:relIds r:dm="d"/></p:graphicFrame>'
        '<p:graphicFrame><c:chart r:id="c"/></p:graphicFrame>'
    )
    path = pptx(
        tmp_path / "a.pptx",
        [shape("题", role="title") + frames],
        more={
            "ppt/slides/_rels/slide0.xml.rels": links(
                ("d", "diagramData", "../d.xml"), ("c", "chart", "../c.xml")
            ),
            "ppt/d.xml": data,
            "ppt/c.xml": chart,
        },
    )
    found = read(path, "a.pptx")
    assert (
        found.body
        == "## 题\n\n- 启动\n- 规划\n\n**成本**\n\n| | 实际 |\n| --- | --- |\n| 一季度 | 4.4 |\n"
    )
    assert found.ledger.coverage == 100.0


def test_pictures_travel_along_and_embedded_objects_are_named(tmp_path: Path) -> None:
    slide = (
        shape("题", role="title")
        + '<p:pic><p:nvPicPr><p:cNvPr descr="甘特图"/></p:nvPicPr><a:blip r:embed="i"/></p:pic>'
        '<p:graphicFrame><p:oleObj progId="Excel.Sheet.12"/></p:graphicFrame>'
    )
    path = pptx(
        tmp_path / "a.pptx",
        [slide],
        more={
            "ppt/slides/_rels/slide0.xml.rels": links(("i", "image", "../m/i.png")),
            "ppt/m/i.png": PNG,
        },
    )
    found = read(path, "a.pptx")
    (picture,) = found.pictures
    assert f"![甘特图](files/{picture.name})" in found.body
    assert found.ledger.losses == ["An embedded Excel.Sheet.12 was not carried."]


def test_the_properties_name_people_and_programs_are_none(tmp_path: Path) -> None:
    core = (
        "<dc:creator>李娜</dc:creator><cp:keywords>风险；质量</cp:keywords>"
        "<dcterms:modified>2023-05-01T00:00:00Z</dcterms:modified>"
    )
    found = read(pptx(tmp_path / "a.pptx", [shape("x")], core=core), "a.pptx")
    assert found.authors == ("李娜",)
    assert found.tags == ("风险", "质量")
    assert str(found.dated) == "2023-05-01"
    found = read(
        pptx(
            tmp_path / "b.pptx", [shape("x")], core="<dc:creator>Microsoft Office User</dc:creator>"
        ),
        "b.pptx",
    )
    assert found.authors == ()


def test_slides_without_a_word_have_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        read(pptx(tmp_path / "a.pptx", [shape(""), ""]), "a.pptx")


def test_a_presentation_without_its_main_part_is_damaged(tmp_path: Path) -> None:
    path = pptx(tmp_path / "a.pptx", [shape("x")], more={"_rels/.rels": links()})
    content = path.read_bytes().replace(b"ppt/presentation.xml", b"ppt/presentation.xmx")
    path.write_bytes(content)
    with pytest.raises(DamagedFile):
        read(path, "a.pptx")


def test_the_old_format_gives_the_same_sections(tmp_path: Path) -> None:
    streams = ppt(
        [
            {0: "项目总结 𠮷", 1: "按期\r节约 120 万", 4: "框中的话"},
            {0: "Lessons", 1: "Test early"},
            {4: "无题"},
        ],
        notes={1: "speak slowly"},
    )
    found = read(ole2(tmp_path / "a.ppt", streams), "汇报.ppt")
    assert found.format == "ppt"
    assert found.title == "项目总结 𠮷"
    assert found.body == (
        "## 项目总结 𠮷\n\n- 按期\n- 节约 120 万\n\n框中的话\n\n## "
        "Lessons\n\nTest early\n\n> speak slowly\n\n## 第 3 页\n\n无题\n"
    )
    assert found.ledger.coverage == 100.0


def test_a_comment_of_the_old_format_is_a_note(tmp_path: Path) -> None:
    streams = ppt([{0: "题"}])
    text = record(0x0FBA, "数字要核对".encode("utf-16-le"), instance=1)
    comment = record(0x2EE0, record(0x0FBA, "李娜".encode("utf-16-le")) + text, container=True)
    document = streams["PowerPoint Document"]
    slide = record(0x03EE, comment, container=True)
    directory = record(0x1772, struct.pack("<II", 1 << 20 | 2, len(document)))
    streams["PowerPoint Document"] = document + slide + directory
    assert read(ole2(tmp_path / "a.ppt", streams), "a.ppt").notes == ("Slide 1: 数字要核对",)


@pytest.mark.parametrize("cut", [10, 60, 200])
def test_a_broken_old_presentation_is_refused_with_a_reason(tmp_path: Path, cut: int) -> None:
    streams = ppt([{0: "题" * 40}])
    streams["PowerPoint Document"] = b"\xff" * cut + streams["PowerPoint Document"][cut:]
    with pytest.raises((DamagedFile, NoText)):
        read(ole2(tmp_path / "a.ppt", streams), "a.ppt")
