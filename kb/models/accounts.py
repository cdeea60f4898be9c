"""Users and the groups they are in, and everything somebody can show instead of a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, true
from sqlalchemy.orm import Mapped, mapped_column

from kb.models.base import Base, utc_now

PERSON = "person"
SERVICE = "service"
# Where a membership comes from; what comes from a directory is renewed at each sign-in, what was set here is not.
LOCAL = "local"
# A SHA-256 in hexadecimal digits. What is hashed is random and long, so nothing slower is needed.
_HASH_CHARS = 64


class User(Base):
    """Somebody who can sign in. ``id`` is the sign-in name.

    ``kind`` is ``person``, or ``service`` for a program that has only tokens. ``password_hash`` is empty where no
    password was ever set. Users are never deleted, because what they wrote names them: ``active`` is False instead.
    """

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(20), default=PERSON, server_default=PERSON)
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    seen_at: Mapped[datetime | None]


class UserGroup(Base):
    """One membership."""

    __tablename__ = "user_groups"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    group: Mapped[str] = mapped_column(String(100), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), default=LOCAL, server_default=LOCAL)


class Group(Base):
    """What is known of a group beside its members. Audiences and memberships name it by ``name``."""

    __tablename__ = "groups"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class UserIdentity(Base):
    """Who a user is at a directory: the ``subject`` that ``issuer`` never gives to anybody else."""

    __tablename__ = "user_identities"

    issuer: Mapped[str] = mapped_column(String(300), primary_key=True)
    subject: Mapped[str] = mapped_column(String(300), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class UserSession(Base):
    """One browser that is signed in. The cookie holds a random text, the row only its hash."""

    __tablename__ = "user_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(_HASH_CHARS), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    address: Mapped[str] = mapped_column(String(100), default="")
    agent: Mapped[str] = mapped_column(String(300), default="")
    way: Mapped[str] = mapped_column(String(20), default="")
    # When its user last proved who it is; null for sessions from before this was kept.
    proved_at: Mapped[datetime | None]
    # When a second factor was shown; null where none was.
    factor_at: Mapped[datetime | None]


class AccountLink(Base):
    """A link that works once: ``purpose`` is ``reset`` (a new password for ``user_id``) or ``invite`` (a new user)."""

    __tablename__ = "account_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(_HASH_CHARS), unique=True)
    purpose: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), default="")
    role: Mapped[str] = mapped_column(String(20), default="")
    groups: Mapped[str] = mapped_column(String(2000), default="")
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str] = mapped_column(String(100), default="")


class ApiToken(Base):
    """What a program shows. ``prefix`` is its readable beginning, ``scopes`` names of what it is for, by commas."""

    __tablename__ = "api_tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(_HASH_CHARS), unique=True)
    prefix: Mapped[str] = mapped_column(String(20))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # When its owner was told that it soon works no more.
    warned_at: Mapped[datetime | None]


class AccountLetter(Base):
    """A mail about an account that is still to be written; ``kind`` is one of :data:`kb.account_letters.LETTERS`.

    No link is in it: it is made in the moment in which the mail leaves, so that only its hash is ever stored.
    ``address`` is where it goes; empty where that has to be found out from ``title``, which is what somebody typed.
    """

    __tablename__ = "account_letters"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str] = mapped_column(String(254), default="")
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime] = mapped_column(default=utc_now)
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]


class SecondFactor(Base):
    """What a user's device counts codes from, enciphered; ``confirmed_at`` is null until the first code was right.

    ``last_step`` is the interval of the last code that was taken: no code counts twice.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """A code that works once in place of the device."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(_HASH_CHARS), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None]


class SignInFailures(Base):
    """Failed attempts to sign in as somebody, from somewhere, or both; ``key`` is a hash of which."""

    __tablename__ = "sign_in_failures"

    key: Mapped[str] = mapped_column(String(_HASH_CHARS), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
