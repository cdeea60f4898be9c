"""Retrieval: questions answered for somebody, with nothing in the answer that this somebody may not read.

The index leaves out what the actor may not see before it counts; the rows of a page are then read from SQL under the
same condition again. What changed since it was indexed is looked up first (:mod:`kb.unindexed`), so an index that lags
behind a change of permission leaks neither text nor counts.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam, case, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.announced_rows import announced_to, only_words, owners_of
from kb.database import Database
from kb.errors import N_, NotFound
from kb.models import Project, readable_audiences
from kb.models.access import principals_of
from kb.models.projects import prepared_project_readable
from kb.search.analysis import tokens
from kb.search.answers import (
    FACETS,
    MAX_PER_PAGE,
    NO_NAMES,
    FacetValue,
    Hit,
    Names,
    Note,
    SearchAnswer,
    SearchRequest,
    SectionRef,
    Why,
)
from kb.search.engine import Found, Match, Question, SearchEngine
from kb.search.expansion import Expander
from kb.search.language import Understood, understand
from kb.search.passages import Highlighter
from kb.search.query import Bag, Node, Slot, Term
from kb.search.reasons import told
from kb.search.wording import STOP_WORDS
from kb.second_thoughts import SecondThoughts
from kb.things import MIXED, Prior, Thing, ThingSource, key, mixed_order, parts
from kb.unindexed import lost

MAX_FACET_VALUES: Final = 50
# What is not for somebody is told of where it would stand among so many: further down it is hardly what was meant.
HIGH_UP: Final = 20
# Similar documents: the beginning of a document says what it is about, and its rarest words say it best.
_SIMILAR_CHARS: Final = 4_000
_SIMILAR_TERMS: Final = 40
_SIMILAR_FLOOR: Final = 0.1
_CODES: Final[BindParameter[Any]] = bindparam("codes", expanding=True)
# Made once: it is asked with every question. `known` is 0 for a project that one may not know of, which is left out,
# also where the index still names it.
_PROJECT_NAMES: Final = {
    sees_all: select(
        Project.code,
        Project.name_zh,
        Project.name_en,
        case((prepared_project_readable(sees_all=sees_all), 1), else_=0).label("known"),
    ).where(Project.code.in_(_CODES))
    for sees_all in (False, True)
}
# In place of the codes of projects that one may not know of: no thing has it.
_NO_PROJECT: Final = "\x00"


class Retrieval:
    """Answers questions. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        engine: SearchEngine,
        sources: Sequence[ThingSource],
        *,
        expander: Expander | None = None,
        second_thoughts: SecondThoughts | None = None,
        priors: Mapping[str, Prior] | None = None,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Find with ``engine``, widen questions with ``expander``, read what to show from ``database`` by ``sources``.

        Where a question found little, ``second_thoughts`` say what to offer; ``today`` is what 今年 is reckoned from.
        ``priors`` say for a subject how much more or less than by their words alone its things count.
        """
        self._database = database
        self._engine = engine
        self._sources = {source.subject: source for source in sources}
        self._expander = expander
        self._second_thoughts = second_thoughts
        self._priors = dict(priors or {})
        self._today = today

    def search(self, actor: Actor, request: SearchRequest) -> SearchAnswer:
        """Answer a question with what ``actor`` may read. Any text is a question; pages beyond the last are empty.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        began = time.perf_counter()
        understood = self._understood(request)
        with self._database.read() as session:
            audiences = readable_audiences(session, actor)
            question = replace(
                _question(_known_only(session, actor, request), understood.node, audiences),
                without=lost(session, actor, self._sources),
            )
            found = self._found(session, question, request.query, mixed=not request.kinds)
            hits = self._hits(session, actor, found.matches, Highlighter(understood.wanted))
            restricted = self._restricted(session, actor, request, question)
            facets = {
                name: _facet(session, actor, name, counts) for name, counts in found.facets.items()
            }
        meant, help_ = None, None
        if self._second_thoughts is not None and request.query and request.page <= 1:

            def ask(text: str, wanted: tuple[str, ...]) -> Found:
                node = self._understood(replace(request, query=text)).node
                return self._engine.search(replace(question, node=node, facets=wanted, limit=0))

            thoughts, text = self._second_thoughts, request.query
            knows = self._expander.knows if self._expander is not None else lambda _: False
            meant = thoughts.did_you_mean(
                actor, question, text, total=found.total, ask=ask, knows=knows
            )
            help_ = None if found.total else thoughts.help(text, ask)
        return SearchAnswer(
            query=request.query,
            total=found.total,
            took_ms=round((time.perf_counter() - began) * 1000, 2),
            hits=hits,
            facets=facets,
            did_you_mean=meant,
            expansions=understood.expansions,
            ignored=(*understood.ignored, *_left_out(found)),
            help=help_,
            restricted=restricted,
        )

    def why(
        self, actor: Actor, request: SearchRequest, number: int, subject: str = "document"
    ) -> Why:
        """Why a thing is a hit of a search, and what each word of the question adds to its score.

        Raises:
            NotFound: there is no such thing, or ``actor`` may not read it.
            SearchUnavailable: there is no usable index.
        """
        understood = self._understood(request)
        with self._database.read() as session:
            thing = self._thing(session, actor, subject, number)
            question = replace(
                _question(request, understood.node, readable_audiences(session, actor)),
                without=lost(session, actor, self._sources),
            )
        found = self._engine.explain(question, thing.key)
        known = Why(number, thing.title, thing.language, found=found is not None)
        if found is None:
            return known
        texts = [thing.title, *(f"{each.heading}\n{each.text}" for each in thing.sections)]
        reasons, missing = told(found, request.query, understood.expansions, texts)
        return replace(
            known,
            score=round(found.score, 4),
            reasons=reasons,
            missing=missing,
            things=found.things,
        )

    def _restricted(
        self, session: Session, actor: Actor, request: SearchRequest, question: Question
    ) -> tuple[str, ...]:
        """Who looks after what ``actor`` would find high up, could they read it, and has said that it may be known."""
        narrowed = any(question.filters.values()) or question.date_from or question.date_to
        if not request.query or request.page > 1 or narrowed:
            return ()
        also = announced_to(session, actor) if only_words(question.node) else frozenset()
        if not also:
            return ()
        high_up = replace(question, also=also, facets=(), sort="relevance", limit=HIGH_UP)
        found = self._engine.search(high_up)
        return owners_of(session, also & {match.key for match in found.matches})

    def _understood(self, request: SearchRequest) -> Understood:
        widening = None
        if request.expand and self._expander is not None:
            widening = self._expander.widening(request.without)
        return understand(request.query, widening, self._today)

    def similar(
        self, actor: Actor, number: int, limit: int = 5, subject: str = "document"
    ) -> tuple[Hit, ...]:
        """Things about the same as one, best first, itself left out.

        Raises:
            NotFound: there is no such thing, or ``actor`` may not read it.
            SearchUnavailable: there is no usable index.
        """
        with self._database.read() as session:
            thing = self._thing(session, actor, subject, number)
            text = "\n\n".join(section.text for section in thing.sections)[:_SIMILAR_CHARS]
            asked = Question(
                audiences=readable_audiences(session, actor),
                without=lost(session, actor, self._sources),
                limit=min(max(limit, 1), MAX_PER_PAGE),
            )
            bag = self._likeness(f"{thing.title}\n\n{text}", asked)
            found = self._engine.search(
                replace(asked, node=bag, without=asked.without | {thing.key})
            )
            return self._hits(session, actor, found.matches, Highlighter(()))

    def thing(self, actor: Actor, subject: str, number: int) -> Thing:
        """A thing as it stands now.

        Raises:
            NotFound: there is no such thing, or ``actor`` may not read it.
        """
        with self._database.read() as session:
            return self._thing(session, actor, subject, number)

    def _thing(self, session: Session, actor: Actor, subject: str, number: int) -> Thing:
        source = self._sources.get(subject)
        things = source.things(session, actor, [number]) if source is not None else ()
        if not things:
            raise NotFound(what=subject if source is not None else N_("page"), id=number)
        return things[0]

    def _likeness(self, text: str, asked: Question) -> Bag:
        """The terms that tell ``text`` from others there: highest tf-idf first, stop words left out."""
        counts = Counter(
            Term(token.signal, token.text)
            for token in tokens(text)
            if token.plain not in STOP_WORDS and len(token.plain) > 1
        )
        terms = list(counts)
        weighed = sorted(
            zip(terms, self._engine.idf(terms, asked.audiences, asked.without), strict=True),
            key=lambda pair: (-pair[1] * counts[pair[0]], pair[0].text),
        )
        slots = tuple(Slot((term,), float(counts[term])) for term, _ in weighed[:_SIMILAR_TERMS])
        return Bag(slots, _SIMILAR_FLOOR)

    def _found(self, session: Session, question: Question, asked: str, *, mixed: bool) -> Found:
        """The answer to ``question``, its beginning lifted by what is known of the things beyond their words.

        ``mixed``, people and projects stand among the rest instead of before it.
        """
        end = question.offset + question.limit
        if question.sort != "relevance" or end > MIXED:
            return self._engine.search(question)
        found = self._engine.search(replace(question, offset=0, limit=MIXED))
        matches = self._lifted(session, found.matches, asked)
        if mixed:
            order = mixed_order([parts(match.key)[0] for match in matches])
            matches = [matches[place] for place in order]
        return replace(found, matches=tuple(matches[question.offset : end]))

    def _lifted(self, session: Session, matches: Sequence[Match], asked: str) -> Sequence[Match]:
        factors: dict[str, float] = {}
        for subject, prior in self._priors.items():
            start = key(subject, 0)[:-1]
            numbers = [parts(match.key)[1] for match in matches if match.key.startswith(start)]
            if numbers:
                known = prior(session, numbers, asked)
                factors |= {key(subject, number): factor for number, factor in known.items()}
        if not factors:
            return matches
        lifted = (replace(m, score=m.score * factors.get(m.key, 1.0)) for m in matches)
        return sorted(lifted, key=lambda match: -match.score)

    def _hits(
        self, session: Session, actor: Actor, matches: Sequence[Match], highlighter: Highlighter
    ) -> tuple[Hit, ...]:
        wanted: dict[str, list[int]] = {}
        for match in matches:
            subject, number = parts(match.key)
            wanted.setdefault(subject, []).append(number)
        things = {
            thing.key: thing
            for subject, numbers in wanted.items()
            if subject in self._sources
            for thing in self._sources[subject].things(session, actor, numbers)
        }
        return tuple(
            _hit(things[match.key], match.score, highlighter)
            for match in matches
            if match.key in things
        )


def _left_out(found: Found) -> tuple[Note, ...]:
    """What to say of a question that was too long to be answered whole."""
    if not found.left_out:
        return ()
    return (Note(N_("Parts of the question were left out: the answer would have taken too long.")),)


def _question(request: SearchRequest, node: Node, audiences: frozenset[int] | None) -> Question:
    per_page = min(max(request.per_page, 1), MAX_PER_PAGE)
    return Question(
        node=node,
        filters=_filters(request),
        date_from=request.date_from,
        date_to=request.date_to,
        audiences=audiences,
        facets=FACETS,
        sort=request.sort,
        offset=(max(request.page, 1) - 1) * per_page,
        limit=per_page,
    )


def _filters(request: SearchRequest) -> dict[str, Sequence[str]]:
    return {
        "kind": request.kinds,
        "language": request.languages,
        "project": request.projects,
        "year": tuple(str(year) for year in request.years),
        "tag": request.tags,
        "person": request.people,
    }


def _hit(thing: Thing, score: float, highlighter: Highlighter) -> Hit:
    sections = thing.sections
    passage = highlighter.passage([(section.heading, section.text) for section in sections])
    best = sections[passage.section] if passage.section is not None else None
    return Hit(
        subject=thing.subject,
        id=thing.id,
        kind=thing.kind,
        title=thing.title,
        title_html=highlighter.title(thing.title),
        score=round(score, 4),
        language=thing.language,
        snippet=passage.html,
        section=SectionRef(best.heading, best.anchor) if best is not None and best.anchor else None,
        updated=thing.updated,
        dated=thing.dated,
        project_code=thing.project,
        project_names=thing.project_names,
        people=thing.people,
        tags=thing.tags,
    )


def _facet(
    session: Session, actor: Actor, name: str, counts: Sequence[tuple[str, int]]
) -> tuple[FacetValue, ...]:
    labels: dict[str, str] = {}
    names: dict[str, Names] = {}
    if name == "project" and counts:
        codes = [value for value, _ in counts[:MAX_FACET_VALUES]]
        hidden = set()
        for code, chinese, english, known in _projects(session, actor, codes):
            if not known:
                hidden.add(code)
            labels[code] = _project_label(code, chinese or english)
            names[code] = Names(chinese, english)
        counts = [(value, count) for value, count in counts if value not in hidden]
    return tuple(
        FacetValue(value, labels.get(value, value), count, names.get(value, NO_NAMES))
        for value, count in counts[:MAX_FACET_VALUES]
    )


def _projects(session: Session, actor: Actor, codes: Sequence[str]) -> Sequence[Any]:
    asked = {"codes": list(codes), **principals_of(actor)}
    return session.execute(_PROJECT_NAMES[actor.sees_all], asked).all()


def _known_only(session: Session, actor: Actor, request: SearchRequest) -> SearchRequest:
    """The request without the codes of projects that ``actor`` may not know of: asking for one finds nothing."""
    if not request.projects:
        return request
    rows = _projects(session, actor, request.projects)
    hidden = {code for code, _, _, known in rows if not known}
    known_codes = tuple(_NO_PROJECT if code in hidden else code for code in request.projects)
    return replace(request, projects=known_codes)


def _project_label(code: str, name: str) -> str:
    return name if name == code or not name else f"{code} {name}"
