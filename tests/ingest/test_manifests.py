from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest

from ingest.manifests import NO_ROW, in_archive, matched, read_manifest, without_file
from ingest.sources import name_of
from kb.errors import InvalidInput
from kb.importing_rules import Entry, Overrides

EXPECTED = Overrides(
    title="地铁 8 号线总结",
    kind="summary",
    language="zh",
    project_code="CL-2018-007",
    authors=("李娜", "Tom Brown"),
    dated=date(2021, 3, 31),
    tags=("地铁", "盾构"),
    audience="group:pmo",
)
ENGLISH = (
    "path,title,kind,language,project,author,date,tags,audience\n"
    "年度/总结.docx,地铁 8 号线总结,summary,zh,CL-2018-007,李娜; Tom Brown,2021-03-31,地铁;盾构,group:pmo\n"
    "report.docx,,,,,,,,\n"
)
CHINESE = (
    "路径;标题;类型;语言;项目;作者;日期;标签;可见范围;备注\n"
    "年度\\总结.docx;地铁 8 号线总结;项目总结;中文;CL-2018-007;李娜、Tom Brown;2021年3月31日;地铁，盾构;group:pmo;x\n"
    "report.docx;;;;;;;;;\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_each_row_gives_its_file_its_metadata(tmp_path: Path, text: str, encoding: str) -> None:
    manifest = tmp_path / "清单.csv"
    manifest.write_bytes(text.encode(encoding))
    first, second = read_manifest(manifest).entries
    assert first.path == str(tmp_path / "年度" / "总结.docx")
    assert first.overrides == EXPECTED
    assert second.overrides == Overrides()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(path: Path, *rows: tuple[str | int | date, ...]) -> None:
    """A workbook of one sheet, as small as Excel opens it; days are numbers in a date format."""

    def cell(value: str | int | date) -> str:
        if isinstance(value, date):
            return f'<c s="1"><v>{value.toordinal() - date(1899, 12, 30).toordinal()}</v></c>'
        if isinstance(value, int):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{value}</t></is></c>'

    data = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
        '<sheet name="清单" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
        f'Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
    }
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def test_a_workbook_does_as_well(tmp_path: Path) -> None:
    workbook(
        tmp_path / "清单.xlsx",
        ("文件", "标题", "日期", "项目编号", "项目名称"),
        ("总结.docx", "总结", date(2021, 3, 31), 2018007, "湘江北岸净水厂扩建"),
    )
    [entry] = read_manifest(tmp_path / "清单.xlsx").entries
    assert entry.overrides == Overrides(
        title="总结",
        dated=date(2021, 3, 31),
        project_code="2018007",
        project_name="湘江北岸净水厂扩建",
    )


def test_every_row_that_cannot_be_used_is_named_at_once(tmp_path: Path) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(
        "path,kind,date,audience\n"
        "a.docx,总结报告,,\n"
        "b.docx,summary,2021-13-01,\n"
        "c.docx,summary,,everybody\n"
        ",summary,,\n"
        "d.docx,summary,2021-03-31,everyone\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidInput) as raised:
        read_manifest(manifest)
    told = str(raised.value)
    for words in ("row 2: kind", "row 3: date", "row 4: audience", "row 5: path"):
        assert words in told
    assert "row 6" not in told


@pytest.mark.parametrize(
    "content", [b"", b"title\nx\n", b"PK\x03\x04 no workbook", b"\x00\x01\x02"]
)
def test_what_is_no_manifest_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"m\.csv"):
        read_manifest(tmp_path / "m.csv")


ROWS = [
    ("年度/总结.docx", Overrides(title="一")),
    ("Sub\\Report.DOCX", Overrides(title="two")),
    ("𠮷祥.md", Overrides(title="三")),
    ("gone.docx", Overrides(title="four")),
    ("./年度/总结.docx", Overrides(title="later")),
]


def test_rows_find_their_files_whatever_folder_the_browser_put_in_front() -> None:
    found = matched(
        ROWS, ["资料/年度/总结.docx", "资料/sub/report.docx", "资料/𠮷祥.md", "资料/new.txt"]
    )
    assert [given.title if given else None for given in found.given] == ["later", "two", "三", None]
    assert found.without_file == ("gone.docx",)


def test_the_same_path_counts_before_one_that_ends_alike_and_two_of_those_not_at_all() -> None:
    rows = [("a.md", Overrides(title="a")), ("b.md", Overrides(title="b"))]
    found = matched(rows, ["x/a.md", "a.md", "x/b.md", "y/b.md"])
    assert [given.title if given else None for given in found.given] == [None, "a", None, None]
    assert found.without_file == ("b.md",)


@pytest.mark.parametrize(
    "row", ["归档.zip/报告/总结.docx", "归档.zip!/报告/总结.docx", "归档.zip\\报告\\总结.docx"]
)
def test_a_row_may_name_a_file_in_an_archive_beside_the_manifest(tmp_path: Path, row: str) -> None:
    (tmp_path / "归档.zip").write_bytes(b"PK")
    (tmp_path / "a.md").write_bytes(b"a")
    manifest = tmp_path / "清单.csv"
    manifest.write_text(f"路径,标题\na.md,甲\n{row},乙\n没有.md,丙\n", encoding="utf-8")
    listing = read_manifest(manifest)
    assert [name_of(entry.path) for entry in listing.entries] == ["a.md", "归档.zip", "没有.md"]
    [(path, given)] = listing.inside
    assert (path.replace("\\", "/").replace("!/", "/"), given.title) == (
        "归档.zip/报告/总结.docx",
        "乙",
    )


def test_a_row_of_a_file_in_an_archive_wins_over_that_of_the_archive() -> None:
    whole = Overrides(kind="report", audience="group:pmo", tags=("旧",))
    files = [
        Entry("归档.zip!/报告/总结.docx", "1", overrides=whole),
        Entry("归档.zip!/其他/Plan.docx", "2", overrides=whole),
    ]
    rows = [("报告/总结.docx", Overrides(title="总结", kind="summary"))]
    first, second = in_archive(files, rows, listed=True)
    assert first.overrides == Overrides(
        title="总结", kind="summary", audience="group:pmo", tags=("旧",)
    )
    assert (second.overrides, second.note) == (whole, "")


def test_a_file_in_an_archive_that_no_row_speaks_of_is_noted_where_there_is_a_manifest() -> None:
    files = [Entry("a.zip!/总结.md", "1")]
    assert in_archive(files, (), listed=True)[0].note == NO_ROW
    assert in_archive(files, (), listed=False)[0].note == ""


def test_rows_without_a_file_are_told_and_those_with_one_in_some_archive_are_not() -> None:
    rows = [(path, Overrides()) for path in ("报告/总结.docx", "gone.docx", "A.MD", "gone.docx")]
    paths = ["归档.zip", "归档.zip!/报告/总结.docx", "one.zip!/a.md", "two.zip!/a.md"]
    [missing] = without_file(rows, paths)
    assert missing.path == "gone.docx"
    assert missing.error is not None
    assert missing.error.code == "unreadable-file"
