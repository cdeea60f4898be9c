"""Disk full, read-only disk, locked database, broken index: a clear message, and nothing stored is lost."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb import database, open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.errors import DataFolderError
from kb.knowledge_base import KnowledgeBase
from kb.search.answers import SearchRequest
from tests.web.conftest import PASSWORD, draft, sign_in, store
from web.app import create_app


@contextmanager
def full_disk(settings: Settings) -> Iterator[None]:
    """No file may become larger than the database is: what the disk says then is much like ENOSPC.

    A limit of the process, because a test cannot fill a disk. Python ignores the signal that comes with it.
    """
    # The log of the database is written at its end, so it is folded back first.
    with sqlite3.connect(settings.data_dir / "qianjian.sqlite3") as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_full_disk_is_told_and_everything_before_is_still_there(
    client: TestClient, kb: KnowledgeBase, settings: Settings, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    long = "磁盘满了怎么办 disk full. " * 4000
    with full_disk(settings):
        refused = client.post("/pages/new", data={"title": "新页 new", "language": "zh"})
        told = client.post("/imports", files=[("files", ("长.md", long.encode(), "text/markdown"))])
        with pytest.raises(DataFolderError):
            store(kb, draft("长 long", long, "zh", "summary"))
        # Reading goes on.
        page = client.get(f"/documents/{documents['lesson']}")
        found = client.get("/api/v1/search?q=管廊")
    assert page.status_code == 200
    assert found.json()["total"] >= 1
    for answer in (refused, told):
        assert answer.status_code == 503, answer.text[:200]
        assert "nothing stored is lost" in answer.text
    # And when there is room again, so does writing.
    assert (
        client.post("/pages/new", data={"title": "新页 new", "language": "zh"}).status_code == 200
    )
    kb.indexing.catch_up()
    assert kb.checkup.run() == []


def test_a_locked_database_is_told_and_read_all_the_same(
    client: TestClient, kb: KnowledgeBase, settings: Settings, documents: dict[str, int]
) -> None:
    sign_in(client, "pmo")
    with sqlite3.connect(settings.data_dir / "qianjian.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        kb.database.engine.dispose()
        kb.database.engine = database._create_engine(kb.database.url, busy_seconds=0.05)
        kb.database._sessions.configure(bind=kb.database.engine)
        answer = client.post("/pages/new", data={"title": "新页", "language": "zh"})
        read = client.get(f"/documents/{documents['lesson']}")
        other.execute("ROLLBACK")
    assert answer.status_code == 503
    assert "locked" in answer.text
    assert read.status_code == 200
    assert client.post("/pages/new", data={"title": "新页", "language": "zh"}).status_code == 200


def test_a_broken_index_says_that_it_is_being_rebuilt_and_rebuilds_itself(
    client: TestClient, kb: KnowledgeBase, settings: Settings, documents: dict[str, int]
) -> None:
    for path in settings.index_dir.rglob("*.arrays"):
        path.write_bytes(path.read_bytes()[:100])
    kb._engine.close()
    page = client.get("/?q=管廊")
    assert page.status_code == 503
    assert "It is being rebuilt by itself" in page.text
    assert client.get(f"/documents/{documents['lesson']}").status_code == 200
    assert client.get("/readyz").status_code == 503
    kb.indexing.catch_up()  # what the indexer does within half a second
    assert client.get("/api/v1/search?q=管廊").json()["total"] >= 1
    assert client.get("/readyz").status_code == 200


def test_a_read_only_disk_is_read_and_a_write_is_told(
    kb: KnowledgeBase, settings: Settings
) -> None:
    number = store(kb, draft("只读 read-only", "管廊", "zh", "summary"))
    kb.close()
    # Tests may run as root, whom no right of a file stops.
    url = f"sqlite:///file:{settings.data_dir / 'qianjian.sqlite3'}?mode=ro&uri=true"
    read_only = Settings(data_dir=settings.data_dir, database_url=url)
    with open_kb(read_only) as again, TestClient(create_app(read_only, again, demo=True)) as client:
        assert client.get(f"/documents/{number}").status_code == 200
        answer = client.post("/sign-in", data={"name": "li.na", "password": PASSWORD})
        assert answer.status_code == 503
        assert "readonly" in answer.text
        with pytest.raises(DataFolderError, match="readonly"):
            store(again, draft("新 new", "管廊", "zh", "summary"))
    with open_kb(settings) as again:
        assert again.documents.recent(SYSTEM, 9)[0].title == "只读 read-only"


@pytest.mark.parametrize(
    "content", [b"not a database \xe5\x9d\x8f" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_what_is_no_database_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "qianjian.sqlite3"
    path.write_bytes(content)
    with (
        pytest.raises(DataFolderError, match=r"database|malformed"),
        open_kb(Settings(data_dir=tmp_path)),
    ):
        pass
    assert path.read_bytes() == content


def test_a_database_of_a_newer_version_is_told_and_left_alone(
    kb: KnowledgeBase, settings: Settings
) -> None:
    kb.close()
    with sqlite3.connect(settings.data_dir / "qianjian.sqlite3") as plain:
        plain.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DataFolderError, match="newer version"), open_kb(settings):
        pass


def test_the_command_tells_it_in_a_sentence_and_exits_with_1(tmp_path: Path) -> None:
    (tmp_path / "qianjian.sqlite3").write_bytes(b"not a database" * 100)
    script = "import sys; sys.argv[0] = 'pmo'; from web.command import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "check"],
        env=os.environ | {"KB_DATA_DIR": str(tmp_path)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "file is not a database" in done.stderr


def test_what_was_never_indexed_is_found_after_a_restart(
    kb: KnowledgeBase, settings: Settings
) -> None:
    store(kb, draft("重启 restart", "从未索引 neverindexed", "zh", "summary"))
    kb.close()
    with open_kb(settings) as again, TestClient(create_app(settings, again)):
        again.indexing.catch_up()
        assert again.search(SYSTEM, SearchRequest(query="neverindexed")).total == 1
