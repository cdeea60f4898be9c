"""Comments on documents and their sections, for those who may read the document; who is mentioned is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.mentions import mentioned, pieces
from kb.models import (
    CommentMention,
    Document,
    DocumentComment,
    DocumentSection,
    User,
    document_readable,
    utc_now,
)
from kb.page_roles import actors_of, must_be_signed_in, names_of, readable_document

MAX_CHARS: Final = 5_000
# On one document; more of them are a discussion that belongs elsewhere.
MAX_COMMENTS: Final = 2_000
PEOPLE_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; ``pieces`` are its text with True for each mention, empty when it was deleted."""

    id: int
    pieces: tuple[tuple[str, bool], ...]
    text: str
    by: str
    at: datetime
    edited: bool
    deleted: bool
    mine: bool
    may_delete: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment and what was answered; ``anchor`` and ``heading`` name the section, empty for the whole page.

    ``lost`` when that section is no longer there.
    """

    first: Comment
    answers: tuple[Comment, ...]
    anchor: str
    heading: str
    lost: bool
    resolved_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Mentioned:
    """A comment in which the actor is mentioned, on a document that the actor may read."""

    comment_id: int
    document_id: int
    title: str
    language: str
    text: str
    by: str
    at: datetime
    seen: bool


class Comments:
    """Use cases around comments; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on the documents of ``database``."""
        self._database = database

    def threads(self, actor: Actor, document_id: int) -> list[Thread]:
        """The comments on a document, threads in the order they were begun.

        Raises:
            NotFound: there is no such document, or not for this actor.
        """
        with self._database.read() as session:
            readable_document(session, actor, document_id)
            rows = session.scalars(
                select(DocumentComment)
                .where(DocumentComment.document_id == document_id)
                .order_by(DocumentComment.id)
            ).all()
            users = _users(session, actor) if any("@" in row.text for row in rows) else {}
            names = names_of(session, {row.by for row in rows} | {row.resolved_by for row in rows})
            anchors = set(
                session.scalars(
                    select(DocumentSection.anchor).where(DocumentSection.document_id == document_id)
                )
            )
        answers: dict[int, list[DocumentComment]] = {}
        for row in rows:
            if row.thread is not None:
                answers.setdefault(row.thread, []).append(row)
        return [
            Thread(
                first=_comment(actor, row, names, users),
                answers=tuple(
                    _comment(actor, answer, names, users) for answer in answers.get(row.id, ())
                ),
                anchor=row.anchor,
                heading=row.heading,
                lost=bool(row.anchor) and row.anchor not in anchors,
                resolved_by=names.get(row.resolved_by, ""),
                resolved_at=row.resolved_at,
            )
            for row in rows
            if row.thread is None
        ]

    def add(
        self,
        actor: Actor,
        document_id: int,
        text: str,
        *,
        anchor: str = "",
        thread: int | None = None,
    ) -> int:
        """Comment on a document, on a section of it, or answer a comment; gives the comment's id.

        Raises:
            NotFound: the document, section or comment is not there, or not for this actor.
            NotAllowed: nobody has signed in.
            InvalidInput: the text is empty or too long, or there are too many comments.
        """
        must_be_signed_in(actor)
        text = _clean(text)
        with self._database.write() as session:
            readable_document(session, actor, document_id)
            count = session.scalar(
                select(func.count()).where(DocumentComment.document_id == document_id)
            )
            if (count or 0) >= MAX_COMMENTS:
                raise InvalidInput(field=N_("comment"), reason=N_("there are too many already"))
            heading = _heading(session, document_id, anchor)
            if thread is not None:
                first = _row(session, actor, thread)
                if first.document_id != document_id:
                    raise NotFound(what=N_("comment"), id=thread)
                thread = first.thread or first.id
                anchor, heading = "", ""
            row = DocumentComment(
                document_id=document_id,
                thread=thread,
                anchor=anchor,
                heading=heading,
                text=text,
                by=actor.id,
            )
            session.add(row)
            session.flush()
            _mention(session, actor, row)
            record_audit(session, actor, "comment", "document", document_id)
            return row.id

    def edit(self, actor: Actor, comment_id: int, text: str) -> int:
        """Put one's own comment otherwise; gives the document's id.

        Raises:
            NotFound: there is no such comment, or not for this actor.
            NotAllowed: it is somebody else's.
            InvalidInput: as :meth:`add`.
        """
        text = _clean(text)
        with self._database.write() as session:
            row = _row(session, actor, comment_id)
            if row.by != actor.id or not actor.id:
                raise NotAllowed(action=N_("change somebody else's comment"))
            row.text, row.edited_at = text, utc_now()
            record_audit(session, actor, "edit-comment", "document", row.document_id)
            _mention(session, actor, row)
            return row.document_id

    def delete(self, actor: Actor, comment_id: int) -> int:
        """Take one's own comment away, as a curator anybody's; gives the document's id.

        Of one that was answered only the place stays.

        Raises:
            NotFound: there is no such comment, or not for this actor.
            NotAllowed: it is somebody else's.
        """
        with self._database.write() as session:
            row = _row(session, actor, comment_id)
            if not _may_delete(actor, row):
                raise NotAllowed(action=N_("change somebody else's comment"))
            session.execute(delete(CommentMention).where(CommentMention.comment_id == row.id))
            record_audit(session, actor, "delete-comment", "document", row.document_id)
            answered = session.scalar(select(exists().where(DocumentComment.thread == row.id)))
            if answered:
                row.text, row.deleted_at = "", utc_now()
            else:
                session.delete(row)
            return row.document_id

    def resolve(self, actor: Actor, comment_id: int, *, done: bool) -> int:
        """Say that what a thread is about is settled, or is not; gives the document's id.

        Raises:
            NotFound: there is no such comment, or not for this actor.
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        with self._database.write() as session:
            row = _row(session, actor, comment_id)
            first = session.get_one(DocumentComment, row.thread) if row.thread else row
            first.resolved_at = utc_now() if done else None
            first.resolved_by = actor.id if done else ""
            return row.document_id

    def mentions(self, actor: Actor, limit: int = 50) -> list[Mentioned]:
        """Where ``actor`` is mentioned, newest first, as far as the documents may still be read."""
        if not actor.id:
            return []
        with self._database.read() as session:
            rows = session.execute(
                select(CommentMention, DocumentComment, Document.title, Document.language)
                .join(DocumentComment, DocumentComment.id == CommentMention.comment_id)
                .join(Document, Document.id == DocumentComment.document_id)
                .where(CommentMention.user_id == actor.id, document_readable(actor))
                .order_by(CommentMention.at.desc(), DocumentComment.id.desc())
                .limit(limit)
            ).all()
            names = names_of(session, {comment.by for _, comment, _, _ in rows})
        return [
            Mentioned(
                comment_id=comment.id,
                document_id=comment.document_id,
                title=title,
                language=language,
                text=comment.text,
                by=names.get(comment.by, ""),
                at=mention.at,
                seen=mention.seen_at is not None,
            )
            for mention, comment, title, language in rows
        ]

    def seen(self, actor: Actor, document_id: int) -> None:
        """Remember that ``actor`` has looked at the comments of a document."""
        if not actor.id:
            return
        of_document = select(DocumentComment.id).where(DocumentComment.document_id == document_id)
        open_ = (
            (CommentMention.user_id == actor.id)
            & CommentMention.seen_at.is_(None)
            & CommentMention.comment_id.in_(of_document)
        )
        with self._database.read() as session:
            if not session.scalar(select(exists().where(open_))):
                return
        with self._database.write() as session:
            session.execute(update(CommentMention).where(open_).values(seen_at=utc_now()))

    def people(
        self, actor: Actor, document_id: int, typed: str, limit: int = PEOPLE_SHOWN
    ) -> list[tuple[str, str]]:
        """Sign-in name and name of those who may be mentioned on a document, whose names hold ``typed``.

        Raises:
            NotFound: there is no such document, or not for this actor.
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        wanted = typed.strip().casefold()
        with self._database.read() as session:
            readable_document(session, actor, document_id)
            users = _users(session, actor)
            fitting = [
                (user, shown)
                for user, shown in sorted(users.items(), key=lambda pair: pair[1].casefold())
                if wanted in user.casefold() or wanted in shown.casefold()
            ]
            readers = _readers(session, document_id, [user for user, _ in fitting])
        return [pair for pair in fitting if pair[0] in readers][:limit]


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not text:
        raise InvalidInput(field=N_("comment"), reason=N_("it is empty"))
    if len(text) > MAX_CHARS:
        raise InvalidInput(field=N_("comment"), reason=N_("it is longer than 5,000 characters"))
    return text


def _row(session: Session, actor: Actor, comment_id: int) -> DocumentComment:
    row = session.scalar(
        select(DocumentComment)
        .join(Document, Document.id == DocumentComment.document_id)
        .where(
            DocumentComment.id == comment_id,
            DocumentComment.deleted_at.is_(None),
            document_readable(actor),
        )
    )
    if row is None:
        raise NotFound(what=N_("comment"), id=comment_id)
    return row


def _heading(session: Session, document_id: int, anchor: str) -> str:
    if not anchor:
        return ""
    heading = session.scalar(
        select(DocumentSection.heading).where(
            DocumentSection.document_id == document_id, DocumentSection.anchor == anchor
        )
    )
    if heading is None:
        raise NotFound(what=N_("section"), id=anchor[:100])
    return heading


def _users(session: Session, actor: Actor) -> dict[str, str]:
    """All users by sign-in name, for whoever has signed in."""
    if not actor.id and not actor.sees_all:
        return {}
    return {user: name for user, name in session.execute(select(User.id, User.name))}  # noqa: C416


def _readers(session: Session, document_id: int, users: Iterable[str]) -> set[str]:
    """Those of these users who may read the document."""
    readers: set[str] = set()
    for user, actor in actors_of(session, list(users)).items():
        found = select(exists().where(Document.id == document_id, document_readable(actor)))
        if session.scalar(found):
            readers.add(user)
    return readers


def _mention(session: Session, actor: Actor, row: DocumentComment) -> None:
    """Record who is mentioned and may read it; whoever was told before is not told again."""
    spans = mentioned(row.text, _users(session, actor)) if "@" in row.text else []
    wanted = _readers(session, row.document_id, {span.user for span in spans} - {actor.id})
    known = set(
        session.scalars(select(CommentMention.user_id).where(CommentMention.comment_id == row.id))
    )
    session.add_all(
        CommentMention(comment_id=row.id, user_id=user) for user in sorted(wanted - known)
    )
    session.execute(
        delete(CommentMention).where(
            CommentMention.comment_id == row.id, CommentMention.user_id.in_(known - wanted)
        )
    )


def _may_delete(actor: Actor, row: DocumentComment) -> bool:
    own = bool(actor.id) and row.by == actor.id
    return own or Action.CURATE in actor.actions


def _comment(
    actor: Actor, row: DocumentComment, names: dict[str, str], users: dict[str, str]
) -> Comment:
    return Comment(
        id=row.id,
        pieces=pieces(row.text, users),
        text=row.text,
        by=names.get(row.by, ""),
        at=row.at,
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
        mine=bool(actor.id) and row.by == actor.id,
        may_delete=_may_delete(actor, row),
    )
