"""A change is found soon, however many search meanwhile; how soon, tests/bench/serving.py says."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy import update

from kb import open_kb
from kb.access import SYSTEM, Role, anonymous
from kb.config import Settings
from kb.drafts import Draft, Guess
from kb.models import DocumentSection, record_change
from kb.search.answers import SearchRequest

READER = anonymous(Role.READER)
CLIENTS = 8
# Not a measurement: without an end a failure would hang.
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.05  # of a client between two questions


def test_a_changed_document_is_found_by_its_new_words_while_eight_clients_search(
    tmp_path: Path,
) -> None:
    with open_kb(Settings(data_dir=tmp_path)) as kb:
        for number in range(10):
            draft = Draft(
                title=f"第{number}号 report",
                body="# 供应商延期\n\nsupplier delays",
                language="zh",
                kind=Guess("lesson"),
                format="md",
            )
            kb.documents.store(SYSTEM, draft, place=f"/notes/{number}.md")
        kb.indexing.catch_up()
        stop = threading.Event()
        failures: list[BaseException] = []

        def search() -> None:
            try:
                while not stop.is_set():
                    assert kb.search(READER, SearchRequest(query="供应商 supplier")).total >= 9
                    time.sleep(_PAUSE_SECONDS)
            except BaseException as error:  # noqa: BLE001
                failures.append(error)

        threads = [threading.Thread(target=search) for _ in range(CLIENTS)]
        threads.append(threading.Thread(target=kb.indexing.run, args=(stop,)))
        for thread in threads:
            thread.start()
        try:
            with kb.database.write() as session:
                session.execute(
                    update(DocumentSection)
                    .where(DocumentSection.document_id == 3)
                    .values(text="zq7新词")
                )
                record_change(session, SYSTEM, "document", 3, "store")
            end = time.monotonic() + _PATIENCE_SECONDS
            while not (hits := kb.search(READER, SearchRequest(query='"zq7新词"')).hits):
                assert time.monotonic() < end, "the change is not found"
                time.sleep(_PAUSE_SECONDS)
            assert [hit.id for hit in hits] == [3]
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert failures == []
