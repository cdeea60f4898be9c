# ruff: noqa: RUF001  full-width on purpose
"""Registers: whatever spreadsheet people have is read, its columns found, and each bad cell named."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.register_checks import check_rows
from ingest.register_columns import column_letter, guess_columns, header_row, headers
from ingest.register_kinds import register_kind
from ingest.register_numbers import HeaderUnit, header_unit, read_amount
from ingest.register_of_projects import PROJECT_SCHEMA, projects_register
from ingest.register_runs import first_choice, import_file, run
from ingest.register_tables import MAX_ROWS, Table, read_tables
from ingest.register_values import CellError, column_of, convert
from ingest.registers import Field, FieldType, Keep, RegisterSchema
from kb import open_kb
from kb.access import SYSTEM, Actor, Role
from kb.config import Settings
from kb.errors import (
    DamagedFile,
    EmptyFile,
    FileRefused,
    InvalidInput,
    NotAllowed,
    NotFound,
    UnsupportedFormat,
)
from kb.knowledge_base import KnowledgeBase
from kb.known_names import KnownNames
from kb.project_listing import ProjectFilter
from kb.registers import PersonRow

NOBODY = KnownNames()


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        opened.registers.put_people(
            SYSTEM,
            [
                PersonRow("hao.jianping", "郝建平", "Hao Jianping"),
                PersonRow("li.wei", "李伟", "Li Wei"),
                PersonRow("li.wei2", "李伟", "Li Wei"),
                PersonRow("ines.carvalho", "", "Inês Carvalho"),
            ],
        )
        yield opened


def as_csv(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "表.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def as_xlsx(tmp_path: Path, rows: list[list[object]], name: str = "表.xlsx") -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def table_of(text: str) -> Table:
    return Table("", [[cell or None for cell in row] for row in csv.reader(io.StringIO(text))])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_text_table_is_read_whatever_its_charset_and_delimiter(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = [["项目编号", "项目名称", "说明"], ["CL-1", "净水厂扩建", "地勘, 只有4个钻孔; 不够"]]
    told = io.StringIO()
    csv.writer(told, delimiter=delimiter).writerows(lines)
    tables = read_tables(as_csv(tmp_path, told.getvalue(), encoding), "表.csv")
    assert tables[0].rows == lines


def test_cells_with_line_breaks_keep_the_numbers_of_the_rows(tmp_path: Path) -> None:
    text = 'sep=;\n编号;名称\nA-1;"两\n行"\n\nA-2;二\n'
    rows = read_tables(as_csv(tmp_path, text), "a.csv")[0].rows
    assert rows[1] == ["编号", "名称"]
    assert rows[2] == ["A-1", "两\n行"]
    assert rows[4] == ["A-2", "二"]


def test_a_workbook_is_read_with_titles_above_and_rows_where_they_stand(tmp_path: Path) -> None:
    path = as_xlsx(
        tmp_path,
        [
            ["2024年在建项目一览表"],
            [],
            [None, "项目编号", "项目名称", "开工日期", "合同额（万元）"],
            [None, "A-1", "泵站", datetime.fromisoformat("2024-03-05"), 1200],
            [None, "A-2", "水塔", 45356, "1,300"],
        ],
    )
    table = read_tables(path, "表.xlsx")[0]
    header = header_row(PROJECT_SCHEMA, table)
    assert header == 2
    columns = {
        name: g.column for name, g in guess_columns(PROJECT_SCHEMA, table, header, NOBODY).items()
    }
    assert columns == {"code": 1, "name_zh": 2, "started": 3, "budget": 4}
    checked = check_rows(PROJECT_SCHEMA, table, header, columns, names=NOBODY)
    assert checked.problems == []
    assert [row.number for row in checked.rows] == [4, 5]
    assert [row.day("started") for row in checked.rows] == [date(2024, 3, 5), date(2024, 3, 5)]
    assert [row.number_of("budget") for row in checked.rows] == [12_000_000, 13_000_000]
    assert checked.rows[0].text("currency") == "CNY"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("a.csv", b"", EmptyFile),
        ("a.csv", "只有一段文字，没有表格。\n第二段。\n".encode(), InvalidInput),
        ("a.xlsx", b"%PDF-1.7 ...", UnsupportedFormat),
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(100), UnsupportedFormat),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>", UnsupportedFormat),
        ("a.csv", ('编号,名称\nA,"' + "长" * 200_000).encode(), DamagedFile),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(
    tmp_path: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with pytest.raises(error):
        read_tables(path, name)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook")
    with pytest.raises(FileRefused):
        read_tables(path, "a.xlsx")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_two_hundred_thousand_rows_are_refused_and_not_read_to_the_end(
    tmp_path: Path, kind: str
) -> None:
    if kind == "csv":
        path = as_csv(tmp_path, "code,name\n" + "A-1,x\n" * 200_000)
    else:
        book = Workbook(write_only=True)
        sheet = book.create_sheet()
        for _ in range(MAX_ROWS + 2):
            sheet.append(["A-1", "x"])
        path = tmp_path / "a.xlsx"
        book.save(path)
    with pytest.raises(InvalidInput, match="5,000"):
        read_tables(path, path.name)


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("项目编号", "code"),
        ("項目編號", "code"),
        ("Project No.", "code"),
        ("项目编号 Project No.", "code"),
        ("项目名称（必填）*", "name_zh"),
        ("PROJECT NAME", "name_en"),
        ("Projct manager", "manager"),
        ("项目负责人：", "manager"),
        ("合同额(万元)", "budget"),
        ("Start Date", "started"),
        ("计划完成日期", "planned_end"),
        ("Ｓｔａｔｕｓ", "status"),
        ("甲方名称", None),
        ("手机", None),
        ("", None),
    ],
)
def test_headers_are_known_in_both_languages_and_with_slips(header: str, field: str | None) -> None:
    table = Table("", [[header, "x" * 30]])
    found = guess_columns(PROJECT_SCHEMA, table, 0, NOBODY)
    assert [name for name, guess in found.items() if guess.column == 0] == (
        [field] if field else []
    )


def test_columns_without_a_known_header_are_told_by_their_cells_only_where_that_is_sure() -> None:
    schema = RegisterSchema(
        (
            Field("code", "编号", "Code", required=True),
            Field("day", "日期", "Day", FieldType.DATE),
            Field("who", "负责人", "Who", FieldType.PERSON),
        )
    )
    names = KnownNames(people={"郝建平": frozenset({"hao.jianping"})})
    table = table_of("编号,,\nA-1,2024-03-05,郝建平\nA-2,2024年4月1日,郝建平\n")
    found = guess_columns(schema, table, 0, names)
    assert {name: (g.column, g.why) for name, g in found.items()} == {
        "code": (0, "header"),
        "day": (1, "content"),
        "who": (2, "content"),
    }
    two = table_of("编号,,\nA-1,2024-03-05,2024-06-05\n")
    assert "day" not in guess_columns(schema, two, 0, names)
    other = table_of("编号,出版日期,审核人\nA-1,2024-03-05,郝建平\n")
    assert set(guess_columns(schema, other, 0, names)) == {"code"}


def test_a_header_that_only_sounds_right_is_not_taken_when_the_cells_are_of_another_sort() -> None:
    schema = RegisterSchema((Field("finish", "完成", "Completion", FieldType.DATE),))
    table = table_of("Completions,Other\n80 percent,1\n90 percent,2\n")
    assert guess_columns(schema, table, 0, NOBODY) == {}


@pytest.mark.parametrize(
    ("text", "number", "currency"),
    [
        ("1,200", "1200", ""),
        ("１２００", "1200", ""),
        ("1.2万", "12000", ""),
        ("3亿元", "300000000", "CNY"),
        ("￥1,200.50", "1200.50", "CNY"),
        ("EUR 9.6 m", "9600000", "EUR"),
        ("S$14.2 million", "14200000", "SGD"),
        ("1 200 000", "1200000", ""),
        ("12,5", "12.5", ""),
        ("(350)", "-350", ""),
        ("46个工作日", "46", ""),
        ("12%", "0.12", ""),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, number: str, currency: str) -> None:
    amount = read_amount(text)
    assert amount is not None
    assert (amount.number, amount.currency) == (Decimal(number), currency)


@pytest.mark.parametrize(
    "text", ["约60", "3-5", "1,23,4", "abc", "", "1e5", "十二", "9" * 30, "=1+1", "🚀"]
)
def test_what_is_no_number_is_not_made_one(text: str) -> None:
    assert read_amount(text) is None


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        ("预算（万元）", HeaderUnit(10_000, "CNY")),
        ("Budget (EUR)", HeaderUnit(1, "EUR")),
        ("Budget [EUR million]", HeaderUnit(1_000_000, "EUR")),
        ("budget (CNY 10k)", HeaderUnit(10_000, "CNY")),
        ("费用（单位：千元）", HeaderUnit(1000, "CNY")),
        ("预算（含税）", HeaderUnit()),
        ("预算", HeaderUnit()),
    ],
)
def test_the_unit_in_a_header_counts(header: str, unit: HeaderUnit) -> None:
    assert header_unit(header) == unit


DAY = Field("day", "日期", "Day", FieldType.DATE)


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 3, 5),
        datetime.fromisoformat("2024-03-05T08:30"),
        45356,
        45356.5,
        "45356",
        20240305,
        "2024年3月5日",
        "2024年３月５日（星期二）",
        "2024/3/5",
        "2024-03-05 00:00:00",
        "2024.3.5",
        "5 Mar 2024",
        "March 5, 2024",
        "二〇二四年三月五日",
    ],
)
def test_a_day_is_a_day_however_it_is_written(cell: str | float | date) -> None:
    assert convert(DAY, cell, column_of("", [cell]), NOBODY).value == date(2024, 3, 5)


@pytest.mark.parametrize(
    "cell", ["昨天", "2024-13-01", "2024年2月30日", True, 3, "12345678", "=TODAY()"]
)
def test_what_is_no_day_is_refused(cell: str | int) -> None:
    with pytest.raises(CellError, match="no date"):
        convert(DAY, cell, column_of("", [cell]), NOBODY)


def test_day_and_month_are_told_apart_by_the_column_or_not_at_all() -> None:
    clear = column_of("", ["25/12/2024", "03/04/2024"])
    assert convert(DAY, "03/04/2024", clear, NOBODY).value == date(2024, 4, 3)
    american = column_of("", ["12/25/2024", "03/04/2024"])
    assert convert(DAY, "03/04/2024", american, NOBODY).value == date(2024, 3, 4)
    with pytest.raises(CellError, match="day and which the month"):
        convert(DAY, "03/04/2024", column_of("", ["03/04/2024"]), NOBODY)


@pytest.mark.parametrize("text", ["-", "—", "n/a", "无", "待定", "TBD", " ", ""])
def test_what_stands_for_nothing_is_nothing(text: str) -> None:
    assert convert(DAY, text, column_of("", []), NOBODY).value is None


def test_a_formula_a_script_and_a_guarded_cell_are_kept_as_text() -> None:
    field = Field("name", "名称", "Name")
    column = column_of("", [])
    for text in ("=1+1", '=HYPERLINK("http://x")', "<script>alert(1)</script>", "@SUM(A1)"):
        assert convert(field, text, column, NOBODY).value == text
    assert convert(field, "'=1+1", column, NOBODY).value == "=1+1"
    assert convert(field, "a\x00b\u0007", column, NOBODY).value == "ab"


def test_a_text_that_is_too_long_is_refused_and_not_cut() -> None:
    with pytest.raises(CellError, match="301 characters; 300"):
        convert(Field("name", "名称", "Name"), "长" * 301, column_of("", []), NOBODY)


def test_choices_and_lists_are_read_in_both_languages() -> None:
    status = PROJECT_SCHEMA.field("status")
    for text in ("已结项", "CLOSED", "ｃｌｏｓｅｄ", "已結項", "关闭 closed"):
        assert convert(status, text, column_of("", []), NOBODY).value == "closed"
    assert convert(status, "收尾中", column_of("", []), NOBODY).value == "收尾中"
    strict = Field("s", "状态", "State", FieldType.CHOICE, choices={"open": ("打开",)})
    with pytest.raises(CellError, match="none of the words"):
        convert(strict, "closed", column_of("", []), NOBODY)
    tags = PROJECT_SCHEMA.field("tags")
    for text in ("地勘；管廊", "地勘、管廊", "地勘;管廊;地勘", "地勘,管廊", "地勘\n管廊"):
        assert convert(tags, text, column_of("", []), NOBODY).value == ("地勘", "管廊")


def test_a_whole_register_is_imported_told_and_unchanged_the_second_time(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    text = (
        "项目登记表,,,,\n"
        "项目编号,项目名称,项目经理,Budget (EUR m),状态\n"
        "A-1,东湖泵站改造,郝建平,9.6,进行中\n"
        ",,,,\n"
        "A-2,𠮷祥大厦 🚀,Ines Carvalho,,已结项\n"
        "A-3,外部项目,张三（外聘）,1.2,\n"
    )
    kind = register_kind(kb, "projects")
    path = as_csv(tmp_path, text, "gb18030")
    first = import_file(kind, kb.database, SYSTEM, path)
    assert (first.counts, first.problems, first.kept) == (
        {"added": 3, "updated": 0, "unchanged": 0, "refused": 0},
        [],
        True,
    )
    lines = {line.code: line for line in kb.projects.listed(SYSTEM, ProjectFilter()).lines}
    assert lines["A-1"].budget == Decimal(9_600_000)
    assert (lines["A-1"].currency, lines["A-1"].status) == ("EUR", "running")
    assert lines["A-1"].manager.handle == "hao.jianping"
    assert lines["A-2"].manager.handle == "ines.carvalho"
    assert lines["A-2"].name_zh == "𠮷祥大厦 🚀"
    again = import_file(kind, kb.database, SYSTEM, path)
    assert again.counts == {"added": 0, "updated": 0, "unchanged": 3, "refused": 0}


def test_every_bad_row_is_named_and_nothing_is_half_imported(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    text = (
        "项目编号,项目名称,项目经理,开工日期,预算,币种,结束日期\n"
        "A-1,好的一行,郝建平,2024-03-05,100,CNY,\n"
        "a-1,同一编号,,,,,\n"
        ",没有编号,,,,,\n"
        "A-4,,,,,,\n"
        "A-5,重名的人,李伟,,,,\n"
        "A-6,坏日期,,昨天,许多,,\n"
        "A-7,两种货币,,,EUR 5,CNY,\n"
        "A-8,先结束后开始,,2024-03-05,,,2023-01-01\n"
    )
    kind = projects_register(kb)
    path = as_csv(tmp_path, text)
    tables = read_tables(path, "表.csv")
    choice = first_choice(kind, tables, kb.database, SYSTEM)
    done = run(kind, kb.database, SYSTEM, tables, choice, keep=Keep.ALL, language="zh")
    assert not done.kept
    assert done.counts == {"added": 1, "updated": 0, "unchanged": 0, "refused": 7}
    assert kb.projects.listed(SYSTEM, ProjectFilter()).total == 0
    told = [(p.row, p.column, p.value, p.reason % p.data) for p in done.problems]
    assert told == [
        (3, "项目编号", "a-1", "row 2 has the same"),
        (4, "项目编号", "", "this must be filled in"),
        (5, "", "", "one of these must be filled in: 项目名称 / 英文名称"),
        (6, "项目经理", "李伟", "“李伟” is the name of several people: li.wei, li.wei2"),
        (7, "开工日期", "昨天", "this is no date"),
        (7, "预算", "许多", "this is no number"),
        (8, "", "EUR", "the row has amounts in CNY and in EUR"),
        (9, "结束日期", "2023-01-01", "The end lies before the start."),
    ]
    assert all(problem.advice for problem in done.problems)
    good = run(kind, kb.database, SYSTEM, tables, choice, keep=Keep.GOOD)
    assert good.kept
    assert [line.code for line in kb.projects.listed(SYSTEM, ProjectFilter()).lines] == ["A-1"]


def test_a_file_with_the_wrong_columns_is_refused_as_a_whole(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    path = as_csv(tmp_path, "手机,邮箱\n138,x@example.org\n139,y@example.org\n")
    with pytest.raises(InvalidInput, match="Project code"):
        import_file(projects_register(kb), kb.database, SYSTEM, path)
    table = read_tables(path, "a.csv")[0]
    with pytest.raises(InvalidInput, match="two fields"):
        check_rows(PROJECT_SCHEMA, table, 0, {"code": 0, "name_zh": 0}, names=NOBODY)


def test_only_who_may_curate_imports_and_an_unknown_register_is_not_there(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    path = as_csv(tmp_path, "code,name\nA-1,One\n")
    reader = Actor("chen.wei", "Chen Wei", Role.CONTRIBUTOR)
    with pytest.raises(NotAllowed):
        import_file(projects_register(kb), kb.database, reader, path)
    with pytest.raises(NotFound):
        register_kind(kb, "nonsense")


def test_of_several_sheets_the_one_that_looks_like_the_register_is_taken(
    tmp_path: Path, kb: KnowledgeBase
) -> None:
    book = Workbook()
    notes = book.active
    assert notes is not None
    notes.append(["填写说明", "请勿修改"])
    sheet = book.create_sheet("项目")
    sheet.append(["Project code", "Project name"])
    sheet.append(["A-1", "One"])
    book.save(tmp_path / "a.xlsx")
    tables = read_tables(tmp_path / "a.xlsx", "a.xlsx")
    choice = first_choice(projects_register(kb), tables, kb.database, SYSTEM)
    assert (choice.sheet, choice.columns) == (1, {"code": 0, "name_en": 1})


def test_columns_have_the_letters_of_spreadsheet_programs() -> None:
    assert [column_letter(number) for number in (0, 25, 26, 701, 702)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]
    assert headers(Table("", [["编号", None], ["1", "2", "3"]]), 0) == ["编号", "B", "C"]


def test_a_header_repeated_for_printing_is_no_row(kb: KnowledgeBase) -> None:
    table = table_of("code,name\nA-1,x\ncode,name\nA-2,y\n")
    checked = check_rows(PROJECT_SCHEMA, table, 0, {"code": 0, "name_en": 1}, names=NOBODY)
    assert [row.text("code") for row in checked.rows] == ["A-1", "A-2"]
