"""Explaining: a question's tree taken apart into what its score is the sum of. Knows no engine.

The tree's meaning is written in :mod:`kb.search.query`: scores of lists of words, of what must and what should stand in
a thing, and of alternatives are added. An engine asks for the score of each part by itself, as it would for a question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from kb.search.query import Bag, Every, Node, Prefix, Run, Slot, Some

How = Literal["word", "side by side", "beginning"]


class Part(NamedTuple):
    """A part of a tree that scores by itself; ``slot`` is what it asks for, None where the index says what that is."""

    how: How
    node: Node
    slot: Slot | None


def parts(node: Node, matches: Callable[[Node], bool]) -> Iterator[Part]:
    """The parts whose scores add up to that of ``node`` for one thing that it matches.

    Args:
        node: the tree.
        matches: whether a node matches the thing.
    """
    match node:
        case Bag(slots=slots):
            yield from (Part("word", Bag((slot,)), slot) for slot in slots)
        case Run(slots=slots):
            yield from (Part("side by side", Bag((slot,)), slot) for slot in slots)
        case Prefix():
            yield Part("beginning", node, None)
        case Every(must=must, should=should):
            for child in must:
                yield from parts(child, matches)
            yield from _matching(should, matches)
        case Some(nodes=nodes):
            yield from _matching(nodes, matches)
        case _:
            return  # facts, dates and everything score nothing


def _matching(nodes: tuple[Node, ...], matches: Callable[[Node], bool]) -> Iterator[Part]:
    for child in nodes:
        if matches(child):
            yield from parts(child, matches)
