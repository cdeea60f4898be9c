"""``pmo extract``: one file read and shown, nothing stored."""

from __future__ import annotations

import json
import os
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ingest.reading import limits_of, open_pool, read_in
from ingest.sources import shown
from kb.config import Settings
from kb.drafts import Draft
from kb.errors import FileRefused
from kb.markdown import Section, plain_text


class Shape(StrEnum):
    """What ``pmo extract`` prints."""

    MD = "md"
    JSON = "json"
    TEXT = "text"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("extract")(extract)


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
            draft, cut = read_in(pool, file, shown(os.fsencode(file.name)), limits_of(settings))
        except FileRefused as refused:
            typer.echo(f"{refused} {refused.advice}", err=True)
            raise typer.Exit(1) from refused
    if shape is Shape.JSON:
        typer.echo(json.dumps(draft_as_json(draft, cut), ensure_ascii=False))
    else:
        typer.echo(draft.body if shape is Shape.MD else plain_text(draft.body))


def draft_as_json(draft: Draft, cut: list[Section]) -> dict[str, Any]:
    """All that a reader saw in a file; ``cut`` are the sections of the document it would become."""
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
            for section in cut
        ],
        "notes": list(draft.notes),
        "ledger": draft.ledger.as_json(),
    }
