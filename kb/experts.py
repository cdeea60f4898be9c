"""Experts: whom to ask about a question, by who stands behind what answers it.

The question is searched as any other, in both languages, with the asker's own permissions. Each of the first hits votes
for the people who wrote, validated, applied, answered, led or taught it, with how well it answers and how fresh the
deed is; see :mod:`kb.expertise_rules` for the arithmetic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from kb.access import Actor
from kb.database import Database
from kb.evidence import EvidenceSource
from kb.expertise_rows import NOTHING_SAID, gather, own_id, said_by
from kb.expertise_rules import OWN_WORD, Points, Score, points, relevance, score
from kb.expertise_topics import TopicNames
from kb.person_rows import SUBJECT
from kb.person_views import PersonView, people_by_id
from kb.search.answers import Expansion, Hit, SearchAnswer, SearchRequest
from kb.search.lexicon import Lexicon
from kb.things import PERSON_KIND

# So many hits vote. What stands further down answers the question only by chance, and would lift whoever wrote much.
VOTING: Final = 50
# A hit with less than this of the best one's score shares a common word with the question and no more; many of them
# together would lift whoever wrote much about anything.
VOTE_FROM: Final = 0.3
MAX_EXPERTS: Final = 50


@dataclass(frozen=True, slots=True)
class ExpertFilter:
    """Who is wanted; empty for anybody. ``language`` is a code."""

    department: str = ""
    place: str = ""
    language: str = ""

    def admits(self, who: PersonView) -> bool:
        """True for somebody who is wanted."""
        return (
            (not self.department or who.department == self.department)
            and (not self.place or who.place == self.place)
            and (not self.language or self.language in who.languages)
        )


ANYBODY: Final = ExpertFilter()


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody to ask, with the arithmetic: the points of the score carry the evidence and how relevant it is."""

    who: PersonView
    score: Score
    left: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ExpertAnswer:
    """Whom to ask.

    Attributes:
        experts: best first, of those the filter admits.
        total: how many there are of them.
        voting: how many hits voted.
        choices: for ``department``, ``place`` and ``language`` what could be filtered by, with how many there are.
        expansions: what the question was also searched as.
    """

    query: str
    experts: tuple[Expert, ...]
    total: int
    voting: int
    choices: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)
    expansions: tuple[Expansion, ...] = ()


class Experts:
    """Finds people by what they did."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[EvidenceSource],
        lexicon: Callable[[], Lexicon],
        search: Callable[[Actor, SearchRequest], SearchAnswer],
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Let the hits of ``search`` vote with the evidence of ``sources``."""
        self._database = database
        self._sources = sources
        self._lexicon = lexicon
        self._search = search
        self._today = today

    def ask(
        self, actor: Actor, query: str, wanted: ExpertFilter = ANYBODY, limit: int = 10
    ) -> ExpertAnswer:
        """Whom to ask about ``query``, which may be any question; nobody for an empty one.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        if not query.strip():
            return ExpertAnswer(query, (), 0, 0)
        answer = self._search(actor, SearchRequest(query, per_page=VOTING))
        names = TopicNames(self._lexicon())
        asked = names.within(query) | {topic.key for topic in (names.of(query),) if topic}
        best = max((hit.score for hit in answer.hits if hit.kind != PERSON_KIND), default=0.0)
        relevant = {
            (hit.subject, hit.id): of
            for hit in answer.hits
            if hit.kind != PERSON_KIND and (of := relevance(hit.score, best)) >= VOTE_FROM
        }
        entries = _own_entries(answer.hits, best)
        things: dict[str, list[int]] = defaultdict(list)
        for subject, number in relevant:
            things[subject].append(number)
        today = self._today()
        with self._database.read() as session:
            evidence = gather(session, actor, self._sources, things=things)
            who = people_by_id(session, {*entries, *(each.person for each in evidence)})
            said = said_by(session, names, who)
            own = own_id(session, actor)
        deeds: dict[int, list[Points]] = defaultdict(list)
        for each in evidence:
            if each.person == own or said.get(each.person, NOTHING_SAID).visible(each, names):
                of = relevant[each.subject, each.number]
                deeds[each.person].append(points(each, today, of))
        found = []
        for number, person in who.items():
            says = said.get(number, NOTHING_SAID)
            if number != own and asked & says.hidden.keys():
                continue
            expert = _expert(
                person,
                deeds.get(number, ()),
                entries.get(number, 0.0),
                confirmed=bool(asked & says.confirmed.keys()),
                left=person.left(today),
            )
            if expert.score.total > 0:
                found.append(expert)
        found.sort(key=lambda one: (-one.score.total, one.who.handle))
        kept = [one for one in found if wanted.admits(one.who)]
        return ExpertAnswer(
            query=query,
            experts=tuple(kept[: min(max(limit, 1), MAX_EXPERTS)]),
            total=len(kept),
            voting=len(relevant),
            choices=_choices(one.who for one in found),
            expansions=answer.expansions,
        )


def _own_entries(hits: Iterable[Hit], best: float) -> dict[int, float]:
    """For people whose own entry was found what that counts: their own word, as far as it answers."""
    entries = [hit for hit in hits if hit.subject == SUBJECT]
    best = best or max((hit.score for hit in entries), default=0.0)
    relevant = {hit.id: min(relevance(hit.score, best), 1.0) for hit in entries}
    return {number: of * OWN_WORD for number, of in relevant.items() if of >= VOTE_FROM}


def _expert(
    who: PersonView, deeds: Iterable[Points], own_word: float, *, confirmed: bool, left: bool
) -> Expert:
    # A hit that is hardly relevant rounds to nothing; it is no reason to name somebody.
    counted = [one for one in deeds if one.points > 0]
    total = score(counted, own_word=own_word, confirmed=confirmed, left=left)
    return Expert(who, total, left, confirmed)


def _choices(people: Iterable[PersonView]) -> dict[str, Sequence[tuple[str, int]]]:
    counted: dict[str, dict[str, int]] = {"department": {}, "place": {}, "language": {}}
    for who in people:
        for name, values in (
            ("department", (who.department,)),
            ("place", (who.place,)),
            ("language", who.languages),
        ):
            for value in filter(None, values):
                counted[name][value] = counted[name].get(value, 0) + 1
    return {
        name: sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
        for name, values in counted.items()
    }
