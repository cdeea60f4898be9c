"""The file store."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest

from kb.errors import DataFolderError, NotFound
from kb.files import FileStore


@pytest.mark.parametrize("content", [b"", "项目总结 🚧 𠮷".encode(), b"x" * 3_000_000])
def test_a_kept_content_comes_back_byte_for_byte_under_its_hash(
    files: FileStore, content: bytes
) -> None:
    sha256, size = files.keep(io.BytesIO(content))
    assert (sha256, size) == (hashlib.sha256(content).hexdigest(), len(content))
    with files.open(sha256) as stored:
        assert stored.read() == content


def test_the_same_content_is_kept_once_and_nothing_else_stays(
    files: FileStore, tmp_path: Path
) -> None:
    assert files.keep(b"a") == files.keep(io.BytesIO(b"a"))
    assert [path.name for path in (tmp_path / "files").rglob("*") if path.is_file()] == [
        hashlib.sha256(b"a").hexdigest()[2:]
    ]
    assert list(files.hashes()) == [hashlib.sha256(b"a").hexdigest()]


def test_a_content_that_is_not_there_is_not_found(files: FileStore) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        files.open("0" * 64)


def test_a_folder_that_cannot_be_written_says_so_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(DataFolderError, match="cannot be used"):
        FileStore(tmp_path / "occupied").keep(b"x")
