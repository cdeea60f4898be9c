"""Import jobs, worked off: one for a command that waits for it, all of them in the background.

Items are taken a few at a time, brought in by a few threads (the reading itself is in the pool's
processes), and recorded one by one. What a runner leaves undone when it dies or is stopped, the
next one goes on with.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from itertools import islice
from typing import Final

from ingest.harvesting import Reharvest
from ingest.manifests import without_file
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from ingest.sources import listed
from ingest.workers import PoolClosed
from kb.errors import Conflict, DataFolderError
from kb.import_queue import ClaimedItem, ClaimedJob, new_runner
from kb.importing_rules import HEARTBEAT, Entry
from kb.knowledge_base import KnowledgeBase

_log = logging.getLogger(__name__)

# Threads beyond the reading processes: while one file is hashed or written to the database, another is read.
_THREADS_BESIDE: Final = 2
# Jobs worked on at the same time, so that one person's file does not wait for another's five thousand.
_JOBS_AT_ONCE: Final = 4
# How often the background looks for new jobs, in seconds. An upload's page should not feel it.
_LOOK_SECONDS: Final = 0.5
_ENTRIES_AT_ONCE: Final = 1000

Progress = Callable[[ClaimedItem, str], None]


def run_jobs(kb: KnowledgeBase, stop: threading.Event) -> None:
    """Work off jobs as they come, until ``stop`` is set; what is under way then is left to the next runner.

    Raises:
        DataFolderError: the database cannot be used.
    """
    runner = new_runner()
    working: dict[Future[bool], int] = {}
    with open_pool(kb.settings) as pool, ThreadPoolExecutor(_JOBS_AT_ONCE) as threads:
        pool.start()
        pipeline = Pipeline(kb, pool)
        lessons = threading.Thread(
            target=Reharvest(kb.harvests, pool).run, args=(stop,), name="lessons", daemon=True
        )
        lessons.start()
        while not stop.is_set():
            for future in [future for future in working if future.done()]:
                _tell(working.pop(future), future)
            job = kb.imports.queue.claim(runner) if len(working) < _JOBS_AT_ONCE else None
            if job is None:
                stop.wait(_LOOK_SECONDS)
            else:
                working[threads.submit(run_job, kb, job, pipeline, stop=stop)] = job.id
        # Ends the reading that is under way, so that stopping does not take as long as the slowest file.
        pool.close()
    lessons.join()


def run_job(
    kb: KnowledgeBase,
    job: ClaimedJob,
    pipeline: Pipeline,
    *,
    stop: threading.Event,
    threads: int = 0,
    progress: Progress = lambda _item, _outcome: None,
    pause: bool = False,
) -> bool:
    """Work off one claimed job.

    Args:
        kb: where to.
        job: as claimed from ``kb.imports.queue``.
        pipeline: the way of each file.
        stop: set it to stop early; the job is then left unfinished.
        threads: how many files may be on their way at once; 0: a few more than the pool has processes.
        progress: called with each item and its outcome, once it is recorded.
        pause: when stopped early, leave the job paused until somebody resumes it, and not to the next runner.

    Returns:
        True when the job is finished or was cancelled; False when it was stopped, paused or lost to another runner.

    Raises:
        DataFolderError: nothing can be stored; the job is paused and says why.
    """
    run = _Run(kb, job, pipeline, stop, progress)
    heart = threading.Thread(target=run.beat, name=f"heartbeat-{job.id}", daemon=True)
    heart.start()
    try:
        run.work(threads or pipeline.processes + _THREADS_BESIDE)
    except Conflict:
        _log.warning("Import job %s was taken over by another runner.", job.id)
        return False
    except DataFolderError as error:
        with suppress(DataFolderError, Conflict):
            kb.imports.queue.release(job, pause=True, error=f"{error} {error.advice}")
        raise
    finally:
        run.ended.set()
        heart.join()
    with suppress(Conflict):
        if run.stopped:
            kb.imports.queue.release(job, pause=pause)
    return not run.stopped


def _tell(job_id: int, future: Future[bool]) -> None:
    """Log how a job ended that could not go on; it is paused and says why itself, and the others are not to blame."""
    error = future.exception()
    if error is not None:
        _log.error("Import job %s stopped: %s", job_id, error, exc_info=error)


class _Run:
    """One runner's work on one job."""

    def __init__(
        self,
        kb: KnowledgeBase,
        job: ClaimedJob,
        pipeline: Pipeline,
        stop: threading.Event,
        progress: Progress,
    ) -> None:
        self._queue = kb.imports.queue
        self._job = job
        self._pipeline = pipeline
        self._stop = stop
        self._progress = progress
        self.ended = threading.Event()
        self.stopped = False

    def beat(self) -> None:
        """Say every few seconds that this runner is alive, until the work has ended."""
        while not self.ended.wait(HEARTBEAT.total_seconds()):
            try:
                self._queue.heartbeat(self._job)
            except Conflict:
                return  # the work learns it itself, with the next item it takes or records
            except DataFolderError:
                _log.warning("No heartbeat for import job %s: the database is busy.", self._job.id)

    def work(self, threads: int) -> None:
        """List what is to be listed, then bring in all items; sets ``stopped`` when told to stop before the end."""
        if not self._job.listed:
            for entries, last in _batches(listed(self._job.sources)):
                self._queue.add(self._job, entries, complete=last)
        with ThreadPoolExecutor(threads, thread_name_prefix="import") as executor:
            while not self.stopped:
                self._work_off(executor, threads)
                self._tell_rows_without_file()
                if self.stopped or self._queue.finish(self._job):
                    return

    def _work_off(self, executor: ThreadPoolExecutor, threads: int) -> None:
        under_way: set[Future[None]] = set()
        try:
            while True:
                if not self._stop.is_set():
                    taken = self._queue.take(self._job, threads - len(under_way))
                    under_way |= {executor.submit(self._bring_in, item) for item in taken}
                if not under_way:
                    self.stopped = self._stop.is_set()
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
        except PoolClosed:
            self.stopped = True

    def _tell_rows_without_file(self) -> None:
        """Only now is it known what all the archives hold."""
        rows = self._job.manifest_rows
        if rows and not self.stopped and self._queue.heartbeat(self._job):
            self._queue.add(self._job, without_file(rows, self._queue.paths(self._job)))

    def _bring_in(self, item: ClaimedItem) -> None:
        result = self._pipeline.process(self._job, item)
        self._progress(item, self._queue.record(self._job, item, result))


def _batches(entries: Iterable[Entry]) -> Iterator[tuple[list[Entry], bool]]:
    """``entries`` in lists, each with whether it is the last; one empty list when there are none."""
    remaining = iter(entries)
    batch = list(islice(remaining, _ENTRIES_AT_ONCE))
    while following := list(islice(remaining, _ENTRIES_AT_ONCE)):
        yield batch, False
        batch = following
    yield batch, True
