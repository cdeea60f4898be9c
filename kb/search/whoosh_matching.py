"""Matching: a question's tree against the arrays of an index, node by node: which things, and what they score.

The tree's meaning is written in :mod:`kb.search.query` and the formula in :mod:`kb.search.engine`; here both are done
on whole arrays, so that a question costs a few dozen NumPy calls however many things match.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatchmethod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.columns import Mask
from kb.search.query import Bag, Dated, Every, Everything, Fact, Node, Prefix, Run, Slot, Some, Term
from kb.search.scoring import RANKING, Ids, idf, saturated
from kb.search.whoosh_blocks import HEADING_REGION, LAST_POSITION
from kb.search.whoosh_snapshot import Postings, Snapshot

Scores = NDArray[np.float64]


class Matched(NamedTuple):
    """Which things match, and the score of each; None: all 0."""

    mask: Mask
    scores: Scores | None


class Matching:
    """Matches trees against one generation of an index."""

    def __init__(self, snapshot: Snapshot, visible: Mask | None = None) -> None:
        """Match against ``snapshot``, which must stay open, for somebody who may see the things ``visible``; None: all."""
        self._snapshot = snapshot
        self._visible = visible
        self._size = snapshot.size

    @singledispatchmethod
    def match(self, node: Node) -> Matched:
        """Match any node of a tree."""
        raise TypeError(node)

    @match.register
    def _(self, _node: Everything) -> Matched:
        return Matched(np.ones(self._size, dtype=bool), None)

    @match.register
    def _(self, node: Bag) -> Matched:
        parts = [self._scored(slot) for slot in node.slots]
        parts = [part for part in parts if len(part.ids)]
        if not parts:
            return Matched(np.zeros(self._size, dtype=bool), None)
        ids = np.concatenate([part.ids for part in parts])
        scores = _added(ids, np.concatenate([part.scores for part in parts]), self._size)
        if node.floor <= 0:
            return Matched(scores > 0, scores)
        weights = np.array([part.weight for part in parts])
        found = _added(ids, np.repeat(weights, [len(part.ids) for part in parts]), self._size)
        least = node.floor * weights.sum()
        covered: Scores = found if self._visible is None else found[self._visible]
        enough = min(node.enough, len(covered) // 4)
        if enough and np.count_nonzero(covered >= least) < enough:
            least = np.partition(covered, -enough)[-enough]
        # The sums are rounded differently from one order of slots to another.
        return Matched((found >= least * (1 - 1e-9)) & (scores > 0), scores)

    @match.register
    def _(self, node: Run) -> Matched:
        mask = np.zeros(self._size, dtype=bool)
        mask[self._standing(node)] = True
        return Matched(mask, self.match(Bag(node.slots)).scores)

    @match.register
    def _(self, node: Prefix) -> Matched:
        terms = [
            Term(node.signal, text) for text in self._snapshot.terms_with(node.signal, node.start)
        ]
        part = self._scored(Slot(tuple(terms)))
        mask = np.zeros(self._size, dtype=bool)
        if node.zone == "title":
            for term in terms:
                mask[self._snapshot.in_title(term.signal, term.text)] = True
        else:
            mask[part.ids] = True
        return Matched(mask, _added(part.ids, part.scores, self._size))

    @match.register
    def _(self, node: Fact) -> Matched:
        columns = self._snapshot.columns
        return Matched(columns.fact(node.name, node.values, contains=node.contains), None)

    @match.register
    def _(self, node: Dated) -> Matched:
        return Matched(self._snapshot.columns.between(node.first, node.last), None)

    @match.register
    def _(self, node: Every) -> Matched:
        mask = np.ones(self._size, dtype=bool)
        scores: Scores | None = None
        for child in node.must:
            found = self.match(child)
            mask &= found.mask
            scores = _sum(scores, found.scores)
        for child in node.without:
            mask &= ~self.match(child).mask
        for child in node.should:
            found = self.match(child)
            scores = _sum(scores, _where(found))
        return Matched(mask, scores)

    @match.register
    def _(self, node: Some) -> Matched:
        mask = np.zeros(self._size, dtype=bool)
        scores: Scores | None = None
        for child in node.nodes:
            found = self.match(child)
            mask |= found.mask
            scores = _sum(scores, _where(found))
        return Matched(mask, scores)

    def _scored(self, slot: Slot) -> _Part:
        postings = self._together(slot.terms)
        weight = slot.weight * RANKING.signals[slot.terms[0].signal] if slot.terms else 0.0
        weight *= idf(self._snapshot.live_count, len(postings.ids))
        return _Part(postings.ids, saturated(postings.tf) * np.float32(weight), weight)

    def _together(self, terms: Sequence[Term]) -> Postings:
        lists = [(self._snapshot.postings(term.signal, term.text), term.weight) for term in terms]
        lists = [(postings, weight) for postings, weight in lists if len(postings.ids)]
        if not lists:
            return Postings(np.empty(0, np.int32), np.empty(0, np.float32))
        if len(lists) == 1:
            (ids, tf), weight = lists[0]
            return Postings(ids, tf if weight == 1 else tf * np.float32(weight))
        ids = np.concatenate([postings.ids for postings, _ in lists])
        tf = np.concatenate([postings.tf * np.float32(weight) for postings, weight in lists])
        unique, where = np.unique(ids, return_inverse=True)
        return Postings(unique, np.bincount(where, tf).astype(np.float32))

    def _standing(self, run: Run) -> NDArray[Any]:
        """The things in which the run's pieces stand side by side."""
        snapshot = self._snapshot
        pieces = sorted(
            run.pieces,
            key=lambda piece: len(snapshot.postings(piece.term.signal, piece.term.text).ids),
        )
        if len(pieces) == 1:
            term = pieces[0].term
            if run.zone == "title":
                return snapshot.in_title(term.signal, term.text)
            return snapshot.postings(term.signal, term.text).ids
        starts = np.empty(0, np.int64)
        for number, piece in enumerate(pieces):
            keys = snapshot.positions(piece.term.signal, piece.term.text) - piece.offset
            starts = starts[np.isin(starts, keys, assume_unique=True)] if number else keys
            if not len(starts):
                return starts
        if run.zone == "title":
            starts = starts[(starts & LAST_POSITION) < HEADING_REGION]
        return np.unique(starts >> 32)


class _Part(NamedTuple):
    """What one slot gives: things, their scores, and the weight of the slot (idf included)."""

    ids: Ids
    scores: NDArray[np.float32]
    weight: float


def _added(ids: NDArray[Any], scores: NDArray[Any], size: int) -> Scores:
    """The scores summed by thing."""
    return np.bincount(ids, scores, size).astype(np.float64, copy=False)


def _where(found: Matched) -> Scores | None:
    """The scores of what matches, 0 elsewhere."""
    return None if found.scores is None else np.where(found.mask, found.scores, 0.0)


def _sum(one: Scores | None, other: Scores | None) -> Scores | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
