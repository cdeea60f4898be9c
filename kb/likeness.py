"""Near duplicates: documents that are nearly the same, such as 终稿 and 最终稿, or v1 and v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select

from kb.access import Actor
from kb.database import Database
from kb.likeness_rules import (
    LIKE_ENOUGH,
    MOST_SHARING,
    Near,
    least_shared,
    likeness,
    shingles,
    sketch,
)
from kb.models import Document, DocumentShingle
from kb.models.documents import document_readable

# Candidates compared in full, and so the most that are named: more says "a template", not "a copy".
_MAX_NEAR: Final = 5


class Likeness:
    """Use cases around near duplicates."""

    def __init__(self, database: Database) -> None:
        """Compare the documents of ``database``."""
        self._database = database

    def note(self, actor: Actor, document_id: int) -> list[Near]:
        """Sketch a document that was just stored, and return what it is nearly the same as, the most alike first.

        It is compared with documents that ``actor`` may read and that were sketched themselves.
        """
        with self._database.read() as session:
            body = session.scalar(select(Document.body).where(Document.id == document_id))
        own = shingles(body or "")
        hashes = sketch(own)
        with self._database.write() as session:
            session.execute(
                delete(DocumentShingle).where(DocumentShingle.document_id == document_id)
            )
            if not hashes:
                return []
            session.execute(
                insert(DocumentShingle),
                [{"hash": value, "document_id": document_id} for value in hashes],
            )
        near = []
        for candidate in self._candidates(actor, document_id, hashes):
            with self._database.read() as session:
                other = session.execute(
                    select(Document.title, Document.body).where(Document.id == candidate)
                ).one_or_none()
            if other is None:  # removed since
                continue
            percent = likeness(own, shingles(other.body))
            if percent >= LIKE_ENOUGH:
                near.append(Near(candidate, other.title, percent))
        return sorted(near, key=lambda found: (-found.likeness, found.document_id))

    def _candidates(self, actor: Actor, document_id: int, hashes: list[int]) -> Sequence[int]:
        """The documents that share most of the sketch, in a transaction that keeps no writer waiting."""
        with self._database.read() as session:
            spread = session.execute(
                select(DocumentShingle.hash, func.count())
                .where(DocumentShingle.hash.in_(hashes))
                .group_by(DocumentShingle.hash)
            )
            telling = [value for value, documents in spread if documents <= MOST_SHARING]
            shared = func.count()
            return session.scalars(
                select(DocumentShingle.document_id)
                .join(Document, Document.id == DocumentShingle.document_id)
                .where(
                    DocumentShingle.hash.in_(telling),
                    Document.id != document_id,
                    document_readable(actor),
                )
                .group_by(DocumentShingle.document_id)
                .having(shared >= least_shared(len(telling)))
                .order_by(shared.desc(), DocumentShingle.document_id)
                .limit(_MAX_NEAR)
            ).all()
