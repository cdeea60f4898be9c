"""Links between documents: what leads to a page, and which links lead nowhere.

The rows are written wherever a text becomes what readers see (:func:`kb.document_links.record_links`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from kb.access import Action, Actor
from kb.database import Database
from kb.models import PUBLISHED, Document, DocumentLink, DocumentSection, document_readable

Broken = Literal["gone", "unseen", "section"]
MAX_ROWS: Final = 500


@dataclass(frozen=True, slots=True)
class Linking:
    """A document that links to another one."""

    id: int
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link that leads nowhere.

    ``why``: ``gone``: there is no such document, or not for whoever asks; ``unseen``: it is not published (any more);
    ``section``: the document has no such section.
    """

    source: Linking
    target: int
    anchor: str
    why: Broken


class Links:
    """Use cases around links; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    def to(self, actor: Actor, document_id: int) -> tuple[Linking, ...]:
        """Published documents that link to one, of those the actor may read, by title."""
        with self._database.read() as session:
            rows = session.execute(
                select(Document.id, Document.title, Document.language)
                .join(DocumentLink, DocumentLink.document_id == Document.id)
                .where(
                    DocumentLink.target_id == document_id,
                    DocumentLink.document_id != document_id,
                    Document.state == PUBLISHED,
                    document_readable(actor),
                )
                .distinct()
                .order_by(Document.title, Document.id)
                .limit(MAX_ROWS)
            )
            return tuple(Linking(number, title, language) for number, title, language in rows)

    def broken(self, actor: Actor) -> tuple[BrokenLink, ...]:
        """Links in published documents that lead nowhere for ``actor``, by the title of the page they stand on.

        Raises:
            NotAllowed: the actor may not curate.
        """
        actor.must(Action.CURATE)
        target = aliased(Document)
        has_section = exists().where(
            DocumentSection.document_id == DocumentLink.target_id,
            DocumentSection.anchor == DocumentLink.anchor,
        )
        admitted = target.id.in_(select(Document.id).where(document_readable(actor)))
        with self._database.read() as session:
            rows = session.execute(
                select(
                    Document.id,
                    Document.title,
                    Document.language,
                    DocumentLink.target_id,
                    DocumentLink.anchor,
                    target.state,
                )
                .join(DocumentLink, DocumentLink.document_id == Document.id)
                .outerjoin(target, (target.id == DocumentLink.target_id) & admitted)
                .where(
                    Document.state == PUBLISHED,
                    document_readable(actor),
                    (target.id.is_(None))
                    | (target.state != PUBLISHED)
                    | ((DocumentLink.anchor != "") & ~has_section),
                )
                .order_by(Document.title, Document.id, DocumentLink.target_id, DocumentLink.anchor)
                .limit(MAX_ROWS)
            )
            return tuple(
                BrokenLink(Linking(number, title, language), to, anchor, _why(state))
                for number, title, language, to, anchor, state in rows
            )


def _why(state: str | None) -> Broken:
    if state is None:
        return "gone"
    return "section" if state == PUBLISHED else "unseen"
