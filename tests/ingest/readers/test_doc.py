# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Word 97 to 2003, by our own reader: text, headings, lists, tables, notes; what Word hides stays hidden."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.readers.doc import read_doc
from kb.drafts import Draft
from kb.errors import DamagedFile, NoText
from kb.markdown import plain_text, sections
from tests.ingest.readers.office_files import ole2, word97, words

LIST_ITEM = struct.pack("<HH", 0x460B, 1)
DEEPER = LIST_ITEM + struct.pack("<HB", 0x260A, 1)
IN_TABLE = struct.pack("<HB", 0x2416, 1)
ROW_END = IN_TABLE + struct.pack("<HB", 0x2417, 1)
BOLD = struct.pack("<HB", 0x0835, 1)
LARGE = struct.pack("<HH", 0x4A43, 32)
LEVEL_3 = struct.pack("<HB", 0x2640, 2)


def doc(
    folder: Path,
    *paragraphs: tuple[str, int],
    notes: tuple[str, ...] = (),
    looks: dict[int, bytes] | None = None,
    lists: Sequence[Sequence[tuple[int, str]]] = (),
    uses: Sequence[tuple[int, dict[int, int]]] = (),
    letters: dict[int, bytes] | None = None,
) -> Draft:
    streams = word97(paragraphs, notes=notes, looks=looks, lists=lists, uses=uses, letters=letters)
    return read_doc(ole2(folder / "a.doc", streams), "a.doc")


def in_list(number: int, level: int = 0) -> bytes:
    return struct.pack("<HHHB", 0x460B, number, 0x260A, level)


def row_end(*edges: int, flags: tuple[int, ...] = ()) -> bytes:
    cells = len(edges) - 1
    operand = struct.pack(f"<B{len(edges)}h", cells, *edges)
    operand += b"".join(struct.pack("<H", flag).ljust(20, b"\0") for flag in flags)
    return ROW_END + struct.pack("<HH", 0xD608, len(operand) + 1) + operand


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


COUNTING, LEGAL, STEMS, LETTERS, DECIMAL = 37, 38, 30, 4, 0


@pytest.mark.parametrize(
    ("way", "text", "shown"),
    [
        (COUNTING, "\x00、", "一、"),
        (COUNTING, "（\x00）", "（一）"),
        (COUNTING, "第\x00章", "第一章 "),
        (LEGAL, "\x00、", "壹、"),
        (STEMS, "\x00、", "甲、"),
        (LETTERS, "\x00)", "a) "),
        (DECIMAL, "第 \x00 条", "第 1 条 "),
    ],
)
def test_numbers_that_word_computes_are_written(
    tmp_path: Path, way: int, text: str, shown: str
) -> None:
    found = doc(
        tmp_path,
        ("项目概况\r", 1),
        ("正文。\r", 0),
        looks={0: in_list(1)},
        lists=[[(way, text)]],
        uses=[(0, {})],
    )
    assert sections(found.body)[0].heading == f"{shown}项目概况"


def test_levels_count_below_each_other_and_a_use_may_start_anew(tmp_path: Path) -> None:
    found = doc(
        tmp_path,
        ("概况\r", 1),
        ("背景\r", 2),
        ("目标\r", 2),
        ("实施\r", 1),
        ("Scope\r", 2),
        ("另起\r", 1),
        looks={
            0: in_list(1),
            1: in_list(1, 1),
            2: in_list(1, 1),
            3: in_list(1),
            4: in_list(1, 1),
            5: in_list(2),
        },
        lists=[[(DECIMAL, "\x00"), (DECIMAL, "\x00.\x01")]],
        uses=[(0, {}), (0, {0: 7})],
    )
    assert [one.heading for one in sections(found.body)] == [
        "1 概况",
        "1.1 背景",
        "1.2 目标",
        "2 实施",
        "2.1 Scope",
        "7 另起",
    ]


def test_a_counted_list_is_a_counted_list(tmp_path: Path) -> None:
    found = doc(
        tmp_path,
        ("Plan\r", 0),
        ("编制\r", 0),
        ("细化\r", 0),
        ("审批\r", 0),
        looks={1: in_list(1), 2: in_list(1, 1), 3: in_list(1)},
        lists=[[(DECIMAL, "\x00."), (LETTERS, "\x01)")]],
        uses=[(0, {})],
    )
    assert found.body == "Plan\n\n1. 编制\n    - a) 细化\n2. 审批\n"


def test_a_paragraph_taken_out_of_its_list_has_no_number(tmp_path: Path) -> None:
    found = doc(
        tmp_path,
        ("甲\r", 0),
        ("乙\r", 0),
        looks={0: in_list(1), 1: in_list(0xF802)},
        lists=[[(DECIMAL, "\x00.")]],
        uses=[(0, {})],
    )
    assert found.body == "1. 甲\n\n乙\n"


@pytest.mark.parametrize("cut", [1, 30, 60, 200])
def test_broken_lists_cost_the_numbers_and_not_the_words(tmp_path: Path, cut: int) -> None:
    streams = word97(
        [("甲方\r", 0)], looks={0: in_list(1)}, lists=[[(DECIMAL, "\x00.")]], uses=[(0, {})]
    )
    streams["1Table"] = streams["1Table"][:-cut]
    assert "甲方" in words(read_doc(ole2(tmp_path / "a.doc", streams), "a.doc"))


def test_lines_that_look_like_headings_are_headings_where_there_are_no_others(
    tmp_path: Path,
) -> None:
    found = doc(
        tmp_path,
        ("一、项目概况\r", 0),
        ("正文写在这里，写得很长，是一句完整的话。\r", 0),
        ("二、经验教训\r", 0),
        ("正文写在这里，写得很长，也是一句完整的话。\r", 0),
        letters={0: BOLD, 2: LARGE},
    )
    assert [one.heading for one in sections(found.body)] == ["一、项目概况", "二、经验教训"]


def test_merged_cells_are_merged(tmp_path: Path) -> None:
    cells = [
        ("阶段\x07", 0),
        ("\x07", 0),
        ("\x07", 0),
        ("设计\x07", 0),
        ("问题\x07", 0),
        ("\x07", 0),
        ("\x07", 0),
        ("措施\x07", 0),
        ("\x07", 0),
    ]
    looks = dict.fromkeys(range(9), IN_TABLE)
    looks[2] = row_end(0, 1000, 2000, flags=(2, 1))
    looks[5] = row_end(0, 1000, 2000, flags=(3 << 5, 0))
    looks[8] = row_end(0, 1000, 2000, flags=(1 << 5, 0))
    found = doc(tmp_path, *cells, looks=looks)
    assert found.body == (
        '<table>\n<tr><td colspan="2">阶段</td></tr>\n'
        '<tr><td rowspan="2">设计</td><td>问题</td></tr>\n<tr><td>措施</td></tr>\n</table>\n'
    )


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
    found = read_doc(ole2(tmp_path / "a.doc", word97([("图\x01\r", 0)])), "a.doc")
    assert words(found) == "图"
    assert found.ledger.losses


@pytest.mark.parametrize(
    ("words_", "language", "encoding", "made_on"),
    [
        ("项目总结报告", 0x0804, "gbk", 0),
        ("專案結案報告", 0x0404, "big5hkscs", 0),
        ("Größe – “naïve”", 0x0409, "cp1252", 0),
        ("L’été à Noël", 0x040C, "mac_roman", 1),
    ],
)
def test_word_95_is_read_in_the_code_page_of_its_language_and_machine(
    tmp_path: Path, words_: str, language: int, encoding: str, made_on: int
) -> None:
    text = f"{words_}\r".encode(encoding)
    head = bytearray(0x300)
    struct.pack_into("<HHHHHH", head, 0, 0xA5DC, 0x65, 0, language, 0, 0)
    head[0x12] = made_on
    struct.pack_into("<II", head, 0x18, 0x300, 0x300 + len(text))
    struct.pack_into("<I", head, 0x34, len(text))
    found = read_doc(ole2(tmp_path / "a.doc", {"WordDocument": bytes(head) + text}), "a.doc")
    assert words(found) == words_


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
        assert "项目" in words(read_doc(path, "a.doc"))


def test_a_document_without_its_table_is_damaged(tmp_path: Path) -> None:
    streams = word97([("x\r", 0)])
    del streams["1Table"]
    with pytest.raises(DamagedFile):
        read_doc(ole2(tmp_path / "a.doc", streams), "a.doc")
