"""What documents show of people: who wrote them, and who looked a version over before it was published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.evidence import Evidence
from kb.models import (
    ARCHIVED,
    PUBLISHED,
    Document,
    DocumentPerson,
    DocumentTag,
    Person,
    ReviewVote,
    document_readable,
    is_person_of,
)

# How much of a whole deed it is to have written one, by kind of document: minutes and status reports tell what others
# said and did, and somebody writes one every week.
PARTS: Final = {"minutes": 0.3, "report": 0.5, "other": 0.5}
_WHOLE: Final = 1.0


class DocumentEvidence:
    """The evidence of published and archived documents; see :class:`kb.evidence.EvidenceSource`."""

    subject: Final = "document"

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """Who wrote or looked over the documents that ``actor`` may read."""
        open_to = (Document.state.in_((PUBLISHED, ARCHIVED)), document_readable(actor))
        wrote = (
            select(
                Person.id,
                Document.id,
                Document.title,
                Document.kind,
                Document.dated,
                Document.created_at,
            )
            .select_from(DocumentPerson)
            .join(Document, Document.id == DocumentPerson.document_id)
            .join(Person, Person.id == DocumentPerson.person_id)
            .where(*open_to)
        )
        validated = (
            select(Person.id, Document.id, Document.title, func.max(ReviewVote.at))
            .join(Document, Document.id == ReviewVote.document_id)
            .join(Person, is_person_of(ReviewVote.user_id))
            .where(*open_to)
            .group_by(Person.id, Document.id, Document.title)
        )
        if people is not None:
            wrote = wrote.where(Person.id.in_(people))
            validated = validated.where(Person.id.in_(people))
        if numbers is not None:
            wrote = wrote.where(Document.id.in_(numbers))
            validated = validated.where(Document.id.in_(numbers))
        written = session.execute(wrote).all()
        looked_over = session.execute(validated).all()
        tags = tags_of(session, {row[1] for row in written} | {row[1] for row in looked_over})
        return [
            *(
                Evidence(
                    person=person,
                    kind="wrote",
                    subject=self.subject,
                    number=number,
                    title=title,
                    dated=dated or made.date(),
                    tags=tags.get(number, ()),
                    part=PARTS.get(kind, _WHOLE),
                )
                for person, number, title, kind, dated, made in written
            ),
            *(
                Evidence(
                    person=person,
                    kind="validated",
                    subject=self.subject,
                    number=number,
                    title=title,
                    dated=at.date(),
                    tags=tags.get(number, ()),
                )
                for person, number, title, at in looked_over
            ),
        ]


def tags_of(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    """The tags of each of these documents."""
    found: dict[int, tuple[str, ...]] = {}
    for number, tag in session.execute(
        select(DocumentTag.document_id, DocumentTag.tag)
        .where(DocumentTag.document_id.in_(sorted(numbers)))
        .order_by(DocumentTag.document_id, DocumentTag.tag)
    ):
        found[number] = (*found.get(number, ()), tag)
    return found
