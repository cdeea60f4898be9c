"""A draft written into the rows of its document, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from kb.audience_following import follow
from kb.document_links import record_links
from kb.drafts import Draft
from kb.markdown import Section
from kb.models import (
    Document,
    DocumentPerson,
    DocumentSection,
    DocumentTag,
    DocumentVersion,
    find_or_add_project,
    utc_now,
)
from kb.person_matching import one_meant

MAX_TITLE_CHARS: Final = 500
MAX_TAG_CHARS: Final = 100
_MAX_NAME_CHARS: Final = 200


def fill(session: Session, document: Document, draft: Draft, *, number: int) -> None:
    """Make ``document`` what the draft is, as version ``number``; details that people corrected stay as they are."""
    found = {
        "title": draft.title[:MAX_TITLE_CHARS],
        "kind": draft.kind.value,
        "language": draft.language,
        "dated": draft.dated,
    }
    for name, value in found.items():
        if name not in document.corrected:
            setattr(document, name, value)
    if "project" not in document.corrected:
        project = find_or_add_project(
            session, draft.project_code, draft.project_name, audience_id=document.audience_id
        )
        document.project_id = project.id if project else None
        follow(session, document)
    if "kind" not in document.corrected:
        document.guesses = {"kind": draft.kind.evidence}
    document.body = draft.body
    document.version = number
    document.format = draft.format
    document.file_metadata = dict(draft.metadata)
    document.ledger = draft.ledger.as_json()
    document.notes = list(draft.notes)
    document.updated_at = utc_now()


def replace_parts(
    session: Session, document: Document, draft: Draft, sections: Sequence[Section]
) -> None:
    """Replace the document's sections, people and tags by those of the draft, whose body was cut into ``sections``."""
    replace_sections(session, document.id, sections)
    record_links(session, document)
    session.execute(delete(DocumentPerson).where(DocumentPerson.document_id == document.id))
    names = dict.fromkeys(name.strip()[:_MAX_NAME_CHARS] for name in draft.authors if name.strip())
    session.add_all(
        DocumentPerson(
            document_id=document.id,
            position=position,
            name=name,
            person_id=one_meant(session, name, "document", document.id),
        )
        for position, name in enumerate(names)
    )
    if "tags" not in document.corrected:
        set_tags(session, document.id, draft.tags)


def replace_sections(session: Session, document_id: int, sections: Sequence[Section]) -> None:
    """Give a document these sections and no others."""
    session.execute(delete(DocumentSection).where(DocumentSection.document_id == document_id))
    session.add_all(
        DocumentSection(
            document_id=document_id,
            position=section.position,
            level=section.level,
            heading=section.heading,
            anchor=section.anchor,
            text=section.text,
        )
        for section in sections
    )


def set_tags(session: Session, document_id: int, tags: Iterable[str]) -> None:
    """Give a document these tags and no others; empty ones and doubles are left out."""
    session.execute(delete(DocumentTag).where(DocumentTag.document_id == document_id))
    kept = dict.fromkeys(tag.strip()[:MAX_TAG_CHARS] for tag in tags if tag.strip())
    session.add_all(DocumentTag(document_id=document_id, tag=tag) for tag in kept)


def add_version(
    session: Session,
    document: Document,
    by: str,
    *,
    note: str = "",
    base: int | None = None,
    published: bool = True,
) -> None:
    """Keep the document as it is now among its versions; ``note`` says why, ``base`` what it was made from."""
    session.add(
        DocumentVersion(
            document_id=document.id,
            number=document.version,
            title=document.title,
            body=document.body,
            original_sha256=document.original_sha256,
            original_name=document.original_name,
            note=note,
            base=base,
            published=published,
            by=by,
        )
    )
