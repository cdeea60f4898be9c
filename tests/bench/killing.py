"""SIGKILL again and again in the middle of an import, by command and by server: nothing is lost, nothing is twice.

    .venv/bin/python -m tests.bench killing
    .venv/bin/python tests/bench/killing.py [FILES [KILLS]]

Some hundred files are imported; after a random part of a second of work the whole process is killed, and the same is
started again, until as many kills have fallen; the last start runs to its end. Then every file must have exactly one
document, the original byte for byte beside it, and be found by a word that stands in no other. Exits with 1 otherwise.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx2 as httpx

ROOT: Final = Path(__file__).parents[2]
FILES: Final = 400
KILLS: Final = 4  # one below the number after which a file under way each time is given up (kb.importing_rules)
_SCRIPT: Final = "import sys; sys.argv[0] = 'pmo'; from web.command import main; main()"
_START_SECONDS: Final = 60.0


def main(files: int = FILES, kills: int = KILLS) -> None:
    """Kill, restart, check, and print what happened."""
    kept = True
    for door, start in (("pmo import", _command), ("pmo serve", _server)):
        with tempfile.TemporaryDirectory(prefix="killing-") as name:
            base = Path(name)
            folder = base / "资料"
            _make(folder, files)
            print(f"{door}, {files} files", flush=True)
            start(base / "data", folder, kills)
            kept = _check(base / "data", folder) and kept
    if not kept:
        raise SystemExit(1)


def _word(number: int) -> str:
    """A word for one file that stands in no other."""
    return f"标记{chr(0x4E00 + 37 * (number % 500))}{chr(0x5200 + 41 * (number // 500))}{number}号"


def _make(folder: Path, files: int) -> None:
    folder.mkdir()
    for number in range(files):
        text = (
            f"# 第 {number} 号总结\n\n{_word(number)}先探明管线，再开工。\n"
            + f"{number}进度正常。" * 400
        )
        (folder / f"{number:04} 总结.md").write_text(text, encoding="utf-8")


def _command(data: Path, folder: Path, kills: int) -> None:
    chance = random.Random(1)  # noqa: S311  the same moments at each run
    arguments = ["import", str(folder)]
    for _ in range(kills):
        _killed(_start(data, *arguments), data, chance)
        arguments = ["import", "--resume", "1"]
    process = _start(data, *arguments)
    print(f"  start {kills + 1}: runs to its end, exit code {process.wait()}; {_told(data)}")


def _server(data: Path, folder: Path, kills: int) -> None:
    chance = random.Random(2)  # noqa: S311  the same moments at each run
    port = str(20_000 + os.getpid() % 20_000)
    address = f"http://127.0.0.1:{port}"
    for number in range(kills + 1):
        process = _start(data, "serve", "--port", port)
        _wait(lambda: _get(f"{address}/readyz") == httpx.codes.OK)
        if not number:
            parts = [("files", (path.name, path.read_bytes())) for path in sorted(folder.iterdir())]
            answer = httpx.post(f"{address}/api/v1/imports", files=parts, timeout=60)
            print(f"  uploaded: {answer.status_code}, job {answer.json()['job']}")
        if number < kills:
            _killed(process, data, chance)
    _wait(lambda: httpx.get(f"{address}/api/v1/imports/1").json()["state"] == "done")
    print(f"  start {kills + 1}: the job is done; {_told(data)}")
    process.send_signal(signal.SIGINT)
    process.wait()


def _start(data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"KB_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-P", "-c", _SCRIPT, *arguments]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _killed(process: subprocess.Popen[bytes], data: Path, chance: random.Random) -> None:
    """Let it get on with the work for a moment, then kill it."""
    before = _outcomes(data).get("stored", 0)
    _wait(lambda: _outcomes(data).get("stored", 0) > before or process.poll() is not None)
    time.sleep(chance.uniform(0.05, 0.8))
    process.kill()
    code = process.wait()
    name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
    print(f"  {name}; {_told(data)}", flush=True)


def _told(data: Path) -> str:
    return ", ".join(
        f"{number} {outcome or 'left'}" for outcome, number in sorted(_outcomes(data).items())
    )


def _outcomes(data: Path) -> Counter[str]:
    """How many items have which outcome; none while there is no database yet."""
    path = data / "qianjian.sqlite3"
    if not path.exists():
        return Counter()
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            return Counter(
                dict(database.execute("SELECT outcome, count(*) FROM import_items GROUP BY 1"))
            )
    except sqlite3.OperationalError:  # the tables are being made
        return Counter()


def _check(data: Path, folder: Path) -> bool:
    from kb import open_kb
    from kb.access import SYSTEM
    from kb.config import Settings
    from kb.search.answers import SearchRequest

    sources = {path.name: path for path in folder.iterdir()}
    with open_kb(Settings(data_dir=data)) as kb:
        kb.indexing.catch_up()
        documents = kb.documents.recent(SYSTEM, len(sources) + 100)
        held = Counter(document.original_name for document in documents)
        lost = set(sources) - set(held)
        twice = [name for name, number in held.items() if number > 1]
        newer = [document.id for document in documents if document.version > 1]
        changed = [
            document.id
            for document in documents
            if kb.documents.original(SYSTEM, document.id)[0].read_bytes()
            != sources[document.original_name].read_bytes()
        ]
        unfound = [
            number
            for number in range(len(sources))
            if kb.search(SYSTEM, SearchRequest(query=f'"{_word(number)}"')).total != 1
        ]
    print(
        f"  {len(documents)} documents of {len(sources)} files: {len(lost)} lost, {len(twice)} twice,"
        f" {len(newer)} renewed, {len(changed)} originals changed, {len(unfound)} not found exactly once"
    )
    return not (lost or twice or newer or changed or unfound)


def _get(address: str) -> int:
    try:
        return httpx.get(address).status_code
    except httpx.HTTPError:
        return 0


def _wait(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(*(int(number) for number in sys.argv[1:3]))
