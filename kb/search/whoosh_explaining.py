"""Explaining a score of the Whoosh engine: each part of the tree is matched by itself and looked at in one thing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from kb.search.columns import Mask
from kb.search.engine import Explanation, Reason, Standing
from kb.search.explaining import Part, parts
from kb.search.query import About, Node, Prefix, Slot, Term, Together
from kb.search.whoosh_matching import Matched, Matching
from kb.search.whoosh_snapshot import Snapshot

# What the parts do not explain is told only where it is more than rounding.
_ROUNDING: Final = 1e-6


def explain(snapshot: Snapshot, visible: Mask | None, node: Node, thing: int) -> Explanation:
    """Why ``thing``, which ``node`` matches, has its score.

    Args:
        snapshot: the generation the question was answered from.
        visible: the things that exist for the asker; None: all.
        node: the question's tree.
        thing: number of the thing.
    """

    def matched_by(part: Node) -> Matched:
        # Each part has a whole question's budget: the first is the whole tree, which must score as it did.
        return Matching(snapshot, visible).match(part)

    def matches(part: Node) -> bool:
        return bool(matched_by(part).mask[thing])

    def score_of(part: Node) -> float:
        scores = matched_by(part).scores
        return 0.0 if scores is None else float(scores[thing])

    def scale_of(part: About) -> float:
        return Matching(snapshot, visible).with_matter(part)[1]

    def reason(part: Part) -> Reason:
        if isinstance(part.node, About):
            beyond = score_of(part.node) - scale_of(part.node) * score_of(part.node.node)
            return Reason("matter", None, (), part.factor * beyond, 0)
        mask = matched_by(part.node).mask
        score = part.factor * score_of(part.node)
        slot = part.slot or _beginning(snapshot, part.node)
        standing = tuple(_standing(snapshot, slot, thing)) if score else ()
        holding = int(np.count_nonzero(mask if visible is None else mask & visible))
        return Reason(part.how, slot, standing, score, holding)

    score = score_of(node)
    found = [reason(part) for part in parts(node, matches, score_of, scale_of)]
    reasons = [each for each in found if each.score]
    more = score - sum(each.score for each in reasons)
    if abs(more) > _ROUNDING * max(score, 1.0):
        reasons.append(Reason("more", None, (), more, 0))
    reasons.sort(key=lambda each: -each.score)
    things = snapshot.size if visible is None else int(np.count_nonzero(visible))
    return Explanation(score, tuple(reasons), things)


def _beginning(snapshot: Snapshot, node: Node) -> Slot:
    """The words that begin as asked, as a slot."""
    if not isinstance(node, Prefix):
        return Slot(())
    terms = snapshot.terms_with(node.signal, node.start)
    return Slot(tuple(Term(node.signal, text) for text in terms))


def _standing(snapshot: Snapshot, slot: Slot, thing: int) -> Iterator[Standing]:
    for each in slot.terms:
        terms = each.terms if isinstance(each, Together) else (each,)
        counts = [snapshot.counts_in(thing, term.signal, term.text) for term in terms]
        # Of terms that must stand together, one alone says nothing.
        if all(any(count) for count in counts):
            yield from (Standing(term, *count) for term, count in zip(terms, counts, strict=True))
