"""Documents: storing what readers made of files, and giving it back to those who may read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import Session, selectinload

from kb.access import FOR_EVERYONE, Action, Actor, Audience
from kb.database import Database
from kb.drafts import Draft
from kb.errors import NotFound
from kb.files import FileStore, register_file
from kb.markdown import sections
from kb.models import (
    Document,
    DocumentFile,
    DocumentPerson,
    DocumentSection,
    DocumentSource,
    DocumentTag,
    DocumentVersion,
    Person,
    StoredFile,
    audience_id_of,
    find_or_add_project,
    record_candidates,
    record_change,
    utc_now,
)
from kb.models.access import readable

Outcome = Literal["stored", "unchanged", "duplicate"]

MAX_TITLE_CHARS: Final = 500
_COMPLETE: Final = (
    selectinload(Document.project),
    selectinload(Document.sections),
    selectinload(Document.people),
    selectinload(Document.tags),
)


@dataclass(frozen=True, slots=True)
class Original:
    """The file a draft was read from, already in the file store; ``size`` in bytes."""

    sha256: str
    size: int
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a file: which document holds it now, and as which version."""

    document_id: int
    outcome: Outcome
    version: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do with a file: ``create`` a document, ``renew`` one, or leave one as it is."""

    action: Literal["create", "renew", "unchanged", "duplicate"]
    document_id: int | None = None


def decide(sha256: str, seen_here: tuple[int, str] | None, same_content: int | None) -> Decision:
    """Is this file new, a new version, unchanged, or a duplicate?

    Args:
        sha256: hash of the file's content.
        seen_here: document and hash recorded for the very place the file lies at, if any.
        same_content: a document, readable by the actor, whose original has this content, if any.
    """
    if seen_here is not None:
        document_id, last = seen_here
        return Decision("unchanged" if last == sha256 else "renew", document_id)
    if same_content is not None:
        return Decision("duplicate", same_content)
    return Decision("create")


class Documents:
    """Use cases around documents; every method is one transaction."""

    def __init__(self, database: Database, files: FileStore) -> None:
        """Work on ``database``, with originals and pictures in ``files``."""
        self._database = database
        self._files = files

    def known(self, actor: Actor, place: str, sha256: str) -> Stored | None:
        """What is already stored of a file, so that it need not be read; None when it must be read.

        A duplicate found this way is linked: its place is recorded.
        """
        with self._database.write() as session:
            decision = _decide(session, actor, place, sha256)
            if decision.document_id is None or decision.action in {"create", "renew"}:
                return None
            return _link(session, decision, place, sha256)

    def store(
        self,
        actor: Actor,
        draft: Draft,
        *,
        place: str,
        original: Original | None = None,
        audience: Audience = FOR_EVERYONE,
    ) -> Stored:
        """Store a draft as a new document or as a new version of the one seen at ``place``.

        Safe to repeat: the same content from the same place is ``unchanged``, from another place ``duplicate``.

        Raises:
            NotAllowed: the actor may not import.
            DataFolderError: it could not be written; nothing is half stored.
        """
        actor.must(Action.IMPORT)
        pictures = [(picture, *self._files.keep(picture.content)) for picture in draft.pictures]
        with self._database.write() as session:
            decision = Decision("create")
            if original is not None:
                register_file(session, original.sha256, original.size, original.media_type)
                decision = _decide(session, actor, place, original.sha256)
                if decision.action in {"unchanged", "duplicate"}:
                    return _link(session, decision, place, original.sha256)
            document = session.get(Document, decision.document_id) if decision.document_id else None
            if document is None:
                document = Document(version=0, audience_id=audience_id_of(session, audience))
            _fill(session, document, draft, original)
            session.add(document)
            session.flush()
            for picture, sha256, size in pictures:
                register_file(session, sha256, size, picture.media_type)
                session.merge(
                    DocumentFile(document_id=document.id, name=picture.name, sha256=sha256)
                )
            _replace_parts(session, document, draft)
            record_candidates(session, document.id, document.version, draft.lessons)
            session.add(
                DocumentVersion(
                    document_id=document.id,
                    number=document.version,
                    title=document.title,
                    body=document.body,
                    original_sha256=document.original_sha256,
                    original_name=document.original_name,
                    by=actor.id,
                )
            )
            if original is not None:
                session.merge(
                    DocumentSource(place=place, document_id=document.id, sha256=original.sha256)
                )
            record_change(session, actor, "document", document.id, "store")
            return Stored(document.id, "stored", document.version)

    def get(self, actor: Actor, document_id: int) -> Document:
        """The document, complete with project, sections, people and tags.

        Raises:
            NotFound: there is none, or the actor may not read it.
        """
        with self._database.read() as session:
            document = session.scalar(
                _readable(actor).where(Document.id == document_id).options(*_COMPLETE)
            )
        if document is None:
            raise NotFound(what="document", id=document_id)
        return document

    def recent(self, actor: Actor, limit: int) -> list[Document]:
        """The documents stored or changed last, newest first, with their project and people."""
        with self._database.read() as session:
            return list(
                session.scalars(
                    _readable(actor)
                    .options(*_COMPLETE)
                    .order_by(Document.updated_at.desc(), Document.id.desc())
                    .limit(limit)
                )
            )

    def counts(self, actor: Actor) -> dict[str, int]:
        """How many documents of each kind the actor may read."""
        with self._database.read() as session:
            rows = session.execute(
                select(Document.kind, func.count())
                .where(_visible(actor))
                .group_by(Document.kind)
                .order_by(func.count().desc(), Document.kind)
            )
            return {kind: count for kind, count in rows}  # noqa: C416  dict(rows) is not typed

    def versions(self, actor: Actor, document_id: int) -> list[DocumentVersion]:
        """All versions of a document, newest first.

        Raises:
            NotFound: there is no such document, or the actor may not read it.
        """
        self.get(actor, document_id)
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(DocumentVersion)
                    .where(DocumentVersion.document_id == document_id)
                    .order_by(DocumentVersion.number.desc())
                )
            )

    def file(self, actor: Actor, document_id: int, name: str) -> tuple[Path, str]:
        """Path and media type of a picture or attachment of a document.

        Raises:
            NotFound: the document or the file is not there, or not for this actor.
        """
        with self._database.read() as session:
            found = session.execute(
                select(StoredFile.sha256, StoredFile.media_type)
                .join(DocumentFile, DocumentFile.sha256 == StoredFile.sha256)
                .join(Document, Document.id == DocumentFile.document_id)
                .where(_visible(actor), Document.id == document_id, DocumentFile.name == name)
            ).one_or_none()
        if found is None:
            raise NotFound(what="file", id=name)
        return self._files.path(found.sha256), found.media_type

    def original(self, actor: Actor, document_id: int) -> tuple[Path, str, str]:
        """Path, name and media type of the file a document was imported from.

        Raises:
            NotFound: the document is not there or not for this actor, or it was written here.
        """
        with self._database.read() as session:
            found = session.execute(
                select(StoredFile.sha256, Document.original_name, StoredFile.media_type)
                .join(Document, Document.original_sha256 == StoredFile.sha256)
                .where(_visible(actor), Document.id == document_id)
            ).one_or_none()
        if found is None:
            raise NotFound(what="original of document", id=document_id)
        return self._files.path(found.sha256), found.original_name, found.media_type


def _visible(actor: Actor) -> ColumnElement[bool]:
    return readable(actor, Document.audience_id)


def _readable(actor: Actor) -> Select[Document]:
    return select(Document).where(_visible(actor))


def _decide(session: Session, actor: Actor, place: str, sha256: str) -> Decision:
    here = session.get(DocumentSource, place)
    same = session.scalar(
        _readable(actor)
        .with_only_columns(Document.id)
        .where(Document.original_sha256 == sha256)
        .order_by(Document.id)
        .limit(1)
    )
    return decide(sha256, (here.document_id, here.sha256) if here else None, same)


def _link(session: Session, decision: Decision, place: str, sha256: str) -> Stored:
    document = session.get_one(Document, decision.document_id)
    if decision.action == "duplicate":
        session.merge(DocumentSource(place=place, document_id=document.id, sha256=sha256))
    outcome: Outcome = "unchanged" if decision.action == "unchanged" else "duplicate"
    return Stored(document.id, outcome, document.version)


def _fill(session: Session, document: Document, draft: Draft, original: Original | None) -> None:
    project = find_or_add_project(session, draft.project_code, draft.project_name)
    document.title = draft.title[:MAX_TITLE_CHARS]
    document.kind = draft.kind.value
    document.language = draft.language
    document.body = draft.body
    document.dated = draft.dated
    document.project_id = project.id if project else None
    document.version += 1
    document.format = draft.format
    document.file_metadata = dict(draft.metadata)
    document.guesses = {"kind": draft.kind.evidence}
    document.ledger = draft.ledger.as_json()
    document.notes = list(draft.notes)
    document.updated_at = utc_now()
    if original is not None:
        document.original_sha256 = original.sha256
        document.original_name = original.name


def _replace_parts(session: Session, document: Document, draft: Draft) -> None:
    for part in (DocumentSection, DocumentPerson, DocumentTag):
        session.execute(delete(part).where(part.document_id == document.id))
    session.add_all(
        DocumentSection(
            document_id=document.id,
            position=section.position,
            level=section.level,
            heading=section.heading,
            anchor=section.anchor,
            text=section.text,
        )
        for section in sections(document.body)
    )
    names = dict.fromkeys(name.strip()[:200] for name in draft.authors if name.strip())
    session.add_all(
        DocumentPerson(
            document_id=document.id, position=position, name=name, person_id=_person(session, name)
        )
        for position, name in enumerate(names)
    )
    tags = dict.fromkeys(tag.strip()[:100] for tag in draft.tags if tag.strip())
    session.add_all(DocumentTag(document_id=document.id, tag=tag) for tag in tags)


def _person(session: Session, name: str) -> int | None:
    """The one person of the register with this name; None when there is none or more than one."""
    matches = session.scalars(
        select(Person.id)
        .where((Person.name_zh == name) | (Person.name_en == name) | (Person.handle == name))
        .limit(2)
    ).all()
    return matches[0] if len(matches) == 1 else None
