"""One generation of an index, open for reading: columns, norms, posting lists as arrays over all segments."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search import whoosh_store as store
from kb.search.analysis import Signal, is_unit
from kb.search.array_file import ArrayFile
from kb.search.columns import Columns, Mask
from kb.search.feedback import Gist
from kb.search.posting_codes import HEADING_REGION, TITLE_REGION
from kb.search.run_building import SIGNALS
from kb.search.scoring import (
    FIELDS,
    LEAD_THINGS,
    LEAD_UNITS,
    LEAD_WEIGHT,
    Floats,
    Ids,
    idf,
    inverse_norms,
)
from kb.search.term_lists import Counts, TermLists
from kb.search.whoosh_latent import LatentFile

# What an entry of the cache takes beside its arrays: keys, objects, the place in the order.
_ENTRY_BYTES: Final = 400
# A prefix that would stand for more terms than this stands for the first so many.
MAX_PREFIX_TERMS: Final = 256
# Looking up how many things hold a term takes some 3 µs a segment, and feedback asks for a hundred terms a question.
MAX_KEPT_IDFS: Final = 50_000
# Different sets of audiences for which it is kept what they may see, at a byte a thing.
_MOST_KEPT_VIEWS: Final = 32
_POSITION: Final = (1 << 32) - 1  # the part of a place that is not the thing


class Postings(NamedTuple):
    """A term's things over the whole index, ascending, deleted ones left out, with their weighted frequencies."""

    ids: Ids
    tf: Floats


class PostingCache:
    """Posting lists with their frequencies, least recently used first out, bounded in bytes. Safe between threads.

    An entry is good for one generation: frequencies depend on the average lengths of all things.
    """

    def __init__(self, limit: int) -> None:
        """Keep at most ``limit`` bytes; 0 keeps nothing."""
        self._limit = limit
        self._entries: OrderedDict[Hashable, tuple[Postings, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def bytes(self) -> int:
        """How much is kept now."""
        return self._bytes

    def get(self, key: Hashable) -> Postings | None:
        """What was put under ``key``, if it is still there."""
        with self._lock:
            found = self._entries.get(key)
            if found is None:
                return None
            self._entries.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: Postings) -> None:
        """Keep ``value``, at the cost of what was not used for longest."""
        size = value.ids.nbytes + value.tf.nbytes + _ENTRY_BYTES
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


class SegmentArrays:
    """The arrays of one segment. They never change, so generations share them."""

    def __init__(self, path: Path, name: str, size: int) -> None:
        """Open the file ``path`` of the segment ``name`` of ``size`` things.

        Raises:
            FileNotFoundError: a newer generation has removed it.
            ValueError: it is damaged.
        """
        self.name = name
        self.file = ArrayFile(path)
        self.columns = Columns.read(self.file)
        if len(self.columns) != size:
            raise ValueError(f"{path.name} has {len(self.columns)} things instead of {size}")
        self.lists: dict[Signal, TermLists] = {s: TermLists(self.file, s) for s in SIGNALS}
        self._gist_ends = self.file["gist.ends"]

    def gist(self, thing: int) -> Gist:
        """The gist of the thing with this number in this segment."""
        first, end = self._gist_ends[thing], self._gist_ends[thing + 1]
        words = self.lists["words"]
        terms = self.file["gist.terms"][first:end].tolist()
        counts = self.file["gist.counts"][first:end].tolist()
        found = {
            words.term(term).decode(): count for term, count in zip(terms, counts, strict=True)
        }
        return Gist(found, int(self.file["gist.totals"][thing]))


class Segment(NamedTuple):
    """A segment as one generation has it: number of its first thing, and which are not deleted (None: all are)."""

    arrays: SegmentArrays
    first: int
    live: Mask | None

    @property
    def size(self) -> int:
        """How many things it has, deleted ones included."""
        return len(self.arrays.columns)


class Snapshot:
    """A generation, open. Its files are let go of with the last user. Safe to share between threads."""

    def __init__(self, index: Path, cache: PostingCache, before: Snapshot | None) -> None:
        """Open the newest generation in the folder ``index``; segments that ``before`` has open are shared.

        Raises:
            FileNotFoundError: a newer generation came meanwhile.
            Exception: whatever a damaged index makes Whoosh raise.
        """
        self._cache = cache
        # Of this object in the cache: a number or an address might be that of another one, long closed.
        self._token = object()
        self._idfs: dict[tuple[Signal, str], float] = {}
        self._views: dict[frozenset[int] | None, Mask] = {}
        known = {part.arrays.name: part.arrays for part in before.segments} if before else {}
        contents = store.contents(index)
        self.generation: int = contents.generation
        self.segments: list[Segment] = []
        first = 0
        for segment in contents.segments:
            name, size = segment.segment_id(), segment.doc_count_all()
            arrays = known.get(name) or SegmentArrays(store.arrays_path(index, name), name, size)
            self.segments.append(Segment(arrays, first, store.live_mask(segment)))
            first += size
        same = before is not None and before.latent.index == index
        self.latent: LatentFile = before.latent if before and same else LatentFile(index)
        self.columns = Columns.joined([segment.arrays.columns for segment in self.segments])

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

    def visible(self, audiences: frozenset[int] | None) -> Mask | None:
        """The things that are not deleted and that ``audiences`` may see; None: all. Not to be written to."""
        if audiences is None:
            return self.live
        found = self._views.get(audiences)
        if found is None:
            found = self.columns.admitted(audiences)
            if self.live is not None:
                found &= self.live
            if len(self._views) >= _MOST_KEPT_VIEWS:
                self._views.clear()
            self._views[audiences] = found
        return found

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
        key = self._token, signal, text
        found = self._cache.get(key)
        if found is not None:
            return found
        parts = [
            self._postings_in(segment, signal, counts)
            for segment, counts in self._counts(signal, text)
        ]
        if len(parts) == 1:
            found = parts[0]
        else:
            found = Postings(
                np.concatenate([part.ids for part in parts] or [np.empty(0, np.int32)]),
                np.concatenate([part.tf for part in parts] or [np.empty(0, np.float32)]),
            )
        self._cache.put(key, found)
        return found

    def _counts(self, signal: Signal, text: str) -> Iterator[tuple[Segment, Counts]]:
        """The term's postings in each segment that has it."""
        term = text.encode()
        for segment in self.segments:
            lists = segment.arrays.lists[signal]
            number = lists.find(term)
            if number >= 0:
                yield segment, lists.counts(number)

    def _postings_in(self, segment: Segment, signal: Signal, counts: Counts) -> Postings:
        ids, bodies, headings, titles = counts
        title_norms, heading_norms, body_norms = self.norms[signal]
        things = ids.astype(np.int32)
        if segment.first:
            things += np.int32(segment.first)
        tf = bodies * body_norms[things]
        if headings is not None:
            tf += headings * heading_norms[things]
        if titles is not None:
            tf += titles * title_norms[things]
        if segment.live is not None:
            alive = segment.live[ids]
            things, tf = things[alive], tf[alive]
        return Postings(things, tf)

    def positions(self, signal: Signal, text: str) -> NDArray[np.int64]:
        """``thing << 32 | position`` of each occurrence, ascending."""
        term = text.encode()
        parts = [np.empty(0, np.int64)]
        for segment in self.segments:
            lists = segment.arrays.lists[signal]
            number = lists.find(term)
            if number >= 0:
                keys = lists.positions(number)
                if segment.live is not None:
                    keys = keys[segment.live[keys >> 32]]
                parts.append(keys + (segment.first << 32))
        return np.concatenate(parts)

    def within_reach(self, first: str, second: str, reach: int) -> Postings:
        """The things in which the word ``second`` stands at most ``reach`` units behind the word ``first``."""
        key = self._token, first, second, reach
        found = self._cache.get(key)
        if found is None:
            before, places = self.positions("words", first), self.positions("words", second)
            if len(before) and len(places):
                # Nothing stands before the very first place; things and fields lie further apart than any reach.
                nearest = before[np.maximum(np.searchsorted(before, places) - 1, 0)]
                places = places[(places > nearest) & (places - nearest <= reach)]
            found = self._counted(places if len(before) else before)
            self._cache.put(key, found)
        return found

    def leading(self, signal: Signal, text: str) -> Postings:
        """A term's things, and their frequencies with what stands in the lead of the body counting more.

        A word of Chinese characters keeps no positions: it stands in the lead as often as its rarest pair does. What
        more than :data:`LEAD_THINGS` things hold is not looked for there.
        """
        key = self._token, signal, text, LEAD_UNITS
        found = self._cache.get(key)
        if found is None:
            found = self.postings(signal, text)
            terms = [(signal, text)]
            if signal == "words" and not is_unit(text):
                terms = [("grams", text[at : at + 2]) for at in range(len(text) - 1)]
            counts = [
                self._in_lead(*each, found.ids)
                for each in dict.fromkeys(terms)
                if self.holding(*each) <= LEAD_THINGS
            ]
            if counts:
                body_norms = self.norms[signal][FIELDS.index("body")][found.ids]
                more = np.minimum.reduce(counts) * body_norms
                found = Postings(found.ids, found.tf + np.float32(LEAD_WEIGHT) * more)
            self._cache.put(key, found)
        return found

    def _in_lead(self, signal: Signal, text: str, things: Ids) -> Floats:
        """How often a term stands in the lead of each of ``things``, ascending."""
        if not len(things):
            return np.zeros(0, np.float32)
        places = self.positions(signal, text)
        holding = places[places & _POSITION < LEAD_UNITS] >> 32
        at = np.minimum(np.searchsorted(things, holding), len(things) - 1)
        counts = np.bincount(at[things[at] == holding], minlength=len(things))
        return counts.astype(np.float32)

    def _counted(self, places: NDArray[np.int64]) -> Postings:
        """The things of some places of words (``thing << 32 | position``), and what these count in each."""
        things = places >> 32
        position = places & _POSITION
        titles, headings, bodies = self.norms["words"]
        counts = np.where(position < HEADING_REGION, bodies[things], headings[things])
        counts = np.where(position < TITLE_REGION, counts, titles[things])
        ids, where = np.unique(things, return_inverse=True)
        return Postings(ids.astype(np.int32), np.bincount(where, counts).astype(np.float32))

    def in_title(self, signal: Signal, text: str) -> Ids:
        """The things whose title holds the term."""
        found: list[NDArray[Any]] = [np.empty(0, np.int32)]
        for segment, counts in self._counts(signal, text):
            if counts.titles is not None:
                ids = counts.ids[counts.titles > 0]
                if segment.live is not None:
                    ids = ids[segment.live[ids]]
                found.append(ids.astype(np.int32) + np.int32(segment.first))
        return np.concatenate(found)

    def counts_in(self, thing: int, signal: Signal, text: str) -> tuple[int, int, int]:
        """How often the term stands in title, headings and body of one thing."""
        for segment, counts in self._counts(signal, text):
            own = thing - segment.first
            if 0 <= own < segment.size:
                at = int(np.searchsorted(counts.ids, own))
                if at < len(counts.ids) and counts.ids[at] == own:
                    title = 0 if counts.titles is None else int(counts.titles[at])
                    heading = 0 if counts.headings is None else int(counts.headings[at])
                    return title, heading, int(counts.bodies[at])
        return 0, 0, 0

    def gist(self, thing: int) -> Gist:
        """The most frequent terms of a thing."""
        segment = next(s for s in self.segments if s.first <= thing < s.first + s.size)
        return segment.arrays.gist(thing - segment.first)

    def holding(self, signal: Signal, text: str) -> int:
        """How many things held the term when they were written: no more do so now."""
        term, found = text.encode(), 0
        for segment in self.segments:
            lists = segment.arrays.lists[signal]
            number = lists.find(term)
            if number >= 0:
                found += lists.frequency(number)
        return found

    def rough_idf(self, signal: Signal, text: str) -> float:
        """The idf of a term without reading its postings: things deleted since the last merge still count."""
        if len(self._idfs) > MAX_KEPT_IDFS:
            self._idfs.clear()
        found = self._idfs.get((signal, text))
        if found is None:
            found = idf(self.live_count, min(self.holding(signal, text), self.live_count))
            self._idfs[signal, text] = found
        return found

    def words(self) -> Iterator[tuple[str, int]]:
        """Each term of the signal ``words``, and about how many things hold it."""
        counts: dict[bytes, int] = {}
        for segment in self.segments:
            for term, count in segment.arrays.lists["words"].all_terms():
                counts[term] = counts.get(term, 0) + count
        yield from ((term.decode(), count) for term, count in counts.items())

    def terms_with(self, signal: Signal, start: str) -> Sequence[str]:
        """Terms that begin with ``start``, in order, at most :data:`MAX_PREFIX_TERMS`."""
        terms = {
            term
            for segment in self.segments
            for term in segment.arrays.lists[signal].beginning_with(
                start.encode(), MAX_PREFIX_TERMS
            )
        }
        return [term.decode() for term in sorted(terms)[:MAX_PREFIX_TERMS]]
