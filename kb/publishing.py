"""Review before publishing: what an import made, looked through, put right for many at once, and let out.

A document that waits for review may be corrected by whoever may read it (whoever imported it, and curators), and let
out by whoever the rules of :mod:`kb.lifecycle_rules` allow to; a published one may be corrected by curators. A new file
of a document that readers see waits beside it. What people set by hand outlasts new versions of the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, selectinload

from kb.access import PROJECT, Action, Actor, Audience
from kb.audience_following import follow, set_audience
from kb.database import Database
from kb.document_rows import MAX_TITLE_CHARS, set_tags
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.importing_rules import Overrides
from kb.lifecycle_rules import Stage, possible
from kb.models import (
    PUBLISHED,
    REVIEW,
    AudienceRow,
    Document,
    ImportItem,
    PendingVersion,
    document_readable,
    find_or_add_project,
    record_change,
    utc_now,
)
from kb.models.documents import known_project
from kb.page_roles import parties
from kb.page_steps import approve, publish, record
from kb.working_copies import work_on

# The details that may be emptied; a document always has a title, kind, language and audience.
CLEARABLE: Final = frozenset({"project", "tags", "dated"})
SET_BY_HAND: Final = N_("set by hand")
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for review, complete with project and tags, and the file it was made from.

    Attributes:
        audience: key of who will see it, see :attr:`kb.access.Audience.key`.
        number: of the new version that waits while readers see another one; None where the document itself waits.
    """

    document: Document
    audience: str
    path: str
    near: tuple[tuple[int, int], ...]
    number: int | None = None


class Publishing:
    """Use cases around review and correction; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def waiting(
        self, actor: Actor, job_id: int, *, page: int = 1, per_page: int = 100
    ) -> tuple[list[Waiting], int]:
        """One page of an import's documents that wait for review, and how many there are over all pages."""
        with self._database.read() as session:
            total = session.scalar(
                _of_job(actor, job_id).with_only_columns(func.count(Document.id))
            )
            documents = session.scalars(
                _of_job(actor, job_id)
                .options(known_project(actor), selectinload(Document.tags))
                .order_by(Document.id)
                .offset((max(page, 1) - 1) * per_page)
                .limit(per_page)
            ).all()
            ids = [document.id for document in documents]
            items = {
                item.document_id: item
                for item in session.scalars(
                    select(ImportItem)
                    .where(ImportItem.job_id == job_id, ImportItem.document_id.in_(ids))
                    # The last word is that of the file it was made from, not of a duplicate of it.
                    .order_by(ImportItem.outcome == "stored", ImportItem.id)
                )
            }
            audiences = _audience_keys(session, {document.audience_id for document in documents})
        return [
            Waiting(
                document,
                audiences[document.audience_id],
                items[document.id].path,
                tuple((near["document"], near["likeness"]) for near in items[document.id].near),
                items[document.id].document_version if document.state != REVIEW else None,
            )
            for document in documents
        ], total or 0

    def audience_of(self, actor: Actor, document_id: int) -> str:
        """Who may see a document, as :meth:`kb.access.Audience.parse` reads it.

        Raises:
            NotFound: there is no such document, or the actor may not read it.
        """
        with self._database.read() as session:
            found = session.execute(
                select(AudienceRow.key, Document.audience_inherited)
                .join(Document, Document.audience_id == AudienceRow.id)
                .where(Document.id == document_id, document_readable(actor))
            ).first()
        if found is None:
            raise NotFound(what="document", id=document_id)
        return PROJECT if found.audience_inherited else str(found.key)

    def correct(
        self,
        actor: Actor,
        ids: Sequence[int],
        given: Overrides,
        *,
        clear: Collection[str] = (),
        add_tags: bool = False,
    ) -> int:
        """Set what is given for all these documents, or for none; returns how many were changed by it.

        Args:
            actor: whoever asks.
            ids: the documents.
            given: what is set in it is set; authors are left alone.
            clear: which of :data:`CLEARABLE` to empty.
            add_tags: the tags given come to those there are, instead of replacing them.

        Raises:
            NotFound: one of them is not there, or not for this actor.
            NotAllowed: one of them is published, and the actor is no curator.
            InvalidInput: no document was named.
        """
        with self._database.write() as session:
            documents = _editable(session, actor, ids)
            changed = 0
            for document in documents:
                tags = _tags(document, given.tags, add=add_tags, clear="tags" in clear)
                if _set(session, document, given, tags, clear):
                    document.updated_at = utc_now()
                    record_change(session, actor, "document", document.id, "correct")
                    changed += 1
            return changed

    def publish(self, actor: Actor, ids: Sequence[int]) -> int:
        """Let these documents, or their new files, out to their audiences; returns how many were still waiting.

        Raises:
            NotFound: one of them is not there, or not for this actor.
            NotAllowed: the actor may not import, or not let one of them out.
            InvalidInput: no document was named.
        """
        actor.must(Action.IMPORT)
        _must_be_some(ids)
        with self._database.write() as session:
            found = _complete(session, document_readable(actor), ids)
            return _let_out(session, actor, found)

    def publish_all(self, actor: Actor, job_id: int) -> int:
        """Let out everything that an import made and that waits for review; returns how many.

        Raises:
            NotAllowed: the actor may not import.
        """
        actor.must(Action.IMPORT)
        with self._database.write() as session:
            return _let_out(session, actor, session.scalars(_of_job(actor, job_id)).all())


def _of_job(actor: Actor, job_id: int) -> Select[Document]:
    made = select(ImportItem.document_id).where(
        ImportItem.job_id == job_id, ImportItem.document_id.is_not(None)
    )
    files = (
        select(PendingVersion.document_id)
        .join(
            ImportItem,
            (ImportItem.document_id == PendingVersion.document_id)
            & (ImportItem.document_version == PendingVersion.number),
        )
        .where(
            ImportItem.job_id == job_id,
            PendingVersion.origin == "file",
            PendingVersion.state == REVIEW,
            _own_or_curated(actor),
        )
    )
    return select(Document).where(
        or_((Document.state == REVIEW) & Document.id.in_(made), Document.id.in_(files)),
        document_readable(actor),
    )


def _own_or_curated(actor: Actor) -> ColumnElement[bool]:
    """Condition: the version that waits may be let out by ``actor``, who may read its document."""
    if actor.sees_all or Action.CURATE in actor.actions:
        return true()
    return PendingVersion.by == actor.id


def _must_be_some(ids: Sequence[int]) -> None:
    if not ids:
        raise InvalidInput(field=N_("choice"), reason=N_("no document was chosen"))


def _editable(session: Session, actor: Actor, ids: Sequence[int]) -> list[Document]:
    _must_be_some(ids)
    actor.must(Action.IMPORT)
    documents = _complete(session, document_readable(actor), ids)
    if any(document.state == PUBLISHED for document in documents):
        actor.must(Action.CURATE)
    return documents


def _complete(
    session: Session, condition: ColumnElement[bool], ids: Sequence[int]
) -> list[Document]:
    """All the documents, each once, in the order of their ids; NotFound for the first that is missing."""
    wanted = sorted(set(ids))
    found: list[Document] = []
    for first in range(0, len(wanted), _IDS_IN_ONE_STATEMENT):
        found += session.scalars(
            select(Document)
            .where(Document.id.in_(wanted[first : first + _IDS_IN_ONE_STATEMENT]), condition)
            .options(selectinload(Document.tags))
            .order_by(Document.id)
        )
    missing = set(wanted) - {document.id for document in found}
    if missing:
        raise NotFound(what="document", id=min(missing))
    return found


def _let_out(session: Session, actor: Actor, documents: Iterable[Document]) -> int:
    number = 0
    for document in documents:
        work = work_on(session, document, "file")
        if work.state != REVIEW:
            continue
        roles = parties(session, actor, document, work)
        steps = {step.name for step in possible(Stage.REVIEW, roles)}
        if actor.sees_all or "release" in steps:
            publish(session, actor, document, work, reviewed_by=[actor.id])
            record(session, actor, document, "release", work.number)
        elif "approve" in steps:
            approve(session, actor, document, work)
            record(session, actor, document, "approve", work.number)
        else:
            raise NotAllowed(action="publish")
        number += 1
    return number


def _tags(
    document: Document, given: Sequence[str], *, add: bool, clear: bool
) -> tuple[str, ...] | None:
    """The tags it is to have; None where they stay as they are."""
    present = tuple(tag.tag for tag in document.tags)
    if clear:
        wanted: tuple[str, ...] = ()
    elif given:
        wanted = tuple(dict.fromkeys((*present, *given))) if add else tuple(given)
    else:
        return None
    return None if set(wanted) == set(present) else wanted


def _set(
    session: Session,
    document: Document,
    given: Overrides,
    tags: tuple[str, ...] | None,
    clear: Collection[str],
) -> bool:
    """Set what differs from what is there; True when anything did."""
    wanted: dict[str, Any] = {
        "title": given.title[:MAX_TITLE_CHARS],
        "kind": given.kind,
        "language": given.language,
        "dated": given.dated,
    }
    values: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    if "dated" in clear:
        values["dated"] = None
    if project := find_or_add_project(
        session, given.project_code, given.project_name, audience_id=document.audience_id
    ):
        values["project_id"] = project.id
    elif "project" in clear:
        values["project_id"] = None
    changed = {name for name, value in values.items() if getattr(document, name) != value}
    for name in changed:
        setattr(document, name, values[name])
    follow(session, document)
    if given.audience and set_audience(
        session, document, Audience.parse(given.audience, follows=True)
    ):
        changed.add("audience_id")
    if "kind" in changed:
        document.guesses = {**document.guesses, "kind": SET_BY_HAND}
    if tags is not None:
        set_tags(session, document.id, tags)
        changed.add("tags")
    by_hand = {"project" if name == "project_id" else name for name in changed} - {"audience_id"}
    document.corrected = sorted({*document.corrected, *by_hand})
    return bool(changed)


def _audience_keys(session: Session, ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(
        select(AudienceRow.id, AudienceRow.key).where(AudienceRow.id.in_(sorted(ids)))
    )
    return {number: key for number, key in rows}  # noqa: C416  dict(rows) is not typed
