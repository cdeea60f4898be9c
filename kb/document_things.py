"""Documents as things that search can find: those that are published."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import BindParameter, Executable, bindparam, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import PUBLISHED, Document, DocumentPerson, DocumentSection, DocumentTag, Project
from kb.models.access import covering, prepared_readable, principals_of
from kb.models.projects import prepared_project_readable
from kb.search.answers import Names
from kb.successors import former_titles
from kb.things import Thing, ThingSection

SUBJECT: Final = "document"

# The statements are made once: making them took five times as long as executing them.
_IDS: Final[BindParameter[Any]] = bindparam("ids", expanding=True)
_SECTIONS: Final = (
    select(
        DocumentSection.document_id,
        DocumentSection.heading,
        DocumentSection.anchor,
        DocumentSection.text,
    )
    .where(DocumentSection.document_id.in_(_IDS))
    .order_by(DocumentSection.document_id, DocumentSection.position)
)
_PEOPLE: Final = (
    select(DocumentPerson.document_id, DocumentPerson.name)
    .where(DocumentPerson.document_id.in_(_IDS))
    .order_by(DocumentPerson.document_id, DocumentPerson.position)
)
_TAGS: Final = (
    select(DocumentTag.document_id, DocumentTag.tag)
    .where(DocumentTag.document_id.in_(_IDS))
    .order_by(DocumentTag.document_id, DocumentTag.tag)
)


@cache
def _published(*, sees_all: bool) -> Executable:
    """Of those ``ids`` that are published and for whoever asks what a hit shows beside its text."""
    return (
        select(
            Document.id, Document.audience_id, Document.kind, Document.language, Document.title,
            Document.updated_at, Document.dated, Project.code, Project.name_zh, Project.name_en,
            Project.audience_id.label("project_audience"),
        )
        .outerjoin(
            Project,
            (Project.id == Document.project_id) & prepared_project_readable(sees_all=sees_all),
        )
        .where(
            Document.id.in_(_IDS),
            Document.state == PUBLISHED,
            prepared_readable(Document.audience_id, sees_all=sees_all),
        )
    )  # fmt: skip


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
        asked = {"ids": list(ids), **principals_of(actor)}
        found = session.execute(_published(sees_all=actor.sees_all), asked).all()
        shown = [row.id for row in found]
        sections = _by_document(session, _SECTIONS, shown)
        people = _by_document(session, _PEOPLE, shown)
        tags = _by_document(session, _TAGS, shown)
        former = former_titles(session, shown)
        # The index is asked by everybody who may read a document: it names the project only when all of them may know
        # of it, else the project could be found out by asking.
        named = {row.id for row in found if row.code}
        if actor.sees_all:
            told = covering(session, {(row.project_audience, row.audience_id) for row in found})
            named = {
                row.id for row in found
                if row.id in named and (row.project_audience, row.audience_id) in told
            }  # fmt: skip
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
                project=row.code if row.id in named else "",
                project_names=Names(row.name_zh, row.name_en) if row.id in named else Names(),
                tags=tuple(tag for (tag,) in tags.get(row.id, ())),
                people=tuple(name for (name,) in people.get(row.id, ())),
            )
            for row in found
        ]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these documents ``actor`` may find."""
        found = _published(sees_all=actor.sees_all)
        return [
            row.id for row in session.execute(found, {"ids": list(ids), **principals_of(actor)})
        ]


def _by_document(
    session: Session, statement: Executable, ids: Sequence[int]
) -> dict[int, list[tuple[Any, ...]]]:
    """The rest of each row, by the document that its first column names."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for number, *rest in session.execute(statement, {"ids": ids}):
        found.setdefault(number, []).append(tuple(rest))
    return found
