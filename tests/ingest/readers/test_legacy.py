"""LibreOffice in the background: asked where our readers fall short, and survived when it fails."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ingest.limits import Limits
from ingest.readers import legacy, read
from kb.errors import DamagedFile, EncryptedFile, UnsupportedFormat
from tests.ingest.readers.office_files import ole2, ppt, pptx, shape, word97, words
from tests.ingest.readers.word_files import p, write


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH; a script called soffice in it plays the office program."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(legacy, "_PROGRAMS", ("soffice",))
    return folder


def program(folder: Path, script: str) -> None:
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


# What the script sees of its arguments: the folder for the outcome and the source come last.
ARGUMENTS = (
    'for last; do :; done; while [ "$1" != --outdir ]; do shift; done; out="$2"; mkdir -p "$out"'
)


def old_word(folder: Path) -> Path:
    """A file our reader reads, but for its picture."""
    return ole2(folder / "总结.doc", word97([("自己读的\x01\r", 0)]))


def test_where_our_reader_loses_something_the_conversion_is_read(
    tmp_path: Path, office: Path
) -> None:
    made = write(tmp_path / "made.docx", p("转换得到的"))
    program(office, f'{ARGUMENTS}; cp "{made}" "$out/source.docx"')
    found = read(old_word(tmp_path), "总结.doc")
    assert (words(found), found.format, found.title) == ("转换得到的", "doc", "总结")


def test_a_file_our_reader_carries_whole_is_not_converted(tmp_path: Path, office: Path) -> None:
    seen = tmp_path / "seen"
    program(office, f'touch "{seen}"')
    found = read(ole2(tmp_path / "a.doc", word97([("完整\r", 0)])), "a.doc")
    assert (words(found), found.ledger.losses) == ("完整", [])
    assert not seen.exists()


def test_presentations_and_works_files_go_the_same_way(tmp_path: Path, office: Path) -> None:
    made = pptx(tmp_path / "made.pptx", [shape("转换", role="title")])
    document = write(tmp_path / "made.docx", p("Works 文档"))
    program(
        office, f'{ARGUMENTS}; cp "{made}" "$out/source.pptx"; cp "{document}" "$out/source.docx"'
    )
    found = read(ole2(tmp_path / "a.ppt", {**ppt([{0: "自己"}]), "Pictures": b""}), "a.ppt")
    assert (words(found), found.format) == ("转换", "ppt")
    assert words(read(ole2(tmp_path / "a.wps", {"CONTENTS": b"x"}), "a.wps")) == "Works 文档"


@pytest.mark.parametrize(
    "script", ["exit 1", "exit 0", f'{ARGUMENTS}; echo no > "$out/source.docx"', "kill -9 $$"]
)
def test_when_libreoffice_fails_the_file_is_read_by_ourselves(
    tmp_path: Path, office: Path, script: str
) -> None:
    program(office, script)
    assert words(read(old_word(tmp_path), "总结.doc")) == "自己读的"


def test_when_libreoffice_hangs_it_is_ended_with_its_children_and_the_file_is_still_read(
    tmp_path: Path, office: Path
) -> None:
    alive = tmp_path / "alive"
    program(office, f'(while :; do date > "{alive}"; sleep 0.05; done) & sleep 60')
    begun = time.monotonic()
    assert words(read(old_word(tmp_path), "总结.doc", Limits(file_seconds=1))) == "自己读的"
    assert time.monotonic() - begun < 10
    alive.unlink(missing_ok=True)
    time.sleep(0.3)
    assert not alive.exists()


def test_libreoffice_gets_a_profile_of_its_own_with_macros_off_and_leaves_nothing_behind(
    tmp_path: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(work))
    seen = tmp_path / "seen"
    program(
        office,
        f'echo "$@" > "{seen}"; cat "$HOME"/profile/user/registrymodifications.xcu '
        f'>> "{seen}"; env >> "{seen}"; exit 1',
    )
    monkeypatch.setenv("KB_SECRET_KEY", "geheim")
    read(old_word(tmp_path), "总结.doc")
    told = seen.read_text(encoding="utf-8")
    assert "--headless" in told
    assert f"-env:UserInstallation=file://{work}" in told
    assert "DisableMacrosExecution" in told
    assert "geheim" not in told
    assert list(work.iterdir()) == []


def test_a_locked_file_is_never_handed_on(tmp_path: Path, office: Path) -> None:
    seen = tmp_path / "seen"
    program(office, f'touch "{seen}"')
    with pytest.raises(EncryptedFile):
        read(ole2(tmp_path / "a.doc", word97([("x\r", 0)], flags=0x0100)), "a.doc")
    assert not seen.exists()


def test_without_libreoffice_works_files_are_refused_and_broken_ones_damaged(
    tmp_path: Path, office: Path
) -> None:
    with pytest.raises(UnsupportedFormat, match="Works"):
        read(ole2(tmp_path / "a.wps", {"CONTENTS": b"x"}), "a.wps")
    with pytest.raises(DamagedFile):
        read(ole2(tmp_path / "a.doc", {"WordDocument": b"x"}), "a.doc")
