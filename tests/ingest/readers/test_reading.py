"""The door to the readers: each file gets the reader its bytes ask for, or a refusal that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.limits import MIB, Limits
from ingest.readers import READERS, read
from kb.drafts import KINDS
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileRefused,
    FileTooLarge,
    HostileFile,
    MislabelledFile,
    NoText,
    UnsupportedFormat,
)
from tests.ingest.readers.office_files import (
    PNG,
    biff,
    draft,
    odf,
    ole2,
    pdf,
    ppt,
    pptx,
    word97,
    words,
    xlsx,
    zipped,
)
from tests.ingest.readers.word_files import p, write


def test_a_file_of_no_bytes_is_empty(tmp_path: Path) -> None:
    with pytest.raises(EmptyFile, match=r"空\.docx"):
        draft(tmp_path, "空.docx", b"")


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    path.write_bytes(b"x" * (2 * MIB))
    with pytest.raises(FileTooLarge) as refused:
        read(path, path.name, Limits(file_mib=1))
    assert refused.value.data == {"name": "大.txt", "size_mib": 2, "limit_mib": 1}


def test_a_sparse_file_of_500_mib_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.docx"
    with path.open("wb") as stream:
        stream.truncate(500 * MIB)
    with pytest.raises(FileTooLarge):
        read(path, path.name)


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("photo.png", PNG, NoText),
        ("报告.docx", PNG, MislabelledFile),
        ("a.zip", b"PK\x05\x06" + bytes(18), UnsupportedFormat),
        ("a.docx", b"PK\x05\x06" + bytes(18), MislabelledFile),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", UnsupportedFormat),
        ("tool.exe", b"MZ\x90\x00\x03\x00\x00\x00", UnsupportedFormat),
        ("计划.pdf", bytes(range(256)) * 4, MislabelledFile),
        ("计划.xml", "<?xml version='1.0'?><a>项目</a>", UnsupportedFormat),
        ("a.pdf", b"%PDF-1.4 and nothing more", DamagedFile),
        ("a.docx", b"PK\x03\x04 word/document.xml", DamagedFile),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut off", DamagedFile),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_reason_and_advice(
    tmp_path: Path, name: str, content: bytes | str, error: type[FileRefused]
) -> None:
    with pytest.raises(error) as refused:
        draft(tmp_path, name, content)
    assert name in str(refused.value)
    assert refused.value.advice


def test_each_sort_of_file_with_a_password_is_named_as_such(tmp_path: Path) -> None:
    locked = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        "<m:encryption-data/></m:manifest>"
    )
    files = [
        ole2(tmp_path / "a.docx", {"EncryptionInfo": b"", "EncryptedPackage": b""}),
        ole2(tmp_path / "a.xlsx", {"EncryptionInfo": b"", "EncryptedPackage": b""}),
        ole2(tmp_path / "a.doc", word97([("x\r", 0)], flags=0x0100)),
        ole2(tmp_path / "a.ppt", {**ppt([{0: "x"}]), "EncryptedSummary": b""}),
        ole2(tmp_path / "a.xls", biff("x", [["a"]], encrypted=True)),
        odf(
            tmp_path / "a.odt", "text", "<text:p>x</text:p>", more={"META-INF/manifest.xml": locked}
        ),
        odf(tmp_path / "a.ods", "spreadsheet", "", more={"META-INF/manifest.xml": locked}),
    ]
    (tmp_path / "a.pdf").write_bytes(pdf([[("x", 12, 100, 700)]], encrypt=True))
    for path in [*files, tmp_path / "a.pdf"]:
        with pytest.raises(EncryptedFile, match=path.name):
            read(path, path.name)


def test_a_wrong_ending_does_not_matter_while_the_bytes_are_readable(tmp_path: Path) -> None:
    found = draft(tmp_path, "周报.doc", "<html><body><h1>周报</h1><p>进度正常</p></body></html>")
    assert (found.format, words(found)) == ("html", "周报 进度正常")
    assert draft(tmp_path, "说明.docx", "只是文字").format == "txt"
    path = write(tmp_path / "纪要.pdf", p("会议纪要"))
    assert read(path, path.name).format == "docx"


@pytest.mark.parametrize(
    "name",
    ["👍 总结.txt", "总\n结.txt", "长" * 80 + ".txt", "'; drop table--.txt", "%(name)s %s.txt"],
)
def test_names_of_all_sorts_are_taken(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    path.write_text("项目按期完成", encoding="utf-8")
    assert read(path, name).title
    path.write_bytes(b"")
    with pytest.raises(EmptyFile):
        read(path, name)


@pytest.mark.parametrize("make", ["pptx", "xlsx", "odt", "docx"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_truncated_office_file_is_damaged_and_nothing_else(
    tmp_path: Path, make: str, share: float
) -> None:
    file = tmp_path / f"a.{make}"
    if make == "pptx":
        pptx(file, ["x" * 50])
    elif make == "xlsx":
        xlsx(file, {"表": [["a"] * 20] * 20})
    elif make == "odt":
        odf(file, "text", "<text:p>项目</text:p>" * 50)
    else:
        write(file, p("项目") * 50)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises((DamagedFile, MislabelledFile)):
        read(file, file.name)


def test_entities_in_an_office_file_are_hostile(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><x>&b;</x>'
    file = zipped(
        tmp_path / "a.odt",
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": bomb},
    )
    with pytest.raises(HostileFile):
        read(file, "a.odt")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("本项目历时八个月，按期上线。", "zh"),
        ("The project was delivered on time and within budget.", "en"),
        ("使用 Jira 管理需求，使用 GitLab 管理代码，使用 Jenkins 构建。", "zh"),
    ],
)
def test_every_draft_says_its_language_its_kind_and_how_much_was_carried(
    tmp_path: Path, text: str, language: str
) -> None:
    found = draft(tmp_path, "项目总结.txt", text)
    assert found.language == language
    assert found.kind.value in KINDS
    assert found.kind.value == "summary"
    assert found.ledger.coverage == 100.0


def test_readers_are_found_where_the_table_says(tmp_path: Path) -> None:
    for module, function in READERS.values():
        imported = __import__(f"ingest.readers.{module}", fromlist=[function])
        assert callable(getattr(imported, function))
