"""``pmo backup`` and ``pmo restore``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kb import open_kb
from kb.access import SYSTEM
from kb.backup_restoring import restore as restored
from kb.config import Settings

_console = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    file: Annotated[Path, typer.Argument(help="File to write; it must not exist yet.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """Put everything that cannot be made again into one file, while the server goes on."""
    with open_kb() as kb, _bar() as bar:
        task = bar.add_task("Files", total=None)
        report = kb.backups.make(
            SYSTEM, file, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        typer.echo(json.dumps({**asdict(report), "path": str(report.path)}))
    _console.print(
        f"{report.path}: {report.rows} rows and {report.files} files, {report.size} bytes, read again"
        " and compared. The secret that signs cookies is not in it."
    )
    for sha256 in report.missing:
        _console.print(f"[red]The file {sha256} is missing in the data folder.[/red]")
    for sha256 in report.damaged:
        _console.print(f"[red]The file {sha256} is damaged in the data folder.[/red]")
    if report.missing or report.damaged:
        _console.print("“pmo check” says which documents they belong to.")
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The backup.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """Fill an empty installation from a backup; never over anything.

    Where to: the environment (KB_DATA_DIR, KB_DATABASE_URL) says.
    """
    settings = Settings()
    with _bar() as bar:
        task = bar.add_task("Files", total=None)
        report = restored(
            settings, file, lambda done, total: bar.update(task, completed=done, total=total)
        )
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    _console.print(
        f"Restored what was backed up {report.made_at} with version {report.version}: {report.rows} rows,"
        f" {report.files} files. The search index is built at the next start; everybody signs in again."
    )
    for sha256 in report.missing:
        _console.print(f"[yellow]The file {sha256} was missing already then.[/yellow]")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=_console, transient=True)
