"""Indexing: the search index catches up with the change log. SQL is the truth, the index is derived from it.

A change is marked done only after the index has committed it, and applying it twice is harmless, so a process may be
killed at any moment: what was not marked is applied again. Things are read while the right to write to the index is
held; otherwise a slow process could put an old state over a newer one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from kb.access import SYSTEM
from kb.database import Database
from kb.errors import KnowledgeBaseError
from kb.models import Change, utc_now
from kb.search.engine import EngineState, Entry, IndexBusy, SearchEngine
from kb.search.lexicon import CurrentLexicon
from kb.things import ThingSource, entry, key

BATCH: Final = 200  # changes applied in one commit: larger ones delay the first hits of an import
_READ_AT_ONCE: Final = 100  # things in memory while the index is rebuilt
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters
POLL_SECONDS: Final = 0.5  # how soon a change is noticed
TIDY_SECONDS: Final = 20.0  # between looks for segments to merge
RETRY_SECONDS: Final = 5.0  # after a failure

_log = logging.getLogger(__name__)


class Indexing:
    """Keeps the index up with the change log. Safe in several threads and processes: one writes, the others wait.

    Attributes:
        rebuilding: whether this process is building the index anew.
    """

    def __init__(
        self,
        database: Database,
        engine: SearchEngine,
        lexicon: CurrentLexicon,
        sources: Sequence[ThingSource],
    ) -> None:
        """Bring what ``sources`` find in ``database`` into ``engine``, cut by the words of ``lexicon``."""
        self._database = database
        self._engine = engine
        self._lexicon = lexicon
        self._sources = {source.subject: source for source in sources}
        self.rebuilding = False

    def state(self) -> EngineState:
        """What the index says of itself."""
        return self._engine.state()

    @property
    def pending(self) -> int:
        """How many changes the index has not caught up with."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).where(*self._open())) or 0

    def waiting(self) -> set[str]:
        """The keys of things that the index has not caught up with."""
        with self._database.read() as session:
            rows = session.execute(select(Change.subject, Change.subject_id).where(*self._open()))
            return {key(subject, number) for subject, number in rows}

    def catch_up(self) -> int:
        """Apply all open changes, rebuilding the index first where it must be; returns how many changes were applied.

        When another process is writing to the index, it does this work, and 0 is returned.

        Raises:
            SearchUnavailable: the index cannot be written; the changes stay open.
        """
        done = 0
        try:
            with self._engine.writing():
                if self._engine.state().rebuild_reason:
                    done += self._rebuild()
                while batch := self._apply_batch():
                    done += batch
        except IndexBusy:
            return done
        return done

    def rebuild(self) -> int:
        """Build the index anew from the database beside the present one, swap, and catch up; returns how many entries.

        Questions are answered from the old index until the swap. Changes made meanwhile are applied after it.

        Raises:
            IndexBusy: another process is writing to the index.
            SearchUnavailable: the index cannot be written.
        """
        with self._engine.writing():
            self._rebuild()
            while self._apply_batch():
                pass
            return self._engine.state().documents

    def run(self, stop: threading.Event) -> None:
        """Catch up within a second of each change, and keep the index tidy, until ``stop`` is set. Never raises."""
        tidier = threading.Thread(
            target=self._tidy_until, args=(stop,), name="index-tidy", daemon=True
        )
        tidier.start()
        while not stop.is_set():
            wait = POLL_SECONDS
            try:
                if self.pending or self._engine.state().rebuild_reason:
                    self.catch_up()
            except (KnowledgeBaseError, SQLAlchemyError):
                _log.exception(
                    "The index could not catch up; trying again in %s seconds", RETRY_SECONDS
                )
                wait = RETRY_SECONDS
            stop.wait(wait)
        tidier.join()

    def _tidy_until(self, stop: threading.Event) -> None:
        while not stop.wait(TIDY_SECONDS):
            try:
                while not stop.is_set() and self._engine.tidy():
                    pass
                # Once the last of an import is there, not again and again while it comes in.
                if not stop.is_set() and not self.pending:
                    self._engine.learn()
            except (KnowledgeBaseError, SQLAlchemyError):
                _log.exception("The index could not be tidied")

    def _open(self) -> tuple[ColumnElement[bool], ...]:
        """Conditions: a change of a thing that can be found, which the index has not caught up with."""
        return Change.done_at.is_(None), Change.subject.in_(self._sources)

    def _apply_batch(self) -> int:
        """Apply the oldest open changes; returns how many, 0 when none is open."""
        with self._database.read() as session:
            changes = session.execute(
                select(Change.id, Change.subject, Change.subject_id)
                .where(*self._open())
                .order_by(Change.id)
                .limit(BATCH)
            ).all()
            wanted: dict[str, set[int]] = {}
            for _, subject, number in changes:
                wanted.setdefault(subject, set()).add(number)
            entries = [
                entry(thing)
                for subject, numbers in wanted.items()
                for thing in self._sources[subject].things(session, SYSTEM, sorted(numbers))
            ]
        if not changes:
            return 0
        # After the reading, not before: what was stored after a change of the glossary is cut by its new words.
        self._lexicon.get()
        present = {each.key for each in entries}
        changed = {key(subject, number) for _, subject, number in changes}
        self._engine.apply(entries, sorted(changed - present))
        self._mark_done([change_id for change_id, _, _ in changes])
        return len(changes)

    def _rebuild(self) -> int:
        # Exactly the changes that can be seen now are part of what is read below. A highest number would not do: a
        # transaction with a lower number may commit later.
        with self._database.read() as session:
            seen = session.scalars(select(Change.id).where(*self._open())).all()
        self._lexicon.get()
        self.rebuilding = True
        try:
            self._engine.rebuild(self.entries())
        finally:
            self.rebuilding = False
        self._mark_done(seen)
        return len(seen)

    def entries(self) -> Iterator[Entry]:
        """What the index should hold, as the database is now; read little by little."""
        for source in self._sources.values():
            last = 0
            while True:
                with self._database.read() as session:
                    ids = source.ids_after(session, last, _READ_AT_ONCE)
                    things = source.things(session, SYSTEM, ids) if ids else ()
                if not ids:
                    break
                last = ids[-1]
                yield from map(entry, things)

    def _mark_done(self, ids: Sequence[int]) -> None:
        for first in range(0, len(ids), _IDS_IN_ONE_STATEMENT):
            part = ids[first : first + _IDS_IN_ONE_STATEMENT]
            with self._database.write() as session:
                session.execute(update(Change).where(Change.id.in_(part)).values(done_at=utc_now()))
