"""Documents: storing what readers made of files, and giving it back to those who may read it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from kb.access import FOR_EVERYONE, Action, Actor, Audience
from kb.audience_following import narrowed_by_folder, place_added, set_audience
from kb.database import Database
from kb.document_rows import add_version, fill, replace_parts
from kb.document_rules import Decision, Identity, Seen, decide, is_upload, is_version
from kb.drafts import Draft, Picture
from kb.errors import NotFound
from kb.files import FileStore, register_file
from kb.folder_paths import folder_of
from kb.likeness_rules import MIN_SHINGLES, likeness, shingles
from kb.markdown import Section, sections
from kb.models import (
    ARCHIVED,
    PUBLISHED,
    REVIEW,
    Document,
    DocumentFile,
    DocumentLife,
    DocumentSource,
    DocumentVersion,
    StoredFile,
    document_readable,
    record_candidates,
    record_change,
    utc_now,
)
from kb.models.documents import known_project
from kb.working_copies import SEEN, keep_file, next_number

Outcome = Literal["stored", "unchanged", "duplicate"]

_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters
_COMPLETE: Final = (
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
    """What became of a file: which document holds it now, and as which version.

    ``by_folder`` where fewer people may see it than without what is set for its folder.
    """

    document_id: int
    outcome: Outcome
    version: int
    by_folder: bool = False


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
            return _link(session, actor, decision, place, sha256)

    def store(
        self,
        actor: Actor,
        draft: Draft,
        *,
        place: str,
        original: Original | None = None,
        audience: Audience = FOR_EVERYONE,
        state: str = PUBLISHED,
        cut: Sequence[Section] | None = None,
    ) -> Stored:
        """Store a draft as a new document or as a new version of the one seen at ``place``.

        Safe to repeat: the same content from the same place is ``unchanged``, from another place ``duplicate``.

        Args:
            actor: in whose name.
            draft: what a reader made of the file.
            place: where the file lies, see :func:`kb.document_rules.decide`.
            original: the file itself; None for what was not read from one.
            audience: who may see it; a new version keeps the document's own.
            state: ``published``, or ``review``: seen only by the actor and curators until it is published.
                A document that readers see already stays as it is meanwhile; so it does when its text was changed
                here, or it was archived: the file then waits for somebody to look at it.
            cut: the sections of its body, where they are known already.

        Raises:
            NotAllowed: the actor may not import.
            DataFolderError: it could not be written; nothing is half stored.
        """
        actor.must(Action.IMPORT)
        pictures = [(picture, *self._files.keep(picture.content)) for picture in draft.pictures]
        # Before the transaction: nobody else can write while it lasts.
        cut = sections(draft.body) if cut is None else cut
        predecessor = self._predecessor(place, draft) if original is not None else None
        with self._database.write() as session:
            decision = Decision("create")
            if original is not None:
                register_file(session, original.sha256, original.size, original.media_type)
                decision = _decide(session, actor, place, original.sha256, predecessor)
                if decision.action in {"unchanged", "duplicate"}:
                    return _link(session, actor, decision, place, original.sha256)
            document = session.get(Document, decision.document_id) if decision.document_id else None
            if document is None:
                document = Document(version=0, corrected=[], folder=folder_of(place))
                set_audience(session, document, audience)
            elif _waits(session, document, state):
                return _let_wait(
                    session,
                    actor,
                    document,
                    draft,
                    pictures=pictures,
                    place=place,
                    original=original,
                )
            number = next_number(session, document.id) if document.id else 1
            fill(session, document, draft, number=number)
            document.state, document.by = state, actor.id
            if original is not None:
                document.original_sha256 = original.sha256
                document.original_name = original.name
            session.add(document)
            session.flush()
            _keep_pictures(session, document.id, pictures)
            replace_parts(session, document, draft, cut)
            record_candidates(session, document.id, document.version, draft.lessons)
            add_version(session, document, actor.id, published=state == PUBLISHED)
            if original is not None:
                _record_place(session, place, document.id, original.sha256, own=True)
            record_change(session, actor, "document", document.id, "store")
            narrowed = narrowed_by_folder(session, document)
            return Stored(document.id, "stored", document.version, by_folder=narrowed)

    def get(self, actor: Actor, document_id: int) -> Document:
        """The document, complete with project, sections, people and tags.

        Raises:
            NotFound: there is none, or the actor may not read it.
        """
        with self._database.read() as session:
            document = session.scalar(
                _readable(actor)
                .where(Document.id == document_id)
                .options(known_project(actor), *_COMPLETE)
            )
        if document is None:
            raise NotFound(what="document", id=document_id)
        return document

    def titles(self, actor: Actor, ids: Collection[int]) -> dict[int, str]:
        """The titles of those of these documents that the actor may read, by id."""
        wanted = sorted(ids)
        found: dict[int, str] = {}
        with self._database.read() as session:
            for first in range(0, len(wanted), _IDS_IN_ONE_STATEMENT):
                part = Document.id.in_(wanted[first : first + _IDS_IN_ONE_STATEMENT])
                asked = select(Document.id, Document.title).where(document_readable(actor), part)
                found.update((number, title) for number, title in session.execute(asked))
        return found

    def recent(self, actor: Actor, limit: int) -> list[Document]:
        """The published documents stored or changed last, newest first, with their project and people."""
        with self._database.read() as session:
            return list(
                session.scalars(
                    _readable(actor)
                    .where(Document.state == PUBLISHED)
                    .options(known_project(actor), *_COMPLETE)
                    .order_by(Document.updated_at.desc(), Document.id.desc())
                    .limit(limit)
                )
            )

    def counts(self, actor: Actor) -> dict[str, int]:
        """How many published documents of each kind the actor may read."""
        with self._database.read() as session:
            rows = session.execute(
                select(Document.kind, func.count())
                .where(document_readable(actor), Document.state == PUBLISHED)
                .group_by(Document.kind)
                .order_by(func.count().desc(), Document.kind)
            )
            return {kind: count for kind, count in rows}  # noqa: C416  dict(rows) is not typed

    def versions(self, actor: Actor, document_id: int) -> list[DocumentVersion]:
        """The versions of a document that ``actor`` may read, newest first.

        Raises:
            NotFound: there is no such document, or the actor may not read it.
        """
        with self._database.read() as session:
            document = session.scalar(_readable(actor).where(Document.id == document_id))
            if document is None:
                raise NotFound(what="document", id=document_id)
            shown = select(DocumentVersion).where(DocumentVersion.document_id == document_id)
            if document.state in SEEN:
                shown = shown.where(DocumentVersion.published)
            return list(session.scalars(shown.order_by(DocumentVersion.number.desc())))

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
                .where(
                    document_readable(actor), Document.id == document_id, DocumentFile.name == name
                )
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
                .where(document_readable(actor), Document.id == document_id)
            ).one_or_none()
        if found is None:
            raise NotFound(what="original of document", id=document_id)
        return self._files.path(found.sha256), found.original_name, found.media_type

    def _predecessor(self, place: str, draft: Draft) -> int | None:
        """The document uploaded under this name before, if ``draft`` is a version of it."""
        if not is_upload(place):
            return None
        with self._database.read() as session:
            source = session.get(DocumentSource, place)
            if source is None or not source.own:
                return None
            before = session.get_one(
                Document, source.document_id, options=[selectinload(Document.project)]
            )
        project = before.project
        named = project.name_zh or project.name_en if project else ""
        # Compared by code where the draft has one, else by name: what the register added to it does not count.
        project_before = project.code if project and draft.project_code else named
        same = is_version(
            _likeness(before.body, draft.body),
            Identity(before.title, project_before),
            Identity(draft.title, draft.project_code or draft.project_name),
        )
        return before.id if same else None


def _readable(actor: Actor) -> Select[Document]:
    return select(Document).where(document_readable(actor))


def _decide(
    session: Session, actor: Actor, place: str, sha256: str, predecessor: int | None = None
) -> Decision:
    here = session.get(DocumentSource, place)
    same = session.scalar(
        _readable(actor)
        .with_only_columns(Document.id)
        .where(Document.original_sha256 == sha256)
        .order_by(Document.id)
        .limit(1)
    )
    return decide(
        sha256,
        Seen(here.document_id, here.sha256, here.own) if here else None,
        same,
        by_name=is_upload(place),
        succeeds=here is not None and here.document_id == predecessor,
    )


def _link(session: Session, actor: Actor, decision: Decision, place: str, sha256: str) -> Stored:
    document = session.get_one(Document, decision.document_id)
    if decision.action == "duplicate":
        _record_place(session, place, document.id, sha256, own=False)
        session.flush()
        place_added(session, actor, document)
    outcome: Outcome = "unchanged" if decision.action == "unchanged" else "duplicate"
    return Stored(document.id, outcome, document.version)


def _record_place(
    session: Session, place: str, document_id: int, sha256: str, *, own: bool
) -> None:
    session.merge(
        DocumentSource(
            place=place, document_id=document_id, sha256=sha256, own=own, seen_at=utc_now()
        )
    )


def _waits(session: Session, document: Document, state: str) -> bool:
    """Whether a new file for ``document`` must wait, so that readers go on seeing what they see."""
    if document.state not in SEEN:
        return False
    life = session.get(DocumentLife, document.id)
    edited = life is not None and life.edited
    return state == REVIEW or document.state == ARCHIVED or edited


def _let_wait(
    session: Session,
    actor: Actor,
    document: Document,
    draft: Draft,
    *,
    pictures: Sequence[tuple[Picture, str, int]],
    place: str,
    original: Original | None,
) -> Stored:
    _keep_pictures(session, document.id, pictures)
    file = (original.sha256, original.name) if original is not None else None
    number = keep_file(session, actor, document, draft, REVIEW, original=file)
    if original is not None:
        _record_place(session, place, document.id, original.sha256, own=True)
    return Stored(document.id, "stored", number)


def _keep_pictures(
    session: Session, document_id: int, pictures: Sequence[tuple[Picture, str, int]]
) -> None:
    for picture, sha256, size in pictures:
        register_file(session, sha256, size, picture.media_type)
        session.merge(DocumentFile(document_id=document_id, name=picture.name, sha256=sha256))


def _likeness(one: str, other: str) -> int | None:
    """Percent, or None where a text is too short to tell."""
    first, second = shingles(one), shingles(other)
    if min(len(first), len(second)) < MIN_SHINGLES:
        return None
    return likeness(first, second)
