"""From past work: what identifies a project is out of the file, wherever it stood, and the form takes its place."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from ingest.doctemplate_past import look_at, strip
from ingest.doctemplates import inspect
from kb.doctemplate_stripping import Known
from kb.errors import UnsupportedFormat
from tests.ingest.office_templates import excel, texts, word

HYPERLINK = RELATIONSHIP_TYPE.HYPERLINK
KNOWN = Known(
    own=(("project.code", "CL-2024-005"), ("project.name", "东港冷链物流中心"), ("project.manager", "顾欣然")),
    names=(("person", "江雨禾"), ("customer", "东港冷链")),
)  # fmt: skip


@pytest.fixture
def report() -> bytes:
    document = docx.Document()
    document.core_properties.author = "顾欣然"
    document.core_properties.last_modified_by = "江雨禾"
    document.core_properties.identifier = "CL-2024-005"
    document.core_properties.title = "东港冷链物流中心项目总结"
    document.sections[0].header.paragraphs[0].text = "CL-2024-005 总结"
    paragraph = document.add_paragraph("项目经理：顾")
    paragraph.add_run("欣").bold = True
    paragraph.add_run("然，电话 13812345678，2025-11-07 验收")
    document.add_paragraph("停工31个工作日，另付1,200万元。")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "客户"
    table.cell(0, 1).text = "东港冷链"
    document.add_paragraph("配置写作 {{ host }}，循环写作 {%% x %%}。".replace("%%", "%"))
    linked = document.add_paragraph()
    document.part.relate_to("https://pmo.example/CL-2024-005", HYPERLINK, is_external=True)
    related = document.part.relate_to(
        "mailto:gu.xinran@chengling.example", HYPERLINK, is_external=True
    )
    hidden = (
        (
            f'<w:hyperlink {nsdecls("w", "r")} r:id="{related}" w:tooltip="顾欣然">'
            "<w:r><w:t>邮件</w:t></w:r></w:hyperlink>"
        ),
        f'<w:del {nsdecls("w")} w:id="9" w:author="江雨禾"><w:r><w:delText>东港冷链不同意</w:delText></w:r></w:del>',
        f'<w:r {nsdecls("w")}><w:instrText> HYPERLINK "mailto:jiang@chengling.example" </w:instrText></w:r>',
    )
    for xml in hidden:
        body: Any = linked._p
        body.append(parse_xml(xml))
    document.add_comment(paragraph.runs, text="江雨禾 说再核对", author="江雨禾", initials="JYH")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def all_bytes(content: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return "\n".join(
            archive.read(name).decode("utf-8", "replace") for name in archive.namelist()
        )


def test_nothing_that_names_the_project_is_left_anywhere_in_the_file(report: bytes) -> None:
    made = strip(report, "a.docx", KNOWN, "zh", kept=())
    whole = all_bytes(made)
    for name in (
        "顾欣然",
        "江雨禾",
        "东港冷链",
        "CL-2024-005",
        "13812345678",
        "2025-11-07",
        "1,200万元",
        "JYH",
        "chengling.example",
    ):
        assert name not in whole, name


def test_the_result_is_a_template_whose_form_asks_for_what_was_stripped(report: bytes) -> None:
    made = strip(report, "a.docx", KNOWN, "zh", kept=())
    fields = {(field.name, field.type) for field in inspect(made, "a.docx", "zh").fields}
    assert {
        ("project.code", "text"),
        ("project.manager", "person"),
        ("日期 1", "date"),
        ("电话 1", "text"),
    } <= fields
    assert "配置写作 { host }，循环写作 { x }。" in texts(made)


def test_what_is_kept_stays(report: bytes) -> None:
    kept = {("number", "31个工作日"), ("date", "2025-11-07"), ("customer", "东港冷链")}
    lines = texts(strip(report, "a.docx", KNOWN, "zh", kept))
    assert "停工31个工作日，另付{{ text:金额 1 }}。" in lines
    assert any("2025-11-07 验收" in line for line in lines)
    assert "东港冷链" in lines


def test_the_preview_counts_and_shows_the_words_around(report: bytes) -> None:
    work = look_at(report, "a.docx", KNOWN, "zh")
    found = {each.text: each for each in work.found}
    assert found["13812345678"].context.startswith("项目经理：顾欣然，电话 13812345678")
    assert work.comments == 2
    assert work.pictures == 0


def test_a_report_without_anything_becomes_a_template_as_it_is() -> None:
    content = word("只有一般的话。", "Nothing special 𠮷 🚀")
    assert look_at(content, "a.docx", KNOWN, "zh").found == ()
    assert texts(strip(content, "a.docx", KNOWN, "zh", ())) == texts(content)


def test_a_workbook_is_no_past_work() -> None:
    with pytest.raises(UnsupportedFormat):
        look_at(excel({"A1": "x"}), "a.xlsx", KNOWN, "zh")
