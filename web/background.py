"""What runs beside the pages in one process: the indexer, the import runner …, each in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from ingest.jobs import run_jobs
from kb.knowledge_base import KnowledgeBase
from web import mailing

_log = logging.getLogger(__name__)
# A loop that died of a surprise (a full disk, say) is started again after this pause, in seconds.
RESTART_SECONDS: Final = 5.0
# How long stopping waits for a thread to finish what it is doing, in seconds.
STOP_SECONDS: Final = 20.0


class Background:
    """The threads of one process; start once, stop once."""

    def __init__(self, kb: KnowledgeBase) -> None:
        """Prepare to serve ``kb``; nothing runs yet."""
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep_running, args=(name, work), name=name, daemon=True)
            for name, work in (
                ("indexer", lambda: kb.indexing.run(self._stop)),
                ("warm-up", lambda: _warm_up(kb, self._stop)),
                ("notifier", lambda: mailing.run(kb, self._stop)),
                ("importer", lambda: run_jobs(kb, self._stop)),
                ("audit", lambda: kb.audit.run(self._stop)),
                ("unusual", lambda: kb.unusual.run(self._stop)),
            )
        ]

    def start(self) -> None:
        """Start all threads."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ask all threads to stop and wait for them; whatever is left undone is resumed at the next start."""
        self._stop.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def wait(self) -> None:
        """Return when somebody stops the threads."""
        self._stop.wait()

    def _keep_running(self, name: str, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            try:
                work()
            except Exception:  # noqa: BLE001
                # The only place that may swallow anything: pages must go on when a disk is full, and say so elsewhere.
                _log.exception(
                    "The %s stopped; it starts again in %s seconds.", name, RESTART_SECONDS
                )
                self._stop.wait(RESTART_SECONDS)


def _warm_up(kb: KnowledgeBase, stop: threading.Event) -> None:
    """Prepare what the first visitor would wait for, once there is an index, and then only wait."""
    kb.indexing.catch_up()
    kb.warm_up()
    stop.wait()
