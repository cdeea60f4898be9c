# ruff: noqa: RUF001, DTZ001  full-width signs are part of what is tested, and cells know no time zone
"""Workbooks: each sheet is a section, its cells are tables, and what was left out is said."""

from __future__ import annotations

import struct
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.sheet_spans import xlsb_span
from ingest.readers.sheets import Value, shown
from kb.errors import DamagedFile, MislabelledFile, NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import biff, links, odf, ole2, words, xlsx

RISKS: list[list[str | float | None]] = [
    ["编号", "风险 Risk", "措施"],
    [1, "供应商延期|质量", "每周检查"],
    [2.5, "超支", None],
]
RISK_WORDS = "编号\t风险 Risk\t措施\n1\t供应商延期|质量\t每周检查\n2.5\t超支\t"


def test_each_sheet_is_a_section_and_empty_ones_are_not(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"风险登记册": RISKS, "空表": [], "Sheet3": [["完"]]})
    found = read(path, "a.xlsx")
    assert [(one.heading, one.text) for one in sections(found.body)] == [
        ("风险登记册", RISK_WORDS),
        ("Sheet3", "完"),
    ]
    assert found.ledger.coverage == 100.0


def test_the_old_format_and_opendocument_give_the_same(tmp_path: Path) -> None:
    old = read(ole2(tmp_path / "a.xls", biff("表", [["编号", "风险"], [1.0, "延期 𠮷"]])), "a.xls")
    assert plain_text(old.body) == "表\n编号\t风险\n1\t延期 𠮷"
    rows = "".join(
        "<table:table-row>"
        f"{''.join(f'<table:table-cell><text:p>{one}</text:p></table:table-cell>' for one in row)}</table:table-row>"
        for row in (["编号", "风险"], ["1", "延期 𠮷"])
    )
    new = read(
        odf(
            tmp_path / "a.ods", "spreadsheet", f'<table:table table:name="表">{rows}</table:table>'
        ),
        "a.ods",
    )
    assert new.body == old.body


def test_tables_on_one_sheet_are_parted_at_empty_rows_and_cut_to_what_is_filled(
    tmp_path: Path,
) -> None:
    rows: list[list[str | float | None]] = [
        [None, None],
        [None, "a", "b"],
        [None, 1, 2],
        [None],
        ["说明", None],
        [None, None, "合计"],
    ]
    found = read(xlsx(tmp_path / "a.xlsx", {"x": rows}), "a.xlsx")
    assert found.ledger.counts["tables"].carried == 2
    assert "| a | b |\n| --- | --- |\n| 1 | 2 |" in found.body


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1e+20"),
        (float("nan"), ""),
        (True, "TRUE"),
        (datetime(2023, 5, 1), "2023-05-01"),
        (datetime(2023, 5, 1, 8, 30), "2023-05-01 08:30"),
        (date(2023, 5, 1), "2023-05-01"),
        (time(8, 30), "08:30:00"),
        (timedelta(hours=30), "30:00:00"),
        ("  节约\x07 １２０ 万 ", "节约 １２０ 万"),
        (None, ""),
    ],
)
def test_values_are_shown_as_people_read_them(value: Value, text: str) -> None:
    assert shown(value) == text


def test_a_huge_sheet_is_cut_and_the_ledger_names_it(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "a.xlsx", {"明细": [[n, f"第{n}行"] for n in range(5100)], "小": [["还在"]]}
    )
    found = read(path, "a.xlsx")
    assert found.ledger.losses == ["Of the 5100 rows of sheet “明细”, the first 5000 were carried."]
    assert found.ledger.coverage < 100
    assert "还在" in words(found)


def test_a_stray_cell_in_the_last_corner_costs_its_sheet_and_no_memory(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"正常": [["在"]], "远": []})
    far = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    )
    far += '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row></sheetData></worksheet>'
    import zipfile

    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = far.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    found = read(path, "a.xlsx")
    assert words(found) == "正常 在"
    assert found.ledger.losses == ["Sheet “远” spans more than 20000000 cells and was left out."]


def test_old_and_binary_sheets_with_cells_too_far_apart_are_refused(tmp_path: Path) -> None:
    streams = biff("x", [["a"]])
    far = struct.pack("<HHHHHd", 0x0203, 14, 60_000, 60_000, 0, 1.0)
    book = streams["Workbook"]
    with pytest.raises(DamagedFile, match="further apart"):
        read(ole2(tmp_path / "a.xls", {"Workbook": book[:-4] + far + book[-4:]}), "a.xls")
    row = b"\x00\x04" + struct.pack("<I", 1_000_000)
    cell = b"\x05\x0c" + struct.pack("<IId", 16_000, 0, 1.0)[:12]
    assert xlsb_span(row + cell) == 1_000_001 * 16_001
    assert xlsb_span(b"\x81") == xlsb_span(b"") == 0


def test_repeated_rows_and_columns_are_not_multiplied_without_end(tmp_path: Path) -> None:
    row = (
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">'
        "<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    found = read(
        odf(
            tmp_path / "a.ods",
            "spreadsheet",
            f'<table:table table:name="炸弹">{empty}{row}</table:table>',
        ),
        "a.ods",
    )
    assert len(found.body) < 3_000_000
    assert len(found.ledger.losses) == 2


def test_text_boxes_charts_and_comments_of_a_sheet_are_carried(tmp_path: Path) -> None:
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        "<xdr:sp><xdr:txBody><a:p><a:r><a:t>框里的说明</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    )
    comments = (
        '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><commentList>'
        '<comment ref="B2"><text><r><t>请核对</t></r></text></comment></commentList></comments>'
    )
    path = xlsx(
        tmp_path / "a.xlsx",
        {"表": [["a"]]},
        more={
            "xl/worksheets/_rels/sheet0.xml.rels": links(
                ("d", "drawing", "../d.xml"), ("c", "comments", "../c.xml")
            ),
            "xl/d.xml": drawing,
            "xl/c.xml": comments,
        },
    )
    found = read(path, "a.xlsx")
    assert words(found) == "表 a 框里的说明"
    assert found.notes == ("B2: 请核对",)


def test_a_workbook_of_empty_sheets_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="no cell"):
        read(xlsx(tmp_path / "a.xlsx", {"Sheet1": []}), "a.xlsx")


def test_a_workbook_without_its_main_part_is_damaged(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"x": [["a"]]})
    path.write_bytes(path.read_bytes().replace(b"xl/workbook.xml", b"xl/workbook.xmx"))
    with pytest.raises(DamagedFile):
        read(path, "a.xlsx")


def test_a_panic_of_the_library_is_a_damaged_file(tmp_path: Path) -> None:
    path = ole2(tmp_path / "a.xls", biff("表", [["延期"]]))
    content = bytearray(path.read_bytes())
    outcomes = set()
    for place in range(0x4C, 0x60):
        content[place] ^= 0x55
        path.write_bytes(bytes(content))
        try:
            outcomes.add(words(read(path, "a.xls")))
        except (DamagedFile, MislabelledFile, NoText) as refused:
            outcomes.add(refused.code)
        content[place] ^= 0x55
    assert DamagedFile.code in outcomes


def test_an_old_workbook_of_nonsense_is_damaged(tmp_path: Path) -> None:
    with pytest.raises((DamagedFile, NoText)):
        read(ole2(tmp_path / "a.xls", {"Workbook": b"\x09\x08\xff\xff" + b"\xaa" * 5000}), "a.xls")


def test_page_headers_and_footers_are_metadata_without_their_codes(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"x": [["延期"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = next(name for name, content in parts.items() if b"</worksheet>" in content)
    told = (
        b'<headerFooter><oddHeader>&amp;C&amp;"-,Bold"&amp;K01+000'
        + "项目台账 R&amp;&amp;D".encode()
        + b"</oddHeader><oddFooter>&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
    )
    parts[sheet] = parts[sheet].replace(b"</worksheet>", told)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert read(path, "a.xlsx").metadata["page header or footer"].startswith("项目台账 R&D")
