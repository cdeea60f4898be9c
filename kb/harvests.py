"""Documents whose lessons are to be looked for again, because their kind was corrected or their text was changed.

Whether a report tells lessons depends on what it is: a template or a course holds none of its own. The looking itself
is :mod:`ingest.harvesting`; what was found is :mod:`kb.candidates`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select, true

from kb.candidates_found import FoundLesson
from kb.database import Database
from kb.models import Change, Document, DocumentHarvest, record_candidates, record_harvest


@dataclass(frozen=True, slots=True)
class Due:
    """A document to be searched for lessons: this version of it, as this kind; ``body`` is Markdown."""

    document_id: int
    version: int
    kind: str
    title: str
    body: str


class Harvests:
    """The work of looking again. No permission is asked here: candidates are shown only to readers of the document."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    @property
    def moment(self) -> int:
        """A number that grows with every change of any document: while it stays, nothing new is due."""
        with self._database.read() as session:
            return session.scalar(select(func.max(Change.id))) or 0

    def due(self, limit: int, since: int = 0) -> list[Due]:
        """Up to ``limit`` documents that are not what they were when they were searched last.

        Args:
            limit: how many at most.
            since: only those changed after this :attr:`moment`: thousands of rows with long texts are not gone through
                every time one of them changes.
        """
        changed = select(Change.subject_id).where(Change.id > since, Change.subject == "document")
        with self._database.read() as session:
            rows = session.execute(
                select(Document.id, Document.version, Document.kind, Document.title, Document.body)
                .join(DocumentHarvest, DocumentHarvest.document_id == Document.id)
                .where(
                    or_(
                        DocumentHarvest.kind != Document.kind,
                        DocumentHarvest.version != Document.version,
                    )
                )
                .where(Document.id.in_(changed) if since else true())
                .order_by(Document.id)
                .limit(limit)
            )
            return [Due(*row) for row in rows]

    def record(self, due: Due, found: Sequence[FoundLesson] | None) -> None:
        """Write down what was found; None: it could not be searched, and what was found before stays.

        Safe to repeat, and without effect when the document was changed meanwhile: it is due again.
        """
        with self._database.write() as session:
            document = session.get(Document, due.document_id)
            if document is None or (document.version, document.kind) != (due.version, due.kind):
                return
            if found is not None:
                record_candidates(session, due.document_id, due.version, found)
            record_harvest(session, due.document_id, due.version, due.kind)
