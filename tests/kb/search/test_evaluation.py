"""Measuring: the formulas, the files, and the bars on judged sets where those are at hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import log2
from pathlib import Path

import pytest

from kb.errors import InvalidInput
from kb.search.evaluation import evaluate, load, ndcg, recall, reciprocal_rank, write_run

SETS = Path(__file__).parents[4] / "shared" / "data" / "retrieval"

# What plain words and pairs of characters reach on each set (nDCG@10), less half a point: a fall below is a mistake.
BARS = {
    "cmrc2018-zh": 0.987, "drcd-zhtw": 0.957, "xquad-zh": 0.965, "xquad-en": 0.969, "rgb-zh-news": 0.674,
    "domain-knownitem-zh": 0.592, "domain-knownitem-en": 0.660,
    "llis-knownitem-en": 0.840, "cranfield-en": 0.512, "cisi-en": 0.380,
}  # fmt: skip


def write_set(
    folder: Path, corpus: Sequence[object], queries: Sequence[object], qrels: str
) -> None:
    for name, rows in (("corpus", corpus), ("queries", queries)):
        text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(text + "\n", encoding="utf-8")
    (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    corpus = [
        {"id": "甲", "title": "变电站", "text": "供应商延期交货。"},
        {"id": "乙", "title": "", "text": "The supplier delivered late.\u2028Really."},
        {"id": "丙", "text": "食堂菜单"},
    ]
    queries = [
        {"id": "q1", "text": "供应商延期"},
        {"id": "q2", "text": "late supplier"},
        {"id": "q3", "text": "不判"},
    ]
    write_set(tmp_path, corpus, queries, "q1\t甲\t2\nq1\t丙\t0\nq2\t乙\t1\nq2\t甲\t1\nq9\t甲\t1\n")
    return tmp_path


def test_a_set_is_indexed_asked_and_measured(judged: Path) -> None:
    report = evaluate(judged)
    assert (report.documents, report.questions) == (3, 2)
    assert report.mrr_at_10 == 1.0
    assert report.recall_at_10 == 0.75
    assert report.ndcg_at_10 == round((1 + 1 / (1 + 1 / log2(3))) / 2, 4)
    assert 0 < report.p50_ms <= report.p95_ms
    assert report.run["q1"][0].key == "甲"


def test_a_run_is_written_as_trec_eval_reads_it(judged: Path, tmp_path: Path) -> None:
    report = evaluate(judged, depth=1)
    write_run(report, tmp_path / "run")
    lines = (tmp_path / "run").read_text(encoding="utf-8").splitlines()
    assert [line.split()[:4] for line in lines] == [
        ["q1", "Q0", "甲", "1"],
        ["q2", "Q0", "乙", "1"],
    ]
    assert all(float(line.split()[4]) > 0 for line in lines)


def test_the_measures_are_those_of_trec_eval() -> None:
    judged = {"a": 3, "b": 1, "c": 0, "d": 2}
    ranked = ["b", "c", "a", "x"]
    ideal = 3 + 2 / log2(3) + 1 / log2(4)
    assert ndcg(ranked, judged, 10) == pytest.approx((1 + 3 / log2(4)) / ideal)
    assert ndcg(ranked, judged, 1) == pytest.approx(1 / 3)
    assert ndcg(ranked, {}, 10) == 0
    relevant = frozenset("abd")
    assert reciprocal_rank(["c", "a"], relevant, 10) == 0.5
    assert reciprocal_rank(["c", "a"], relevant, 1) == 0
    assert recall(ranked, relevant, 10) == pytest.approx(2 / 3)
    assert recall([], frozenset(), 10) == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("corpus.jsonl", "{", "corpus.jsonl:1"),
        ("corpus.jsonl", '{"id": 1}', "corpus.jsonl:1"),
        ("queries.jsonl", "[]", "queries.jsonl:1"),
        ("qrels.tsv", "q1 甲 1", "qrels.tsv:1"),
        ("qrels.tsv", "q1\t甲\thigh", "qrels.tsv:1"),
    ],
)
def test_a_broken_line_is_named(judged: Path, name: str, content: str, said: str) -> None:
    (judged / name).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        load(judged)


def test_a_missing_file_is_named(judged: Path) -> None:
    (judged / "qrels.tsv").unlink()
    with pytest.raises(InvalidInput, match=r"qrels\.tsv"):
        load(judged)
    (judged / "corpus.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInput, match="UTF-8"):
        load(judged)


@pytest.mark.measure
@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", sorted(BARS))
def test_judged_sets_stay_above_their_bars(name: str) -> None:
    if not (SETS / name).is_dir():
        pytest.skip("the judged sets are not here")
    assert evaluate(SETS / name).ndcg_at_10 >= BARS[name]
