"""Runs made by several processes are those that one process makes, whatever happens to the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.search import analysis, run_building, run_making
from kb.search.engine import Entry, Question
from kb.search.query import Bag, Slot, Term
from kb.search.run_making import made_runs
from kb.search.whoosh_engine import WhooshEngine

TEXTS = ("供应商延期 supplier delays", "验收标准：𠮷 😀", "Chengling 澄岭项目管理方法", "")


def entries(count: int) -> Iterator[Entry]:
    for number in range(count):
        text = f"{TEXTS[number % len(TEXTS)]} x{number}"
        yield Entry(f"document:{number}", 1, "lesson", "zh", f"第{number}号", body=(text,))


@pytest.fixture
def small_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_building, "RUN_ENTRIES", 7)


@pytest.fixture
def own_words() -> Iterator[None]:
    analysis.use_words(["澄岭项目管理方法"])
    yield
    analysis.use_words([])


@pytest.mark.usefixtures("small_runs", "own_words")
def test_two_processes_make_the_same_runs_as_one_with_the_words_of_the_glossary(
    tmp_path: Path,
) -> None:
    found = {}
    for processes in (1, 2):
        folder = tmp_path / str(processes)
        folder.mkdir()
        runs = list(made_runs(entries(60), folder, processes))
        found[processes] = [(run.things, run.path.read_bytes()) for run in runs]
    assert found[1] == found[2]
    assert sum(things for things, _ in found[1]) == 60
    assert "澄岭项目管理方法".encode() in found[2][0][1]


@pytest.mark.usefixtures("small_runs")
def test_what_a_process_that_was_killed_should_have_done_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    build = run_making._Worker.build

    def dying(worker: run_making._Worker, given: list[Entry], path: Path) -> bool:
        if path.name == "3.run":
            worker.process.kill()
        return build(worker, given, path)

    monkeypatch.setattr(run_making._Worker, "build", dying)
    with caplog.at_level(logging.WARNING):
        runs = list(made_runs(entries(60), tmp_path, 2))
    assert sum(run.things for run in runs) == 60
    assert all(run.path.is_file() for run in runs)
    assert "ended" in caplog.text


@pytest.mark.usefixtures("small_runs")
def test_entries_that_cannot_be_read_end_the_processes_and_are_told(tmp_path: Path) -> None:
    def breaking() -> Iterator[Entry]:
        yield from entries(60)
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="gone"):
        list(made_runs(breaking(), tmp_path, 2))


def test_few_entries_start_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_making, "_Workers", None)
    assert [run.things for run in made_runs(entries(20), tmp_path, 2)] == [20]
    assert list(made_runs(iter(()), tmp_path, 2)) == []


@pytest.mark.usefixtures("small_runs")
def test_a_long_text_has_a_run_of_its_own_and_a_large_batch_is_one_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_building, "RUN_CHARS", 100)
    engine = WhooshEngine(tmp_path / "index", 1 << 20)
    long = Entry("document:99", 1, "lesson", "zh", "长", body=("供应商延期 " * 100,))
    engine.rebuild([*entries(5), long])
    before = engine.state().generation
    engine.apply([*entries(30), long], [])
    assert engine.state().generation == before + 1
    found = engine.search(Question(Bag((Slot((Term("words", "供应商"),)),)), limit=100))
    assert found.total == 9
    assert engine.state().documents == 31
    engine.close()
