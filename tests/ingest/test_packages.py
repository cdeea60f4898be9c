"""Opening zip-based office files: hostile ones are named, careless ones are read."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from ingest.limits import MIB, Limits
from ingest.packages import open_package, parse_xml
from kb.errors import DamagedFile, EncryptedFile, HostileFile
from tests.ingest.readers.office_files import links, zipped


def test_parts_are_found_whatever_their_case_and_slashes(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"Word\\Document.xml": "<a/>", "项目/x": b"1"})
    with open_package(path, "a") as package:
        assert "word/document.xml" in package
        assert package.read("/word/document.xml") == b"<a/>"
        assert package.parts == ["Word/Document.xml", "项目/x"]


def test_of_two_parts_that_differ_in_case_the_one_that_is_asked_for_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x/Sheet1.xml": b"1", "x/sheet1.xml": b"2"})
    with open_package(path, "a") as package:
        assert (package.read("x/Sheet1.xml"), package.read("x/sheet1.xml")) == (b"1", b"2")
        assert package.read("X/SHEET1.XML") == b"1"


def test_an_entry_without_a_name_is_passed_over(tmp_path: Path) -> None:
    content = zipped(tmp_path / "a", {"x": b"1", "N": b"2"}).read_bytes()
    at = content.rindex(b"N")
    nameless = bytearray(content[:at] + content[at + 1 :])
    entry = nameless.rindex(b"PK\x01\x02")
    nameless[entry + 28] = 0
    end = nameless.rindex(b"PK\x05\x06")
    nameless[end + 12 : end + 16] = (
        int.from_bytes(nameless[end + 12 : end + 16], "little") - 1
    ).to_bytes(4, "little")
    with open_package(io.BytesIO(bytes(nameless)), "a") as package:
        assert package.parts == ["x"]


def test_links_lead_to_parts_and_outside_addresses_are_marked(tmp_path: Path) -> None:
    listing = links(
        ("a", "slide", "slides/s%201.xml"),
        ("b", "image", "../x.png"),
        ("c", "hyperlink", "http://x.cn"),
    )
    path = zipped(tmp_path / "a", {"ppt/_rels/p.xml.rels": listing, "ppt/slides/s 1.xml": "<a/>"})
    with open_package(path, "a") as package:
        found = package.relationships("ppt/p.xml")
        assert (found["a"].target, found["a"].type) == ("ppt/slides/s 1.xml", "slide")
        assert found["b"].target == "x.png"
        assert found["c"].external
        assert package.related("ppt/p.xml", "slide") == ["ppt/slides/s 1.xml"]
        assert package.relationships("ppt/none.xml") == {}


def test_a_link_that_climbs_out_stays_inside(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"_rels/.rels": links(("a", "x", "../../../etc/passwd"))})
    with open_package(path, "a") as package:
        assert package.relationships("")["a"].target == "etc/passwd"


def test_a_file_that_is_no_zip_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(DamagedFile), open_package(tmp_path / "a", "a"):
        pass


def test_a_missing_file_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_package(tmp_path / "none", "a"):
        pass


def test_a_part_whose_bytes_are_broken_is_damaged(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x": b"0" * 5000})
    content = bytearray(path.read_bytes())
    content[40:44] = b"\xff\xff\xff\xff"
    with open_package(io.BytesIO(bytes(content)), "a") as package, pytest.raises(DamagedFile):
        package.read("x")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x": b"0" * 3 * MIB})
    for limits in (Limits(part_mib=2), Limits(ratio=100, ratio_from_mib=1)):
        with open_package(path, "a", limits) as package, pytest.raises(HostileFile):
            package.read("x")


def test_many_parts_that_are_large_together_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {str(n): b"0" * MIB for n in range(4)})
    with open_package(path, "a", Limits(unpacked_mib=3)) as package:
        package.read("0")
        package.read("1")
        package.read("2")
        with pytest.raises(HostileFile):
            package.read("3")


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {str(n): b"" for n in range(11)})
    with pytest.raises(HostileFile), open_package(path, "a", Limits(entries=10)):
        pass


def test_an_encrypted_part_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a", {"x": b"secret"})
    content = path.read_bytes().replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00"
    )
    with open_package(io.BytesIO(content), "a") as package, pytest.raises(EncryptedFile):
        package.read("x")


def test_entities_are_refused_and_never_expanded() -> None:
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    with pytest.raises(HostileFile):
        parse_xml(f"<!DOCTYPE a [{lol}]><a>&l11;</a>".encode(), "a")
    with pytest.raises(HostileFile):
        parse_xml(f'<!DOCTYPE a [{lol}]><a b="&l11;"/>'.encode(), "a")
    with pytest.raises(HostileFile):
        parse_xml(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "a")
    with pytest.raises(HostileFile):
        parse_xml(
            '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'.encode(
                "utf-16"
            ),
            "a",
        )


def test_a_document_type_without_entities_is_read() -> None:
    assert parse_xml(b'<!DOCTYPE a PUBLIC "x" "http://127.0.0.1:9/x.dtd"><a>1</a>', "a").text == "1"


def test_broken_and_bottomless_xml_is_damaged() -> None:
    for content in (b"", b"<a>", b"<a>" * 5000 + b"</a>" * 5000, b"\x00\x01"):
        with pytest.raises(DamagedFile):
            parse_xml(content, "a", "part.xml")


def test_an_archive_with_overlapping_entries_is_refused(tmp_path: Path) -> None:
    """Two entries that share their bytes unpack to more than the file can hold."""
    path = zipped(tmp_path / "a", {"x": b"1" * 100})
    with zipfile.ZipFile(path, "a") as archive:
        first = archive.infolist()[0]
        twin = zipfile.ZipInfo("y")
        twin.header_offset, twin.file_size, twin.compress_size = (
            first.header_offset,
            100,
            first.compress_size,
        )
        twin.CRC, twin.compress_type = first.CRC, first.compress_type
        archive.filelist.append(twin)
        archive.NameToInfo["y"] = twin
        setattr(archive, "_didModify", True)  # noqa: B010  zipfile writes its directory again
    with open_package(path, "a") as package, pytest.raises(DamagedFile):
        package.read("y")
