"""Tokens: what programs show instead of signing in, made for a purpose and for a time.

A token speaks for its owner and may do what the owner's role includes *and* its scopes name. It is shown once, when it
is made; kept are its hash and its readable beginning. It ends by its date, by being revoked, and with its owner.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from kb.access import ROLE_ACTIONS, SCOPE_ACTIONS, Action, Actor, Role
from kb.account_news import tell_owner
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, DataFolderError, InvalidInput, NotAllowed, NotFound
from kb.models import ApiToken, User, utc_now
from kb.models.accounts import PERSON
from kb.secret_texts import hash_of, new_secret
from kb.user_rows import actor_of_user

# Told apart from other programs' tokens by scanners that look for secrets in repositories.
PREFIX: Final = "qj_"
_SHOWN_CHARS: Final = 9
MAX_NAME_CHARS: Final = 100
# The longest life in days: a year, so that every token is thought of again.
MAX_DAYS: Final = 366
MAX_LIVE: Final = 100
# How long before its end a token is told of.
WARNED_BEFORE: Final = timedelta(days=7)
_USED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token as its owner sees it; ``state`` is ``live``, ``expired`` or ``revoked``."""

    id: int
    owner: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: str


class Tokens:
    """Use cases around tokens."""

    def __init__(self, database: Database, now: Callable[[], datetime] = utc_now) -> None:
        """Keep tokens in ``database``."""
        self._database = database
        self._now = now

    def make(self, actor: Actor, owner: str, name: str, scopes: Collection[str], days: int) -> str:
        """Make a token for oneself, or as administrator for a user or service, and return it this once.

        Args:
            actor: who makes it.
            owner: sign-in name of whom it speaks for.
            name: what it is for, in words.
            scopes: of :data:`kb.access.SCOPE_ACTIONS`.
            days: how long it is to work.

        Raises:
            NotAllowed: a token makes no tokens.
            NotFound: no such owner, or not for this actor.
            InvalidInput: the name, the scopes or the time cannot be used.
        """
        self._own_business(actor, owner)
        wanted = frozenset(scopes)
        if not wanted or not wanted <= SCOPE_ACTIONS.keys():
            raise InvalidInput(field="scopes", reason=N_("choose at least one of those offered"))
        if not name.strip() or len(name) > MAX_NAME_CHARS:
            raise InvalidInput(field="name", reason=N_("it is empty or too long"))
        if not 1 <= days <= MAX_DAYS:
            raise InvalidInput(field="days", reason=N_("a token works for 1 to 366 days"))
        secret, now = new_secret(PREFIX), self._now()
        with self._database.write() as session:
            user = session.get(User, owner)
            if user is None or not user.active:
                raise NotFound(what="user", id=owner)
            live = session.scalars(
                select(ApiToken.id).where(
                    ApiToken.user_id == owner,
                    ApiToken.revoked_at.is_(None),
                    ApiToken.expires_at > now,
                )
            ).all()
            if len(live) >= MAX_LIVE:
                raise InvalidInput(field="name", reason=N_("there are too many tokens already"))
            session.add(
                ApiToken(
                    secret_hash=hash_of(secret),
                    prefix=secret[:_SHOWN_CHARS],
                    user_id=owner,
                    name=name.strip(),
                    scopes=",".join(scope for scope in SCOPE_ACTIONS if scope in wanted),
                    created_by=actor.id,
                    created_at=now,
                    expires_at=now + timedelta(days=days),
                )
            )
            if user.kind == PERSON:
                tell_owner(session, owner, "token-made", name.strip())
            record_audit(session, actor, "make-token", "user", owner, {"scopes": sorted(wanted)})
        return secret

    def actor(self, secret: str) -> Actor | None:
        """Whom a token speaks for, held to its scopes; None when it is unknown, over, revoked or its owner left."""
        if not secret.startswith(PREFIX):
            return None
        now = self._now()
        with self._database.read() as session:
            found = session.execute(
                select(ApiToken, User)
                .join(User, User.id == ApiToken.user_id)
                .where(
                    ApiToken.secret_hash == hash_of(secret),
                    ApiToken.revoked_at.is_(None),
                    ApiToken.expires_at > now,
                    User.active,
                )
            ).first()
            if found is None:
                return None
            row, user = found
            allowed = [SCOPE_ACTIONS.get(scope, frozenset()) for scope in row.scopes.split(",")]
            actor = replace(actor_of_user(session, user), limit=frozenset[Action]().union(*allowed))
        if row.used_at is None or now - row.used_at >= _USED_EVERY:
            # A disk that is full or read-only must not keep anybody from reading.
            with suppress(DataFolderError), self._database.write() as session:
                session.get_one(ApiToken, row.id).used_at = now
        return actor

    def listed(self, actor: Actor, owner: str) -> list[TokenView]:
        """The tokens of a user or service, newest first.

        Raises:
            NotAllowed: a token lists no tokens.
            NotFound: it is not the actor's business.
        """
        self._own_business(actor, owner)
        with self._database.read() as session:
            rows = session.scalars(
                select(ApiToken).where(ApiToken.user_id == owner).order_by(ApiToken.id.desc())
            )
            return [self._view(row) for row in rows]

    def revoke(self, actor: Actor, token_id: int) -> None:
        """Let a token work no more; of several in a row the first one counts.

        Raises:
            NotAllowed: a token revokes no tokens.
            NotFound: there is none, or it is not the actor's business.
        """
        with self._database.write() as session:
            row = session.get(ApiToken, token_id)
            if row is None:
                raise NotFound(what="token", id=token_id)
            try:
                self._own_business(actor, row.user_id)
            except NotFound:
                raise NotFound(what="token", id=token_id) from None
            if row.revoked_at is None:
                row.revoked_at = self._now()
                record_audit(session, actor, "revoke-token", "user", row.user_id)

    def warn(self) -> int:
        """Tell, once for each token, whose works no longer than a week more; returns how many were told of.

        The owner is told, of a service whoever made its token. Tokens made for no more than that week tell nobody:
        their makers have just chosen it.
        """
        now = self._now()
        ending = (
            ApiToken.warned_at.is_(None),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            ApiToken.expires_at <= now + WARNED_BEFORE,
        )
        with self._database.read() as session:
            if session.scalar(select(ApiToken.id).where(*ending).limit(1)) is None:
                return 0
        told = 0
        with self._database.write() as session:
            for row in session.scalars(select(ApiToken).where(*ending)).all():
                row.warned_at = now
                owner = session.get_one(User, row.user_id)
                who = owner if owner.kind == PERSON else session.get(User, row.created_by)
                if (
                    who is not None
                    and who.active
                    and row.expires_at - row.created_at > WARNED_BEFORE
                ):
                    tell_owner(session, who.id, "token-ends", row.name)
                    told += 1
        return told

    def _own_business(self, actor: Actor, owner: str) -> None:
        if actor.limit is not None:
            raise NotAllowed(action=N_("handle tokens with a token"))
        if actor.id != owner and Action.ADMINISTER_USERS not in actor.actions:
            raise NotFound(what="user", id=owner)

    def _view(self, row: ApiToken) -> TokenView:
        over = "expired" if row.expires_at <= self._now() else "live"
        return TokenView(
            id=row.id,
            owner=row.user_id,
            name=row.name,
            prefix=row.prefix,
            scopes=tuple(row.scopes.split(",")),
            created_at=row.created_at,
            expires_at=row.expires_at,
            used_at=row.used_at,
            state="revoked" if row.revoked_at else over,
        )


def offered_scopes(role: Role) -> tuple[str, ...]:
    """The scopes that mean something to somebody of this role."""
    return tuple(scope for scope, actions in SCOPE_ACTIONS.items() if actions & ROLE_ACTIONS[role])
