"""Sessions: browsers that are signed in, each known by a random text in its cookie, of which only the hash is kept.

A session ends by signing out, by lying idle, by its age, and with its user's password or role. All of that is decided
here, on the server: a cookie that was copied is of no use afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from kb.access import Action, Actor, Role
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import DataFolderError, NotFound, ProofNeeded
from kb.models import User, UserSession, utc_now
from kb.second_factors import OWN_WAYS, Asked, is_required
from kb.secret_texts import hash_of, new_secret
from kb.user_rows import actor_of_user, end_sessions

# Being seen is written down this often at most, so that reading a page seldom writes.
_SEEN_EVERY: Final = timedelta(minutes=5)
# How long a proof of who somebody is counts for deeds that are hard to undo.
PROOF_COUNTS: Final = timedelta(minutes=15)
_MAX_AGENT_CHARS: Final = 300
_MAX_ADDRESS_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class SessionView:
    """A browser that is signed in; ``way`` is how (``password``, ``oidc``, ``ldap``, ``link``)."""

    id: int
    created_at: datetime
    seen_at: datetime
    address: str
    agent: str
    way: str
    current: bool


class Sessions:
    """Use cases around browsers that are signed in."""

    def __init__(
        self,
        database: Database,
        idle_hours: int,
        longest_hours: int,
        now: Callable[[], datetime] = utc_now,
        asked: Asked = "off",
    ) -> None:
        """Keep sessions in ``database``; one ends after ``idle_hours`` unused, ``longest_hours`` in all.

        ``asked`` says of whom a second factor is required: their sessions from before that count no more.
        """
        self._database = database
        self._idle = timedelta(hours=idle_hours)
        self._longest = timedelta(hours=longest_hours)
        self._now = now
        self._asked = asked

    def begin(
        self,
        actor: Actor,
        *,
        way: str,
        address: str = "",
        agent: str = "",
        instead: str = "",
        factor: bool = False,
    ) -> str:
        """Sign a browser in and return what its cookie is to hold.

        Args:
            actor: who has shown to be who it is.
            way: how: ``password``, ``oidc``, ``ldap``, ``link``.
            address: where the browser is.
            agent: what it says it is.
            instead: what its cookie held before; that session ends, so that nobody can have planted it.
            factor: whether a second factor was shown too.
        """
        secret, now = new_secret(), self._now()
        with self._database.write() as session:
            session.execute(delete(UserSession).where(self._over(now)))
            if instead:
                gone = UserSession.secret_hash == hash_of(instead)
                session.execute(delete(UserSession).where(gone))
            session.add(
                UserSession(
                    secret_hash=hash_of(secret),
                    user_id=actor.id,
                    created_at=now,
                    seen_at=now,
                    address=address[:_MAX_ADDRESS_CHARS],
                    agent=agent[:_MAX_AGENT_CHARS],
                    way=way,
                    proved_at=now,
                    factor_at=now if factor else None,
                )
            )
            session.get_one(User, actor.id).seen_at = now
            record_audit(session, actor, "sign-in", "user", actor.id, {"way": way})
        return secret

    def actor(self, secret: str) -> Actor | None:
        """Whoever is signed in with this cookie; None when the session is unknown or over, or its user left."""
        if not secret:
            return None
        now = self._now()
        with self._database.read() as session:
            found = session.execute(
                select(UserSession, User)
                .join(User, User.id == UserSession.user_id)
                .where(UserSession.secret_hash == hash_of(secret), User.active, ~self._over(now))
            ).first()
            if found is None:
                return None
            row, user = found
            if self._lacks_factor(row, user):
                return None
            actor = actor_of_user(session, user)
        if now - row.seen_at >= _SEEN_EVERY:
            self._see(row.id, actor.id, now)
        return actor

    def way(self, secret: str) -> str:
        """How whoever is signed in with this cookie showed who it is; empty for nobody."""
        with self._database.read() as session:
            return session.scalar(select(UserSession.way).where(_holds(secret))) or ""

    def must_have_proved(self, secret: str) -> None:
        """Return when whoever is signed in with this cookie has shown a short while ago who it is.

        Raises:
            ProofNeeded: it is longer ago, or nobody is.
        """
        with self._database.read() as session:
            row = session.scalar(select(UserSession).where(_holds(secret)))
            if row is None or (row.proved_at or row.created_at) <= self._now() - PROOF_COUNTS:
                raise ProofNeeded

    def prove(self, actor: Actor, secret: str) -> None:
        """Remember that ``actor``, who is signed in with this cookie, has just shown again who it is."""
        with self._database.write() as session:
            session.execute(
                update(UserSession)
                .where(_holds(secret), UserSession.user_id == actor.id)
                .values(proved_at=self._now())
            )

    def listed(self, actor: Actor, user_id: str, current: str = "") -> list[SessionView]:
        """The browsers that a user is signed in with, last seen first.

        Raises:
            NotFound: it is not the actor's business.
        """
        _own_or_administered(actor, user_id)
        mine = hash_of(current)
        with self._database.read() as session:
            rows = session.scalars(
                select(UserSession)
                .where(UserSession.user_id == user_id, ~self._over(self._now()))
                .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
            )
            return [
                SessionView(
                    row.id,
                    row.created_at,
                    row.seen_at,
                    row.address,
                    row.agent,
                    row.way,
                    row.secret_hash == mine,
                )
                for row in rows
            ]

    def end(self, secret: str) -> None:
        """Sign the browser with this cookie out."""
        with self._database.write() as session:
            row = session.scalar(
                select(UserSession).where(UserSession.secret_hash == hash_of(secret))
            )
            if row is not None:
                session.delete(row)

    def end_one(self, actor: Actor, user_id: str, session_id: int) -> None:
        """Sign one browser of a user out.

        Raises:
            NotFound: there is none, or it is not the actor's business.
        """
        _own_or_administered(actor, user_id)
        with self._database.write() as session:
            row = session.get(UserSession, session_id)
            if row is None or row.user_id != user_id:
                raise NotFound(what="session", id=session_id)
            session.delete(row)
            record_audit(session, actor, "end-session", "user", user_id)

    def end_all(self, actor: Actor, user_id: str, keep: str = "") -> None:
        """Sign a user out everywhere, but for the browser whose cookie holds ``keep``.

        Raises:
            NotFound: it is not the actor's business.
        """
        _own_or_administered(actor, user_id)
        with self._database.write() as session:
            end_sessions(session, user_id, keep=keep)
            record_audit(session, actor, "end-sessions", "user", user_id)

    def _lacks_factor(self, row: UserSession, user: User) -> bool:
        return (
            row.factor_at is None
            and row.way in OWN_WAYS
            and is_required(self._asked, Role(user.role))
        )

    def _over(self, now: datetime) -> ColumnElement[bool]:
        return or_(
            UserSession.seen_at < now - self._idle, UserSession.created_at < now - self._longest
        )

    def _see(self, session_id: int, user_id: str, now: datetime) -> None:
        # A disk that is full or read-only must not keep anybody from reading.
        with suppress(DataFolderError), self._database.write() as session:
            _touch(session, session_id, user_id, now)


def _holds(secret: str) -> ColumnElement[bool]:
    return UserSession.secret_hash == hash_of(secret)


def _touch(session: Session, session_id: int, user_id: str, now: datetime) -> None:
    row = session.get(UserSession, session_id)
    if row is not None:  # signed out in this moment
        row.seen_at = now
        session.get_one(User, user_id).seen_at = now


def _own_or_administered(actor: Actor, user_id: str) -> None:
    own = actor.id == user_id and actor.limit is None
    if not own and Action.ADMINISTER_USERS not in actor.actions:
        raise NotFound(what="user", id=user_id)
