"""One import of all that a folder may hold by accident or malice: each file is named, none harms the rest."""

from __future__ import annotations

import io
import os
import shutil
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.jobs import run_job
from ingest.limits import MIB
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.import_queue import new_runner
from kb.imports import Item
from kb.knowledge_base import KnowledgeBase
from tests.ingest.readers.word_files import p, write


@pytest.fixture
def kb(opened_once: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    folder = tmp_path / "base" / "data"
    shutil.copytree(opened_once, folder)
    with open_kb(Settings(data_dir=folder, workers=2)) as opened:
        yield opened


def imported(kb: KnowledgeBase, folder: Path) -> dict[str, Item]:
    """The items of an import of ``folder`` with the real readers, by what follows the folder in their paths."""
    runner = new_runner()
    number = kb.imports.create(SYSTEM, sources=[str(folder)], runner=runner)
    job = kb.imports.queue.claim(runner, number)
    assert job is not None
    with open_pool(kb.settings) as pool:
        assert run_job(kb, job, Pipeline(kb, pool), stop=threading.Event())
    items = kb.imports.all_items(SYSTEM, number)
    return {item.path.removeprefix(f"{folder}/"): item for item in items}


def packed(*entries: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return stream.getvalue()


def nested(depth: int) -> bytes:
    content = "最里面的总结。".encode()
    name = "总结.txt"
    for level in range(depth):
        content, name = packed((name, content)), f"{level}.zip"
    return content


BOMB = b"\0" * (40 * MIB)
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    b"<w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
)
OUTSIDE = ENTITIES.replace(b'"&a;&a;&a;&a;"', b'SYSTEM "file:///etc/passwd"')


def word(tmp_path: Path) -> bytes:
    return write(tmp_path / "good.docx", p("开工前先探明地下管线。")).read_bytes()


def with_part(file: bytes, part: str, content: bytes) -> bytes:
    """A packed file with one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return packed(*{**parts, part: content}.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of bad files with a good one at each end; the codes they must get are in :data:`CODES`."""
    made = tmp_path / "资料"
    made.mkdir()
    good = word(tmp_path)
    files = {
        "0 good.docx": good,
        "empty 空.docx": b"",
        "cut 半个.docx": good[: len(good) // 2],
        "not a word 假.docx": b"\x00\x01\x02\x03" * 100,
        "picture.docx": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "entities 实体.docx": with_part(good, "word/document.xml", ENTITIES),
        "outside 外部.docx": with_part(good, "word/document.xml", OUTSIDE),
        "bomb.docx": with_part(good, "word/document.xml", BOMB),
        "bomb 炸弹.zip": packed(("总结.txt", "正文".encode()), ("零.txt", BOMB)),
        "deep 深.zip": nested(8),
        "many 多.zip": packed(*((f"{n}.txt", b"") for n in range(20_001))),
        "climbs 越.zip": packed(("../../../越界.txt", "越界的总结".encode()), ("/abs.txt", b"absolute words")),
        "blank 白.txt": b" \n\n",
        "emoji 📉🏗️ 𠮷.md": "# 复盘\n\n完成。".encode(),
        "line\nbreak.md": "# 换行\n\n名字里有换行。".encode(),
        "z good.md": "# 结尾\n\n最后一个也要进来。".encode(),
    }  # fmt: skip
    for name, content in files.items():
        (made / name).write_bytes(content)
    with (made / "huge 500.docx").open("wb") as huge:
        huge.truncate(500 * MIB)
    return made


CODES = {
    "empty 空.docx": "empty-file",
    "cut 半个.docx": "damaged-file",
    "not a word 假.docx": "mislabelled-file",
    "picture.docx": "mislabelled-file",
    "entities 实体.docx": "hostile-file",
    "outside 外部.docx": "hostile-file",
    "bomb.docx": "hostile-file",
    "bomb 炸弹.zip!/零.txt": "hostile-file",
    "many 多.zip": "hostile-file",
    "blank 白.txt": "no-text",
    "huge 500.docx": "file-too-large",
}
STORED = {
    "0 good.docx",
    "bomb 炸弹.zip!/总结.txt",
    "climbs 越.zip!/越界.txt",
    "climbs 越.zip!/abs.txt",
    "emoji 📉🏗️ 𠮷.md",
    "line\\u000abreak.md",
    "z good.md",
}


def test_every_bad_file_is_named_and_every_good_one_is_stored(
    kb: KnowledgeBase, folder: Path, tmp_path: Path
) -> None:
    before = {path for path in tmp_path.rglob("*") if "base" not in path.parts}
    items = imported(kb, folder)
    failed = {name: item.error_code for name, item in items.items() if item.outcome == "failed"}
    deep = [name for name in failed if name.startswith("deep 深.zip!/")]
    assert len(deep) == 1
    assert failed.pop(deep[0]) == "hostile-file"
    assert failed == CODES
    assert {name for name, item in items.items() if item.outcome == "stored"} == STORED
    for name in failed:
        assert items[name].error.strip().endswith(".")
        assert items[name].advice
    # What climbs out of its archive lands in the data folder like everything else.
    assert {path for path in tmp_path.rglob("*") if "base" not in path.parts} == before
    assert os.listdir(tmp_path / "base") == ["data"]  # noqa: PTH208
    assert list((tmp_path / "base" / "data" / "tmp").iterdir()) == []
    bodies = "\n".join(document.body for document in kb.documents.recent(SYSTEM, 100))
    assert "root:" not in bodies


def test_an_archive_named_in_gbk_without_saying_so_keeps_its_names(
    kb: KnowledgeBase, tmp_path: Path
) -> None:
    folder = tmp_path / "资料"
    folder.mkdir()
    raw = "年度/竣工总结报告.txt".encode("gbk")
    content = packed(("N" * len(raw), "竣工。".encode())).replace(b"N" * len(raw), raw)
    (folder / "旧.zip").write_bytes(content)
    items = imported(kb, folder)
    assert items["旧.zip!/年度/竣工总结报告.txt"].outcome == "stored"


def test_a_name_of_300_characters_in_an_archive_is_taken(kb: KnowledgeBase, tmp_path: Path) -> None:
    folder = tmp_path / "资料"
    folder.mkdir()
    (folder / "长.zip").write_bytes(packed(("总" * 300 + ".txt", "正文。".encode())))
    [item] = [each for each in imported(kb, folder).values() if each.outcome != "expanded"]
    assert (item.outcome, item.error) == ("stored", "")


def test_the_importing_process_neither_cuts_nor_searches_a_text_itself(
    kb: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes as long as a file is strange happens where its time is limited."""

    def refused(*_: object, **__: object) -> None:
        message = "done in the process that serves everybody"
        raise AssertionError(message)

    monkeypatch.setattr("kb.documents.sections", refused)
    monkeypatch.setattr("ingest.harvest.harvest", refused)
    monkeypatch.setattr("ingest.examining.sections", refused)
    folder = tmp_path / "资料"
    folder.mkdir()
    (folder / "总结.md").write_text("# 总结\n\n## 经验教训\n\n- 先探明管线。\n", encoding="utf-8")
    [item] = imported(kb, folder).values()
    assert (item.outcome, item.error) == ("stored", "")
