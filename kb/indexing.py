"""Indexing: the search index catches up with the change log. SQL is the truth, the index is derived from it.

A change is marked done only after the index has committed it, and applying it twice is harmless, so a process may be
killed at any moment: what was not marked is applied again. Documents are read while the right to write to the index is
held; otherwise a slow process could put an old state over a newer one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, selectinload

from kb.database import Database
from kb.errors import KnowledgeBaseError
from kb.models import Change, Document, utc_now
from kb.search.engine import Entry, IndexBusy, SearchEngine
from kb.search.lexicon import CurrentLexicon

SUBJECT: Final = "document"
PUBLISHED: Final = "published"

BATCH: Final = 200  # changes applied in one commit: larger ones delay the first hits of an import
_READ_AT_ONCE: Final = 100  # documents in memory while the index is rebuilt
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters
POLL_SECONDS: Final = 0.5  # how soon a change is noticed
TIDY_SECONDS: Final = 20.0  # between looks for segments to merge
RETRY_SECONDS: Final = 5.0  # after a failure

_log = logging.getLogger(__name__)


class Indexing:
    """Keeps the index up with the change log. Safe in several threads and processes: one writes, the others wait."""

    def __init__(self, database: Database, engine: SearchEngine, lexicon: CurrentLexicon) -> None:
        """Bring what ``database`` holds into ``engine``, cut by the words of ``lexicon``."""
        self._database = database
        self._engine = engine
        self._lexicon = lexicon

    @property
    def pending(self) -> int:
        """How many changes the index has not caught up with."""
        with self._database.read() as session:
            return session.scalar(select(func.count()).where(Change.done_at.is_(None))) or 0

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
            except KnowledgeBaseError:
                _log.exception("The index could not be tidied")

    def _apply_batch(self) -> int:
        """Apply the oldest open changes; returns how many, 0 when none is open."""
        with self._database.read() as session:
            changes = session.execute(
                select(Change.id, Change.subject_id)
                .where(Change.done_at.is_(None), Change.subject == SUBJECT)
                .order_by(Change.id)
                .limit(BATCH)
            ).all()
            wanted = sorted({subject_id for _, subject_id in changes})
            entries = [_entry(document) for document in _published(session, wanted)]
        if not changes:
            return 0
        # After the reading, not before: what was stored after a change of the glossary is cut by its new words.
        self._lexicon.get()
        present = {entry.key for entry in entries}
        gone = [key for key in map(_key, wanted) if key not in present]
        self._engine.apply(entries, gone)
        self._mark_done([change_id for change_id, _ in changes])
        return len(changes)

    def _rebuild(self) -> int:
        # Exactly the changes that can be seen now are part of what is read below. A highest number would not do: a
        # transaction with a lower number may commit later.
        with self._database.read() as session:
            seen = session.scalars(select(Change.id).where(Change.done_at.is_(None))).all()
        self._lexicon.get()
        self._engine.rebuild(self._entries())
        self._mark_done(seen)
        return len(seen)

    def _entries(self) -> Iterator[Entry]:
        last = 0
        while True:
            with self._database.read() as session:
                ids = session.scalars(
                    select(Document.id)
                    .where(Document.id > last, Document.state == PUBLISHED)
                    .order_by(Document.id)
                    .limit(_READ_AT_ONCE)
                ).all()
                entries = [_entry(document) for document in _published(session, ids)]
            if not ids:
                return
            last = ids[-1]
            yield from entries

    def _mark_done(self, ids: Sequence[int]) -> None:
        for first in range(0, len(ids), _IDS_IN_ONE_STATEMENT):
            part = ids[first : first + _IDS_IN_ONE_STATEMENT]
            with self._database.write() as session:
                session.execute(update(Change).where(Change.id.in_(part)).values(done_at=utc_now()))


def _key(document_id: int) -> str:
    return f"{SUBJECT}:{document_id}"


def _published(session: Session, ids: Sequence[int]) -> Sequence[Document]:
    return session.scalars(
        select(Document)
        .where(Document.id.in_(ids), Document.state == PUBLISHED)
        .options(
            selectinload(Document.sections),
            selectinload(Document.people),
            selectinload(Document.tags),
            selectinload(Document.project),
        )
    ).all()


def _entry(document: Document) -> Entry:
    project = document.project
    return Entry(
        key=_key(document.id),
        audience=document.audience_id,
        kind=document.kind,
        language=document.language,
        title=document.title,
        headings=tuple(section.heading for section in document.sections if section.heading),
        body=tuple(section.text for section in document.sections if section.text),
        project=project.code if project else "",
        project_label=f"{project.name_zh}\n{project.name_en}" if project else "",
        year=document.dated.year if document.dated else None,
        dated=document.dated,
        tags=tuple(tag.tag for tag in document.tags),
        people=tuple(person.name for person in document.people),
    )
