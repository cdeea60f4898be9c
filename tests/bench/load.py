"""Does it hold while everybody works at once, and is nothing lost when it is killed in the middle of that?

    .venv/bin/python -m tests.bench load [--minutes 10] [--files 2000] [--readers 50] [--editors 5] [--no-restarts]

The server is ``pmo serve`` with its worker, on SQLite, in a process of its own; the clients are threads of other
processes. Readers search and read with the pauses that people make, editors save pages (some of them the same ones),
and one upload of many files is imported. After a third of the time the server is killed (SIGKILL), after two thirds
it is stopped (SIGTERM), and started again each time. In the end every save that was answered as done must be among
the versions, every file of the upload must be a document, and ``pmo check`` must find nothing. Exits with 1
otherwise, and when any request was answered with an error or not at all (but while the server was away).

Machines differ: read the errors, then the ratios, then the milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import Any, Final

import httpx2 as httpx
import numpy as np
from sqlalchemy import select

from kb import open_kb
from kb.access import SYSTEM, Actor, Role
from kb.checking_findings import left
from kb.config import Settings
from kb.drafts import Draft, Guess
from kb.knowledge_base import KnowledgeBase
from kb.models import DocumentVersion, ImportJob
from tests.bench.bulk_files import make
from tests.bench.load_clients import QUESTIONS, Seen, run_clients, together

PROCESSES: Final = 5  # of clients
PAGES: Final = 10  # each editor's own
SHARED: Final = 5  # everybody's
_SCRIPT: Final = "import sys; sys.argv[0] = 'pmo'; from web.command import main; main()"
_START_SECONDS: Final = 300.0
_IMPORT_SECONDS: Final = 3600.0  # after the load, for what is left of the upload
_FAULTS: Final = ("database is locked", "Traceback")


@dataclass(slots=True)
class Server:
    """``pmo serve`` in a process of its own, which may be stopped and started again."""

    data: Path
    port: int
    log: BufferedWriter
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it and wait until it answers; how many seconds that took."""
        began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _SCRIPT, "serve", "--port", str(self.port)],
            env=os.environ
            | {
                "KB_DATA_DIR": str(self.data),
                "KB_ANONYMOUS_ROLE": "reader",
                "PYTHONFAULTHANDLER": "1",
                "PYTHONPATH": str(Path(__file__).parents[2]),
            },
            stdout=self.log,
            stderr=self.log,
        )
        while self._status() != http.client.OK:
            if time.monotonic() - began > _START_SECONDS or self.process.poll() is not None:
                self.stop(signal.SIGABRT)  # what it is at goes to the log
                told = Path(self.log.name).read_text(encoding="utf-8", errors="replace")
                raise TimeoutError(f"the server does not start:\n{told[-9000:]}")
            time.sleep(0.1)
        return time.monotonic() - began

    def stop(self, how: signal.Signals) -> None:
        """Stop it and wait until it is gone."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def _status(self) -> int:
        with suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=5).status_code
        return 0


def main() -> None:
    """Fill a folder, load it, look at what is left, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--editors", type=int, default=5)
    parser.add_argument("--no-restarts", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="load-") as name:
        if not _loaded(Path(name), asked):
            raise SystemExit(1)


def _loaded(base: Path, asked: argparse.Namespace) -> bool:
    data = base / "data"
    make(base / "files", asked.files)
    with open_kb(Settings(data_dir=data)) as kb:
        tokens, pages = _filled(kb, asked.editors)
    with (base / "server.log").open("wb") as log:
        server = Server(data, _free_port(), log)
        print(f"the server starts in {server.start():.1f} s", flush=True)
        try:
            job = _upload(server.port, tokens["importer"], base / "files")
            seen = _work(server, asked, tokens, pages)
            _wait_for_import(data, job)
        finally:
            server.stop(signal.SIGTERM)
    _print(seen, asked)
    told = (base / "server.log").read_text(encoding="utf-8", errors="replace")
    faults = {word: told.count(word) for word in _FAULTS if word in told}
    if faults:
        print(f"  in the server's log: {faults}\n{told[-9000:]}")
    return _kept(data, seen, base / "files") and not seen.errors and not faults


def _filled(kb: KnowledgeBase, editors: int) -> tuple[dict[str, str], dict[str, list[int]]]:
    """Accounts with tokens, pages to edit, and enough to find before the upload is in."""
    kb.glossary.load_bundled(kb.settings.corpus_dir / "glossary.csv")
    chance = random.Random(7)  # noqa: S311  the same texts at each run
    tokens: dict[str, str] = {}
    pages: dict[str, list[int]] = {}
    shared = [_page(kb, chance, f"shared {number}") for number in range(SHARED)]
    for name in [f"editor{number}" for number in range(editors)] + ["importer"]:
        kb.accounts.add_service(SYSTEM, name, name, Role.CURATOR)
        scopes = ("read", "write", "import", "curate")
        tokens[name] = kb.tokens.make(SYSTEM, name, "load", scopes, 1)
        if name != "importer":
            pages[name] = [
                *shared,
                *(_page(kb, chance, f"{name} {number}") for number in range(PAGES)),
            ]
    kb.indexing.catch_up()
    kb.warm_up()
    return tokens, pages


def _page(kb: KnowledgeBase, chance: random.Random, name: str) -> int:
    lines = [f"{chance.choice(QUESTIONS)} {chance.randrange(10_000)}。" for _ in range(60)]
    draft = Draft(f"页 {name}", "\n\n".join(lines), "zh", Guess("methodology"), "md")
    return kb.documents.store(SYSTEM, draft, place=f"/load/{name}.md").document_id


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _upload(port: int, token: str, folder: Path) -> int:
    parts = [
        ("files", (path.relative_to(folder).as_posix(), path.read_bytes()))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    answer = httpx.post(
        f"http://127.0.0.1:{port}/api/v1/imports",
        files=parts,
        headers={"Authorization": f"Bearer {token}"},
        timeout=600,
    )
    answer.raise_for_status()
    print(f"{len(parts)} files are handed in", flush=True)
    return int(answer.json()["job"])


def _work(
    server: Server,
    asked: argparse.Namespace,
    tokens: dict[str, str],
    pages: dict[str, list[int]],
) -> Seen:
    """Let everybody work for the time that was asked for; restart the server twice meanwhile."""
    context = multiprocessing.get_context("spawn")
    over, away, results = context.Event(), context.Event(), context.Queue()
    editors = [(name, tokens[name], mine) for name, mine in pages.items()]
    processes = [
        context.Process(
            target=_clients,
            args=(
                server.port,
                len(range(number, asked.readers, PROCESSES)),
                editors[number::PROCESSES],
                number,
                (over, away, results),
            ),
        )
        for number in range(PROCESSES)
    ]
    for process in processes:
        process.start()
    third = asked.minutes * 60 / 3
    try:
        for how in (signal.SIGKILL, signal.SIGTERM):
            time.sleep(third)
            if not asked.no_restarts:
                away.set()
                server.stop(how)
                print(f"  {how.name}; it answers again after {server.start():.1f} s", flush=True)
                away.clear()
        time.sleep(third)
    finally:
        over.set()
    each: list[Seen] = [results.get(timeout=300) for _ in processes]
    for process in processes:
        process.join()
    return together(each)


def _clients(
    port: int,
    readers: int,
    editors: list[tuple[str, str, list[int]]],
    seed: int,
    shared: tuple[Any, Any, Any],
) -> None:
    over, away, results = shared
    results.put(
        run_clients(port, readers, editors, seed=seed, end=over.is_set, may_be_gone=away.is_set)
    )


def _wait_for_import(data: Path, job: int) -> None:
    began = time.monotonic()
    with open_kb(Settings(data_dir=data)) as kb:
        while True:
            with kb.database.read() as session:
                state = session.scalar(select(ImportJob.state).where(ImportJob.id == job))
            if state not in {"queued", "running"} and not kb.indexing.pending:
                print(f"  the import is {state} {time.monotonic() - began:.0f} s after the load")
                return
            if time.monotonic() - began > _IMPORT_SECONDS:
                raise TimeoutError(f"the import is still {state}")
            time.sleep(1)


def _print(seen: Seen, asked: argparse.Namespace) -> None:
    print(
        f"{asked.minutes:g} minutes, {asked.readers} readers, {asked.editors} editors, {asked.files} files"
    )
    print("                answers   p50 ms   p95 ms   p99 ms   most ms")
    for what, took in sorted(seen.took.items()):
        p50, p95, p99, most = 1000 * np.percentile(took, [50, 95, 99, 100])
        print(f"  {what:12} {len(took):9} {p50:8.0f} {p95:8.0f} {p99:8.0f} {most:9.0f}")
    print(
        f"  errors: {dict(seen.errors) or 0}; met no server while it was restarted: {seen.gone};"
        f" saves answered with somebody else's change: {seen.clashes}"
    )


def _kept(data: Path, seen: Seen, folder: Path) -> bool:
    """Whether everything is there that was answered as done."""
    with open_kb(Settings(data_dir=data)) as kb:
        kb.indexing.catch_up()
        lost = [mark for page, mark in seen.saved if not _has(kb, page, mark)]
        files = sum(path.is_file() for path in folder.rglob("*"))
        importer = Actor("importer", "importer", Role.CURATOR)
        counts = kb.imports.recent(importer, 1)[0].counts
        stored = counts.stored + counts.duplicate
        findings = left(kb.checkup.run())
        log = kb.audit.verify()
    print(
        f"  saves: {len(seen.saved)} answered as done, {len(lost)} of them lost {lost[:5] or ''}\n"
        f"  import: {files} files, {stored} in, {counts.failed} failed, {counts.left} left\n"
        f"  check: {[finding.told for finding in findings[:5]] or 'all is well'};"
        f" audit log of {log.rows} rows {'holds' if not log.breaks else 'is BROKEN'}"
    )
    return not lost and stored == files and not findings and not log.breaks


def _has(kb: KnowledgeBase, page: int, mark: str) -> bool:
    found = select(DocumentVersion.id).where(
        DocumentVersion.document_id == page, DocumentVersion.body.contains(mark)
    )
    with kb.database.read() as session:
        return session.scalar(found.limit(1)) is not None


if __name__ == "__main__":
    main()
