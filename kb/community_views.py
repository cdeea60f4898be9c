"""Communities as people see them: the list, one of them complete, one event; only what this somebody may read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.community_rows import membership, organises, readable_community, readable_event
from kb.community_rules import CommunityText
from kb.database import Database
from kb.models import (
    AudienceRow,
    Community,
    CommunityEvent,
    CommunityLink,
    CommunityMember,
    CommunityPost,
    Document,
    EventAttendance,
    Topic,
    community_readable,
    document_readable,
    utc_now,
)
from kb.page_roles import names_of
from kb.search.answers import NO_NAMES, Names

POSTS_SHOWN: Final = 20
PAST_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community in a list; ``next_event`` is the beginning of the next one, None where none is planned."""

    id: int
    name: str
    language: str
    topic: Names
    members: int
    member: bool
    next_event: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who belongs to it; ``user`` is the sign-in name, ``name`` what people read."""

    user: str
    name: str
    organiser: bool


@dataclass(frozen=True, slots=True)
class Post:
    """Something a member wrote; ``body`` is Markdown."""

    id: int
    title: str
    body: str
    by: str
    at: datetime
    may_delete: bool


@dataclass(frozen=True, slots=True)
class Link:
    """Material or a recording; ``document_id`` for a page of this site, else ``url`` leads elsewhere."""

    id: int
    kind: str
    title: str
    url: str
    document_id: int | None
    event_id: int | None
    by: str
    may_delete: bool


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody who means to come, or was there; None where that is not known."""

    user: str
    name: str
    going: bool | None
    came: bool | None


@dataclass(frozen=True, slots=True)
class EventView:
    """An event; ``going`` counts those who mean to come, ``mine`` is what the actor said."""

    id: int
    community_id: int
    community: str
    uid: str
    sequence: int
    title: str
    about: str
    place: str
    url: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    cancelled: bool
    over: bool
    going: int
    mine: bool | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CommunityView:
    """A community, complete.

    Attributes:
        member, organises: what the actor is to it.
        feed_token: secret of the actor's own calendar, or empty.
        coming, past: its events, the next one and the latest one first.
    """

    id: int
    revision: int
    text: CommunityText
    language: str
    topic: Names
    members: tuple[Member, ...]
    member: bool
    organises: bool
    feed_token: str
    posts: tuple[Post, ...]
    coming: tuple[EventView, ...]
    past: tuple[EventView, ...]
    links: tuple[Link, ...]
    updated_at: datetime


class CommunityViews:
    """Reading communities; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read the communities of ``database``."""
        self._database = database

    def all(self, actor: Actor) -> list[CommunityLine]:
        """All communities, those the actor belongs to first, then by name."""
        with self._database.read() as session:
            rows = session.scalars(select(Community).where(community_readable(actor))).all()
            ids = [row.id for row in rows]
            members = _count(session, ids)
            mine = set(
                session.scalars(
                    select(CommunityMember.community_id).where(CommunityMember.user_id == actor.id)
                )
            )
            coming = session.execute(
                select(CommunityEvent.community_id, func.min(CommunityEvent.starts_at))
                .where(
                    CommunityEvent.community_id.in_(ids),
                    CommunityEvent.cancelled_at.is_(None),
                    CommunityEvent.ends_at >= utc_now(),
                )
                .group_by(CommunityEvent.community_id)
            )
            following = {number: starts for number, starts in coming}  # noqa: C416  not typed
            topics = _topics(session, [row.topic_id for row in rows])
        lines = [
            CommunityLine(
                id=row.id,
                name=row.name,
                language=row.language,
                topic=topics.get(row.topic_id or 0, NO_NAMES),
                members=members.get(row.id, 0),
                member=row.id in mine,
                next_event=following.get(row.id),
                updated_at=row.updated_at,
            )
            for row in rows
        ]
        return sorted(lines, key=lambda line: (not line.member, line.name))

    def get(self, actor: Actor, community_id: int) -> CommunityView:
        """A community, complete.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            row = readable_community(session, actor, community_id)
            return _view(session, actor, row)

    def event(self, actor: Actor, event_id: int) -> EventView:
        """One event.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            event, row = readable_event(session, actor, event_id)
            return _events(session, actor, row, [event])[0]

    def attendances(self, actor: Actor, event_id: int) -> list[Attendance]:
        """Who means to come or was there; for organisers also the other members.

        Raises:
            NotFound: there is no such event, or not for this actor.
        """
        with self._database.read() as session:
            event, row = readable_event(session, actor, event_id)
            known = {
                each.user_id: each
                for each in session.scalars(
                    select(EventAttendance).where(EventAttendance.event_id == event.id)
                )
            }
            users = set(known)
            if organises(session, actor, row):
                users |= {member.user for member in _members(session, row.id)}
            names = names_of(session, users)
        found = [
            Attendance(
                user=user,
                name=names[user],
                going=known[user].going if user in known else None,
                came=known[user].came if user in known else None,
            )
            for user in users
        ]
        return sorted(found, key=lambda each: (not each.going, each.name))

    def events(self, actor: Actor, community_id: int) -> list[EventView]:
        """All events of a community, also those called off, the oldest first.

        Raises:
            NotFound: there is no such community, or not for this actor.
        """
        with self._database.read() as session:
            row = readable_community(session, actor, community_id)
            rows = session.scalars(
                select(CommunityEvent)
                .where(CommunityEvent.community_id == row.id)
                .order_by(CommunityEvent.starts_at, CommunityEvent.id)
            ).all()
            return _events(session, actor, row, rows)


def _view(session: Session, actor: Actor, row: Community) -> CommunityView:
    may = organises(session, actor, row)
    own = membership(session, actor, row.id)
    audience = session.scalar(select(AudienceRow.key).where(AudienceRow.id == row.audience_id))
    of = CommunityEvent.community_id == row.id
    now = utc_now()
    coming = session.scalars(
        select(CommunityEvent)
        .where(of, CommunityEvent.ends_at >= now)
        .order_by(CommunityEvent.starts_at)
    ).all()
    past = session.scalars(
        select(CommunityEvent)
        .where(of, CommunityEvent.ends_at < now)
        .order_by(CommunityEvent.starts_at.desc())
        .limit(PAST_SHOWN)
    ).all()
    posts = session.scalars(
        select(CommunityPost)
        .where(CommunityPost.community_id == row.id)
        .order_by(CommunityPost.id.desc())
        .limit(POSTS_SHOWN)
    ).all()
    names = names_of(session, {post.by for post in posts})
    return CommunityView(
        id=row.id,
        revision=row.revision,
        text=CommunityText(row.name, row.about, row.topic_id, audience or ""),
        language=row.language,
        topic=_topics(session, [row.topic_id]).get(row.topic_id or 0, NO_NAMES),
        members=tuple(_members(session, row.id)),
        member=own is not None,
        organises=may,
        feed_token=(own.feed_token or "") if own else "",
        posts=tuple(
            Post(
                id=post.id,
                title=post.title,
                body=post.body,
                by=names.get(post.by, ""),
                at=post.at,
                may_delete=may or (bool(actor.id) and post.by == actor.id),
            )
            for post in posts
        ),
        coming=tuple(_events(session, actor, row, coming)),
        past=tuple(_events(session, actor, row, past)),
        links=tuple(_links(session, actor, row.id, may=may)),
        updated_at=row.updated_at,
    )


def _members(session: Session, community_id: int) -> list[Member]:
    rows = session.scalars(
        select(CommunityMember).where(CommunityMember.community_id == community_id)
    ).all()
    names = names_of(session, [row.user_id for row in rows])
    found = [Member(row.user_id, names[row.user_id], row.organiser) for row in rows]
    return sorted(found, key=lambda member: (not member.organiser, member.name))


def _count(session: Session, ids: Sequence[int]) -> dict[int, int]:
    rows = session.execute(
        select(CommunityMember.community_id, func.count())
        .where(CommunityMember.community_id.in_(ids))
        .group_by(CommunityMember.community_id)
    )
    return {number: count for number, count in rows}  # noqa: C416  dict(rows) is not typed


def _topics(session: Session, ids: Iterable[int | None]) -> dict[int, Names]:
    wanted = {number for number in ids if number}
    rows = session.scalars(select(Topic).where(Topic.id.in_(wanted)))
    return {row.id: Names(row.name_zh, row.name_en) for row in rows}


def _events(
    session: Session, actor: Actor, row: Community, events: Sequence[CommunityEvent]
) -> list[EventView]:
    ids = [event.id for event in events]
    going: dict[int, int] = {}
    mine: dict[int, bool | None] = {}
    for line in session.scalars(select(EventAttendance).where(EventAttendance.event_id.in_(ids))):
        going[line.event_id] = going.get(line.event_id, 0) + bool(line.going)
        if actor.id and line.user_id == actor.id:
            mine[line.event_id] = line.going
    now = utc_now()
    return [
        EventView(
            id=event.id,
            community_id=row.id,
            community=row.name,
            uid=event.uid,
            sequence=event.sequence,
            title=event.title,
            about=event.about,
            place=event.place,
            url=event.url,
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            time_zone=event.time_zone,
            cancelled=event.cancelled_at is not None,
            over=event.ends_at < now,
            going=going.get(event.id, 0),
            mine=mine.get(event.id),
            updated_at=event.updated_at,
        )
        for event in events
    ]


def _links(session: Session, actor: Actor, community_id: int, *, may: bool) -> Iterable[Link]:
    """Links elsewhere, and those to documents that ``actor`` may read."""
    rows = session.execute(
        select(CommunityLink, Document.title)
        .outerjoin(Document, (Document.id == CommunityLink.document_id) & document_readable(actor))
        .where(CommunityLink.community_id == community_id)
        .order_by(CommunityLink.id.desc())
    ).all()
    names = names_of(session, {link.by for link, _ in rows})
    for link, title in rows:
        if link.document_id is None or title is not None:
            yield Link(
                id=link.id,
                kind=link.kind,
                title=link.title or title or link.url,
                url=link.url,
                document_id=link.document_id,
                event_id=link.event_id,
                by=names.get(link.by, ""),
                may_delete=may or (bool(actor.id) and link.by == actor.id),
            )
