"""The ``pmo`` command: everything an operator does from a terminal.

One module for each group of commands; this one joins them and turns errors into a sentence, an advice and an exit code:
0 done, 1 something failed, 2 wrong use.

Only the module of the command that is called is loaded: the web server and the search engine take seconds to load, and
``pmo extract`` needs neither. The others are announced by name and one line (:data:`COMMANDS`).
"""

from __future__ import annotations

import importlib
import sys
from typing import Annotated, Final

import typer

from kb.errors import KnowledgeBaseError

# The module of each command (with `register`) and the first line of its help, in the order they are offered.
COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "serve": ("serving", "Serve the pages and the API."),
    "worker": ("serving", "Import and index in a process of its own, beside “pmo serve --no-worker”."),
    "import": ("importing", "Import files, folders and archives, and wait until what they hold can be found."),
    "courses": ("courses", "Store courses and learning paths from a folder; learners keep their progress."),
    "watch": ("watching", "Import whatever is put into a folder or changed in it, until Ctrl-C."),
    "extract": ("extracting", "Print what the reader sees in one file; nothing is stored."),
    "search": ("searching", "Search. Without --as the answer is that of the operator, who sees everything."),
    "reindex": ("searching", "Rebuild the search index beside the live one and put it in its place."),
    "eval": ("searching", "Measure ranking on judged questions, apart from the live data."),
    "backup": ("backup", "Put everything that cannot be made again into one file, while the server goes on."),
    "restore": ("backup", "Fill an empty installation from a backup; never over anything."),
    "check": ("checking", "Find what is wrong with the data, the index, the set-up, and say how to mend it."),
    "person": ("personal", "Hand out or take away what is stored about a person."),
    "user": ("accounts", "Who can sign in."),
}  # fmt: skip
# Looks at one file and opens no knowledge base.
_ALONE: Final = frozenset({"extract"})
_HELP: Final = "Qianjian 前鉴, the memory of a project management office."


def command_line(called: str = "") -> typer.Typer:
    """The command line with the module of the command ``called`` loaded, and all other commands announced.

    Args:
        called: name of a command; of any other word nothing is loaded, so that only help can be asked for.
    """
    app = typer.Typer(
        name="pmo",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback(help=_HELP)(_options)
    wanted = COMMANDS[called][0] if called in COMMANDS else ""
    if wanted:
        importlib.import_module(f"web.command.{wanted}").register(app)
    for name, (module, line) in COMMANDS.items():
        if module != wanted:
            app.command(name, help=line)(_not_loaded)
    return app


def main() -> None:
    """Run the command line; the only place that turns errors into exit codes."""
    called = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    try:
        if called in COMMANDS and called not in _ALONE:
            _log_as_set()
        command_line(called)()
    except KnowledgeBaseError as error:
        typer.echo(f"{error} {error.advice}".rstrip(), err=True)
        sys.exit(1)


def _log_as_set() -> None:
    """Send what happens to syslog where the settings say so; the command loads the settings anyway."""
    from kb.config import Settings  # noqa: PLC0415  not for help

    place = Settings().syslog
    if place:
        from web.command.logs import log_to_syslog  # noqa: PLC0415

        log_to_syslog(place)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415  half as slow as all the rest

        typer.echo(version("qianjian"))
        raise typer.Exit


def _options(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that come before a command."""


def _not_loaded() -> None:
    """Stand for a command that was not called."""
    message = "a command is run whose module was not loaded"
    raise AssertionError(message)
