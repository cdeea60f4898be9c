"""Rebuilding: a whole index at once, from entries in any number."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from kb.search import whoosh_store as store
from kb.search.array_file import ArrayFile
from kb.search.columns import Columns
from kb.search.engine import Entry
from kb.search.run_making import made_runs
from kb.search.run_merging import joined
from kb.search.whoosh_merging import MERGE_LARGEST


def fill(index: Path, entries: Iterable[Entry]) -> None:
    """Make a Whoosh index with ``entries`` in the empty folder ``index``."""
    store.create(index)
    runs: list[Path] = []
    things = 0
    for run in made_runs(entries, index):
        if things + run.things > MERGE_LARGEST:
            _add_segment(index, runs)
            runs, things = [], 0
        runs.append(run.path)
        things += run.things
    if runs:
        _add_segment(index, runs)


def _add_segment(index: Path, runs: list[Path]) -> None:
    merged = joined(runs, index / "joined")
    columns = Columns.read(ArrayFile(merged))
    writer = store.writer_of(index)
    name = store.add_keys(writer, map(columns.key, range(len(columns))))
    merged.rename(store.arrays_path(index, name))
    writer.commit(merge=False)
