"""Two knowledge bases behind one application, asked the same: that of everybody and that of one user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event

from kb import open_kb
from kb.knowledge_base import KnowledgeBase
from tests.web.leak_world import World, settings_of
from web.actors import COOKIE
from web.app import create_app


class Asking:
    """Sends each request to one knowledge base after the other; pages are made by the same templates.

    Attributes:
        statements: how many statements each database answered for the last request.
    """

    def __init__(self, app: FastAPI, client: TestClient) -> None:
        """Ask ``app`` through ``client``; knowledge bases are opened by :meth:`bases`."""
        self.app = app
        self._client = client
        self._bases: Sequence[KnowledgeBase] = ()
        self.statements: list[int] = []
        self._counted = 0

    @contextmanager
    def bases(self, folders: Sequence[Path], world: World, user: str) -> Iterator[None]:
        """Within, requests go to the knowledge bases in ``folders``, in the name of ``user``."""
        with ExitStack() as stack:
            self._bases = [stack.enter_context(_prepared(folder)) for folder in folders]
            for kb in self._bases:
                event.listen(kb.database.engine, "before_cursor_execute", self._count)
            self._client.cookies.clear()
            if user:
                self._client.cookies.set(COOKIE, world.cookies[user])
            yield
            self._bases = ()

    @property
    def opened(self) -> Sequence[KnowledgeBase]:
        """The knowledge bases that are asked."""
        return self._bases

    def ask(
        self, place: str, headers: Mapping[str, str] | None = None, method: str = "GET", **body: Any
    ) -> list[Any]:
        """The answers of all."""
        site, answers = self.app.state.site, []
        self.statements = []
        for kb in self._bases:
            if place.startswith("/insights"):
                # Written at once, not a few seconds later: both logs are as far as each other.
                kb.insights.log.flush(unsettled=True)
            site.opened, site.settings = kb, kb.settings
            self._counted = 0
            answers.append(self._client.request(method, place, headers=headers, **body))
            self.statements.append(self._counted)
        return answers

    def _count(self, *_: Any) -> None:
        self._counted += 1


@contextmanager
def asking(world: World) -> Iterator[Asking]:
    """An application without a knowledge base of its own."""
    settings = settings_of(world.folder)
    with open_kb(settings) as kb:
        app = create_app(settings, kb)
        with TestClient(
            app,
            headers={"Accept-Language": "en", "Sec-Fetch-Site": "same-origin"},
            follow_redirects=False,
        ) as client:
            yield Asking(app, client)


@contextmanager
def _prepared(folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(settings_of(folder)) as kb:
        # Help that comes too late is left out; here nothing is ever late.
        kb._second_thoughts._clock = lambda: 0.0
        log = kb.insights.log
        # The log writes when it is told to, and each question settles before the next one; how long it took is nobody's
        # doing.
        log._stop.set()
        minutes = count()
        begin = datetime.now(UTC) - timedelta(hours=12)
        log._clock = lambda: begin + timedelta(seconds=5 * next(minutes))
        remember = log._remember

        def without_time(asked: Any) -> str:
            asked.took_ms = 1.0
            return remember(asked)

        log._remember = without_time  # type: ignore[method-assign]
        kb.indexing.catch_up()
        kb.warm_up()
        yield kb
