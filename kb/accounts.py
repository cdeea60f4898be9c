"""Accounts: who can sign in, and as which actor."""

from __future__ import annotations

from typing import Final

from pwdlib import PasswordHash
from sqlalchemy import select

from kb.access import Actor, Role
from kb.database import Database
from kb.errors import Conflict, InvalidInput
from kb.models import User, UserGroup

# NIST SP 800-63B: length is what counts; no rules about kinds of characters.
MAX_NAME_CHARS: Final = 100
MIN_PASSWORD_CHARS: Final = 8
MAX_PASSWORD_CHARS: Final = 1024


class Accounts:
    """Use cases around users."""

    def __init__(self, database: Database) -> None:
        """Keep users in ``database``; passwords are hashed with Argon2id."""
        self._database = database
        self._hasher = PasswordHash.recommended()
        self._nobody = self._hasher.hash("nobody has this password")

    def add(
        self,
        user_id: str,
        name: str,
        password: str,
        role: Role,
        groups: frozenset[str] = frozenset(),
    ) -> None:
        """Add a user.

        Raises:
            InvalidInput: the sign-in name or the password cannot be used.
            Conflict: the sign-in name is taken.
        """
        if (
            not user_id
            or len(user_id) > MAX_NAME_CHARS
            or any(c.isspace() or c in ":," for c in user_id)
        ):
            raise InvalidInput(
                field="name", reason="it is empty, too long, or holds a space, a colon or a comma"
            )
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise InvalidInput(
                field="password", reason=f"it must have at least {MIN_PASSWORD_CHARS} characters"
            )
        hashed = self._hasher.hash(password)
        with self._database.write() as session:
            if session.get(User, user_id) is not None:
                raise Conflict(what=f"user {user_id}")
            session.add(User(id=user_id, name=name, role=role.value, password_hash=hashed))
            session.flush()
            session.add_all(UserGroup(user_id=user_id, group=group) for group in sorted(groups))

    def authenticate(self, user_id: str, password: str) -> Actor | None:
        """The actor with this name and password; None, after the same time, when there is none."""
        with self._database.read() as session:
            user = session.get(User, user_id)
        right = self._hasher.verify(
            password[:MAX_PASSWORD_CHARS], user.password_hash if user else self._nobody
        )
        return self.actor(user_id) if user and right else None

    def actor(self, user_id: str) -> Actor | None:
        """The actor that a user is, with its groups; None when there is no such user."""
        with self._database.read() as session:
            user = session.get(User, user_id)
            if user is None:
                return None
            groups = session.scalars(select(UserGroup.group).where(UserGroup.user_id == user_id))
            return Actor(user.id, user.name, Role(user.role), frozenset(groups))

    def all(self) -> list[User]:
        """Every user, by sign-in name."""
        with self._database.read() as session:
            return list(session.scalars(select(User).order_by(User.id)))
