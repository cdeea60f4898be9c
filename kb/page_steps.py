"""Steps in the life of a document, in the caller's transaction: readers see a version, and who vouches for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.errors import N_, InvalidInput, NotAllowed
from kb.lifecycle_rules import (
    LIVING_KINDS,
    USUAL_MONTHS,
    Need,
    Party,
    Stage,
    Transition,
    after_approval,
    next_review,
    possible,
)
from kb.models import (
    DRAFT,
    REVIEW,
    Document,
    DocumentReviewer,
    LifeEvent,
    ReviewVote,
    record_change,
    utc_now,
)
from kb.page_roles import parties
from kb.working_copies import Work, let_out, life_of


def today() -> date:
    """The present day, UTC: due dates are whole days."""
    return utc_now().date()


def must_take(
    session: Session, actor: Actor, document: Document, work: Work, *, name: str, stage: Stage
) -> Transition:
    """The step called ``name``, when ``actor`` may take it from ``stage``.

    Raises:
        NotAllowed: it may not, or the document is not where this step begins.
    """
    mine = parties(session, actor, document, work)
    for step in possible(stage, mine):
        if step.name == name:
            return step
    raise NotAllowed(action=name)


def check_needs(step: Transition, work: Work, note: str) -> None:
    """Return when what can be told from the version and the note is there.

    Raises:
        InvalidInput: the version has no text, or a reason is wanted and not given.
    """
    if Need.TEXT in step.needs and not work.body.strip():
        raise InvalidInput(field=N_("text"), reason=N_("it is empty"))
    if Need.REASON in step.needs and not note.strip():
        raise InvalidInput(field=N_("reason"), reason=N_("say in a few words why"))


def record(
    session: Session, actor: Actor, document: Document, name: str, number: int, *, note: str = ""
) -> None:
    """Write down that ``actor`` took a step."""
    session.add(
        LifeEvent(
            document_id=document.id, transition=name, number=number, note=note.strip(), by=actor.id
        )
    )


def reviewers_of(session: Session, document_id: int) -> list[str]:
    """Who is asked to review a document, by name."""
    return list(
        session.scalars(
            select(DocumentReviewer.user_id)
            .where(DocumentReviewer.document_id == document_id)
            .order_by(DocumentReviewer.user_id)
        )
    )


def votes_of(session: Session, document_id: int, number: int) -> list[str]:
    """Who has approved a version, in the order they did."""
    return list(
        session.scalars(
            select(ReviewVote.user_id)
            .where(ReviewVote.document_id == document_id, ReviewVote.number == number)
            .order_by(ReviewVote.at, ReviewVote.user_id)
        )
    )


def approve(session: Session, actor: Actor, document: Document, work: Work) -> bool:
    """Count the approval of ``actor``; True when the version is published by it."""
    reviewers, votes = (
        reviewers_of(session, document.id),
        votes_of(session, document.id, work.number),
    )
    if actor.id not in votes:
        session.add(ReviewVote(document_id=document.id, number=work.number, user_id=actor.id))
    stage = after_approval(reviewers, votes, by=actor.id, curator=Action.CURATE in actor.actions)
    if stage is not Stage.PUBLISHED:
        return False
    publish(session, actor, document, work, reviewed_by=[*votes, actor.id])
    return True


def publish(
    session: Session, actor: Actor, document: Document, work: Work, *, reviewed_by: Sequence[str]
) -> None:
    """Let readers see a version, and write down who vouches for it and until when.

    Raises:
        Conflict: something else was published since the version was begun.
    """
    let_out(session, actor, document, work)
    life = life_of(session, document.id)
    if life.review_months is None and document.kind in LIVING_KINDS:
        life.review_months = USUAL_MONTHS
    life.published_at, life.published_by = utc_now(), actor.id
    life.reviewed_by = list(dict.fromkeys(user for user in reviewed_by if user))
    life.confirmed_at, life.confirmed_by = None, ""
    life.superseded_by = None
    life.review_due = next_review(today(), life.review_months)
    session.execute(delete(ReviewVote).where(ReviewVote.document_id == document.id))


def move_work(session: Session, actor: Actor, document: Document, work: Work, to: Stage) -> None:
    """Put the version that is worked on into draft or review."""
    state = REVIEW if to is Stage.REVIEW else DRAFT
    if work.pending is not None:
        work.pending.state, work.pending.at = state, utc_now()
    else:
        document.state, document.updated_at = state, utc_now()
        record_change(session, actor, "document", document.id, state)


def untouched_since(days: int) -> datetime:
    """The moment before which something that nobody touched is older than ``days``."""
    return datetime.now(UTC) - timedelta(days=days)


def may_set_care(found: frozenset[Party]) -> bool:
    """Whether somebody who is ``found`` to a document may say who looks after it."""
    return not found.isdisjoint({Party.OWNER, Party.CURATOR, Party.AUTHOR})
