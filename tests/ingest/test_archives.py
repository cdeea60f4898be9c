"""Archives: everything in them is found under the name people gave it, and nothing gets out of the folder."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
import zlib
from pathlib import Path

import pytest

from ingest.archives import Member, entry_paths, members, unpack
from ingest.limits import MIB, Limits
from kb.errors import (
    DamagedFile,
    EmptyFile,
    EncryptedFile,
    HostileFile,
)
from tests.ingest.readers.office_files import zipped
from tests.ingest.readers.word_files import p, write


def archive(
    *entries: tuple[zipfile.ZipInfo | str, bytes], kind: int = zipfile.ZIP_DEFLATED
) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", kind) as written:
        for entry, content in entries:
            written.writestr(entry, content, kind)
    return stream.getvalue()


def named(raw: bytes, content: bytes = b"x", extra: bytes = b"") -> bytes:
    """An archive with one entry whose name is these bytes, without a word about their character set."""
    entry = zipfile.ZipInfo("N" * len(raw))
    entry.extra = extra
    return archive((entry, content)).replace(b"N" * len(raw), raw)


def walked(
    folder: Path, content: bytes, limits: Limits | None = None
) -> list[tuple[str, bytes | str]]:
    """Each member's path with its content, its error's kind, or why it is skipped."""
    path = folder / "a.zip"
    path.write_bytes(content)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return [
        (member.path, told(member)) for member in members(path, "a.zip", work, limits or Limits())
    ]


def told(member: Member) -> bytes | str:
    if member.stream is not None:
        content = member.stream.read()
        assert len(content) == member.size
        return content
    return type(member.error).__name__ if member.error else member.skip


def test_files_of_all_depths_come_with_the_path_people_know(tmp_path: Path) -> None:
    inner = archive(("报告.docx", b"2"), ("deep/x.txt", b"3"))
    content = archive(("2023/总结.md", b"1"), ("归档/旧.zip", inner), ("z.txt", b"4"))
    assert walked(tmp_path, content) == [
        ("a.zip!/2023/总结.md", b"1"),
        ("a.zip!/归档/旧.zip!/报告.docx", b"2"),
        ("a.zip!/归档/旧.zip!/deep/x.txt", b"3"),
        ("a.zip!/z.txt", b"4"),
    ]


def test_an_office_file_is_one_file_and_not_an_archive(tmp_path: Path) -> None:
    document = write(tmp_path / "x.docx", p("项目")).read_bytes()
    assert walked(tmp_path, archive(("报告.docx", document), ("renamed.zip", document))) == [
        ("a.zip!/报告.docx", document),
        ("a.zip!/renamed.zip", document),
    ]


@pytest.mark.parametrize(
    "name", ["项目总结.docx", "經驗教訓/報告.docx", "Überblick.docx", "𠮷👍.docx"]
)
def test_names_declared_as_utf8_are_kept(tmp_path: Path, name: str) -> None:
    assert walked(tmp_path, archive((name, b"x"))) == [(f"a.zip!/{name}", b"x")]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("项目总结报告.docx", "gbk"),
        ("2023年/经验教训.docx", "gbk"),
        ("專案結案報告.docx", "big5"),
        ("会议纪要.docx", "utf-8"),
    ],
)
def test_names_of_an_undeclared_character_set_are_read_right(
    tmp_path: Path, name: str, encoding: str
) -> None:
    assert walked(tmp_path, named(name.encode(encoding))) == [(f"a.zip!/{name}", b"x")]


def test_all_names_of_an_archive_decide_together() -> None:
    names = ["项目经理名单.docx", "爬虫", "附录"]
    entries = []
    for name in names:
        entry = zipfile.ZipInfo("x")
        entry.orig_filename = name.encode("gbk").decode("cp437")
        entries.append(entry)
    assert entry_paths(entries) == names


def test_the_unicode_name_of_infozip_wins_while_it_belongs_to_the_name(tmp_path: Path) -> None:
    raw = b"?????.docx"
    told_name = "风险登记册.docx"

    def extra(checksum: int) -> bytes:
        field = struct.pack("<BI", 1, checksum) + told_name.encode()
        return struct.pack("<HH", 0x7075, len(field)) + field

    assert walked(tmp_path, named(raw, extra=extra(zlib.crc32(raw)))) == [
        (f"a.zip!/{told_name}", b"x")
    ]
    assert walked(tmp_path, named(raw, extra=extra(1))) == [("a.zip!/?????.docx", b"x")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("..\\..\\windows\\x.ini", "windows/x.ini"),
        ("C:\\Users\\报告.docx", "Users/报告.docx"),
        ("a/./b/../c.txt", "a/b/c.txt"),
        ("..", "unnamed"),
        ("line\nbreak.txt", "line\\u000abreak.txt"),
        ("x" * 400 + ".txt", "x" * 255),
    ],
)
def test_names_that_lead_out_of_the_folder_are_tamed(tmp_path: Path, name: str, shown: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    before = set(os.walk(tmp_path).__next__()[2])
    found = walked(inside, archive((name, b"x")))
    assert found == [(f"a.zip!/{shown}", b"x")]
    assert set(os.walk(tmp_path).__next__()[2]) == before


def test_nothing_stays_in_the_folder_after_a_walk(tmp_path: Path) -> None:
    walked(tmp_path, archive(("a", b"1"), ("b.zip", archive(("c", b"2")))))
    assert list((tmp_path / "work").iterdir()) == []


def test_two_entries_of_one_name_are_two_files(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = archive(("报告.docx", b"1"), ("报告.docx", b"2"), ("x/报告.DOCX", b"3"))
    assert [path for path, _ in walked(tmp_path, content)] == [
        "a.zip!/报告.docx",
        "a.zip!/报告 (2).docx",
        "a.zip!/x/报告.DOCX",
    ]


def test_an_encrypted_entry_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    content = bytearray(archive(("open.txt", b"1"), ("secret.txt", b"2")))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert walked(tmp_path, bytes(content)) == [
        ("a.zip!/open.txt", b"1"),
        ("a.zip!/secret.txt", "EncryptedFile"),
    ]


def test_an_archive_of_nothing_but_encrypted_entries_is_encrypted(tmp_path: Path) -> None:
    content = bytearray(archive(("secret.txt", b"2")))
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(EncryptedFile):
        walked(tmp_path, bytes(content))
    assert walked(tmp_path, archive(("b.zip", bytes(content)), ("c", b"1"))) == [
        ("a.zip!/b.zip", "EncryptedFile"),
        ("a.zip!/c", b"1"),
    ]


def test_a_bomb_by_ratio_is_its_own_error(tmp_path: Path) -> None:
    content = archive(("bomb", b"0" * 3 * MIB), ("good.txt", b"1"))
    limits = Limits(ratio=100, ratio_from_mib=1)
    assert walked(tmp_path, content, limits) == [
        ("a.zip!/bomb", "HostileFile"),
        ("a.zip!/good.txt", b"1"),
    ]


def test_a_bomb_by_total_ends_the_walk_and_says_so(tmp_path: Path) -> None:
    inner = archive(*((str(n), os.urandom(MIB)) for n in range(2)))
    content = archive(("a.txt", b"1"), ("b.zip", inner), ("c.zip", inner))
    found = walked(tmp_path, content, Limits(unpacked_mib=5, file_mib=4))
    assert found[0] == ("a.zip!/a.txt", b"1")
    assert found[-1][1] == "HostileFile"
    assert sum(isinstance(content, bytes) for _, content in found) < 5


def test_archives_nested_too_deep_are_refused_and_no_deeper_one_is_opened(tmp_path: Path) -> None:
    content = archive(("deepest.txt", b"x"))
    for level in range(6):
        content = archive((f"{level}.zip", content))
    found = walked(tmp_path, content, Limits(depth=3))
    assert found == [("a.zip!/5.zip!/4.zip!/3.zip", "HostileFile")]


def test_too_many_entries_are_refused_over_all_archives_together(tmp_path: Path) -> None:
    inner = archive(*((str(n), b"x") for n in range(8)))
    with pytest.raises(HostileFile):
        walked(tmp_path, archive(*((str(n), b"x") for n in range(11))), Limits(entries=10))
    found = walked(tmp_path, archive(("a.zip", inner), ("b.zip", inner)), Limits(entries=12))
    assert [what for _, what in found] == [b"x"] * 8 + ["HostileFile"]


def test_an_entry_larger_than_a_file_may_be_is_refused(tmp_path: Path) -> None:
    assert walked(tmp_path, archive(("big", os.urandom(2 * MIB))), Limits(file_mib=1)) == [
        ("a.zip!/big", "FileTooLarge")
    ]


def test_a_broken_an_empty_and_a_strangely_packed_entry_are_named(tmp_path: Path) -> None:
    content = bytearray(
        archive(
            ("broken.txt", b"1" * 999), ("empty.txt", b""), ("odd.txt", b"3"), ("good.txt", b"4")
        )
    )
    content[45] ^= 0xFF
    for at in (content.index(b"odd.txt") - 30, content.rindex(b"odd.txt") - 46):
        place = at + (8 if content[at + 2] == 3 else 10)
        content[place : place + 2] = struct.pack("<H", 97)
    assert walked(tmp_path, bytes(content)) == [
        ("a.zip!/broken.txt", "DamagedFile"),
        ("a.zip!/empty.txt", "EmptyFile"),
        ("a.zip!/odd.txt", "UnsupportedFormat"),
        ("a.zip!/good.txt", b"4"),
    ]


def test_what_the_system_left_and_links_are_skipped(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    content = archive(
        ("__MACOSX/._a.docx", b"x"),
        ("~$报告.docx", b"x"),
        ("dir/.DS_Store", b"x"),
        (link, b"/etc/passwd"),
    )
    assert [what for _, what in walked(tmp_path, content)] == [
        "system-file",
        "lock-file",
        "system-file",
        "special-file",
    ]


def test_what_is_no_archive_is_damaged(tmp_path: Path) -> None:
    whole = archive(("a", b"1" * 1000))
    for content in (b"PK\x03\x04", b"", whole[:-30]):
        with pytest.raises(DamagedFile):
            walked(tmp_path, content)
    assert walked(tmp_path, archive(("broken.zip", whole[:-30]), ("b", b"1"))) == [
        ("a.zip!/broken.zip", "DamagedFile"),
        ("a.zip!/b", b"1"),
    ]


def test_an_archive_without_files_has_no_members(tmp_path: Path) -> None:
    assert walked(tmp_path, archive(("folder/", b""))) == []


def test_unpacking_puts_contents_under_names_of_our_own(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip", {"../报告.md": b"1", "b/secret.zip": b"PK\x03\x04", ".DS_Store": b"x"}
    )
    target = tmp_path / "target"
    target.mkdir()
    found = unpack(path, "a.zip", target)
    assert [one.path for one in found] == [
        "a.zip!/报告.md",
        "a.zip!/b/secret.zip",
        "a.zip!/.DS_Store",
    ]
    assert Path(found[0].file).parent == target
    assert Path(found[0].file).read_bytes() == b"1"
    assert (found[1].error_code, found[1].error_data["name"]) == (DamagedFile.code, "secret.zip")
    assert found[2].skip
    assert sorted(target.iterdir()) == [Path(found[0].file)]


def test_every_error_says_which_file_it_is_about(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"空.txt": b""})
    (member,) = members(path, "a.zip", tmp_path)
    assert isinstance(member.error, EmptyFile)
    assert "空.txt" in str(member.error)
