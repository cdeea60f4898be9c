"""``pmo serve`` and ``pmo worker``."""

from __future__ import annotations

import signal
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer
import uvicorn
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from ingest.bundled import load_bundled
from ingest.bundled_questions import load_questions
from kb import open_kb
from kb.auditing import BACKGROUND, usually_from
from kb.config import Settings
from kb.errors import Conflict
from kb.folder_lock import only_server
from kb.knowledge_base import KnowledgeBase
from web.app import create_app
from web.background import Background
from web.command.accounts import link_address
from web.command.logs import log_to_standard_error
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
    settings = Settings()
    usually_from(BACKGROUND)
    log_to_standard_error()
    with _alone(settings, works=not no_worker), open_kb(settings) as kb:
        if demo:
            _load_corpus(kb)
            _add_demo_users(kb)
            # After the sign-ins, who are members of the bundled community.
            load_questions(kb, kb.settings.corpus_dir / "questions.yaml")
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
            _console.print(
                "[yellow]Everybody who reaches this address can read and change everything in it:[/yellow] "
                "these passwords are published. Leave --demo out for work."
            )
        else:
            _print_first_link(kb, f"http://{host}:{port}")
        _console.print("Stop with Ctrl-C.\n")
        # Headers of proxies are believed by the application itself, and only of those that the settings name.
        uvicorn.run(
            app,
            host=host,
            port=port,
            log_config=None,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
        )


def worker() -> None:
    """Import and index in a process of its own, beside “pmo serve --no-worker”."""
    settings = Settings()
    usually_from(BACKGROUND)
    log_to_standard_error()
    with _alone(settings, works=True), open_kb(settings) as kb:
        background = Background(kb)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: background.stop())
        background.start()
        _console.print("Importing and indexing. Stop with Ctrl-C.")
        background.wait()


def _alone(settings: Settings, *, works: bool) -> AbstractContextManager[None]:
    """The lock that keeps a second server away, where there may be one only: with SQLite, of those that work."""
    several = not works or not settings.effective_database_url.startswith("sqlite")
    return nullcontext() if several else only_server(settings.data_dir)


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


def _print_first_link(kb: KnowledgeBase, site: str) -> None:
    secret = kb.invitations.first()
    if secret is not None:
        # Not through the console, which would break a long address into lines.
        _console.print(
            "Nobody administers this site yet. Within a day, make the first account here:"
        )
        typer.echo(link_address(kb, secret, site), err=True)


def _add_demo_users(kb: KnowledgeBase) -> None:
    for user, name, role in DEMO_USERS:
        try:
            kb.accounts.add(user, name, DEMO_PASSWORD, role, published=True)
        except Conflict:
            continue
