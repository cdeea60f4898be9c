"""Versions of documents: listed, read, compared, restored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.comparison import Comparison, compare, source_lines, text_lines
from kb.database import Database
from kb.editing_texts import MAX_NOTE_CHARS
from kb.errors import N_, Conflict, NotFound
from kb.models import Document, DocumentVersion
from kb.page_roles import may_write, must_write, names_of, parties, readable_document
from kb.working_copies import SEEN, keep_edit, work_on


@dataclass(frozen=True, slots=True)
class Version:
    """A document as it was at one moment.

    Attributes:
        by: name of whoever wrote or imported it.
        base: the version it was made from, or None.
        published: readers have seen it.
        current: it is what readers see now.
        newest: it is what an editor opens with.
    """

    number: int
    title: str
    body: str
    note: str
    by: str
    at: datetime
    base: int | None
    published: bool
    current: bool
    newest: bool
    original_name: str


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions and what differs; ``in_marks`` when their words are the same and only marks or addresses differ."""

    left: Version
    right: Version
    comparison: Comparison
    in_marks: bool


class PageVersions:
    """Use cases around versions; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def list(self, actor: Actor, document_id: int) -> list[Version]:
        """The versions that ``actor`` may read, newest first.

        Raises:
            NotFound: there is no such document, or not for this actor.
        """
        with self._database.read() as session:
            document = readable_document(session, actor, document_id)
            rows = session.scalars(
                select(DocumentVersion)
                .where(DocumentVersion.document_id == document_id)
                .order_by(DocumentVersion.number.desc())
            ).all()
            shown = _shown(session, actor, document)
            return _versions(session, document, [row for row in rows if shown(row)])

    def get(self, actor: Actor, document_id: int, number: int) -> Version:
        """One version.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            document = readable_document(session, actor, document_id)
            return _versions(session, document, [_row(session, actor, document, number)])[0]

    def compare(self, actor: Actor, document_id: int, left: int, right: int) -> VersionPair:
        """What version ``right`` says otherwise than ``left``.

        Raises:
            NotFound: one of them is not there, or not for this actor.
        """
        one, other = self.get(actor, document_id, left), self.get(actor, document_id, right)
        found = compare(text_lines(one.body), text_lines(other.body))
        in_marks = not found.differs and one.body != other.body
        if in_marks:
            found = compare(source_lines(one.body), source_lines(other.body))
        return VersionPair(one, other, found, in_marks)

    def restore(
        self, actor: Actor, document_id: int, number: int, *, note: str, newest: int
    ) -> int:
        """Make the text of an old version the next one, to be published like any other; gives its number.

        Args:
            actor: whoever wants it back.
            document_id: of which document.
            number: the version that is wanted back.
            note: why.
            newest: the version that was the newest when the actor decided.

        Raises:
            NotFound: there is no such version, or not for this actor.
            NotAllowed: the actor may not write.
            Conflict: another version was saved meanwhile.
        """
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            must_write(session, actor, document)
            row = _row(session, actor, document, number)
            work = work_on(session, document)
            if work.number != newest:
                raise Conflict(what=N_("the page"))
            return keep_edit(
                session,
                actor,
                document,
                title=row.title,
                body=row.body,
                note=" ".join(note.split())[:MAX_NOTE_CHARS],
                base=document.version,
            )


def _row(session: Session, actor: Actor, document: Document, number: int) -> DocumentVersion:
    row = session.scalar(
        select(DocumentVersion).where(
            DocumentVersion.document_id == document.id, DocumentVersion.number == number
        )
    )
    if row is None or not _shown(session, actor, document)(row):
        raise NotFound(what=N_("version"), id=number)
    return row


def _shown(session: Session, actor: Actor, document: Document) -> Callable[[DocumentVersion], bool]:
    """Which versions ``actor`` may read: what readers never saw, only those who work on it."""
    if actor.sees_all or document.state not in SEEN:
        return lambda row: True  # noqa: ARG005
    edits = may_write(session, actor, document) or bool(
        parties(session, actor, document, work_on(session, document))
    )
    files = bool(parties(session, actor, document, work_on(session, document, "file")))
    return lambda row: row.published or (files if row.original_sha256 else edits)


def _versions(session: Session, document: Document, rows: list[DocumentVersion]) -> list[Version]:
    names = names_of(session, [row.by for row in rows])
    newest = work_on(session, document).number
    return [
        Version(
            number=row.number,
            title=row.title,
            body=row.body,
            note=row.note,
            by=names.get(row.by, ""),
            at=row.at,
            base=row.base,
            published=row.published,
            current=row.number == document.version and document.state in SEEN,
            newest=row.number == newest,
            original_name=row.original_name,
        )
        for row in rows
    ]
