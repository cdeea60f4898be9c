"""SIGKILL at any moment loses nothing and makes nothing twice, in SQL, in the index and in the file store."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.search.answers import SearchRequest

FILES = 12
# A word for each file that stands in no other, Chinese and English in turn.
WORDS = [
    f"标记{chr(0x4E00 + 37 * n)}{chr(0x5200 + 41 * n)}" if n % 2 else f"marker{n:03}"
    for n in range(FILES)
]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "资料"
    folder.mkdir()
    for number, word in enumerate(WORDS):
        text = f"# 第 {number} 号总结\n\n{word} 的经验：先探明管线，再开工。\n"
        (folder / f"{number:03} 总结.md").write_text(text, encoding="utf-8")
    (folder / "空.md").write_bytes(b"")
    return folder


@pytest.fixture
def data(data_folder: Path) -> Path:
    # The first commit of an index puts more files in place than a later one.
    shutil.rmtree(Settings(data_dir=data_folder).index_dir)
    return data_folder


def start(data: Path, source: Path, *moment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.ingest.crashing_import", str(data), str(source)]
    return subprocess.Popen([*command, *moment], stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> int:
    _, complaint = process.communicate(timeout=120)
    assert process.returncode in {0, -signal.SIGKILL}, complaint.decode()
    return process.returncode


def assert_everything_is_there_once(data: Path, source: Path) -> None:
    with open_kb(Settings(data_dir=data)) as kb:
        [job] = kb.imports.recent(SYSTEM)
        items = list(kb.imports.all_items(SYSTEM, job.id))
        assert job.state == "done"
        assert sorted(Path(item.path).name for item in items) == sorted(
            path.name for path in source.iterdir()
        )
        assert [item.outcome for item in items].count("stored") == FILES
        assert job.counts.failed == 1  # the empty one

        documents = kb.documents.recent(SYSTEM, 1000)
        assert len(documents) == FILES
        assert {document.version for document in documents} == {1}
        for word in WORDS:
            assert sum(word in document.body for document in documents) == 1
            answer = kb.search(SYSTEM, SearchRequest(query=f'"{word}"'))
            [hit] = answer.hits
            assert word in next(d.body for d in documents if d.id == hit.id)
        assert kb.search(SYSTEM, SearchRequest()).total == FILES
        for document in documents:
            path, name, _ = kb.documents.original(SYSTEM, document.id)
            assert path.read_bytes() == (source / name).read_bytes()


@pytest.mark.parametrize(
    ("moment", "count"),
    [
        ("while listing", 2),
        ("after an item was taken", 1),
        ("after the original was kept", 7),
        ("in the transaction that stores", 6),
        ("after storing, before recording", 7),
        ("after recording", 6),
        ("before the job is closed", 1),
        ("index: before a file is put in place", 1),
        ("index: after a file was put in place", 1),
        ("index: after a file was put in place", 2),
        ("index: after a file was flushed", 1),
        ("index: after a file was flushed", 4),
        ("index: after a file was flushed", 8),
        ("index: after a file was renamed", 1),
        ("index: after a file was renamed", 2),
        ("index: before changes are marked done", 1),
    ],
)
def test_killed_at_this_moment_the_next_start_completes_the_import(
    data: Path, source: Path, moment: str, count: int
) -> None:
    assert finish(start(data, source, moment, str(count))) == -signal.SIGKILL
    assert finish(start(data, source)) == 0
    assert_everything_is_there_once(data, source)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_killed_again_and_again_at_random_it_completes_all_the_same(
    data: Path, source: Path, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  the same moments at each run
    killed = 0
    # One time less than a file that is under way each time is given up, see MAX_ATTEMPTS.
    for _ in range(4):
        process = start(data, source)
        time.sleep(chance.uniform(0.3, 2.5))
        process.kill()
        killed += finish(process) == -signal.SIGKILL
    assert finish(start(data, source)) == 0
    assert killed
    assert_everything_is_there_once(data, source)
