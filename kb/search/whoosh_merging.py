"""Merging segments: which ones, and how without keeping writers waiting.

Every batch makes a segment, and every segment costs each question a little. The merged segment is built beside the
index without the writer's lock; the lock is taken only to put it in the place of the old ones, when the things deleted
meanwhile are deleted in it too.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import accumulate
from math import log
from pathlib import Path
from typing import Any, Final

import numpy as np

from kb.search import whoosh_store as store
from kb.search.array_file import ArrayFile
from kb.search.run_merging import Source, merge_runs
from kb.search.term_lists import MOST_THINGS

# Segments of about the same size that are merged together: fewer mean more rewriting, more mean slower questions.
MERGE_FACTOR: Final = 8
# Nothing larger is merged because of its size: its rewriting would take half a minute and gain microseconds.
MERGE_LARGEST: Final = MOST_THINGS // 2
# With more segments than this a writer does not leave merging to whoever tidies, but only what it can do in half a
# second: during a large import a commit follows the other, each of a few things.
MOST_SEGMENTS: Final = 24
MERGED_BY_WRITERS: Final = 4_096
# A segment of which more than this share is deleted is rewritten alone, unless it is so small that merging will do.
DELETED_SHARE: Final = 0.4
REWRITE_SMALLEST: Final = 64


@dataclass(frozen=True, slots=True)
class SegmentSize:
    """A segment by name, with the number of its things and how many of them are deleted."""

    name: str
    things: int
    deleted: int


def choose(segments: Sequence[SegmentSize]) -> tuple[str, ...]:
    """The names of the segments to merge now, smallest tier first; empty when all is well."""
    for segment in segments:
        gone = segment.deleted == segment.things
        if gone or segment.deleted > DELETED_SHARE * max(segment.things, REWRITE_SMALLEST):
            return (segment.name,)
    tiers: dict[int, list[str]] = {}
    for segment in sorted(segments, key=lambda segment: segment.things):
        live = segment.things - segment.deleted
        if live <= MERGE_LARGEST:
            tiers.setdefault(int(log(max(live, 1), MERGE_FACTOR)), []).append(segment.name)
    live_of = {segment.name: segment.things - segment.deleted for segment in segments}
    for _, names in sorted(tiers.items()):
        if len(names) >= MERGE_FACTOR:
            # The smallest ones, as many as fit into one segment.
            reached = list(accumulate(live_of[name] for name in names[:MERGE_FACTOR]))
            fitting = sum(total <= MOST_THINGS for total in reached)
            if fitting > 1:
                return tuple(names[:fitting])
    return ()


def sizes(index: Path) -> list[SegmentSize]:
    """The segments of the newest generation of an index."""
    return [
        SegmentSize(segment.segment_id(), segment.doc_count_all(), segment.deleted_count())
        for segment in _segments(index)
    ]


def choose_for_writer(segments: Sequence[SegmentSize]) -> tuple[str, ...]:
    """The names of the segments that a writer should merge at once; empty nearly always."""
    if len(segments) <= MOST_SEGMENTS:
        return ()
    names = choose(segments)
    things = sum(segment.things for segment in segments if segment.name in names)
    return names if things <= MERGED_BY_WRITERS else ()


def merge(
    folder: store.IndexFolder, index: Path, names: Sequence[str], *, writing: bool = False
) -> bool:
    """Merge the named segments of ``index`` into one; only for the holder of the lock ``tidying``.

    ``writing`` tells that the caller holds the lock of writers already. Returns False when the segments changed hands
    meanwhile and nothing was done.

    Raises:
        IndexBusy: another process writes.
    """
    chosen = [segment for segment in _segments(index) if segment.segment_id() in names]
    deleted_before = [set(segment.deleted_docs()) for segment in chosen]
    for left in folder.folder.glob(f"{store.MERGING}*"):
        shutil.rmtree(
            left, ignore_errors=True
        )  # by a process that was killed: we hold the lock of merging
    beside = folder.folder / f"{store.MERGING}{secrets.token_hex(6)}"
    beside.mkdir()
    try:
        merged = _merge_beside(beside, index, chosen)
        with nullcontext() if writing else folder.writing():
            if folder.current() != index:
                return False
            now = {segment.segment_id(): segment for segment in _segments(index)}
            if not all(segment.segment_id() in now for segment in chosen):
                return False
            if merged is not None:
                gone = [set(now[segment.segment_id()].deleted_docs()) for segment in chosen]
                for number in _deleted_since(chosen, deleted_before, gone):
                    merged.delete_document(number)
                for file in beside.glob(f"{merged.segment_id()}.*"):
                    file.replace(index / file.name)
            _replace(index, {segment.segment_id() for segment in chosen}, merged)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return True


def _segments(index: Path) -> list[Any]:
    return list(store.contents(index).segments)


def _merge_beside(beside: Path, index: Path, chosen: Sequence[Any]) -> Any | None:
    """The merged segment, written to ``beside``; None when nothing in the chosen ones is alive."""
    sources = [
        Source(ArrayFile(store.arrays_path(index, segment.segment_id())), store.live_mask(segment))
        for segment in chosen
        if segment.doc_count()
    ]
    if not sources:
        return None
    merged = beside / "merged"
    columns = merge_runs(sources, merged)
    store.create(beside)
    writer = store.writer_of(beside)
    name = store.add_keys(writer, map(columns.key, range(len(columns))))
    merged.rename(store.arrays_path(beside, name))
    writer.commit(merge=False)
    return _segments(beside)[0]


def _deleted_since(
    chosen: Sequence[Any], before: Sequence[set[int]], now: Sequence[set[int]]
) -> list[int]:
    """Numbers, in the merged segment, of things deleted while it was being written.

    Merging keeps the order and leaves out what was deleted at its beginning, so a thing's new number is how many were
    alive before it.
    """
    numbers: list[int] = []
    first = 0
    for segment, old, new in zip(chosen, before, now, strict=True):
        alive = np.ones(segment.doc_count_all(), dtype=np.int64)
        alive[list(old)] = 0
        rank = np.cumsum(alive) - 1
        numbers.extend(first + int(rank[thing]) for thing in new - old)
        first += int(alive.sum())
    return numbers


def _replace(index: Path, names: set[str], merged: Any | None) -> None:
    store.sweep_index(index)
    writer = store.writer_of(index)
    before = set(index.iterdir())

    def with_merged(_writer: Any, segments: list[Any]) -> list[Any]:
        kept = [segment for segment in segments if segment.segment_id() not in names]
        return kept if merged is None else [*kept, merged]

    writer.commit(mergetype=with_merged)
    store.flush(index, set(index.iterdir()) - before)
