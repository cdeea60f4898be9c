from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.sources import MAX_PATH_CHARS, listed, name_of, shown, skip_reason, uploaded
from kb.access import Actor, Role, anonymous
from kb.importing_rules import SKIP_REASONS

LI_NA = Actor("li.na", "李娜", Role.CONTRIBUTOR)


def names(folder: Path) -> list[str]:
    return [name_of(entry.path) for entry in listed([str(folder)]) if not entry.skip]


def skipped(folder: Path) -> dict[str, str]:
    return {name_of(entry.path): entry.skip for entry in listed([str(folder)]) if entry.skip}


def make(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(path.encode("utf-8", "surrogateescape"))


def test_a_folder_gives_every_file_below_it_in_a_fixed_order(tmp_path: Path) -> None:
    make(tmp_path, "b.docx", "年度/2019/总结.docx", "年度/a.txt", "README", "年度/2018/x.md")
    assert names(tmp_path) == ["README", "b.docx", "a.txt", "x.md", "总结.docx"]


def test_a_file_named_itself_is_taken_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, ".隐藏.docx")
    [entry] = listed([str(tmp_path / ".隐藏.docx")])
    assert not entry.skip


def test_what_is_not_a_document_is_skipped_with_its_reason(tmp_path: Path) -> None:
    make(
        tmp_path,
        "总结.docx",
        "~$总结.docx",
        ".~lock.总结.odt#",
        "~WRL0005.tmp",
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "._总结.docx",
        ".git/config",
        "~总结.docx",
    )
    os.mkfifo(tmp_path / "pipe.docx")
    (tmp_path / "nowhere.docx").symlink_to(tmp_path / "gone.docx")
    assert sorted(names(tmp_path)) == sorted(["总结.docx", "~总结.docx"])
    assert skipped(tmp_path) == {
        "~$总结.docx": "lock-file",
        ".~lock.总结.odt#": "lock-file",
        "~WRL0005.tmp": "lock-file",
        ".DS_Store": "system-file",
        "Thumbs.db": "system-file",
        "desktop.ini": "system-file",
        "._总结.docx": "system-file",
        ".git": "hidden-file",
        "pipe.docx": "special-file",
        "nowhere.docx": "broken-link",
    }


def test_every_reason_to_skip_has_its_sentence(tmp_path: Path) -> None:
    reasons = {skip_reason(name) for name in ("~$a.docx", ".a", "Thumbs.db", "报告.docx")}
    assert reasons - {""} <= SKIP_REASONS.keys()


def test_links_that_go_in_circles_end(tmp_path: Path) -> None:
    make(tmp_path, "甲/总结.docx")
    (tmp_path / "甲" / "上级").symlink_to(tmp_path)
    (tmp_path / "自己").symlink_to(tmp_path / "自己")
    assert names(tmp_path) == ["总结.docx"]
    assert skipped(tmp_path) == {"上级": "link-loop", "自己": "broken-link"}


def test_a_folder_given_twice_is_listed_once(tmp_path: Path) -> None:
    make(tmp_path, "a/总结.docx")
    entries = list(listed([str(tmp_path), str(tmp_path / "a")]))
    assert [name_of(entry.path) for entry in entries if not entry.skip] == ["总结.docx"]


def test_the_same_file_through_a_link_has_the_same_place(tmp_path: Path) -> None:
    make(tmp_path, "real/总结.docx")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "快捷.docx").symlink_to(tmp_path / "real" / "总结.docx")
    ways = [tmp_path / "real", tmp_path / "link", tmp_path / "快捷.docx"]
    places = {entry.place for way in ways for entry in listed([str(way)])}
    assert places == {str((tmp_path / "real" / "总结.docx").resolve())}


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder whose removal is not left to pytest, which would remove it recursively."""
    folder = tmp_path / "deep"
    folder.mkdir()
    yield folder
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_folders_deeper_than_python_may_call_are_listed(deep: Path) -> None:
    descriptor = os.open(deep, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=descriptor)
        deeper = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(os.open("深.txt", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor))
    os.close(descriptor)
    [entry] = listed([str(deep)])
    assert name_of(entry.path) == "深.txt"
    assert len(entry.path) <= MAX_PATH_CHARS
    assert len(entry.place) <= MAX_PATH_CHARS


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("项目总结.docx".encode(), "项目总结.docx"),
        ("项目总结.docx".encode("gb18030"), "项目总结.docx"),
        (b"\xff\xfe\xff.docx", "\\xff\\xfe\\xff.docx"),
        ("报告\n第二行.docx".encode(), "报告\\u000a第二行.docx"),
        ("𠮷野家 🚇 👨‍👩‍👧.docx".encode(), "𠮷野家 🚇 👨‍👩‍👧.docx"),
        ("annex\u202excod.exe".encode(), "annex\\u202excod.exe"),
        ("\uff21\uff22（终稿）.docx".encode(), "\uff21\uff22（终稿）.docx"),
        ("臺灣專案總結.docx".encode(), "臺灣專案總結.docx"),
    ],
)
def test_a_name_is_shown_readable_and_harmless(raw: bytes, text: str) -> None:
    assert shown(raw) == text
    assert shown(raw).isprintable() or "\u200d" in text


@pytest.mark.parametrize(
    "name",
    [
        "项目总结.txt".encode("gb18030"),
        b"\xff\xfe.txt",
        "两\n行.txt".encode(),
        "🚇𠮷.txt".encode(),
        ("长" * 80 + ".txt").encode(),
        b"back\\slash.txt",
    ],
)
def test_a_file_of_any_name_can_still_be_opened_and_has_a_place_of_its_own(
    tmp_path: Path, name: bytes
) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(b"x")
    make(tmp_path, "plain.txt")
    entries = {entry.local_path: entry for entry in listed([str(tmp_path)])}
    assert Path(os.fsdecode(entries[path].local_path)).read_bytes() == b"x"
    assert len({entry.place for entry in entries.values()}) == 2
    entries[path].place.encode()
    entries[path].path.encode()


def test_a_name_of_300_characters_is_taken(tmp_path: Path) -> None:
    entry = uploaded(LI_NA, "年" * 300 + ".docx", "ab" * 32, 1)
    assert entry.path == "年" * 300 + ".docx"


def test_a_path_longer_than_a_place_may_be_keeps_apart_from_its_like() -> None:
    long = "长/" * 1500
    first, second = (uploaded(LI_NA, long + name, "ab" * 32, 1) for name in ("a.docx", "b.docx"))
    assert first.place != second.place
    assert len(first.place) == MAX_PATH_CHARS


def test_an_upload_lies_at_its_senders_place() -> None:
    mine, theirs = (
        uploaded(actor, "年度\\总结.docx", "ab" * 32, 1) for actor in (LI_NA, anonymous(Role.NONE))
    )
    assert mine.path == "年度/总结.docx"
    assert mine.place == "upload:li.na:年度/总结.docx"
    assert theirs.place != mine.place


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("C:\\资料\\报告.docx", "C:/资料/报告.docx"),
        ("", "file"),
        ("a\0b.docx", "a\\u0000b.docx"),
        ("\ud800.docx", "\\xed\\xa0\\x80.docx"),
    ],
)
def test_an_uploads_name_leads_nowhere_else(name: str, path: str) -> None:
    entry = uploaded(LI_NA, name, "ab" * 32, 1)
    assert entry.path == path
    entry.place.encode()


def test_a_lock_file_in_an_uploaded_folder_is_skipped() -> None:
    assert uploaded(LI_NA, "年度/~$总结.docx", "ab" * 32, 1).skip == "lock-file"
    assert uploaded(LI_NA, ".git/总结.docx", "ab" * 32, 1).skip == "hidden-file"
