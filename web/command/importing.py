"""``pmo import``, ``pmo watch`` and ``pmo extract``."""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from ingest.jobs import run_job
from ingest.manifests import read_manifest
from ingest.pipeline import Pipeline, limits_of, open_pool, read_in
from ingest.sources import shown
from ingest.watching import watch
from kb import open_kb
from kb.access import SYSTEM, Audience
from kb.config import Settings
from kb.drafts import KINDS
from kb.errors import FileRefused, InvalidInput, SearchUnavailable
from kb.import_queue import new_runner
from kb.indexing import BATCH
from kb.knowledge_base import KnowledgeBase
from kb.markdown import plain_text
from kb.models import PUBLISHED, REVIEW
from web.command.import_progress import progress_bar, stopped_by_signals
from web.command.import_report import draft_as_json, job_as_json, print_report

# Another process that indexes is waited for so long without any progress of it, in seconds.
_INDEX_SECONDS: Final = 30.0
_INDEX_POLL_SECONDS: Final = 0.5
_progress = Console(stderr=True)


class Shape(StrEnum):
    """What ``pmo extract`` prints."""

    MD = "md"
    JSON = "json"
    TEXT = "text"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("import")(import_files)
    app.command("watch")(watch_folder)
    app.command("extract")(extract)


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
        str, typer.Option(help="Who may see them: everyone, or group:NAME,user:NAME …")
    ] = "everyone",
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
    readers = _checked(kind, audience)
    try:
        entries = read_manifest(manifest) if manifest else []
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from error
    runner = new_runner()
    with open_kb() as kb:
        if resume is None:
            job_id = kb.imports.create(
                SYSTEM,
                entries,
                # Links stay as they were given: the report then tells what the caller knows.
                sources=[os.path.abspath(path) for path in paths or ()],  # noqa: PTH100
                kind=kind,
                audience=readers,
                document_state=REVIEW if review else PUBLISHED,
                manifest=manifest.name if manifest else "",
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


def watch_folder(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder.")],
    *,
    kind: Annotated[str, typer.Option(help="The kind all documents get.")] = "",
    audience: Annotated[str, typer.Option(help="Who may see them.")] = "everyone",
) -> None:
    """Import whatever is put into a folder or changed in it, until Ctrl-C."""
    readers = _checked(kind, audience)
    with open_kb() as kb, stopped_by_signals(_progress) as stop:
        indexer = threading.Thread(target=kb.indexing.run, args=(stop,), name="indexer")
        indexer.start()
        _progress.print(escape(f"Watching {shown(os.fsencode(folder))}. Stop with Ctrl-C."))
        try:
            watch(
                kb,
                SYSTEM,
                folder,
                stop,
                kind=kind,
                audience=readers,
                told=lambda job: print_report(kb, job, _progress),
            )
        finally:
            stop.set()
            indexer.join()


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
        try:
            draft = read_in(pool, file, shown(os.fsencode(file.name)), limits_of(settings))
        except FileRefused as refused:
            _progress.print(escape(f"{refused} {refused.advice}"))
            raise typer.Exit(1) from refused
    if shape is Shape.JSON:
        typer.echo(json.dumps(draft_as_json(draft), ensure_ascii=False))
    else:
        typer.echo(draft.body if shape is Shape.MD else plain_text(draft.body))


def _checked(kind: str, audience: str) -> Audience:
    """The audience, once it is known that neither option is wrong use."""
    if kind and kind not in KINDS:
        raise typer.BadParameter(f"“{kind}” is none of {', '.join(KINDS)}")
    try:
        return Audience.parse(audience)
    except InvalidInput as error:
        raise typer.BadParameter(str(error)) from error


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
