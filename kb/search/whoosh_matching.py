"""Matching: a question's tree against the arrays of an index, node by node: which things, and what they score.

The tree's meaning is written in :mod:`kb.search.query` and the formula in :mod:`kb.search.engine`; here both are done
on whole arrays, so that a question costs a few dozen NumPy calls however many things match.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatchmethod
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.budget import MISS_WORK, NODE_WORK, TERM_WORK, THINGS_FOR_A_UNIT, Budget
from kb.search.columns import Mask
from kb.search.feedback import HAIR, TEACHERS, taught
from kb.search.posting_codes import TITLE_REGION
from kb.search.query import (
    About,
    Bag,
    Best,
    Dated,
    Every,
    Everything,
    Fact,
    Node,
    Prefix,
    Run,
    Slot,
    Some,
    Term,
    Together,
)
from kb.search.scoring import (
    MATTER_HITS,
    MATTER_WEIGHT,
    idf,
    ranking_of,
    saturated,
    sharpened,
    slot_idf,
)
from kb.search.whoosh_snapshot import Postings, Snapshot

Scores = NDArray[np.float64]

# Lists of words that are longer are looked up rarest first.
_MANY_SLOTS: Final = 100
# Sorting a posting costs as much as going through so many things.
_SORTING: Final = 8
_POSITION: Final = (1 << 32) - 1  # the part of a place that is not the thing


class Matched(NamedTuple):
    """Which things match, and the score of each; None: all 0."""

    mask: Mask
    scores: Scores | None


class Matching:
    """Matches trees against one generation of an index."""

    def __init__(self, snapshot: Snapshot, visible: Mask | None = None) -> None:
        """Match one question against ``snapshot`` for somebody who may see ``visible``; None: all things."""
        self._snapshot = snapshot
        self.budget = Budget()
        self._visible = visible
        self._size = snapshot.size
        # How rare a word is must not tell of things that the asker may not see, nor decide by them what matches.
        self._things = snapshot.live_count if visible is None else int(np.count_nonzero(visible))
        self._counted = visible if self._things < snapshot.live_count else None

    def match(self, node: Node) -> Matched:
        """Match any node of a tree; what the budget does not allow for matches nothing."""
        if self.budget.is_spent(1):
            return Matched(np.zeros(self._size, dtype=bool), None)
        self.budget.spend(NODE_WORK + self._size // THINGS_FOR_A_UNIT)
        return self._match(node)

    def with_matter(self, node: About) -> tuple[Matched, float]:
        """What matches, and what the scores of the node within were multiplied by after matter added to them."""
        found = self.match(node.node)
        if found.scores is None or self.budget.is_spent(1):
            return found, 1.0
        best = np.sort(self._first(MATTER_HITS, found.mask, found.scores))
        near = self._snapshot.latent.nearness(node.terms, self._snapshot.segments, best)
        if near is None:
            return found, 1.0
        scores, highest = found.scores.copy(), found.scores[best].max()
        scores[best] += MATTER_WEIGHT * highest * np.maximum(near, 0)
        factor = float(highest / scores[best].max())
        return Matched(found.mask, scores * factor), factor

    @singledispatchmethod
    def _match(self, node: Node) -> Matched:
        raise TypeError(node)

    @_match.register
    def _(self, _node: Everything) -> Matched:
        return Matched(np.ones(self._size, dtype=bool), None)

    @_match.register
    def _(self, node: Bag) -> Matched:
        parts = [
            part
            for slot in self._rarest_first(node.slots)
            if len((part := self._part(slot)).postings.ids)
        ]
        if not parts:
            return Matched(np.zeros(self._size, dtype=bool), None)
        # All slots in one go: a question has dozens, and each NumPy call costs as much as a thousand postings.
        ids = np.concatenate([part.postings.ids for part in parts])
        lengths = [len(part.postings.ids) for part in parts]
        weights = np.repeat(np.array([part.weight for part in parts]), lengths)
        k1 = np.repeat(np.array([part.k1 for part in parts]), lengths)
        tf = np.concatenate([part.postings.tf for part in parts])
        scores = _added(ids, weights * saturated(tf, k1), self._size)
        mask = scores > 0
        if node.floor > 0:
            cover = _added(ids, weights, self._size)
            least = self._least(node, cover, sum(part.weight for part in parts))
            # The sums are rounded differently from one order of slots to another.
            mask &= cover >= least * (1 - 1e-9)
        return Matched(mask, self._taught(node, mask, scores) if node.feedback else scores)

    def _rarest_first(self, slots: tuple[Slot, ...]) -> Sequence[Slot]:
        """Of very many slots the telling ones first: what is left out in the end are the most frequent."""
        if len(slots) <= _MANY_SLOTS:
            return slots

        counts = [sum(map(self._holding, slot.terms)) for slot in slots]
        known = [(count, number) for number, count in enumerate(counts) if count]
        return [slots[number] for _, number in sorted(known)]

    def _holding(self, term: Term | Together) -> int:
        """How many things may hold a term, or several together; 0: none."""
        if isinstance(term, Term):
            return self._snapshot.holding(term.signal, term.text)
        return min(map(self._holding, term.terms), default=0)

    def _taught(self, bag: Bag, mask: Mask, scores: Scores) -> Scores:
        """The scores with what the best things teach."""
        best = self._first(TEACHERS, mask, scores)
        terms = taught(
            [self._snapshot.gist(int(thing)) for thing in best],
            scores[best].tolist(),
            lambda terms: [self._snapshot.rough_idf("words", term) for term in terms],
        )
        if not terms:
            return scores
        whole = sum(slot.weight for slot in bag.slots)
        slots = tuple(Slot((Term("words", term),), weight * whole) for term, weight in terms)
        more = self.match(Bag(slots)).scores
        if more is None:
            return scores
        found = np.where(mask, scores + more, 0.0)
        found[best[0]] = found[best].max() * (1 + HAIR)
        rescaled: Scores = found * (scores[best[0]] / found[best[0]])
        return rescaled

    def _first(self, most: int, mask: Mask, scores: Scores) -> NDArray[np.int64]:
        """The best of the things that match and may be seen, in order."""
        shown = np.flatnonzero(mask if self._visible is None else mask & self._visible)
        if len(shown) > most:
            least = np.partition(scores[shown], -most)[-most]
            shown = shown[scores[shown] >= least]
        recency = self._snapshot.columns.recency(shown)
        found: NDArray[np.int64] = shown[np.lexsort((-recency, -scores[shown]))][:most]
        return found

    def _least(self, bag: Bag, cover: Scores, weight: float) -> float:
        """The coverage that is enough, given those of all things and the weight of all slots."""
        least = bag.floor * weight
        seen = cover if self._visible is None else cover[self._visible]
        enough = min(bag.enough, len(seen) // 2)
        if not enough or np.count_nonzero(seen >= least) >= enough:
            return least
        holding = seen[seen > 0]
        if len(holding) <= enough:
            return 0.0
        return float(np.partition(holding, -enough)[-enough])

    @_match.register
    def _(self, node: About) -> Matched:
        return self.with_matter(node)[0]

    @_match.register
    def _(self, node: Run) -> Matched:
        mask = np.zeros(self._size, dtype=bool)
        mask[self._standing(node)] = True
        return Matched(mask, self.match(Bag(node.slots)).scores)

    @_match.register
    def _(self, node: Prefix) -> Matched:
        terms = [
            Term(node.signal, text) for text in self._snapshot.terms_with(node.signal, node.start)
        ]
        found = self.match(Bag((Slot(tuple(terms)),)))
        if node.zone == "anywhere":
            return found
        mask = np.zeros(self._size, dtype=bool)
        for term in terms:
            mask[self._snapshot.in_title(term.signal, term.text)] = True
        return Matched(mask, found.scores)

    @_match.register
    def _(self, node: Fact) -> Matched:
        columns = self._snapshot.columns
        return Matched(columns.fact(node.name, node.values, contains=node.contains), None)

    @_match.register
    def _(self, node: Dated) -> Matched:
        return Matched(self._snapshot.columns.between(node.first, node.last), None)

    @_match.register
    def _(self, node: Every) -> Matched:
        mask = np.ones(self._size, dtype=bool)
        scores: Scores | None = None
        for number, child in enumerate(node.must):
            # A condition that there is no time left for is left out; it must not empty the answer.
            if number and self.budget.is_spent(len(node.must) - number):
                break
            found = self.match(child)
            mask &= found.mask
            scores = _sum(scores, found.scores)
        for child in node.without:
            mask &= ~self.match(child).mask
        for child in node.should:
            found = self.match(child)
            scores = _sum(scores, _where(found))
        return Matched(mask, scores)

    @_match.register
    def _(self, node: Some) -> Matched:
        mask = np.zeros(self._size, dtype=bool)
        scores: Scores | None = None
        for number, child in enumerate(node.nodes):
            if self.budget.is_spent(len(node.nodes) - number):
                break
            found = self.match(child)
            mask |= found.mask
            scores = _sum(scores, _where(found))
        return Matched(mask, scores)

    @_match.register
    def _(self, node: Best) -> Matched:
        first = self.match(node.nodes[0])
        mask, best = first.mask.copy(), _where(first)
        if best is None:
            best = np.zeros(self._size)
        wanted = node.share * self._highest(best)
        for child in node.nodes[1:]:
            found = self.match(child)
            mask |= found.mask
            scores = _where(found)
            if scores is not None and (highest := self._highest(scores)) > 0:
                factor = min(max(wanted / highest, node.least), node.most)
                best = np.maximum(best, factor * scores)
        return Matched(mask, best)

    def _highest(self, scores: Scores) -> float:
        """The highest score of the things that may be seen; of all, hidden ones would move what is shown."""
        seen = scores if self._visible is None else scores[self._visible]
        return float(seen.max(initial=0.0))

    def _part(self, slot: Slot) -> _Part:
        if not slot.terms or self.budget.is_spent(1):
            return _Part(_NOTHING, 0.0, 1.0)
        postings, own_idf = self._summed(slot.terms, slot.subject)
        first = slot.terms[0]
        if isinstance(first, Together):
            first = first.terms[0]
        ranking = ranking_of(first.signal, first.text)
        weight = slot.weight * ranking.weight * own_idf
        weight = sharpened(weight, own_idf, self._things, slot.sharpness)
        return _Part(postings, weight, ranking.subject_k1 if slot.subject else ranking.k1)

    def _postings(self, term: Term | Together, subject: bool) -> Postings:
        """The things that hold a term, or several terms together, with their frequencies before any weight."""
        if isinstance(term, Term):
            lists = self._snapshot.leading if subject else self._snapshot.postings
            found = lists(term.signal, term.text)
            self.budget.spend(TERM_WORK + len(found.ids) if len(found.ids) else MISS_WORK)
            return found
        if term.reach:
            first, second = (each.text for each in term.terms)
            found = self._snapshot.within_reach(first, second, term.reach)
            self.budget.spend(TERM_WORK + self._holding(term))
            return found
        parts = [self._postings(each, subject) for each in term.terms]
        parts.sort(key=lambda postings: len(postings.ids))
        ids, tf = parts[0]
        for others, other_tf in parts[1:]:
            if not len(ids):
                break
            at = np.minimum(np.searchsorted(others, ids), len(others) - 1)
            both = others[at] == ids
            ids, tf = ids[both], np.minimum(tf[both], other_tf[at[both]])
        return Postings(ids, tf)

    def _summed(self, terms: Sequence[Term | Together], subject: bool) -> tuple[Postings, float]:
        """The things that hold any of the terms, with the sum of their frequencies; and the idf of all together.

        Terms that stand in nothing the asker may see hold for nothing.
        """
        if len(terms) == 1 and terms[0].weight == 1:
            found = self._postings(terms[0], subject)
            seen = self._seen(found)
            return (found, idf(self._things, seen)) if seen else (_NOTHING, 0.0)
        lists: list[tuple[Postings, float]] = []
        counts: list[tuple[float, int]] = []
        for number, term in enumerate(terms):
            if number and self.budget.is_spent(len(terms) - number):
                break
            postings = self._postings(term, subject)
            if seen := self._seen(postings):
                lists.append((postings, term.weight))
                counts.append((term.weight, seen))
        if not lists:
            return _NOTHING, 0.0
        found = self._added_up(lists)
        return found, slot_idf(self._things, self._seen(found), counts)

    def _seen(self, postings: Postings) -> int:
        """How many of the things of a list the asker may see."""
        if self._counted is None:
            return len(postings.ids)
        return int(np.count_nonzero(self._counted[postings.ids]))

    def _added_up(self, lists: Sequence[tuple[Postings, float]]) -> Postings:
        ids = np.concatenate([postings.ids for postings, _ in lists])
        tf = np.concatenate([postings.tf * np.float32(weight) for postings, weight in lists])
        if len(ids) * _SORTING > self._size:
            sums = np.bincount(ids, tf, self._size)
            holding = np.flatnonzero(sums)
            return Postings(holding.astype(np.int32), sums[holding].astype(np.float32))
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
            if self.budget.is_spent(1):
                return starts[:0]
            keys = snapshot.positions(piece.term.signal, piece.term.text) - piece.offset
            self.budget.spend(TERM_WORK + len(keys))
            starts = starts[np.isin(starts, keys, assume_unique=True)] if number else keys
            if not len(starts):
                return starts
        if run.zone == "title":
            starts = starts[(starts & _POSITION) >= TITLE_REGION]
        return np.unique(starts >> 32)


class _Part(NamedTuple):
    """What one slot gives: things with frequencies, the weight of the slot (idf included), and its k1."""

    postings: Postings
    weight: float
    k1: float


_NOTHING: Final = Postings(np.empty(0, np.int32), np.empty(0, np.float32))


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
