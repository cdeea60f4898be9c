"""``pmo watch``."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markup import escape

from ingest.sources import shown
from ingest.watching import watch
from kb import open_kb
from kb.access import SYSTEM
from kb.imports import Job
from kb.models import PUBLISHED, REVIEW
from web.command.import_options import checked
from web.command.import_progress import stopped_by_signals
from web.command.import_report import print_report

_progress: Final = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("watch")(watch_folder)


def watch_folder(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder.")],
    *,
    kind: Annotated[str, typer.Option(help="The kind all documents get.")] = "",
    audience: Annotated[str, typer.Option(help="Who may see them.")] = "project",
    review: Annotated[
        bool,
        typer.Option(
            "--review", help="Let the documents wait for review; curators publish them on the page."
        ),
    ] = False,
) -> None:
    """Import whatever is put into a folder or changed in it, until Ctrl-C."""
    readers = checked(kind, audience)
    with open_kb() as kb, stopped_by_signals(_progress) as stop:
        indexer = threading.Thread(target=kb.indexing.run, args=(stop,), name="indexer")
        indexer.start()
        _progress.print(escape(f"Watching {shown(os.fsencode(folder))}. Stop with Ctrl-C."))

        def tell(job: Job) -> None:
            print_report(kb, job, _progress)
            if job.document_state == REVIEW and job.counts.stored:
                _progress.print(
                    f"The documents wait for review at [bold]/imports/{job.id}/review[/bold]"
                )

        try:
            watch(
                kb,
                SYSTEM,
                folder,
                stop,
                kind=kind,
                audience=readers,
                document_state=REVIEW if review else PUBLISHED,
                told=tell,
            )
        finally:
            stop.set()
            indexer.join()
