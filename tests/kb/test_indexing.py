"""The index catches up with the change log: soon, whole, once, whatever happens in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from kb.access import SYSTEM
from kb.database import Database
from kb.document_things import DocumentThings
from kb.documents import Documents
from kb.drafts import Draft, Guess
from kb.errors import SearchUnavailable
from kb.files import FileStore
from kb.glossary import Glossary
from kb.indexing import BATCH, Indexing
from kb.models import Change, Document, DocumentSection, record_change
from kb.search import whoosh_store
from kb.search.engine import IndexBusy, Question
from kb.search.language import understand
from kb.search.latent import LEAST_THINGS, LatentModel
from kb.search.lexicon import CurrentLexicon
from kb.search.whoosh_engine import WhooshEngine

SOURCES = (DocumentThings(),)
ROOT = Path(__file__).parents[2]


class Place:
    """A database, an index and what brings the one into the other."""

    def __init__(self, database: Database, files: FileStore, folder: Path) -> None:
        self.database = database
        self.folder = folder / "search"
        self.engine = WhooshEngine(self.folder, 1 << 20)
        self.indexing = Indexing(database, self.engine, CurrentLexicon(Glossary(database)), SOURCES)
        self.documents = Documents(database, files)

    def store(self, number: int, body: str = "供应商延期 supplier") -> int:
        draft = Draft(
            title=f"第{number}号 report",
            body=body,
            language="zh",
            kind=Guess("lesson"),
            format="md",
        )
        return self.documents.store(SYSTEM, draft, place=f"/notes/{number}.md").document_id


@pytest.fixture
def place(database: Database, files: FileStore, tmp_path: Path) -> Iterator[Place]:
    made = Place(database, files, tmp_path)
    yield made
    made.engine.close()


def found(engine: WhooshEngine, text: str = "") -> set[int]:
    answer = engine.search(Question(understand(text).node, limit=10_000))
    return {int(match.key.partition(":")[2]) for match in answer.matches}


def test_the_first_catching_up_makes_the_index(place: Place) -> None:
    number = place.store(1)
    assert place.indexing.pending == 1
    assert place.indexing.catch_up() == 1
    assert place.indexing.pending == 0
    assert found(place.engine, "供应商") == {number}
    assert place.indexing.catch_up() == 0


def test_an_empty_installation_has_an_empty_index(place: Place) -> None:
    assert place.indexing.catch_up() == 0
    assert found(place.engine) == set()
    assert place.engine.state().rebuild_reason == ""


def test_new_changed_hidden_and_deleted_documents(place: Place) -> None:
    place.indexing.catch_up()
    one, two, three = (place.store(number) for number in (1, 2, 3))
    place.indexing.catch_up()
    assert found(place.engine) == {one, two, three}
    with place.database.write() as session:
        session.execute(
            update(DocumentSection)
            .where(DocumentSection.document_id == one)
            .values(text="全新内容")
        )
        session.execute(update(Document).where(Document.id == two).values(state="draft"))
        session.execute(delete(DocumentSection).where(DocumentSection.document_id == three))
        session.execute(delete(Change))
        for number in (one, two):
            record_change(session, SYSTEM, "document", number, "changed")
        # A key the index never saw: nothing to remove, no error.
        record_change(session, SYSTEM, "document", 4040, "removed")
    assert place.indexing.catch_up() == 3
    assert found(place.engine) == {one, three}
    assert found(place.engine, '"全新内容"') == {one}
    assert place.indexing.pending == 0


def test_everything_about_a_document_can_be_asked_for(place: Place) -> None:
    draft = Draft(
        title="管廊探测", body="引子\n\n## 建议\n\n用探地雷达。", language="zh", kind=Guess("lesson"), format="md",
        project_code="CL-2018-007", project_name="湘江净水厂", authors=("李娜", "Wang Wei"), tags=("管廊", "GPR"),
    )  # fmt: skip
    number = place.documents.store(SYSTEM, draft, place="/a.md").document_id
    place.indexing.catch_up()
    for text in (
        "title:管廊",
        "探地雷达",
        '"建议"',
        "项目:净水厂",
        "project:cl-2018",
        "作者:李娜",
        "author:wang",
        "标签:gpr",
        "类型:教训",
        "语言:中文",
    ):
        assert found(place.engine, text) == {number}, text


def test_more_changes_than_one_batch(place: Place) -> None:
    place.indexing.catch_up()
    number = place.store(1)
    with place.database.write() as session:
        for _ in range(2 * BATCH):
            record_change(session, SYSTEM, "document", number, "changed")
    assert place.indexing.catch_up() == 2 * BATCH + 1
    assert place.indexing.pending == 0
    assert found(place.engine) == {number}


def test_while_another_process_writes_changes_stay_open(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.indexing.catch_up()
    number = place.store(1)
    monkeypatch.setattr(whoosh_store, "LOCK_SECONDS", 0.1)
    with whoosh_store.IndexFolder(place.folder).writing():
        assert place.indexing.catch_up() == 0
        assert place.indexing.pending == 1
        with pytest.raises(IndexBusy):
            place.indexing.rebuild()
    assert place.indexing.catch_up() == 1
    assert found(place.engine) == {number}


def test_a_rebuild_takes_in_what_changes_meanwhile(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place.store(1)
    place.indexing.catch_up()
    rebuild = place.engine.rebuild
    late: list[int] = []

    def slowly(entries: object) -> None:
        rebuild(entries)  # type: ignore[arg-type]
        late.append(place.store(2, "迟到的文档"))
        assert found(place.engine) == {first}

    monkeypatch.setattr(place.engine, "rebuild", slowly)
    assert place.indexing.rebuild() == 2
    assert found(place.engine) == {first, *late}
    assert place.indexing.pending == 0


def test_a_damaged_index_is_rebuilt_by_itself(place: Place) -> None:
    number = place.store(1)
    place.indexing.catch_up()
    (place.folder / "CURRENT").unlink()
    place.engine.close()
    with pytest.raises(SearchUnavailable):
        found(place.engine)
    place.indexing.catch_up()
    assert found(place.engine, "供应商") == {number}


def test_in_the_background_a_change_is_found_within_a_second_or_two(place: Place) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=place.indexing.run, args=(stop,))
    thread.start()
    try:
        began = time.monotonic()
        number = place.store(1, "刚刚写下")
        while time.monotonic() - began < 10:
            try:
                if found(place.engine, '"刚刚写下"') == {number}:
                    break
            except SearchUnavailable:
                pass
            time.sleep(0.02)
        else:
            pytest.fail("not found within ten seconds")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def test_in_the_background_it_is_learned_which_words_belong_together(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.indexing.TIDY_SECONDS", 0.05)
    place.indexing.catch_up()  # makes the index; what comes later comes in batches
    matters = ("变电站 主变 间隔 投运", "supplier penalty contract delivery")
    for number in range(LEAST_THINGS):
        words = matters[number % 2].split()
        place.store(number, f"{words[number // 2 % 4]} {words[number // 3 % 4]}")
    place.indexing.catch_up()
    assert not list(place.folder.glob("index-*/latent.arrays"))
    stop = threading.Event()
    background = threading.Thread(target=place.indexing.run, args=(stop,))
    background.start()
    try:
        until = time.monotonic() + 30
        while not list(place.folder.glob("index-*/latent.arrays")):
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        stop.set()
        background.join()
    place.indexing.rebuild()
    [model] = place.folder.glob("index-*/latent.arrays")
    assert LatentModel.read(model).things == LEAST_THINGS


def test_the_background_outlives_failures(
    place: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failures = 0
    catch_up = place.indexing.catch_up

    def failing() -> int:
        nonlocal failures
        failures += 1
        if failures < 3:
            raise SearchUnavailable(reason="the disk is full")
        return catch_up()

    monkeypatch.setattr("kb.indexing.RETRY_SECONDS", 0.01)
    monkeypatch.setattr(place.indexing, "catch_up", failing)
    number = place.store(1)
    stop = threading.Event()
    thread = threading.Thread(target=place.indexing.run, args=(stop,))
    thread.start()
    began = time.monotonic()
    while place.indexing.pending and time.monotonic() - began < 10:
        time.sleep(0.02)
    stop.set()
    thread.join(10)
    assert found(place.engine) == {number}
    assert "the disk is full" in caplog.text


WORKER = """
import sys
from kb.access import SYSTEM
from kb.database import Database
from kb.glossary import Glossary
from kb.document_things import DocumentThings
from kb.indexing import Indexing
from kb.models import record_change
from kb.search.lexicon import CurrentLexicon
from kb.search.whoosh_engine import WhooshEngine
from pathlib import Path

database = Database(sys.argv[1])
lexicon = CurrentLexicon(Glossary(database))
indexing = Indexing(database, WhooshEngine(Path(sys.argv[2]), 1 << 20), lexicon, [DocumentThings()])
print("ready", flush=True)
while True:
    indexing.catch_up()
    if len(sys.argv) > 3:
        indexing.rebuild()
"""


@pytest.mark.slow
def test_killed_at_any_moment_every_document_is_found_once_after_the_restart(place: Place) -> None:
    known: set[int] = set()
    for attempt in range(10):
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            WORKER,
            place.database.url,
            str(place.folder),
            *(["rebuild"] if attempt % 3 == 2 else []),
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as worker:
            assert worker.stdout is not None
            worker.stdout.readline()
            for number in range(8):
                known.add(place.store(attempt * 8 + number))
                if number % 3 == 0:
                    with place.database.write() as session:
                        record_change(session, SYSTEM, "document", min(known), "changed")
            time.sleep(0.011 * attempt)
            os.kill(worker.pid, signal.SIGKILL)
    place.indexing.catch_up()
    assert place.indexing.pending == 0
    answer = place.engine.search(Question(limit=10_000))
    assert sorted(match.key for match in answer.matches) == sorted(
        f"document:{number}" for number in known
    )
    with place.database.read() as session:
        assert set(session.scalars(select(Document.id))) == known


@pytest.mark.slow
def test_two_processes_that_index_at_once_leave_the_newest_state(place: Place) -> None:
    command = [sys.executable, "-W", "ignore", "-c", WORKER, place.database.url, str(place.folder)]
    workers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)
    ]
    try:
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()
        number = place.store(1)
        for version in range(40):
            with place.database.write() as session:
                session.execute(
                    update(DocumentSection)
                    .where(DocumentSection.document_id == number)
                    .values(text=f"版本{version}。")
                )
                record_change(session, SYSTEM, "document", number, "changed")
        began = time.monotonic()
        while place.indexing.pending and time.monotonic() - began < 60:
            time.sleep(0.05)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
            assert worker.stdout is not None
            worker.stdout.close()
    assert found(place.engine, '"版本39"') == {number}
    assert found(place.engine, '"版本38"') == set()
