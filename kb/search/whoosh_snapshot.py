"""One generation of a Whoosh index, open for reading: columns, norms, posting lists as arrays over all segments."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.index import TOC, FileIndex
from whoosh.reading import SegmentReader, TermNotFound

from kb.search.analysis import Signal
from kb.search.columns import Columns, Mask
from kb.search.feedback import Gist
from kb.search.feedback import read as read_gist
from kb.search.scoring import FIELDS, Floats, Ids, idf, inverse_norms
from kb.search.whoosh_blocks import Counts, read_counts, read_positions, unpack_counts

SIGNALS: Final[tuple[Signal, ...]] = ("words", "grams")
# What an entry of the cache takes beside its arrays: keys, objects, the place in the order.
_ENTRY_BYTES: Final = 400
# A prefix that would stand for more terms than this stands for the first so many.
MAX_PREFIX_TERMS: Final = 256
# Looking up how many things hold a term takes some 6 µs a segment, and feedback asks for a hundred terms a question.
MAX_KEPT_IDFS: Final = 50_000

# Terms read without letting others read in between: about a millisecond.
_TERMS_AT_ONCE: Final = 500

_NO_COUNTS: Final = Counts(np.empty(0, np.int32), np.empty(0, np.uint32))


class Postings(NamedTuple):
    """A term's things over the whole index, ascending, deleted ones left out, with their weighted frequencies."""

    ids: Ids
    tf: Floats


class PostingCache:
    """Decoded posting lists, least recently used first out, bounded in bytes. Safe to share between threads.

    Segments never change once written, so what was decoded from one stays true until it is merged away.
    """

    def __init__(self, limit: int) -> None:
        """Keep at most ``limit`` bytes; 0 keeps nothing."""
        self._limit = limit
        self._entries: OrderedDict[Hashable, tuple[Counts | Postings, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How much is kept now."""
        return self._bytes

    def get(self, key: Hashable) -> Counts | Postings | None:
        """What was put under ``key``, if it is still there."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Counts | Postings) -> None:
        """Keep ``value``, at the cost of what was not used for longest."""
        size = value[0].nbytes + value[1].nbytes + _ENTRY_BYTES
        with self._lock:
            if key in self._entries:
                return
            self._entries[key] = value, size
            self._bytes += size
            while self._bytes > self._limit and self._entries:
                self._bytes -= self._entries.popitem(last=False)[1][1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._bytes = 0


class Segment:
    """One Whoosh segment. Its files have one reading position each, so threads take turns at decoding."""

    def __init__(self, leaf: Any, first: int, known: dict[str, Columns]) -> None:
        """Open the reader ``leaf`` whose first thing has number ``first``; ``known`` are columns already loaded."""
        self.name: str = leaf.segment().segment_id()
        self.first = first
        self.size: int = leaf.doc_count_all()
        self.leaf = leaf
        self.lock = threading.Lock()
        self._gists: Any = None  # opened when first asked for
        self.columns = known.get(self.name) or self._load_columns()
        self.live: Mask | None = self._load_live()

    def counts(self, signal: Signal, term: bytes, cache: PostingCache) -> Counts:
        """The term's postings in this segment, deleted things included."""
        key = self.name, signal, term
        found = cache.get(key)
        if not isinstance(found, Counts):
            with self.lock:
                try:
                    found = read_counts(self.leaf.postings(signal, term))
                except TermNotFound:
                    found = _NO_COUNTS
            cache.put(key, found)
        return found

    def positions(self, signal: Signal, term: bytes) -> NDArray[np.int64]:
        """``thing << 32 | position`` of each occurrence, with the things' numbers over all segments."""
        with self.lock:
            try:
                keys = read_positions(self.leaf.postings(signal, term))
            except TermNotFound:
                return np.empty(0, np.int64)
        if self.live is not None:
            keys = keys[self.live[keys >> 32]]
        return keys + (self.first << 32)

    def terms_with(self, signal: Signal, start: str) -> list[bytes]:
        """Terms that begin with ``start``."""
        terms: list[bytes] = []
        with self.lock:
            for term in self.leaf.expand_prefix(signal, start):
                terms.append(term)
                if len(terms) == MAX_PREFIX_TERMS:
                    break
        return terms

    def gist(self, thing: int) -> Gist:
        """The gist of the thing with this number in this segment."""
        with self.lock:
            if self._gists is None:
                self._gists = self.leaf.column_reader("gist", translate=False)
            return read_gist(self._gists[thing])

    def frequency(self, signal: Signal, term: bytes) -> int:
        """How many things held the term when they were written."""
        with self.lock:
            try:
                return int(self.leaf.term_info(signal, term).doc_frequency())
            except TermNotFound:
                return 0

    def all_terms(self, signal: Signal) -> Iterator[tuple[str, int]]:
        """Each term and how many things held it when it was written; others may read in between."""
        after = b""
        while True:
            with self.lock:
                part = list(islice(self._terms_after(signal, after), _TERMS_AT_ONCE))
            yield from ((term.decode(), count) for term, count in part)
            if len(part) < _TERMS_AT_ONCE:
                return
            after = part[-1][0]

    def _terms_after(self, signal: Signal, after: bytes) -> Iterator[tuple[bytes, int]]:
        for (field, term), info in self.leaf.iter_from(signal, after):
            if field != signal:
                return
            if term != after:
                yield term, info.doc_frequency()

    def _load_columns(self) -> Columns:
        reader = self.leaf.column_reader("facts", translate=False)
        columns = Columns.of(json.loads(b"[" + b",".join(reader) + b"]"))
        if len(columns) != self.size:
            message = f"segment {self.name} has {self.size} things and facts of {len(columns)}"
            raise ValueError(message)
        return columns

    def _load_live(self) -> Mask | None:
        if not self.leaf.has_deletions():
            return None
        live = np.zeros(self.size, dtype=bool)
        live[np.fromiter(self.leaf.all_doc_ids(), dtype=np.int64)] = True
        return live


class Snapshot:
    """A generation, open. Counted by its users: files are closed when it was retired and the last one let go."""

    def __init__(self, index: FileIndex, cache: PostingCache, before: Snapshot | None) -> None:
        """Open the newest generation of ``index``; what ``before`` has loaded of segments that stay is taken over."""
        self._cache = cache
        self._users = 1
        self._idfs: dict[tuple[Signal, str], float] = {}
        self._lock = threading.Lock()
        self._leaves: list[SegmentReader] = []
        self.segments: list[Segment] = []
        known = {part.name: part.columns for part in before.segments} if before else {}
        toc = TOC.read(index.storage, index.indexname, schema=index.schema)
        self.generation: int = toc.generation
        first = 0
        try:
            for segment in toc.segments:
                leaf = SegmentReader(index.storage, toc.schema, segment, generation=toc.generation)
                self._leaves.append(leaf)
                self.segments.append(Segment(leaf, first, known))
                first += leaf.doc_count_all()
            self.columns = Columns.joined([segment.columns for segment in self.segments])
        except BaseException:
            self._close()
            raise

    def acquire(self) -> bool:
        """Count one more user; False when it is closed already."""
        with self._lock:
            if not self._users:
                return False
            self._users += 1
            return True

    def release(self) -> None:
        """Count one user less and close with the last."""
        with self._lock:
            self._users -= 1
            last = not self._users
        if last:
            self._close()

    def _close(self) -> None:
        for leaf in self._leaves:
            leaf.close()

    @property
    def size(self) -> int:
        """How many things have a number, deleted ones included."""
        return len(self.columns)

    @cached_property
    def live(self) -> Mask | None:
        """The things that are not deleted; None: all."""
        if all(segment.live is None for segment in self.segments):
            return None
        parts = [
            np.ones(segment.size, dtype=bool) if segment.live is None else segment.live
            for segment in self.segments
        ]
        return np.concatenate(parts)

    @cached_property
    def live_count(self) -> int:
        """How many things are not deleted."""
        return self.size if self.live is None else int(np.count_nonzero(self.live))

    @cached_property
    def norms(self) -> dict[Signal, tuple[Floats, ...]]:
        """For each signal and field what one occurrence counts in each thing."""
        norms: dict[Signal, tuple[Floats, ...]] = {}
        for number, signal in enumerate(SIGNALS):
            rows = self.columns.lengths[number * len(FIELDS) : (number + 1) * len(FIELDS)]
            live = rows if self.live is None else rows[:, self.live]
            averages = live.mean(axis=1) if live.size else np.zeros(len(FIELDS))
            norms[signal] = tuple(
                inverse_norms(row, float(average), field)
                for row, average, field in zip(rows, averages, FIELDS, strict=True)
            )
        return norms

    def postings(self, signal: Signal, text: str) -> Postings:
        """A term's things and their weighted frequencies ``Σ W_f · count_f / norm_f``."""
        term = text.encode()
        key = self.generation, id(self), signal, term
        found = self._cache.get(key)
        if isinstance(found, Postings):
            return found
        parts = [self._postings_in(segment, signal, term) for segment in self.segments]
        full = [part for part in parts if len(part.ids)]
        if len(full) == 1:
            found = full[0]
        else:
            found = Postings(
                np.concatenate([part.ids for part in full] or [np.empty(0, np.int32)]),
                np.concatenate([part.tf for part in full] or [np.empty(0, np.float32)]),
            )
        self._cache.put(key, found)
        return found

    def _postings_in(self, segment: Segment, signal: Signal, term: bytes) -> Postings:
        ids, packed = segment.counts(signal, term, self._cache)
        if segment.live is not None and len(ids):
            alive = segment.live[ids]
            ids, packed = ids[alive], packed[alive]
        if segment.first:
            ids = ids + np.int32(segment.first)
        title_norms, heading_norms, body_norms = self.norms[signal]
        titles, headings, bodies = unpack_counts(packed)
        tf = bodies * body_norms[ids]
        # Most terms of most things stand in the body only.
        if headings.any():
            tf += headings * heading_norms[ids]
        if titles.any():
            tf += titles * title_norms[ids]
        return Postings(ids, tf.astype(np.float32))

    def positions(self, signal: Signal, text: str) -> NDArray[np.int64]:
        """``thing << 32 | position`` of each occurrence, ascending."""
        parts = [segment.positions(signal, text.encode()) for segment in self.segments]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def in_title(self, signal: Signal, text: str) -> Ids:
        """The things whose title holds the term."""
        found: list[NDArray[Any]] = [np.empty(0, np.int32)]
        for segment in self.segments:
            ids, packed = segment.counts(signal, text.encode(), self._cache)
            ids = ids[unpack_counts(packed)[0] > 0]
            if segment.live is not None:
                ids = ids[segment.live[ids]]
            found.append(ids + np.int32(segment.first))
        return np.concatenate(found)

    def counts_in(self, thing: int, signal: Signal, text: str) -> tuple[int, int, int]:
        """How often the term stands in title, headings and body of one thing."""
        for segment in self.segments:
            own = thing - segment.first
            if 0 <= own < segment.size:
                ids, packed = segment.counts(signal, text.encode(), self._cache)
                at = int(np.searchsorted(ids, own))
                if at < len(ids) and ids[at] == own:
                    title, headings, body = unpack_counts(packed[at : at + 1])
                    return int(title[0]), int(headings[0]), int(body[0])
        return 0, 0, 0

    def gist(self, thing: int) -> Gist:
        """The most frequent terms of a thing."""
        segment = next(s for s in self.segments if s.first <= thing < s.first + s.size)
        return segment.gist(thing - segment.first)

    def rough_idf(self, signal: Signal, text: str) -> float:
        """The idf of a term without reading its postings: things deleted since the last merge still count."""
        if len(self._idfs) > MAX_KEPT_IDFS:
            self._idfs.clear()
        found = self._idfs.get((signal, text))
        if found is None:
            holding = sum(segment.frequency(signal, text.encode()) for segment in self.segments)
            found = idf(self.live_count, min(holding, self.live_count))
            self._idfs[signal, text] = found
        return found

    def words(self) -> Iterator[tuple[str, int]]:
        """Each term of the signal ``words``, and about how many things hold it."""
        counts: dict[str, int] = {}
        for segment in self.segments:
            for term, count in segment.all_terms("words"):
                counts[term] = counts.get(term, 0) + count
        yield from counts.items()

    def terms_with(self, signal: Signal, start: str) -> Sequence[str]:
        """Terms that begin with ``start``, in order, at most :data:`MAX_PREFIX_TERMS`."""
        terms = {term for segment in self.segments for term in segment.terms_with(signal, start)}
        return [term.decode() for term in sorted(terms)[:MAX_PREFIX_TERMS]]
