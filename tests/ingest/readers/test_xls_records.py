"""What lies beside the cells of an Excel 97 sheet: comments, text boxes, charts, headers; texts cut by records."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.xls_records import beside_cells
from tests.ingest.readers.office_files import biff, ole2, words


def put(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def wide(text: str) -> bytes:
    units = text.encode("utf-16-le")
    return struct.pack("<HB", len(units) // 2, 1) + units


def box(kind: int, number: int, *pieces: str) -> bytes:
    """An object with a text, in as many records as there are pieces."""
    length = sum(len(piece.encode("utf-16-le")) // 2 for piece in pieces)
    records = put(0x005D, struct.pack("<HHHH", 0x15, 0x12, kind, number) + bytes(14))
    records += put(0x01B6, struct.pack("<5HHHI", 0, 0, 0, 0, 0, length, 16, 0))
    records += b"".join(put(0x003C, b"\x01" + piece.encode("utf-16-le")) for piece in pieces)
    return records + put(0x003C, bytes(16))


def sheet_with(*records: bytes) -> bytes:
    """A workbook with one sheet and these records at the end of it."""
    return biff("表", [["延期"]])["Workbook"][:-4] + b"".join(records) + put(0x000A, b"")


def test_comments_text_boxes_and_headers_are_carried(tmp_path: Path) -> None:
    book = sheet_with(
        put(0x0014, wide('&L&"宋体,常规"&9项目台账&C第 &P 页&Rdraft')),
        box(0x06, 1, "框里的", "字 𠮷"),
        box(0x19, 7, "李娜: check 这一格"),
        put(0x001C, struct.pack("<HHHH", 2, 27, 0, 7) + bytes(4)),
    )
    found = read(ole2(tmp_path / "a.xls", {"Workbook": book}), "a.xls")
    assert words(found).endswith("框里的字 𠮷")
    assert found.notes == ("AB3: 李娜: check 这一格",)
    assert found.metadata["page header or footer"] == "项目台账 第 页 draft"
    assert found.ledger.coverage == 100.0
    assert found.ledger.counts["text boxes"].carried == 1


def test_a_sheet_with_nothing_but_a_text_box_is_not_empty(tmp_path: Path) -> None:
    book = biff("s", [])["Workbook"][:-4] + box(0x1E, 1, "仅有的文字") + put(0x000A, b"")
    found = read(ole2(tmp_path / "a.xls", {"Workbook": book}), "a.xls")
    assert "仅有的文字" in words(found)


def test_words_of_charts_are_carried(tmp_path: Path) -> None:
    title = struct.pack("<HBB", 0, 4, 1) + "进度偏差".encode("utf-16-le")
    row = struct.pack("<HHH", 0, 0, 0) + wide("一月")
    chart = put(0x0809, struct.pack("<HHHHII", 0x0600, 0x20, 0, 0, 0, 0)) + put(0x100D, title)
    book = sheet_with(chart, put(0x0204, row), put(0x000A, b""))
    found = read(ole2(tmp_path / "a.xls", {"Workbook": book}), "a.xls")
    assert words(found).endswith("进度偏差 · 一月")


@pytest.mark.parametrize(
    ("cut", "within"),
    [
        (11, True),
        (13, True),
        (19, True),
        (21, False),
        (24, True),
        (28, True),
        (34, True),
        (36, False),
    ],
)
def test_shared_texts_may_be_cut(cut: int, within: bool) -> None:
    """A text that is cut goes on in the next record after a byte that says how wide its letters are."""
    texts = ["Größe", "项目𠮷👍", "plain"]
    content = struct.pack("<II", 3, 3) + b"".join(map(wide, texts))
    rest = (b"\x01" if within else b"") + content[cut:]
    begin = put(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    strings = put(0x00FC, content[:cut]) + put(0x003C, rest)
    length = len(begin) + 4 + 9 + len(strings) + 4
    name = put(0x0085, struct.pack("<IBB", length, 0, 0) + b"\x01\x00S")
    cells = [put(0x00FD, struct.pack("<HHHI", 0, n, 0, n)) for n in range(3)]
    sheet = put(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0)) + b"".join(cells)
    book = begin + name + strings + put(0x000A, b"") + sheet + put(0x000A, b"")
    assert beside_cells(book)["S"].words == texts


@pytest.mark.parametrize("length", [0, 3, 20, 60, 90])
def test_a_cut_off_book_is_read_as_far_as_it_goes(length: int) -> None:
    book = sheet_with(box(0x06, 1, "框里的字"))
    assert set(beside_cells(book[:length])) <= {"表"}
