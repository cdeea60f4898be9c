"""What all tests share: an empty database and an empty data folder, made once and copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.database import Database
from kb.search.answers import SearchRequest


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied: the migrations take a second."""
    path = tmp_path_factory.mktemp("migrated") / "empty.sqlite3"
    made = Database(f"sqlite:///{path}")
    made.migrate()
    made.close()
    return path


@pytest.fixture(scope="session")
def opened_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was opened and asked once, to be copied: the dictionary is made with the first question."""
    folder = tmp_path_factory.mktemp("opened-once") / "data"
    with open_kb(Settings(data_dir=folder)) as kb:
        kb.indexing.catch_up()
        kb.search(SYSTEM, SearchRequest("risk 风险"))
    return folder


@pytest.fixture
def data_folder(opened_once: Path, tmp_path: Path) -> Path:
    """An empty data folder, as good as new."""
    folder = tmp_path / "data"
    shutil.copytree(opened_once, folder)
    return folder
