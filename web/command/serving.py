"""``pmo serve`` and ``pmo worker``."""

from __future__ import annotations

import signal
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.bundled import load_bundled
from kb import open_kb
from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase
from web.app import create_app
from web.background import Background
from web.demo import DEMO_PASSWORD, DEMO_USERS

_console = Console(stderr=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command("serve")(serve)
    app.command("worker")(worker)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the bundled corpus and make demo sign-ins.")
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Leave importing and indexing to “pmo worker”.")
    ] = False,
) -> None:
    """Serve the pages and the API."""
    with open_kb() as kb:
        if demo:
            _load_corpus(kb)
            _add_demo_users(kb)
        else:
            # The words of the trade are not of the demonstration; questions need them from the first one on.
            kb.glossary.load_bundled(kb.settings.corpus_dir / "glossary.csv")
        app = create_app(
            kb.settings, kb, background=None if no_worker else Background(kb), demo=demo
        )
        _console.print(
            f"\n[bold]Qianjian 前鉴[/bold] is served at [bold]http://{host}:{port}[/bold]"
        )
        if demo:
            names = ", ".join(name for name, _, _ in DEMO_USERS)
            _console.print(
                f"[yellow]This is a demonstration.[/yellow] Sign in as {names}; password: {DEMO_PASSWORD}"
            )
        _console.print("Stop with Ctrl-C.\n")
        uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)


def worker() -> None:
    """Import and index in a process of its own, beside “pmo serve --no-worker”."""
    with open_kb() as kb:
        background = Background(kb)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: background.stop())
        background.start()
        _console.print("Importing and indexing. Stop with Ctrl-C.")
        background.wait()


def _load_corpus(kb: KnowledgeBase) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_console, transient=True) as bar:
        task = bar.add_task("Loading the bundled corpus", total=None, visible=False)
        loaded = load_bundled(
            kb, lambda done, total: bar.update(task, completed=done, total=total, visible=True)
        )
    if loaded:
        _console.print(f"Loaded {loaded} bundled documents.")


def _add_demo_users(kb: KnowledgeBase) -> None:
    for user, name, role in DEMO_USERS:
        try:
            kb.accounts.add(user, name, DEMO_PASSWORD, role)
        except Conflict:
            continue
