# ruff: noqa: RUF001  full-width signs are part of what is tested
"""Character sets: even a few Chinese characters are read in the set they were written in."""

from __future__ import annotations

import codecs

import pytest

from ingest.charset import decode, looks_like_text

SIMPLIFIED = (
    "项目总结",
    "经验教训：供应商延期交付，导致上线推迟两周。",
    "风险登记册",
    "为什么要做需求评审",
    "质量 Quality 目标：缺陷率 < 0.5%",
    "１２０ 万元",
)
TRADITIONAL = (
    "專案結案報告",
    "經驗教訓：廠商延遲交貨",
    "會議紀錄與變更管理",
    "Project 專案管理辦公室",
)
WESTERN = ("Café Müller", "naïve résumé, garçon")


@pytest.mark.parametrize(
    "text", [*SIMPLIFIED, *TRADITIONAL, *WESTERN, "emoji 👍 𠮷野家", "Итоги проекта за квартал"]
)
def test_utf8_is_read_as_utf8(text: str) -> None:
    assert decode(text.encode()).text == text


@pytest.mark.parametrize("text", [*SIMPLIFIED, *TRADITIONAL])
def test_a_short_text_in_gb18030_is_read_right(text: str) -> None:
    found = decode(text.encode("gb18030"))
    assert (found.text, found.encoding) == (text, "gb18030")


def test_a_rare_character_of_gb18030_is_read_right() -> None:
    text = "𠮷田先生负责本项目的验收工作"
    assert decode(text.encode("gb18030")).text == text


@pytest.mark.parametrize("text", TRADITIONAL)
def test_a_short_text_in_big5_is_read_right(text: str) -> None:
    assert decode(text.encode("big5")).text == text


@pytest.mark.parametrize(
    "text", [*SIMPLIFIED, *TRADITIONAL, *WESTERN, "plain English, line\nby line"]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_right_without_a_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("text", [*SIMPLIFIED, *TRADITIONAL, "x", "𠮷 👍"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
    ],
)
def test_a_byte_order_mark_decides_and_goes(text: str, mark: bytes, encoding: str) -> None:
    found = decode(mark + text.encode(encoding))
    assert (found.text, found.encoding) == (text, encoding)


@pytest.mark.parametrize("text", WESTERN)
def test_western_text_is_not_taken_for_chinese(text: str) -> None:
    assert decode(text.encode("cp1252")).text == text


def test_another_alphabet_is_read_by_its_statistics() -> None:
    text = "プロジェクトの教訓をまとめた報告書です。次の計画に活かしてください。" * 4
    assert decode(text.encode("shift_jis")).text == text


def test_a_declared_set_is_believed_when_it_fits_and_not_when_it_does_not() -> None:
    text = "Отчёт о проекте"
    assert decode(text.encode("cp1251"), declared="windows-1251").text == text
    assert decode("项目总结报告".encode(), declared="windows-1251").text == "项目总结报告"
    assert decode("经验教训".encode("gbk"), declared="no-such-set").text == "经验教训"


def test_a_text_cut_in_the_middle_of_a_character_is_read_up_to_there() -> None:
    data = "项目管理办公室知识库".encode()[:-1]
    assert decode(data, cut=True).text.startswith("项目管理办公室知识")


def test_bytes_that_fit_nowhere_are_replaced_and_counted() -> None:
    found = decode("项目管理的经验教训".encode() * 20 + b"\xff\xfe\xff" + "风险登记册".encode())
    assert found.replaced
    assert "风险登记册" in found.text


@pytest.mark.parametrize("text", ["a,b\r\n1,2", "项目", "", "页面\x0c分页"])
def test_text_is_told_from_programs(text: str) -> None:
    assert looks_like_text(text.encode("gb18030"))
    assert looks_like_text(text.encode("utf-16"))


def test_binary_data_is_no_text() -> None:
    assert not looks_like_text(bytes(range(256)) * 8)
    assert not looks_like_text(b"\x00\x01\x02\x03" * 100)
