"""What somebody may be told of documents that are not for them: who looks after those whose curators said so.

A document says by a row in :class:`kb.models.AnnouncedDocument` that whoever would find it, were they allowed to read
it, may be told whom to ask. They learn that something matches their words, and a name.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.document_things import SUBJECT
from kb.models import (
    PUBLISHED,
    AnnouncedDocument,
    Document,
    DocumentLife,
    User,
    document_readable,
)
from kb.search.query import About, Bag, Best, Every, Node, Prefix, Run, Some
from kb.things import key, parts

# So many are looked at, the latest first: they are meant to be few.
MOST_ANNOUNCED: Final = 500


def announced_to(session: Session, actor: Actor) -> frozenset[str]:
    """Keys of the documents of which ``actor``, who may not read them, may be told whom to ask."""
    if actor.sees_all or not actor.principals:
        return frozenset()
    found = session.scalars(
        select(AnnouncedDocument.document_id)
        .join(Document, Document.id == AnnouncedDocument.document_id)
        .where(Document.state == PUBLISHED, ~document_readable(actor))
        .order_by(AnnouncedDocument.document_id.desc())
        .limit(MOST_ANNOUNCED)
    )
    return frozenset(key(SUBJECT, number) for number in found)


def owners_of(session: Session, keys: Collection[str]) -> tuple[str, ...]:
    """The names of those who look after these documents, or brought them in; each once, in the order of names."""
    if not keys:
        return ()
    owner = case((DocumentLife.owner != "", DocumentLife.owner), else_=Document.by)
    names = session.scalars(
        select(User.name)
        .join(Document, Document.id.in_(sorted(parts(name)[1] for name in keys)))
        .outerjoin(DocumentLife, DocumentLife.document_id == Document.id)
        .where(User.id == owner)
        .distinct()
    )
    return tuple(sorted(names))


def only_words(node: Node) -> bool:
    """Whether a question asks for words alone.

    Fields, days and what should not stand there would tell more of a document than that its words match.
    """
    match node:
        case Bag() | Run() | Prefix():
            return True
        case About():
            return only_words(node.node)
        case Best():
            # The first is what was asked; the others are what it is also called, in things of another language.
            return only_words(node.nodes[0])
        case Some():
            return all(map(only_words, node.nodes))
        case Every():
            return bool(node.must) and not node.without and all(map(only_words, node.must))
        case _:
            return False
