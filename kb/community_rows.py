"""Rows of communities, as all use cases around them read and write them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb.access import Action, Actor
from kb.community_rules import EVENT, SUBJECT
from kb.errors import N_, NotAllowed, NotFound
from kb.models import (
    Community,
    CommunityEvent,
    CommunityMember,
    community_readable,
    record_change,
    utc_now,
)
from kb.models.communities import ORIGIN_CHARS
from kb.page_roles import must_be_signed_in


def readable_community(session: Session, actor: Actor, community_id: int) -> Community:
    """The row of a community that ``actor`` may read.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = session.scalar(
        select(Community).where(Community.id == community_id, community_readable(actor))
    )
    if row is None:
        raise NotFound(what=SUBJECT, id=community_id)
    return row


def readable_event(
    session: Session, actor: Actor, event_id: int
) -> tuple[CommunityEvent, Community]:
    """An event, with its community, that ``actor`` may read.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    found = session.execute(
        select(CommunityEvent, Community)
        .join(Community, Community.id == CommunityEvent.community_id)
        .where(CommunityEvent.id == event_id, community_readable(actor))
    ).first()
    if found is None:
        raise NotFound(what=EVENT, id=event_id)
    return found[0], found[1]


def membership(session: Session, actor: Actor, community_id: int) -> CommunityMember | None:
    """The row that makes ``actor`` a member; None where there is none."""
    return session.get(CommunityMember, (community_id, actor.id)) if actor.id else None


def must_belong(session: Session, actor: Actor, row: Community) -> CommunityMember:
    """Return when ``actor`` is a member.

    Raises:
        NotAllowed: it is not.
    """
    must_be_signed_in(actor)
    member = membership(session, actor, row.id)
    if member is None:
        raise NotAllowed(action=N_("write to a community without being a member: join first"))
    return member


def organises(session: Session, actor: Actor, row: Community) -> bool:
    """Whether ``actor`` arranges what happens in a community: its organisers, and curators."""
    if not actor.id:
        return False
    member = membership(session, actor, row.id)
    return (member is not None and member.organiser) or Action.CURATE in actor.actions


def must_organise(session: Session, actor: Actor, row: Community) -> None:
    """Return when ``actor`` arranges what happens in a community.

    Raises:
        NotAllowed: it does not.
    """
    must_be_signed_in(actor)
    if not organises(session, actor, row):
        raise NotAllowed(action=N_("organise this community"))


def members_of(session: Session, community_id: int) -> list[str]:
    """Sign-in names of the members."""
    return list(
        session.scalars(
            select(CommunityMember.user_id).where(CommunityMember.community_id == community_id)
        )
    )


def changed(session: Session, actor: Actor, row: Community) -> None:
    """Something happened in a community: the index has to hear of it."""
    row.updated_at = utc_now()
    record_change(session, actor, SUBJECT, row.id, "store")


def sent_as(
    column: InstrumentedAttribute[str | None], actor: Actor, token: str
) -> tuple[str | None, ColumnElement[bool]]:
    """The origin of what a form with ``token`` sends, and the condition on ``column`` that it came before.

    Without a token there is no origin, and nothing came before.
    """
    if not token:
        return None, false()
    origin = f"form:{actor.id}:{token}"[:ORIGIN_CHARS]
    return origin, column == origin
