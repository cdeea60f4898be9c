"""The knowledge map: topics by people, with what hangs on one person and what nobody holds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.evidence import Evidence, EvidenceSource
from kb.expertise import Expertise, TopicScore
from kb.expertise_rows import (
    NOTHING_SAID,
    TREE,
    Tree,
    gather,
    own_id,
    said_by,
    topic_keys,
    tree,
)
from kb.expertise_topics import ExpertTopic, TopicNames
from kb.models import PUBLISHED, AskedQuestion, Document, DocumentTag, Topic, document_readable
from kb.person_views import PersonView, people_by_id
from kb.search.lexicon import Lexicon

# Less than so many points is no expertise: one report of three years ago comes to 1.5.
EXPERT_FROM: Final = 1.5
# One person who holds more than this share of a topic is a risk, even beside others who know something of it.
RISK_SHARE: Final = 0.7
# What the map shows at most; a table of more nobody reads. The rest is counted.
MAX_TOPICS: Final = 40
MAX_PEOPLE: Final = 24
# A tag on fewer documents and deeds is no topic of the organisation.
MIN_THINGS: Final = 2
# Questions of so many last ones are looked at for what is asked.
_QUESTIONS: Final = 5_000

Risk = Literal["lost", "gap", "single", "leaning", "shared", "empty"]
By = Literal["topics", "tags"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one person's deeds for a topic come to, and its share of what the active people have, from 0 to 1."""

    score: float
    share: float


@dataclass(frozen=True, slots=True)
class MapRow:
    """One topic.

    Attributes:
        cells: by person.
        risk: ``lost`` (only people who have left knew it), ``gap`` (nobody does), ``single`` (one active expert),
            ``leaning`` (one holds more than :data:`RISK_SHARE`), ``shared``, or ``empty`` (there is nothing about it).
        things: documents and other things about it that the viewer may read.
        asked: how many questions named it; 0 for viewers who may not see what was asked.
        experts: how many active people have :data:`EXPERT_FROM` points or more.
    """

    topic: ExpertTopic
    depth: int
    cells: Mapping[int, Cell]
    risk: Risk
    things: int
    asked: int
    experts: int


@dataclass(frozen=True, slots=True)
class KnowledgeMap:
    """Topics by people.

    Attributes:
        people: columns, those who hold most first; those who have left stand last.
        rows: in the order of the tree, or by how much hangs on them.
        topics, everybody: how many there are; the map shows the first ones.
        risks: how many topics there are of each risk.
    """

    people: tuple[PersonView, ...]
    rows: tuple[MapRow, ...]
    topics: int
    everybody: int
    risks: Mapping[str, int]
    today: date


class KnowledgeMaps:
    """Draws the map for somebody."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[EvidenceSource],
        lexicon: Callable[[], Lexicon],
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Judge as :class:`kb.expertise.Expertise` does."""
        self._database = database
        self._sources = sources
        self._lexicon = lexicon
        self._today = today
        self._expertise = Expertise(database, sources, lexicon, today=today)

    def draw(
        self, actor: Actor, by: By = "topics", *, department: str = "", risk: str = ""
    ) -> KnowledgeMap:
        """The map of what ``actor`` may read, by topics of the tree or by tags.

        Args:
            actor: whoever looks.
            by: what the rows are.
            department: only its people, as if there were no others; empty for everybody.
            risk: only topics with this risk; empty for all.
        """
        names, today = TopicNames(self._lexicon()), self._today()
        with self._database.read() as session:
            evidence = gather(session, actor, self._sources)
            people = people_by_id(session, {each.person for each in evidence})
            said = said_by(session, names, people)
            branches = tree(session)
            own = own_id(session, actor)
            documents = _documents(session, actor)
            depths = _depths(session)
            asked = _asked(session, names) if Action.CURATE in actor.actions else Counter()
        if department:
            people = {n: one for n, one in people.items() if one.department == department}
        of: dict[int, list[Evidence]] = defaultdict(list)
        for each in evidence:
            of[each.person].append(each)
        scores = {
            number: self._expertise.scores(
                of[number],
                names,
                branches,
                said=said.get(number, NOTHING_SAID),
                left=False,  # as if nobody had: what left with them has to show too
                see_hidden=number == own,
            )
            for number in people
        }
        cells, topics = _by_topic(scores, by)
        things = _things(evidence, documents, names, branches)
        if by == "topics":
            for number, named in branches.names.items():
                topics.setdefault(f"{TREE}{number}", ExpertTopic(f"{TREE}{number}", named))
        else:
            topics |= _tagged_topics(documents, names)
        gone = frozenset(number for number, who in people.items() if who.left(today))
        rows = [
            _row(
                topic,
                cells.get(key, {}),
                gone,
                depth=depths[int(key.removeprefix(TREE))] if by == "topics" else 0,
                things=things[key],
                asked=asked[key],
            )
            for key, topic in topics.items()
            if by == "topics" or things[key] + asked[key] >= MIN_THINGS
        ]
        if by == "topics":
            order = {number: place for place, number in enumerate(depths)}
            rows.sort(key=lambda row: order[int(row.topic.key.removeprefix(TREE))])
        else:
            rows.sort(key=_by_weight)
        risks: Counter[str] = Counter(row.risk for row in rows)
        rows = [row for row in rows if risk in {"", row.risk}]
        shown = rows[:MAX_TOPICS]
        held: dict[int, float] = defaultdict(float)
        for row in shown:
            for number, cell in row.cells.items():
                held[number] += cell.score
        columns = sorted(
            (people[number] for number in held),
            key=lambda who: (who.left(today), -held[who.id], who.handle),
        )
        return KnowledgeMap(
            people=tuple(columns[:MAX_PEOPLE]),
            rows=tuple(_only(row, columns[:MAX_PEOPLE]) for row in shown),
            topics=len(rows),
            everybody=len(columns),
            risks=risks,
            today=today,
        )


def _by_topic(
    by_person: Mapping[int, Sequence[TopicScore]], by: By
) -> tuple[dict[str, dict[int, float]], dict[str, ExpertTopic]]:
    """The scores above nothing by topic and person, and the topics."""
    cells: dict[str, dict[int, float]] = defaultdict(dict)
    topics: dict[str, ExpertTopic] = {}
    for number, scores in by_person.items():
        for one in scores:
            if one.topic.key.startswith(TREE) == (by == "topics") and one.score.total > 0:
                cells[one.topic.key][number] = one.score.total
                topics[one.topic.key] = one.topic
    return cells, topics


def _row(
    topic: ExpertTopic,
    scores: Mapping[int, float],
    gone: frozenset[int],
    *,
    depth: int,
    things: int,
    asked: int,
) -> MapRow:
    """Pure: what the scores of people for a topic mean; ``gone`` are those of them who have left."""
    active = {number: score for number, score in scores.items() if number not in gone}
    held = sum(active.values())
    return MapRow(
        topic=topic,
        depth=depth,
        cells={
            number: Cell(score, round(score / held, 2) if held and number not in gone else 0.0)
            for number, score in scores.items()
        },
        risk=risk_of(
            list(active.values()), [scores[n] for n in scores if n in gone], things + asked
        ),
        things=things,
        asked=asked,
        experts=sum(score >= EXPERT_FROM for score in active.values()),
    )


def risk_of(active: Sequence[float], gone: Sequence[float], wanted: int) -> Risk:
    """What threatens a topic, by the scores of active people and of those who left; ``wanted`` 0: nobody misses it."""
    experts = sum(score >= EXPERT_FROM for score in active)
    if not experts:
        if any(score >= EXPERT_FROM for score in gone):
            return "lost"
        return "gap" if wanted else "empty"
    if experts == 1:
        return "single"
    return "leaning" if max(active) > RISK_SHARE * sum(active) else "shared"


def _only(row: MapRow, people: Sequence[PersonView]) -> MapRow:
    """The row without the people whom the map has no column for."""
    shown = {who.id for who in people}
    return replace(row, cells={n: cell for n, cell in row.cells.items() if n in shown})


_URGENT: Final = {"lost": 0, "gap": 1}


def _by_weight(row: MapRow) -> tuple[int, int, str]:
    """What nobody here knows any more first, then what most hangs on."""
    return (_URGENT.get(row.risk, len(_URGENT)), -row.things - row.asked, row.topic.key)


def _documents(
    session: Session, actor: Actor
) -> tuple[frozenset[int], Mapping[int, tuple[str, ...]]]:
    """Published documents that ``actor`` may read, and their tags."""
    mine = (Document.state == PUBLISHED, document_readable(actor))
    numbers = frozenset(session.scalars(select(Document.id).where(*mine)))
    tags: dict[int, tuple[str, ...]] = {}
    for number, tag in session.execute(
        select(DocumentTag.document_id, DocumentTag.tag)
        .join(Document, Document.id == DocumentTag.document_id)
        .where(*mine)
    ):
        tags[number] = (*tags.get(number, ()), tag)
    return numbers, tags


def _things(
    evidence: Sequence[Evidence],
    documents: tuple[frozenset[int], Mapping[int, tuple[str, ...]]],
    names: TopicNames,
    branches: Tree,
) -> Counter[str]:
    """How many things there are about each topic."""
    about: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for each in evidence:
        for key in topic_keys(each, names, branches):
            about[key].add((each.subject, each.number))
    numbers, tags = documents
    for number in numbers:
        for topic in filter(None, (names.of(tag) for tag in tags.get(number, ()))):
            about[topic.key].add(("document", number))
        for branch in branches.documents.get(number, ()):
            about[f"{TREE}{branch}"].add(("document", number))
    return Counter({key: len(things) for key, things in about.items()})


def _tagged_topics(
    documents: tuple[frozenset[int], Mapping[int, tuple[str, ...]]], names: TopicNames
) -> dict[str, ExpertTopic]:
    found = (names.of(tag) for tags in documents[1].values() for tag in tags)
    return {topic.key: topic for topic in found if topic}


def _depths(session: Session) -> dict[int, int]:
    """How deep each topic of the tree lies, in the order of the tree."""
    below: dict[int | None, list[int]] = defaultdict(list)
    for number, parent in session.execute(
        select(Topic.id, Topic.parent_id).order_by(Topic.position, Topic.id)
    ):
        below[parent].append(number)
    depths: dict[int, int] = {}

    def walk(parent: int | None, depth: int) -> None:
        for number in below[parent]:
            if number not in depths:
                depths[number] = depth
                walk(number, depth + 1)

    walk(None, 0)
    return depths


def _asked(session: Session, names: TopicNames) -> Counter[str]:
    """How many of the last questions named each topic of the glossary."""
    asked: Counter[str] = Counter()
    for (text,) in session.execute(
        select(AskedQuestion.text).order_by(AskedQuestion.id.desc()).limit(_QUESTIONS)
    ):
        asked.update(names.within(text))
    return asked
