"""Everything of ``../shared/data/office`` through one import: what becomes of each file, how fast, how completely.

    .venv/bin/python -m tests.bench office

The real pipeline with its reading processes imports the whole folder into a fresh data folder, in a process of its own
(:mod:`tests.bench.office_import`). Then each stored document is compared with an independent look at its file
(:mod:`tests.bench.office_words`): the words found there, counted as often as they stand there, against the words of the
document, as ``pmo extract --format text`` prints them. The folder holds hostile files on purpose: office programs are
kept out of reach, so LibreOffice takes no part.

Ends with 1 when a file has no outcome or an unexplained one, a reading process was lost, or something was written
outside the data folder.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from kb import open_kb
from kb.config import Settings
from kb.markdown import plain_text
from kb.models import Document, ImportItem
from tests.bench import office_import
from tests.bench.office_words import look
from tests.bench.word import FEWEST_WORDS, FOLDER, words

ROOT: Final = Path(__file__).parents[2]
# Refusals that name no cause in the file itself: a fault of ours, or a limit of time or memory that was met.
UNEXPLAINED: Final = frozenset({"import-fault", "reader-crashed", "read-timed-out", "file-refused"})
_IN_DOCUMENTS: Final = frozenset({"stored", "unchanged", "duplicate"})
_WORST_SHOWN: Final = 12


@dataclass
class Row:
    """What became of the files of one format. ``recalls``: the part of its words that each document holds."""

    files: int = 0
    stored: int = 0
    refused: int = 0
    unexplained: int = 0
    seconds: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)


def main(folder: Path = FOLDER) -> None:
    """Import, compare, print the table; exit with 1 when a promise was not kept."""
    if not folder.is_dir():
        print(
            f"Nothing measured: the folder {folder.name} of real office files is not beside this checkout."
        )
        return  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="office-") as name:
        base = Path(name)
        told = _import(base, folder.resolve())
        broken = _show(base, folder.resolve(), told)
    if broken:
        print("NOT KEPT:", *broken, sep="\n  ")
        raise SystemExit(1)


def _import(base: Path, folder: Path) -> dict[str, Any]:
    for each in ("home", "tmp", "cwd"):
        (base / each).mkdir()
    environment = {
        "PATH": str(base / "home"),
        "HOME": str(base / "home"),
        "TMPDIR": str(base / "tmp"),
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
    command = [sys.executable, "-m", office_import.__name__, str(base), str(folder)]
    done = subprocess.run(
        command, cwd=base / "cwd", env=environment, stdout=subprocess.PIPE, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _show(base: Path, folder: Path, told: dict[str, Any]) -> list[str]:
    """Print all tables; returns what was promised and not kept."""
    rows: defaultdict[str, Row] = defaultdict(Row)
    codes: Counter[str] = Counter()
    worst: list[tuple[float, str]] = []
    broken = []
    with open_kb(Settings(data_dir=base / "data")) as kb, kb.database.read() as session:
        items = session.scalars(select(ImportItem).where(ImportItem.job_id == told["job"])).all()
        for item in items:
            path = Path(item.path)
            row = rows["in archives" if "!/" in item.path else path.suffix.lower() or "no ending"]
            row.files += 1
            if (seconds := told["seconds"].get(str(item.id))) is not None:
                row.seconds.append(seconds)
            if item.outcome in _IN_DOCUMENTS or item.outcome in {"expanded", "skipped"}:
                row.stored += 1
            elif item.outcome == "failed" and item.error_code not in UNEXPLAINED:
                row.refused += 1
                codes[item.error_code] += 1
                if not (item.error and item.advice):
                    broken.append(f"no reason or no advice: {path.name}")
            else:
                row.unexplained += 1
                broken.append(
                    f"{item.outcome or item.state} {item.error_code}: {path.name}: {item.error}"
                )
            if item.outcome == "stored" and "!/" not in item.path:
                body = session.scalars(
                    select(Document.body).where(Document.id == item.document_id)
                ).one()
                recall = _recall(path, body)
                if recall is not None:
                    row.recalls.append(recall)
                    worst.append((recall, f"{path.parent.name}/{path.name}"))
    present = {str(path) for path in folder.rglob("*") if path.is_file()}
    missing = present - {item.path for item in items}
    broken += [f"no outcome: {name}" for name in sorted(missing)]
    _table(rows, told)
    print("clear refusals:", ", ".join(f"{code} {number}" for code, number in codes.most_common()))
    for recall, name in sorted(worst)[:_WORST_SHOWN]:
        if recall < 0.999:
            print(f"  words found {recall:.4f} {name}")
    return broken + _promises(base, told)


def _recall(path: Path, body: str) -> float | None:
    seen = look(path)
    if seen is None or seen.total() < FEWEST_WORDS:
        return None
    return (seen & words(plain_text(body))).total() / seen.total()


def _table(rows: dict[str, Row], told: dict[str, Any]) -> None:
    print(
        "format | files | stored or known | clear refusal | failed, unexplained | median ms | worst ms"
        " | looked at | words found, mean | files < .99"
    )
    total = Row()
    for name, row in sorted(rows.items(), key=lambda item: -item[1].files):
        _line(name, row)
        for each in ("files", "stored", "refused", "unexplained", "seconds", "recalls"):
            setattr(total, each, getattr(total, each) + getattr(row, each))
    _line("all", total)
    print(
        f"{told['elapsed']:.0f} s for all; peak memory: parent {told['parent_mib']} MiB,"
        f" largest reading process {told['workers_mib']} MiB;"
        f" {told['workers']} processes, {told['workers_started']} started in all"
    )


def _line(name: str, row: Row) -> None:
    times, recalls = row.seconds or [0.0], row.recalls
    print(
        name,
        row.files,
        row.stored,
        row.refused,
        row.unexplained,
        f"{1000 * statistics.median(times):.0f}",
        f"{1000 * max(times):.0f}",
        len(recalls) or "-",
        f"{statistics.mean(recalls):.4f}" if recalls else "-",
        sum(recall < 0.99 for recall in recalls) if recalls else "-",
        sep=" | ",
    )


def _promises(base: Path, told: dict[str, Any]) -> list[str]:
    """What was promised of processes and of the disk, and not kept."""
    broken = []
    if not told["finished"]:
        broken.append("the job was not finished")
    if told["workers_answering"] != told["workers"]:
        broken.append(f"only {told['workers_answering']} of {told['workers']} processes answer")
    if told["left_running"]:
        broken.append(f"processes left running: {told['left_running']}")
    over = [number for number, seconds in told["seconds"].items() if seconds > 1.5 * told["limit"]]
    if over:
        broken.append(f"items that took longer than their time-out: {over}")
    written = set((base / office_import.LOG).read_text("utf-8", "replace").splitlines())
    data = str(base / "data")
    inside = (os.devnull, data)
    outside = {
        path for path in written if path not in inside and not path.startswith(data + os.sep)
    }
    outside |= {str(path) for each in ("home", "tmp", "cwd") for path in (base / each).iterdir()}
    beside = {path.name for path in base.iterdir()} - {
        "home",
        "tmp",
        "cwd",
        "data",
        office_import.LOG,
    }
    broken += [f"written outside the data folder: {path}" for path in sorted(outside | beside)]
    left = list((base / "data" / "tmp").glob("*"))
    broken += [f"left in the folder of temporary files: {path.name}" for path in left]
    print(
        f"{len(written)} paths opened for writing, {len(outside | beside)} of them outside the data folder"
    )
    return broken


if __name__ == "__main__":
    main()
