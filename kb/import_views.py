"""Import jobs and their files as people and programs are shown them: plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from kb.likeness_rules import Near
from kb.models import ImportItem

JobState = Literal["queued", "running", "paused", "done", "cancelled"]
ItemState = Literal["pending", "running", "done"]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files of a job became what; ``total`` is all of them but the skipped.

    Attributes:
        new_versions: how many of the stored became a new version of a document that was there.
        left: still to be worked on.
    """

    total: int = 0
    stored: int = 0
    new_versions: int = 0
    unchanged: int = 0
    duplicate: int = 0
    failed: int = 0
    cancelled: int = 0
    skipped: int = 0
    left: int = 0

    @property
    def done(self) -> int:
        """Files with an outcome."""
        return self.total - self.left


@dataclass(frozen=True, slots=True)
class Job:
    """One import job. ``state``: see :class:`kb.models.ImportJob`.

    Attributes:
        listed: False while its folders are still being looked through, so that the counts will grow.
        per_minute: files done in the last minute; 0 when it is not running.
        seconds_left: an estimate; None while there is nothing to estimate from.
        error: why it was paused by itself; empty otherwise.
        document_state: the state its documents get.
        manifest: name of the table of metadata handed in with the files; empty where there was none.
    """

    id: int
    state: JobState
    by: str
    by_name: str
    kind: str
    audience: str
    document_state: str
    manifest: str
    listed: bool
    error: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: Counts
    per_minute: int
    seconds_left: int | None

    @property
    def is_over(self) -> bool:
        """True when nothing more will happen by itself."""
        return self.state in {"done", "cancelled", "paused"}


@dataclass(frozen=True, slots=True)
class Item:
    """One file of a job. The fields are those of :class:`kb.models.ImportItem`.

    Attributes:
        coverage: percent of the characters found that were carried; None when it was not read.
        losses: one sentence for each thing that was not carried.
        near: documents it is nearly the same as, the most alike first.
        note: something to know of it that is no error, as a message id; mostly empty.
    """

    id: int
    path: str
    state: ItemState
    outcome: str
    document_id: int | None
    document_version: int | None
    size: int | None
    step: str
    error_code: str
    error_data: dict[str, Any]
    error: str
    advice: str
    coverage: float | None
    losses: tuple[str, ...]
    ledger: dict[str, Any]
    near: tuple[Near, ...]
    note: str


def item_view(row: ImportItem) -> Item:
    """The row of an item as it is shown."""
    return Item(
        id=row.id,
        path=row.path,
        state=cast("ItemState", row.state),
        outcome=row.outcome,
        document_id=row.document_id,
        document_version=row.document_version,
        size=row.size,
        step=row.step,
        error_code=row.error_code,
        error_data=row.error_data,
        error=row.error,
        advice=row.advice,
        coverage=row.ledger.get("coverage"),
        losses=tuple(row.ledger.get("losses", ())),
        ledger=row.ledger,
        near=tuple(Near(near["document"], near["title"], near["likeness"]) for near in row.near),
        note=row.note,
    )
