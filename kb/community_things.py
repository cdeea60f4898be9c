"""Communities as things that search can find, with their posts and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.community_rules import SUBJECT
from kb.markdown import plain_text
from kb.models import Community, CommunityEvent, CommunityPost, community_readable
from kb.things import Thing, ThingSection

KIND: Final = "community"
# Older posts and events than these are not searched: what should last is made a page or a lesson.
_POSTS: Final = 200
_EVENTS: Final = 200
_HEADINGS: Final = {"zh": "关于", "en": "About"}


class CommunityThings:
    """The source of communities; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of communities after ``last``, in order."""
        return session.scalars(
            select(Community.id).where(Community.id > last).order_by(Community.id).limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these communities that are for ``actor``."""
        rows = session.scalars(
            select(Community).where(Community.id.in_(ids), community_readable(actor))
        ).all()
        return [_thing(session, row) for row in rows]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these communities ``actor`` may find."""
        return session.scalars(
            select(Community.id).where(Community.id.in_(ids), community_readable(actor))
        ).all()


def _thing(session: Session, row: Community) -> Thing:
    posts = session.scalars(
        select(CommunityPost)
        .where(CommunityPost.community_id == row.id)
        .order_by(CommunityPost.id.desc())
        .limit(_POSTS)
    )
    events = session.scalars(
        select(CommunityEvent)
        .where(CommunityEvent.community_id == row.id)
        .order_by(CommunityEvent.starts_at.desc())
        .limit(_EVENTS)
    )
    heading = _HEADINGS.get(row.language, _HEADINGS["en"])
    return Thing(
        subject=SUBJECT,
        id=row.id,
        audience=row.audience_id,
        kind=KIND,
        language=row.language,
        title=row.name,
        updated=row.updated_at,
        sections=(
            *([ThingSection(heading, "about", plain_text(row.about))] if row.about else []),
            *(ThingSection(each.title, f"post-{each.id}", plain_text(each.body)) for each in posts),
            *(
                ThingSection(
                    each.title, f"event-{each.id}", f"{each.place}\n{plain_text(each.about)}"
                )
                for each in events
            ),
        ),
    )
