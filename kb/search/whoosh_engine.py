"""The Whoosh engine: :class:`kb.search.engine.SearchEngine` on a folder of files, one writer, many readers.

Whoosh keeps what there is, arrays beside it say what stands where (:mod:`kb.search.whoosh_store`), NumPy scores. A
searcher is a :class:`~kb.search.whoosh_snapshot.Snapshot`, kept open until a newer generation is there; seeing that
there is one costs one look at a file name, because Whoosh removes the table of contents of the old generation with each
commit.
"""

from __future__ import annotations

import errno
import logging
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from kb.errors import SearchUnavailable
from kb.search import whoosh_merging as merging
from kb.search import whoosh_rebuilding
from kb.search import whoosh_store as store
from kb.search.columns import Mask
from kb.search.engine import EngineState, Entry, Explanation, Found, IndexBusy, Match, Question
from kb.search.query import Term
from kb.search.run_building import build_run, built, portions
from kb.search.run_merging import joined
from kb.search.scoring import idf
from kb.search.whoosh_explaining import explain
from kb.search.whoosh_matching import Matched, Matching, Scores
from kb.search.whoosh_snapshot import PostingCache, Snapshot

# These say that nothing can be written, not that what was written is broken.
_DISK_ERRORS: Final = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
_OPEN_ATTEMPTS: Final = 5  # each loses only against another commit within milliseconds
_NO_INDEX: Final = "there is no index yet"

_log = logging.getLogger(__name__)


class WhooshEngine:
    """An index in a folder. See the protocol for all that it promises."""

    def __init__(self, folder: Path, cache_bytes: int) -> None:
        """Keep the index in ``folder`` and at most ``cache_bytes`` of decoded posting lists in memory."""
        self._folder = store.IndexFolder(folder)
        self._cache = PostingCache(cache_bytes)
        self._snapshot: Snapshot | None = None
        self._toc: Path | None = None
        self._damage = ""
        self._checked: set[str] = set()
        self._opening = threading.Lock()
        # Reentrant, so that the file is locked once however deep `writing` is nested in a thread.
        self._writing = threading.RLock()
        self._depth = 0

    # Reading

    def state(self) -> EngineState:
        """See the protocol."""
        try:
            snapshot = self._newest()
            return EngineState(snapshot.generation, snapshot.live_count, self._rebuild_reason())
        except SearchUnavailable as error:
            return EngineState(0, 0, str(error.data["reason"]))

    def search(self, question: Question) -> Found:
        """See the protocol."""
        with self._reading() as snapshot:
            return _answer(snapshot, question)

    def idf(
        self,
        terms: Sequence[Term],
        audiences: frozenset[int] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[float, ...]:
        """See the protocol."""
        with self._reading() as snapshot:
            lists = [snapshot.postings(term.signal, term.text).ids for term in terms]
            things = snapshot.live_count
            found = list(map(len, lists))
            asked = Question(audiences=audiences, without=without)
            if (visible := _visible(snapshot, asked)) is not None:
                things = int(np.count_nonzero(visible))
                found = [int(np.count_nonzero(visible[ids])) for ids in lists]
            return tuple(idf(things, count) if count else 0.0 for count in found)

    def explain(self, question: Question, key: str) -> Explanation | None:
        """See the protocol."""
        with self._reading() as snapshot:
            hits = snapshot.columns.with_key(key) & _seen(snapshot, question)
            if not hits.any():
                return None
            matching = Matching(snapshot, _visible(snapshot, question))
            hits &= matching.match(question.node).mask & _passing(snapshot, question)
            if not hits.any():
                return None
            thing = int(np.flatnonzero(hits)[0])
            return explain(snapshot, _visible(snapshot, question), question.node, thing)

    def words(self) -> Iterable[tuple[str, int]]:
        """See the protocol."""
        with self._reading() as snapshot:
            yield from snapshot.words()

    def close(self) -> None:
        """See the protocol."""
        with self._opening:
            self._snapshot, self._toc = None, None
        self._cache.clear()

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        snapshot = self._newest()
        try:
            yield snapshot
        except Exception as error:
            # Whatever NumPy or JSON say about broken files; a mistake of ours would look the same, and a rebuild
            # cannot harm.
            self._damage = _damaged(error)
            raise SearchUnavailable(reason=self._damage) from error

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
        try:
            snapshot = _opened(index, self._cache, self._snapshot)
        except Exception as error:
            raise SearchUnavailable(reason=_damaged(error)) from error
        self._snapshot, self._toc = snapshot, store.toc_path(index, snapshot.generation)
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
        batch = _Batch(entries.values())
        with self.writing():
            index = self._folder.current()
            reason = _NO_INDEX if index is None else self._rebuild_reason()
            if index is None or reason:
                raise SearchUnavailable(reason=reason)
            self._commit(index, batch, gone)
            self._merge_few(index)
        self._newest()  # the writer opens the new generation, so that no question waits for it

    def _commit(self, index: Path, batch: _Batch, gone: set[str]) -> None:
        try:
            _write(index, batch, gone)
        except OSError as error:
            if error.errno in _DISK_ERRORS:
                raise SearchUnavailable(reason=f"{index}: {error.strerror}") from error
            self._damage = _damaged(error)
            raise SearchUnavailable(reason=self._damage) from error
        except Exception as error:
            self._damage = _damaged(error)
            raise SearchUnavailable(reason=self._damage) from error

    def _merge_few(self, index: Path) -> None:
        """Merge small segments where there are too many; what was applied is on the disk whatever becomes of this."""
        names = merging.choose_for_writer(merging.sizes(index))
        if names:
            with self._folder.tidying() as mine:
                if mine:
                    merging.merge(self._folder, index, names, writing=True)

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """See the protocol."""
        with self.writing():
            self._folder.sweep()
            index = self._folder.beside()
            whoosh_rebuilding.fill(index, entries)
            _learn(Snapshot(index, PostingCache(0), None))
            self._folder.use(index)
            self._damage = ""
        self._newest()

    def tidy(self) -> bool:
        """See the protocol."""
        try:
            with self._folder.tidying() as mine:
                index = self._folder.current()
                if not mine or index is None or self._rebuild_reason() or not self._is_whole():
                    return False
                names = merging.choose(merging.sizes(index))
                if not names or not merging.merge(self._folder, index, names):
                    return False
        except IndexBusy:
            return False
        self._newest()
        return True

    def learn(self) -> bool:
        """See the protocol."""
        if self._folder.current() is None or self._rebuild_reason():
            return False
        with self._folder.tidying() as mine:
            return mine and _learn(self._newest())

    def _is_whole(self) -> bool:
        """Whether the segments are as they were written; each is read once, in the background rather than at start."""
        arrays = [segment.arrays for segment in self._newest().segments]
        for each in arrays:
            if each.name not in self._checked:
                try:
                    each.file.check()
                except FileNotFoundError:
                    continue  # merged away meanwhile
                except ValueError as error:
                    self._damage = _damaged(error)
                    return False
        self._checked = {each.name for each in arrays}
        return True


def _learn(snapshot: Snapshot) -> bool:
    try:
        return snapshot.latent.learn(snapshot)
    except OSError as error:
        # Questions are answered without it; a full disk, or an index that was replaced meanwhile, is told elsewhere.
        _log.warning("What words have to do with each other was not kept: %s", error)
        return False


def _damaged(error: Exception) -> str:
    return f"the index is damaged ({type(error).__name__}: {error})"


def _opened(index: Path, cache: PostingCache, before: Snapshot | None) -> Snapshot:
    for _ in range(_OPEN_ATTEMPTS):
        try:
            return Snapshot(index, cache, before)
        except FileNotFoundError:
            pass  # a writer removed the generation between our reading of its list of files and of the files
    return Snapshot(index, cache, before)


class _Batch:
    """The entries of one commit, their texts analysed, if they are not too many, before anybody has to wait for it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._parts = list(portions(entries))
        self.keys = [entry.key for part in self._parts for entry in part]
        self._run = built(self._parts[0]) if len(self._parts) == 1 else None

    def write(self, path: Path) -> None:
        """Write one run of them to ``path``."""
        if self._run is not None:
            self._run.write(path)
            return
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=store.PARTS) as folder:
            runs = [Path(folder) / str(number) for number in range(len(self._parts))]
            for run, part in zip(runs, self._parts, strict=True):
                build_run(part, run)
            joined(runs, path)


def _write(index: Path, batch: _Batch, gone: set[str]) -> None:
    """One commit: remove the things with the keys ``gone``, add those of ``batch``, and have it all on the disk."""
    store.sweep_index(index)
    before = set(index.iterdir())
    writer = store.writer_of(index)
    try:
        for number in _numbers_of(writer, gone):
            writer.delete_document(number)
        if batch.keys:
            batch.write(store.arrays_path(index, store.add_keys(writer, batch.keys)))
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
    matching = Matching(snapshot, visible)
    matched = matching.match(question.node)
    mask = matched.mask if visible is None else matched.mask & visible
    if question.date_from or question.date_to:
        mask = mask & columns.between(question.date_from, question.date_to)
    filters = {
        name: columns.fact(name, values, contains=False)
        for name, values in question.filters.items()
        if values
    }
    chosen = _all_of(mask, filters.values())
    things = np.flatnonzero(chosen)
    facets = {}
    for name in question.facets:
        under = things
        if name in filters:
            others = (passed for other, passed in filters.items() if other != name)
            under = np.flatnonzero(_all_of(mask, others))
        facet = columns.facets.get(name)
        facets[name] = facet.counts(under, snapshot.size) if facet else ()
    page = _page(snapshot, matched, things, question)
    scores = np.zeros(len(page)) if matched.scores is None else matched.scores[page]
    matches = tuple(
        Match(columns.key(n), score)
        for n, score in zip(page.tolist(), scores.tolist(), strict=True)
    )
    return Found(len(things), matches, facets, matching.budget.left_out)


def _all_of(mask: Mask, others: Iterable[Mask]) -> Mask:
    for other in others:
        mask = mask & other
    return mask


def _visible(snapshot: Snapshot, question: Question) -> Mask | None:
    """The things that exist for the asker, before anything is counted; None: all."""
    mask = snapshot.visible(question.audiences)
    if question.also and question.audiences is not None:
        own = snapshot.columns.with_keys(question.also)
        mask = (
            own if mask is None else mask | (own if snapshot.live is None else own & snapshot.live)
        )
    if question.without:
        others = ~snapshot.columns.with_keys(question.without)
        mask = others if mask is None else others & mask
    return mask


def _seen(snapshot: Snapshot, question: Question) -> Mask:
    """The same as a mask in any case."""
    mask = _visible(snapshot, question)
    return np.ones(snapshot.size, dtype=bool) if mask is None else mask


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
    by_date = question.sort == "date" or matched.scores is None
    recency = snapshot.columns.recency
    ranking: NDArray[Any] = recency(things) if by_date else cast("Scores", matched.scores)[things]
    if last < len(things):
        least = np.partition(ranking, len(things) - last)[len(things) - last]
        head = np.flatnonzero(ranking >= least)
        things, ranking = things[head], ranking[head]
    order = np.lexsort((-recency(things), -ranking))
    return things[order[question.offset : last]]
