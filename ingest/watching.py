"""A watched folder: whatever is put into it, or changed in it, is imported by itself.

It looks at the folder every few seconds rather than ask the system for events: network drives, where such folders
mostly are, send none. A file is taken when two looks in a row found it the same, so that one that is still being copied
is not read half.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ingest.jobs import run_job
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from ingest.sources import listed
from kb.access import FOR_EVERYONE, SYSTEM, Actor, Audience
from kb.import_queue import new_runner
from kb.importing_rules import Entry
from kb.imports import Job
from kb.knowledge_base import KnowledgeBase
from kb.models import PUBLISHED

# Between two looks, in seconds. Listing 5,000 files takes well under a tenth of it.
LOOK_SECONDS: Final = 5.0

# What tells that a file changed: when, and how large it is. None when the system would not say.
Signature = tuple[int, int] | None


class Watch:
    """What was seen in one folder, and what of it is settled; pure but for looking."""

    def __init__(self, folder: Path) -> None:
        """Watch ``folder`` with all below it; everything in it counts as new."""
        self._folder = folder
        self._taken: dict[str, Signature] = {}
        self._seen: dict[str, Signature] = {}

    def look(self) -> list[Entry]:
        """The files that are new or changed since they were last returned, and have been the same for two looks."""
        entries = {entry.place: entry for entry in listed([str(self._folder)]) if not entry.skip}
        found = {place: _signature(entry) for place, entry in entries.items()}
        settled = [
            place
            for place, signature in found.items()
            if signature is not None
            and signature != self._taken.get(place)
            and signature == self._seen.get(place)
        ]
        self._seen = found
        self._taken = {place: self._taken[place] for place in found if place in self._taken}
        self._taken |= {place: found[place] for place in settled}
        return [entries[place] for place in settled]


def watch(
    kb: KnowledgeBase,
    actor: Actor,
    folder: Path,
    stop: threading.Event,
    *,
    kind: str = "",
    audience: Audience = FOR_EVERYONE,
    document_state: str = PUBLISHED,
    told: Callable[[Job], None] = lambda _job: None,
    seconds: float = LOOK_SECONDS,
) -> None:
    """Import what is put into ``folder`` until ``stop`` is set; ``told`` is called with each job when it is finished.

    Jobs that others left undone are gone on with, and told too.

    Raises:
        NotAllowed: the actor may not import.
        DataFolderError: nothing can be stored.
    """
    watched = Watch(folder)
    runner = new_runner()
    with open_pool(kb.settings) as pool:
        pipeline = Pipeline(kb, pool)
        while True:
            entries = watched.look()
            if entries:
                kb.imports.create(
                    actor,
                    entries,
                    kind=kind,
                    audience=audience,
                    document_state=document_state,
                    runner=runner,
                )
            # Also what a watch that was killed left undone: nobody else may be there to go on with it.
            while not stop.is_set() and (job := kb.imports.queue.claim(runner)) is not None:
                run_job(kb, job, pipeline, stop=stop)
                told(kb.imports.get(SYSTEM, job.id))
            if stop.wait(seconds):
                return


def _signature(entry: Entry) -> Signature:
    try:
        status = os.stat(entry.local_path)  # noqa: PTH116  a path of bytes
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
