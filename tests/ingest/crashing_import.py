"""An import in a process of its own, which kills itself at a chosen moment. Run by ``test_crash.py``.

``python -m tests.ingest.crashing_import DATA_FOLDER SOURCE [MOMENT COUNT]``: goes on with the
unfinished job of the data folder, or begins one, and at the ``COUNT``-th occurrence of ``MOMENT``
sends itself SIGKILL. Without a moment it runs to its end. Nothing in the program knows of this: the
moments are put around its methods here.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ingest.jobs
import kb.documents
from ingest.jobs import run_job
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from kb import open_kb
from kb.access import SYSTEM
from kb.config import Settings
from kb.documents import Documents
from kb.files import FileStore
from kb.import_queue import ImportQueue, new_runner
from kb.indexing import Indexing
from kb.knowledge_base import KnowledgeBase

# For each moment the thing it is put around, and whether the kill comes after it has returned.
MOMENTS: Final[dict[str, tuple[Any, str, bool]]] = {
    "while listing": (ImportQueue, "add", True),
    "after an item was taken": (ImportQueue, "take", True),
    "after the original was kept": (FileStore, "keep", True),
    "in the transaction that stores": (kb.documents, "record_change", True),
    "after storing, before recording": (Documents, "store", True),
    "after recording": (ImportQueue, "record", True),
    "before the job is closed": (ImportQueue, "finish", False),
    "before a file is put in place": (os, "replace", False),
    "after a file was put in place": (os, "replace", True),
    "after a file was flushed": (os, "fsync", True),
    "after a file was renamed": (os, "rename", True),
    "before changes are marked done": (Indexing, "_mark_done", False),
}


def main() -> None:
    """See the module."""
    data, source, *moment = sys.argv[1:]
    # So that a small folder is listed in several transactions.
    ingest.jobs._ENTRIES_AT_ONCE = 5  # type: ignore[misc]
    with open_kb(Settings(data_dir=Path(data), workers=2)) as base:
        in_index = bool(moment) and moment[0].startswith("index: ")
        if moment and not in_index:
            arm(moment[0], int(moment[1]))
        work(base, source)
        if in_index:
            arm(moment[0].removeprefix("index: "), int(moment[1]))
        base.indexing.catch_up()


def work(base: KnowledgeBase, source: str) -> None:
    """Go on with the job that is not done, or with a new one."""
    jobs = base.imports.recent(SYSTEM)
    job_id = jobs[0].id if jobs else base.imports.create(SYSTEM, sources=[source])
    job = base.imports.queue.claim(new_runner(), job_id)
    if job is None:
        return
    with open_pool(base.settings) as pool:
        run_job(base, job, Pipeline(base, pool), stop=threading.Event())


def arm(moment: str, count: int) -> None:
    """Kill this process at the ``count``-th occurrence of ``moment``."""
    owner, name, after = MOMENTS[moment]
    real: Callable[..., Any] = getattr(owner, name)
    lock = threading.Lock()
    left = count

    def deadly(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        answer = real(*arguments, **options) if after else None
        with lock:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return answer if after else real(*arguments, **options)

    setattr(owner, name, deadly)


if __name__ == "__main__":
    main()
