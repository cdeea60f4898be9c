"""Announcing: letting people who may not read a document know, when their words match it, whom to ask."""

from __future__ import annotations

from sqlalchemy import select

from kb.access import Action, Actor
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import NotFound
from kb.models import AnnouncedDocument, Document, document_readable


class Announcing:
    """Use cases around announced documents; every method is one transaction. What follows is in kb.announced_rows."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def is_announced(self, actor: Actor, document_id: int) -> bool:
        """Whether a document is announced; False where the actor may not read it."""
        with self._database.read() as session:
            found = session.scalar(
                select(AnnouncedDocument.document_id)
                .join(Document, Document.id == AnnouncedDocument.document_id)
                .where(AnnouncedDocument.document_id == document_id, document_readable(actor))
            )
        return found is not None

    def announce(self, actor: Actor, document_id: int, *, on: bool) -> None:
        """Announce a document, or stop; nothing happens where it is so already.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such document, or the actor may not read it.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            there = select(Document.id).where(Document.id == document_id, document_readable(actor))
            if session.scalar(there) is None:
                raise NotFound(what="document", id=document_id)
            row = session.get(AnnouncedDocument, document_id)
            if (row is not None) == on:
                return
            if row is not None:
                session.delete(row)
            else:
                session.add(AnnouncedDocument(document_id=document_id))
            record_audit(session, actor, "correct", "document", document_id, {"announced": on})
