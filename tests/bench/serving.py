"""How fast is a whole answer over HTTP, beside the bare engine? And how soon is a change found while others search?

Run it with ``python -m tests.bench.serving [--documents 20000 …]`` where judged sets lie beside the project. Documents
are those of :mod:`tests.bench.search`, cut into sections, in a real database; the server is ``pmo serve`` in a process
of its own, with its worker. One answer is parsing, expansion, search, facets, passages, second thoughts and rendering,
as JSON and as a page. Clients ask one question after the other without a pause, so eight of them keep the machine busy:
what they wait for is each other. The bare engine is asked the same trees with the same facets, by as many threads.
The clients share the machine with the server but not its interpreter: their processor time (under a tenth of the
server's) counts against the server.

Machines differ: read the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from sqlalchemy import insert, update

from kb import open_kb
from kb.access import FOR_EVERYONE, SYSTEM, Role, anonymous
from kb.config import Settings
from kb.drafts import KINDS
from kb.knowledge_base import KnowledgeBase
from kb.models import (
    Document,
    DocumentPerson,
    DocumentSection,
    DocumentTag,
    audience_id_of,
    record_change,
)
from kb.models.base import Base
from kb.search.answers import FACETS, SearchRequest
from kb.search.engine import Question
from tests.bench.search import SETS, asked, made_of

CLIENTS = (1, 8)
ASKED = 200  # questions of each measurement, half of them keywords
CHANGES = 15
SECTION_CHARS = 600
READER = anonymous(Role.READER)
PEOPLE = [a + b for a in "赵钱孙李周吴郑王" for b in ("建平", "文昭", "若兰", "敏", "伟")]
TAGS = [f"标签{n}" for n in range(60)]
_SETTLING_SECONDS = 40.0
_START_SECONDS = 120
_PATHS = {"API": "/api/v1/search?q=", "page": "/?q="}


def main() -> None:
    """Measure for each number of documents given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[20_000])
    sizes = parser.parse_args().documents
    if not SETS.is_dir():
        print("The judged sets are not here; nothing is measured.")
        return
    for size in sizes:
        measure(size)


def measure(size: int) -> None:
    """Fill a data folder, serve it, ask it."""
    documents = list(made_of(size))
    questions, keywords = asked(documents)
    texts = questions[: ASKED // 2] + keywords[: ASKED // 2]
    random.Random(3).shuffle(texts)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        with open_kb(Settings(data_dir=Path(folder))) as kb:
            fill(kb, documents)
            began = time.perf_counter()
            kb.indexing.rebuild()
            seconds = time.perf_counter() - began
            print(f"\n{size:,} documents, from the database to the index: {size / seconds:.0f}/s")
            bare = {clients: _bare(kb, texts, clients) for clients in CLIENTS}
        with served(Path(folder)) as port:
            _settle(port, texts)
            for name, path in _PATHS.items():
                for clients in CLIENTS:
                    _, p95 = bare[clients]
                    found = _asked(_get, [(port, path + quote(text)) for text in texts], clients)
                    bound = 3 * p95 + 15
                    print(
                        f"  {name:5} {clients} clients  p50 {found[0]:7.2f} ms  p95 {found[1]:7.2f} ms"
                        f"   bound {bound:6.2f} ms  {found[1] / bound:.2f} of it"
                    )
            with open_kb(Settings(data_dir=Path(folder))) as kb:
                _changes(kb, port, texts)


def _settle(port: int, texts: Sequence[str]) -> None:
    """Ask until what a start does beside the answers (words for did-you-mean, suggestions) is over."""
    end = time.monotonic() + _SETTLING_SECONDS
    for text in itertools.cycle(texts):
        if time.monotonic() > end:
            return
        _get(port, _PATHS["API"] + quote(text))


def fill(kb: KnowledgeBase, documents: Sequence[tuple[str, str]]) -> None:
    """Write ``documents`` as published ones with sections, tags, people and days."""
    chance = random.Random(5)  # noqa: S311
    with kb.database.write() as session:
        everyone = audience_id_of(session, FOR_EVERYONE)
    numbered = list(enumerate(documents, 1))
    for first in range(0, len(numbered), 1_000):
        batch = numbered[first : first + 1_000]
        rows: dict[type[Base], list[dict[str, Any]]] = {
            Document: [
                {
                    "id": n, "title": title[:500], "kind": KINDS[n % len(KINDS)], "body": text,
                    "language": "zh" if re.search("[\u4e00-\u9fff]", text) else "en", "state": "published",
                    "audience_id": everyone, "dated": date(2010 + n % 15, 1 + n % 12, 1 + n % 28),
                }
                for n, (title, text) in batch
            ],
            DocumentSection: [
                {
                    "document_id": n, "position": at, "level": 1, "heading": f"{at} {title[:30]}",
                    "anchor": f"s{at}", "text": part,
                }
                for n, (title, text) in batch
                for at, part in enumerate(_cut(text), 1)
            ],
            DocumentTag: [
                {"document_id": n, "tag": tag} for n, _ in batch for tag in chance.sample(TAGS, 3)
            ],
            DocumentPerson: [
                {"document_id": n, "position": 0, "name": chance.choice(PEOPLE)} for n, _ in batch
            ],
        }  # fmt: skip
        with kb.database.write() as session:
            for table, values in rows.items():
                session.execute(insert(table), values)


def _cut(text: str) -> Iterator[str]:
    for first in range(0, max(len(text), 1), SECTION_CHARS):
        yield text[first : first + SECTION_CHARS]


def _bare(kb: KnowledgeBase, texts: Sequence[str], clients: int) -> tuple[float, float]:
    """The engine alone: the trees that the answers below ask it, expansions and facets included."""
    kb.search(READER, SearchRequest(query="风险 risk"))
    retrieval = kb._retrieval
    prepared = [
        Question(retrieval._understood(SearchRequest(query=text)).node, facets=FACETS)
        for text in texts
    ]
    found = _asked(kb._engine.search, [(question,) for question in prepared], clients)
    print(f"  engine {clients} threads  p50 {found[0]:7.2f} ms  p95 {found[1]:7.2f} ms")
    return found


def _asked(
    ask: Callable[..., object], questions: Sequence[tuple[object, ...]], clients: int
) -> tuple[float, float]:
    """p50 and p95 in ms of a second round: the first one warms up."""

    def timed(question: tuple[object, ...]) -> float:
        began = time.perf_counter()
        ask(*question)
        return (time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(timed, questions))
        times = list(threads.map(timed, questions))
    p50, p95 = np.percentile(times, [50, 95])
    return float(p50), float(p95)


_connections = threading.local()


def _get(port: int, path: str) -> bytes:
    """The body of an answer, over a connection kept open for each client."""
    known = getattr(_connections, "one", None)
    if known is None or known.port != port:
        known = _connections.one = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        known.request("GET", path, headers={"Accept-Language": "zh"})
        answer = known.getresponse()
    except http.client.RemoteDisconnected:
        # The server lets go of a connection that was idle for some seconds.
        known.close()
        known.request("GET", path, headers={"Accept-Language": "zh"})
        answer = known.getresponse()
    body: bytes = answer.read()
    if answer.status != http.client.OK:
        raise RuntimeError(f"{path}: {answer.status}")
    return body


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """``pmo serve`` on ``folder``, with its worker; gives the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = "import sys; from web.command import main; sys.argv[0] = 'pmo'; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "serve", "--port", str(port)],
        env={**os.environ, "KB_DATA_DIR": str(folder), "KB_ANONYMOUS_ROLE": "reader"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                _get(port, "/readyz")
                break
            except (OSError, RuntimeError, http.client.HTTPException):
                _connections.one = None
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def _changes(kb: KnowledgeBase, port: int, texts: Sequence[str]) -> None:
    """Change documents one after the other while eight clients search; each must be found by its new word."""
    stop = threading.Event()

    def search(first: int) -> None:
        for text in cycle([*texts[first:], *texts[:first]]):
            if stop.is_set():
                return
            _get(port, _PATHS["API"] + quote(text))

    clients = [threading.Thread(target=search, args=(n * 20,)) for n in range(CLIENTS[-1])]
    for client in clients:
        client.start()
    waits = []
    try:
        for number in range(1, CHANGES + 1):
            word = f"zq{number}vx{random.Random(number).randrange(10**6)}"  # noqa: S311
            with kb.database.write() as session:
                session.execute(
                    update(DocumentSection)
                    .where(DocumentSection.document_id == number, DocumentSection.position == 1)
                    .values(text=f"变更 {word}")
                )
                record_change(session, SYSTEM, "document", number, "store")
            began = time.perf_counter()
            while f'"id":{number},'.encode() not in _get(port, _PATHS["API"] + word):
                time.sleep(0.02)
            waits.append(time.perf_counter() - began)
    finally:
        stop.set()
        for client in clients:
            client.join()
    print(
        f"  a change is found after p50 {np.median(waits):.2f} s, at most {max(waits):.2f} s,"
        f" while {CLIENTS[-1]} clients search"
    )


if __name__ == "__main__":
    main()
