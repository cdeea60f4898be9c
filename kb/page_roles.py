"""What somebody is to a document, and what follows: who writes, who sees a version that waits, who is called what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor, Role
from kb.errors import N_, NotAllowed, NotFound
from kb.lifecycle_rules import Party
from kb.models import (
    ARCHIVED,
    Document,
    DocumentLife,
    DocumentReviewer,
    PendingVersion,
    User,
    UserGroup,
    document_readable,
)
from kb.working_copies import SEEN, Work, pending_of

WRITE: Final = N_("write")
WRITE_ARCHIVED: Final = N_("change an archived page: reopen it first")
SIGN_IN: Final = N_("do this without having signed in")


def readable_document(session: Session, actor: Actor, document_id: int) -> Document:
    """The row of a document that ``actor`` may read.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    document = session.scalar(
        select(Document).where(document_readable(actor), Document.id == document_id)
    )
    if document is None:
        raise NotFound(what="document", id=document_id)
    return document


def must_be_signed_in(actor: Actor) -> None:
    """Return when there is a name to write down.

    Raises:
        NotAllowed: nobody has signed in.
    """
    if not actor.id:
        raise NotAllowed(action=SIGN_IN)


def parties(session: Session, actor: Actor, document: Document, work: Work) -> frozenset[Party]:
    """What ``actor``, who may read the document, is to it and to the version that is worked on."""
    found: set[Party] = set()
    life = session.get(DocumentLife, document.id)
    if Action.CURATE in actor.actions:
        found.add(Party.CURATOR)
    from_file = _from_file(document, work, life)
    if work.by == actor.id and (from_file or actor.id):
        found.add(Party.IMPORTER if from_file else Party.WRITER)
    if from_file and not work.by and Action.IMPORT in actor.actions:
        found.add(Party.IMPORTER)
    if actor.id and life is not None:
        found |= {Party.AUTHOR} if life.author == actor.id else set()
        found |= {Party.OWNER} if life.owner == actor.id else set()
    if actor.id and session.get(DocumentReviewer, (document.id, actor.id)) is not None:
        found.add(Party.REVIEWER)
    if Party.IMPORTER in found and Action.IMPORT not in actor.actions:
        found.remove(Party.IMPORTER)
    return frozenset(found)


def may_write(session: Session, actor: Actor, document: Document) -> bool:
    """Whether ``actor``, who may read the document, may write a new version of it.

    Readers see that only when it is published, so whoever may contribute may propose one.
    """
    if not actor.id or document.state == ARCHIVED:
        return False
    if Action.CONTRIBUTE in actor.actions:
        return True
    life = session.get(DocumentLife, document.id)
    return life is not None and life.owner == actor.id


def must_write(session: Session, actor: Actor, document: Document) -> None:
    """Return when ``actor`` may write a new version of the document.

    Raises:
        NotAllowed: it may not.
    """
    must_be_signed_in(actor)
    if not may_write(session, actor, document):
        raise NotAllowed(action=WRITE_ARCHIVED if document.state == ARCHIVED else WRITE)


def sees(session: Session, actor: Actor, document: Document, work: Work) -> bool:
    """Whether ``actor``, who may read the document, may read a version of it that waits."""
    if actor.sees_all or parties(session, actor, document, work):
        return True
    from_file = work.pending is not None and work.pending.origin == "file"
    return not from_file and may_write(session, actor, document)


def sees_unpublished(session: Session, actor: Actor, document: Document) -> bool:
    """Whether ``actor`` may read the versions of a document that readers never saw."""
    if document.state not in SEEN or actor.sees_all:
        return True
    as_it_is = Work(document.version, "", "", document.state, "", document.version, None)
    if parties(session, actor, document, as_it_is) - {Party.IMPORTER}:
        return True
    pending = pending_of(session, document.id, "edit")
    return pending is not None and pending.by == actor.id


def names_of(session: Session, users: Iterable[str]) -> dict[str, str]:
    """How users are shown to people, by sign-in name; the sign-in name where the user is gone."""
    wanted = {user for user in users if user}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(sorted(wanted))))
    found = {user: name for user, name in rows}  # noqa: C416  dict(rows) is not typed
    return {user: found.get(user) or user for user in wanted}


def actors_of(session: Session, users: Collection[str]) -> dict[str, Actor]:
    """Those of these users that there are, as the actors they would be."""
    groups: dict[str, set[str]] = {}
    for user, group in session.execute(
        select(UserGroup.user_id, UserGroup.group).where(UserGroup.user_id.in_(sorted(users)))
    ):
        groups.setdefault(user, set()).add(group)
    return {
        user.id: Actor(user.id, user.name, Role(user.role), frozenset(groups.get(user.id, ())))
        for user in session.scalars(select(User).where(User.id.in_(sorted(users))))
    }


def _from_file(document: Document, work: Work, life: DocumentLife | None) -> bool:
    if work.pending is not None:
        return isinstance(work.pending, PendingVersion) and work.pending.origin == "file"
    written_here = life is not None and bool(life.author)
    return not written_here and document.original_sha256 is not None
