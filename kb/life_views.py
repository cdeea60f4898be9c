"""How a document stands, as one of its readers may know it; read in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.lifecycle_rules import Stage, possible, stage_of
from kb.models import Document, DocumentLife, document_readable
from kb.page_roles import may_write, names_of, parties, sees
from kb.page_steps import may_set_care, reviewers_of, today, votes_of
from kb.working_copies import SEEN, Origin, Work, version_of, work_on

# Steps of the version that is worked on; the others are of the page that readers see.
OF_WORK: Final = frozenset(
    {"submit", "withdraw", "approve", "send-back", "release", "publish", "discard"}
)
_ORIGINS: Final[tuple[Origin, ...]] = ("edit", "file")


@dataclass(frozen=True, slots=True)
class WorkView:
    """A version that readers do not see yet, and what the actor may do with it.

    Attributes:
        origin: ``edit`` or ``file``.
        by: name of whoever wrote it last.
        note: what was changed and why, in the writer's words.
        approved: names of those who have approved it.
        stale: something else was published since it was begun.
        in_place: the document itself was never published, and this is its text.
        steps: names of the steps the actor may take.
    """

    origin: Origin
    stage: Stage
    number: int
    title: str
    by: str
    at: datetime
    base: int
    note: str
    approved: tuple[str, ...]
    stale: bool
    in_place: bool
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """A step that was taken; ``by`` is a name, empty for nobody."""

    name: str
    number: int
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LifeView:
    """How a document stands, as far as the actor may know.

    Attributes:
        stage: as its readers see it; draft or in review while they do not.
        owner, owner_name: who looks after it, as sign-in name and as shown.
        reviewers: sign-in name and shown name of each who is asked to review it.
        months: between reviews, None for never.
        reviewed_by: names of those who approved what is published.
        vouched: whether anything is known of its publication.
        works: versions that wait, which the actor may see.
        successor: id and title of the document that took its place, when the actor may read it.
        predecessors: those it took the place of.
        steps: names of steps the actor may take with the page that readers see.
    """

    document_id: int
    stage: Stage
    owner: str
    owner_name: str
    author_name: str
    reviewers: tuple[tuple[str, str], ...]
    months: int | None
    published_at: datetime | None
    published_by: str
    reviewed_by: tuple[str, ...]
    confirmed_at: datetime | None
    confirmed_by: str
    review_due: date | None
    works: tuple[WorkView, ...]
    successor: tuple[int, str] | None
    predecessors: tuple[tuple[int, str], ...]
    steps: tuple[str, ...]
    may_write: bool
    may_set_care: bool

    @property
    def vouched(self) -> bool:
        """Whether anything is known of its publication here."""
        return self.published_at is not None

    @property
    def overdue(self) -> bool:
        """Whether its review is due."""
        return self.stage is Stage.DUE


def view_of(session: Session, actor: Actor, document: Document) -> LifeView:
    """How a document that ``actor`` may read stands, and what ``actor`` may do."""
    life = session.get(DocumentLife, document.id) or DocumentLife(
        author="", owner="", published_by="", reviewed_by=[], confirmed_by=""
    )
    reviewers = reviewers_of(session, document.id)
    works = [work_on(session, document, origin) for origin in _ORIGINS]
    shown: list[tuple[Origin, Work]] = []
    if document.state not in SEEN:
        shown = [("edit", works[0])]
    else:
        shown = [
            (origin, work)
            for origin, work in zip(_ORIGINS, works, strict=True)
            if work.pending is not None and sees(session, actor, document, work)
        ]
    votes = {work.number: votes_of(session, document.id, work.number) for _, work in shown}
    names = names_of(
        session,
        {life.owner, life.author, life.published_by, life.confirmed_by}
        | {*life.reviewed_by, *reviewers}
        | {work.by for _, work in shown}
        | {user for voters in votes.values() for user in voters},
    )
    stage = stage_of(document.state, life.review_due, today())
    roles = parties(session, actor, document, works[0])
    return LifeView(
        document_id=document.id,
        stage=stage,
        owner=life.owner,
        owner_name=names.get(life.owner, ""),
        author_name=names.get(life.author, ""),
        reviewers=tuple((user, names[user]) for user in reviewers),
        months=life.review_months,
        published_at=life.published_at,
        published_by=names.get(life.published_by, ""),
        reviewed_by=tuple(names.get(user, user) for user in life.reviewed_by),
        confirmed_at=life.confirmed_at,
        confirmed_by=names.get(life.confirmed_by, ""),
        review_due=life.review_due,
        works=tuple(
            _work_view(
                session,
                actor,
                document,
                work,
                origin=origin,
                names=names,
                votes=votes[work.number],
            )
            for origin, work in shown
        ),
        successor=_title(session, actor, life.superseded_by),
        predecessors=_predecessors(session, actor, document.id),
        steps=tuple(
            step.name
            for step in possible(stage, roles)
            if step.name not in OF_WORK and document.state in SEEN
        ),
        may_write=may_write(session, actor, document),
        may_set_care=may_set_care(roles) and bool(actor.id),
    )


def _work_view(
    session: Session,
    actor: Actor,
    document: Document,
    work: Work,
    *,
    origin: Origin,
    names: Mapping[str, str],
    votes: Sequence[str],
) -> WorkView:
    roles = parties(session, actor, document, work)
    row = version_of(session, document.id, work.number)
    return WorkView(
        origin=origin,
        stage=Stage(work.state),
        number=work.number,
        title=work.title,
        by=names.get(work.by, ""),
        at=work.pending.at if work.pending else document.updated_at,
        base=work.base,
        note=row.note if row else "",
        approved=tuple(names[user] for user in votes),
        stale=work.pending is not None and work.base != document.version,
        in_place=work.pending is None,
        steps=tuple(
            step.name
            for step in possible(Stage(work.state), roles)
            if not (step.name == "approve" and actor.id in votes)
        ),
    )


def _title(session: Session, actor: Actor, document_id: int | None) -> tuple[int, str] | None:
    if document_id is None:
        return None
    row = session.execute(
        select(Document.id, Document.title).where(
            Document.id == document_id, document_readable(actor)
        )
    ).one_or_none()
    return (row.id, row.title) if row else None


def _predecessors(session: Session, actor: Actor, document_id: int) -> tuple[tuple[int, str], ...]:
    rows = session.execute(
        select(Document.id, Document.title)
        .join(DocumentLife, DocumentLife.document_id == Document.id)
        .where(DocumentLife.superseded_by == document_id, document_readable(actor))
        .order_by(Document.id)
    )
    return tuple((row.id, row.title) for row in rows)
