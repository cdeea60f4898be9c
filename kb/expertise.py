"""Expertise: which topics somebody knows, by what they did; each score with its evidence and its arithmetic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.evidence import Evidence, EvidenceSource
from kb.expertise_rows import (
    NOTHING_SAID,
    TREE,
    Said,
    Tree,
    gather,
    own_id,
    said_by,
    topic_keys,
    tree,
)
from kb.expertise_rules import OWN_WORD, Points, Score, points, score
from kb.expertise_topics import ExpertTopic, TopicNames, plain_key
from kb.models import Person, PersonTopic, record_change, utc_now
from kb.person_rows import SUBJECT
from kb.person_views import has_left
from kb.search.lexicon import Lexicon

MAX_LABEL_CHARS: Final = 200
# What can be said of a topic; ``""`` takes it back.
TopicState = Literal["confirmed", "hidden", "added", ""]
_STATES: Final = frozenset({"confirmed", "hidden", "added", ""})


@dataclass(frozen=True, slots=True)
class TopicScore:
    """What somebody's deeds for one topic come to; ``state`` is what they say of it themselves, or empty."""

    topic: ExpertTopic
    score: Score
    state: str


@dataclass(frozen=True, slots=True)
class PersonExpertise:
    """What shows of a person.

    Attributes:
        topics: by score, greatest first; hidden ones only for the person.
        evidence: all deeds, newest first.
        own: whether the viewer is this person.
    """

    topics: tuple[TopicScore, ...]
    evidence: tuple[Evidence, ...]
    own: bool


class Expertise:
    """Use cases around what people know; every method is one transaction."""

    def __init__(
        self,
        database: Database,
        sources: Sequence[EvidenceSource],
        lexicon: Callable[[], Lexicon],
        *,
        today: Callable[[], date] = date.today,
    ) -> None:
        """Judge by the evidence of ``sources``, with topics named by ``lexicon``, as of ``today``."""
        self._database = database
        self._sources = sources
        self._lexicon = lexicon
        self._today = today

    def of_person(self, actor: Actor, person_id: int) -> PersonExpertise:
        """What shows of a person, of what ``actor`` may read.

        Raises:
            NotFound: there is no such person, or the actor may not read.
        """
        scored, evidence, own = self._read(actor, person_id)
        shown = [one for one in scored if not one.topic.key.startswith(TREE)]
        return PersonExpertise(
            topics=tuple(shown),
            evidence=tuple(sorted(evidence, key=lambda e: (-e.dated.toordinal(), e.title, e.kind))),
            own=own,
        )

    def of_topic(self, actor: Actor, person_id: int, key: str) -> TopicScore:
        """One score of a person with its evidence; ``key`` as :class:`kb.expertise_topics.ExpertTopic` has it.

        Raises:
            NotFound: nothing shows of that for this actor, or there is no such person.
        """
        for one in self._read(actor, person_id)[0]:
            if one.topic.key == key:
                return one
        raise NotFound(what=N_("topic"), id=key)

    def _read(
        self, actor: Actor, person_id: int
    ) -> tuple[Sequence[TopicScore], Sequence[Evidence], bool]:
        """Scores and evidence of a person for ``actor``, and whether that is the person."""
        names = TopicNames(self._lexicon())
        with self._database.read() as session:
            person = _readable(session, actor, person_id)
            evidence = gather(session, actor, self._sources, people=[person_id])
            said = said_by(session, names, [person_id]).get(person_id, NOTHING_SAID)
            branches = tree(session)
            own = own_id(session, actor) == person_id
        left = has_left(person.left_on, self._today())
        scored = self.scores(evidence, names, branches, said=said, left=left, see_hidden=own)
        return scored, evidence, own

    def say(self, actor: Actor, person_id: int, label: str, state: str) -> None:
        """Confirm, hide or add a topic of one's own, or take back what was said of it (``state`` empty).

        Raises:
            NotFound: there is no such person.
            NotAllowed: it is somebody else's; only people themselves speak of what they know.
            InvalidInput: there is no letter in the label, it is too long, or there is no such state.
        """
        names = TopicNames(self._lexicon())
        label = " ".join(label.split())
        topic = names.of(label) if len(label) <= MAX_LABEL_CHARS else None
        if topic is None or state not in _STATES:
            raise InvalidInput(field=N_("topic"), reason=N_("it is empty or too long"))
        with self._database.write() as session:
            _readable(session, actor, person_id)
            if own_id(session, actor) != person_id:
                raise NotAllowed(action=Action.CONTRIBUTE.value)
            said = said_by(session, names, [person_id]).get(person_id, NOTHING_SAID)
            for known in (said.confirmed, said.hidden, said.added):
                if topic.key in known:
                    _forget(session, person_id, topic, names)
            if state:
                session.add(
                    PersonTopic(
                        person_id=person_id,
                        topic=plain_key(label),
                        label=label,
                        state=state,
                        by=actor.id,
                        at=utc_now(),
                    )
                )
            record_change(session, actor, SUBJECT, person_id, "store")

    def scores(
        self,
        evidence: Iterable[Evidence],
        names: TopicNames,
        branches: Tree,
        *,
        said: Said,
        left: bool,
        see_hidden: bool,
    ) -> list[TopicScore]:
        """The scores of one person for every topic there is evidence or their own word for, greatest first."""
        today = self._today()
        topics: dict[str, ExpertTopic] = {}
        deeds: dict[str, list[Points]] = defaultdict(list)
        for each in evidence:
            counted = points(each, today)
            for tag in each.tags:
                if topic := names.of(tag):
                    topics[topic.key] = topic
            for key in topic_keys(each, names, branches):
                deeds[key].append(counted)
        for key in deeds:
            if key.startswith(TREE):
                topics[key] = ExpertTopic(key, branches.names[int(key.removeprefix(TREE))])
        topics |= said.added
        found = []
        for key, topic in topics.items():
            if key in said.hidden and not see_hidden:
                continue
            total = score(
                deeds.get(key, ()),
                own_word=OWN_WORD if key in said.added else 0.0,
                confirmed=key in said.confirmed,
                left=left,
            )
            found.append(TopicScore(topic, total, _state(said, key)))
        return sorted(found, key=lambda one: (-one.score.total, one.topic.key))


def _state(said: Said, key: str) -> str:
    states: Mapping[str, Mapping[str, ExpertTopic]] = {
        "hidden": said.hidden,
        "confirmed": said.confirmed,
        "added": said.added,
    }
    return next((state for state, topics in states.items() if key in topics), "")


def _readable(session: Session, actor: Actor, person_id: int) -> Person:
    may = actor.sees_all or actor.principals
    person = session.get(Person, person_id) if may else None
    if person is None or person.merged_into is not None:
        raise NotFound(what="person", id=person_id)
    return person


def _forget(session: Session, person_id: int, topic: ExpertTopic, names: TopicNames) -> None:
    """Take back what was said of a topic, whatever way it was written then."""
    for row in session.query(PersonTopic).filter(PersonTopic.person_id == person_id):
        known = names.of(row.label)
        if known is not None and known.key == topic.key:
            session.execute(
                delete(PersonTopic).where(
                    PersonTopic.person_id == person_id, PersonTopic.topic == row.topic
                )
            )
    session.flush()
    session.expire_all()
