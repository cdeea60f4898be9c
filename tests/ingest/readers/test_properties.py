"""What office files say of themselves, in the sets of old files and in broken ones."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from ingest.readers import read
from ingest.readers.property_sets import SUMMARY, property_set
from tests.ingest.readers.office_files import ole2, word97

SUMMARY_STREAM = "\x05SummaryInformation"


def summary(values: dict[int, bytes], page: int) -> bytes:
    """A property set: values by number, each with its type."""
    entries = {1: struct.pack("<IHH", 2, page, 0), **values}
    at = 8 + 8 * len(entries)
    places, body = b"", b""
    for number, value in entries.items():
        padded = value + bytes(-len(value) % 4)
        places += struct.pack("<II", number, at + len(body))
        body += padded
    section = struct.pack("<II", at + len(body), len(entries)) + places + body
    return struct.pack("<HHI16sI16sI", 0xFFFE, 0, 0, bytes(16), 1, bytes(16), 48) + section


def text(value: str, encoding: str) -> bytes:
    raw = (value + "\0").encode(encoding)
    return struct.pack("<II", 30, len(raw)) + raw


def moment(ticks: int) -> bytes:
    return struct.pack("<IQ", 64, ticks)


@pytest.mark.parametrize(
    ("encoding", "page"), [("gbk", 936), ("utf-8", 65001), ("cp1252", 1252), ("utf-16-le", 1200)]
)
def test_texts_are_read_in_the_code_page_the_set_names(encoding: str, page: int) -> None:
    title = "Überblick" if encoding == "cp1252" else "项目总结"
    found = property_set(
        summary({2: text(title, encoding), 13: moment(133_273_728_000_000_000)}, page), SUMMARY
    )
    assert found == {"title": title, "modified": "2023-05-01 00:00:00+00:00"}


def test_an_old_document_is_described_by_its_summary(tmp_path: Path) -> None:
    said = {
        4: text("李娜", "gbk"),
        5: text("风险；质量", "gbk"),
        12: moment(133_273_728_000_000_000),
    }
    streams = {**word97([("正文\r", 0)]), SUMMARY_STREAM: summary(said, 936)}
    found = read(ole2(tmp_path / "a.doc", streams), "a.doc")
    assert (found.authors, found.tags, str(found.dated)) == (
        ("李娜",),
        ("风险", "质量"),
        "2023-05-01",
    )


@pytest.mark.parametrize("place", range(24, 60, 4))
def test_a_broken_set_says_nothing_and_costs_no_time(tmp_path: Path, place: int) -> None:
    broken = bytearray(summary({2: text("项目", "gbk")}, 936))
    broken[place : place + 4] = b"\xff\xff\xff\xff"
    assert set(property_set(bytes(broken), SUMMARY)) <= {"title"}
    assert property_set(bytes(broken)[:place], SUMMARY) == {}
    streams = {**word97([("正文\r", 0)]), SUMMARY_STREAM: bytes(broken)}
    assert read(ole2(tmp_path / "a.doc", streams), "a.doc").body == "正文\n"
