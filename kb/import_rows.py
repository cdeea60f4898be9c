"""Import jobs and items as rows: what is written down of an entry, of an error, of whoever started the job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from kb.access import Actor, Role
from kb.errors import FileRefused
from kb.folder_paths import folder_of
from kb.importing_rules import SKIP_REASONS, Entry
from kb.models import ImportItem, utc_now

# Rows written with one INSERT; more gains nothing measurable and holds the write lock longer.
_ROWS_AT_ONCE: Final = 500


def add_items(session: Session, job_id: int, entries: Sequence[Entry]) -> int:
    """Add items to a job in the caller's transaction, but for places it has already; returns how many are new."""
    if not entries:
        return 0
    known = set(session.scalars(select(ImportItem.place).where(ImportItem.job_id == job_id)))
    rows = []
    for entry in entries:
        if entry.place not in known:
            known.add(entry.place)
            rows.append(_row(job_id, entry))
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        session.execute(insert(ImportItem), rows[start : start + _ROWS_AT_ONCE])
    return len(rows)


def actor_as_json(actor: Actor) -> dict[str, Any]:
    """``actor`` as a job keeps it."""
    return {
        "id": actor.id,
        "name": actor.name,
        "role": actor.role.value,
        "groups": sorted(actor.groups),
        "sees_all": actor.sees_all,
    }


def actor_from_json(stored: dict[str, Any]) -> Actor:
    """The reverse of :func:`actor_as_json`."""
    return Actor(
        id=stored["id"],
        name=stored["name"],
        role=Role(stored["role"]),
        groups=frozenset(stored["groups"]),
        sees_all=stored["sees_all"],
    )


def error_columns(error: FileRefused | None) -> dict[str, Any]:
    """The columns that hold an error."""
    if error is None:
        return {"error_code": "", "error_data": {}, "error": "", "advice": ""}
    return {
        "error_code": error.code,
        "error_data": dict(error.data),
        "error": str(error),
        "advice": error.advice,
    }


def _row(job_id: int, entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {
        "job_id": job_id,
        "path": entry.path,
        "place": entry.place,
        "folder": folder_of(entry.place),
        "local_path": entry.local_path,
        "overrides": entry.overrides.as_json(),
        "sha256": entry.sha256,
        "size": entry.size,
        "state": "pending",
        "outcome": "",
        "step": "",
        "near": [],
        "note": entry.note,
        "error_code": "",
        "error_data": {},
        "error": "",
        "advice": "",
        "finished_at": None,
    }
    if entry.skip:
        told = {"outcome": "skipped", "error_code": entry.skip, "error": SKIP_REASONS[entry.skip]}
    elif entry.error:
        told = {"outcome": "failed", "step": "keep", **error_columns(entry.error)}
    else:
        return row
    return row | told | {"state": "done", "finished_at": utc_now()}
