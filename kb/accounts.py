"""Accounts: who there is, what each may do, and whether a name and a password belong together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor, Role
from kb.account_news import tell_owner
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound, TooManyRequests
from kb.models import User, UserGroup, utc_now
from kb.models.accounts import LOCAL, PERSON, SERVICE
from kb.passwords import SINGLE_FACTOR_CHARS, Hasher, check
from kb.sign_in_delays import delay, forget_failures, record_failure
from kb.user_names import MAX_SHOWN_NAME_CHARS, check_email, check_groups
from kb.user_rows import actor_of_user, add_user, end_sessions, put_into_groups

OWN_ACCOUNT: Final = N_("change an account with a token")
LAST_ADMINISTRATOR: Final = N_("leave the site without an administrator")


@dataclass(frozen=True, slots=True)
class Account:
    """A user as others see it.

    Attributes:
        id: the sign-in name.
        kind: ``person``, or ``service`` for a program.
        has_password: False for services and for people who only sign in by a directory or have not used their link.
    """

    id: str
    name: str
    email: str
    role: Role
    groups: tuple[str, ...]
    kind: str
    active: bool
    has_password: bool
    created_at: datetime
    seen_at: datetime | None


class Accounts:
    """Use cases around users."""

    def __init__(
        self,
        database: Database,
        least_chars: int = SINGLE_FACTOR_CHARS,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep users in ``database``; a new password needs ``least_chars`` characters."""
        self._database = database
        self._least_chars = least_chars
        self._now = now
        self._hasher = Hasher()

    def add(
        self,
        user_id: str,
        name: str,
        password: str,
        role: Role,
        groups: Collection[str] = frozenset(),
        *,
        email: str = "",
        by: Actor = SYSTEM,
        published: bool = False,
    ) -> None:
        """Add a person who signs in with a password.

        Args:
            user_id: sign-in name.
            name: how others see it.
            password: as typed; stored as its hash.
            role: what the user may do.
            groups: names of groups.
            email: where mail goes; may be empty.
            by: who adds it.
            published: True for a demonstration, whose password everybody knows and no rule has to guard.

        Raises:
            NotAllowed: ``by`` may not administer users.
            InvalidInput: the sign-in name, the address, a group or the password cannot be used.
            Conflict: the sign-in name is taken.
        """
        by.must(Action.ADMINISTER_USERS)
        text = password if published else check(password, self._least_chars, (user_id, name, email))
        hashed = self._hasher.hash(text)
        with self._database.write() as session:
            add_user(session, by, user_id, name, role, groups, email=email, password_hash=hashed)

    def add_service(self, actor: Actor, user_id: str, name: str, role: Role) -> None:
        """Add an account for a program: it has no password and signs in nowhere, it only has tokens.

        Raises:
            NotAllowed: the actor may not administer users.
            InvalidInput: the name cannot be used.
            Conflict: the name is taken.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.write() as session:
            add_user(session, actor, user_id, name, role, (), kind=SERVICE)

    def authenticate(self, user_id: str, password: str, address: str = "") -> Actor | None:
        """The actor with this name and password; None, after the same time, when there is none.

        Raises:
            TooManyRequests: wrong too often as this name or from this address; the password was not looked at.
        """
        name = _as_typed(user_id)
        self.must_not_wait(name, address)
        with self._database.read() as session:
            user = session.get(User, name)
        usable = user is not None and user.active and user.kind == PERSON
        stored = user.password_hash if user is not None and usable else ""
        right, renewed = self._hasher.verify(password, stored)
        if not right:
            self.failed(name, address)
            return None
        with self._database.write() as session:
            forget_failures(session, name, address)
            found = session.get_one(User, name)
            if renewed is not None and found.password_hash == stored:
                found.password_hash = renewed
            return actor_of_user(session, found)

    def must_not_wait(self, user_id: str, address: str) -> None:
        """Return when an attempt to sign in may be made; called where another than this checks the password.

        Raises:
            TooManyRequests: wrong too often as this name or from this address.
        """
        with self._database.read() as session:
            wait = delay(session, _as_typed(user_id), address, self._now())
        if wait:
            raise TooManyRequests(seconds=wait)

    def failed(self, user_id: str, address: str) -> None:
        """Count an attempt that failed."""
        name = _as_typed(user_id)
        with self._database.write() as session:
            record_failure(session, name, address, self._now())
            known = session.get(User, name) is not None
            record_audit(session, SYSTEM, "sign-in-failed", "user", name if known else "")

    def succeeded(self, user_id: str, address: str) -> None:
        """Forget the failures before an attempt that succeeded."""
        with self._database.write() as session:
            forget_failures(session, _as_typed(user_id), address)

    def has_password(self, user_id: str) -> bool:
        """True for a user whose password is kept here; for those of a directory and for nobody it is False."""
        with self._database.read() as session:
            user = session.get(User, _as_typed(user_id))
            return user is not None and bool(user.password_hash)

    def actor(self, user_id: str) -> Actor | None:
        """The actor that a user is, with its groups; None when there is no such user, or no longer."""
        with self._database.read() as session:
            user = session.get(User, user_id)
            return actor_of_user(session, user) if user is not None and user.active else None

    def all(self) -> list[User]:
        """Every user, by sign-in name."""
        with self._database.read() as session:
            return list(session.scalars(select(User).order_by(User.id)))

    def nobody_yet(self) -> bool:
        """True when no active administrator exists who could let others in."""
        with self._database.read() as session:
            return not _administrators(session)

    def listed(self, actor: Actor) -> list[Account]:
        """Every user, by sign-in name, those who left last.

        Raises:
            NotAllowed: the actor may not administer users.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.read() as session:
            groups = _groups(session)
            users = session.scalars(select(User).order_by(User.active.desc(), User.id))
            return [_account(user, groups.get(user.id, ())) for user in users]

    def account(self, actor: Actor, user_id: str) -> Account:
        """One user, for itself or for whoever administers users.

        Raises:
            NotFound: there is no such user, or it is not the actor's business.
        """
        with self._database.read() as session:
            user = session.get(User, user_id)
            own = actor.id == user_id
            if user is None or not (own or Action.ADMINISTER_USERS in actor.actions):
                raise NotFound(what="user", id=user_id)
            return _account(user, _groups(session, user_id).get(user_id, ()))

    def describe(self, actor: Actor, user_id: str, name: str, email: str) -> None:
        """Change how a user is shown and where its mail goes.

        Raises:
            NotFound: no such user, or not for this actor.
            InvalidInput: the name or the address cannot be used.
        """
        _own_business(actor)
        shown = name.strip()
        if not shown or len(shown) > MAX_SHOWN_NAME_CHARS:
            raise InvalidInput(field="name", reason=N_("it is empty or too long"))
        address = check_email(email)
        with self._database.write() as session:
            user = _editable(session, actor, user_id)
            if user.email and user.email != address:
                # Before it changes: whoever had the address learns of it there.
                tell_owner(session, user_id, "email-changed")
            user.name, user.email = shown, address
            record_audit(session, actor, "describe", "user", user_id)

    def change_password(self, actor: Actor, old: str, new: str, *, keep: str = "") -> None:
        """Change one's own password; every other browser that is signed in is signed out.

        Args:
            actor: whose password.
            old: the present one.
            new: the next one.
            keep: what the cookie of this browser holds, which stays signed in.

        Raises:
            NotAllowed: the actor has no password here.
            InvalidInput: the old one is wrong, or the new one cannot be used.
            TooManyRequests: the old one was wrong too often.
        """
        _own_business(actor)
        account = self.account(actor, actor.id)
        if not account.has_password:
            raise NotAllowed(action=N_("change a password where there is none"))
        if self.authenticate(actor.id, old, "change") is None:
            raise InvalidInput(field="old", reason=N_("it is not the present password"))
        text = check(new, self._least_chars, (actor.id, account.name, account.email))
        hashed = self._hasher.hash(text)
        with self._database.write() as session:
            session.get_one(User, actor.id).password_hash = hashed
            end_sessions(session, actor.id, keep=keep)
            tell_owner(session, actor.id, "password-changed")
            record_audit(session, actor, "change-password", "user", actor.id)

    def hashed(self, password: str, known: Collection[str]) -> str:
        """What is stored of a new password of somebody of whom ``known`` is known.

        Raises:
            InvalidInput: it cannot be used.
        """
        return self._hasher.hash(check(password, self._least_chars, known))

    def set_role(self, actor: Actor, user_id: str, role: Role) -> None:
        """Let a user do more or less; it has to sign in again.

        Raises:
            NotAllowed: the actor may not, or nobody would be left to administer.
            NotFound: there is no such user.
        """
        with self._database.write() as session:
            user = _administered(session, actor, user_id)
            if role is Role.NONE:
                raise InvalidInput(field="role", reason=N_("deactivate the user instead"))
            before = user.role
            with _leaving_one(session):
                user.role = role.value
            if before != role.value:
                end_sessions(session, user_id)
                record_audit(session, actor, "set-role", "user", user_id, {"role": role.value})

    def set_groups(self, actor: Actor, user_id: str, groups: Collection[str]) -> None:
        """Put a user into these groups and no others, as far as they are kept here.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such user.
            InvalidInput: a name of a group cannot be used.
        """
        wanted = check_groups(groups)
        with self._database.write() as session:
            _administered(session, actor, user_id)
            put_into_groups(session, user_id, wanted, LOCAL)
            detail: dict[str, str | int | bool | list[str] | None] = {"groups": sorted(wanted)}
            record_audit(session, actor, "set-groups", "user", user_id, detail)

    def set_active(self, actor: Actor, user_id: str, active: bool) -> None:
        """Let a user in again, or keep it out: it stays, with all it did, but neither browsers nor tokens work.

        Raises:
            NotAllowed: the actor may not, or nobody would be left to administer.
            NotFound: there is no such user.
        """
        with self._database.write() as session:
            user = _administered(session, actor, user_id)
            with _leaving_one(session):
                user.active = active
            if not active:
                end_sessions(session, user_id)
            action = "activate" if active else "deactivate"
            record_audit(session, actor, action, "user", user_id)


def _as_typed(user_id: str) -> str:
    return unicodedata.normalize("NFKC", user_id).strip()[:MAX_SHOWN_NAME_CHARS]


def _own_business(actor: Actor) -> None:
    if actor.limit is not None or (not actor.id and not actor.sees_all):
        raise NotAllowed(action=OWN_ACCOUNT)


def _editable(session: Session, actor: Actor, user_id: str) -> User:
    user = session.get(User, user_id)
    if user is None or not (actor.id == user_id or Action.ADMINISTER_USERS in actor.actions):
        raise NotFound(what="user", id=user_id)
    return user


def _administered(session: Session, actor: Actor, user_id: str) -> User:
    actor.must(Action.ADMINISTER_USERS)
    user = session.get(User, user_id)
    if user is None:
        raise NotFound(what="user", id=user_id)
    return user


def _administrators(session: Session) -> int:
    return (
        session.scalar(
            select(func.count()).where(
                User.role == Role.ADMINISTRATOR.value, User.active, User.kind == PERSON
            )
        )
        or 0
    )


@contextmanager
def _leaving_one(session: Session) -> Iterator[None]:
    """A block that may not take the last administrator away."""
    before = _administrators(session)
    yield
    session.flush()
    if before and not _administrators(session):
        raise NotAllowed(action=LAST_ADMINISTRATOR)


def _groups(session: Session, user_id: str | None = None) -> dict[str, tuple[str, ...]]:
    query = select(UserGroup.user_id, UserGroup.group).order_by(UserGroup.group)
    if user_id is not None:
        query = query.where(UserGroup.user_id == user_id)
    found: dict[str, tuple[str, ...]] = {}
    for user, group in session.execute(query):
        found[user] = (*found.get(user, ()), group)
    return found


def _account(user: User, groups: tuple[str, ...]) -> Account:
    return Account(
        id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        groups=groups,
        kind=user.kind,
        active=user.active,
        has_password=bool(user.password_hash),
        created_at=user.created_at,
        seen_at=user.seen_at,
    )
