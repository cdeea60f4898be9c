"""Making a template of past work: what the registers know of a document's project, and of all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from kb.access import Actor, Audience
from kb.database import Database
from kb.doctemplate_stripping import Known
from kb.errors import NotFound
from kb.models import AudienceRow, Document, Person, Project, document_readable
from kb.models.documents import known_project

# Shorter ones are words of the language: a customer called “IT” would empty a report.
_SHORTEST: Final = 2
_SHORTEST_LATIN: Final = 4


@dataclass(frozen=True, slots=True)
class PastDocument:
    """A document that may become a template."""

    id: int
    title: str
    language: str
    audience: Audience
    known: Known


class DocTemplatePast:
    """Use cases around past work; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Look into the registers of ``database``."""
        self._database = database

    def document(self, actor: Actor, document_id: int) -> PastDocument:
        """A document with the names that may stand in it.

        Names of all projects and people are looked for, also of those the actor may not know: a name that is missed
        would travel on with the template.

        Raises:
            NotFound: there is no such document, or not for this actor.
        """
        with self._database.read() as session:
            found = session.scalar(
                select(Document)
                .where(document_readable(actor), Document.id == document_id)
                .options(known_project(actor), selectinload(Document.people))
            )
            if found is None:
                raise NotFound(what="document", id=document_id)
            key = session.scalar(select(AudienceRow.key).where(AudienceRow.id == found.audience_id))
            return PastDocument(
                id=found.id,
                title=found.title,
                language=found.language,
                audience=Audience.parse(key or ""),
                known=Known(_own(session, found), _all(session, found)),
            )


def _own(session: Session, document: Document) -> tuple[tuple[str, str], ...]:
    project = document.project
    if project is None:
        return ()
    named = [
        ("project.code", project.code),
        ("project.name", project.name_zh),
        ("project.name", project.name_en),
        *(("project.customer", part) for part in _parts(project.customer)),
    ]
    manager = session.scalar(select(Person).where(Person.handle == project.manager))
    if manager:
        named += [("project.manager", manager.name_zh), ("project.manager", manager.name_en)]
    elif project.manager:
        named.append(("project.manager", project.manager))
    return tuple((source, name) for source, name in named if _usable(name))


def _all(session: Session, document: Document) -> tuple[tuple[str, str], ...]:
    names = [("person", person.name) for person in document.people]
    for person in session.scalars(select(Person)):
        names += [("person", person.name_zh), ("person", person.name_en)]
    for project in session.scalars(select(Project)):
        names += [
            ("code", project.code),
            ("project", project.name_zh),
            ("project", project.name_en),
        ]
        names += [("customer", part) for part in _parts(project.customer)]
    return tuple(dict.fromkeys((kind, name) for kind, name in names if _usable(name)))


def _parts(customer: str) -> list[str]:
    """A customer’s name, and both halves of one such as 长沙清源水务 Changsha Qingyuan Water."""
    head, _, tail = customer.partition(" ")
    halves = [head, tail] if tail and not head.isascii() and tail.isascii() else []
    return [customer, *halves]


def _usable(name: str) -> bool:
    return len(name) >= (_SHORTEST_LATIN if name.isascii() else _SHORTEST)
