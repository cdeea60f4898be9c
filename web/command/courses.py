"""``pmo courses``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ingest.course_archives import read_course_archive
from ingest.course_files import read_courses
from kb import open_kb
from kb.access import SYSTEM, Audience


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("courses")(import_courses)


def import_courses(
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", exists=True, help="A folder of courses, or a zip of it."),
    ],
    *,
    audience: Annotated[
        str, typer.Option(help="Who may take them: everyone, or group:NAME,user:NAME …")
    ] = "everyone",
    draft: Annotated[
        bool, typer.Option("--draft", help="Do not open them to learners yet.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is wrong.")] = False,
) -> None:
    """Store courses and learning paths from a folder; learners keep their progress."""
    if path.is_dir():
        read = read_courses(path)
    else:
        with tempfile.TemporaryDirectory(prefix="courses-") as folder:
            read = read_course_archive(path, path.name, Path(folder))
    for fault in read.faults:
        typer.echo(str(fault), err=True)
    if read.texts is None:
        raise typer.Exit(1)
    typer.echo(f"{len(read.texts.courses)} courses, {len(read.texts.paths)} paths")
    if dry_run:
        return
    with open_kb() as kb:
        stored = kb.course_files.store(
            SYSTEM, read.texts, audience=Audience.parse(audience), publish=not draft
        )
        kb.indexing.catch_up()
    for name, number in (*stored.courses.items(), *stored.paths.items()):
        typer.echo(f"{number:>6}  {name}")
    for where, place in stored.unknown:
        typer.echo(f"{where}: {place} leads nowhere yet", err=True)
