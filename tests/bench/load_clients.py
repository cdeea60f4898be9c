"""The people of the load: readers who search and read, editors who save, each a thread; some threads to a process.

A client notes how long each answer took and what came instead of one. An editor writes a mark that stands nowhere else
into each text, and remembers it only when the save was answered as done.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Final
from urllib.parse import quote, urlencode

QUESTIONS: Final = (
    "管线 验收",
    "竖井 噪声",
    "供应商 接口",
    "数据迁移 回退方案",
    "risk 风险",
    "cut-over rehearsal",
    "the vendor slipped",
    "key users estimate",
    "合同 预算",
    '"返工两次"',
    "baseline 基线",
    "进度 -噪声",
    "zzz 没有这样的词",
    "permit OR 报批",
)
# Somebody looks at a page before opening the next one, in seconds.
_LOOKS: Final = (0.5, 2.5)
# An editor types for a while.
_TYPES: Final = (1.0, 4.0)
_TIMEOUT: Final = 60.0  # seconds until an answer counts as none
_AGAIN: Final = 0.5  # seconds before asking a server again that was not there

_BASE: Final = re.compile(r'name="base" value="(\d+)"')
_JOINED: Final = re.compile(r'name="joined" value="(\d*)"')
_TITLE: Final = re.compile(r'name="title" value="([^"]*)"')
_BODY: Final = re.compile(r"<textarea[^>]*name=\"body\"[^>]*>\n?(.*?)</textarea>", re.DOTALL)
_HIT: Final = re.compile(rb'"url":"(/documents/\d+)')


@dataclass(slots=True)
class Seen:
    """What the clients of one process saw.

    Attributes:
        took: seconds of each answer, by what was asked for.
        errors: what came instead of an answer, and how often.
        gone: requests that met no server while it was being restarted.
        saved: document and mark of each save that was answered as done.
        clashes: saves that were answered with somebody else's change.
    """

    took: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    gone: int = 0
    saved: list[tuple[int, str]] = field(default_factory=list)
    clashes: int = 0


class Client:
    """One person with a browser or a program that is signed in by token."""

    def __init__(self, port: int, token: str, seen: Seen, may_be_gone: Callable[[], bool]) -> None:
        """Ask the server at ``port``; ``may_be_gone`` says whether it is being restarted."""
        self._port, self._seen, self._may_be_gone = port, seen, may_be_gone
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._connection: http.client.HTTPConnection | None = None

    def ask(
        self, what: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, bytes]:
        """Status, where it sends, and body; 0 when nobody answered."""
        began = time.perf_counter()
        restarting = self._may_be_gone()
        try:
            status, to, body = self._asked(path, form)
        except (OSError, http.client.HTTPException) as error:
            self._close()
            if restarting or self._may_be_gone():
                self._seen.gone += 1
            else:
                self._seen.errors[f"{what}: {type(error).__name__}"] += 1
            time.sleep(_AGAIN)
            return 0, "", b""
        self._seen.took.setdefault(what, []).append(time.perf_counter() - began)
        if status >= http.client.BAD_REQUEST:
            self._seen.errors[f"{what}: {status}"] += 1
        return status, to, body

    def _asked(self, path: str, form: dict[str, str] | None) -> tuple[int, str, bytes]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_TIMEOUT)
        headers, body = dict(self._headers), None
        if form is not None:
            body = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if form is None else "POST", path, body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.getheader("Location") or "", answer.read()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def read_until(end: Callable[[], bool], client: Client, chance: random.Random) -> None:
    """Search as a page or through the API, open what was found, look at it, and again."""
    while not end():
        question = quote(chance.choice(QUESTIONS))
        client.ask("search page", f"/?q={question}")
        _, _, body = client.ask("search API", f"/api/v1/search?q={question}")
        found = _HIT.findall(body)
        if found:
            client.ask("document", chance.choice(found).decode())
        client.ask("suggest", f"/api/v1/suggest?q={question[:6].rpartition('%')[0] or 'ri'}")
        time.sleep(chance.uniform(*_LOOKS))


def edit_until(
    end: Callable[[], bool],
    client: Client,
    seen: Seen,
    chance: random.Random,
    *,
    pages: list[int],
    name: str,
) -> None:
    """Open one of the pages, add a line to it, save; some of the pages are others' too."""
    number = 0
    while not end():
        number += 1
        page = chance.choice(pages)
        status, _, body = client.ask("open editor", f"/documents/{page}/edit")
        if status == http.client.OK:
            time.sleep(chance.uniform(*_TYPES))
            mark = f"标记{name}x{number}号"
            _save(client, seen, page, body.decode(), mark)


def _save(client: Client, seen: Seen, page: int, html: str, mark: str) -> None:
    base, joined, title, text = (p.search(html) for p in (_BASE, _JOINED, _TITLE, _BODY))
    if base is None or title is None or text is None:
        seen.errors["the editor has no form"] += 1
        return
    form = {
        "title": unescape(title[1]),
        "body": f"{unescape(text[1]).rstrip()}\n\n{mark}：先探明管线，再开工。",
        "base": base[1],
        "note": "load",
    }
    if joined is not None and joined[1]:
        form["joined"] = joined[1]
    status, to, _ = client.ask("save", f"/documents/{page}/edit", form)
    if status == http.client.SEE_OTHER:
        if to.endswith("/clash"):
            seen.clashes += 1
            client.ask("discard", f"/documents/{page}/draft/discard", {})
        else:
            seen.saved.append((page, mark))


def run_clients(
    port: int,
    readers: int,
    editors: list[tuple[str, str, list[int]]],
    *,
    seed: int,
    end: Callable[[], bool],
    may_be_gone: Callable[[], bool],
) -> Seen:
    """Run the clients of one process to the end and say what they saw.

    Args:
        port: of the server.
        readers: how many.
        editors: name, token and pages of each.
        seed: of their choices.
        end: says when to stop.
        may_be_gone: says whether the server is being restarted.
    """
    each: list[Seen] = []
    threads: list[threading.Thread] = []
    for number in range(readers):
        seen = Seen()
        client, chance = Client(port, "", seen, may_be_gone), random.Random(seed * 1000 + number)  # noqa: S311
        threads.append(threading.Thread(target=read_until, args=(end, client, chance)))
        each.append(seen)
    for name, token, pages in editors:
        seen = Seen()
        client, chance = Client(port, token, seen, may_be_gone), random.Random(f"{seed}{name}")  # noqa: S311
        threads.append(
            threading.Thread(
                target=edit_until,
                args=(end, client, seen, chance),
                kwargs={"pages": pages, "name": name},
            )
        )
        each.append(seen)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return together(each)


def together(each: list[Seen]) -> Seen:
    """What several saw, as one."""
    sum_ = Seen()
    for seen in each:
        for what, took in seen.took.items():
            sum_.took.setdefault(what, []).extend(took)
        sum_.errors += seen.errors
        sum_.gone += seen.gone
        sum_.saved += seen.saved
        sum_.clashes += seen.clashes
    return sum_
