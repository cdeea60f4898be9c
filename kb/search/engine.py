"""The engine contract: what any search engine of this house promises, whole and in one place.

An engine holds *entries*, one for each thing that can be found, and answers *questions* about them. It knows nothing of
SQL, users or pages. Two engines exist: the Whoosh engine (:mod:`kb.search.whoosh_engine`) and a brute-force one that
the tests use as an oracle; one test suite runs on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from kb.errors import SearchUnavailable
from kb.search.query import Everything, Node, Slot, Term


class IndexBusy(SearchUnavailable):
    """Another process is writing to the index and did not finish in time. Data: ``reason``."""

    code = "index-busy"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one thing.

    Attributes:
        key: ``subject:number``, e.g. ``document:12``; the number is not negative.
        audience: id of the audience that may know of the thing.
        project: code of its project, or empty.
        project_label: the project's names, looked through by ``project:…`` in a question.
        year: the year it belongs to, or None.
        dated: its day, for date filters and sorting, or None.
        title, headings, body: the texts. Each is analysed exactly once, when the entry is written.
    """

    key: str
    audience: int
    kind: str
    language: str
    title: str
    headings: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    project: str = ""
    project_label: str = ""
    year: int | None = None
    dated: date | None = None
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        node: what must stand in a thing.
        filters: for names of facets the values that are let through; one name's values are joined by OR.
        date_from, date_to: days that ``dated`` must lie between, both included; None is open.
        audiences: ids of the audiences that may be seen; None means all.
        without: keys of things that do not exist for the asker, whatever their audience.
        also: keys of things that do exist for the asker, whatever their audience.
        facets: names of the facets to count.
        sort: ``relevance`` (best score first) or ``date`` (newest first, undated last). Ties, and everything where
            scores are all 0: newest first, then subject, then highest number.
        offset, limit: which of the sorted hits to return.
    """

    node: Node = field(default_factory=Everything)
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    date_from: date | None = None
    date_to: date | None = None
    audiences: frozenset[int] | None = None
    without: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    facets: tuple[str, ...] = ()
    sort: Literal["relevance", "date"] = "relevance"
    offset: int = 0
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Match:
    """One hit: the key of a thing and its score."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a question.

    Attributes:
        total: number of things that match, over all pages.
        matches: those asked for by ``offset`` and ``limit``, in order.
        facets: for each name asked for, ``(value, count)``, most frequent first, then by value. A facet is counted
            under all filters but its own, so that a second value can be chosen.
        left_out: how many words or other parts of the question were not looked at, because answering would have taken
            too long; of a list of words the most frequent ones. 0 for every question that a person asks.
    """

    total: int
    matches: tuple[Match, ...]
    facets: dict[str, tuple[tuple[str, int], ...]]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A term that stands in a thing: how often in its title, its headings and its body."""

    term: Term
    title: int
    headings: int
    body: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A part of a score.

    Attributes:
        how: ``word``: a word of a list; ``side by side``: one of words that stand so; ``beginning``: how words begin;
            ``matter``: the thing is about the same matter; ``more``: what the whole counts beyond its parts.
        asked: the words that were asked for, as one slot; None for ``matter`` and ``more``.
        standing: the terms of the slot that stand in the thing.
        score: what it adds to the score.
        holding: how many of the things that the asker may see hold the slot.
    """

    how: Literal["word", "side by side", "beginning", "matter", "more"]
    asked: Slot | None
    standing: tuple[Standing, ...]
    score: float
    holding: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a thing has its score: ``reasons`` add up to ``score``, the largest first, those that add nothing left out.

    ``things`` are all that the asker may see, to compare ``Reason.holding`` with.
    """

    score: float
    reasons: tuple[Reason, ...]
    things: int


@dataclass(frozen=True, slots=True)
class EngineState:
    """What an engine says of itself.

    Attributes:
        generation: grows with each change that readers see.
        documents: number of entries.
        rebuild_reason: why the index must be rebuilt before it can be trusted, as a plain sentence, or empty.
    """

    generation: int
    documents: int
    rebuild_reason: str


class SearchEngine(Protocol):
    """Holds entries, answers questions.

    Threads: any method may be called from any thread at any time; searches run side by side and never wait for writers.
    Each answer comes from one generation.

    Processes: one process at a time writes; others get :class:`IndexBusy`. Readers in other processes see a new
    generation with their next question, without being told.

    Order: what is applied last wins. Two processes that read the truth and apply it could overtake each other, so the
    truth is read while :meth:`writing` is held.

    Applied: when :meth:`apply` or :meth:`rebuild` returns, the change is on disk, whole, and the next question on this
    object sees it. When they raise, or the process is killed, everything or nothing of the batch is there after the
    next start. Applying a batch twice changes nothing.

    Permission: a thing whose audience is not among ``Question.audiences`` shows in no hit, no total and no facet.
    Nor does it decide what matches: N and df below count what the asker may see. Average lengths, and what is learned,
    are those of the whole index; they only move scores.

    Laziness: nothing is opened or loaded before the first call; opening again what did not change is not noticed.

    Patience: any tree is answered within a few seconds (:mod:`kb.search.budget`), the largest by a part of it; then
    ``Found.left_out`` tells so. What is left out matches nothing.

    Errors: :class:`kb.errors.SearchUnavailable` when the index is damaged or its folder cannot be used; the state then
    has a ``rebuild_reason``. Wrong questions do not exist: a name of a filter or facet that is unknown matches nothing.

    Scores: for one slot in one thing, with N things, df of them holding the slot, and the fields f (title, headings,
    body) weighing W_f, with length l_f against an average of L_f::

        tf    = Σ_f W_f · count_f / (1 - b_f + b_f · l_f / L_f)
        idf   = ln(1 + (N - df + 0.5) / (df + 0.5))
        score = term weight · slot weight · sharpening · idf · tf / (k1 + tf)

    Of a slot of a question that names a subject tf also holds ``LEAD_WEIGHT · W_body · lead / (1 - b_body + …)``, where
    ``lead`` counts what begins in the first ``LEAD_UNITS`` units of the body, a Chinese word as often as its rarest
    pair of characters, and terms (pairs) that more than ``LEAD_THINGS`` things hold do not count there; and k1 is
    another one.

    (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework, section 3.5; the idf is Lucene's, never below
    0.) Counts of several terms in one slot are added, each times its weight; their idf is the mean of two, that of the
    things holding any of them and that of the terms' mean df by weight. Term weight and k1 are those of the first.
    Terms that must stand together have the tf of the one that counts least; a word within reach of another one is
    counted where it stands so. Sharpening: :class:`kb.search.query.Slot`. Constants: :mod:`kb.search.scoring`.
    ``should`` nodes add their score, filters and dates 0. What is learned adds to scores as
    :class:`kb.search.query.About` says; it is learned from all things, and only moves hits.
    """

    def state(self) -> EngineState:
        """What is there now. Never raises: an unusable index is told by ``rebuild_reason``."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Hold the right to write, for this thread; :meth:`apply` and :meth:`rebuild` inside need not wait for it.

        Raises:
            IndexBusy: another thread or process holds it for longer than a batch takes.
            SearchUnavailable: the folder cannot be used.
        """
        ...

    def apply(self, upserts: Iterable[Entry], removals: Iterable[str]) -> None:
        """Replace or add entries by key and remove keys; unknown keys are no error. One batch, one generation.

        Raises:
            IndexBusy: another process writes.
            SearchUnavailable: the index is damaged or must be rebuilt first.
        """
        ...

    def rebuild(self, entries: Iterable[Entry]) -> None:
        """Build a new index from ``entries`` beside the present one and put it in its place.

        Questions are answered from the old one until then. ``entries`` is read once, lazily.

        Raises:
            IndexBusy: another process writes.
            SearchUnavailable: the folder cannot be used.
        """
        ...

    def tidy(self) -> bool:
        """Do a piece of housekeeping that keeps questions fast; True when there may be more to do.

        Returns False at once when another process writes.
        """
        ...

    def learn(self) -> bool:
        """Learn which words speak of the same matter (:mod:`kb.search.latent`); returns whether there is something new.

        Takes seconds, once the number of entries has changed by a quarter; else it returns False at once, and so it
        does with less than :data:`kb.search.latent.LEAST_THINGS`. :meth:`rebuild` learns by itself. Questions are
        answered by what was learned before until then.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        ...

    def idf(
        self,
        terms: Sequence[Term],
        audiences: frozenset[int] | None = None,
        without: frozenset[str] = frozenset(),
    ) -> tuple[float, ...]:
        """The idf of each term among things of ``audiences`` (None: all); 0.0 for one that stands in none of them.

        Things whose keys are in ``without`` do not count.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        ...

    def search(self, question: Question) -> Found:
        """Answer ``question``.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        ...

    def explain(self, question: Question, key: str) -> Explanation | None:
        """Why the thing ``key`` has its score under ``question``; None where it is no hit of it, or not for the asker.

        The score is the one that :meth:`search` gives. ``offset``, ``limit``, ``facets`` and ``sort`` do not matter.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        ...

    def words(self) -> Iterable[tuple[str, int]]:
        """Each term of the signal ``words``, once, and about how many things hold it, whoever may see them.

        Read little by little, from one generation; questions do not wait for it. What was removed may still be counted.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        ...

    def close(self) -> None:
        """Let go of files and memory once running questions are answered. Calling it again does nothing."""
        ...
