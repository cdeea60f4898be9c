"""`pmo check` finds what is wrong, says it plainly, and mends it without losing anything."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kb import open_kb
from kb.access import SYSTEM, Audience
from kb.checking_findings import Finding, left
from kb.config import Settings
from kb.documents import Original
from kb.drafts import Draft, Guess
from kb.knowledge_base import KnowledgeBase
from kb.search.answers import SearchRequest

BODIES = (
    "# 管廊 𠮷\n\n开工前探明旧管廊。",
    "# Cut-over\n\nRollback drill 🚀",
    "風險登記冊 register",
)


@pytest.fixture
def kb(data_folder: Path) -> Iterator[KnowledgeBase]:
    with open_kb(Settings(data_dir=data_folder)) as opened:
        for number, body in enumerate(BODIES):
            sha256, size = opened.files.keep(body.encode())
            opened.documents.store(
                SYSTEM,
                Draft(f"文 text {number}", body, "zh", Guess("summary"), "md"),
                place=f"/{number}.md",
                original=Original(sha256, size, f"{number}.md", "text/markdown"),
            )
        opened.indexing.catch_up()
        yield opened


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def original(kb: KnowledgeBase, document: int) -> Path:
    return Path(kb.documents.original(SYSTEM, document)[0])


def test_an_installation_in_order_has_nothing_to_find(kb: KnowledgeBase) -> None:
    assert kb.checkup.run() == []
    assert kb.checkup.run(mend=True) == []


def test_files_that_are_gone_or_damaged_are_named_with_what_they_belong_to(
    kb: KnowledgeBase,
) -> None:
    original(kb, 1).unlink()
    original(kb, 2).write_bytes(b"bit rot")
    found = kb.checkup.run(mend=True)
    assert codes(found) == ["file-missing", "file-damaged"]
    assert [str(each.data["things"]).split(",")[0] for each in found] == [
        "documents 1",
        "documents 2",
    ]
    assert left(found) == found
    assert codes(kb.checkup.run(read_files=False)) == ["file-missing"]


def test_files_that_belong_to_nothing_are_put_aside_unless_they_are_young(
    kb: KnowledgeBase,
) -> None:
    old, _ = kb.files.keep("谁的？ whose?".encode())
    kb.files.keep(b"an upload under way")
    half = kb.settings.files_dir / ".incoming-x"
    half.write_text("half")
    yesterday = time.time() - 25 * 3600
    for path in (kb.files.path(old), half):
        os.utime(path, (yesterday, yesterday))
    found = kb.checkup.run()
    assert codes(found) == ["file-orphaned", "file-half-written"]
    assert left(found) == []
    assert all(each.mended for each in kb.checkup.run(mend=True))
    aside = kb.settings.data_dir / "orphans" / old
    assert aside.read_bytes() == "谁的？ whose?".encode()
    assert not half.exists()
    assert kb.checkup.run() == []


def test_rows_that_name_nothing_are_taken_out_and_kept(kb: KnowledgeBase) -> None:
    with kb.database.unchecked() as connection:
        connection.execute(text("DELETE FROM documents WHERE id = 3"))
        connection.commit()
    found = kb.checkup.run()
    assert set(codes(found)) >= {"row-orphaned"}
    assert left(kb.checkup.run(mend=True)) == []
    (kept,) = (kb.settings.data_dir / "orphans").glob("rows-*.jsonl")
    rows = [json.loads(line) for line in kept.read_text(encoding="utf-8").splitlines()]
    assert {"document_versions", "document_sections"} <= {row["table"] for row in rows}
    assert "風險登記冊" in kept.read_text(encoding="utf-8") or "\\u98a8" in kept.read_text()
    assert "row-orphaned" not in codes(kb.checkup.run())


def _not_indexed(kb: KnowledgeBase) -> None:
    kb._engine.apply((), ["document:1"])


def _still_indexed(kb: KnowledgeBase) -> None:
    with kb.database.write() as session:
        session.execute(text("UPDATE documents SET state = 'draft' WHERE id = 2"))


def _made_confidential(kb: KnowledgeBase) -> None:
    from kb.models import audience_id_of

    with kb.database.write() as session:
        number = audience_id_of(session, Audience.parse("group:pmo"))
        session.execute(text("UPDATE documents SET audience_id = :n WHERE id = 3"), {"n": number})


@pytest.mark.parametrize(
    ("happens", "key", "word"),
    [
        (_not_indexed, "document:1", "does not hold"),
        (_still_indexed, "document:2", "not to be found"),
        (_made_confidential, "document:3", "as it was before"),
    ],
)
def test_an_index_that_drifted_is_found_and_mended(
    kb: KnowledgeBase, happens: Callable[[KnowledgeBase], None], key: str, word: str
) -> None:
    happens(kb)
    (found,) = kb.checkup.run()
    assert (found.code, found.data["key"], found.mended) == ("index-drift", key, False)
    assert word in found.told
    assert left(kb.checkup.run(mend=True)) == []
    assert kb.checkup.run() == []


def test_what_waits_for_the_index_is_no_drift(kb: KnowledgeBase) -> None:
    kb.documents.store(SYSTEM, Draft("新", "新", "zh", Guess("summary"), "md"), place="/new.md")
    assert kb.checkup.run() == []


def test_a_broken_index_is_rebuilt(kb: KnowledgeBase) -> None:
    for path in (kb.settings.index_dir / "main").rglob("*.arrays"):
        path.write_bytes(b"not an array")
    (kb.settings.index_dir / "main" / "CURRENT").write_text("index-none")
    kb._engine.close()
    assert codes(kb.checkup.run()) == ["index-unusable"]
    assert left(kb.checkup.run(mend=True)) == []
    assert kb.search(SYSTEM, SearchRequest(query="旧管廊")).total == 1


def test_a_log_that_was_tampered_with_is_told_and_never_mended(kb: KnowledgeBase) -> None:
    with kb.database.write() as session:
        session.execute(text("DROP TRIGGER audit_entries_stay"))
        session.execute(text("UPDATE audit_entries SET place = 'elsewhere' WHERE id = 2"))
    for mend in (True, False):
        (found,) = left(kb.checkup.run(mend=mend))
        assert (found.code, found.data["number"]) == ("audit-broken", 2)


def test_faults_of_the_set_up_are_told(kb: KnowledgeBase, tmp_path: Path) -> None:
    from kb.checking import set_up_faults

    kb.secret_key()
    (kb.settings.data_dir / "secret").chmod(0o644)
    settings = Settings(
        data_dir=kb.settings.data_dir,
        house_style=tmp_path / "无.docx",
    )
    assert codes(list(set_up_faults(settings, mend=True))) == [
        "secret-open",
        "not-there",
    ]
    assert codes(list(set_up_faults(kb.settings, mend=False))) == []
