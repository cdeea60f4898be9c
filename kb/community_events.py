"""When a community meets: planning, changing, calling off, who comes and who came, and the members' own calendar."""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import func, select

from kb.access import Actor
from kb.community_rows import (
    changed,
    members_of,
    must_belong,
    must_organise,
    readable_community,
    readable_event,
    sent_as,
)
from kb.community_rules import EVENT, EventText, checked_event
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Community,
    CommunityEvent,
    CommunityMember,
    EventAttendance,
    User,
    community_readable,
    utc_now,
)
from kb.notifying import notify
from kb.page_roles import actors_of

MAX_EVENTS: Final = 1_000
# 256 random bits: the address of a calendar is all that protects it.
_TOKEN_BYTES: Final = 32


class CommunityEvents:
    """Use cases around events; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep events in ``database``."""
        self._database = database

    def plan(self, actor: Actor, community_id: int, text: EventText, *, token: str = "") -> int:
        """Plan an event and tell the members; returns its id. Sent twice, it is planned once.

        Raises:
            NotFound, NotAllowed: the community is not there for this actor, or the actor does not organise it.
            InvalidInput: the text cannot be stored, or there are too many events.
        """
        text, starts, ends = checked_event(text)
        origin, sent = sent_as(CommunityEvent.origin, actor, token)
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            must_organise(session, actor, row)
            same = session.scalar(
                select(CommunityEvent.id).where(
                    CommunityEvent.community_id == row.id,
                    sent
                    | (
                        (CommunityEvent.title == text.title)
                        & (CommunityEvent.starts_at == starts)
                        & CommunityEvent.cancelled_at.is_(None)
                    ),
                )
            )
            if same is not None:
                return same
            count = session.scalar(
                select(func.count())
                .select_from(CommunityEvent)
                .where(CommunityEvent.community_id == row.id)
            )
            if (count or 0) >= MAX_EVENTS:
                raise InvalidInput(field=N_("event"), reason=N_("there are too many already"))
            event = CommunityEvent(
                community_id=row.id,
                origin=origin,
                uid=f"{secrets.token_hex(16)}@qianjian",
                title=text.title,
                about=text.about,
                place=text.place,
                url=text.url,
                starts_at=starts,
                ends_at=ends,
                time_zone=text.time_zone,
                by=actor.id,
            )
            session.add(event)
            session.flush()
            changed(session, actor, row)
            members = members_of(session, row.id)
            notify(session, members, "event-planned", EVENT, event.id, event.title, actor)
            return event.id

    def change(self, actor: Actor, event_id: int, text: EventText) -> None:
        """Move an event or say otherwise what it is; the members are told, calendars see a newer version.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or the actor does not organise the community.
            InvalidInput: the text cannot be stored.
        """
        text, starts, ends = checked_event(text)
        with self._database.write() as session:
            event, row = readable_event(session, actor, event_id)
            must_organise(session, actor, row)
            event.title, event.about, event.place, event.url = (
                text.title,
                text.about,
                text.place,
                text.url,
            )
            event.starts_at, event.ends_at, event.time_zone = starts, ends, text.time_zone
            event.cancelled_at = None
            event.sequence += 1
            event.updated_at = utc_now()
            changed(session, actor, row)
            members = members_of(session, row.id)
            notify(session, members, "event-changed", EVENT, event.id, event.title, actor)

    def call_off(self, actor: Actor, event_id: int) -> None:
        """Call an event off; it stays where it was, marked, and calendars show it as cancelled. Twice is once.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or the actor does not organise the community.
        """
        with self._database.write() as session:
            event, row = readable_event(session, actor, event_id)
            must_organise(session, actor, row)
            if event.cancelled_at is not None:
                return
            event.cancelled_at = event.updated_at = utc_now()
            event.sequence += 1
            changed(session, actor, row)
            members = members_of(session, row.id)
            notify(session, members, "event-changed", EVENT, event.id, event.title, actor)

    def come(self, actor: Actor, event_id: int, *, going: bool) -> None:
        """Say whether one means to come.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or the actor is no member.
            InvalidInput: it was called off, or is over.
        """
        with self._database.write() as session:
            event, row = readable_event(session, actor, event_id)
            must_belong(session, actor, row)
            if event.cancelled_at is not None or event.ends_at < utc_now():
                raise InvalidInput(field=N_("event"), reason=N_("it is over or was called off"))
            known = session.get(EventAttendance, (event.id, actor.id))
            row_ = known or EventAttendance(event_id=event.id, user_id=actor.id)
            row_.going = going
            session.add(row_)

    def note_who_came(self, actor: Actor, event_id: int, came: frozenset[str]) -> None:
        """Note, as an organiser, who of the members and of those who meant to come was there.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or the actor does not organise the community.
        """
        with self._database.write() as session:
            event, row = readable_event(session, actor, event_id)
            must_organise(session, actor, row)
            known = {
                each.user_id: each
                for each in session.scalars(
                    select(EventAttendance).where(EventAttendance.event_id == event.id)
                )
            }
            for user in sorted({*known, *members_of(session, row.id)}):
                line = known.get(user) or EventAttendance(event_id=event.id, user_id=user)
                line.came = user in came
                session.add(line)

    def open_calendar(self, actor: Actor, community_id: int) -> str:
        """Give a member an own address of the calendar and return its secret; an earlier one is of no use any more.

        Raises:
            NotFound, NotAllowed: the community is not there for this actor, or the actor is no member.
        """
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            member = must_belong(session, actor, row)
            member.feed_token = secrets.token_urlsafe(_TOKEN_BYTES)
            return member.feed_token

    def of_calendar(self, token: str) -> tuple[Actor, int]:
        """The member whose calendar has this secret, and the community.

        Raises:
            NotFound: there is none, or the member may not read the community any more.
        """
        with self._database.read() as session:
            member = session.scalar(
                select(CommunityMember)
                .join(User, User.id == CommunityMember.user_id)
                .where(CommunityMember.feed_token == token, User.active)
            )
            if member is not None:
                actor = actors_of(session, {member.user_id})[member.user_id]
                readable = select(Community.id).where(
                    Community.id == member.community_id, community_readable(actor)
                )
                if session.scalar(readable) is not None:
                    return actor, member.community_id
        raise NotFound(what=N_("calendar"), id=token[:8])
