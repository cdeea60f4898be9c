"""What ``pmo import`` and ``pmo watch`` print: tables for people, JSON for programs."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from kb.access import SYSTEM
from kb.importing_rules import BY_FOLDER
from kb.imports import Counts, Item, Job
from kb.knowledge_base import KnowledgeBase

# More rows than this fill the screen without telling more; --json and the import page have all.
_ROWS_SHOWN: Final = 30


def job_as_json(kb: KnowledgeBase, job: Job) -> dict[str, Any]:
    """A job with all its items, in the shape that scripts rely on."""
    items = list(kb.imports.all_items(SYSTEM, job.id))
    counts = job.counts
    return {
        "job": job.id,
        "state": job.state,
        "total": counts.total,
        "stored": counts.stored,
        "unchanged": counts.unchanged,
        "duplicate": counts.duplicate,
        "failed": counts.failed,
        "new_versions": counts.new_versions,
        "by_folder": sum(item.note == BY_FOLDER for item in items),
        "left": counts.left + counts.cancelled,
        "items": [_item_as_json(item) for item in items if item.outcome != "skipped"],
        "skipped": [
            {"path": item.path, "reason": item.error_code, "sentence": item.error}
            for item in items
            if item.outcome == "skipped"
        ],
    }


def print_report(kb: KnowledgeBase, job: Job, console: Console) -> None:
    """The totals of a job, and what went wrong with which file."""
    console.print(_totals(job.counts))
    hidden = sum(item.note == BY_FOLDER for item in kb.imports.all_items(SYSTEM, job.id))
    if hidden:
        console.print(f"Only for those whom their folder is for: {hidden}")
    if not (job.counts.failed or job.counts.skipped):
        return
    failed = [
        item
        for item in kb.imports.all_items(SYSTEM, job.id)
        if item.outcome in {"failed", "skipped"}
    ]
    table = Table("File", "Step", "What happened", "What to do", show_lines=True)
    for item in failed[:_ROWS_SHOWN]:
        table.add_row(
            *(escape(cell) for cell in (item.path, item.step or "–", item.error, item.advice))
        )
    console.print(table)
    if len(failed) > _ROWS_SHOWN:
        console.print(
            f"… and {len(failed) - _ROWS_SHOWN} more: pmo import --json, or the import page."
        )


def _item_as_json(item: Item) -> dict[str, Any]:
    return {
        "path": item.path,
        "outcome": item.outcome or item.state,
        "document": item.document_id,
        "version": item.document_version,
        "error": item.error or None,
        "advice": item.advice or None,
        "code": item.error_code or None,
        "step": item.step,
        "coverage": item.coverage,
        "losses": list(item.losses),
        "note": item.note or None,
        "near": [
            {"document": near.document_id, "title": near.title, "likeness": near.likeness}
            for near in item.near
        ],
    }


def _totals(counts: Counts) -> Table:
    table = Table(
        "Files", "Stored", "of them new versions", "Unchanged", "Duplicate", "Failed", "Skipped"
    )
    row = (
        counts.total,
        counts.stored,
        counts.new_versions,
        counts.unchanged,
        counts.duplicate,
        counts.failed,
        counts.skipped,
    )
    table.add_row(*(str(number) for number in row))
    return table
