"""``pmo person``: what is stored about somebody, handed out or taken away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from kb import open_kb
from kb.access import SYSTEM

person = typer.Typer(
    help="Hand out or take away what is stored about a person.", no_args_is_help=True
)
_Who = Annotated[str, typer.Argument(help="Sign-in name or handle.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.add_typer(person, name="person")


@person.command("export")
def export(
    who: _Who,
    to: Annotated[
        Path | None, typer.Option("--to", help="File to write; the terminal if left out.")
    ] = None,
) -> None:
    """Print everything that is stored about somebody, as JSON."""
    with open_kb() as kb:
        told = json.dumps(kb.personal_data.export(SYSTEM, who), ensure_ascii=False, indent=1)
    if to is None:
        typer.echo(told)
    else:
        to.write_text(told, encoding="utf-8")
        typer.echo(f"Written to {to}.", err=True)


@person.command("erase")
def erase(
    who: _Who,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without this it is only told what would be done.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON value.")] = False,
) -> None:
    """Put a pseudonym in somebody's place everywhere; what they wrote stays."""
    with open_kb() as kb:
        done = kb.personal_data.erase(SYSTEM, who, confirmed=yes)
        if yes:
            typer.echo(
                "Building the search index anew, so that the name goes from it too…", err=True
            )
            kb.indexing.rebuild()
    if as_json:
        typer.echo(
            json.dumps(
                {"done": yes, "pseudonym": done.pseudonym, "changed": done.changed,
                 "deleted": done.deleted, "originals": done.originals}
            )
        )  # fmt: skip
        return
    typer.echo(f"{', '.join(done.who)}: {'became' if yes else 'would become'} {done.pseudonym}")
    for word, tables in (("changed", done.changed), ("deleted", done.deleted)):
        for table, rows in sorted(tables.items()):
            if rows:
                typer.echo(f"  {table}: {rows} {word}")
    if done.originals:
        numbers = ", ".join(map(str, done.originals))
        typer.echo(
            f"  Original files are left as they are; these documents' may hold the name: {numbers}"
        )
    if not yes:
        typer.echo("Nothing was changed. Add --yes to do it; it cannot be taken back.", err=True)
