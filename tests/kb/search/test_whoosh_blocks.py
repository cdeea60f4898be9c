"""Whoosh's posting lists as arrays: both ways of reading them give the same, on any list."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader

from kb.search import whoosh_blocks, whoosh_store
from kb.search.engine import Entry
from kb.search.whoosh_blocks import pack_counts, read_counts, read_positions, unpack_counts


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> FileIndex:
    """5,000 things, so that a common term has several blocks, some of them deleted."""
    made = whoosh_store.create(tmp_path_factory.mktemp("index"))
    chance = random.Random(1)  # noqa: S311
    writer = made.writer(codec=whoosh_store.codec())
    for number in range(5_000):
        body = " ".join(
            chance.choices(
                ["风险", "供应商延期", "risk", "G3设计", "rare" + str(number % 50)],
                k=chance.randint(1, 6),
            )
        )
        writer.add_document(
            **whoosh_store.written(
                Entry(
                    f"document:{number}",
                    1,
                    "lesson",
                    "zh",
                    "风险 risk" if number % 7 == 0 else "",
                    ("risk",),
                    (body,),
                )
            )
        )
    writer.commit(merge=False)
    writer = made.writer()
    for number in range(0, 5_000, 3):
        writer.delete_document(number)
    writer.commit(merge=False)
    return made


TERMS = [
    ("words", "风险"),
    ("words", "risk"),
    ("grams", "风险"),
    ("grams", "供应"),
    ("grams", "g3设"),
    ("words", "rare7"),
    ("words", "g3"),
]


def leaf(index: FileIndex) -> Any:
    [(reader, _)] = index.reader().leaf_readers()
    assert isinstance(reader, SegmentReader)
    return reader


@pytest.mark.parametrize(("signal", "term"), TERMS)
def test_blocks_and_the_public_interface_give_the_same(
    index: FileIndex, signal: str, term: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = leaf(index)
    fast = read_counts(reader.postings(signal, term)), read_positions(reader.postings(signal, term))
    monkeypatch.setattr(whoosh_blocks, "_BLOCK_NAMES", ("no such name in this version of Whoosh",))
    slow = read_counts(reader.postings(signal, term)), read_positions(reader.postings(signal, term))
    reader.close()
    assert len(fast[0].ids) > 20
    np.testing.assert_array_equal(fast[0].ids, slow[0].ids)
    np.testing.assert_array_equal(fast[0].packed, slow[0].packed)
    np.testing.assert_array_equal(fast[1], slow[1])


def test_this_version_of_whoosh_is_read_by_blocks(index: FileIndex) -> None:
    reader = leaf(index)
    matcher = reader.postings("words", "risk")
    while hasattr(matcher, "child"):
        matcher = matcher.child
    assert all(hasattr(matcher, name) for name in whoosh_blocks._BLOCK_NAMES)
    reader.close()


def test_ids_and_positions_ascend_and_deleted_things_are_still_there(index: FileIndex) -> None:
    reader = leaf(index)
    counts = read_counts(reader.postings("words", "risk"))
    assert (np.diff(counts.ids) > 0).all()
    assert 0 in counts.ids  # deleted: the caller takes those out
    positions = read_positions(reader.postings("grams", "风险"))
    assert (np.diff(positions) > 0).all()
    assert (
        len(read_positions(reader.postings("words", "风险"))) == 0
    )  # looked up among the grams instead
    reader.close()


@pytest.mark.parametrize("counts", [(0, 0, 1), (1, 2, 3), (63, 63, 4095), (0, 1, 0)])
def test_packed_counts_come_back_and_survive_whooshs_floats(counts: tuple[int, int, int]) -> None:
    packed = np.array([np.float32(pack_counts(*counts))]).astype(np.uint32)
    assert tuple(int(part[0]) for part in unpack_counts(packed)) == counts


def test_counts_too_high_are_cut_without_touching_the_others() -> None:
    title, headings, body = unpack_counts(
        np.array([pack_counts(1, 1000, 100_000)], dtype=np.uint32)
    )
    assert (title[0], headings[0], body[0]) == (1, 63, 4095)
