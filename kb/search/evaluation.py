"""Evaluation: judged questions against the ranking that is live, apart from the live data.

A set is a folder with ``corpus.jsonl`` (``{"id","title","text"}``), ``queries.jsonl`` (``{"id","text"}``) and
``qrels.tsv`` (query, document, relevance). Its documents are written with the live analysis into an index in a
temporary folder; its questions go the way every question goes: query language, tree, engine.

Measures are those of trec_eval: gain = relevance, discount = log2(rank + 1), the ideal from all judgements of a
question, means over the questions that have a relevant document.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Any, Final

import numpy as np

from kb.errors import InvalidInput
from kb.search.engine import Entry, Match, Question, SearchEngine
from kb.search.expansion import Expander
from kb.search.folding import HAN
from kb.search.language import understand
from kb.search.whoosh_engine import WhooshEngine

DEPTH: Final = 100  # hits asked for, unless told otherwise: what recall@100 needs
_CUT: Final = 10
_DEEP_CUT: Final = 100
# A text is Chinese when it has more Chinese characters than Latin words, as on import.
_HAN: Final = re.compile(f"[{HAN}]")
_LATIN_WORD: Final = re.compile(r"[A-Za-z]+")
_CACHE_BYTES: Final = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents as ``id, title, text``; questions by id; for each question the relevance of judged documents."""

    documents: tuple[tuple[str, str, str], ...]
    questions: dict[str, str]
    judgements: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """How good and how fast: means over ``questions`` questions, times in milliseconds for one question.

    Attributes:
        documents, questions: how many were indexed, and asked.
        ndcg_at_10, mrr_at_10, recall_at_10, recall_at_100: between 0 and 1.
        p50_ms, p95_ms: of understanding and searching, decoded posting lists being kept between questions.
        run: for each question its hits with scores, best first.
    """

    documents: int
    questions: int
    ndcg_at_10: float
    mrr_at_10: float
    recall_at_10: float
    recall_at_100: float
    p50_ms: float
    p95_ms: float
    run: dict[str, tuple[Match, ...]]


def evaluate(folder: Path, depth: int = DEPTH, expander: Expander | None = None) -> Report:
    """Index and ask the judged set in ``folder``, ``depth`` hits a question, widened by ``expander``.

    Raises:
        InvalidInput: the folder does not hold a judged set.
    """
    judged = load(folder)
    with tempfile.TemporaryDirectory(prefix="qianjian-eval-") as beside:
        engine = WhooshEngine(Path(beside), _CACHE_BYTES)
        try:
            engine.rebuild(_entries(judged))
            return _ask(engine, judged, depth, expander)
        finally:
            engine.close()


def load(folder: Path) -> JudgedSet:
    """Read a judged set.

    Raises:
        InvalidInput: a file is missing or a line is not what it should be.
    """
    documents = tuple(
        (str(row["id"]), str(row.get("title") or ""), str(row["text"]))
        for row in _rows(folder / "corpus.jsonl", "id", "text")
    )
    questions = {
        str(row["id"]): str(row["text"]) for row in _rows(folder / "queries.jsonl", "id", "text")
    }
    judgements: dict[str, dict[str, int]] = {}
    path = folder / "qrels.tsv"
    for number, line in enumerate(_lines(path), 1):
        try:
            question, document, relevance = line.split("\t")
            judgements.setdefault(question, {})[document] = int(relevance)
        except ValueError as error:
            raise _bad(path, number, "question, document, relevance, separated by tabs") from error
    return JudgedSet(documents, questions, judgements)


def write_run(report: Report, path: Path, name: str = "qianjian") -> None:
    """Write the hits as trec_eval reads them: ``question Q0 document rank score name``."""
    with path.open("w", encoding="utf-8") as file:
        for question, matches in report.run.items():
            for rank, match in enumerate(matches, 1):
                file.write(f"{question} Q0 {match.key} {rank} {match.score:.6f} {name}\n")


def ndcg(ranked: Sequence[str], judged: Mapping[str, int], cut: int) -> float:
    """Discounted cumulative gain of the first ``cut`` documents against that of the best order."""

    def gain(relevances: Iterable[int]) -> float:
        return sum(max(r, 0) / log2(rank + 1) for rank, r in enumerate(relevances, 1))

    ideal = gain(sorted(judged.values(), reverse=True)[:cut])
    return gain(judged.get(document, 0) for document in ranked[:cut]) / ideal if ideal else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: frozenset[str], cut: int) -> float:
    """1 / rank of the first relevant document among the first ``cut``; 0 when there is none."""
    return next(
        (1 / rank for rank, document in enumerate(ranked[:cut], 1) if document in relevant), 0.0
    )


def recall(ranked: Sequence[str], relevant: frozenset[str], cut: int) -> float:
    """The share of the relevant documents that is among the first ``cut``."""
    return len(relevant.intersection(ranked[:cut])) / len(relevant) if relevant else 0.0


def _ask(engine: SearchEngine, judged: JudgedSet, depth: int, expander: Expander | None) -> Report:
    names = [document_id for document_id, _, _ in judged.documents]
    run: dict[str, tuple[Match, ...]] = {}
    seconds: list[float] = []
    measures: list[tuple[float, float, float, float]] = []
    for question, text in judged.questions.items():
        relevance = judged.judgements.get(question, {})
        relevant = frozenset(document for document, value in relevance.items() if value > 0)
        if not relevant:
            continue
        began = time.perf_counter()
        widening = expander.widening() if expander is not None else None
        found = engine.search(Question(understand(text, widening).node, limit=depth))
        seconds.append(time.perf_counter() - began)
        run[question] = tuple(
            Match(names[int(match.key.partition(":")[2])], match.score) for match in found.matches
        )
        ranked = [match.key for match in run[question]]
        measures.append(
            (
                ndcg(ranked, relevance, _CUT),
                reciprocal_rank(ranked, relevant, _CUT),
                recall(ranked, relevant, _CUT),
                recall(ranked, relevant, _DEEP_CUT),
            )
        )
    means = np.mean(measures, axis=0) if measures else np.zeros(4)
    p50, p95 = np.percentile(seconds, [50, 95]) * 1000 if seconds else (0.0, 0.0)
    return Report(
        documents=len(names),
        questions=len(run),
        ndcg_at_10=round(float(means[0]), 4),
        mrr_at_10=round(float(means[1]), 4),
        recall_at_10=round(float(means[2]), 4),
        recall_at_100=round(float(means[3]), 4),
        p50_ms=round(float(p50), 3),
        p95_ms=round(float(p95), 3),
        run=run,
    )


def _entries(judged: JudgedSet) -> Iterator[Entry]:
    for number, (_, title, text) in enumerate(judged.documents):
        language = "zh" if len(_HAN.findall(text)) > len(_LATIN_WORD.findall(text)) else "en"
        yield Entry(f"document:{number}", 1, "other", language, title, body=(text,))


def _rows(path: Path, *required: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise _bad(path, number, "JSON") from error
        if not isinstance(row, dict) or not all(name in row for name in required):
            raise _bad(path, number, f"an object with {', '.join(required)}")
        yield row


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as file:
            # Not splitlines(): texts may hold other line separators.
            yield from (line.rstrip("\n") for line in file if line.strip())
    except OSError as error:
        raise InvalidInput(field=str(path), reason=error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(field=str(path), reason="it is not UTF-8") from error


def _bad(path: Path, number: int, wanted: str) -> InvalidInput:
    return InvalidInput(field=f"{path}:{number}", reason=f"the line is not {wanted}")
