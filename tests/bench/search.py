"""How fast is searching? This engine beside SQLite FTS5 and Whoosh's own searcher, on the same terms, in one run.

Run it with ``python -m tests.bench.search [--documents 2000 20000 …] [--engines fts5 whoosh here] [--processor-time]``
where judged sets lie beside the project. Documents are real paragraphs of those sets and recombinations of their
sentences, half Chinese and half English; questions are the sets' own, keywords are pairs of words out of the documents.
All three engines get the terms that our analyser makes of words and pairs of characters, title three times in one field
for the others, which cannot weigh fields in one formula.

Printed are times, cold (no posting list kept) and warm, and their ratio to FTS5's; documents a second of wall time and
of processor time, for this engine from the text on with one process and with one for each core, for the others from
ready terms; size against that of the text; opening time and memory of a process of its own; and at the end how times
grow with the number of documents. Machines differ: read the ratios, not the milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from whoosh import fields, scoring
from whoosh.analysis import SpaceSeparatedTokenizer
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.query import Or, Term

from kb.search.analysis import tokens
from kb.search.engine import Entry, Question
from kb.search.query import Bag
from kb.search.query import Term as AskedTerm
from kb.search.whoosh_engine import WhooshEngine
from kb.search.wording import bag

SETS = Path(__file__).parents[3] / "shared" / "data" / "retrieval"
SOURCES = {
    "zh": ("cmrc2018-zh", "drcd-zhtw", "xquad-zh", "rgb-zh-news", "domain-knownitem-zh"),
    "en": ("llis-knownitem-en", "xquad-en", "domain-knownitem-en", "cranfield-en", "cisi-en"),
}
QUESTIONS = 200
TOP = 10
TRIES = 3
CHARS = 1_200  # of a document, about
CACHE_BYTES = 1 << 30
SERIAL_UP_TO = 20_000
# At most this share of FTS5's p95, by state, from so many documents on: with fewer, Python's own time is all there is.
BARS = {"cold": 1 / 3, "warm": 1 / 10}
BARS_FROM = 20_000
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")

Document = tuple[str, str]
Clock = Callable[[], float]
# p50 and p95 in ms by engine, sort of question and state.
Times = dict[tuple[str, str, str], tuple[float, float]]


def main() -> None:
    """Measure each number of documents given on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[2_000, 20_000])
    parser.add_argument(
        "--processor-time",
        action="store_true",
        help="of the asking thread, rather than wall time: for a machine that is busy with other things",
    )
    parser.add_argument("--engines", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    asked_for = parser.parse_args()
    if not SETS.is_dir():
        print("The judged sets are not here; nothing is measured.")
        return
    clock = time.thread_time if asked_for.processor_time else time.perf_counter
    found = {size: measure(size, asked_for.engines, clock) for size in asked_for.documents}
    if len(found) > 1:
        _print_growth(found)


def measure(size: int, names: Sequence[str], clock: Clock) -> Times:
    """Index ``size`` documents with each engine, ask all the same, print times and ratios by ``clock``."""
    documents = list(made_of(size))
    questions, keywords = asked(documents)
    text_bytes = sum(len((title + text).encode()) for title, text in documents)
    print(f"\n{size:,} documents, {text_bytes / 1e6:.1f} MB of text", flush=True)
    times: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "terms"
        if set(names) - {"here"}:
            with ready.open("w", encoding="utf-8") as file:
                file.writelines(" ".join(terms_of(document)) + "\n" for document in documents)
        for name in names:
            path = Path(folder) / name
            if name == "here":
                _print_building(path, documents, text_bytes)
                _print_opening(path, [*questions, *keywords])
            else:
                with _indexing(f"{name}, from ready terms", size):
                    ENGINES[name].build(path, ready)
                print(f"    {_bytes(path) / text_bytes:.2f} of the text's size", flush=True)
            engine = ENGINES[name](path)
            for what, texts in (("questions", questions), ("keywords", keywords)):
                prepared = [engine.prepare(text) for text in texts]
                for state in engine.states:
                    before = engine.forget if state == "cold" else None
                    every = [_timed(engine.search, one, before, clock) for one in prepared]
                    p50, p95 = np.percentile(every, [50, 95]) * 1000
                    times[name, what, state] = float(p50), float(p95)
                    print(_line(times, name, what, state, size), flush=True)
            engine.close()
    return times


def _line(times: Times, name: str, what: str, state: str, size: int) -> str:
    p50, p95 = times[name, what, state]
    line = f"  {what:10} {name:7} {state:5} p50 {p50:8.3f} ms  p95 {p95:8.3f} ms"
    base = times.get(("fts5", what, ""))
    if base is None or name == "fts5":
        return line
    line += f"   against fts5: {p50 / base[0]:.3f}  {p95 / base[1]:.3f}"
    bar = BARS.get(state)
    return (
        line
        if bar is None
        else f"{line}  (bar {bar:.2f}: {'met' if p95 <= bar * base[1] else 'MISSED'})"
    )


def _print_growth(found: dict[int, Times]) -> None:
    sizes = list(found)
    print("\np95 in ms, by number of documents: " + "  ".join(f"{size:,}" for size in sizes))
    for key in found[sizes[0]]:
        values = [found[size][key][1] for size in sizes]
        factor = values[-1] / values[0]
        times = "  ".join(f"{value:9.3f}" for value in values)
        print(
            f"  {key[1]:10} {key[0]:7} {key[2]:5} {times}   {factor:.1f} times for"
            f" {sizes[-1] / sizes[0]:.0f} times the documents"
        )


class _indexing:  # noqa: N801  used like a function
    """Prints documents a second, of wall time and of processor time, children included."""

    def __init__(self, what: str, size: int) -> None:
        self._what, self._size = what, size

    def __enter__(self) -> None:
        self._wall, self._processor = time.perf_counter(), _processor_seconds()

    def __exit__(self, *_: object) -> None:
        wall = time.perf_counter() - self._wall
        used = _processor_seconds() - self._processor
        print(
            f"  {self._what}: {self._size / wall:.0f} docs/s, {self._size / used:.0f} for each second of a processor",
            flush=True,
        )


def _processor_seconds() -> float:
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _print_building(path: Path, documents: Sequence[Document], text_bytes: int) -> None:
    all_cores = os.cpu_count() or 1
    # One process alone is told by the smaller sizes.
    for cores in dict.fromkeys((1, all_cores) if len(documents) <= SERIAL_UP_TO else (all_cores,)):
        shutil.rmtree(path, ignore_errors=True)
        with (
            patch("os.cpu_count", return_value=cores),
            _indexing(f"here, from the text, {cores} processes", len(documents)),
        ):
            Here.build(path, documents)
    print(f"    {_bytes(path) / text_bytes:.2f} of the text's size", flush=True)


def _print_opening(path: Path, texts: Sequence[str]) -> None:
    """Opening time and memory, in a process of its own that has done nothing else."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.bench.opened", str(path)],
        input=json.dumps(texts), capture_output=True, text=True, check=True,
    )  # fmt: skip
    print(f"    {done.stdout.strip()}", flush=True)


def _timed(
    search: Callable[[Any], object],
    prepared: Any,
    before: Callable[[], None] | None,
    clock: Clock,
) -> float:
    """The best of a few tries: what others do on the machine meanwhile is not measured."""
    times = []
    for _ in range(TRIES):
        if before is not None:
            before()
        began = clock()
        search(prepared)
        times.append(clock() - began)
    return min(times)


class Here:
    """This engine; warm: posting lists of earlier questions are kept; cold: forgotten before each question."""

    states = ("cold", "warm")

    def __init__(self, folder: Path) -> None:
        self._engine = WhooshEngine(folder, CACHE_BYTES)
        self._engine.search(Question())

    @staticmethod
    def build(folder: Path, documents: Sequence[Document]) -> None:
        engine = WhooshEngine(folder, CACHE_BYTES)
        engine.rebuild(
            Entry(f"document:{n}", 1, "other", "zh", title, body=(text,))
            for n, (title, text) in enumerate(documents)
        )
        engine.close()

    def prepare(self, text: str) -> Question:
        return Question(bag(text), limit=TOP)

    def search(self, question: Question) -> object:
        return self._engine.search(question)

    def forget(self) -> None:
        self._engine._cache.clear()

    def close(self) -> None:
        self._engine.close()


class Fts5:
    """SQLite's full-text search with bm25, pre-analysed terms, OR."""

    states = ("",)

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "index.sqlite3")

    @staticmethod
    def build(folder: Path, ready: Path) -> None:
        folder.mkdir()
        connection = sqlite3.connect(folder / "index.sqlite3")
        connection.execute(
            "CREATE VIRTUAL TABLE d USING fts5(t, content='', tokenize=\"unicode61\")"
        )
        with ready.open(encoding="utf-8") as lines:
            connection.executemany("INSERT INTO d(rowid, t) VALUES (?, ?)", enumerate(lines))
        connection.commit()
        connection.close()

    def prepare(self, text: str) -> str:
        return " OR ".join(f'"{term}"' for term in asked_terms(text))

    def search(self, prepared: str) -> object:
        return self._connection.execute(
            "SELECT rowid FROM d WHERE d MATCH ? ORDER BY bm25(d) LIMIT ?", (prepared, TOP)
        ).fetchall()

    def forget(self) -> None:
        return

    def close(self) -> None:
        self._connection.close()


class OwnWhoosh:
    """Whoosh's own BM25F searcher, kept open, pre-analysed terms, OR."""

    states = ("",)

    def __init__(self, folder: Path) -> None:
        index = FileIndex(FileStorage(str(folder)), indexname="main")
        self._searcher = index.searcher(weighting=scoring.BM25F())

    @staticmethod
    def build(folder: Path, ready: Path) -> None:
        folder.mkdir()
        schema = fields.Schema(t=fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False))
        writer = FileIndex.create(FileStorage(str(folder)), schema, "main").writer(limitmb=512)
        with ready.open(encoding="utf-8") as lines:
            for line in lines:
                writer.add_document(t=line)
        writer.commit(merge=False)

    def prepare(self, text: str) -> Or:
        return Or([Term("t", term) for term in asked_terms(text)])

    def search(self, prepared: Or) -> object:
        return [hit.docnum for hit in self._searcher.search(prepared, limit=TOP)]

    def forget(self) -> None:
        return

    def close(self) -> None:
        self._searcher.close()


ENGINES: dict[str, Any] = {"fts5": Fts5, "whoosh": OwnWhoosh, "here": Here}


def terms_of(document: Document) -> list[str]:
    """What the others index: title terms three times and body terms, of both signals, told apart by a letter."""
    title, text = document
    return [
        named(token.signal, token.text)
        for part in (title, title, title, text)
        for token in tokens(part)
    ]


def asked_terms(text: str) -> list[str]:
    """The terms that this engine would look up for ``text``."""
    node: Bag = bag(text)
    terms = [term for slot in node.slots for term in slot.terms if isinstance(term, AskedTerm)]
    return [named(term.signal, term.text) for term in terms]


def named(signal: str, term: str) -> str:
    """One word of letters for FTS5's tokeniser, whatever is in the term."""
    return signal[0] + re.sub(r"\W", lambda match: f"x{ord(match.group()):x}", term)


def made_of(size: int) -> Iterator[Document]:
    """Real documents first, then recombinations of their sentences; half Chinese, half English."""
    chance = random.Random(7)  # noqa: S311
    for language, sources in SOURCES.items():
        rows = [
            json.loads(line)
            for name in sources
            for line in (SETS / name / "corpus.jsonl").open(encoding="utf-8")
        ]
        chance.shuffle(rows)
        real = [(row["title"], row["text"]) for row in rows][: size // 2]
        yield from real
        sentences = [s for _, text in real for s in _SENTENCE.split(text) if s.strip()]
        for _ in range(size // 2 - len(real)):
            text = ""
            while len(text) < CHARS * (0.5 if language == "zh" else 1.5):
                text += chance.choice(sentences) + (" " if language == "en" else "")
            yield chance.choice(real)[0], text


def asked(documents: Sequence[Document]) -> tuple[list[str], list[str]]:
    """Real questions of the sets, and pairs of words out of documents."""
    chance = random.Random(8)  # noqa: S311
    questions = [
        json.loads(line)["text"]
        for name in ("cmrc2018-zh", "xquad-en", "drcd-zhtw", "rgb-zh-news", "domain-knownitem-en")
        for line in (SETS / name / "queries.jsonl").open(encoding="utf-8")
    ]
    keywords: list[str] = []
    while len(keywords) < QUESTIONS:
        _, text = chance.choice(documents)
        words = [t.plain for t in tokens(text[:300]) if t.signal == "words" and len(t.plain) > 1]
        if len(words) > 5:
            keywords.append(" ".join(chance.sample(words, 2)))
    return chance.sample(questions, QUESTIONS), keywords


if __name__ == "__main__":
    main()
