"""What a file is: its bytes decide, its name only where they cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.formats import DESCRIPTIONS, Format, promised, sniff
from tests.ingest.readers.office_files import (
    PNG,
    biff,
    content_types,
    odf,
    ole2,
    pdf,
    ppt,
    pptx,
    word97,
    xlsx,
    zipped,
)
from tests.ingest.readers.word_files import p, write

MISLEADING = "报告.xyz"


def told(folder: Path, content: bytes | str, name: str = MISLEADING) -> Format:
    path = folder / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return sniff(path, name)


def test_office_files_are_told_whatever_their_name(tmp_path: Path) -> None:
    file = tmp_path / "file"
    assert sniff(write(tmp_path / "x.docx", p("项目")), "a.pdf") is Format.DOCX
    assert sniff(pptx(file, [""]), "a.docx") is Format.PPTX
    assert sniff(xlsx(file, {"表": [["a"]]}), "a.doc") is Format.XLSX
    assert sniff(odf(file, "text", ""), "a.zip") is Format.ODT
    assert sniff(odf(file, "spreadsheet", ""), "a") is Format.ODS
    assert sniff(odf(file, "presentation", ""), "a") is Format.ODP
    assert sniff(ole2(file, word97([("x\r", 0)])), "a.docx") is Format.DOC
    assert sniff(ole2(file, ppt([{0: "x"}])), "a.doc") is Format.PPT
    assert sniff(ole2(file, biff("x", [])), "a.doc") is Format.XLS
    assert sniff(ole2(file, {"__properties_version1.0": b""}), "a.doc") is Format.MSG
    assert (
        sniff(ole2(file, {"EncryptionInfo": b"", "EncryptedPackage": b""}), "a.docx")
        is Format.ENCRYPTED_OFFICE
    )
    assert sniff(ole2(file, {"CONTENTS": b""}), "a.wps") is Format.WORKS
    assert sniff(ole2(file, {"Something": b""}), "a.doc") is Format.OTHER_OFFICE


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("ms-word.document.macroEnabled", Format.DOCX),
        ("openxmlformats-officedocument.wordprocessingml.template", Format.DOCX),
        ("ms-word.template.macroEnabledTemplate", Format.DOCX),
        ("openxmlformats-officedocument.presentationml.slideshow", Format.PPTX),
        ("ms-powerpoint.presentation.macroEnabled", Format.PPTX),
        ("ms-excel.sheet.macroEnabled", Format.XLSX),
        ("ms-excel.sheet.binary.macroEnabled", Format.XLSB),
    ],
)
def test_templates_and_macro_files_are_told(tmp_path: Path, type_: str, expected: Format) -> None:
    file = zipped(tmp_path / "file", {"[Content_Types].xml": content_types("x/y.xml", type_)})
    assert sniff(file, MISLEADING) is expected


def test_a_cut_off_office_file_is_still_told(tmp_path: Path) -> None:
    whole = pptx(tmp_path / "a", ["x" * 100]).read_bytes()
    assert told(tmp_path, whole[: len(whole) // 2]) is Format.PPTX
    whole = write(tmp_path / "x.docx", p("项目")).read_bytes()
    assert told(tmp_path, whole[:-200]) is Format.DOCX


def test_archives_of_documents_are_archives(tmp_path: Path) -> None:
    assert sniff(zipped(tmp_path / "a", {"报告.docx": b"x"}), "a.docx") is Format.ZIP
    assert sniff(zipped(tmp_path / "a", {"META-INF/container.xml": b"x"}), "a") is Format.EPUB


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (pdf([]), Format.PDF),
        (b"\r\n\xef\xbb\xbf%PDF-1.4", Format.PDF),
        (b"{\\rtf1\\ansi x}", Format.RTF),
        (b"\n {\\rtf1 x}", Format.RTF),
        (PNG, Format.IMAGE),
        (b"\xff\xd8\xff\xe0", Format.IMAGE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Format.IMAGE),
        (b"Rar!\x1a\x07\x00", Format.OTHER_ARCHIVE),
        (b"\x1f\x8b\x08", Format.OTHER_ARCHIVE),
        (b"MZ\x90\x00\x03\x00\x00\x00", Format.PROGRAM),
        (b"\xdb\xa5-\x00", Format.OTHER_OFFICE),
        (bytes(range(256)) * 4, Format.OTHER),
    ],
)
def test_other_bytes_are_told(tmp_path: Path, content: bytes, expected: Format) -> None:
    assert told(tmp_path, content) is expected


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("<!DOCTYPE html><p>项目", "a.doc", Format.HTML),
        ("<?xml version='1.0'?>\n<!-- x -->\n<html><body>", "a.txt", Format.HTML),
        ("<div>说明</div>", "a.doc", Format.HTML),
        ("<div align=center>说明</div>\n# 标题", "README.md", Format.MARKDOWN),
        ("From: a@b.cn\nTo: c@d.cn\nSubject: 延期\nDate: x\n\n正文", "a.txt", Format.EML),
        ("Return-Path: <a@b>\nReceived: x\nMessage-ID: <1>\n\nHi", "a.doc", Format.EML),
        (
            "From: <Saved by X>\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/related\n\ntext/html",
            "a",
            Format.MHTML,
        ),
        ("Title: x\n\n正文", "a.txt", Format.TEXT),
        ("---\ntitle: 教训\n---\n正文", "a.txt", Format.TEXT),
        ("---\ntitle: 教训\n---\n正文", "无扩展名", Format.MARKDOWN),
        ("# 教训\n", "notes", Format.MARKDOWN),
        ("a,b\n1,2", "a.csv", Format.CSV),
        ("a\tb\n1\t2", "a.tsv", Format.CSV),
        ("= 标题\n", "a.adoc", Format.ASCIIDOC),
        ("只是一段文字", "a.docx", Format.TEXT),
        ("plain words", "LICENSE", Format.TEXT),
        ("<?xml version='1.0'?><data/>", "a.xml", Format.XML),
    ],
)
def test_texts_are_told_by_their_first_words_then_by_name(
    tmp_path: Path, text: str, name: str, expected: Format
) -> None:
    assert told(tmp_path, text, name) is expected
    assert told(tmp_path, text.encode("utf-16"), name) is expected


def test_chinese_pages_in_old_character_sets_are_told(tmp_path: Path) -> None:
    assert told(tmp_path, "<html><title>项目</title>".encode("gb18030")) is Format.HTML
    assert told(tmp_path, "專案管理辦法".encode("big5"), "a.txt") is Format.TEXT


def test_a_name_promises_formats_without_regard_to_case() -> None:
    assert promised("目录/报告.DOCX") == {Format.DOCX}
    assert promised("归档.ZIP") == {Format.ZIP}
    assert not promised("没有扩展名")


def test_every_format_can_be_called_by_a_name() -> None:
    assert set(DESCRIPTIONS) == set(Format)
