"""Word files that are broken, incomplete, hostile or something else: read as far as possible, or refused by name."""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.readers.docx import read_docx
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    FileRefused,
    HostileFile,
    MislabelledFile,
)
from kb.markdown import plain_text
from tests.ingest.readers.word_files import document, heading_styles, numbered, p, table, write

TEXT = "供应链平台 lessons"


def rewritten(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The archive with its entries changed; None leaves one out."""
    source = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            changed = change(name, source.read(name))
            if changed is not None:
                target.writestr(*changed)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "a.docx", p(TEXT, style="1"), {"styles.xml": heading_styles()})


def read(path: Path) -> str:
    return plain_text(read_docx(path, "结项.docx").body)


@pytest.mark.parametrize(
    "gone",
    ["[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/styles.xml"],
)
def test_a_missing_piece_costs_only_itself(file: Path, gone: str) -> None:
    rewritten(file, lambda name, content: None if name == gone else (name, content))
    assert read(file) == TEXT


def test_the_document_may_be_called_anything(file: Path) -> None:
    def moved(name: str, content: bytes) -> tuple[str, bytes]:
        if name == "_rels/.rels":
            content = content.replace(b"word/document.xml", b"/Text\\main2.xml")
        return {"word/document.xml": "Text/Main2.xml"}.get(name, name), content

    assert read(rewritten(file, moved)) == TEXT


def test_strict_names_mean_the_same(file: Path) -> None:
    def strict(name: str, content: bytes) -> tuple[str, bytes]:
        for old, new in (
            (
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            ),
            (
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            ),
        ):
            content = content.replace(old, new)
        return name, content

    draft = read_docx(rewritten(file, strict), "x.docx")
    assert draft.body == f"# {TEXT}\n"


def test_xml_that_breaks_off_is_read_up_to_there_and_told(file: Path) -> None:
    def cut(name: str, content: bytes) -> tuple[str, bytes]:
        return name, (
            document(p("第一段") + p("第二段")).encode()[:-40]
            if name == "word/document.xml"
            else content
        )

    draft = read_docx(rewritten(file, cut), "x.docx")
    assert "第一段" in draft.body
    assert any("not well-formed" in loss for loss in draft.ledger.losses)


def test_a_broken_styles_part_does_not_cost_the_text(file: Path) -> None:
    rewritten(
        file,
        lambda name, content: (name, b"\xff\xfenonsense" if name == "word/styles.xml" else content),
    )
    draft = read_docx(file, "x.docx")
    assert plain_text(draft.body) == TEXT
    assert any("styles.xml" in loss for loss in draft.ledger.losses)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyFile),
        (b"plain text, not a zip", MislabelledFile),
        (b"PK\x03\x04 broken", DamagedFile),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, MislabelledFile),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            EncryptedFile,
        ),
    ],
)
def test_what_is_no_word_file_is_refused_by_name(
    tmp_path: Path, content: bytes, error: type[FileRefused]
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(error) as refused:
        read_docx(path, "结项 📄.docx")
    assert refused.value.data["name"] == "结项 📄.docx"


def test_a_truncated_file_is_damaged(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-60])
    with pytest.raises(DamagedFile):
        read(file)


def test_other_archives_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    for names, error in (
        (["a.txt"], MislabelledFile),
        (["xl/workbook.xml"], MislabelledFile),
        (["_rels/.rels"], DamagedFile),
    ):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, "<x/>")
        with pytest.raises(error):
            read(path)


def test_xml_that_declares_entities_is_hostile(file: Path) -> None:
    bomb = (
        '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        + document(p("&b;")).partition("?>")[2]
    )
    rewritten(
        file,
        lambda name, content: (name, bomb.encode() if name == "word/document.xml" else content),
    )
    with pytest.raises(HostileFile):
        read(file)


def test_an_entity_that_reaches_outside_is_not_followed(file: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim", encoding="utf-8")
    outside = (
        f'<!DOCTYPE w [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
        + document(p("<w:r><w:t>&x;</w:t></w:r>")).partition("?>")[2]
    )
    rewritten(
        file,
        lambda name, content: (name, outside.encode() if name == "word/document.xml" else content),
    )
    with pytest.raises(HostileFile):
        read(file)


def test_a_part_that_unpacks_to_a_bomb_is_hostile(tmp_path: Path) -> None:
    path = write(tmp_path / "a.docx", p(TEXT) + f"<!--{' ' * 40_000_000}-->")
    with pytest.raises(HostileFile):
        read(path)


def test_elements_nested_without_end_are_hostile(tmp_path: Path) -> None:
    path = write(tmp_path / "a.docx", "<w:sdt>" * 3_000 + p(TEXT) + "</w:sdt>" * 3_000)
    with pytest.raises(HostileFile):
        read(path)


def test_a_large_document_takes_time_in_proportion(tmp_path: Path) -> None:
    def seconds(paragraphs: int) -> float:
        body = "".join(
            p(f"第 {at} 段，说明 lessons learned。", style="1" if at % 50 == 0 else "")
            for at in range(paragraphs)
        )
        path = write(
            tmp_path / "a.docx",
            body + table(*[("甲", "乙")] * (paragraphs // 10)),
            {"styles.xml": heading_styles()},
        )
        start = time.process_time()
        read(path)
        return time.process_time() - start

    small = seconds(1_000)
    assert seconds(10_000) < 40 * max(small, 0.02)


@pytest.mark.parametrize("seed", range(8))
def test_no_damage_ever_ends_in_anything_but_a_draft_or_a_refusal(
    tmp_path: Path, seed: int
) -> None:
    body = p(TEXT, style="1") + numbered("项") + table(("a", "b"), ("c", "d"))
    whole = write(tmp_path / "a.docx", body, {"styles.xml": heading_styles()}).read_bytes()
    chance = random.Random(seed)  # noqa: S311  damage, not secrets
    path = tmp_path / "b.docx"
    for _ in range(40):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 25)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path.write_bytes(
            bytes(broken[: chance.choice([len(broken), chance.randrange(1, len(broken))])])
        )
        try:
            read(path)
        except FileRefused:
            continue
