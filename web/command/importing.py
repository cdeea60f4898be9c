"""``pmo import`` and ``pmo extract``."""

from __future__ import annotations

import json
import os
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, Final

import click
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ingest.jobs import run_job
from ingest.pipeline import Pipeline, limits_of, open_pool, read_in
from kb import open_kb
from kb.access import SYSTEM, Audience
from kb.config import Settings
from kb.drafts import KINDS, Draft
from kb.errors import InvalidInput
from kb.import_queue import ClaimedItem, ClaimedJob, new_runner
from kb.imports import Counts, Item, Job
from kb.knowledge_base import KnowledgeBase
from kb.markdown import plain_text, sections

# More rows than this fill the screen without telling more; --json and the import page have all.
_ROWS_SHOWN: Final = 30
# How often the bar asks how many files there are, in seconds.
_COUNT_SECONDS: Final = 0.5
_progress = Console(stderr=True)
_answer = Console()


class Shape(StrEnum):
    """What ``pmo extract`` prints."""

    MD = "md"
    JSON = "json"
    TEXT = "text"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("import")(import_files)
    app.command("extract")(extract)


def import_files(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", exists=True, help="Files, folders and zip archives."),
    ] = None,
    kind: Annotated[
        str,
        typer.Option(
            click_type=click.Choice(KINDS),
            help="The kind all documents get, whatever the files say.",
        ),
    ] = "",
    audience: Annotated[
        str, typer.Option(help="Who may see them: everyone, or group:NAME,user:NAME …")
    ] = "everyone",
    resume: Annotated[
        int | None, typer.Option(metavar="JOB", help="Go on with an import that was stopped.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value on standard output.")
    ] = False,
) -> None:
    """Import files, folders and archives, and wait until what they hold can be found."""
    if bool(paths) == (resume is not None):
        raise typer.BadParameter("give either PATHs or --resume JOB", param_hint="PATH...")
    try:
        readers = Audience.parse(audience)
    except InvalidInput as error:
        raise typer.BadParameter(str(error), param_hint="--audience") from error
    runner = new_runner()
    with open_kb() as kb:
        if resume is None:
            sources = [os.path.abspath(path) for path in paths or ()]  # noqa: PTH100  links stay as given
            job_id = kb.imports.create(
                SYSTEM,
                sources=sources,
                kind=kind,
                audience=readers,
                runner=runner,
            )
        else:
            job_id = kb.imports.retry_failed(SYSTEM, resume).id
        finished = _work(kb, job_id, runner)
        job = kb.imports.get(SYSTEM, job_id)
        if as_json:
            typer.echo(json.dumps(_as_json(kb, job), ensure_ascii=False))
        else:
            _print_report(kb, job)
    if not finished:
        _progress.print(
            f"Stopped. Nothing is lost; go on with: [bold]pmo import --resume {job_id}[/bold]"
        )
    if not finished or job.counts.failed or job.counts.cancelled:
        raise typer.Exit(1)


def extract(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The file to read.")],
    shape: Annotated[
        Shape, typer.Option("--format", help="Markdown, everything as JSON, or the words alone.")
    ] = Shape.MD,
) -> None:
    """Print what the reader sees in one file; nothing is stored."""
    settings = Settings()
    with (
        tempfile.TemporaryDirectory(prefix="pmo-extract-") as folder,
        open_pool(settings, count=1, folder=Path(folder)) as pool,
    ):
        draft = read_in(pool, file, file.name, limits_of(settings))
    if shape is Shape.JSON:
        typer.echo(json.dumps(_draft_as_json(draft), ensure_ascii=False))
    else:
        typer.echo(draft.body if shape is Shape.MD else plain_text(draft.body))


def _work(kb: KnowledgeBase, job_id: int, runner: str) -> bool:
    """Work the job off and index what came of it; False when it was stopped or somebody else works on it."""
    job = kb.imports.queue.claim(runner, job_id)
    if job is None:
        _progress.print(f"Import job {job_id} is being worked on by another process.")
        return False
    with open_pool(kb.settings) as pool, _stopped_by_signals() as stop, _bar(kb, job) as tick:
        finished = run_job(kb, job, Pipeline(kb, pool), stop=stop, progress=tick, pause=True)
    with _progress.status("Indexing …"):
        kb.indexing.catch_up()
    return finished


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and a polite kill set. Files under way are finished; a second Ctrl-C ends at once."""
    stop = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        _progress.print("Stopping after the files under way …")

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _bar(kb: KnowledgeBase, job: ClaimedJob) -> Iterator[Any]:
    """A progress bar on standard error; gives what is to be called with each item and its outcome."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} failed · {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
        console=_progress,
    )
    started = counted = time.monotonic()
    outcomes: Counter[str] = Counter()
    counts = kb.imports.get(SYSTEM, job.id).counts
    before = counts.done
    lock = threading.Lock()
    with bar:
        task = bar.add_task("Listing …", total=counts.total or None, failed=counts.failed, rate=0.0)

        def tick(_item: ClaimedItem, outcome: str) -> None:
            nonlocal counted, counts
            with lock:
                outcomes[outcome] += 1
                now = time.monotonic()
                if now - counted > _COUNT_SECONDS or not counts.total:
                    counted = now
                    counts = kb.imports.get(SYSTEM, job.id).counts
                done = outcomes.total() - outcomes["expanded"]
                bar.update(
                    task,
                    description="Importing",
                    total=counts.total,
                    completed=before + done,
                    failed=counts.failed,
                    rate=done / max(now - started, 0.001),
                )

        yield tick
        counts = kb.imports.get(SYSTEM, job.id).counts
        bar.update(
            task,
            description="Imported",
            total=counts.total,
            completed=counts.done,
            failed=counts.failed,
        )


def _as_json(kb: KnowledgeBase, job: Job) -> dict[str, Any]:
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
        "left": counts.left + counts.cancelled,
        "items": [_item_as_json(item) for item in items if item.outcome != "skipped"],
        "skipped": [
            {"path": item.path, "reason": item.error_code, "sentence": item.error}
            for item in items
            if item.outcome == "skipped"
        ],
    }


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
    }


def _print_report(kb: KnowledgeBase, job: Job) -> None:
    _answer.print(_totals(job.counts))
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
    _answer.print(table)
    if len(failed) > _ROWS_SHOWN:
        _answer.print(
            f"… and {len(failed) - _ROWS_SHOWN} more: pmo import --json, or the import page."
        )


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


def _draft_as_json(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "language": draft.language,
        "kind": draft.kind.value,
        "kind_evidence": draft.kind.evidence,
        "format": draft.format,
        "project": {"code": draft.project_code, "name": draft.project_name},
        "authors": list(draft.authors),
        "dated": draft.dated.isoformat() if draft.dated else None,
        "tags": list(draft.tags),
        "metadata": dict(draft.metadata),
        "sections": [
            {
                "heading": section.heading,
                "level": section.level,
                "anchor": section.anchor,
                "text": section.text,
            }
            for section in sections(draft.body)
        ],
        "notes": list(draft.notes),
        "ledger": draft.ledger.as_json(),
    }
