"""The latent model of a Whoosh index: learned from its gists, kept in its folder, read by whoever answers questions.

The model lies beside the segments as ``latent.arrays`` (:mod:`kb.search.latent`). It is written beside and renamed, so
a reader has the old one or the new one. Without one, or with a damaged one, questions are answered without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from kb.search import latent
from kb.search.latent import Floats, Gists, LatentModel, Numbers
from kb.search.query import Term

if TYPE_CHECKING:
    from kb.search.whoosh_snapshot import Segment, SegmentArrays, Snapshot

_FILE: Final = "latent.arrays"
# Learned anew when the number of things has changed by more than this share.
_GROWN: Final = 0.25
_NOT_LOOKED_AT: Final = -2  # of a term of a segment: its number in the model is not known yet

_Stamp = tuple[int, int, int]

_log = logging.getLogger(__name__)


class LatentFile:
    """The model in the folder of an index, as it is on the disk now. Safe to share between threads."""

    def __init__(self, index: Path) -> None:
        """Nothing is read yet."""
        self.index = index
        self.path = index / _FILE
        self._stamp: _Stamp | None = None
        self._current: _Known | None = None
        # What could not be learned from, or not be kept, is not tried again and again.
        self._failed: int | None = None
        self._reading = threading.Lock()

    @property
    def model(self) -> LatentModel | None:
        """The model; None where there is none that can be read."""
        known = self._newest()
        return known.model if known is not None else None

    def nearness(
        self, terms: Iterable[Term], segments: Sequence[Segment], things: NDArray[Any]
    ) -> NDArray[np.float64] | None:
        """How much each of ``things``, ascending, is about the matter of a question's ``terms``: -1 to 1.

        None where nothing is known of that.
        """
        known = self._newest()
        if known is None:
            return None
        asked = known.model.asked((term.text, term.weight) for term in terms)
        if asked is None:
            return None
        known.forget_but({segment.arrays.name for segment in segments})
        parts = []
        for segment in segments:
            first, last = np.searchsorted(things, (segment.first, segment.first + segment.size))
            if last > first:
                own = things[first:last] - segment.first
                parts.append(known.directions(segment.arrays, own) @ asked)
        return np.concatenate(parts).astype(np.float64) if parts else None

    def learn(self, snapshot: Snapshot) -> bool:
        """Learn from the things of ``snapshot`` where that is worth it; returns whether there is a new model.

        Raises:
            OSError: it cannot be written.
        """
        things, known = snapshot.live_count, self.model
        if known is None and things < latent.LEAST_THINGS:
            return False
        if known is not None and abs(things - known.things) <= _GROWN * known.things:
            return False
        if snapshot.generation == self._failed:
            return False
        self._failed = snapshot.generation
        try:
            model = latent.train(*gathered(snapshot.segments, things), things)
        except np.linalg.LinAlgError:
            _log.exception("What words have to do with each other could not be learned")
            return False
        if model is None:
            self.path.unlink(missing_ok=True)
            return False
        beside = self.path.with_name(f".{_FILE}-new")
        model.write(beside)
        beside.replace(self.path)
        self._failed = None
        self._newest()  # whoever learned reads it, so that no question waits for that
        return True

    def _newest(self) -> _Known | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        stamp = found.st_ino, found.st_mtime_ns, found.st_size
        # While one thread reads a new model the others go on with the one before.
        if stamp != self._stamp and self._reading.acquire(blocking=False):
            try:
                self._current, self._stamp = self._read(), stamp
            finally:
                self._reading.release()
        return self._current

    def _read(self) -> _Known | None:
        try:
            return _Known(LatentModel.read(self.path))
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.warning("%s cannot be read and is done without: %s", self.path, error)
            return None


class _Known:
    """A model, and what was worked out of it for things that questions found."""

    def __init__(self, model: LatentModel) -> None:
        self.model = model
        self._segments: dict[str, _OfSegment] = {}

    def directions(self, arrays: SegmentArrays, things: NDArray[Any]) -> Floats:
        """Those of some things of a segment, a row each."""
        found = self._segments.get(arrays.name)
        if found is None:
            found = self._segments[arrays.name] = _OfSegment(arrays, self.model)
        return found.directions(arrays, self.model, things)

    def forget_but(self, names: set[str]) -> None:
        """Let go of segments that are merged away."""
        if len(self._segments) > len(names):
            for name in set(self._segments) - names:
                self._segments.pop(name, None)


class _OfSegment:
    """Which term of a segment is which of the model, and directions of its things: worked out when first wanted.

    Threads may work out the same thing twice; both come to the same.
    """

    def __init__(self, arrays: SegmentArrays, model: LatentModel) -> None:
        size = len(arrays.columns)
        self._rows = np.full(len(arrays.lists["words"]), _NOT_LOOKED_AT, np.int64)
        # The system gives this memory page by page, as it is written to: things never found cost nothing.
        self._directions = np.zeros((size, model.dimensions), np.float16)
        self._known = np.zeros(size, dtype=bool)

    def directions(self, arrays: SegmentArrays, model: LatentModel, things: NDArray[Any]) -> Floats:
        new = things[~self._known[things]]
        if len(new):
            gists = gists_of(arrays, new)
            words = arrays.lists["words"]
            unknown = gists.terms[self._rows[gists.terms] == _NOT_LOOKED_AT]
            for term in set(unknown.tolist()):
                self._rows[term] = model.row(words.term(term))
            self._directions[new] = model.directions(gists.only(self._rows))
            self._known[new] = True
        found: Floats = self._directions[things].astype(np.float32)
        return found


def gists_of(arrays: SegmentArrays, things: NDArray[Any]) -> Gists:
    """The gists of some things of a segment, by its own numbers of words."""
    ends = arrays.file["gist.ends"]
    firsts = ends[things].astype(np.int64)
    sizes = ends[things + 1] - firsts
    after = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    places = np.arange(after[-1]) + np.repeat(firsts - after[:-1], sizes)
    terms = arrays.file["gist.terms"][places].astype(np.int64)
    return Gists(terms, arrays.file["gist.counts"][places], after)


def gathered(segments: Sequence[Segment], things: int) -> tuple[Gists, list[bytes], Numbers]:
    """What is learned from: gists of all ``things`` or a sample, their terms ascending, how many things hold each."""
    wanted = latent.sampled(things)
    numbers: dict[bytes, int] = {}
    own: list[Numbers] = []
    for segment in segments:
        names = segment.arrays.lists["words"].terms()
        own.append(np.array([numbers.setdefault(n, len(numbers)) for n in names], np.int64))
    terms = sorted(numbers)
    rank = np.empty(len(terms), np.int64)
    rank[[numbers[term] for term in terms]] = np.arange(len(terms))
    holding = np.zeros(len(terms), np.int64)
    parts = [Gists(np.empty(0, np.int64), np.empty(0, np.uint16), np.zeros(1, np.int64))]
    before = 0
    for segment, found in zip(segments, own, strict=True):
        if len(found):
            lists = segment.arrays.lists["words"]
            ends = lists.list_ends.astype(np.int64)
            holding[rank[found]] += ends[1:] - ends[:-1]
        live = np.arange(segment.size) if segment.live is None else np.flatnonzero(segment.live)
        first, last = np.searchsorted(wanted, (before, before + len(live)))
        gists = gists_of(segment.arrays, live[wanted[first:last] - before])
        parts.append(Gists(rank[found][gists.terms], gists.counts, gists.ends))
        before += len(live)
    return _joined(parts), terms, holding


def _joined(parts: Sequence[Gists]) -> Gists:
    sizes = np.concatenate([np.diff(part.ends) for part in parts])
    return Gists(
        np.concatenate([part.terms for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
    )
