"""Communities of practice: beginning one, joining and leaving, posts, and links to material and recordings.

When they meet stands in :mod:`kb.community_events`, what is shown in :mod:`kb.community_views`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor, Audience
from kb.community_rows import (
    changed,
    members_of,
    must_belong,
    must_organise,
    organises,
    readable_community,
    readable_event,
    sent_as,
)
from kb.community_rules import (
    LINK_KINDS,
    MAX_ABOUT_CHARS,
    SUBJECT,
    CommunityText,
    checked_community,
    checked_url,
    document_of,
    language_of_community,
)
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound
from kb.models import (
    Community,
    CommunityLink,
    CommunityMember,
    CommunityPost,
    Document,
    Topic,
    audience_id_of,
    community_readable,
    document_readable,
    utc_now,
)
from kb.models.communities import NAME_CHARS
from kb.notifying import notify
from kb.page_roles import must_be_signed_in, readable_document
from kb.written_texts import clean

MAX_POSTS: Final = 5_000
MAX_LINKS: Final = 500
# The same words from the same person within this time were sent twice.
_SENT_TWICE: Final = timedelta(minutes=10)


class Communities:
    """Use cases around communities; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep communities in ``database``."""
        self._database = database

    def begin(self, actor: Actor, text: CommunityText, *, token: str = "") -> int:
        """Begin a community, whose first organiser one is; returns its id. Sent twice, it is begun once.

        Raises:
            NotAllowed: the actor may not contribute.
            InvalidInput: the text cannot be stored.
            NotFound: there is no such topic.
        """
        must_be_signed_in(actor)
        actor.must(Action.CONTRIBUTE)
        text = checked_community(text)
        origin, sent = sent_as(Community.origin, actor, token)
        with self._database.write() as session:
            twice = (Community.name == text.name) & (Community.at > utc_now() - _SENT_TWICE)
            same = session.scalar(
                select(Community.id).where(Community.by == actor.id, sent | twice)
            )
            if same is not None:
                return same
            row = Community(origin=origin, by=actor.id)
            _write(session, row, text)
            session.add(row)
            session.flush()
            session.add(CommunityMember(community_id=row.id, user_id=actor.id, organiser=True))
            changed(session, actor, row)
            return row.id

    def edit(self, actor: Actor, community_id: int, text: CommunityText, revision: int) -> None:
        """Say otherwise what a community is about.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or the actor does not organise it.
            Conflict: somebody else changed it since ``revision``.
            InvalidInput: the text cannot be stored.
        """
        text = checked_community(text)
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            must_organise(session, actor, row)
            if row.revision != revision:
                raise Conflict(what=SUBJECT)
            _write(session, row, text)
            row.revision += 1
            changed(session, actor, row)

    def join(self, actor: Actor, community_id: int, *, on: bool) -> None:
        """Become a member, or leave; saying it twice says it once.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: nobody has signed in.
            InvalidInput: the last organiser would leave members behind.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            member = session.get(CommunityMember, (row.id, actor.id))
            if on and member is None:
                session.add(CommunityMember(community_id=row.id, user_id=actor.id))
            elif not on and member is not None:
                if member.organiser:
                    _must_not_be_last(session, row.id)
                session.delete(member)

    def make_organiser(self, actor: Actor, community_id: int, user_id: str, *, on: bool) -> None:
        """Let a member organise, or no longer.

        Raises:
            NotFound: the community or the member is not there for this actor.
            NotAllowed: the actor does not organise it.
            InvalidInput: nobody would be left to organise it.
        """
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            must_organise(session, actor, row)
            member = session.get(CommunityMember, (row.id, user_id))
            if member is None:
                raise NotFound(what=N_("member"), id=user_id[:100])
            if member.organiser and not on:
                _must_not_be_last(session, row.id)
            member.organiser = on

    def post(
        self, actor: Actor, community_id: int, title: str, body: str, *, token: str = ""
    ) -> int:
        """Write to the members, in Markdown; returns the post's id. Sent twice, it is posted once.

        Raises:
            NotFound, NotAllowed: the community is not there for this actor, or the actor is no member.
            InvalidInput: title or text is empty or too long, or there are too many posts.
        """
        title = " ".join(title.split())
        body = clean(body, MAX_ABOUT_CHARS, N_("post"), needed=True)
        if not title or len(title) > NAME_CHARS:
            raise InvalidInput(field=N_("title"), reason=N_("it is empty or too long"))
        origin, sent = sent_as(CommunityPost.origin, actor, token)
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            must_belong(session, actor, row)
            same = session.scalar(
                select(CommunityPost.id).where(
                    CommunityPost.community_id == row.id,
                    CommunityPost.by == actor.id,
                    sent | ((CommunityPost.title == title) & (CommunityPost.body == body)),
                )
            )
            if same is not None:
                return same
            _must_have_room(session, CommunityPost, row.id, MAX_POSTS)
            made = CommunityPost(
                community_id=row.id, origin=origin, title=title, body=body, by=actor.id
            )
            session.add(made)
            session.flush()
            changed(session, actor, row)
            members = members_of(session, row.id)
            notify(session, members, "posted", SUBJECT, row.id, f"{row.name}: {title}", actor)
            return made.id

    def delete_post(self, actor: Actor, post_id: int) -> int:
        """Take one's own post away, as an organiser anybody's; returns the community's id.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: it is somebody else's.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            found = session.execute(
                select(CommunityPost, Community)
                .join(Community, Community.id == CommunityPost.community_id)
                .where(CommunityPost.id == post_id, community_readable(actor))
            ).first()
            if found is None:
                raise NotFound(what=N_("post"), id=post_id)
            post, row = found
            if post.by != actor.id and not organises(session, actor, row):
                raise NotAllowed(action=N_("organise this community"))
            session.delete(post)
            changed(session, actor, row)
            return row.id

    def link(
        self,
        actor: Actor,
        community_id: int,
        target: str,
        *,
        kind: str,
        title: str = "",
        event_id: int | None = None,
    ) -> int:
        """Add material or a recording: a document of this site by number or address, or an http(s) address elsewhere.

        Returns the link's id; naming one place twice adds it once.

        Raises:
            NotFound: community, event or document is not there for this actor.
            NotAllowed: the actor is no member.
            InvalidInput: the address is none, or title or kind cannot be used.
        """
        title = " ".join(title.split())
        if kind not in LINK_KINDS or len(title) > NAME_CHARS:
            raise InvalidInput(field=N_("link"), reason=N_("choose one of the list"))
        document_id = document_of(target)
        url = "" if document_id is not None else checked_url(target)
        with self._database.write() as session:
            row = readable_community(session, actor, community_id)
            must_belong(session, actor, row)
            if event_id is not None and readable_event(session, actor, event_id)[1].id != row.id:
                raise NotFound(what=N_("event"), id=event_id)
            if document_id is not None:
                readable_document(session, actor, document_id)
            same = session.scalar(
                select(CommunityLink.id).where(
                    CommunityLink.community_id == row.id,
                    CommunityLink.event_id.is_not_distinct_from(event_id),
                    CommunityLink.url == url,
                    CommunityLink.document_id.is_not_distinct_from(document_id),
                )
            )
            if same is not None:
                return same
            _must_have_room(session, CommunityLink, row.id, MAX_LINKS)
            made = CommunityLink(
                community_id=row.id,
                event_id=event_id,
                kind=kind,
                title=title,
                url=url,
                document_id=document_id,
                by=actor.id,
            )
            session.add(made)
            session.flush()
            changed(session, actor, row)
            return made.id

    def unlink(self, actor: Actor, link_id: int) -> int:
        """Take a link away that one added, as an organiser any; returns the community's id.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: somebody else added it.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            found = session.execute(
                select(CommunityLink, Community)
                .join(Community, Community.id == CommunityLink.community_id)
                .outerjoin(Document, Document.id == CommunityLink.document_id)
                .where(
                    CommunityLink.id == link_id,
                    community_readable(actor),
                    or_(CommunityLink.document_id.is_(None), document_readable(actor)),
                )
            ).first()
            if found is None:
                raise NotFound(what=N_("link"), id=link_id)
            link, row = found
            if link.by != actor.id and not organises(session, actor, row):
                raise NotAllowed(action=N_("organise this community"))
            session.delete(link)
            changed(session, actor, row)
            return row.id


def _write(session: Session, row: Community, text: CommunityText) -> None:
    if text.topic_id is not None and session.get(Topic, text.topic_id) is None:
        raise NotFound(what=N_("topic"), id=text.topic_id)
    row.name, row.about, row.topic_id = text.name, text.about, text.topic_id
    row.language = language_of_community(text)
    row.audience_id = audience_id_of(session, Audience.parse(text.audience))


def _must_not_be_last(session: Session, community_id: int) -> None:
    of = CommunityMember.community_id == community_id
    members = session.scalar(select(func.count()).select_from(CommunityMember).where(of)) or 0
    organisers = (
        session.scalar(
            select(func.count()).select_from(CommunityMember).where(of, CommunityMember.organiser)
        )
        or 0
    )
    if organisers == 1 and members > 1:
        reason = N_("nobody would be left to organise it: make somebody else an organiser first")
        raise InvalidInput(field=N_("member"), reason=reason)


def _must_have_room(
    session: Session, table: type[CommunityPost | CommunityLink], community_id: int, most: int
) -> None:
    count = session.scalar(
        select(func.count()).select_from(table).where(table.community_id == community_id)
    )
    if (count or 0) >= most:
        raise InvalidInput(field=N_("community"), reason=N_("there are too many already"))
