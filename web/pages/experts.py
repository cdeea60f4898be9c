"""Whom to ask: experts for a question, one score with its arithmetic, and the knowledge map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.responses import Response

from kb.access import Action
from kb.errors import N_
from kb.evidence import KINDS
from kb.expertise_rules import (
    CONFIRMED,
    HALF_LIFE_DAYS,
    LEFT,
    OWN_WORD,
    WEIGHTS,
    Points,
    Score,
)
from kb.experts import Expert, ExpertFilter
from kb.knowledge_map import EXPERT_FROM, RISK_SHARE, By, Cell, KnowledgeMap, MapRow
from kb.search.answers import Expansion
from web.language import Language
from web.people_labels import RISKS, in_language
from web.people_views import Deed, Narrowing, PersonLine, choices_of, deed, person_line
from web.visit import Id, Visiting

router = APIRouter(include_in_schema=False)

_MAX_QUERY_CHARS: Final = 2_000
# Experts on one page; who stands further down is no answer any more.
SHOWN: Final = 20
# Shades of a cell of the map, beside none: enough to tell apart, in print too.
SHADES: Final = 5
_FILTERS: Final = (
    ("department", N_("Department"), N_("All departments")),
    ("place", N_("Place"), N_("All places")),
    ("language", N_("Language spoken"), N_("All languages")),
)


@dataclass(frozen=True, slots=True)
class CountedDeed:
    """A deed with what it counts: ``points = relevance x weight x part x fade``."""

    deed: Deed
    relevance: str
    weight: str
    part: str
    fade: str
    points: str


@dataclass(frozen=True, slots=True)
class Sum:
    """A score as pages print it, with everything that is needed to work it out by hand.

    Attributes:
        subtotal: the sum of points and own word, before the factors.
        relevant: whether relevance is shown; for a topic it is always 1.
    """

    deeds: tuple[CountedDeed, ...]
    own_word: str
    subtotal: str
    factors: tuple[tuple[str, str], ...]
    total: str
    relevant: bool


@dataclass(frozen=True, slots=True)
class ExpertLine:
    """Somebody to ask; ``share`` is the score as a percentage of the best one's."""

    line: PersonLine
    sum: Sum
    share: int


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the arithmetic goes by, told on every page that shows some."""

    weights: tuple[tuple[str, str], ...]
    half_life_years: int
    own_word: str
    confirmed: str
    left: str


@dataclass(frozen=True, slots=True)
class ExpertsPage:
    """Context of ``people/experts.html``."""

    query: str
    filters: tuple[Narrowing, ...]
    narrowed: bool
    experts: tuple[ExpertLine, ...]
    total: int
    voting: int
    expansions: tuple[Expansion, ...]
    search_url: str
    reckoning: Reckoning


@dataclass(frozen=True, slots=True)
class ExpertisePage:
    """Context of ``people/expertise.html``: one score of one person."""

    line: PersonLine
    topic: str
    other: str
    state: str
    sum: Sum
    reckoning: Reckoning


@dataclass(frozen=True, slots=True)
class MapCell:
    """A cell of the map; ``shade`` is 0 for none and :data:`SHADES` for the most."""

    url: str
    score: str
    percent: int
    shade: int
    left: bool


@dataclass(frozen=True, slots=True)
class MapLine:
    """A row of the map."""

    label: str
    other: str
    depth: int
    risk: str
    things: int
    asked: int
    experts: int
    url: str
    cells: tuple[MapCell | None, ...]
    holders: tuple[tuple[PersonLine, str], ...]


@dataclass(frozen=True, slots=True)
class MapPage:
    """Context of ``people/map.html``."""

    by: str
    tabs: tuple[tuple[str, str, str], ...]
    departments: Narrowing
    people: tuple[PersonLine, ...]
    lines: tuple[MapLine, ...]
    topics: int
    everybody: int
    risks: tuple[tuple[str, int, str], ...]
    risk: str
    shades: tuple[int, ...]
    asked: bool
    expert_from: str
    risk_percent: int


@router.get("/people/experts")
def experts(visit: Visiting) -> Response:
    """Experts for any question, in either language."""
    query, wanted = read(visit.request.query_params)
    answer = visit.kb.experts.ask(visit.actor, query, wanted, limit=SHOWN)
    best = answer.experts[0].score.total if answer.experts else 0.0
    language = visit.language
    context = ExpertsPage(
        query=query,
        filters=tuple(
            Narrowing(
                name,
                language.gettext(label),
                language.gettext(every),
                tuple(
                    choices_of(name, answer.choices.get(name, ()), getattr(wanted, name), language)
                ),
            )
            for name, label, every in _FILTERS
        ),
        narrowed=wanted != ExpertFilter(),
        experts=tuple(_expert_line(one, best, language) for one in answer.experts),
        total=answer.total,
        voting=answer.voting,
        expansions=answer.expansions,
        search_url=f"/?{urlencode({'q': query})}",
        reckoning=_reckoning(),
    )
    return visit.page("people/experts.html", context, block="found")


@router.get("/people/{person_id:int}/expertise")
def expertise(visit: Visiting, person_id: Id, topic: str = "") -> Response:
    """One score of a person, with its evidence and its arithmetic."""
    entry = visit.kb.people.entry(visit.actor, person_id)
    one = visit.kb.expertise.of_topic(visit.actor, person_id, topic)
    label, other = in_language(one.topic.names, visit.language)
    context = ExpertisePage(
        line=person_line(entry.view, visit.language),
        topic=label,
        other=other if other != label else "",
        state=one.state,
        sum=printed(one.score, relevant=False),
        reckoning=_reckoning(),
    )
    return visit.page("people/expertise.html", context)


@router.get("/people/map")
def knowledge_map(
    visit: Visiting, by: str = "topics", department: str = "", risk: str = ""
) -> Response:
    """Topics by people."""
    chosen = cast("By", by if by in {"topics", "tags"} else "topics")
    only = risk if risk in RISKS else ""
    drawn = visit.kb.knowledge_maps.draw(visit.actor, chosen, department=department, risk=only)
    language = visit.language
    listed = sorted({person.department for person in visit.kb.people.all(visit.actor)} - {""})
    people = [person_line(one, language) for one in drawn.people]
    context = MapPage(
        by=chosen,
        tabs=tuple(
            (name, language.gettext(label), _map_url(name, department))
            for name, label in (("topics", N_("By the tree of topics")), ("tags", N_("By tags")))
        ),
        departments=Narrowing(
            "department",
            language.gettext(N_("Department")),
            language.gettext(N_("All departments")),
            tuple(choices_of("department", [(one, 0) for one in listed], department, language)),
        ),
        people=tuple(people),
        lines=tuple(_map_line(row, drawn, people, language) for row in drawn.rows),
        topics=drawn.topics,
        everybody=drawn.everybody,
        risks=tuple(
            (name, drawn.risks[name], _map_url(chosen, department, "" if name == only else name))
            for name in RISKS
            if drawn.risks.get(name)
        ),
        risk=only,
        shades=tuple(range(1, SHADES + 1)),
        asked=Action.CURATE in visit.actor.actions,
        expert_from=exact(EXPERT_FROM),
        risk_percent=round(100 * RISK_SHARE),
    )
    return visit.page("people/map.html", context, block="found")


def read(parameters: QueryParams) -> tuple[str, ExpertFilter]:
    """The question and the filter that a query string asks for."""
    return parameters.get("q", "").strip()[:_MAX_QUERY_CHARS], ExpertFilter(
        department=parameters.get("department", ""),
        place=parameters.get("place", ""),
        language=parameters.get("language", ""),
    )


def printed(score: Score, *, relevant: bool) -> Sum:
    """A score as pages print it."""
    subtotal = sum(one.points for one in score.points) + score.own_word
    return Sum(
        deeds=tuple(_counted(one) for one in score.points),
        own_word=exact(score.own_word) if score.own_word else "",
        subtotal=exact(subtotal),
        factors=tuple((name, exact(factor)) for name, factor in score.factors.items()),
        total=exact(score.total),
        relevant=relevant,
    )


def exact(number: float) -> str:
    """A number with all its places, of which there are three at most, and a point in every language."""
    return f"{number:.3f}".rstrip("0").rstrip(".")


def _counted(one: Points) -> CountedDeed:
    return CountedDeed(
        deed=deed(one.evidence),
        relevance=exact(one.relevance),
        weight=exact(one.weight),
        part=exact(one.evidence.part),
        fade=exact(one.fade),
        points=exact(one.points),
    )


def _expert_line(one: Expert, best: float, language: Language) -> ExpertLine:
    return ExpertLine(
        line=person_line(one.who, language),
        sum=printed(one.score, relevant=True),
        share=round(100 * one.score.total / best) if best else 0,
    )


def _reckoning() -> Reckoning:
    return Reckoning(
        weights=tuple(
            (kind, exact(WEIGHTS[kind])) for kind in sorted(KINDS, key=lambda k: -WEIGHTS[k])
        ),
        half_life_years=round(HALF_LIFE_DAYS / 365.25),
        own_word=exact(OWN_WORD),
        confirmed=exact(CONFIRMED),
        left=exact(LEFT),
    )


def _map_url(by: str, department: str, risk: str = "") -> str:
    asked = {"by": by, "department": department, "risk": risk}
    return f"/people/map?{urlencode({name: value for name, value in asked.items() if value})}"


def _map_line(
    row: MapRow, drawn: KnowledgeMap, people: list[PersonLine], language: Language
) -> MapLine:
    label, other = in_language(row.topic.names, language)
    most = max((cell.score for each in drawn.rows for cell in each.cells.values()), default=0.0)
    key = urlencode({"topic": row.topic.key})
    cells = tuple(
        _map_cell(row.cells[one.id], one, most, key) if one.id in row.cells else None
        for one in people
    )
    return MapLine(
        label=label,
        other=other if other != label else "",
        depth=row.depth,
        risk=row.risk,
        things=row.things,
        asked=row.asked,
        experts=row.experts,
        url=f"/people/experts?{urlencode({'q': label})}",
        cells=cells,
        holders=tuple(
            (one, exact(row.cells[one.id].score))
            for one in sorted(
                (one for one in people if one.id in row.cells),
                key=lambda one: -row.cells[one.id].score,
            )
        ),
    )


def _map_cell(cell: Cell, person: PersonLine, most: float, key: str) -> MapCell:
    # By the root: one who knows ten times as much should not make all others look like nothing.
    shade = 1 + round((SHADES - 1) * (cell.score / most) ** 0.5) if most else 0
    return MapCell(
        url=f"{person.url}/expertise?{key}",
        score=exact(round(cell.score, 1)),
        percent=round(100 * cell.share),
        shade=min(shade, SHADES),
        left=person.left,
    )
