"""What tests of the knowledge base share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.database import Database
from kb.files import FileStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A real SQLite database with all tables."""
    made = Database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """A real, empty file store."""
    return FileStore(tmp_path / "files")
