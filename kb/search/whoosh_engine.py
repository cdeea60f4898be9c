"""The Whoosh engine: :class:`kb.search.engine.SearchEngine` on a folder of files, one writer, many readers.

Whoosh stores and NumPy scores. A searcher is a :class:`~kb.search.whoosh_snapshot.Snapshot`, kept open until a newer
generation is there; seeing that there is one costs one look at a file name, because Whoosh removes the table of
contents of the old generation with each commit.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import SearchUnavailable
from kb.search import whoosh_merging as merging
from kb.search import whoosh_store as store
from kb.search.columns import Mask
from kb.search.engine import EngineState, Entry, Explanation, Found, IndexBusy, Match, Question
from kb.search.query import Term
from kb.search.scoring import idf
from kb.search.whoosh_explaining import explain
from kb.search.whoosh_matching import Matched, Matching, Scores
from kb.search.whoosh_snapshot import PostingCache, Snapshot

# These say that nothing can be written, not that what was written is broken.
_DISK_ERRORS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_OPEN_ATTEMPTS: Final = 5  # each loses only against another commit within milliseconds
_NO_INDEX: Final = "there is no index yet"


class WhooshEngine:
    """An index in a folder. See the protocol for all that it promises."""

    def __init__(self, folder: Path, cache_bytes: int) -> None:
        """Keep the index in ``folder`` and at most ``cache_bytes`` of decoded posting lists in memory."""
        self._folder = store.IndexFolder(folder)
        self._cache = PostingCache(cache_bytes)
        self._snapshot: Snapshot | None = None
        self._toc: Path | None = None
        self._damage = ""
        self._opening = threading.Lock()
        # Reentrant, so that the file is locked once however deep `writing` is nested in a thread.
        self._writing = threading.RLock()
        self._depth = 0

    # Reading

    def state(self) -> EngineState:
        """See the protocol."""
        try:
            with self._open() as snapshot:
                return EngineState(snapshot.generation, snapshot.live_count, self._rebuild_reason())
        except SearchUnavailable as error:
            return EngineState(0, 0, str(error.data["reason"]))

    def search(self, question: Question) -> Found:
        """See the protocol."""
        with self._reading() as snapshot:
            return _answer(snapshot, question)

    def idf(self, terms: Sequence[Term]) -> tuple[float, ...]:
        """See the protocol."""
        with self._reading() as snapshot:
            found = [len(snapshot.postings(term.signal, term.text).ids) for term in terms]
            return tuple(idf(snapshot.live_count, count) if count else 0.0 for count in found)

    def explain(self, question: Question, key: str) -> Explanation | None:
        """See the protocol."""
        with self._reading() as snapshot:
            if key not in snapshot.columns.keys:
                return None
            visible = _visible(snapshot, question)
            matching = Matching(snapshot, visible)
            chosen = matching.match(question.node).mask & visible & _passing(snapshot, question)
            hits = [n for n in np.flatnonzero(chosen) if snapshot.columns.keys[n] == key]
            if not hits:
                return None
            return explain(snapshot, matching, visible, question.node, int(hits[0]))

    def words(self) -> Iterable[tuple[str, int]]:
        """See the protocol."""
        with self._reading() as snapshot:
            yield from snapshot.words()

    def close(self) -> None:
        """See the protocol."""
        with self._opening:
            snapshot, self._snapshot, self._toc = self._snapshot, None, None
        if snapshot is not None:
            snapshot.release()
        self._cache.clear()

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        with self._open() as snapshot:
            try:
                yield snapshot
            except Exception as error:
                # Whatever Whoosh, zlib or pickle say about broken files; a mistake of ours would look the same, and
                # a rebuild cannot harm.
                self._damage = _damaged(error)
                raise SearchUnavailable(reason=self._damage) from error

    @contextmanager
    def _open(self) -> Iterator[Snapshot]:
        while True:
            snapshot = self._newest()
            if snapshot.acquire():
                break
        try:
            yield snapshot
        finally:
            snapshot.release()

    def _newest(self) -> Snapshot:
        snapshot, toc = self._snapshot, self._toc
        if snapshot is not None and toc is not None and toc.exists():
            return snapshot
        with self._opening:
            if self._snapshot is not None and self._toc is not None and self._toc.exists():
                return self._snapshot
            return self._reopen()

    def _reopen(self) -> Snapshot:
        """Open the newest generation; only under the lock ``_opening``."""
        index = self._folder.current()
        if index is None:
            raise SearchUnavailable(reason=_NO_INDEX)
        stamp = store.stamp_of(index)
        if stamp.get("schema") != store.SCHEMA_VERSION:
            raise SearchUnavailable(reason="the index was made by another version of the program")
        old = self._snapshot
        try:
            snapshot = _opened(index, self._cache, old)
        except Exception as error:
            raise SearchUnavailable(reason=_damaged(error)) from error
        self._snapshot, self._toc = snapshot, store.toc_path(index, snapshot.generation)
        if old is not None:
            old.release()
        return snapshot

    def _rebuild_reason(self) -> str:
        index = self._folder.current()
        if index is not None and store.stamp_of(index) != store.STAMP:
            return "the index was made by another version of the program"
        return self._damage

    # Writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """See the protocol."""
        if not self._writing.acquire(timeout=store.LOCK_SECONDS):
            raise IndexBusy(reason="another thread is writing to the index")
        try:
            if self._depth:
                yield
                return
            with self._folder.writing():
                self._depth += 1
                try:
                    yield
                finally:
                    self._depth -= 1
        finally:
            self._writing.release()

    def apply(self, upserts: Iterable[Entry], removals: Iterable[str]) -> None:
        """See the protocol."""
        entries = {entry.key: entry for entry in upserts}
        gone = {*entries, *removals}
        if not gone:
            return
        documents = [store.written(entry) for entry in entries.values()]
        with self.writing():
            index = self._folder.current()
            reason = _NO_INDEX if index is None else self._rebuild_reason()
            if index is None or reason:
                raise SearchUnavailable(reason=reason)
            self._commit(index, documents, gone)
        with self._open():
            pass  # the writer opens the new generation, so that no question waits for it

    def _commit(self, index: Path, documents: list[dict[str, Any]], gone: set[str]) -> None:
        try:
            _write(index, documents, gone)
        except OSError as error:
            if error.errno in _DISK_ERRORS:
                raise SearchUnavailable(reason=f"{index}: {error.strerror}") from error
            self._damage = _damaged(error)
            raise SearchUnavailable(reason=self._damage) from error
        except Exception as error:
            self._damage = _damaged(error)
            raise SearchUnavailable(reason=self._damage) from error

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """See the protocol."""
        with self.writing():
            self._folder.sweep()
            index = self._folder.beside()
            writer = store.create(index).writer(codec=store.codec(), limitmb=store.MERGE_MEGABYTES)
            try:
                for entry in entries:
                    writer.add_document(**store.written(entry))
            except BaseException:
                writer.cancel()
                raise
            writer.commit(merge=False)
            self._folder.use(index)
            self._damage = ""
        with self._open():
            pass

    def tidy(self) -> bool:
        """See the protocol."""
        try:
            with self._folder.tidying() as mine:
                index = self._folder.current()
                if not mine or index is None or self._rebuild_reason():
                    return False
                names = merging.choose(merging.sizes(index))
                if not names or not merging.merge(self._folder, index, names):
                    return False
        except IndexBusy:
            return False
        with self._open():
            pass
        return True


def _damaged(error: Exception) -> str:
    return f"the index is damaged ({type(error).__name__}: {error})"


def _opened(index: Path, cache: PostingCache, before: Snapshot | None) -> Snapshot:
    for _ in range(_OPEN_ATTEMPTS):
        try:
            return Snapshot(store.open_index(index), cache, before)
        except FileNotFoundError:
            pass  # a writer removed the generation between our reading of its list of files and of the files
    return Snapshot(store.open_index(index), cache, before)


def _write(index: Path, documents: list[dict[str, Any]], gone: set[str]) -> None:
    """One commit: remove the things with the keys ``gone``, add ``documents``, and have it all on the disk."""
    store.sweep_index(index)
    before = set(index.iterdir())
    writer = store.open_index(index).writer(codec=store.codec())
    try:
        for number in _numbers_of(writer, gone):
            writer.delete_document(number)
        for document in documents:
            writer.add_document(**document)
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    store.flush(index, set(index.iterdir()) - before)


def _numbers_of(writer: Any, keys: set[str]) -> list[int]:
    """The numbers of the things with these keys that the index holds now."""
    reader = writer.reader()
    try:
        numbers: list[int] = []
        for leaf, first in reader.leaf_readers():
            if not leaf.doc_count_all():
                continue
            for key in keys:
                if ("key", key) in leaf:
                    numbers.extend(first + number for number in leaf.postings("key", key).all_ids())
        return numbers
    finally:
        reader.close()


def _answer(snapshot: Snapshot, question: Question) -> Found:
    if not snapshot.live_count:
        return Found(0, (), dict.fromkeys(question.facets, ()))
    columns = snapshot.columns
    visible = _visible(snapshot, question)
    matched = Matching(snapshot, visible).match(question.node)
    mask = matched.mask & visible
    if question.date_from or question.date_to:
        mask &= columns.between(question.date_from, question.date_to)
    filters = {
        name: columns.fact(name, values, contains=False)
        for name, values in question.filters.items()
        if values
    }
    chosen = mask.copy()
    for passed in filters.values():
        chosen &= passed
    facets = {}
    for name in question.facets:
        under = chosen
        if name in filters:
            under = mask.copy()
            for other, passed in filters.items():
                if other != name:
                    under &= passed
        facet = columns.facets.get(name)
        facets[name] = facet.counts(under) if facet else ()
    things = np.flatnonzero(chosen)
    page = _page(snapshot, matched, things, question)
    scores = np.zeros(len(page)) if matched.scores is None else matched.scores[page]
    matches = tuple(
        Match(columns.keys[n], float(score)) for n, score in zip(page, scores, strict=True)
    )
    return Found(len(things), matches, facets)


def _visible(snapshot: Snapshot, question: Question) -> Mask:
    """The things that exist for the asker, before anything is counted."""
    columns = snapshot.columns
    mask = np.ones(len(columns), dtype=bool) if snapshot.live is None else snapshot.live.copy()
    if question.audiences is not None:
        mask &= columns.admitted(question.audiences)
    if question.without:
        mask &= columns.without(question.without)
    return mask


def _passing(snapshot: Snapshot, question: Question) -> Mask:
    """The things that all filters let through."""
    columns = snapshot.columns
    mask = np.ones(len(columns), dtype=bool)
    if question.date_from or question.date_to:
        mask &= columns.between(question.date_from, question.date_to)
    for name, values in question.filters.items():
        if values:
            mask &= columns.fact(name, values, contains=False)
    return mask


def _page(
    snapshot: Snapshot, matched: Matched, things: NDArray[np.int64], question: Question
) -> NDArray[np.int64]:
    """The numbers of the hits asked for, in order: only as many as needed are sorted."""
    last = min(question.offset + question.limit, len(things))
    if last <= question.offset:
        return things[:0]
    ties = snapshot.columns.recency[things]
    by_date = question.sort == "date" or matched.scores is None
    ranking: NDArray[Any] = ties if by_date else cast("Scores", matched.scores)[things]
    if last < len(things):
        least = np.partition(ranking, len(things) - last)[len(things) - last]
        head = np.flatnonzero(ranking >= least)
        things, ranking, ties = things[head], ranking[head], ties[head]
    order = np.lexsort((-ties, -ranking))
    return things[order[question.offset : last]]
