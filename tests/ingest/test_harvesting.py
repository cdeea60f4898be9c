from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.harvesting import Reharvest
from ingest.workers import PoolClosed, ReadingPool
from kb import open_kb
from kb.access import SYSTEM
from kb.candidates import CandidateFilter
from kb.config import Settings
from kb.importing_rules import Overrides
from kb.knowledge_base import KnowledgeBase
from tests.ingest.import_runs import hostile_pool, run

REPORT = """# 北岸水厂总结 Closing report

## 经验教训

- 第二货源要早定，否则停工七天。
- Test the rollback before the cut-over.
"""


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        yield opened


@pytest.fixture
def pool(kb: KnowledgeBase) -> Iterator[ReadingPool]:
    with hostile_pool(kb.settings.data_dir / "tmp", count=1, seconds=20) as opened:
        yield opened


def store(kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path, kind: str) -> int:
    """The document of one report, imported as this kind."""
    file = tmp_path / "总结.md"
    file.write_text(REPORT, encoding="utf-8")
    job = kb.imports.create(SYSTEM, sources=[str(file)], kind=kind)
    run(kb, job, pool)
    [item] = kb.imports.all_items(SYSTEM, job)
    assert item.document_id is not None
    return item.document_id


def waiting(kb: KnowledgeBase) -> set[str]:
    return {
        found.what_happened or found.title
        for found in kb.candidates.queue(SYSTEM, CandidateFilter())[0]
    }


def test_what_was_imported_is_not_searched_a_second_time(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    store(kb, pool, tmp_path, "summary")
    assert kb.harvests.due(10) == []
    assert Reharvest(kb.harvests, pool).look() == 0


@pytest.mark.parametrize("kind", ["template", "training"])
def test_a_report_taken_for_something_else_gives_its_lessons_once_its_kind_is_corrected(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path, kind: str
) -> None:
    document = store(kb, pool, tmp_path, kind)
    again = Reharvest(kb.harvests, pool)
    assert again.look() == 0
    assert waiting(kb) == set()
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="summary"))
    assert again.look() == 1
    assert len(waiting(kb)) == 2
    assert any("第二货源要早定" in words for words in waiting(kb))
    assert again.look() == 0


def test_a_template_taken_for_a_report_loses_the_lessons_that_nobody_decided_on(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    document = store(kb, pool, tmp_path, "summary")
    kept, _ = kb.candidates.queue(SYSTEM, CandidateFilter())[0]
    kb.candidates.decide(SYSTEM, kept.id, "kept")
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="template"))
    assert Reharvest(kb.harvests, pool).look() == 1
    counts = kb.candidates.counts(SYSTEM, CandidateFilter())
    assert (counts["waiting"], counts["kept"], counts["gone"]) == (0, 1, 1)


def test_a_document_that_cannot_be_searched_keeps_its_lessons_and_holds_nothing_up(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = store(kb, pool, tmp_path, "summary")
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="report"))
    monkeypatch.setattr("ingest.reading._EXAMINING", "no_such_module")
    assert Reharvest(kb.harvests, pool).look() == 1
    assert len(waiting(kb)) == 2
    assert kb.harvests.due(10) == []


def test_a_change_made_meanwhile_is_not_lost(
    kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path
) -> None:
    document = store(kb, pool, tmp_path, "summary")
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="template"))
    [due] = kb.harvests.due(10)
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="training"))
    kb.harvests.record(due, [])
    assert len(waiting(kb)) == 2
    assert [each.kind for each in kb.harvests.due(10)] == ["training"]


def test_a_closed_pool_loses_nothing(kb: KnowledgeBase, pool: ReadingPool, tmp_path: Path) -> None:
    document = store(kb, pool, tmp_path, "template")
    kb.publishing.correct(SYSTEM, [document], Overrides(kind="summary"))
    pool.close()
    with pytest.raises(PoolClosed):
        Reharvest(kb.harvests, pool).look()
    assert len(kb.harvests.due(10)) == 1
