from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.sources import name_of
from ingest.watching import Watch, watch
from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.imports import Job
from kb.knowledge_base import KnowledgeBase
from kb.models import REVIEW


def names(watched: Watch) -> list[str]:
    return [name_of(entry.path) for entry in watched.look()]


def put(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_a_file_is_taken_once_it_has_not_changed_between_two_looks(tmp_path: Path) -> None:
    watched = Watch(tmp_path)
    put(tmp_path / "总结.md", "一")
    assert names(watched) == []
    put(tmp_path / "总结.md", "一二三")  # still being copied
    assert names(watched) == []
    assert names(watched) == ["总结.md"]
    assert names(watched) == []


def test_a_changed_file_is_taken_again_and_the_others_are_not(tmp_path: Path) -> None:
    watched = Watch(tmp_path)
    put(tmp_path / "总结.md", "初稿")
    put(tmp_path / "report.md", "draft")
    watched.look()
    assert names(watched) == ["report.md", "总结.md"]
    put(tmp_path / "总结.md", "终稿终稿")
    watched.look()
    assert names(watched) == ["总结.md"]


def test_a_file_taken_away_and_put_back_is_taken_again(tmp_path: Path) -> None:
    watched = Watch(tmp_path)
    put(tmp_path / "总结.md", "一")
    watched.look()
    watched.look()
    (tmp_path / "总结.md").rename(tmp_path.parent / "away.md")
    assert names(watched) == []
    (tmp_path.parent / "away.md").rename(tmp_path / "总结.md")
    watched.look()
    assert names(watched) == ["总结.md"]


def test_a_lock_file_or_a_folder_that_goes_away_disturbs_nothing(tmp_path: Path) -> None:
    watched = Watch(tmp_path / "later")
    assert names(watched) == []
    (tmp_path / "later").mkdir()
    put(tmp_path / "later" / "~$总结.docx", "lock")
    put(tmp_path / "later" / "总结.md", "一")
    watched.look()
    assert names(watched) == ["总结.md"]


@contextmanager
def watching(kb: KnowledgeBase, inbox: Path, jobs: list[Job], **options: object) -> Iterator[None]:
    """A watch of ``inbox`` that puts the jobs it has finished into ``jobs``."""
    stop = threading.Event()
    thread = threading.Thread(
        target=watch,
        args=(kb, SYSTEM, inbox, stop),
        kwargs={"told": jobs.append, "seconds": 0.1, **options},
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def wait_for(jobs: list[Job], count: int) -> None:
    deadline = time.monotonic() + 30
    while len(jobs) < count and time.monotonic() < deadline:
        time.sleep(0.05)


def test_what_is_put_into_the_folder_becomes_a_document(tmp_path: Path, data_folder: Path) -> None:
    inbox = tmp_path / "收件箱"
    inbox.mkdir()
    jobs = list[Job]()
    with open_kb(Settings(data_dir=data_folder, workers=1)) as kb:
        with watching(kb, inbox, jobs, kind="lesson"):
            put(inbox / "教训.md", "# 教训\n\n先探明管线。")
            wait_for(jobs, 1)
        [job] = jobs
        assert (job.state, job.counts.stored) == ("done", 1)
        [document] = kb.documents.recent(SYSTEM, 10)
        assert (document.title, document.kind) == ("教训", "lesson")
        assert os.listdir(inbox) == ["教训.md"]  # noqa: PTH208  nothing is moved or removed


def test_what_is_watched_for_review_waits_for_it(tmp_path: Path, data_folder: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    jobs = list[Job]()
    with open_kb(Settings(data_dir=data_folder, workers=1)) as kb:
        with watching(kb, inbox, jobs, document_state=REVIEW):
            put(inbox / "教训.md", "# 教训\n\n先探明管线。")
            wait_for(jobs, 1)
        assert jobs[0].document_state == REVIEW
        assert kb.documents.recent(SYSTEM, 10) == []
        assert kb.publishing.waiting(SYSTEM, jobs[0].id)[1] == 1


def test_what_a_watch_that_was_killed_left_undone_is_done_by_the_next(
    tmp_path: Path, data_folder: Path
) -> None:
    inbox = tmp_path / "收件箱"
    inbox.mkdir()
    put(inbox / "教训.md", "# 教训\n\n先探明管线。")
    jobs = list[Job]()
    with open_kb(Settings(data_dir=data_folder, workers=1)) as kb:
        ended = subprocess.Popen(["true"])
        ended.wait()
        gone = f"{socket.gethostname()[:100]}:{ended.pid}:dead"
        left = kb.imports.create(SYSTEM, sources=[str(inbox)], runner=gone)
        assert kb.imports.queue.claim(gone, left) is not None
        with watching(kb, inbox, jobs):
            wait_for(jobs, 2)
        assert jobs[0].id == left
        assert [job.state for job in jobs] == ["done", "done"]
        assert (jobs[0].counts.stored, jobs[1].counts.unchanged) == (1, 1)
