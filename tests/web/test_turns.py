"""Searches take turns: few at a time, first come, first served, and nobody else waits for them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.errors import InvalidInput
from kb.knowledge_base import KnowledgeBase
from web.site import SEARCHES_AT_ONCE, Site

SEARCHES = 8
_PATIENCE = 30.0  # seconds until a test that hangs gives up


@pytest.fixture
def site(client: TestClient) -> Site:
    """The running site."""
    return cast("Site", cast("FastAPI", client.app).state.site)


def test_few_searches_run_at_once_and_whoever_came_first_is_first(site: Site) -> None:
    here = threading.Semaphore(0)
    began: list[int] = []
    ends = [threading.Event() for _ in range(SEARCHES)]

    def search(number: int) -> None:
        began.append(number)
        here.release()
        assert ends[number].wait(_PATIENCE)

    async def all_at_once() -> None:
        async with anyio.create_task_group() as tasks:
            for number in range(SEARCHES):
                tasks.start_soon(site.search_in_turn, search, number)
            for place in range(SEARCHES):
                # As many as may run have begun, and no more; when one ends the next one begins.
                for _ in range(SEARCHES_AT_ONCE if place == 0 else place + 1 < SEARCHES):
                    if len(began) < SEARCHES:
                        assert await anyio.to_thread.run_sync(here.acquire, True, _PATIENCE)
                assert len(began) == min(place + SEARCHES_AT_ONCE, SEARCHES)
                ends[began[place]].set()

    # In a thread: in this one the driver of a browser may keep its own loop running.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(anyio.run, all_at_once).result(_PATIENCE)
    # Those that begin together may do so in either order.
    assert sorted(began[:SEARCHES_AT_ONCE]) == list(range(SEARCHES_AT_ONCE))
    assert began[SEARCHES_AT_ONCE:] == list(range(SEARCHES_AT_ONCE, SEARCHES))


def test_other_pages_are_answered_while_every_turn_is_taken(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, here = threading.Event(), threading.Semaphore(0)
    found = kb.search

    def slow(*asked: object) -> object:
        here.release()
        assert gate.wait(_PATIENCE)
        return found(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(kb, "search", slow)
    paths = ["/?q=风险 risk", "/api/v1/search?q=風險"] * 30  # more than there are threads
    statuses: list[int] = []
    searches = [
        threading.Thread(target=lambda path=path: statuses.append(client.get(path).status_code))
        for path in paths
    ]
    for each in searches:
        each.start()
    try:
        for _ in range(SEARCHES_AT_ONCE):
            assert here.acquire(timeout=_PATIENCE)
        assert client.get("/api/v1/documents/999").status_code == 404
        assert client.get("/").status_code == 200
    finally:
        gate.set()
        for each in searches:
            each.join(_PATIENCE)
    assert statuses == [200] * len(paths)


@pytest.mark.parametrize("path", ["/?q=验收", "/api/v1/search?q=acceptance"])
def test_what_goes_wrong_in_a_turn_is_told_and_the_turn_given_back(
    client: TestClient, kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    found = kb.search

    def refused(*_asked: object) -> object:
        raise InvalidInput(field="q", reason="it is not a question")

    monkeypatch.setattr(kb, "search", refused)
    for _ in range(2 * SEARCHES_AT_ONCE):
        assert client.get(path).status_code == 422
    monkeypatch.setattr(kb, "search", found)
    assert client.get(path).status_code == 200
