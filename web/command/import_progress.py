"""What is seen of an import while it runs: a progress bar on standard error, and Ctrl-C understood."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.jobs import Progress as Tick
from kb.access import SYSTEM
from kb.import_queue import ClaimedItem, ClaimedJob
from kb.knowledge_base import KnowledgeBase

# How often the bar asks how many files there are, in seconds.
_COUNT_SECONDS: Final = 0.5


@contextmanager
def stopped_by_signals(console: Console) -> Iterator[threading.Event]:
    """An event that Ctrl-C and a polite kill set. Files under way are finished; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        console.print("Stopping after the files under way …")

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress_bar(kb: KnowledgeBase, job: ClaimedJob, console: Console) -> Iterator[Tick]:
    """A progress bar on standard error; gives what is to be called with each item and its outcome."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed · {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
        console=console,
    )
    started = counted = time.monotonic()
    outcomes: Counter[str] = Counter()
    counts = kb.imports.get(SYSTEM, job.id).counts
    before = counts.done
    lock = threading.Lock()
    with bar:
        task = bar.add_task("Listing …", total=counts.total or None, failed=counts.failed, rate=0.0)

        def tick(_item: ClaimedItem, outcome: str) -> None:
            nonlocal counted, counts
            with lock:
                outcomes[outcome] += 1
                now = time.monotonic()
                if now - counted > _COUNT_SECONDS or not counts.total:
                    counted = now
                    counts = kb.imports.get(SYSTEM, job.id).counts
                done = outcomes.total() - outcomes["expanded"]
                bar.update(
                    task,
                    description="Importing",
                    total=counts.total,
                    completed=before + done,
                    failed=counts.failed,
                    rate=done / max(now - started, 0.001),
                )

        yield tick
        counts = kb.imports.get(SYSTEM, job.id).counts
        bar.update(
            task,
            description="Imported",
            total=counts.total,
            completed=counts.done,
            failed=counts.failed,
        )
