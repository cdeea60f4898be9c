"""``pmo import``."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from ingest.jobs import run_job
from ingest.manifests import Listing, read_manifest
from ingest.pipeline import Pipeline
from ingest.reading import open_pool
from kb import open_kb
from kb.access import SYSTEM
from kb.drafts import KINDS
from kb.errors import InvalidInput, SearchUnavailable
from kb.import_queue import new_runner
from kb.indexing import BATCH
from kb.knowledge_base import KnowledgeBase
from kb.models import PUBLISHED, REVIEW
from web.command.import_options import checked
from web.command.import_progress import progress_bar, stopped_by_signals
from web.command.import_report import job_as_json, print_report

# Another process that indexes is waited for so long without any progress of it, in seconds.
_INDEX_SECONDS: Final = 30.0
_INDEX_POLL_SECONDS: Final = 0.5
_progress = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("import")(import_files)


def import_files(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH...", exists=True, help="Files, folders and zip archives."),
    ] = None,
    *,
    kind: Annotated[
        str,
        typer.Option(help=f"The kind all documents get, whatever they say: {', '.join(KINDS)}."),
    ] = "",
    audience: Annotated[
        str,
        typer.Option(
            help="Who may see them: everyone, project (as their project and folder), or "
            "group:NAME,user:NAME …"
        ),
    ] = "project",
    manifest: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="CSV or XLSX table of files with their metadata: path, title, kind, language, "
            "project, author, date, tags, audience. Instead of PATHs.",
        ),
    ] = None,
    review: Annotated[
        bool,
        typer.Option(
            "--review", help="Let the documents wait for review; curators publish them on the page."
        ),
    ] = False,
    resume: Annotated[
        int | None, typer.Option(metavar="JOB", help="Go on with an import that was stopped.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON value on standard output.")
    ] = False,
) -> None:
    """Import files, folders and archives, and wait until what they hold can be found."""
    if sum((bool(paths), manifest is not None, resume is not None)) != 1:
        raise typer.BadParameter("give PATHs, or --manifest FILE, or --resume JOB")
    readers = checked(kind, audience)
    try:
        listing = read_manifest(manifest) if manifest else Listing(())
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from error
    runner = new_runner()
    with open_kb() as kb:
        if resume is None:
            job_id = kb.imports.create(
                SYSTEM,
                listing.entries,
                # Links stay as they were given: the report then tells what the caller knows.
                sources=[os.path.abspath(path) for path in paths or ()],  # noqa: PTH100
                kind=kind,
                audience=readers,
                document_state=REVIEW if review else PUBLISHED,
                manifest=manifest.name if manifest else "",
                manifest_rows=listing.inside,
                runner=runner,
            )
        else:
            job_id = kb.imports.retry_failed(SYSTEM, resume).id
        finished = _work(kb, job_id, runner)
        job = kb.imports.get(SYSTEM, job_id)
        if as_json:
            typer.echo(json.dumps(job_as_json(kb, job), ensure_ascii=False))
        else:
            print_report(kb, job, Console())
    if job.document_state == REVIEW:
        _progress.print(f"The documents wait for review at [bold]/imports/{job_id}/review[/bold]")
    if not finished:
        _progress.print(
            f"Stopped. Nothing is lost; go on with: [bold]pmo import --resume {job_id}[/bold]"
        )
    if not finished or job.counts.failed or job.counts.cancelled:
        raise typer.Exit(1)


def _work(kb: KnowledgeBase, job_id: int, runner: str) -> bool:
    """Work the job off and index what came of it; False when it was stopped or somebody else works on it."""
    job = kb.imports.queue.claim(runner, job_id)
    if job is None:
        _progress.print(f"Import job {job_id} is being worked on by another process.")
        return False
    with (
        open_pool(kb.settings) as pool,
        _indexed_meanwhile(kb),
        stopped_by_signals(_progress) as stop,
        progress_bar(kb, job, _progress) as tick,
    ):
        finished = run_job(kb, job, Pipeline(kb, pool), stop=stop, progress=tick, pause=True)
    _index(kb)
    return finished


@contextmanager
def _indexed_meanwhile(kb: KnowledgeBase) -> Iterator[None]:
    """Index what is stored while more is read, so that little is left to do at the end.

    In whole batches: each commit leaves a segment of its own, and hundreds of small ones cost time and memory.
    """
    stop = threading.Event()

    def keep_up() -> None:
        while not stop.wait(_INDEX_POLL_SECONDS):
            if kb.indexing.pending >= BATCH:
                # What is wrong with the index is told at the end, when it is tried once more.
                with suppress(SearchUnavailable):
                    kb.indexing.catch_up()

    indexer = threading.Thread(target=keep_up, name="indexer")
    indexer.start()
    try:
        yield
    finally:
        stop.set()
        indexer.join()


def _index(kb: KnowledgeBase) -> None:
    """Return when the index has caught up, be it by this process or by another that holds it."""
    with _progress.status("Indexing …"):
        try:
            waited, before = 0.0, kb.indexing.pending
            while before and waited < _INDEX_SECONDS:
                kb.indexing.catch_up()
                left = kb.indexing.pending
                waited = 0.0 if left < before else waited + _INDEX_POLL_SECONDS
                before = left
                if left:
                    time.sleep(_INDEX_POLL_SECONDS)
            if not before:
                return
            reason = "another process is writing to the index"
        except SearchUnavailable as error:
            reason = f"{error} {error.advice}"
    _progress.print(escape(f"All is stored, but not all can be found yet: {reason}"))
