"""Reading in processes of their own, so that one file can neither stop nor slow the rest.

A :class:`ReadingPool` holds a few warm processes (:mod:`ingest.reading_process`). Each has its own
pipe, a limit of memory, and for each file a limit of time. A process that hangs, dies, or is killed
by the system costs its own file an error and nothing else: the next file gets a new process.

Why not a library's pool: those let all workers share one pipe and its lock. A worker that ends
while it holds the lock stops them all, and one that ends with ``exit(0)`` in the middle of a file
is noticed only by the time-out (pebble 5.2: 8.2 of 8 seconds allowed).
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest.worker_process import PoolClosed, WorkerProcess, sweep, temporary_folder

__all__ = ["PoolClosed", "ReadingPool", "temporary_folder"]


class ReadingPool:
    """Warm processes that make calls one at a time each; safe to share between threads.

    Attributes:
        count: how many calls can be under way at once.
        folder: where temporary files go.
    """

    def __init__(
        self,
        *,
        count: int,
        seconds: float,
        memory_mib: int,
        folder: Path,
        preload: Iterable[str] = (),
    ) -> None:
        """Prepare; the processes are started by :meth:`start` or by the first calls.

        Args:
            count: processes; 0: one for each core.
            seconds: longest time for one call.
            memory_mib: most memory for one call, in MiB.
            folder: where their temporary files go; each removes its own.
            preload: modules that each process imports before it takes calls.
        """
        self.count = count or os.cpu_count() or 1
        self.folder = folder
        sweep(folder)
        self._processes = [
            WorkerProcess(seconds, memory_mib, folder, tuple(preload)) for _ in range(self.count)
        ]
        self._idle: queue.LifoQueue[WorkerProcess] = queue.LifoQueue()
        for process in self._processes:
            self._idle.put(process)

    def start(self) -> None:
        """Start all processes and wait until they are ready, so that no file has to."""
        threads = [threading.Thread(target=process.start) for process in self._processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def call(
        self, module: str, function: str, *arguments: object, name: str, times: int = 1
    ) -> Any:
        """What ``module.function(*arguments)`` returns, made in one of the processes.

        Waits for a free process. The outcome must be plain data (see :mod:`kb.drafts`).

        Args:
            module: where the function is.
            function: its name.
            arguments: what it is given, as plain data.
            name: what the file is called in errors.
            times: how many times the limit of time it may take: an archive is many files.

        Raises:
            FileRefused: whatever the function raised of it; ReadTimedOut when it took too long, ReaderCrashed
                when the process ended or needed too much memory, ImportFault when it met a bug.
            PoolClosed: the pool was closed meanwhile.
        """
        process = self._idle.get()
        try:
            return process.call(module, function, arguments, name, times)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End all processes at once; calls under way raise :class:`PoolClosed`."""
        for process in self._processes:
            process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
