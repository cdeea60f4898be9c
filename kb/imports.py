"""Imports, as people see them: start a job, watch it, cancel it, run again what failed.

What a runner does with a job is :mod:`kb.import_queue`; what is decided on the way, :mod:`kb.importing_rules`.

A job is seen by whoever started it and by curators; a job nobody signed in for, by everybody who may import. Of its
files others are told only what :mod:`kb.import_reach` lets them know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Action, Actor, Audience
from kb.auditing import record_audit
from kb.database import Database
from kb.drafts import KINDS
from kb.errors import InvalidInput, NotFound
from kb.files import FileStore
from kb.import_figures import job_views
from kb.import_queue import ImportQueue
from kb.import_reach import item_visible, job_visible
from kb.import_rows import actor_as_json, add_items
from kb.import_views import Counts, Item, Job, item_view
from kb.importing_rules import Entry, Overrides
from kb.models import PUBLISHED, REVIEW, ImportItem, ImportJob, utc_now

_ITEMS_AT_ONCE: Final = 500
__all__ = ["Counts", "Imports", "Item", "Job"]


class Imports:
    """Use cases around import jobs; every method is one transaction.

    Attributes:
        queue: the same jobs as work to be done, for runners.
    """

    def __init__(self, database: Database, files: FileStore) -> None:
        """Keep jobs in ``database``; what was uploaded lies in ``files``."""
        self._database = database
        self.files = files
        self.queue = ImportQueue(database)

    def create(
        self,
        actor: Actor,
        entries: Sequence[Entry] = (),
        *,
        sources: Sequence[str] = (),
        kind: str = "",
        audience: Audience = FOR_EVERYONE,
        document_state: str = PUBLISHED,
        manifest: str = "",
        manifest_rows: Sequence[tuple[str, Overrides]] = (),
        runner: str = "",
    ) -> int:
        """Record a job with all its items and return its id; work starts when a runner claims it.

        Args:
            actor: the documents are stored in its name.
            entries: the files.
            sources: files and folders that the runner is to list (see :mod:`ingest.sources`), instead of entries.
            kind: the kind all documents get; empty: each file's own.
            audience: who may see the documents.
            document_state: the state documents get: published, or waiting for review.
            manifest: name of the table of metadata that was handed in with the files, if any.
            manifest_rows: its rows that belong to none of the entries: path and what is said of the file there. They
                are for what comes out of archives; the runner reports those that are left at the end.
            runner: who will work on it at once; others may claim it only when that one is gone.

        Raises:
            NotAllowed: the actor may not import.
            InvalidInput: there is no such kind or state.
        """
        actor.must(Action.IMPORT)
        if kind and kind not in KINDS:
            raise InvalidInput(field="kind", reason=f"“{kind}” is none of {', '.join(KINDS)}")
        if document_state not in (PUBLISHED, REVIEW):
            raise InvalidInput(
                field="state", reason=f"“{document_state}” is none of {PUBLISHED}, {REVIEW}"
            )
        job = ImportJob(
            by=actor.id,
            actor=actor_as_json(actor),
            kind=kind,
            audience=audience.key,
            document_state=document_state,
            manifest=manifest[:400],
            manifest_rows=[[path, given.as_json()] for path, given in manifest_rows],
            sources=list(sources),
            listed=not sources,
            runner=runner,
            heartbeat_at=utc_now() if runner else None,
        )
        with self._database.write() as session:
            session.add(job)
            session.flush()
            add_items(session, job.id, entries)
            record_audit(session, actor, "import", "import", job.id, {"files": len(entries)})
            return job.id

    def get(self, actor: Actor, job_id: int) -> Job:
        """A job with its counts.

        Raises:
            NotFound: there is none, or it is not for this actor.
        """
        with self._database.read() as session:
            job = _visible_job(session, actor, job_id)
            return job_views(session, [job], item_visible(session, actor))[0]

    def recent(self, actor: Actor, limit: int = 20) -> list[Job]:
        """The actor's latest jobs, newest first."""
        with self._database.read() as session:
            jobs = session.scalars(
                select(ImportJob)
                .where(job_visible(session, actor))
                .order_by(ImportJob.id.desc())
                .limit(limit)
            )
            return job_views(session, list(jobs), item_visible(session, actor))

    def items(
        self, actor: Actor, job_id: int, *, outcome: str = "", page: int = 1, per_page: int = 50
    ) -> tuple[list[Item], int]:
        """One page of a job's items in the order they were listed, and how many there are over all pages.

        Args:
            actor: whoever asks.
            job_id: the job.
            outcome: only those with this outcome; ``left``: those without one; empty: all but the expanded archives.
            page: from 1.
            per_page: items on a page.

        Raises:
            NotFound: there is no such job, or it is not for this actor.
        """
        chosen = (ImportItem.job_id == job_id) & _with_outcome(outcome)
        with self._database.read() as session:
            _visible_job(session, actor, job_id)
            chosen &= item_visible(session, actor)
            rows = session.scalars(
                select(ImportItem)
                .where(chosen)
                .order_by(ImportItem.id)
                .offset((max(page, 1) - 1) * per_page)
                .limit(per_page)
            )
            total = session.scalar(select(func.count()).select_from(ImportItem).where(chosen))
            return [item_view(row) for row in rows], total or 0

    def all_items(self, actor: Actor, job_id: int) -> Iterator[Item]:
        """Every item of a job but the expanded archives, in the order they were listed, a few hundred in memory.

        Raises:
            NotFound: there is no such job, or it is not for this actor.
        """
        last = 0
        while True:
            with self._database.read() as session:
                _visible_job(session, actor, job_id)
                rows = session.scalars(
                    select(ImportItem)
                    .where(ImportItem.job_id == job_id, ImportItem.id > last, _with_outcome(""))
                    .where(item_visible(session, actor))
                    .order_by(ImportItem.id)
                    .limit(_ITEMS_AT_ONCE)
                ).all()
            if not rows:
                return
            last = rows[-1].id
            yield from (item_view(row) for row in rows)

    def cancel(self, actor: Actor, job_id: int) -> Job:
        """Stop a job: what is being read now is finished, the rest is not begun. What is stored stays.

        Raises:
            NotFound: there is no such job, or it is not for this actor.
            NotAllowed: the actor may not import.
        """
        actor.must(Action.IMPORT)
        with self._database.write() as session:
            job = _visible_job(session, actor, job_id)
            if job.state in {"queued", "running", "paused"}:
                job.state = "cancelled"
                job.finished_at = utc_now()
                session.execute(
                    update(ImportItem)
                    .where(ImportItem.job_id == job_id, ImportItem.state == "pending")
                    .values(state="done", outcome="cancelled")
                )
            return job_views(session, [job], item_visible(session, actor))[0]

    def retry_failed(self, actor: Actor, job_id: int) -> Job:
        """Queue again what failed and what a cancellation or pause left undone; changes nothing if there is none.

        Raises:
            NotFound: there is no such job, or it is not for this actor.
            NotAllowed: the actor may not import.
        """
        actor.must(Action.IMPORT)
        with self._database.write() as session:
            job = _visible_job(session, actor, job_id)
            session.execute(
                update(ImportItem)
                .where(ImportItem.job_id == job_id, ImportItem.outcome.in_(("failed", "cancelled")))
                .values(state="pending", outcome="", attempts=0, started_at=None, finished_at=None)
            )
            view = job_views(session, [job], true())[0]
            if job.state != "running" and (view.counts.left or not job.listed):
                job.state, job.runner, job.finished_at = "queued", "", None
            return job_views(session, [job], item_visible(session, actor))[0]


def _visible_job(session: Session, actor: Actor, job_id: int) -> ImportJob:
    job = session.scalar(
        select(ImportJob).where(ImportJob.id == job_id, job_visible(session, actor))
    )
    if job is None:
        raise NotFound(what="import job", id=job_id)
    return job


def _with_outcome(outcome: str) -> ColumnElement[bool]:
    if outcome == "left":
        return ImportItem.state != "done"
    return ImportItem.outcome == outcome if outcome else ImportItem.outcome != "expanded"
