"""A change is found soon, however many search meanwhile; how soon, tests/bench/serving.py says."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from sqlalchemy import update

from kb.access import SYSTEM
from kb.database import Database
from kb.document_things import DocumentThings
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.files import FileStore
from kb.glossary import Glossary
from kb.indexing import Indexing
from kb.models import DocumentSection, record_change
from kb.search.engine import Question
from kb.search.language import understand
from kb.search.lexicon import CurrentLexicon
from kb.search.whoosh_engine import WhooshEngine

CLIENTS = 8
# Not a measurement: without an end a failure would hang.
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.02  # of a client between two questions


def test_a_changed_document_is_found_by_its_new_words_while_eight_clients_search(
    database: Database, files: FileStore, tmp_path: Path
) -> None:
    engine = WhooshEngine(tmp_path / "search", 1 << 20)
    indexing = Indexing(database, engine, CurrentLexicon(Glossary(database)), (DocumentThings(),))
    documents = Documents(database, files)
    for number in range(10):
        draft = Draft(
            title=f"第{number}号 report",
            body="# 供应商延期\n\nsupplier delays",
            language="zh",
            kind=Guess("lesson"),
            format="md",
        )
        documents.store(SYSTEM, draft, place=f"/notes/{number}.md")
    indexing.catch_up()
    stop = threading.Event()
    failures: list[BaseException] = []

    def found(text: str) -> list[str]:
        question = Question(understand(text).node, facets=("kind", "tag"))
        return [match.key for match in engine.search(question).matches]

    def search() -> None:
        try:
            while not stop.is_set():
                assert len(found("供应商 supplier")) >= 9
                time.sleep(_PAUSE_SECONDS)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(CLIENTS)]
    threads.append(threading.Thread(target=indexing.run, args=(stop,)))
    for thread in threads:
        thread.start()
    try:
        with database.write() as session:
            session.execute(
                update(DocumentSection)
                .where(DocumentSection.document_id == 3)
                .values(text="zq7新词")
            )
            record_change(session, SYSTEM, "document", 3, "store")
        end = time.monotonic() + _PATIENCE_SECONDS
        while not (keys := found('"zq7新词"')):
            assert time.monotonic() < end, "the change is not found"
            time.sleep(_PAUSE_SECONDS)
        assert keys == ["document:3"]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        engine.close()
    assert failures == []
