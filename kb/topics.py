"""Topics: the tree that documents are filed in, and books, which are a topic read from beginning to end.

A book is no thing of its own: the order of a topic's pages and of the topics below it is the order of the book.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import PUBLISHED, Document, Topic, TopicDocument
from kb.models.access import readable
from kb.search.answers import Names

MAX_NAME_CHARS: Final = 200
MAX_ABOUT_CHARS: Final = 2_000
# Deeper than this nobody finds anything by walking down.
MAX_DEPTH: Final = 6


@dataclass(frozen=True, slots=True)
class Leaf:
    """A document as the tree shows it."""

    id: int
    title: str
    kind: str
    language: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A topic with what is in it and below it, of what somebody may read; ``depth`` is 0 at the top."""

    id: int
    parent: int | None
    names: Names
    about: str
    depth: int
    documents: tuple[Leaf, ...]
    below: tuple[Branch, ...]

    @property
    def total(self) -> int:
        """How many documents are in it and below it."""
        return len(self.documents) + sum(branch.total for branch in self.below)

    def walk(self) -> Iterator[Branch]:
        """It and everything below it, in the order of the book."""
        yield self
        for branch in self.below:
            yield from branch.walk()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands in one book.

    Attributes:
        path: the topics above it, the outermost first.
        previous, next: its neighbours in the book of the outermost topic.
    """

    path: tuple[Branch, ...]
    previous: Leaf | None
    next: Leaf | None


class Topics:
    """Use cases around topics; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    def tree(self, actor: Actor) -> tuple[Branch, ...]:
        """The whole tree, with what ``actor`` may read; empty for an actor who may not read at all."""
        if not actor.sees_all and not actor.principals:
            return ()
        with self._database.read() as session:
            return _tree(session, actor)

    def branch(self, actor: Actor, topic_id: int) -> Branch:
        """A topic with what is below it; errors as :meth:`path`."""
        return self.path(actor, topic_id)[-1]

    def path(self, actor: Actor, topic_id: int) -> tuple[Branch, ...]:
        """The way to a topic: the topics above it, the outermost first, and itself.

        Raises:
            NotFound: there is none, or ``actor`` may not read at all.
        """
        for top in self.tree(actor):
            if found := _path(top, topic_id):
                return found
        raise NotFound(what=N_("topic"), id=topic_id)

    def places(self, actor: Actor, document_id: int) -> tuple[Place, ...]:
        """Where a document is filed, and what stands before and after it there."""
        with self._database.read() as session:
            filed = select(TopicDocument.topic_id).where(TopicDocument.document_id == document_id)
            if session.scalar(filed.limit(1)) is None:  # as most are not: the tree need not be read
                return ()
        found = []
        for top in self.tree(actor):
            leaves = [(branch, leaf) for branch in top.walk() for leaf in branch.documents]
            for at, (branch, leaf) in enumerate(leaves):
                if leaf.id == document_id:
                    before = leaves[at - 1][1] if at else None
                    after = leaves[at + 1][1] if at + 1 < len(leaves) else None
                    found.append(Place(_path(top, branch.id), before, after))
        return tuple(found)

    def add(self, actor: Actor, names: Names, *, parent: int | None = None, about: str = "") -> int:
        """A new topic, the last one of its parent; returns its id.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such parent.
            InvalidInput: it has no name, a name is too long, or it would lie too deep.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            if parent is not None and _depth(session, _topic(session, parent)) + 1 >= MAX_DEPTH:
                raise InvalidInput(
                    field=N_("topic"),
                    reason=N_("it would lie too deep to be found by walking down"),
                )
            last = session.scalar(select(func.max(Topic.position)).where(_children_of(parent)))
            topic = Topic(parent_id=parent, position=(last or 0) + 1)
            _name(topic, names, about)
            session.add(topic)
            session.flush()
            record_audit(session, actor, "add", "topic", topic.id)
            return topic.id

    def change(self, actor: Actor, topic_id: int, names: Names, about: str) -> None:
        """Give a topic other names and another description.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is none.
            InvalidInput: it has no name, or a text is too long.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            _name(_topic(session, topic_id), names, about)
            record_audit(session, actor, "change", "topic", topic_id)

    def step(self, actor: Actor, topic_id: int, by: int) -> None:
        """Move a topic up (``by`` -1) or down (1) among its siblings; at the end it stays where it is.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is none.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            topic = _topic(session, topic_id)
            siblings = list(
                session.scalars(
                    select(Topic)
                    .where(_children_of(topic.parent_id))
                    .order_by(Topic.position, Topic.id)
                )
            )
            _swap(siblings, siblings.index(topic), by)

    def remove(self, actor: Actor, topic_id: int) -> None:
        """Take a topic out of the tree; what was in it and below it goes to its parent. No document is touched.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is none.
            InvalidInput: it is at the top and not empty, so that there is no parent to go to.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            topic = _topic(session, topic_id)
            record_audit(session, actor, "remove", "topic", topic_id)
            below = list(session.scalars(select(Topic).where(Topic.parent_id == topic.id)))
            filed = list(
                session.scalars(select(TopicDocument).where(TopicDocument.topic_id == topic.id))
            )
            if topic.parent_id is None and (below or filed):
                raise InvalidInput(
                    field=N_("topic"), reason=N_("it is not empty, and there is no topic above it")
                )
            for child in below:
                child.parent_id = topic.parent_id
            session.flush()
            there = set(
                session.scalars(
                    select(TopicDocument.document_id).where(
                        TopicDocument.topic_id == topic.parent_id
                    )
                )
            )
            for row in filed:
                if topic.parent_id is not None and row.document_id not in there:
                    session.add(
                        TopicDocument(
                            topic_id=topic.parent_id,
                            document_id=row.document_id,
                            position=len(there) + row.position,
                        )
                    )
                session.delete(row)
            session.flush()
            session.delete(topic)

    def file(self, actor: Actor, topic_id: int, document_id: int) -> None:
        """File a document under a topic, as its last page; filing it again changes nothing.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such topic, or no such document for this actor.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            topic = _topic(session, topic_id)
            readable_one = select(Document.id).where(
                Document.id == document_id, readable(actor, Document.audience_id)
            )
            if session.scalar(readable_one) is None:
                raise NotFound(what="document", id=document_id)
            if session.get(TopicDocument, (topic.id, document_id)) is None:
                last = session.scalar(
                    select(func.max(TopicDocument.position)).where(
                        TopicDocument.topic_id == topic.id
                    )
                )
                session.add(
                    TopicDocument(
                        topic_id=topic.id, document_id=document_id, position=(last or 0) + 1
                    )
                )

    def unfile(self, actor: Actor, topic_id: int, document_id: int) -> None:
        """Take a document out of a topic; one that is not there, or not for this actor, is no error.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            filed = session.scalar(
                select(TopicDocument)
                .join(Document, Document.id == TopicDocument.document_id)
                .where(
                    TopicDocument.topic_id == topic_id,
                    TopicDocument.document_id == document_id,
                    readable(actor, Document.audience_id),
                )
            )
            if filed is not None:
                session.delete(filed)

    def step_document(self, actor: Actor, topic_id: int, document_id: int, by: int) -> None:
        """Move a document up (``by`` -1) or down (1) among the pages of a topic that the actor may read.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: it is not filed there, or not for this actor.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            rows = list(
                session.scalars(
                    select(TopicDocument)
                    .join(Document, Document.id == TopicDocument.document_id)
                    .where(
                        TopicDocument.topic_id == topic_id, readable(actor, Document.audience_id)
                    )
                    .order_by(TopicDocument.position, TopicDocument.document_id)
                )
            )
            at = next((n for n, row in enumerate(rows) if row.document_id == document_id), None)
            if at is None:
                raise NotFound(what="document", id=document_id)
            _swap(rows, at, by)


def _tree(session: Session, actor: Actor) -> tuple[Branch, ...]:
    children: dict[int | None, list[Topic]] = defaultdict(list)
    for topic in session.scalars(select(Topic).order_by(Topic.position, Topic.id)):
        children[topic.parent_id].append(topic)
    filed: dict[int, list[Leaf]] = defaultdict(list)
    rows = session.execute(
        select(
            TopicDocument.topic_id, Document.id, Document.title, Document.kind, Document.language
        )
        .join(Document, Document.id == TopicDocument.document_id)
        .where(Document.state == PUBLISHED, readable(actor, Document.audience_id))
        .order_by(TopicDocument.position, Document.id)
    )
    for topic_id, number, title, kind, language in rows:
        filed[topic_id].append(Leaf(number, title, kind, language))
    return _branches(children, filed, None, 0)


def _branches(
    children: Mapping[int | None, Sequence[Topic]],
    filed: Mapping[int, Sequence[Leaf]],
    parent: int | None,
    depth: int,
) -> tuple[Branch, ...]:
    return tuple(
        Branch(
            topic.id,
            parent,
            Names(topic.name_zh, topic.name_en),
            topic.about,
            depth,
            tuple(filed.get(topic.id, ())),
            _branches(children, filed, topic.id, depth + 1) if depth <= MAX_DEPTH else (),
        )
        for topic in children.get(parent, ())
    )


def _path(top: Branch, topic_id: int) -> tuple[Branch, ...]:
    if top.id == topic_id:
        return (top,)
    for branch in top.below:
        if below := _path(branch, topic_id):
            return (top, *below)
    return ()


def _topic(session: Session, topic_id: int) -> Topic:
    topic = session.get(Topic, topic_id)
    if topic is None:
        raise NotFound(what=N_("topic"), id=topic_id)
    return topic


def _depth(session: Session, topic: Topic) -> int:
    depth, at = 0, topic
    while at.parent_id is not None and depth < MAX_DEPTH:
        at, depth = _topic(session, at.parent_id), depth + 1
    return depth


def _children_of(parent: int | None) -> ColumnElement[bool]:
    return Topic.parent_id.is_(None) if parent is None else Topic.parent_id == parent


def _name(topic: Topic, names: Names, about: str) -> None:
    zh, en = names.zh.strip(), names.en.strip()
    if not zh and not en:
        raise InvalidInput(field=N_("name"), reason=N_("it is empty or too long"))
    if max(len(zh), len(en)) > MAX_NAME_CHARS or len(about) > MAX_ABOUT_CHARS:
        raise InvalidInput(field=N_("name"), reason=N_("it is empty or too long"))
    topic.name_zh, topic.name_en, topic.about = zh, en, about.strip()


def _swap(rows: Sequence[Topic] | Sequence[TopicDocument], at: int, by: int) -> None:
    """Put the row at ``at`` one place up or down, and number all rows by the way."""
    order: list[Topic | TopicDocument] = list(rows)
    to = min(max(at + (1 if by > 0 else -1), 0), len(order) - 1)
    order[at], order[to] = order[to], order[at]
    for position, row in enumerate(order):
        row.position = position
