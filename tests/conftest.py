"""What all tests share: an empty database and an empty data folder, made once and copied."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
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


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The URL of an empty database on a server of our own that listens on a socket only."""
    pytest.importorskip("psycopg")
    # Not below tmp_path, which is for this user alone: PostgreSQL does not run as root.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = f"{folder}/data"
        if not os.getuid():
            shutil.chown(folder, "nobody")
        _run("initdb", "-D", data, "-U", "kb", "-A", "trust", "-E", "UTF8")
        options = f"-k {folder} -h '' -c fsync=off"
        _run("pg_ctl", "-D", data, "-w", "-o", options, "-l", f"{folder}/log", "start")
        try:
            yield f"postgresql+psycopg://kb@/postgres?host={folder}"
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(*command: str) -> None:
    user = None if os.getuid() else "nobody"
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=user, cwd="/")
