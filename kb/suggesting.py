"""Suggestions while somebody types: titles, people, projects, tags, names of the glossary, questions often asked.

Titles are those of documents and of everything else that can be found (:mod:`kb.suggesting_things`).

All names lie in memory (:mod:`kb.search.names`); SQL says what has changed and, at the end, whether what is about to
be offered may still be read. A person, project or tag is offered to whoever may read a document that carries it, a
question to whoever may read the document it leads to.

What was changed since the large table was made stands in a small one beside it, made anew with the first question after
each change; when that grows too large, or the large one too old, a thread makes the large one anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import exp, log2
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.errors import SearchUnavailable
from kb.models import Change, readable_audiences
from kb.search.answers import Suggestion
from kb.search.folding import fold_text
from kb.search.lexicon import GlossaryReader
from kb.search.names import Fit, FoundName, Name, NameTable, compact
from kb.search.query import Term
from kb.search.readings import syllables
from kb.suggesting_rows import (
    SUBJECT,
    document_names,
    question_names,
    still_readable,
)
from kb.suggesting_things import last_change, thing_names

MAX_SUGGESTIONS: Final = 20
# Of one sort no more than this, unless there is nothing else: a list of nothing but titles tells little.
MOST_OF_A_KIND: Final = {
    "question": 2,
    "term": 2,
    "project": 2,
    "person": 2,
    "tag": 2,
    "doctemplate": 2,
    "lesson": 2,
    "course": 1,
    "community": 1,
    "asked": 1,
    "document": 4,
}
# Between names that fit equally well: what narrows comes before what is only one document.
_ORDER: Final = {kind: place for place, kind in enumerate(MOST_OF_A_KIND)}
# What only completes the words that are typed is not worth offering when nothing is left to complete.
_ONLY_WORDS: Final = frozenset({"question", "term"})
# Asked for beyond what is shown, for what turns out to be readable no longer.
_SPARE: Final = 4

# Changed documents in the small table; more of them take longer than a suggestion may.
MOST_CHANGED: Final = 200
# On databases with several writers a change may be committed after one with a higher number; so many are read again.
_LATE_CHANGES: Final = 20
# Names of projects and people change without a change of documents; they are seen after this time at the latest.
LARGE_TABLE_SECONDS: Final = 600.0
QUESTIONS_SECONDS: Final = 60.0  # they are counted anew every few minutes
# A few thousand titles of lessons are read in some ten milliseconds; while many are written, no oftener than this.
THINGS_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A table, what it shows the state of, and when it was made, in seconds of the clock."""

    table: NameTable
    state: int
    made: float
    gone: frozenset[int] = frozenset()


class Suggesting:
    """Completes what somebody types. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        glossary: GlossaryReader | None = None,
        clock: Callable[[], float] = time.monotonic,
        idf: Callable[[Sequence[Term], frozenset[int] | None], Sequence[float]] | None = None,
    ) -> None:
        """Read names from ``database`` and ``glossary``; nothing is read before it is asked for.

        ``idf`` tells how rare words are in what somebody may read: of terms that fit equally well, the one that is
        written most comes first.
        """
        self._database = database
        self._glossary = glossary
        self._idf = idf
        self._clock = clock
        self._lock = threading.Lock()
        self._large: _Kept | None = None
        self._small: _Kept | None = None
        self._terms: _Kept | None = None
        self._questions: _Kept | None = None
        self._things: _Kept | None = None
        self._worker: threading.Thread | None = None
        self._closed = False

    def suggest(self, actor: Actor, typed: str, limit: int = 8) -> tuple[Suggestion, ...]:
        """What completes ``typed``, of what ``actor`` may know of, best first, of several kinds.

        ``typed`` may be a beginning or a part of a name, in simplified or traditional characters, pinyin
        (``fengxian``), its initials (``fxgl``) or a mixture of them.
        """
        limit = min(max(limit, 0), MAX_SUGGESTIONS)
        if not compact(typed) or not limit:
            return ()
        found = self._find(actor, typed, limit + _SPARE, Fit.SOUND_OF_WORD)
        whole = compact(typed)
        wanted = [
            each
            for each in found
            if each.name.kind not in _ONLY_WORDS or compact(each.name.text) != whole
        ]
        offered = self._offered(actor, _mixed(wanted)[: limit + _SPARE])[:limit]
        return tuple(each for _, each in sorted(offered, key=lambda pair: _place(pair[0])))

    def sounding(self, actor: Actor, word: str, limit: int = 3) -> tuple[Suggestion, ...]:
        """Names that ``word`` is the whole pinyin or the initials of, of what ``actor`` may know of, best first."""
        found = self._find(actor, word, limit + _SPARE, Fit.SOUND_OF_WHOLE)
        exact = sorted((each for each in found if each.fit == Fit.SOUND_OF_WHOLE), key=_place)
        different: dict[str, Suggestion] = {}
        for _, each in self._offered(actor, exact):
            different.setdefault(compact(each.text), each)
        return tuple(different.values())[:limit]

    def warm_up(self) -> None:
        """Make the tables now, rather than within the first question."""
        syllables()
        with self._database.read() as session:
            self._tables(session)

    def close(self) -> None:
        """Wait for the thread that may be making a table; the object only forgets from now on."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.join()

    def _find(self, actor: Actor, typed: str, limit: int, worst: Fit) -> list[FoundName]:
        if not actor.principals and not actor.sees_all:
            return []
        with self._database.read() as session:
            audiences = readable_audiences(session, actor)
            tables = self._tables(session)
        found: dict[tuple[str, int, str], FoundName] = {}
        for kept in tables:
            for each in kept.table.find(typed, audiences, limit, gone=kept.gone, worst=worst):
                key = each.name.kind, each.name.id, each.name.text
                before = found.get(key)
                # Carried by documents of both tables.
                uses = each.uses + (before.uses if before else 0)
                found[key] = each._replace(uses=uses)
        return self._weighed(list(found.values()), audiences)

    def _weighed(self, found: list[FoundName], audiences: frozenset[int] | None) -> list[FoundName]:
        """With the terms of the glossary, which nothing carries, counted by how common they are in what is written."""
        terms = [each.name.text for each in found if each.name.kind == "term"]
        if self._idf is None or not terms:
            return found
        try:
            rare = self._idf([Term("words", fold_text(text)) for text in terms], audiences)
        except SearchUnavailable:
            return found
        # The share of all things that hold the word, in thousandths; 1 for one that stands nowhere.
        uses = {
            text: 1 + (round(1000 * exp(-idf)) if idf else 0)
            for text, idf in zip(terms, rare, strict=True)
        }
        return [
            each._replace(uses=uses[each.name.text]) if each.name.kind == "term" else each
            for each in found
        ]

    def _offered(
        self, actor: Actor, found: Sequence[FoundName]
    ) -> list[tuple[FoundName, Suggestion]]:
        """What may be read at this moment, whatever the tables say, under its present name."""
        with self._database.read() as session:
            shown = still_readable(session, actor, [each.name for each in found])
        return [(each, offer) for each, offer in zip(found, shown, strict=True) if offer]

    # The tables

    def _tables(self, session: Session) -> list[_Kept]:
        """The tables that together hold all names as they are now."""
        state = session.scalar(select(func.max(Change.id)).where(Change.subject == SUBJECT)) or 0
        version = self._glossary.version() if self._glossary is not None else 0
        now = self._clock()
        with self._lock:
            large = self._large
            if large is None:
                large = self._large = self._made_large()
            elif now - large.made > LARGE_TABLE_SECONDS:
                self._make_large_soon()
            small = self._small
            if small is None or small.state != state:
                small = self._small = self._made_small(session, large, state)
            if self._terms is None or self._terms.state != version:
                self._terms = self._made_terms(version)
            if self._questions is None or now - self._questions.made > QUESTIONS_SECONDS:
                names, audiences = question_names(session)
                self._questions = _Kept(NameTable(names, audiences), 0, now)
            self._things = self._made_things(session, now)
            large = _Kept(large.table, large.state, large.made, small.gone)
            return [
                large,
                _Kept(small.table, small.state, small.made),
                self._terms,
                self._questions,
                self._things,
            ]

    def _made_large(self) -> _Kept:
        made = self._clock()
        with self._database.read() as session:
            state = session.scalar(select(func.max(Change.id)).where(Change.subject == SUBJECT))
            names, audiences = document_names(session, None)
        return _Kept(NameTable(names, audiences), state or 0, made)

    def _made_small(self, session: Session, large: _Kept, state: int) -> _Kept:
        """The names of what has changed since ``large`` was made; ``gone`` are the documents that changed."""
        changed = session.scalars(
            select(Change.subject_id)
            .where(Change.subject == SUBJECT, Change.id > large.state - _LATE_CHANGES)
            .distinct()
            .limit(MOST_CHANGED + _LATE_CHANGES + 1)
        ).all()
        if len(changed) > MOST_CHANGED + _LATE_CHANGES:
            self._make_large_soon()
            # Until then what has changed meanwhile is offered as it was, where it still may be read.
            small = self._small
            if small is not None:
                return _Kept(small.table, state, small.made, small.gone)
        names, audiences = document_names(session, changed)
        return _Kept(NameTable(names, audiences), state, self._clock(), frozenset(changed))

    def _made_terms(self, version: int) -> _Kept:
        names: Iterable[Name] = ()
        if self._glossary is not None:
            version, concepts = self._glossary.concepts()
            names = [
                Name(text, "term", concept.id, also if text == main[0] else ())
                for concept in concepts
                for main, also in (
                    (concept.zh, (*concept.zh_hant, *concept.abbreviations)),
                    (concept.en, concept.abbreviations),
                )
                for text in main
            ]
        return _Kept(NameTable(names, {}), version, self._clock())

    def _made_things(self, session: Session, now: float) -> _Kept:
        things = self._things
        if things is not None and now - things.made < THINGS_SECONDS:
            return things
        state = last_change(session)
        if things is not None and state == things.state:
            return things
        names, audiences = thing_names(session)
        return _Kept(NameTable(names, audiences), state, now)

    def _make_large_soon(self) -> None:
        """Make the large table anew in a thread; does nothing while one is at it. Only under the lock."""
        if self._closed or (self._worker is not None and self._worker.is_alive()):
            return
        self._worker = threading.Thread(target=self._renew, name="suggestions", daemon=True)
        self._worker.start()

    def _renew(self) -> None:
        try:
            large = self._made_large()
        except Exception:  # noqa: BLE001  the next question tries again; until then the old table serves
            _log.exception("The names to suggest could not be read anew")
            return
        with self._lock:
            self._large, self._small = large, None


def _place(found: FoundName) -> tuple[int, int, float, int, str]:
    """Sorts the best first."""
    name = found.name
    return (found.fit, _ORDER[name.kind], -log2(found.uses), len(name.text), name.text)


def _mixed(found: Iterable[FoundName]) -> list[FoundName]:
    """What to offer first: the best, but not too many of one kind while there are others."""
    taken: Counter[str] = Counter()
    told: set[tuple[str, str]] = set()
    first: list[FoundName] = []
    rest: list[FoundName] = []
    for each in sorted(found, key=_place):
        kind, text = each.name.kind, each.name.text
        # A term and a question of the same words do the same, and a tag less; two documents of one title look the same.
        words = ("words", compact(text))
        key = words if kind in _ONLY_WORDS else (kind, text)
        if key not in told and not (kind == "tag" and words in told):
            told.add(key)
            taken[kind] += 1
            (first if taken[kind] <= MOST_OF_A_KIND[kind] else rest).append(each)
    return [*first, *rest]
