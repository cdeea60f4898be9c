"""How fast is searching? This engine beside SQLite FTS5 and Whoosh's own searcher, on the same terms, in one run.

Run it with ``python -m tests.bench.search [2000 20000 ...]`` where judged sets lie beside the project. Documents are
real paragraphs of those sets and recombinations of their sentences, half Chinese and half English; questions are the
sets' own, keywords are pairs of words out of the documents. All three engines get the terms that our analyser makes of
words and pairs of characters, title three times in one field for the others, which cannot weigh fields in one formula.

Machines differ: read the ratios, not the milliseconds.
"""

from __future__ import annotations

import json
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

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
_SENTENCE = re.compile(r"(?<=[。！？])|(?<=[.!?])\s+")

Document = tuple[str, str]


def main() -> None:
    """Print one table for each number of documents given on the command line."""
    sizes = [int(argument) for argument in sys.argv[1:]] or [2_000, 20_000]
    if not SETS.is_dir():
        print("The judged sets are not here; nothing is measured.")
        return
    for size in sizes:
        measure(size)


def measure(size: int) -> None:
    """Index ``size`` documents three times, ask all engines the same, print times and ratios."""
    documents = list(made_of(size))
    questions, keywords = asked(documents)
    text_bytes = sum(len((title + text).encode()) for title, text in documents)
    print(f"\n{size:,} documents, {text_bytes / 1e6:.1f} MB of text")
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name, make in (("fts5", Fts5), ("whoosh", OwnWhoosh), ("here", Here)):
            began = time.perf_counter()
            engine = make(Path(folder) / name, documents)
            seconds = time.perf_counter() - began
            stored = sum(
                path.stat().st_size for path in Path(folder).glob(f"{name}*/**/*") if path.is_file()
            )
            print(
                f"  {name:8} indexed {size / seconds:7.0f} docs/s, {stored / text_bytes:.2f} of the text's size"
            )
            rows.append((name, engine))
        for what, texts in (("questions", questions), ("keywords", keywords)):
            base: dict[str, float] = {}
            for name, engine in rows:
                prepared = [engine.prepare(text) for text in texts]
                for state in engine.states:
                    times = [
                        _timed(
                            engine.search, one, before=engine.forget if state == "cold" else None
                        )
                        for one in prepared
                    ]
                    p50, p95 = np.percentile(times, [50, 95]) * 1000
                    base.setdefault("p50", p50)
                    base.setdefault("p95", p95)
                    print(
                        f"  {what:10} {name:7} {state:5} p50 {p50:8.3f} ms  p95 {p95:8.3f} ms"
                        f"   against fts5: {p50 / base['p50']:.2f}  {p95 / base['p95']:.2f}"
                    )
        for _, engine in rows:
            engine.close()


def _timed(
    search: Callable[[Any], object], prepared: Any, before: Callable[[], None] | None
) -> float:
    """The best of a few tries: what others do on the machine meanwhile is not measured."""
    times = []
    for _ in range(TRIES):
        if before is not None:
            before()
        began = time.perf_counter()
        search(prepared)
        times.append(time.perf_counter() - began)
    return min(times)


class Here:
    """This engine; warm: posting lists of earlier questions are kept; cold: forgotten before each question."""

    states = ("cold", "warm")

    def __init__(self, folder: Path, documents: Sequence[Document]) -> None:
        self._engine = WhooshEngine(folder, 1 << 30)
        self._engine.rebuild(
            Entry(f"document:{n}", 1, "other", "zh", title, body=(text,))
            for n, (title, text) in enumerate(documents)
        )
        self._engine.search(Question())

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

    def __init__(self, folder: Path, documents: Sequence[Document]) -> None:
        folder.mkdir()
        self._connection = sqlite3.connect(folder / "index.sqlite3")
        self._connection.execute(
            "CREATE VIRTUAL TABLE d USING fts5(t, content='', tokenize=\"unicode61\")"
        )
        self._connection.executemany(
            "INSERT INTO d(rowid, t) VALUES (?, ?)",
            ((n, " ".join(terms_of(d))) for n, d in enumerate(documents)),
        )
        self._connection.commit()

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

    def __init__(self, folder: Path, documents: Sequence[Document]) -> None:
        folder.mkdir()
        schema = fields.Schema(t=fields.TEXT(analyzer=SpaceSeparatedTokenizer(), phrase=False))
        index = FileIndex.create(FileStorage(str(folder)), schema, "main")
        writer = index.writer(limitmb=512)
        for document in documents:
            writer.add_document(t=" ".join(terms_of(document)))
        writer.commit(merge=False)
        self._searcher = index.searcher(weighting=scoring.BM25F())

    def prepare(self, text: str) -> Or:
        return Or([Term("t", term) for term in asked_terms(text)])

    def search(self, prepared: Or) -> object:
        return [hit.docnum for hit in self._searcher.search(prepared, limit=TOP)]

    def forget(self) -> None:
        return

    def close(self) -> None:
        self._searcher.close()


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
