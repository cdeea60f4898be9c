"""One import in a process of its own, watched: how long each file takes, how much memory, what is written where.

``python -m tests.bench.office_import BASE FOLDER`` imports FOLDER into ``BASE/data`` through the real pipeline with its
reading processes, and prints one JSON value. Nothing in the program knows of this: the watching is put around it here.
Every reading process imports this module too, and writes down what it opens for writing.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Final

LOG: Final = "writes.log"
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# Of these, which arguments are paths that come into being.
_MAKING: Final = {"os.mkdir": (0,), "os.rename": (1,), "os.link": (1,), "os.symlink": (1,)}
_SAMPLE_SECONDS: Final = 0.05
# Where a reading process has its temporary files: BASE/data/tmp/reading-…
_UP_FROM_TEMPORARY: Final = 2


def watch_writes(log: Path) -> None:
    """From now on, write down in ``log`` each path that this process opens for writing or makes."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = arguments
            writes = isinstance(flags, int) and flags & _WRITING
            if not writes and not (isinstance(mode, str) and set(mode) & set("wax+")):
                return
            made = [path]
        elif event in _MAKING:
            made = [arguments[number] for number in _MAKING[event]]
        else:
            return
        for each in made:
            if isinstance(each, str | bytes | os.PathLike):
                os.write(out, os.fsencode(os.path.abspath(os.fsencode(each))) + b"\n")  # noqa: PTH100

    sys.addaudithook(note)


def main() -> None:
    """See the module."""
    base, folder = Path(sys.argv[1]), Path(sys.argv[2])
    watch_writes(base / LOG)
    from ingest import reading
    from ingest.jobs import run_job
    from ingest.pipeline import Pipeline
    from ingest.worker_process import WorkerProcess
    from ingest.workers import ReadingPool
    from kb import open_kb
    from kb.access import SYSTEM
    from kb.config import Settings
    from kb.import_queue import new_runner

    spent = threading.local()
    seconds: dict[int, float] = {}
    real_call, real_process = WorkerProcess.call, Pipeline.process

    def timed_call(self: WorkerProcess, *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return real_call(self, *arguments)
        finally:
            spent.seconds = getattr(spent, "seconds", 0.0) + time.perf_counter() - began

    def timed_process(self: Pipeline, job: Any, item: Any) -> Any:
        spent.seconds = 0.0
        try:
            return real_process(self, job, item)
        finally:
            seconds[item.id] = spent.seconds

    WorkerProcess.call = timed_call  # type: ignore[method-assign, assignment]
    Pipeline.process = timed_process  # type: ignore[method-assign]
    settings = Settings(data_dir=base / "data")
    with open_kb(settings) as kb:
        runner = new_runner()
        job_id = kb.imports.create(SYSTEM, sources=[str(folder)], runner=runner)
        job = kb.imports.queue.claim(runner, job_id)
        assert job is not None
        with ReadingPool(
            count=settings.workers,
            seconds=settings.file_seconds,
            memory_mib=settings.file_memory_mib,
            folder=settings.data_dir / "tmp",
            preload=(reading.READERS, "ingest.examining", __spec__.name),
        ) as pool:
            pool.start()
            peaks = _Peaks(pool)
            began = time.perf_counter()
            finished = run_job(kb, job, Pipeline(kb, pool), stop=threading.Event())
            elapsed = time.perf_counter() - began
            workers = peaks.stop()
            answering = _answering(pool)
    told = {
        "job": job_id,
        "finished": finished,
        "elapsed": elapsed,
        "limit": settings.file_seconds,
        "seconds": seconds,
        "parent_mib": _peak_mib(os.getpid()),
        "workers_mib": max(workers.values(), default=0),
        "workers_started": len(workers),
        "workers": pool.count,
        "workers_answering": answering,
        "left_running": [pid for pid in workers if _peak_mib(pid)],
    }
    json.dump(told, sys.stdout)


class _Peaks:
    """The peak memory of each reading process, looked at again and again until stopped."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._found: dict[int, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> dict[int, int]:
        """The peaks in MiB by process."""
        self._stop.set()
        self._thread.join()
        return self._found

    def _look(self) -> None:
        while not self._stop.wait(_SAMPLE_SECONDS):
            for process in self._pool._processes:
                child = process._child
                if child is not None and (mib := _peak_mib(child.pid)):
                    self._found[child.pid] = max(mib, self._found.get(child.pid, 0))


def _answering(pool: Any) -> int:
    """How many of the reading processes still answer, each asked once."""
    answers = 0
    for process in pool._processes:
        answers += process.call("os", "getpid", (), "ping") > 0
    return answers


def _peak_mib(pid: int) -> int:
    """The most memory a process has had resident, in MiB; 0 when there is no such process."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(lines[0].split()[1]) / 1024) if lines else 0


if __name__ == "__main__":
    main()
elif Path(os.environ.get("TMPDIR", "")).name.startswith("reading-"):
    watch_writes(Path(os.environ["TMPDIR"]).parents[_UP_FROM_TEMPORARY] / LOG)
