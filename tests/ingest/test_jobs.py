from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest.jobs
from ingest.jobs import run_job, run_jobs
from ingest.pipeline import Pipeline
from ingest.workers import ReadingPool
from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.import_queue import ClaimedItem
from kb.imports import Job
from kb.knowledge_base import KnowledgeBase
from tests.ingest.import_runs import HOSTILE, hostile_pool, outcomes, run


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as made:
        yield made


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[ReadingPool]:
    with hostile_pool(tmp_path / "pool") as made:
        yield made


def write(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def wait_for(kb: KnowledgeBase, job_id: int, *states: str) -> Job:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        job = kb.imports.get(SYSTEM, job_id)
        if job.state in states:
            return job
        time.sleep(0.05)
    raise AssertionError(kb.imports.get(SYSTEM, job_id))


def test_five_hostile_files_cost_only_themselves_in_a_batch_of_three_hundred(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    files = {f"第{number}号 总结.txt": f"总结 {number}" for number in range(295)}
    files |= {
        "挂起.txt": "!hang",
        "spin.txt": "!spin",
        "内存.txt": "!allocate",
        "exit.txt": "!exit 0",
        "崩溃.txt": "!segfault",
    }
    job_id = kb.imports.create(SYSTEM, sources=[str(write(tmp_path / "资料", files))])
    before = time.monotonic()
    counts = run(kb, job_id, pool).counts

    # At most three of the five wait for a time-out of one second, two at a time; the rest is some 10 ms a file.
    assert time.monotonic() - before < 30
    assert (counts.total, counts.stored, counts.failed, counts.left) == (300, 295, 5, 0)
    codes = {n: i.error_code for n, i in outcomes(kb, job_id).items() if i.outcome == "failed"}
    assert codes == {
        "挂起.txt": "read-timed-out",
        "spin.txt": "read-timed-out",
        "内存.txt": "reader-crashed",
        "exit.txt": "reader-crashed",
        "崩溃.txt": "reader-crashed",
    }


def test_progress_is_told_for_each_file_once(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    folder = write(tmp_path / "资料", {"甲.txt": "甲", "b.txt": "b", "坏.txt": "!damaged"})
    job = kb.imports.queue.claim("r", kb.imports.create(SYSTEM, sources=[str(folder)]))
    assert job is not None
    told: list[tuple[str, str]] = []

    def progress(item: ClaimedItem, outcome: str) -> None:
        told.append((item.path.rpartition("/")[2], outcome))

    pipeline = Pipeline(kb, pool, readers=HOSTILE)
    run_job(kb, job, pipeline, stop=threading.Event(), progress=progress)
    assert sorted(told) == [("b.txt", "stored"), ("坏.txt", "failed"), ("甲.txt", "stored")]


def test_cancelled_midway_it_begins_nothing_more_and_keeps_what_is_stored(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    folder = write(tmp_path / "资料", {f"{n:03}.txt": f"!slow 0.02 {n}" for n in range(60)})
    for file in folder.iterdir():
        file.write_text("!slow 0.02\n" + file.name, encoding="utf-8")
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
    job = kb.imports.queue.claim("r", job_id)
    assert job is not None

    def progress(_item: ClaimedItem, _outcome: str) -> None:
        if kb.imports.get(SYSTEM, job_id).counts.done == 10:
            kb.imports.cancel(SYSTEM, job_id)

    pipeline = Pipeline(kb, pool, readers=HOSTILE)
    assert run_job(kb, job, pipeline, stop=threading.Event(), progress=progress)
    done = kb.imports.get(SYSTEM, job_id)
    assert done.state == "cancelled"
    assert done.counts.left == 0
    assert 10 <= done.counts.stored < 25
    assert done.counts.cancelled == 60 - done.counts.stored
    assert sum(kb.documents.counts(SYSTEM).values()) == done.counts.stored

    kb.imports.retry_failed(SYSTEM, job_id)
    assert run(kb, job_id, pool).counts.stored == 60


def test_stopped_midway_it_is_paused_and_resumed_without_loss(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    folder = write(tmp_path / "资料", {f"{n:03}.txt": f"第 {n} 份" for n in range(60)})
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
    job = kb.imports.queue.claim("r", job_id)
    assert job is not None
    stop = threading.Event()

    def progress(_item: ClaimedItem, _outcome: str) -> None:
        if kb.imports.get(SYSTEM, job_id).counts.done >= 10:
            stop.set()

    pipeline = Pipeline(kb, pool, readers=HOSTILE)
    assert not run_job(kb, job, pipeline, stop=stop, progress=progress, pause=True)
    paused = kb.imports.get(SYSTEM, job_id)
    assert (paused.state, paused.counts.done < 60) == ("paused", True)
    assert kb.imports.queue.claim("background") is None
    assert run(kb, job_id, pool).counts.stored == 60


def test_failed_files_are_retried_and_the_others_left_alone(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    folder = write(tmp_path / "资料", {"甲.txt": "甲", "坏.txt": "!damaged"})
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
    run(kb, job_id, pool)
    (folder / "坏.txt").write_text("修好了", encoding="utf-8")
    kb.imports.retry_failed(SYSTEM, job_id)
    told: list[str] = []
    job = kb.imports.queue.claim("r", job_id)
    assert job is not None
    run_job(
        kb,
        job,
        Pipeline(kb, pool, readers=HOSTILE),
        stop=threading.Event(),
        progress=lambda item, outcome: told.append(outcome),
    )
    assert told == ["stored"]
    assert kb.imports.get(SYSTEM, job_id).counts.stored == 2


def test_two_runners_on_one_job_store_every_file_once(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    files = {f"{n:03}.txt": f"!slow 0.02\n第 {n} 份" for n in range(40)}
    folder = write(tmp_path / "资料", files)
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
    slow = kb.imports.queue.claim("slow machine", job_id)
    assert slow is not None
    pipeline = Pipeline(kb, pool, readers=HOSTILE)
    finished: list[bool] = []

    def work() -> None:
        finished.append(run_job(kb, slow, pipeline, stop=threading.Event()))

    thread = threading.Thread(target=work)
    thread.start()
    while kb.imports.get(SYSTEM, job_id).counts.done < 5:
        time.sleep(0.01)
    # The database was out of its reach for longer than the lease: somebody else takes the job.
    with kb.database.write() as session:
        from datetime import timedelta

        from kb.importing_rules import LEASE
        from kb.models import ImportJob, utc_now

        session.get_one(ImportJob, job_id).heartbeat_at = utc_now() - LEASE - timedelta(seconds=1)
    counts = run(kb, job_id, pool).counts
    thread.join()
    assert finished == [False]
    assert (counts.total, counts.failed, counts.left) == (40, 0, 0)
    assert sum(kb.documents.counts(SYSTEM).values()) == 40
    assert {document.version for document in kb.documents.recent(SYSTEM, 100)} == {1}


@pytest.fixture
def background(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The background loop, with the hostile readers."""
    stop = threading.Event()
    with hostile_pool(kb.settings.data_dir / "tmp") as pool:
        monkeypatch.setattr(ingest.jobs, "open_pool", lambda _settings: pool)
        monkeypatch.setattr(
            ingest.jobs, "Pipeline", lambda kb, pool: Pipeline(kb, pool, readers=HOSTILE)
        )
        thread = threading.Thread(target=run_jobs, args=(kb, stop))
        thread.start()
        yield stop
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def test_the_background_works_off_what_comes(
    kb: KnowledgeBase, background: threading.Event, tmp_path: Path
) -> None:
    for number in range(3):
        folder = write(tmp_path / f"{number}", {f"总结{number}.txt": f"总结 {number}"})
        job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
        assert wait_for(kb, job_id, "done").counts.stored == 1


def test_a_small_job_does_not_wait_for_a_large_one(
    kb: KnowledgeBase, background: threading.Event, tmp_path: Path
) -> None:
    large = write(tmp_path / "大", {f"{n:03}.txt": f"!slow 0.1\n{n}" for n in range(200)})
    large_id = kb.imports.create(SYSTEM, sources=[str(large)])
    wait_for(kb, large_id, "running")
    small_id = kb.imports.create(SYSTEM, sources=[str(write(tmp_path / "小", {"小.txt": "小"}))])
    wait_for(kb, small_id, "done")
    assert kb.imports.get(SYSTEM, large_id).state == "running"


def test_stopping_the_background_is_quick_and_leaves_the_job_to_the_next(
    kb: KnowledgeBase, background: threading.Event, tmp_path: Path
) -> None:
    folder = write(tmp_path / "资料", {f"{n:03}.txt": f"!slow 0.9\n{n}" for n in range(50)})
    job_id = kb.imports.create(SYSTEM, sources=[str(folder)])
    wait_for(kb, job_id, "running")
    background.set()
    job = wait_for(kb, job_id, "queued")
    assert (job.counts.failed, job.counts.total) == (0, 50)


@pytest.mark.slow
def test_memory_stays_flat_over_a_thousand_files(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    status = Path("/proc/self/status")
    if not status.exists():
        pytest.skip("needs /proc")
    text = "进度、风险与变更。" * 2000

    def batch(name: str) -> float:
        files = {f"{n:04}.txt": f"{name} {n}\n{text}" for n in range(500)}
        folder = write(tmp_path / name, files)
        run(kb, kb.imports.create(SYSTEM, sources=[str(folder)]), pool)
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmRSS"].split()[0]) / 1024

    first = batch("前五百")
    # The texts of the second 500 come to 54 MB as Python holds them.
    assert batch("后五百") - first < 10
