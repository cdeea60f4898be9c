"""Evidence of all subjects gathered, and what people say of their topics, within somebody else's transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.evidence import Evidence, EvidenceSource
from kb.expertise_rules import once_each
from kb.expertise_topics import ExpertTopic, TopicNames
from kb.models import Person, PersonTopic, Topic, TopicDocument, person_of_user
from kb.search.answers import Names

TREE: Final = "tree:"


def gather(
    session: Session,
    actor: Actor,
    sources: Sequence[EvidenceSource],
    *,
    people: Collection[int] | None = None,
    things: Mapping[str, Collection[int]] | None = None,
) -> Sequence[Evidence]:
    """All evidence that ``actor`` may read, each deed once; of these people, and of these things, where given.

    Args:
        session: the caller's transaction.
        actor: whoever looks.
        sources: of each subject.
        people: ids; what shows of somebody who was merged into one of them is theirs.
        things: by subject the ids of its things.
    """
    merged = _merged(session)
    if people is not None:
        people = {*people, *(one for one, into in merged.items() if into in people)}
    found: list[Evidence] = []
    for source in sources:
        numbers = None if things is None else things.get(source.subject, ())
        if numbers is None or numbers:
            found += source.evidence(session, actor, people=people, numbers=numbers)
    if merged:
        found = [replace(each, person=merged.get(each.person, each.person)) for each in found]
    return once_each(found)


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says of their topics, by the topic's key: confirmed, hidden from others, added without a deed."""

    confirmed: Mapping[str, ExpertTopic] = field(default_factory=dict)
    hidden: Mapping[str, ExpertTopic] = field(default_factory=dict)
    added: Mapping[str, ExpertTopic] = field(default_factory=dict)

    def visible(self, evidence: Evidence, names: TopicNames) -> bool:
        """False for a deed whose every topic is hidden."""
        if not self.hidden or not evidence.tags:
            return True
        keys = {topic.key for tag in evidence.tags if (topic := names.of(tag))}
        return not keys or not keys <= self.hidden.keys()


NOTHING_SAID: Final = Said()


def said_by(
    session: Session, names: TopicNames, people: Collection[int] | None = None
) -> dict[int, Said]:
    """What people say of their topics."""
    wanted = select(PersonTopic).order_by(PersonTopic.person_id, PersonTopic.label)
    if people is not None:
        wanted = wanted.where(PersonTopic.person_id.in_(sorted(people)))
    by_person: dict[int, dict[str, dict[str, ExpertTopic]]] = defaultdict(lambda: defaultdict(dict))
    for row in session.scalars(wanted):
        topic = names.of(row.label)
        if topic is not None:
            by_person[row.person_id][row.state][topic.key] = topic
    return {
        person: Said(
            confirmed=states.get("confirmed", {}),
            hidden=states.get("hidden", {}),
            added=states.get("added", {}),
        )
        for person, states in by_person.items()
    }


def own_id(session: Session, actor: Actor) -> int:
    """The id of the person that ``actor`` is; 0 for nobody of the register."""
    person = person_of_user(session, actor.id)
    return person.id if person is not None else 0


@dataclass(frozen=True, slots=True)
class Tree:
    """The tree of topics: what each is called, and under which of them a document counts."""

    names: Mapping[int, Names]
    documents: Mapping[int, frozenset[int]]

    def topics_of(self, evidence: Evidence) -> frozenset[int]:
        """Topics that a deed belongs to: where its document is filed, and all above."""
        if evidence.subject != "document":
            return frozenset()
        return self.documents.get(evidence.number, frozenset())


def tree(session: Session) -> Tree:
    """The tree of topics as it stands."""
    parents: dict[int, int | None] = {}
    names: dict[int, Names] = {}
    for topic in session.scalars(select(Topic).order_by(Topic.position, Topic.id)):
        parents[topic.id] = topic.parent_id
        names[topic.id] = Names(topic.name_zh or topic.name_en, topic.name_en or topic.name_zh)
    filed: dict[int, set[int]] = defaultdict(set)
    for topic_id, document in session.execute(
        select(TopicDocument.topic_id, TopicDocument.document_id)
    ):
        at: int | None = topic_id
        while at is not None and at not in filed[document]:
            filed[document].add(at)
            at = parents.get(at)
    return Tree(names, {document: frozenset(topics) for document, topics in filed.items()})


def topic_keys(evidence: Evidence, names: TopicNames, branches: Tree) -> frozenset[str]:
    """Keys of all topics a deed counts for: those its tags mean and those of the tree."""
    tags = {topic.key for tag in evidence.tags if (topic := names.of(tag))}
    return frozenset(tags | {f"{TREE}{number}" for number in branches.topics_of(evidence)})


def _merged(session: Session) -> dict[int, int]:
    """For everybody who was merged into another who that is, at the end of the way."""
    into = {
        number: other
        for number, other in session.execute(
            select(Person.id, Person.merged_into).where(Person.merged_into.is_not(None))
        )
        if other is not None
    }
    return {number: _end(into, number) for number in into}


def _end(into: Mapping[int, int], number: int) -> int:
    seen = {number}
    while number in into and into[number] not in seen:
        number = into[number]
        seen.add(number)
    return number
