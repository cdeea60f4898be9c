"""New versions of documents while nobody sees them yet, and how readers get to see them; in the caller's transaction.

A document that was never published is written in its own row. One that readers see keeps what they see; its new
version waits beside it as a :class:`kb.models.PendingVersion`. Every text that was ever saved has a number and a row
among the versions of the document.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from pydantic import TypeAdapter
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.document_links import record_links
from kb.document_rows import add_version, fill, replace_parts, replace_sections
from kb.drafts import Draft
from kb.errors import N_, Conflict
from kb.markdown import sections
from kb.models import (
    ARCHIVED,
    DRAFT,
    PUBLISHED,
    Document,
    DocumentLife,
    DocumentVersion,
    PendingVersion,
    record_candidates,
    record_change,
    utc_now,
)

Origin = Literal["edit", "file"]
SEEN: Final = frozenset({PUBLISHED, ARCHIVED})
_DRAFTS: Final = TypeAdapter(Draft)


@dataclass(frozen=True, slots=True)
class Work:
    """The text that somebody works on: that of a version that waits, or of the document itself.

    Attributes:
        number: of the version.
        base: of the published version it was made from; its own for one that has no row beside the document.
        state: ``draft`` or ``review``; for a document that readers see and nobody changes, the document's own.
        pending: the row of a version that waits; None where this is the document itself.
    """

    number: int
    title: str
    body: str
    state: str
    by: str
    base: int
    pending: PendingVersion | None


def life_of(session: Session, document_id: int) -> DocumentLife:
    """The row about a document's life, which is added when there is none."""
    life = session.get(DocumentLife, document_id)
    if life is None:
        life = DocumentLife(
            document_id=document_id,
            author="",
            owner="",
            published_by="",
            reviewed_by=[],
            confirmed_by="",
            edited=False,
        )
        session.add(life)
        session.flush()
    return life


def next_number(session: Session, document_id: int) -> int:
    """The number of the next version of a document, above all there are."""
    newest = session.scalar(
        select(func.max(DocumentVersion.number)).where(DocumentVersion.document_id == document_id)
    )
    return (newest or 0) + 1


def pending_of(session: Session, document_id: int, origin: Origin) -> PendingVersion | None:
    """The version of a document that waits, if any."""
    return session.scalar(
        select(PendingVersion).where(
            PendingVersion.document_id == document_id, PendingVersion.origin == origin
        )
    )


def version_of(session: Session, document_id: int, number: int) -> DocumentVersion | None:
    """One version of a document."""
    return session.scalar(
        select(DocumentVersion).where(
            DocumentVersion.document_id == document_id, DocumentVersion.number == number
        )
    )


def work_on(session: Session, document: Document, origin: Origin = "edit") -> Work:
    """What an editor works on: the version that waits, else the document as it is."""
    pending = pending_of(session, document.id, origin)
    version = version_of(session, document.id, pending.number) if pending else None
    if pending is None or version is None:
        return Work(
            document.version,
            document.title,
            document.body,
            document.state,
            document.by,
            document.version,
            None,
        )
    return Work(
        pending.number,
        version.title,
        version.body,
        pending.state,
        pending.by,
        pending.base,
        pending,
    )


def keep_edit(
    session: Session,
    actor: Actor,
    document: Document,
    *,
    title: str,
    body: str,
    note: str,
    base: int,
) -> int:
    """Keep a text that somebody wrote as the next version, and give its number.

    Readers go on seeing what they see. ``base`` is the published version it takes into account.
    """
    number = next_number(session, document.id)
    if document.state in SEEN:
        session.add(
            DocumentVersion(
                document_id=document.id,
                number=number,
                title=title,
                body=body,
                note=note,
                base=base,
                published=False,
                by=actor.id,
            )
        )
        pending = pending_of(session, document.id, "edit")
        if pending is None:
            pending = PendingVersion(document_id=document.id, origin="edit", state=DRAFT, draft={})
            session.add(pending)
        pending.number, pending.base = number, base
        pending.by, pending.at = actor.id, utc_now()
    else:
        before = document.version
        if document.original_sha256 is not None and document.by != actor.id:
            # Whoever brought the file goes on seeing it, and is no longer the one who answers for its text.
            life = life_of(session, document.id)
            life.author = life.author or document.by
        document.title, document.body, document.version = title, body, number
        document.by, document.updated_at = actor.id, utc_now()
        replace_sections(session, document.id, sections(body))
        add_version(session, document, actor.id, note=note, base=before, published=False)
    session.flush()
    return number


def keep_file(
    session: Session,
    actor: Actor,
    document: Document,
    draft: Draft,
    state: str,
    *,
    original: tuple[str, str] | None,
) -> int:
    """Let what a reader made of a new file wait beside the document, in place of an earlier such one.

    ``original`` is hash and name of the file. Gives the number of the version.
    """
    number = next_number(session, document.id)
    sha256, name = original or (None, "")
    session.add(
        DocumentVersion(
            document_id=document.id,
            number=number,
            title=draft.title,
            body=draft.body,
            original_sha256=sha256,
            original_name=name,
            base=document.version,
            published=False,
            by=actor.id,
        )
    )
    pending = pending_of(session, document.id, "file")
    if pending is None:
        pending = PendingVersion(document_id=document.id, origin="file")
        session.add(pending)
    pending.number, pending.base, pending.state = number, document.version, state
    pending.by, pending.at = actor.id, utc_now()
    pending.draft = _DRAFTS.dump_python(replace(draft, pictures=()), mode="json")
    session.flush()
    return number


def let_out(session: Session, actor: Actor, document: Document, work: Work) -> None:
    """Make a version what readers see, and its row beside the document go.

    Raises:
        Conflict: it was written without knowing what was published meanwhile.
    """
    if work.pending is None:
        document.state = PUBLISHED
        record_links(session, document)
    elif work.pending.origin == "file":
        _renew(session, document, work)
        session.delete(work.pending)
    else:
        if work.base != document.version:
            raise Conflict(what=N_("the published text"))
        before = version_of(session, document.id, work.base)
        # A title that was corrected meanwhile stays, unless the version brings another one.
        if before is None or before.title != work.title:
            document.title = work.title
        document.body, document.version = work.body, work.number
        document.by, document.state = work.by, PUBLISHED
        replace_sections(session, document.id, sections(work.body))
        record_links(session, document)
        life_of(session, document.id).edited = True
        session.delete(work.pending)
    document.updated_at = utc_now()
    session.execute(
        update(DocumentVersion)
        .where(
            DocumentVersion.document_id == document.id, DocumentVersion.number == document.version
        )
        .values(published=True)
    )
    record_change(session, actor, "document", document.id, "publish")
    session.flush()


def drop(session: Session, work: Work) -> None:
    """Give a version that waits up; its text stays among the versions."""
    if work.pending is not None:
        session.execute(delete(PendingVersion).where(PendingVersion.id == work.pending.id))


def _renew(session: Session, document: Document, work: Work) -> None:
    """Bring a file that waited into the document's rows."""
    pending = work.pending
    version = version_of(session, document.id, work.number)
    if pending is None or version is None:
        return
    values: dict[str, Any] = pending.draft
    draft = _DRAFTS.validate_python(values)
    fill(session, document, draft, number=pending.number)
    document.state, document.by = PUBLISHED, pending.by
    if version.original_sha256 is not None:
        document.original_sha256 = version.original_sha256
        document.original_name = version.original_name
    replace_parts(session, document, draft, sections(draft.body))
    record_candidates(session, document.id, document.version, draft.lessons)
    life_of(session, document.id).edited = False
