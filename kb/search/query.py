"""A question as a tree, the same for every engine: what must stand in a document, and what it scores for that.

:mod:`kb.search.language` makes the tree from what somebody typed; :mod:`kb.search.engine` says what it means. The nodes
hold terms that the analyser made, never raw text, so an engine only looks up and counts.

::

    Everything                    each thing, score 0
    Bag(slots)                    a list of words: any of them may be missing, the more the better
    Run(pieces, slots)            these units stand side by side
    Prefix(signal, start)         a term begins like this
    Fact(name, values)            a value of a filter: kind, language, project, year, tag, person
    Dated(first, last)            dated within these days
    Every(must, should, without)  all of the first, none of the last; the second only adds to the score
    Some(nodes)                   at least one, their scores added
    Best(nodes)                   at least one, the best score
    About(node, terms)            what matches the node; the best of it more so, the more it is about the same matter
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from kb.search.analysis import Signal

Zone = Literal["anywhere", "title"]


@dataclass(frozen=True, slots=True)
class Term:
    """An analysed term of one signal; ``weight`` scales how often it counts as standing in a document."""

    signal: Signal
    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Together:
    """Terms that must all stand in a thing, wherever; they count as often as the one that counts least there.

    With a ``reach`` they are two words of letters or digits, of which the second must stand behind the first, at most
    so many units further on; what counts is each place of the second where it does.
    """

    terms: tuple[Term, ...]
    weight: float = 1.0
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Slot:
    """One word of the question: one term, or several that count as if they were one (translations, synonyms).

    With ``sharpness`` the weight is also multiplied by ``(idf / idf of what stands in one thing) ** sharpness``: the
    rare words of a question then decide more than they do anyway. A slot of a question that names a ``subject`` asks
    for what is about it: what stands in the lead of a body counts more, and so does what is said again
    (:mod:`kb.search.scoring`).
    """

    terms: tuple[Term | Together, ...]
    weight: float = 1.0
    sharpness: float = 0.0
    subject: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A term that a run must hold ``offset`` units after its beginning."""

    term: Term
    offset: int


@dataclass(frozen=True, slots=True)
class Everything:
    """Each thing, score 0."""


@dataclass(frozen=True, slots=True)
class Bag:
    """A list of words.

    The *coverage* of a thing is the weight of the slots found in it, each slot weighing its idf times its weight times
    the weight of its sort of terms. A thing matches when its coverage is at least ``floor`` of the weight of all slots
    that the index knows. Where fewer than ``enough`` of the things the asker may see do so, the floor sinks to the
    coverage of the ``enough``-th best of them, or of the best half of them if that is fewer: few hits are a poor
    moment to be strict. With ``floor`` 0 one slot is enough.

    With ``feedback`` what the best of the things that the asker may see have in common counts too, if they are about
    one thing (:mod:`kb.search.feedback`): each term they teach is one more slot, weighing its weight times that of all
    slots, which adds to the score of things that match. The best one stays the best, by a hair at least, and all scores
    are then scaled so that its score is what it was.
    """

    slots: tuple[Slot, ...]
    floor: float = 0.0
    enough: int = 0
    feedback: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Units side by side, in ``zone``. Scored as a bag of ``slots`` would be."""

    pieces: tuple[Piece, ...]
    slots: tuple[Slot, ...]
    zone: Zone = "anywhere"


@dataclass(frozen=True, slots=True)
class Prefix:
    """A term of ``signal`` that begins with ``start``, in ``zone``. The terms found count as one slot."""

    signal: Signal
    start: str
    zone: Zone = "anywhere"


@dataclass(frozen=True, slots=True)
class Fact:
    """Fact ``name`` is one of ``values``; with ``contains`` a part of the folded value, or of its label, is enough."""

    name: Literal["kind", "language", "project", "year", "tag", "person"]
    values: tuple[str, ...]
    contains: bool = False


@dataclass(frozen=True, slots=True)
class Dated:
    """Dated from ``first`` to ``last``, both included; None is open. A thing without a date does not match."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class Every:
    """All of ``must`` and none of ``without``; ``should`` adds to the score of what matches."""

    must: tuple[Node, ...]
    should: tuple[Node, ...] = ()
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of ``nodes``; the scores of those that match are added."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Best:
    """At least one of ``nodes``; of the scores of those that match the highest counts.

    The first node is what was asked, the others are what it is called elsewhere, in words of other frequencies: before
    they are compared, the scores of each other node are multiplied by what brings the highest of them to ``share`` of
    the highest of the first, but by no less than ``least`` and no more than ``most``.
    """

    nodes: tuple[Node, ...]
    share: float = 1.0
    least: float = 1.0
    most: float = 1.0


@dataclass(frozen=True, slots=True)
class About:
    """What matches ``node``, whose best ones are put in order also by what they are about.

    An engine that has learned which words speak of the same matter (:mod:`kb.search.latent`) adds to the scores of the
    best :data:`kb.search.scoring.MATTER_HITS` of the things that the asker may see: the highest of them, times
    :data:`kb.search.scoring.MATTER_WEIGHT`, times the cosine between ``terms`` and the thing where that is above 0. So
    none of these falls behind one that is not among them. All scores are then scaled so that the highest is what it
    was. ``weight`` of a term is how often it was asked for. An engine that has learned nothing does as ``node`` says.
    """

    node: Bag
    terms: tuple[Term, ...]


Node = About | Best | Everything | Bag | Run | Prefix | Fact | Dated | Every | Some
