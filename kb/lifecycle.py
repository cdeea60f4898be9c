"""The life of documents as people act on it: submit, approve, send back, publish, confirm, archive, supersede.

The rules are in :mod:`kb.lifecycle_rules`; nothing here decides who may do what.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.access import Actor, Audience
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotAllowed
from kb.life_views import OF_WORK, EventView, LifeView, view_of
from kb.lifecycle_rules import (
    MAX_MONTHS,
    Party,
    Stage,
    next_review,
    stage_of,
)
from kb.models import (
    ARCHIVED,
    PUBLISHED,
    AudienceRow,
    Document,
    DocumentFile,
    DocumentLife,
    DocumentPerson,
    DocumentReviewer,
    DocumentSection,
    DocumentTag,
    DocumentVersion,
    LifeEvent,
    User,
    record_change,
    utc_now,
)
from kb.page_roles import (
    actors_of,
    must_be_signed_in,
    names_of,
    parties,
    readable_document,
    sees,
)
from kb.page_steps import (
    approve,
    check_needs,
    may_set_care,
    move_work,
    must_take,
    publish,
    record,
    reviewers_of,
    today,
)
from kb.working_copies import SEEN, Origin, Work, drop, life_of, work_on

MAX_NOTE_CHARS: Final = 2_000
MAX_REVIEWERS: Final = 20


class Lifecycle:
    """Use cases around the life of documents; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def of(self, actor: Actor, document_id: int) -> LifeView:
        """How a document stands, and what ``actor`` may do.

        Raises:
            NotFound: there is no such document, or the actor may not read it.
        """
        with self._database.read() as session:
            return view_of(session, actor, readable_document(session, actor, document_id))

    def history(self, actor: Actor, document_id: int) -> list[EventView]:
        """The steps of a document's life that ``actor`` may know of, newest first.

        Raises:
            NotFound: there is no such document, or the actor may not read it.
        """
        with self._database.read() as session:
            document = readable_document(session, actor, document_id)
            rows = session.scalars(
                select(LifeEvent)
                .where(LifeEvent.document_id == document_id)
                .order_by(LifeEvent.id.desc())
            ).all()
            if not _concerns(session, actor, document):
                rows = [row for row in rows if row.transition not in _QUIET]
            names = names_of(session, {row.by for row in rows})
        return [
            EventView(row.transition, row.number, row.note, names.get(row.by, ""), row.at)
            for row in rows
        ]

    def take(
        self,
        actor: Actor,
        document_id: int,
        name: str,
        *,
        note: str = "",
        origin: Origin = "edit",
        number: int | None = None,
        successor: int | None = None,
    ) -> Stage | None:
        """Take a step of :data:`kb.lifecycle_rules.TRANSITIONS`.

        Args:
            actor: whoever takes it.
            document_id: of which document.
            name: of the step.
            note: why; some steps want one.
            origin: which of the versions that wait is meant, for the steps of a version.
            number: the version the actor has looked at; None where that is not known.
            successor: the document that takes the place of this one, for ``supersede``.

        Returns:
            The stage that was reached; None when the version, or the document, is gone.

        Raises:
            NotFound: there is no such document or successor, or not for this actor.
            NotAllowed: the actor may not take this step, or not from here.
            Conflict: the version was changed since the actor looked at it.
            InvalidInput: what the step needs is missing.
        """
        note = _note(note)
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            work = work_on(session, document, origin)
            if name in OF_WORK:
                if not sees(session, actor, document, work):
                    raise NotAllowed(action=name)
                return _take_work(
                    session, actor, document, work, name=name, note=note, number=number
                )
            return _take_page(
                session, actor, document, work, name=name, note=note, successor=successor
            )

    def people(self, actor: Actor, document_id: int, limit: int) -> list[tuple[str, str]]:
        """Sign-in name and name of users who may look after a document: those of its audience.

        Raises:
            NotFound: there is no such document, or not for this actor.
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        with self._database.read() as session:
            audience = _audience(session, readable_document(session, actor, document_id))
            users = actors_of(session, session.scalars(select(User.id)).all())
        admitted = [user for user in users.values() if audience.admits(user)]
        admitted.sort(key=lambda user: (user.name.casefold(), user.id))
        return [(user.id, user.name) for user in admitted[:limit]]

    def set_care(
        self,
        actor: Actor,
        document_id: int,
        *,
        owner: str,
        reviewers: Collection[str],
        months: int | None,
    ) -> None:
        """Say who looks after a document, who reviews it, and how often.

        Raises:
            NotFound: there is no such document, or not for this actor.
            NotAllowed: the actor may not decide this.
            InvalidInput: somebody named is no user, or may not read the document; the months are out of range.
        """
        must_be_signed_in(actor)
        wanted = sorted({user.strip() for user in reviewers if user.strip()})
        if months is not None and not 0 < months <= MAX_MONTHS:
            raise InvalidInput(field=N_("interval"), reason=N_("it is not between 1 and 60 months"))
        if len(wanted) > MAX_REVIEWERS:
            raise InvalidInput(field=N_("reviewers"), reason=N_("they are more than 20"))
        with self._database.write() as session:
            document = readable_document(session, actor, document_id)
            if not may_set_care(parties(session, actor, document, work_on(session, document))):
                raise NotAllowed(action=N_("say who looks after this page"))
            _set_care(
                session,
                actor,
                document,
                owner=owner.strip(),
                reviewers=wanted,
                months=months,
            )

    def set_care_of(
        self, actor: Actor, ids: Sequence[int], *, owner: str, months: int | None
    ) -> int:
        """Give all these documents, or none, an owner and an interval; reviewers stay. Returns how many.

        Raises:
            NotFound, NotAllowed, InvalidInput: as :meth:`set_care`, for one of them.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            for document_id in sorted(set(ids)):
                document = readable_document(session, actor, document_id)
                if not may_set_care(parties(session, actor, document, work_on(session, document))):
                    raise NotAllowed(action=N_("say who looks after this page"))
                _set_care(
                    session,
                    actor,
                    document,
                    owner=owner.strip(),
                    reviewers=reviewers_of(session, document_id),
                    months=months,
                )
        return len(set(ids))


# Of these steps readers are told nothing: they are about texts they do not see.
_QUIET: Final = frozenset({"submit", "withdraw", "send-back", "discard", "edit"})


def _take_work(
    session: Session,
    actor: Actor,
    document: Document,
    work: Work,
    *,
    name: str,
    note: str,
    number: int | None,
) -> Stage | None:
    if work.pending is None and document.state in SEEN:
        raise NotAllowed(action=name)
    step = must_take(session, actor, document, work, name=name, stage=Stage(work.state))
    if number is not None and number != work.number:
        raise Conflict(what=N_("the version"))
    check_needs(step, work, note)
    reached = step.to
    if name == "approve":
        if not approve(session, actor, document, work):
            reached = Stage.REVIEW
    elif reached is Stage.PUBLISHED:
        by = [actor.id] if name == "release" else []
        publish(session, actor, document, work, reviewed_by=by)
    elif reached is None:
        if work.pending is None:
            _delete(session, document)
            return None
        drop(session, work)
    else:
        move_work(session, actor, document, work, reached)
    record(session, actor, document, name, work.number, note=note)
    return reached


def _take_page(
    session: Session,
    actor: Actor,
    document: Document,
    work: Work,
    *,
    name: str,
    note: str,
    successor: int | None,
) -> Stage | None:
    life = life_of(session, document.id)
    stage = stage_of(document.state, life.review_due, today())
    step = must_take(session, actor, document, work, name=name, stage=stage)
    check_needs(step, work, note)
    if name == "confirm":
        life.confirmed_at, life.confirmed_by = utc_now(), actor.id
    elif step.to is Stage.ARCHIVED:
        document.state = ARCHIVED
        life.superseded_by = (
            _successor(session, actor, document, successor) if name == "supersede" else None
        )
    else:
        document.state, life.superseded_by = PUBLISHED, None
    if step.to is Stage.PUBLISHED:
        life.review_due = next_review(today(), life.review_months)
    if name != "confirm":
        document.updated_at = utc_now()
    record_change(session, actor, "document", document.id, name)
    if name == "supersede" and life.superseded_by is not None:
        # It can be found by the name of what it replaces.
        record_change(session, actor, "document", life.superseded_by, "store")
    record(session, actor, document, name, document.version, note=note)
    return step.to


def _successor(session: Session, actor: Actor, document: Document, successor: int | None) -> int:
    if successor is None or successor == document.id:
        raise InvalidInput(field=N_("successor"), reason=N_("choose another page"))
    found = readable_document(session, actor, successor)
    if found.state != PUBLISHED:
        raise InvalidInput(field=N_("successor"), reason=N_("it is not published"))
    # A page that leads back here would send readers round in circles.
    seen, at = {document.id}, successor
    while (life := session.get(DocumentLife, at)) is not None and life.superseded_by is not None:
        at = life.superseded_by
        if at in seen:
            raise InvalidInput(field=N_("successor"), reason=N_("it leads back to this page"))
        seen.add(at)
    return successor


def _set_care(
    session: Session,
    actor: Actor,
    document: Document,
    *,
    owner: str,
    reviewers: Sequence[str],
    months: int | None,
) -> None:
    audience = _audience(session, document)
    known = actors_of(session, {owner, *reviewers} - {""})
    for user in filter(None, (owner, *reviewers)):
        if user not in known or not audience.admits(known[user]):
            raise InvalidInput(field=user, reason=N_("is no user who may read this page"))
    life = life_of(session, document.id)
    life.owner = owner
    if life.review_months != months:
        life.review_months = months
        since = life.confirmed_at or life.published_at
        seen = document.state in SEEN
        life.review_due = next_review(since.date() if since else today(), months) if seen else None
    session.execute(delete(DocumentReviewer).where(DocumentReviewer.document_id == document.id))
    session.add_all(DocumentReviewer(document_id=document.id, user_id=user) for user in reviewers)
    record(session, actor, document, "care", document.version)


def _audience(session: Session, document: Document) -> Audience:
    key = session.scalar(select(AudienceRow.key).where(AudienceRow.id == document.audience_id))
    return Audience.parse(key or "")


def _delete(session: Session, document: Document) -> None:
    """Take a draft that was never published away, unless something else refers to it."""
    parts = (DocumentSection, DocumentPerson, DocumentTag, DocumentFile, DocumentVersion)
    try:
        for part in parts:
            session.execute(delete(part).where(part.document_id == document.id))
        session.execute(delete(Document).where(Document.id == document.id))
        session.flush()
    except IntegrityError as error:
        raise Conflict(what=N_("something that refers to this page")) from error


def _concerns(session: Session, actor: Actor, document: Document) -> bool:
    roles = parties(session, actor, document, work_on(session, document))
    return actor.sees_all or bool(
        roles & {Party.OWNER, Party.AUTHOR, Party.REVIEWER, Party.CURATOR}
    )


def _note(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > MAX_NOTE_CHARS:
        raise InvalidInput(field=N_("note"), reason=N_("it is longer than 2,000 characters"))
    return text
