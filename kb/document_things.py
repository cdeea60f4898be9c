"""Documents as things that search can find: those that are published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from kb.access import Actor
from kb.models import PUBLISHED, Document
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
        """Those of these documents that are published and for ``actor``."""
        found = session.scalars(
            select(Document)
            .where(
                Document.id.in_(ids),
                Document.state == PUBLISHED,
                readable(actor, Document.audience_id),
            )
            .options(
                selectinload(Document.sections),
                selectinload(Document.people),
                selectinload(Document.tags),
                selectinload(Document.project),
            )
        )
        former = former_titles(session, ids)
        return [_thing(document, former.get(document.id, ())) for document in found]


def _thing(document: Document, former: Sequence[str]) -> Thing:
    project = document.project
    return Thing(
        subject=SUBJECT,
        id=document.id,
        audience=document.audience_id,
        kind=document.kind,
        language=document.language,
        title=document.title,
        updated=document.updated_at,
        sections=tuple(
            ThingSection(section.heading, section.anchor, section.text)
            for section in document.sections
        )
        # What it took the place of: whoever looks for that should find this.
        + tuple(ThingSection("", "", title) for title in former),
        dated=document.dated,
        project=project.code if project else "",
        project_names=Names(project.name_zh, project.name_en) if project else Names(),
        tags=tuple(tag.tag for tag in document.tags),
        people=tuple(person.name for person in document.people),
    )
