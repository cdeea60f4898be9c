"""Import jobs in figures: how many files became what, how fast, how long it will take."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kb.import_views import Counts, Job, JobState
from kb.importing_rules import seconds_left
from kb.models import ImportItem, ImportJob, utc_now

# The rate shown is that of the last minute: long enough to be steady, short enough to follow a change of load.
_RATE_WINDOW: Final = timedelta(seconds=60)
# Outcomes that are no file of their own: never opened, or replaced by what was in it.
NOT_COUNTED: Final = ("skipped", "expanded")


def job_views(
    session: Session, jobs: Sequence[ImportJob], visible: ColumnElement[bool]
) -> list[Job]:
    """``jobs`` as people are shown them who may see their ``visible`` items, read in the caller's transaction."""
    counts = _counts(session, [job.id for job in jobs], visible)
    now = utc_now()
    views = []
    for job in jobs:
        done = _done_lately(session, job, now, visible) if job.state == "running" else 0
        window = min(_RATE_WINDOW, now - (job.started_at or now))
        count = counts.get(job.id, Counts())
        seconds = max(window.total_seconds(), 1.0)
        views.append(
            Job(
                id=job.id,
                state=cast("JobState", job.state),
                by=job.by,
                by_name=str(job.actor.get("name", "")),
                kind=job.kind,
                audience=job.audience,
                document_state=job.document_state,
                manifest=job.manifest,
                listed=job.listed,
                error=job.error,
                created_at=job.created_at,
                started_at=job.started_at,
                finished_at=job.finished_at,
                counts=count,
                per_minute=round(done * 60 / seconds),
                seconds_left=seconds_left(left=count.left, finished_lately=done, window=window),
            )
        )
    return views


def _counts(
    session: Session, job_ids: Sequence[int], visible: ColumnElement[bool]
) -> dict[int, Counts]:
    found: dict[int, dict[str, int]] = {}
    rows = session.execute(
        select(
            ImportItem.job_id,
            ImportItem.outcome,
            func.count(),
            func.count().filter(ImportItem.document_version > 1),
        )
        .where(ImportItem.job_id.in_(job_ids), visible)
        .group_by(ImportItem.job_id, ImportItem.outcome)
    )
    for job_id, outcome, number, renewed in rows:
        row = found.setdefault(job_id, {})
        row[outcome or "left"] = number
        if outcome == "stored":
            row["new_versions"] = renewed
    for row in found.values():
        row.pop("expanded", None)
        row["total"] = sum(
            number for name, number in row.items() if name not in {"skipped", "new_versions"}
        )
    return {job_id: Counts(**row) for job_id, row in found.items()}


def _done_lately(
    session: Session, job: ImportJob, now: datetime, visible: ColumnElement[bool]
) -> int:
    since = max(now - _RATE_WINDOW, job.started_at or now)
    return (
        session.scalar(
            select(func.count())
            .select_from(ImportItem)
            .where(
                ImportItem.job_id == job.id,
                ImportItem.finished_at >= since,
                ImportItem.outcome.not_in(NOT_COUNTED),
                visible,
            )
        )
        or 0
    )
