"""Feedback: what the best hits have in common tells what else to look for. Pure decisions; an engine does the rest.

Somebody asks for “heat transfer at high speed”; the ten best hits all speak of boundary layers, so other things that do
are likely to be meant too (relevance models: Lavrenko and Croft 2001; as used here: RM3, Abdul-Jaleel et al. 2004). It
is done only where the best hits are about one thing, because otherwise they have nothing to teach: on eight judged sets
their *cohesion* told the questions that gain from those that lose, where the steepness of scores and the share of the
question found did not. And the best hit stays the best: it was found by what was asked.

An engine keeps the *gist* of each thing: its most frequent terms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from kb.search.analysis import Token
from kb.search.wording import STOP_WORDS

GIST_TERMS: Final = 64  # kept of each thing: all of most paragraphs, at some 600 bytes
HAIR: Final = 1e-4  # by what share of its score the best hit is above the next at least
TEACHERS: Final = 10  # hits that are looked at
_FEWEST_TEACHERS: Final = 3
TAUGHT_TERMS: Final = 15
_MIN_HOLDING: Final = 2  # of the hits that are looked at, for a term to be common to them

# Cohesion (mean idf of a term of the hits that another one shares, see below) from which on the hits teach; and from
# which on with full weight. Three sets with several right answers a question lie above .65 with nearly all questions,
# sets with one right answer mostly below.
COHERENT: Final = 0.65
_FULLY_COHERENT: Final = 1.2
# Weight of the taught terms, all together, against that of the words of the question.
_LEAST_WEIGHT: Final = 0.3
_MOST_WEIGHT: Final = 0.8


class Gist(NamedTuple):
    """The most frequent terms of a thing with their counts, and how many occurrences of telling terms it has in all."""

    counts: dict[str, int]
    total: int


def tells(token: Token) -> bool:
    """Whether a term says something of the thing it stands in."""
    return (
        token.signal == "words"
        and len(token.plain) > 1
        and not token.text.isdigit()
        and token.plain not in STOP_WORDS
    )


def written(counts: Mapping[str, int]) -> bytes:
    """The gist of a thing with these ``counts`` of telling terms, to be stored."""
    # Sorting keeps the order among equals: of terms that stand once those at the beginning.
    kept = sorted(counts.items(), key=lambda pair: -pair[1])[:GIST_TERMS]
    return "\n".join(
        (str(sum(counts.values())), *(f"{term} {count}" for term, count in kept))
    ).encode()


def read(stored: bytes) -> Gist:
    """A stored gist."""
    first, *rows = stored.decode().split("\n")
    pairs = (row.rpartition(" ") for row in rows)
    return Gist({term: int(count) for term, _, count in pairs}, int(first or 0))


def taught(
    gists: Sequence[Gist],
    scores: Sequence[float],
    idf: Callable[[Sequence[str]], Sequence[float]],
) -> tuple[tuple[str, float], ...]:
    """The terms that the best hits teach, each with its weight against that of the whole question; mostly none.

    Args:
        gists: of the best hits, in order.
        scores: of the same.
        idf: tells the idf of terms.
    """
    if len(gists) < _FEWEST_TEACHERS:
        return ()
    holding = Counter(term for gist in gists for term in gist.counts)
    shared = [term for term, count in holding.items() if count >= _MIN_HOLDING]
    known = dict(zip(shared, idf(shared), strict=True))
    again = sum(known[term] * (holding[term] - 1) for term in shared)
    cohesion = again / max(sum(len(gist.counts) for gist in gists), 1)
    if cohesion < COHERENT:
        return ()
    model = _model(gists, scores, shared)
    best = sorted(((model[term] * known[term], term) for term in shared), reverse=True)
    best = [pair for pair in best[:TAUGHT_TERMS] if pair[0] > 0]
    total = sum(worth for worth, _ in best)
    step = min((cohesion - COHERENT) / (_FULLY_COHERENT - COHERENT), 1.0)
    weight = _LEAST_WEIGHT + step * (_MOST_WEIGHT - _LEAST_WEIGHT)
    return tuple((term, weight * worth / total) for worth, term in best)


def _model(
    gists: Sequence[Gist], scores: Sequence[float], terms: Iterable[str]
) -> dict[str, float]:
    """How likely each term is in the hits, each hit counting by its score."""
    whole = sum(scores) or 1.0
    parts = [
        (score / whole / gist.total, gist.counts)
        for gist, score in zip(gists, scores, strict=True)
        if gist.total
    ]
    return {term: sum(part * counts.get(term, 0) for part, counts in parts) for term in terms}
