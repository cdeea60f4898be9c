"""Making runs of many entries, in several processes where there are enough of them to pay for it.

Cutting texts into words is nearly all of the work of building an index, and Python does it on one core. A worker is a
Python process of its own (:mod:`kb.search.run_worker`) that is handed entries through a pipe and writes a run to a
file. It costs a second to start and some 130 MiB. What a worker cannot do, because it was killed or never started, is
done here.
"""

from __future__ import annotations

import logging
import os
import pickle
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import chain, count, islice
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from kb.search import analysis
from kb.search.engine import Entry
from kb.search.run_building import build_run, portions

# With fewer portions than this the workers would hardly have started when all is done.
PAYS_FROM: Final = 4
# What a worker needs of the environment. Not the settings: they hold secrets.
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "LD_LIBRARY_PATH")
_COMMAND: Final = (
    "import sys; sys.path[:] = {path!r}; from kb.search.run_worker import main; main()"
)

_log = logging.getLogger(__name__)


class MadeRun(NamedTuple):
    """A run in a file, and how many things it holds."""

    path: Path
    things: int


def made_runs(
    entries: Iterable[Entry], folder: Path, processes: int | None = None
) -> Iterator[MadeRun]:
    """Runs of ``entries``, in order, as files in ``folder``.

    Args:
        entries: read little by little.
        folder: where nothing else has names like ``12.run``.
        processes: that work at once; None: one for each core.
    """
    wanted = processes or os.cpu_count() or 1
    parts = portions(entries)
    first = list(islice(parts, PAYS_FROM))
    paths = (folder / f"{number}.run" for number in count())
    if wanted == 1 or len(first) < PAYS_FROM:
        for part in chain(first, parts):
            path = next(paths)
            build_run(part, path)
            yield MadeRun(path, len(part))
        return
    with _Workers(wanted) as workers:
        underway: deque[tuple[Future[None], MadeRun]] = deque()
        for part in chain(first, parts):
            run = MadeRun(next(paths), len(part))
            underway.append((workers.build(part, run.path), run))
            # One more than there are workers, so that none waits while entries are read.
            while len(underway) > wanted + 1:
                done, run = underway.popleft()
                done.result()
                yield run
        for done, run in underway:
            done.result()
            yield run


class _Workers:
    """Processes that build runs, each asked by a thread of its own."""

    def __init__(self, number: int) -> None:
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="runs")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._all = [_Worker() for _ in range(number)]
        self._closed = False
        for worker in self._all:
            self._idle.put(worker)

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        for worker in self._all:
            worker.close()
        self._threads.shutdown(cancel_futures=True)

    def build(self, entries: list[Entry], path: Path) -> Future[None]:
        """Have a run of ``entries`` written to ``path``."""
        return self._threads.submit(self._build, entries, path)

    def _build(self, entries: list[Entry], path: Path) -> None:
        worker = self._idle.get()
        try:
            if not worker.build(entries, path) and not self._closed:
                _log.warning("A process that builds the index ended; this one does its work")
                build_run(entries, path)
        finally:
            self._idle.put(worker)


class _Worker:
    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-W", "ignore", "-c", _COMMAND.format(path=sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        with suppress(OSError):
            self._send((analysis.words_in_use(), analysis.dictionary_folder()))

    def build(self, entries: list[Entry], path: Path) -> bool:
        """Build a run; False when the process cannot."""
        try:
            self._send((entries, path.resolve()))
            return bool(cast("IO[bytes]", self.process.stdout).read(1))
        except (OSError, ValueError):
            return False

    def _send(self, what: object) -> None:
        given = cast("IO[bytes]", self.process.stdin)
        pickle.dump(what, given)
        given.flush()

    def close(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
