"""The ``pmo`` command: everything an operator does from a terminal.

One module for each group of commands; this one joins them and turns errors into a sentence, an advice and an exit code:
0 done, 1 something failed, 2 wrong use.
"""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from kb.errors import KnowledgeBaseError
from web.command import accounts, importing, searching, serving

app = typer.Typer(
    name="pmo",
    help="Qianjian 前鉴, the memory of a project management office.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
serving.register(app)
importing.register(app)
searching.register(app)
accounts.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("qianjian"))
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Qianjian 前鉴, the memory of a project management office."""


def main() -> None:
    """Run the command line; the only place that turns errors into exit codes."""
    try:
        app()
    except KnowledgeBaseError as error:
        typer.echo(f"{error} {error.advice}".rstrip(), err=True)
        sys.exit(1)
