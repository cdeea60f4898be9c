"""Links that work once: an invitation makes an account, a reset gives an account a new password.

Mail is not needed: where none is set up, whoever administers hands the address over as they please. Kept is the hash of
what is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, CursorResult, delete, select, update
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor, Role
from kb.account_news import tell_owner
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.models import AccountLink, User, utc_now
from kb.models.accounts import PERSON
from kb.secret_texts import hash_of, new_secret
from kb.user_names import check_email, check_groups
from kb.user_rows import actor_of_user, add_user, end_sessions

INVITE: Final = "invite"
RESET: Final = "reset"
FIRST: Final = "first"
# Days that a link works: an invitation over a holiday; the others open more and are used at once.
INVITE_DAYS: Final = 14
MAX_DAYS: Final = 90
_DAYS: Final = {RESET: 1, FIRST: 1}
# A link that anybody could ask for, on its way to a letter box.
MAILED_FOR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that still works.

    Attributes:
        purpose: ``invite``, ``reset``, or ``first`` for the first administrator.
        user_id: whose password it sets; empty for an invitation.
    """

    id: int
    purpose: str
    user_id: str
    email: str
    role: str
    groups: tuple[str, ...]
    created_by: str
    expires_at: datetime


class Invitations:
    """Use cases around links that work once."""

    def __init__(
        self,
        database: Database,
        hashed: Callable[[str, Collection[str]], str],
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep links in ``database``; ``hashed`` checks and hashes a new password, given what is known of its owner."""
        self._database = database
        self._hashed = hashed
        self._now = now

    def invite(
        self,
        actor: Actor,
        role: Role,
        groups: Collection[str] = (),
        *,
        email: str = "",
        days: int = INVITE_DAYS,
    ) -> str:
        """Make an invitation and return what its address ends with.

        Raises:
            NotAllowed: the actor may not administer users.
            InvalidInput: the role, a group, the address or the time cannot be used.
        """
        actor.must(Action.ADMINISTER_USERS)
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput(field="days", reason=N_("an invitation works for 1 to 90 days"))
        if role is Role.NONE:
            raise InvalidInput(field="role", reason=N_("choose what the new user may do"))
        with self._database.write() as session:
            return self._made(
                session,
                actor,
                INVITE,
                timedelta(days=days),
                role=role.value,
                groups=",".join(sorted(check_groups(groups))),
                email=check_email(email),
            )

    def reset(self, actor: Actor, user_id: str) -> str:
        """Make a link that gives a user a new password; older ones of the same user stop working.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such person, or it was deactivated.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.write() as session:
            user = session.get(User, user_id)
            if user is None or not user.active or user.kind != PERSON:
                raise NotFound(what="user", id=user_id)
            older = (AccountLink.user_id == user_id, AccountLink.used_at.is_(None))
            session.execute(delete(AccountLink).where(*older))
            return self._made(session, actor, RESET, timedelta(days=_DAYS[RESET]), user_id=user_id)

    def reset_by_mail(self, user_id: str) -> str:
        """Make a link for somebody who has forgotten the password; it goes to their own letter box, for an hour.

        Others of the same user go on working: anybody may ask for one, and must not take away what an administrator
        handed over.

        Raises:
            NotFound: there is no such person, it was deactivated or has no password here.
        """
        with self._database.write() as session:
            user = session.get(User, user_id)
            if user is None or not user.active or user.kind != PERSON or not user.password_hash:
                raise NotFound(what="user", id=user_id)
            return self._made(session, SYSTEM, RESET, MAILED_FOR, user_id=user_id)

    def take_back(self, secret: str) -> None:
        """Forget a link that could not be sent, so that nobody waits for it and none counts that nobody got."""
        with self._database.write() as session:
            session.execute(delete(AccountLink).where(AccountLink.secret_hash == hash_of(secret)))

    def first(self) -> str | None:
        """Make the link that makes the first administrator; None when there is one. Older such links stop working."""
        with self._database.write() as session:
            if _has_administrator(session):
                return None
            older = (AccountLink.purpose == FIRST, AccountLink.used_at.is_(None))
            session.execute(delete(AccountLink).where(*older))
            role = Role.ADMINISTRATOR.value
            return self._made(session, SYSTEM, FIRST, timedelta(days=_DAYS[FIRST]), role=role)

    def look(self, secret: str) -> LinkView:
        """What a link is for.

        Raises:
            NotFound: there is none, it was used, or it is too old.
        """
        with self._database.read() as session:
            return _view(self._row(session, secret))

    def accept(self, secret: str, user_id: str, name: str, password: str) -> Actor:
        """Use an invitation: the account is there, and whoever holds the link is its owner.

        Raises:
            NotFound: the link works no more.
            InvalidInput: a name or the password cannot be used; the link still works.
            Conflict: the sign-in name is taken; the link still works.
        """
        link = self.look(secret)
        if link.purpose not in {INVITE, FIRST}:
            raise NotFound(what="link", id="…")
        hashed = self._hashed(password, (user_id, name, link.email))
        with self._database.write() as session:
            row = self._row(session, secret)
            if row.purpose == FIRST and _has_administrator(session):
                raise NotFound(what="link", id="…")
            groups = [group for group in row.groups.split(",") if group]
            user = add_user(
                session,
                SYSTEM,
                user_id,
                name,
                Role(row.role),
                groups,
                email=row.email,
                password_hash=hashed,
            )
            self._use(session, row, user.id)
            return actor_of_user(session, user)

    def renew(self, secret: str, password: str) -> Actor:
        """Use a reset: the password is the new one, and every browser of the user is signed out.

        Raises:
            NotFound: the link works no more.
            InvalidInput: the password cannot be used; the link still works.
        """
        link = self.look(secret)
        if link.purpose != RESET:
            raise NotFound(what="link", id="…")
        with self._database.read() as session:
            user = session.get_one(User, link.user_id)
        hashed = self._hashed(password, (user.id, user.name, user.email))
        with self._database.write() as session:
            self._use(session, self._row(session, secret), link.user_id)
            user = session.get_one(User, link.user_id)
            if not user.active:
                raise NotFound(what="link", id="…")
            user.password_hash = hashed
            end_sessions(session, user.id)
            # Others that were sent meanwhile are of no use to anybody but a thief.
            others = (AccountLink.user_id == user.id, AccountLink.used_at.is_(None))
            session.execute(delete(AccountLink).where(*others))
            tell_owner(session, user.id, "password-changed")
            actor = actor_of_user(session, user)
            record_audit(session, actor, "reset-password", "user", user.id)
            return actor

    def open_links(self, actor: Actor) -> list[LinkView]:
        """Invitations and resets that still work, newest first.

        Raises:
            NotAllowed: the actor may not administer users.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.read() as session:
            rows = session.scalars(
                select(AccountLink).where(*self._live()).order_by(AccountLink.id.desc())
            )
            return [_view(row) for row in rows]

    def withdraw(self, actor: Actor, link_id: int) -> None:
        """Let a link work no more.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such link that still works.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.write() as session:
            row = session.scalar(
                select(AccountLink).where(AccountLink.id == link_id, *self._live())
            )
            if row is None:
                raise NotFound(what="link", id=link_id)
            session.delete(row)
            record_audit(session, actor, "withdraw-link", "link", link_id)

    def _made(
        self, session: Session, actor: Actor, purpose: str, life: timedelta, **columns: str
    ) -> str:
        secret, now = new_secret(), self._now()
        row = AccountLink(
            secret_hash=hash_of(secret),
            purpose=purpose,
            created_by=actor.id,
            created_at=now,
            expires_at=now + life,
            **columns,
        )
        session.add(row)
        session.flush()
        record_audit(session, actor, f"make-{purpose}-link", "link", row.id)
        return secret

    def _live(self) -> tuple[ColumnElement[bool], ...]:
        return AccountLink.used_at.is_(None), AccountLink.expires_at > self._now()

    def _row(self, session: Session, secret: str) -> AccountLink:
        row = session.scalar(
            select(AccountLink).where(AccountLink.secret_hash == hash_of(secret), *self._live())
        )
        if row is None:
            raise NotFound(what="link", id="…")
        return row

    def _use(self, session: Session, row: AccountLink, user_id: str) -> None:
        # The condition, not the look before it, decides between two who use one link at once.
        done = session.execute(
            update(AccountLink)
            .where(AccountLink.id == row.id, AccountLink.used_at.is_(None))
            .values(used_at=self._now(), used_by=user_id)
        )
        if isinstance(done, CursorResult) and done.rowcount != 1:
            raise NotAllowed(action=N_("use a link twice"))


def _has_administrator(session: Session) -> bool:
    query = select(User.id).where(
        User.role == Role.ADMINISTRATOR.value, User.active, User.kind == PERSON
    )
    return session.scalar(query.limit(1)) is not None


def _view(row: AccountLink) -> LinkView:
    return LinkView(
        id=row.id,
        purpose=row.purpose,
        user_id=row.user_id or "",
        email=row.email,
        role=row.role,
        groups=tuple(group for group in row.groups.split(",") if group),
        created_by=row.created_by,
        expires_at=row.expires_at,
    )
