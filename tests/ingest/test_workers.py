from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.limits import DEFAULT_LIMITS
from ingest.workers import PoolClosed, ReadingPool
from kb.drafts import Draft
from kb.errors import DamagedFile, FileRefused, ImportFault, ReaderCrashed, ReadTimedOut
from tests.ingest.import_runs import HOSTILE, hostile_pool


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReadingPool]:
    with hostile_pool(tmp_path_factory.mktemp("pool"), count=1) as made:
        yield made


def read(pool: ReadingPool, folder: Path, text: str) -> Draft:
    path = folder / "文件.txt"
    path.write_text(text, encoding="utf-8")
    draft: Draft = pool.call(HOSTILE, "read", path, "文件.txt", DEFAULT_LIMITS, name="文件.txt")
    return draft


def test_a_draft_comes_back_as_it_was_made(pool: ReadingPool, tmp_path: Path) -> None:
    text = "地铁 8 号线 𠮷 🚇 \uff21\uff22 臺灣"
    draft = read(pool, tmp_path, text)
    assert draft.body == text
    assert draft.ledger.coverage == 100.0


@pytest.mark.parametrize(
    ("order", "error", "words"),
    [
        ("!hang", ReadTimedOut, "took longer than 1 seconds"),
        ("!spin", ReadTimedOut, "took longer than 1 seconds"),
        ("!allocate", ReaderCrashed, "more than 512 MiB of memory"),
        ("!exit 0", ReaderCrashed, "exit code 0"),
        ("!exit 3", ReaderCrashed, "exit code 3"),
        ("!segfault", ReaderCrashed, "SIGSEGV"),
        ("!huge", ReaderCrashed, "MiB"),
        ("!code", ReaderCrashed, "not plain data"),
        ("!bug", ImportFault, "KeyError"),
        ("!damaged", DamagedFile, "文件.txt is damaged: it ends in the middle"),
    ],
)
def test_whatever_a_file_does_costs_only_itself(
    pool: ReadingPool, tmp_path: Path, order: str, error: type[FileRefused], words: str
) -> None:
    with pytest.raises(error, match=words) as raised:
        read(pool, tmp_path, order)
    assert raised.value.data["name"] == "文件.txt"
    assert raised.value.advice
    assert read(pool, tmp_path, "下一个文件").body == "下一个文件"


def test_a_library_that_prints_or_reads_does_not_disturb_the_answer(
    pool: ReadingPool, tmp_path: Path
) -> None:
    assert read(pool, tmp_path, "!print").body == "!print"


def test_a_reading_process_sees_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KB_SECRET_KEY", "天机")
    monkeypatch.setenv("KB_DATABASE_URL", "postgresql://li.na:password@db/kb")
    with hostile_pool(tmp_path, count=1) as pool:
        seen = pool.call(HOSTILE, "environment", "x", name="x")
    assert not [name for name in seen if name.startswith("KB_")]
    assert Path(seen["TMPDIR"]).is_relative_to(tmp_path)


def test_temporary_files_go_with_their_process(tmp_path: Path) -> None:
    with hostile_pool(tmp_path / "tmp", count=2) as pool:
        pool.start()
        assert len(list((tmp_path / "tmp").iterdir())) == 2
    assert list((tmp_path / "tmp").iterdir()) == []


def test_closing_does_not_wait_for_a_file_that_hangs(tmp_path: Path) -> None:
    closed: list[bool] = []

    def reading(pool: ReadingPool) -> None:
        try:
            read(pool, tmp_path, "!hang")
        except PoolClosed:
            closed.append(True)

    with hostile_pool(tmp_path / "tmp", count=1, seconds=60) as made:
        made.start()
        thread = threading.Thread(target=reading, args=(made,))
        thread.start()
        time.sleep(0.3)
        before = time.monotonic()
    thread.join(10)
    assert closed == [True]
    assert time.monotonic() - before < 5


def test_two_processes_read_at_the_same_time(tmp_path: Path) -> None:
    for name in ("甲.txt", "b.txt"):
        (tmp_path / name).write_text("!slow 0.6", encoding="utf-8")
    with hostile_pool(tmp_path / "tmp", count=2, seconds=30) as pool:
        pool.start()
        before = time.monotonic()
        threads = [
            threading.Thread(
                target=pool.call,
                args=(HOSTILE, "read", tmp_path / name, name, DEFAULT_LIMITS),
                kwargs={"name": name},
            )
            for name in ("甲.txt", "b.txt")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - before < 1.1


ORPHAN = """
import os, signal, sys, threading, time
from pathlib import Path
from ingest.limits import DEFAULT_LIMITS
from tests.ingest.import_runs import HOSTILE, hostile_pool
folder = Path(sys.argv[1])
(folder / "hang.txt").write_text(sys.argv[2])
with hostile_pool(folder / "tmp", count=1, seconds=1) as pool:
    pool.start()
    print(pool._processes[0]._child.pid, flush=True)
    arguments = (HOSTILE, "read", folder / "hang.txt", "x", DEFAULT_LIMITS)
    threading.Thread(target=pool.call, args=arguments, kwargs={"name": "x"}, daemon=True).start()
    time.sleep(0.3)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills as POSIX does")
@pytest.mark.parametrize("order", ["fine", "!spin"])
def test_a_reading_process_does_not_outlive_its_killed_parent(tmp_path: Path, order: str) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(tmp_path), order],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
    )
    child = int(parent.stdout)
    assert parent.returncode == -9, parent.stderr
    # One second allowed and five of grace, see GRACE_SECONDS.
    deadline = time.monotonic() + 12
    while Path(f"/proc/{child}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # Nobody may be there to reap it in a container; a zombie holds nothing but its number.
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
