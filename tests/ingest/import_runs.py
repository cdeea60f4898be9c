"""What tests of importing share: a knowledge base, a small pool with hostile readers, one run of a job."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.jobs import run_job
from ingest.pipeline import Pipeline
from ingest.workers import ReadingPool
from kb.access import SYSTEM, Actor
from kb.import_queue import new_runner
from kb.imports import Item, Job
from kb.knowledge_base import KnowledgeBase

HOSTILE = "hostile_readers"


@contextmanager
def hostile_pool(
    folder: Path, *, count: int = 2, seconds: float = 1.0, memory_mib: int = 512
) -> Iterator[ReadingPool]:
    """Reading processes that know the hostile readers, with limits that a test can wait for."""
    here = str(Path(__file__).parent)
    sys.path.insert(0, here)
    try:
        with ReadingPool(
            count=count, seconds=seconds, memory_mib=memory_mib, folder=folder, preload=[HOSTILE]
        ) as pool:
            yield pool
    finally:
        sys.path.remove(here)


def run(kb: KnowledgeBase, job_id: int, pool: ReadingPool, *, actor: Actor = SYSTEM) -> Job:
    """Work a job off with the hostile readers and return it."""
    claimed = kb.imports.queue.claim(new_runner(), job_id)
    assert claimed is not None
    assert run_job(kb, claimed, Pipeline(kb, pool, readers=HOSTILE), stop=threading.Event())
    return kb.imports.get(actor, job_id)


def outcomes(kb: KnowledgeBase, job_id: int) -> dict[str, Item]:
    """The items of a job by their file names."""
    return {item.path.rpartition("/")[2]: item for item in kb.imports.all_items(SYSTEM, job_id)}
