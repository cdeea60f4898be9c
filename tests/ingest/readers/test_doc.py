# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Word 97 to 2003: text, headings, lists, tables, notes; what Word hides stays hidden."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest

from ingest.readers import read
from kb.drafts import Draft
from kb.errors import DamagedFile, NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import ole2, word97, words

LIST_ITEM = struct.pack("<HH", 0x460B, 1)
DEEPER = LIST_ITEM + struct.pack("<HB", 0x260A, 1)
IN_TABLE = struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)
LEVEL_3 = struct.pack("<HB", 0x2640, 2)


def doc(
    folder: Path,
    *paragraphs: tuple[str, int],
    notes: tuple[str, ...] = (),
    looks: dict[int, bytes] | None = None,
) -> Draft:
    return read(ole2(folder / "a.doc", word97(paragraphs, notes=notes, looks=looks)), "a.doc")


@pytest.mark.parametrize(
    "text",
    ["节约 １２０ 万元，按期上线。", "專案 𠮷 👍 rare", "a*b <c> [d] | 100%", "Größe & “quotes”"],
)
def test_text_comes_through_as_it_is(tmp_path: Path, text: str) -> None:
    found = doc(tmp_path, (text + "\r", 0))
    assert words(found) == text
    assert found.ledger.coverage == 100.0
    assert found.format == "doc"


def test_headings_come_from_styles_and_outline_levels(tmp_path: Path) -> None:
    found = doc(
        tmp_path,
        ("第一章 概况\r", 1),
        ("1.1 背景\r", 2),
        ("级别\r", 0),
        ("正文\r", 0),
        looks={2: LEVEL_3},
    )
    assert [(one.level, one.heading, one.text) for one in sections(found.body)] == [
        (1, "第一章 概况", ""),
        (2, "1.1 背景", ""),
        (3, "级别", "正文"),
    ]


def test_lists_keep_their_levels(tmp_path: Path) -> None:
    found = doc(
        tmp_path,
        ("一\r", 0),
        ("二\r", 0),
        ("三\r", 0),
        ("完\r", 0),
        looks={0: LIST_ITEM, 1: DEEPER, 2: LIST_ITEM},
    )
    assert found.body == "- 一\n    - 二\n- 三\n\n完\n"


def test_tables_are_tables(tmp_path: Path) -> None:
    cells = [
        ("问题\x07", 0),
        ("措施\x07", 0),
        ("\x07", 0),
        ("延期\r", 0),
        ("两周\x07", 0),
        ("检查\x07", 0),
        ("\x07", 0),
        ("后文\r", 0),
    ]
    looks = {at: ROW_END if at in {2, 6} else IN_TABLE for at in range(7)}
    found = doc(tmp_path, *cells, looks=looks)
    assert found.body == "| 问题 | 措施 |\n| --- | --- |\n| 延期<br>两周 | 检查 |\n\n后文\n"
    assert plain_text(found.body).startswith("问题\t措施")


def test_footnotes_are_called_where_they_were(tmp_path: Path) -> None:
    found = doc(tmp_path, ("甲\x02乙\x02。𠮷\r", 0), notes=("第一", "second"))
    assert found.body == "甲[^1]乙[^2]。𠮷\n\n[^1]: 第一\n    \n[^2]: second\n".replace(
        "    \n", "\n"
    )


def test_fields_show_their_result_and_links_their_address(tmp_path: Path) -> None:
    text = '见 \x13 HYPERLINK "https://x.cn" \x14办法\x15 第 \x13 PAGE \x143\x15 页\x13 TC "藏" \x15\x0b换行\r'
    assert doc(tmp_path, (text, 0)).body == "见 [办法](https://x.cn) 第 3 页  \n换行\n"


def test_pictures_are_named_as_lost(tmp_path: Path) -> None:
    found = doc(tmp_path, ("图\x01\r", 0))
    assert words(found) == "图"
    assert found.ledger.losses


def test_word_95_is_read_in_the_code_page_of_its_language(tmp_path: Path) -> None:
    text = "项目总结报告\r".encode("gbk")
    head = bytearray(0x300)
    struct.pack_into("<HHHHHH", head, 0, 0xA5DC, 0x65, 0, 0x0804, 0, 0)
    struct.pack_into("<II", head, 0x18, 0x300, 0x300 + len(text))
    struct.pack_into("<I", head, 0x34, len(text))
    found = read(ole2(tmp_path / "a.doc", {"WordDocument": bytes(head) + text}), "a.doc")
    assert words(found) == "项目总结报告"


def test_a_blank_document_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        doc(tmp_path, ("\x01\r", 0))


@pytest.mark.parametrize("place", [0x1A2, 0x1A6, 0xA2, 0x102, 0x4C])
@pytest.mark.parametrize("value", [0xFFFFFFFF, 0x7FFFFFFF, 3])
def test_broken_structures_are_refused_or_read_past(tmp_path: Path, place: int, value: int) -> None:
    streams = word97([("项目总结\r", 1), ("正文\r", 0)])
    broken = bytearray(streams["WordDocument"])
    struct.pack_into("<I", broken, place, value)
    path = ole2(tmp_path / "a.doc", {**streams, "WordDocument": bytes(broken)})
    with contextlib.suppress(DamagedFile, NoText):
        assert "项目" in words(read(path, "a.doc"))


def test_a_document_without_its_table_is_damaged(tmp_path: Path) -> None:
    streams = word97([("x\r", 0)])
    del streams["1Table"]
    with pytest.raises(DamagedFile):
        read(ole2(tmp_path / "a.doc", streams), "a.doc")
