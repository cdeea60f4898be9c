"""Documents as things that search can find: those that are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import PUBLISHED, Document, DocumentPerson, DocumentSection, DocumentTag, Project
from kb.models.access import readable
from kb.search.answers import Names
from kb.successors import former_titles
from kb.things import Thing, ThingSection

SUBJECT: Final = "document"


class DocumentThings:
    """The source of documents; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of published documents after ``last``, in order."""
        return session.scalars(
            select(Document.id)
            .where(Document.id > last, Document.state == PUBLISHED)
            .order_by(Document.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these documents that are published and for ``actor``.

        Rows, not objects: with every page of hits some sixty sections are read, and to make objects of them took half
        of the time of a whole answer.
        """
        found = session.execute(
            select(
                Document.id, Document.audience_id, Document.kind, Document.language, Document.title,
                Document.updated_at, Document.dated, Project.code, Project.name_zh, Project.name_en,
            )
            .outerjoin(Project, Project.id == Document.project_id)
            .where(
                Document.id.in_(ids),
                Document.state == PUBLISHED,
                readable(actor, Document.audience_id),
            )
        ).all()  # fmt: skip
        shown = [row.id for row in found]
        sections = _by_document(
            session,
            select(
                DocumentSection.document_id,
                DocumentSection.heading,
                DocumentSection.anchor,
                DocumentSection.text,
            )
            .where(DocumentSection.document_id.in_(shown))
            .order_by(DocumentSection.document_id, DocumentSection.position),
        )
        people = _by_document(
            session,
            select(DocumentPerson.document_id, DocumentPerson.name)
            .where(DocumentPerson.document_id.in_(shown))
            .order_by(DocumentPerson.document_id, DocumentPerson.position),
        )
        tags = _by_document(
            session,
            select(DocumentTag.document_id, DocumentTag.tag)
            .where(DocumentTag.document_id.in_(shown))
            .order_by(DocumentTag.document_id, DocumentTag.tag),
        )
        former = former_titles(session, shown)
        return [
            Thing(
                subject=SUBJECT,
                id=row.id,
                audience=row.audience_id,
                kind=row.kind,
                language=row.language,
                title=row.title,
                updated=row.updated_at,
                sections=tuple(ThingSection(*values) for values in sections.get(row.id, ()))
                # What it took the place of: whoever looks for that should find this.
                + tuple(ThingSection("", "", title) for title in former.get(row.id, ())),
                dated=row.dated,
                project=row.code or "",
                project_names=Names(row.name_zh, row.name_en) if row.code else Names(),
                tags=tuple(tag for (tag,) in tags.get(row.id, ())),
                people=tuple(name for (name,) in people.get(row.id, ())),
            )
            for row in found
        ]


def _by_document(session: Session, statement: Executable) -> dict[int, list[tuple[Any, ...]]]:
    """The rest of each row, by the document that its first column names."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in session.execute(statement):
        found.setdefault(number, []).append(tuple(rest))
    return found
