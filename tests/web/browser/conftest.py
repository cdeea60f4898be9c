"""A real server and a real Chromium. Every test also fails on a console error or a request to another host."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from kb import open_kb
from kb.config import Settings
from tests.browser_setup import HOW_TO_INSTALL, chromium
from web.app import create_app
from web.background import Background

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# So long Chromium may take for anything, in milliseconds; a busy machine is slow.
PATIENCE = 20_000

OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium; without one the tests skip and say what to install, but not where CI is set."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_INSTALL)
        pytest.skip(HOW_TO_INSTALL)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(
    with_documents: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The data folder of the site that is served: of each file of tests its own, because some write."""
    folder = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(with_documents[0], folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Address of a site with documents, whose importer and indexer run."""
    settings = Settings(data_dir=site, workers=1, max_file_mib=1)
    with open_kb(settings) as kb, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = create_app(settings, kb, background=Background(kb), demo=True)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    """Open a page in a browser of its own; keyword arguments are those of a Playwright context.

    Afterwards no page may have asked another host or complained in its console, but for complaints that hold the text
    ``provoked``.
    """
    problems: list[str] = []
    contexts = []

    def opened(path: str = "/", *, provoked: str = "\0", **options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"locale": "en-GB", **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()

        def console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"} and provoked not in message.text:
                problems.append(f"console: {message.text}")

        page.on("console", console)
        page.on("pageerror", lambda error: problems.append(f"script: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if urlsplit(request.url).netloc == urlsplit(address).netloc
                else problems.append(f"request to elsewhere: {request.url}")
            ),
        )
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []
