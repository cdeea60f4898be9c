"""Rows of users, changed in the caller's transaction by whichever use case adds somebody or lets somebody in."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.access import Actor, Role
from kb.auditing import record_audit
from kb.errors import Conflict
from kb.models import User, UserGroup, UserSession
from kb.models.accounts import LOCAL, PERSON
from kb.secret_texts import hash_of
from kb.user_names import MAX_SHOWN_NAME_CHARS, check_email, check_groups, check_name


def add_user(  # noqa: PLR0917  in the order of Accounts.add
    session: Session,
    actor: Actor,
    user_id: str,
    name: str,
    role: Role,
    groups: Collection[str],
    *,
    email: str = "",
    password_hash: str = "",
    kind: str = PERSON,
    source: str = LOCAL,
) -> User:
    """Add a user in the caller's transaction.

    Raises:
        InvalidInput: the sign-in name, the address or a group cannot be used.
        Conflict: the sign-in name is taken, if only in capitals.
    """
    checked, wanted, address = check_name(user_id), check_groups(groups), check_email(email)
    if session.scalar(select(User.id).where(func.lower(User.id) == checked.lower())) is not None:
        raise Conflict(what=f"user {checked}")
    user = User(
        id=checked,
        name=name.strip()[:MAX_SHOWN_NAME_CHARS] or checked,
        role=role.value,
        email=address,
        password_hash=password_hash,
        kind=kind,
    )
    session.add(user)
    session.flush()
    put_into_groups(session, checked, wanted, source)
    record_audit(session, actor, "add", "user", checked, {"role": role.value, "kind": kind})
    return user


def put_into_groups(session: Session, user_id: str, groups: Collection[str], source: str) -> None:
    """Renew the memberships of a user that come from ``source``; those from elsewhere stay."""
    of_source = (UserGroup.user_id == user_id, UserGroup.source == source)
    session.execute(delete(UserGroup).where(*of_source))
    others = set(session.scalars(select(UserGroup.group).where(UserGroup.user_id == user_id)))
    session.add_all(
        UserGroup(user_id=user_id, group=group, source=source)
        for group in sorted(set(groups) - others)
    )
    session.flush()


def actor_of_user(session: Session, user: User) -> Actor:
    """The actor that a user is, with its groups."""
    groups = session.scalars(select(UserGroup.group).where(UserGroup.user_id == user.id))
    return Actor(user.id, user.name, Role(user.role), frozenset(groups))


def end_sessions(session: Session, user_id: str, *, keep: str = "") -> None:
    """Sign a user out everywhere, but for the browser whose cookie holds ``keep``."""
    query = delete(UserSession).where(UserSession.user_id == user_id)
    session.execute(query.where(UserSession.secret_hash != hash_of(keep)) if keep else query)
