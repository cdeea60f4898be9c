"""What tests of the knowledge base share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.database import Database
from kb.files import FileStore


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """A real SQLite database with all tables."""
    path = tmp_path / "test.sqlite3"
    shutil.copyfile(migrated, path)
    made = Database(f"sqlite:///{path}")
    yield made
    made.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """A real, empty file store."""
    return FileStore(tmp_path / "files")
