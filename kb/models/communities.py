"""Communities of practice: a group around a topic, what its members write, when they meet, what they keep of it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.access import Actor
from kb.models.access import readable
from kb.models.base import Base, utc_now

NAME_CHARS: Final = 200
ORIGIN_CHARS: Final = 200


class Community(Base):
    """A group around ``topic_id`` (or around nothing in the tree); ``about`` is Markdown.

    ``origin`` names where the row came from, so that what is sent twice becomes one community.
    """

    __tablename__ = "communities"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=1)
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    audience_id: Mapped[int] = mapped_column(ForeignKey("audiences.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(NAME_CHARS))
    about: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(10))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class CommunityMember(Base):
    """A member; ``feed_token`` is the secret of the member's own address of the calendar, None while there is none."""

    __tablename__ = "community_members"

    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    organiser: Mapped[bool] = mapped_column(default=False)
    feed_token: Mapped[str | None] = mapped_column(String(64), unique=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class CommunityPost(Base):
    """Something that a member wrote to the others; ``body`` is Markdown."""

    __tablename__ = "community_posts"
    __table_args__ = (Index("ix_community_posts_community", "community_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"))
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    title: Mapped[str] = mapped_column(String(NAME_CHARS))
    body: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class CommunityEvent(Base):
    """When and where a community meets.

    ``time_zone`` is a name of the IANA database in which the times were given and are told; ``uid`` and ``sequence``
    name the event and its version to calendars (RFC 5545); ``url`` where to take part from afar.
    """

    __tablename__ = "community_events"
    __table_args__ = (Index("ix_community_events_community", "community_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"))
    origin: Mapped[str | None] = mapped_column(String(ORIGIN_CHARS), unique=True)
    uid: Mapped[str] = mapped_column(String(100), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    title: Mapped[str] = mapped_column(String(NAME_CHARS))
    about: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str] = mapped_column(String(1000), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str] = mapped_column(String(60))
    cancelled_at: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(default=utc_now)


class EventAttendance(Base):
    """Whether a member means to come (``going``) and, once an organiser has noted it, whether they ``came``."""

    __tablename__ = "event_attendances"

    event_id: Mapped[int] = mapped_column(ForeignKey("community_events.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    going: Mapped[bool | None]
    came: Mapped[bool | None]


class CommunityLink(Base):
    """Material or a recording, of an event or of the community: a page of this site, or elsewhere by http(s)."""

    __tablename__ = "community_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("communities.id"), index=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("community_events.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(NAME_CHARS), default="")
    url: Mapped[str] = mapped_column(String(1000), default="")
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime] = mapped_column(default=utc_now)


def community_readable(actor: Actor) -> ColumnElement[bool]:
    """Condition: the community, with all that is in it, is for ``actor``."""
    return readable(actor, Community.audience_id)
