"""Explaining: a question's tree taken apart into what its score is the sum of. Knows no engine.

The tree's meaning is written in :mod:`kb.search.query`: scores of lists of words, of what must and what should stand in
a thing, and of alternatives are added; of some alternatives only the best counts. An engine is asked for the score of
each part by itself, as it would be for a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import isclose
from typing import Literal, NamedTuple

from kb.search.query import About, Bag, Best, Every, Node, Prefix, Run, Slot, Some

How = Literal["word", "side by side", "beginning", "matter"]


class Part(NamedTuple):
    """A part of a tree that scores by itself.

    ``slot`` is what it asks for, None where the index says what that is; its score counts ``factor`` times. Of
    ``matter`` it is what the node counts beyond the node within.
    """

    how: How
    node: Node
    slot: Slot | None
    factor: float = 1.0


def parts(
    node: Node,
    matches: Callable[[Node], bool],
    score: Callable[[Node], float],
    scale: Callable[[About], float],
    factor: float = 1.0,
) -> Iterator[Part]:
    """The parts whose scores add up to that of ``node`` for one thing that it matches.

    Args:
        node: the tree.
        matches: whether a node matches the thing.
        score: the score of a node for the thing.
        scale: what the scores of the node within are multiplied by.
        factor: what the score of ``node`` is multiplied by.
    """
    match node:
        case Bag(slots=slots):
            yield from (Part("word", Bag((slot,)), slot, factor) for slot in slots)
        case Run(slots=slots):
            yield from (Part("side by side", Bag((slot,)), slot, factor) for slot in slots)
        case Prefix():
            yield Part("beginning", node, None, factor)
        case Every(must=must, should=should):
            for child in (*must, *(child for child in should if matches(child))):
                yield from parts(child, matches, score, scale, factor)
        case Some(nodes=nodes):
            for child in nodes:
                if matches(child):
                    yield from parts(child, matches, score, scale, factor)
        case About(node=child):
            yield from parts(child, matches, score, scale, factor * scale(node))
            yield Part("matter", node, None, factor)
        case Best():
            child, own = _best(node, matches, score)
            yield from parts(child, matches, score, scale, factor * own)
        case _:
            return  # facts, dates and everything score nothing


def _best(
    node: Best, matches: Callable[[Node], bool], score: Callable[[Node], float]
) -> tuple[Node, float]:
    """The node whose score counts, and the factor it counts with."""
    whole, first = score(node), node.nodes[0]
    for other in node.nodes[1:]:
        own = score(other) if matches(other) else 0.0
        alone = score(replace(node, nodes=(first, other)))
        if (
            own
            and isclose(alone, whole, rel_tol=1e-6)
            and not (matches(first) and isclose(score(first), whole, rel_tol=1e-6))
        ):
            return other, whole / own
    return first, 1.0
