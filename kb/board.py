"""What waits for somebody: the PMO's board of all pages, and each person's own list. Told in the pages, not by mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Select, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, aliased

from kb.access import Action, Actor
from kb.database import Database
from kb.lifecycle_rules import FORGOTTEN_DAYS, LIVING_KINDS
from kb.models import (
    DRAFT,
    PUBLISHED,
    REVIEW,
    Document,
    DocumentLife,
    DocumentReviewer,
    DocumentVersion,
    EditingDraft,
    PendingVersion,
    ReviewVote,
    document_readable,
)
from kb.page_roles import must_be_signed_in, names_of
from kb.page_steps import today, untouched_since

ColumnName = Literal["waiting", "overdue", "soon", "forgotten", "unowned"]
COLUMNS: Final[tuple[ColumnName, ...]] = ("waiting", "overdue", "soon", "forgotten", "unowned")
# A review that is due within so many days is coming up.
SOON_DAYS: Final = 30
MAX_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class BoardEntry:
    """A page that waits for something.

    Attributes:
        title: of the version that waits, where one does.
        owner, by: names; who looks after it, who wrote it last.
        when: since when it waits, or the day its review is due.
        origin: ``edit`` or ``file`` where a new version waits beside what readers see, else empty.
    """

    document_id: int
    title: str
    kind: str
    language: str
    owner: str
    by: str
    when: datetime | None
    origin: str


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """How many pages somebody looks after; ``owner`` is empty for those nobody does."""

    owner: str
    name: str
    pages: int
    overdue: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Mine:
    """What waits for one person: to review, to confirm, to finish; and what they sent that others look at."""

    to_review: tuple[BoardEntry, ...]
    overdue: tuple[BoardEntry, ...]
    soon: tuple[BoardEntry, ...]
    drafts: tuple[BoardEntry, ...]
    unsaved: tuple[BoardEntry, ...]
    submitted: tuple[BoardEntry, ...]


class Board:
    """Use cases around what waits; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read the documents of ``database``."""
        self._database = database

    def counts(self, actor: Actor, owner: str = "") -> dict[ColumnName, int]:
        """How many pages wait in each column, of one owner or of all.

        Raises:
            NotAllowed: the actor is no curator.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            return {
                name: session.scalar(
                    select(func.count()).select_from(_column(actor, name, owner).subquery())
                )
                or 0
                for name in COLUMNS
            }

    def column(self, actor: Actor, name: ColumnName, owner: str = "") -> list[BoardEntry]:
        """The pages that wait in one column, the longest waiting first, up to :data:`MAX_SHOWN`.

        Raises:
            NotAllowed: the actor is no curator.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            return _entries(session, _column(actor, name, owner))

    def owners(self, actor: Actor) -> list[OwnerLine]:
        """Who looks after how many pages, those with most overdue first.

        Raises:
            NotAllowed: the actor is no curator.
        """
        actor.must(Action.CURATE)
        overdue = (Document.state == PUBLISHED) & (DocumentLife.review_due <= today())
        pending = exists().where(
            PendingVersion.document_id == Document.id, PendingVersion.state == REVIEW
        )
        waiting = (Document.state == REVIEW) | pending
        owner = func.coalesce(DocumentLife.owner, "")
        living = Document.kind.in_(sorted(LIVING_KINDS)) & Document.state.in_((PUBLISHED, REVIEW))
        with self._database.read() as session:
            rows = session.execute(
                select(
                    owner,
                    func.count(),
                    func.sum(case((overdue, 1), else_=0)),
                    func.sum(case((waiting, 1), else_=0)),
                )
                .select_from(Document)
                .outerjoin(DocumentLife, DocumentLife.document_id == Document.id)
                .where(document_readable(actor), or_(owner != "", living))
                .group_by(owner)
            ).all()
            names = names_of(session, [row[0] for row in rows])
        lines = [
            OwnerLine(user, names.get(user, ""), pages, late or 0, open_ or 0)
            for user, pages, late, open_ in rows
        ]
        return sorted(lines, key=lambda line: (-line.overdue, -line.pages, line.name))

    def mine(self, actor: Actor) -> Mine:
        """What waits for ``actor``.

        Raises:
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        asked = select(DocumentReviewer.document_id).where(DocumentReviewer.user_id == actor.id)
        with self._database.read() as session:
            own = DocumentLife.owner == actor.id
            by_me = {"edit": PendingVersion.by == actor.id, "own": Document.by == actor.id}
            return Mine(
                to_review=tuple(
                    _entries(session, _works(actor, REVIEW, Document.id.in_(asked), voter=actor.id))
                ),
                overdue=tuple(_entries(session, _due(actor, None, today(), own))),
                soon=tuple(_entries(session, _due(actor, today(), _soon(), own))),
                drafts=tuple(_entries(session, _works(actor, DRAFT, by=by_me))),
                unsaved=tuple(_entries(session, _unsaved(actor))),
                submitted=tuple(_entries(session, _works(actor, REVIEW, by=by_me))),
            )


_Rows = Select[*tuple[Any, ...]]


def _soon() -> date:
    return today() + timedelta(days=SOON_DAYS)


def _column(actor: Actor, name: ColumnName, owner: str) -> _Rows:
    whose = DocumentLife.owner == owner if owner else literal(value=True)
    if name == "waiting":
        return _works(actor, REVIEW, whose)
    if name == "forgotten":
        return _works(actor, DRAFT, whose, before=untouched_since(FORGOTTEN_DAYS))
    if name == "overdue":
        return _due(actor, None, today(), whose)
    if name == "soon":
        return _due(actor, today(), _soon(), whose)
    return _base(actor, Document.updated_at, whose).where(
        Document.state == PUBLISHED,
        Document.kind.in_(sorted(LIVING_KINDS)),
        func.coalesce(DocumentLife.owner, "") == "",
    )


def _base(actor: Actor, when: Any, condition: Any) -> _Rows:
    return (
        select(
            Document.id,
            Document.title,
            Document.kind,
            Document.language,
            func.coalesce(DocumentLife.owner, "").label("owner"),
            Document.by,
            when.label("moment"),
            literal("").label("origin"),
        )
        .outerjoin(DocumentLife, DocumentLife.document_id == Document.id)
        .where(document_readable(actor), condition)
    )


def _due(actor: Actor, after: date | None, until: date, condition: Any) -> _Rows:
    rows = _base(actor, DocumentLife.review_due, condition).where(
        Document.state == PUBLISHED, DocumentLife.review_due <= until
    )
    return rows.where(DocumentLife.review_due > after) if after else rows


def _works(
    actor: Actor,
    state: str,
    condition: Any = None,
    *,
    by: dict[str, ColumnElement[bool]] | None = None,
    before: datetime | None = None,
    voter: str = "",
) -> _Rows:
    """Texts in ``state``: documents that were never published, and new versions beside those that were."""
    always = literal(value=True)
    condition = always if condition is None else condition
    own = _base(actor, Document.updated_at, condition).where(Document.state == state)
    version = aliased(DocumentVersion)
    beside = (
        select(
            Document.id,
            version.title,
            Document.kind,
            Document.language,
            func.coalesce(DocumentLife.owner, ""),
            PendingVersion.by,
            PendingVersion.at,
            PendingVersion.origin,
        )
        .join(Document, Document.id == PendingVersion.document_id)
        .join(
            version,
            (version.document_id == Document.id) & (version.number == PendingVersion.number),
        )
        .outerjoin(DocumentLife, DocumentLife.document_id == Document.id)
        .where(document_readable(actor), PendingVersion.state == state, condition)
    )
    if by is not None:
        own, beside = own.where(by["own"]), beside.where(by["edit"])
    if before is not None:
        own = own.where(Document.updated_at < before)
        beside = beside.where(PendingVersion.at < before)
    if voter:
        own = own.where(~_voted(Document.version, voter))
        beside = beside.where(~_voted(PendingVersion.number, voter))
    both = union_all(own, beside).subquery()
    return select(both)


def _voted(number: Any, user: str) -> ColumnElement[bool]:
    return exists().where(
        ReviewVote.document_id == Document.id,
        ReviewVote.number == number,
        ReviewVote.user_id == user,
    )


def _unsaved(actor: Actor) -> _Rows:
    return (
        select(
            Document.id,
            EditingDraft.title,
            Document.kind,
            Document.language,
            func.coalesce(DocumentLife.owner, "").label("owner"),
            EditingDraft.user_id,
            EditingDraft.at.label("moment"),
            literal("").label("origin"),
        )
        .join(Document, Document.id == EditingDraft.document_id)
        .outerjoin(DocumentLife, DocumentLife.document_id == Document.id)
        .where(EditingDraft.user_id == actor.id, document_readable(actor))
    )


def _entries(session: Session, rows: _Rows) -> list[BoardEntry]:
    columns = list(rows.selected_columns)
    found = session.execute(rows.order_by(columns[6], columns[0]).limit(MAX_SHOWN)).all()
    names = names_of(session, _users(found))
    return [
        BoardEntry(
            document_id=number,
            title=title,
            kind=kind,
            language=language,
            owner=names.get(owner, ""),
            by=names.get(by, ""),
            when=_moment(when),
            origin=origin,
        )
        for number, title, kind, language, owner, by, when, origin in found
    ]


def _users(rows: Iterable[Sequence[Any]]) -> set[str]:
    return {user for row in rows for user in (row[4], row[5])}


def _moment(when: datetime | date | None) -> datetime | None:
    """A day as its noon, so that it is the same day in every time zone from -11 to +11."""
    if when is None or isinstance(when, datetime):
        return when
    return datetime.combine(when, time(12), UTC)
