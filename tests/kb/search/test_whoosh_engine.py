"""What only an engine on files must keep: crashes, several processes and threads, damage, old versions, merging."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.errors import SearchUnavailable
from kb.search import whoosh_merging, whoosh_snapshot, whoosh_store
from kb.search.engine import Entry, IndexBusy, Question
from kb.search.whoosh_engine import WhooshEngine
from kb.search.whoosh_merging import (
    DELETED_SHARE,
    MERGE_FACTOR,
    MERGE_LARGEST,
    MOST_SEGMENTS,
    SegmentSize,
    choose,
)
from kb.search.whoosh_snapshot import PostingCache, Postings
from kb.search.wording import bag

ROOT = Path(__file__).parents[3]


def entry(number: int, text: str = "供应商延期 supplier") -> Entry:
    return Entry(f"document:{number}", 1, "lesson", "zh", f"第{number}号", body=(text,))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[WhooshEngine]:
    made = WhooshEngine(tmp_path / "index", 1 << 20)
    made.rebuild([])
    yield made
    made.close()


def keys(engine: WhooshEngine, text: str = "") -> set[str]:
    question = Question(bag(text), limit=10_000) if text else Question(limit=10_000)
    return {match.key for match in engine.search(question).matches}


def test_nothing_is_made_before_the_first_use(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index", 0)
    assert engine.state().rebuild_reason == "there is no index yet"
    with pytest.raises(SearchUnavailable):
        engine.search(Question())
    with pytest.raises(SearchUnavailable):
        engine.apply([entry(1)], [])
    assert engine.tidy() is False
    engine.rebuild([entry(1)])
    assert keys(engine) == {"document:1"}
    engine.close()


def test_what_was_applied_is_there_after_opening_again(tmp_path: Path) -> None:
    first = WhooshEngine(tmp_path / "index", 1 << 20)
    first.rebuild([entry(1)])
    first.apply([entry(2)], [])
    first.close()
    first.close()
    again = WhooshEngine(tmp_path / "index", 1 << 20)
    assert keys(again) == {"document:1", "document:2"}
    again.close()


def test_a_reader_in_another_object_sees_changes_and_rebuilds_without_being_told(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    reader = WhooshEngine(tmp_path / "index", 1 << 20)
    for number in range(5):
        engine.apply([entry(number)], [])
        assert len(keys(reader, "供应商")) == number + 1
    engine.rebuild([entry(99)])
    assert keys(reader) == {"document:99"}
    engine.apply([], ["document:99"])
    assert keys(reader) == set()
    reader.close()


def test_only_one_process_writes(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import sys, time, pathlib\n"
        "from kb.search.whoosh_store import IndexFolder\n"
        "with IndexFolder(pathlib.Path(sys.argv[1])).writing():\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code, str(tmp_path / "index")],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        monkeypatch.setattr(whoosh_store, "LOCK_SECONDS", 0.2)
        with pytest.raises(IndexBusy):
            engine.apply([entry(1)], [])
        with pytest.raises(IndexBusy):
            engine.rebuild([])
        assert engine.tidy() is False
        assert keys(engine) == set()  # readers do not wait
        other.kill()
    engine.apply([entry(1)], [])  # the lock died with its holder
    assert keys(engine) == {"document:1"}


KILLED = """
import pathlib, sys
from kb.search.engine import Entry
from kb.search.whoosh_engine import WhooshEngine

def entries(first, end):
    for number in range(first, end):
        yield Entry(f"document:{number}", 1, "lesson", "zh", "标题", body=(f"第{number}号 供应商 " * 30,))

engine = WhooshEngine(pathlib.Path(sys.argv[1]), 1 << 20)
batch = int(sys.argv[2])
while True:
    engine.apply(entries(batch * 10, batch * 10 + 10), [])
    print(batch, flush=True)
    engine.tidy()
    if batch % 7 == 6:
        engine.rebuild(entries(0, batch * 10 + 10))
    batch += 1
"""


@pytest.mark.slow
def test_killed_at_any_moment_a_batch_is_there_whole_or_not_at_all(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    said = -1
    for attempt in range(12):
        with subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", KILLED, str(tmp_path / "index"), str(said + 1)],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            said = int(process.stdout.readline())  # it is running now
            time.sleep(0.013 * attempt * attempt % 0.3)
            os.kill(process.pid, signal.SIGKILL)
            said = max([said, *map(int, process.stdout.read().split())])
        assert engine.state().rebuild_reason == ""
        found = keys(engine)
        assert len(found) % 10 == 0
        assert len(found) >= 10 * (said + 1), "a batch that was said to be applied is gone"
        assert found == {f"document:{number}" for number in range(len(found))}
        assert engine.search(Question(bag("供应商"), limit=1)).total == len(found)
        said = len(found) // 10 - 1
    left = [path.name for path in (tmp_path / "index").glob("index-*")]
    engine.rebuild([entry(1)])
    engine.tidy()
    assert len(list((tmp_path / "index").glob("index-*"))) <= len(left)


def test_searches_run_while_a_writer_writes_merges_and_rebuilds(engine: WhooshEngine) -> None:
    engine.apply([entry(number) for number in range(20)], [])
    stop = threading.Event()
    failures: list[BaseException] = []

    def search() -> None:
        try:
            while not stop.is_set():
                found = engine.search(
                    Question(bag("供应商 supplier"), facets=("kind",), limit=1000)
                )
                assert found.total == len(found.matches) >= 20
                assert dict(found.facets["kind"])["lesson"] == found.total
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for round_ in range(12):
        engine.apply([entry(number) for number in range(round_ * 5, round_ * 5 + 30)], [])
        engine.tidy()
        if round_ % 5 == 4:
            engine.rebuild([entry(number) for number in range(25)])
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


def test_closing_lets_running_searches_end_and_the_next_question_opens_again(
    engine: WhooshEngine,
) -> None:
    engine.apply([entry(1)], [])
    with engine._reading() as snapshot:
        engine.close()
        engine.rebuild([entry(2)])  # removes the files that the search is reading
        assert len(snapshot.postings("words", "supplier").ids) == 1
    assert keys(engine) == {"document:2"}


def test_what_is_written_while_segments_are_merged_is_kept(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MERGE_FACTOR):
        engine.apply([entry(number), entry(100 + number)], [])
    engine.apply([], ["document:100"])
    merge_beside = whoosh_merging._merge_beside

    def slowly(*arguments: object) -> object:
        merged = merge_beside(*arguments)  # type: ignore[arg-type]
        engine.apply([entry(3, "改过的内容"), entry(500)], ["document:5", "document:101"])
        return merged

    monkeypatch.setattr(whoosh_merging, "_merge_beside", slowly)
    before = len(whoosh_merging.sizes(next((tmp_path / "index").glob("index-*"))))
    assert engine.tidy() is True
    assert len(whoosh_merging.sizes(next((tmp_path / "index").glob("index-*")))) < before
    expected = {f"document:{n}" for n in (*range(8), *range(100, 108), 500)} - {
        "document:5",
        "document:100",
        "document:101",
    }
    assert keys(engine) == expected
    assert keys(engine, "改过") == {"document:3"}
    assert keys(engine, "供应商") == expected - {"document:3"}


def test_a_merge_gives_up_when_the_index_was_rebuilt_meanwhile(
    engine: WhooshEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MERGE_FACTOR):
        engine.apply([entry(number)], [])
    merge_beside = whoosh_merging._merge_beside

    def slowly(*arguments: object) -> object:
        merged = merge_beside(*arguments)  # type: ignore[arg-type]
        engine.rebuild([entry(77)])
        return merged

    monkeypatch.setattr(whoosh_merging, "_merge_beside", slowly)
    assert engine.tidy() is False
    assert keys(engine) == {"document:77"}


def test_tidying_ends_and_leaves_few_segments(engine: WhooshEngine, tmp_path: Path) -> None:
    for number in range(70):
        engine.apply([entry(number % 40)], [])
    rounds = 0
    while engine.tidy():
        rounds += 1
        assert rounds < 100
    assert len(whoosh_merging.sizes(next((tmp_path / "index").glob("index-*")))) <= 2 * MERGE_FACTOR
    assert len(keys(engine, "供应商")) == 40


def test_a_long_import_makes_no_hundreds_of_segments_though_nobody_tidies(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    most = 0
    for number in range(3 * MOST_SEGMENTS):
        engine.apply([entry(number), entry(number // 2)], [])
        most = max(most, len(whoosh_merging.sizes(current(tmp_path / "index"))))
    assert most <= MOST_SEGMENTS + 1
    assert len(keys(engine, "供应商")) == 3 * MOST_SEGMENTS


@pytest.mark.parametrize(
    ("segments", "chosen"),
    [
        ([], 0),
        ([(10, 0)] * (MERGE_FACTOR - 1), 0),
        ([(10, 0)] * MERGE_FACTOR, MERGE_FACTOR),
        ([(10, 0)] * 3 + [(1000, 0)] * MERGE_FACTOR, MERGE_FACTOR),
        ([(MERGE_LARGEST + 1, 0)] * MERGE_FACTOR, 0),
        ([(100, int(100 * DELETED_SHARE) + 1)], 1),
        ([(10, 9)], 0),
        ([(5, 5)], 1),
    ],
)
def test_segments_of_one_size_are_merged_and_mostly_deleted_ones_rewritten(
    segments: list[tuple[int, int]], chosen: int
) -> None:
    sizes = [SegmentSize(f"s{n}", things, deleted) for n, (things, deleted) in enumerate(segments)]
    assert len(choose(sizes)) == chosen


def current(folder: Path) -> Path:
    return folder / (folder / "CURRENT").read_text()


def test_an_index_of_another_analysis_answers_until_it_is_rebuilt_but_takes_nothing(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    engine.apply([entry(1)], [])
    stamp = current(tmp_path / "index") / "stamp.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "analysis": "0"}))
    assert "another version" in engine.state().rebuild_reason
    assert keys(engine) == {"document:1"}
    with pytest.raises(SearchUnavailable):
        engine.apply([entry(2)], [])
    engine.rebuild([entry(2)])
    assert engine.state().rebuild_reason == ""
    assert keys(engine) == {"document:2"}


def test_an_index_of_another_schema_is_not_read(engine: WhooshEngine, tmp_path: Path) -> None:
    engine.close()
    stamp = current(tmp_path / "index") / "stamp.json"
    stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "schema": "0"}))
    assert "another version" in engine.state().rebuild_reason
    with pytest.raises(SearchUnavailable):
        engine.search(Question())
    engine.rebuild([entry(3)])
    assert keys(engine) == {"document:3"}


# Whoosh leaves the files of an index that it cannot read to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "damage", ["toc", "arrays-gone", "arrays-cut", "pointer", "folder", "stamp"]
)
def test_a_damaged_index_says_so_and_is_whole_again_after_a_rebuild(
    engine: WhooshEngine, tmp_path: Path, damage: str
) -> None:
    engine.apply([entry(number) for number in range(50)], [])
    engine.close()
    folder = tmp_path / "index"
    index = current(folder)
    arrays = next(index.glob("*.arrays"))
    match damage:
        case "toc":
            next(index.glob("_main_*.toc")).write_bytes(b"nonsense")
        case "arrays-gone":
            arrays.unlink()
        case "arrays-cut":
            arrays.write_bytes(arrays.read_bytes()[: arrays.stat().st_size // 2])
        case "pointer":
            (folder / "CURRENT").write_bytes(b"\xff../../etc")
        case "folder":
            shutil.rmtree(index)
        case "stamp":
            (index / "stamp.json").unlink()
    with pytest.raises(SearchUnavailable):
        engine.search(Question(bag("供应商 supplier")))
    assert engine.state().rebuild_reason
    with pytest.raises(SearchUnavailable):
        engine.apply([entry(1)], [])
    engine.rebuild([entry(1)])
    assert engine.state().rebuild_reason == ""
    assert keys(engine, "供应商") == {"document:1"}
    gc.collect()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_damaged_keys_are_found_by_the_next_change_while_questions_are_still_answered(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    engine.apply([entry(number) for number in range(50)], [])
    for path in current(tmp_path / "index").glob("*.trm"):
        path.write_bytes(b"\xaa" * path.stat().st_size)
    assert len(keys(engine)) == 50
    with pytest.raises(SearchUnavailable):
        engine.apply([entry(1)], [])
    assert engine.state().rebuild_reason
    engine.rebuild([entry(1)])
    assert keys(engine, "供应商") == {"document:1"}
    gc.collect()


def test_a_single_wrong_byte_is_found_while_tidying(engine: WhooshEngine, tmp_path: Path) -> None:
    engine.apply([entry(number) for number in range(50)], [])
    engine.tidy()
    engine.close()
    arrays = next(current(tmp_path / "index").glob("*.arrays"))
    content = bytearray(arrays.read_bytes())
    content[len(content) // 3] ^= 1
    arrays.write_bytes(content)
    again = WhooshEngine(tmp_path / "index", 1 << 20)
    assert again.state().rebuild_reason == ""
    assert again.tidy() is False
    assert "damaged" in again.state().rebuild_reason
    again.close()


def test_a_rebuild_that_fails_leaves_the_old_index_in_use(
    engine: WhooshEngine, tmp_path: Path
) -> None:
    engine.apply([entry(1)], [])

    def breaking() -> Iterator[Entry]:
        yield entry(2)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        engine.rebuild(breaking())
    assert keys(engine) == {"document:1"}
    engine.apply([entry(3)], [])
    assert keys(engine) == {"document:1", "document:3"}


def test_a_folder_that_cannot_be_made_is_an_error_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    engine = WhooshEngine(tmp_path / "file" / "index", 0)
    with pytest.raises(SearchUnavailable):
        engine.rebuild([])
    assert engine.state().rebuild_reason


def test_the_cache_of_postings_keeps_its_limit() -> None:
    import numpy as np

    cache = PostingCache(10_000)
    for number in range(100):
        cache.put(number, Postings(np.zeros(100, np.int32), np.zeros(100, np.float32)))
        assert cache.bytes <= 10_000
    assert cache.get(99) is not None
    assert cache.get(0) is None
    nothing = PostingCache(0)
    nothing.put(1, Postings(np.zeros(1, np.int32), np.zeros(1, np.float32)))
    assert nothing.get(1) is None


@pytest.mark.parametrize("word", ["supplier", "供应商"])
def test_where_a_word_stands_that_very_many_things_hold_is_not_looked_up(
    engine: WhooshEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    rest = " ".join(f"w{number}" for number in range(60))
    engine.apply([entry(1, f"a {word} b {rest}"), entry(2, f"{rest} a {word} b")], [])

    def scores() -> list[float]:
        reader = WhooshEngine(tmp_path / "index", 0)
        found = {match.key: match.score for match in reader.search(Question(bag(word))).matches}
        reader.close()
        return [found["document:1"], found["document:2"]]

    lead, later = scores()
    assert lead > later
    monkeypatch.setattr(whoosh_snapshot, "LEAD_THINGS", 1)
    assert scores() == [later, later]
