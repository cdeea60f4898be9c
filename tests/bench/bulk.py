"""Five thousand files through each door, indexing on: how fast, and whether memory stays flat.

    .venv/bin/python -m tests.bench bulk
    .venv/bin/python tests/bench/bulk.py [COUNT [DOOR ...]]     doors: command, api, watch

Each door is the program itself in a process of its own with a fresh data folder: ``pmo import FOLDER``; ``pmo serve``
with a zip of the folder sent to its API; ``pmo watch FOLDER``. It counts as through when all is stored and indexed.
Memory is what the process has resident at each fifth of the files; of the reading processes, the largest at any time.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import httpx2 as httpx

ROOT: Final = Path(__file__).parents[2]
COUNT: Final = 5000
_FIFTHS: Final = 5
_LOOK_SECONDS: Final = 0.5
_MOST_SECONDS: Final = 3600.0
_SCRIPT: Final = "import sys; sys.argv[0] = 'pmo'; from web.command import main; main()"


def main(count: int = COUNT, doors: list[str] | None = None) -> None:
    """Measure the doors and print the table."""
    from tests.bench.bulk_files import make

    print(
        "door | files | s | files/s | s for each fifth | MiB resident after each fifth"
        " | largest reading process MiB | s until all is indexed"
    )
    with tempfile.TemporaryDirectory(prefix="bulk-") as name:
        folder = Path(name) / "资料"
        make(folder, count)
        for door in doors or list(_DOORS):
            data = Path(name) / door
            _report(door, count, _DOORS[door](folder, data, count))
            shutil.rmtree(data)


Figures = tuple[list[float], list[int], int, float]


def _by_command(folder: Path, data: Path, count: int) -> Figures:
    with _running(data, "import", str(folder)) as process:
        return _followed(process, data, count)


def _by_watch(folder: Path, data: Path, count: int) -> Figures:
    with _running(data, "watch", str(folder)) as process:
        return _followed(process, data, count)


def _by_api(folder: Path, data: Path, count: int) -> Figures:
    packed = Path(shutil.make_archive(str(data.parent / "资料"), "zip", folder))
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with _running(data, "serve", "--port", str(port)) as process:
        _until(lambda: _answers(f"{address}/readyz"))
        with packed.open("rb") as stream:
            answer = httpx.post(
                f"{address}/api/v1/imports", files={"files": ("资料.zip", stream)}, timeout=600
            )
        answer.raise_for_status()
        return _followed(process, data, count)


_DOORS: Final[dict[str, Callable[[Path, Path, int], Figures]]] = {
    "command": _by_command,
    "api": _by_api,
    "watch": _by_watch,
}


@contextmanager
def _running(data: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """``pmo`` with these arguments, ended at the end."""
    environment = os.environ | {"KB_DATA_DIR": str(data), "PYTHONPATH": str(ROOT)}
    environment |= {"KB_MAX_FILE_MIB": "1000"}
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _SCRIPT, *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _followed(process: subprocess.Popen[bytes], data: Path, count: int) -> Figures:
    """Seconds and MiB at each fifth of the files, the largest reading process, and how long indexing took after."""
    began = time.monotonic()
    marks: list[float] = []
    resident: list[int] = []
    largest = 0
    while len(marks) < _FIFTHS:
        time.sleep(_LOOK_SECONDS)
        if time.monotonic() - began > _MOST_SECONDS:
            raise TimeoutError(f"{_stored(data)} of {count} after an hour")
        largest = max([largest, *(_mib(child, "VmHWM") for child in _children(process.pid))])
        done = _stored(data)
        while len(marks) < _FIFTHS and done >= count * (len(marks) + 1) // _FIFTHS:
            marks.append(time.monotonic() - began)
            resident.append(_mib(process.pid, "VmRSS"))
    stored = time.monotonic()
    while _pending(data):
        time.sleep(_LOOK_SECONDS)
    resident.append(_mib(process.pid, "VmHWM"))
    return marks, resident, largest, time.monotonic() - stored


def _report(door: str, count: int, figures: Figures) -> None:
    marks, resident, largest, after = figures
    fifths = [end - begin for begin, end in zip([0.0, *marks], marks, strict=False)]
    print(
        door,
        count,
        f"{marks[-1]:.0f}",
        f"{count / marks[-1]:.1f}",
        " ".join(f"{seconds:.0f}" for seconds in fifths),
        " ".join(str(mib) for mib in resident[:-1]) + (f" (peak {resident[-1]})" if resident[-1] else ""),
        largest,
        f"{after:.0f}",
        sep=" | ",
        flush=True,
    )  # fmt: skip


def _stored(data: Path) -> int:
    return _number(data, "SELECT count(*) FROM import_items WHERE outcome = 'stored'")


def _pending(data: Path) -> int:
    return _number(data, "SELECT count(*) FROM changes WHERE done_at IS NULL")


def _number(data: Path, question: str) -> int:
    path = data / "qianjian.sqlite3"
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as database:
            return int(database.execute(question).fetchone()[0])
    except sqlite3.OperationalError:  # the tables are being made
        return 0


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _mib(pid: int, figure: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    kib = [int(line.split()[1]) for line in lines if line.startswith(figure)]
    return kib[0] // 1024 if kib else 0


def _answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _until(happens: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happens():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.2)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    numbers = sys.argv[1:2]
    main(int(numbers[0]) if numbers else COUNT, sys.argv[2:] or None)
