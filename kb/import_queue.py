"""The work on import jobs, as a runner sees it: claim one, take items, record what became of them.

Every method is one transaction. A runner that lost its job to another (it was silent for longer than
:data:`kb.importing_rules.LEASE`) learns it by :class:`kb.errors.Conflict` and stops; what it stored meanwhile is
found as unchanged by the other.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb.access import Actor, Audience
from kb.database import Database
from kb.errors import Conflict, FileRefused, ReaderCrashed
from kb.files import register_file
from kb.import_rows import actor_from_json, add_items, error_columns
from kb.importing_rules import MAX_ATTEMPTS, Entry, Overrides, may_be_taken_over
from kb.likeness_rules import Near
from kb.models import Document, DocumentSource, ImportItem, ImportJob, record_harvest, utc_now
from kb.processes import is_alive

ItemOutcome = Literal["stored", "unchanged", "duplicate", "failed", "expanded"]


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that this runner may work on; ``sources`` are still to be listed when ``listed`` is false.

    ``manifest_rows`` are those rows of its ``manifest`` that belong to none of the files it began with.
    """

    id: int
    runner: str
    actor: Actor
    kind: str
    audience: Audience
    document_state: str
    sources: tuple[str, ...]
    listed: bool
    manifest: str = ""
    manifest_rows: tuple[tuple[str, Overrides], ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimedItem:
    """An item to work on now; the fields are those of :class:`kb.models.ImportItem`."""

    id: int
    path: str
    place: str
    local_path: bytes
    sha256: str | None
    size: int | None
    overrides: Overrides


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an item.

    Attributes:
        outcome: stored, unchanged, duplicate, failed or expanded.
        step: ``keep``, ``read`` or ``store``: how far it got.
        sha256: hash of the content, when it reached the file store; ``size`` (bytes) and ``media_type`` belong to it.
        document_id: the document that holds it now, and ``version`` as which version.
        ledger: :meth:`kb.drafts.Ledger.as_json` of the reading.
        harvested_as: kind of document it was searched for lessons as; empty when it was not read.
        near: documents it is nearly the same as, the most alike first.
        error: why it failed.
        entries: what an archive was expanded into.
        note: something to know of it that is no error, as a message id.
    """

    outcome: ItemOutcome
    step: str
    sha256: str | None = None
    size: int | None = None
    media_type: str = ""
    document_id: int | None = None
    version: int | None = None
    ledger: dict[str, Any] = field(default_factory=dict)
    harvested_as: str = ""
    near: tuple[Near, ...] = ()
    error: FileRefused | None = None
    entries: tuple[Entry, ...] = ()
    note: str = ""


def new_runner() -> str:
    """A name for this process as a runner; it tells the machine and the process, see :meth:`ImportQueue.claim`."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}:{secrets.token_hex(4)}"


class ImportQueue:
    """Jobs as work to be done. No permission is asked here: a job carries the actor it is done for."""

    def __init__(self, database: Database) -> None:
        """Work on the jobs of ``database``."""
        self._database = database

    def claim(self, runner: str, job_id: int | None = None) -> ClaimedJob | None:
        """Take the oldest job that is free, or the one with ``job_id`` if it is free; None when there is none.

        Free is a queued job, and a running one whose runner has been silent for too long or was a process of this
        machine that is gone. With ``job_id`` a paused or cancelled job is free too. What the lost runner had under
        way is done again.
        """
        now = utc_now()
        abandoned = (ImportJob.state == "cancelled") & (ImportJob.runner != "")
        candidates = (
            select(ImportJob)
            .where(
                ImportJob.state.in_(("queued", "running")) | abandoned
                if job_id is None
                else (ImportJob.id == job_id) & (ImportJob.state != "done")
            )
            .order_by(ImportJob.id)
        )
        with self._database.read() as session:
            # Most often there is nothing to do: found out without the write lock.
            if not any(_is_free(job, runner, now) for job in session.scalars(candidates)):
                return None
        with self._database.write() as session:
            for job in session.scalars(candidates.with_for_update(skip_locked=True)):
                if not _is_free(job, runner, now):
                    continue
                if job_id is None and job.state == "cancelled":
                    _clear(session, job)
                    continue
                return _claimed(session, job, runner, now)
        return None

    def add(self, job: ClaimedJob, entries: Sequence[Entry], *, complete: bool = False) -> int:
        """Record items of a job's sources; ``complete`` when these were the last. Returns how many are new.

        A place that the job has already is left out, so that listing can be begun again after a crash.
        """
        with self._database.write() as session:
            row = _mine(session, job)
            row.listed = row.listed or complete
            return add_items(session, job.id, entries)

    def paths(self, job: ClaimedJob) -> list[str]:
        """The paths of all files of a job, also of those that came out of archives."""
        with self._database.read() as session:
            return list(session.scalars(select(ImportItem.path).where(ImportItem.job_id == job.id)))

    def take(self, job: ClaimedJob, count: int) -> list[ClaimedItem]:
        """Up to ``count`` items to work on now; none when the job was cancelled, paused, or nothing is left.

        An item that was under way at :data:`MAX_ATTEMPTS` deaths of its runner is recorded as failed instead.
        """
        with self._database.write() as session:
            if _mine(session, job).state != "running":
                return []
            taken = []
            for item in session.scalars(
                select(ImportItem)
                .where(ImportItem.job_id == job.id, ImportItem.state == "pending")
                .order_by(ImportItem.id)
                .limit(count)
            ):
                if item.attempts >= MAX_ATTEMPTS:
                    reason = (
                        f"the import was stopped {item.attempts} times while this file was read"
                    )
                    refused = ReaderCrashed(name=item.path, reason=reason)
                    _fill(item, Result("failed", "read", item.sha256, item.size, error=refused))
                    continue
                item.state = "running"
                item.attempts += 1
                item.started_at = item.started_at or utc_now()
                taken.append(_taken(item))
            return taken

    def record(self, job: ClaimedJob, item: ClaimedItem, result: Result) -> str:
        """Write down what became of an item, with the items it was expanded into; returns the outcome recorded.

        When an earlier runner died after it had stored the file and before it could say so, the outcome is what that
        runner would have said.
        """
        with self._database.write() as session:
            _mine(session, job)
            row = session.get_one(ImportItem, item.id)
            if (
                result.sha256
                and result.size is not None
                and result.outcome in {"failed", "expanded"}
            ):
                register_file(session, result.sha256, result.size, result.media_type)
            add_items(session, job.id, result.entries)
            _fill(row, result)
            if result.outcome == "unchanged" and row.attempts > 1:
                row.outcome = _outcome_of_lost_attempt(session, row)
            if row.outcome == "stored" and row.document_id is not None:
                # Without the kind, after a lost attempt, the document is searched once more.
                version = row.document_version or 0
                record_harvest(session, row.document_id, version, result.harvested_as)
            return row.outcome

    def heartbeat(self, job: ClaimedJob) -> bool:
        """Say that this runner is alive; False when the job was cancelled or paused meanwhile."""
        with self._database.write() as session:
            row = _mine(session, job)
            row.heartbeat_at = utc_now()
            return row.state == "running"

    def finish(self, job: ClaimedJob) -> bool:
        """Close the job; False, and nothing is changed, when there is work left (somebody asked to retry)."""
        with self._database.write() as session:
            row = _mine(session, job)
            if row.state == "running":
                if not row.listed or _has_open_items(session, job.id):
                    return False
                row.state = "done"
            row.runner = ""
            row.finished_at = utc_now()
            return True

    def release(self, job: ClaimedJob, *, pause: bool, error: str = "") -> None:
        """Give an unfinished job back: ``pause`` until somebody resumes it, else to the next runner."""
        with self._database.write() as session:
            row = _mine(session, job)
            if row.state == "running":
                row.state = "paused" if pause else "queued"
            row.error = error
            row.runner = ""
            # Stopped on purpose: this attempt is not held against the items.
            _reopen(session, job.id, ImportItem.attempts - 1)


def _is_free(job: ImportJob, runner: str, now: datetime) -> bool:
    if not job.runner or (job.state == "queued" and job.runner == runner):
        return True
    return may_be_taken_over(
        runner_is_dead=_is_gone(job.runner), heartbeat_at=job.heartbeat_at, now=now
    )


def _is_gone(runner: str) -> bool:
    """True when ``runner`` was a process of this machine that does not exist any more."""
    machine, _, number = runner.rpartition(":")[0].rpartition(":")
    return machine == socket.gethostname()[:100] and number.isdigit() and not is_alive(int(number))


def _claimed(session: Session, job: ImportJob, runner: str, now: datetime) -> ClaimedJob:
    _reopen(session, job.id, ImportItem.attempts)
    job.state, job.runner, job.error = "running", runner, ""
    job.heartbeat_at = job.started_at = now
    job.finished_at = None
    return ClaimedJob(
        id=job.id,
        runner=runner,
        actor=actor_from_json(job.actor),
        kind=job.kind,
        audience=Audience.parse(job.audience, follows=True),
        document_state=job.document_state,
        sources=tuple(job.sources),
        listed=job.listed,
        manifest=job.manifest,
        manifest_rows=tuple(
            (path, Overrides.from_json(given)) for path, given in job.manifest_rows or ()
        ),
    )


def _clear(session: Session, job: ImportJob) -> None:
    """Tidy a cancelled job whose runner died before it could finish what was under way."""
    job.runner = ""
    session.execute(
        update(ImportItem)
        .where(ImportItem.job_id == job.id, ImportItem.state != "done")
        .values(state="done", outcome="cancelled")
        .execution_options(synchronize_session=False)
    )


def _taken(item: ImportItem) -> ClaimedItem:
    return ClaimedItem(
        id=item.id,
        path=item.path,
        place=item.place,
        local_path=item.local_path,
        sha256=item.sha256,
        size=item.size,
        overrides=Overrides.from_json(item.overrides),
    )


def _mine(session: Session, job: ClaimedJob) -> ImportJob:
    row = session.get_one(ImportJob, job.id)
    if row.runner != job.runner:
        raise Conflict(what=f"import job {job.id}")
    return row


def _reopen(session: Session, job_id: int, attempts: Any) -> None:
    session.execute(
        update(ImportItem)
        .where(
            ImportItem.job_id == job_id,
            (ImportItem.state == "running") | (ImportItem.outcome == "cancelled"),
        )
        .values(state="pending", outcome="", attempts=attempts, finished_at=None)
        .execution_options(synchronize_session=False)
    )


def _has_open_items(session: Session, job_id: int) -> bool:
    open_items = (
        select(func.count())
        .select_from(ImportItem)
        .where(ImportItem.job_id == job_id, ImportItem.state != "done")
    )
    return bool(session.scalar(open_items))


def _fill(item: ImportItem, result: Result) -> None:
    item.state = "done"
    item.outcome = result.outcome
    item.step = result.step
    item.sha256, item.size = result.sha256, result.size
    item.document_id, item.document_version = result.document_id, result.version
    item.ledger = result.ledger
    item.near = [
        {"document": near.document_id, "title": near.title, "likeness": near.likeness}
        for near in result.near
    ]
    item.note = item.note or result.note
    item.finished_at = utc_now()
    for column, value in error_columns(result.error).items():
        setattr(item, column, value)


def _outcome_of_lost_attempt(session: Session, item: ImportItem) -> str:
    """What an attempt would have recorded that died between storing and recording; ``unchanged`` if there was none."""
    source = session.get(DocumentSource, item.place)
    document = session.get(Document, item.document_id) if item.document_id else None
    if source is None or document is None or item.started_at is None:
        return "unchanged"
    if source.seen_at < item.started_at:
        return "unchanged"
    return "stored" if document.updated_at >= item.started_at else "duplicate"
