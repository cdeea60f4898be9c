"""Lessons looked for again in the background, in documents whose kind was corrected or whose text was changed."""

from __future__ import annotations

import logging
import threading
from typing import Final

from ingest.reading import lessons_in
from ingest.workers import PoolClosed, ReadingPool
from kb.errors import DataFolderError, FileRefused
from kb.harvests import Harvests

_log = logging.getLogger(__name__)

# Between two looks, in seconds: soon enough for somebody who corrects a kind and then opens the queue of lessons.
LOOK_SECONDS: Final = 2.0
_AT_ONCE: Final = 10


class Reharvest:
    """Brings the candidate lessons up to what the documents are now."""

    def __init__(self, harvests: Harvests, pool: ReadingPool) -> None:
        """Look in one of the processes of ``pool``, within its limits of time and memory."""
        self._harvests = harvests
        self._pool = pool
        # Of the change log; 0: everything is looked at once, also what changed while nobody looked.
        self._seen = 0

    def run(self, stop: threading.Event) -> None:
        """Look every few seconds until ``stop`` is set or the pool is closed. Never raises."""
        while not stop.wait(LOOK_SECONDS):
            try:
                self.look()
            except PoolClosed:
                return
            except DataFolderError as error:
                _log.warning("Lessons are looked for again later: %s", error)

    def look(self) -> int:
        """Search what is due; returns how many documents that were.

        Raises:
            DataFolderError: the database cannot be used now.
            PoolClosed: the processes were ended meanwhile.
        """
        moment = self._harvests.moment
        if moment == self._seen:
            return 0
        looked = 0
        while due := self._harvests.due(_AT_ONCE, self._seen):
            for document in due:
                try:
                    found = lessons_in(self._pool, document.body, document.title, document.kind)
                except FileRefused as refused:
                    _log.warning("Document %s: no lessons: %s", document.document_id, refused)
                    self._harvests.record(document, None)
                else:
                    self._harvests.record(document, found)
                looked += 1
        self._seen = moment
        return looked
