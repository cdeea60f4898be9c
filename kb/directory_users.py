"""People whom a directory vouches for: OpenID Connect or LDAP says who somebody is, and which groups they are in.

A user is known again by the directory's own number of a person (``sub``), never by name or mail: both can be given to
somebody else. An account that was made here is linked only by its owner, while signed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Actor, Role
from kb.account_news import tell_owner
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotAllowed
from kb.models import User, UserIdentity
from kb.user_names import check_email, check_groups, check_name
from kb.user_rows import actor_of_user, add_user, end_sessions, put_into_groups

# Names tried for somebody whose own is taken: li.na, li.na-2, … Nobody meets the end of it.
_MAX_TRIES: Final = 100
_RANK: Final = list(Role)
# Room for the number behind a name that is taken.
_MAX_PLAIN_CHARS: Final = 90
# What is left of a directory's name for something; ours may hold none of these.
_PIECES: Final = re.compile(r"[^\s:,/\\]+")


@dataclass(frozen=True, slots=True)
class Person:
    """What a directory says of somebody.

    Attributes:
        issuer: the directory.
        subject: its own number of the person, which it gives to nobody else.
        user_id: the sign-in name to give.
        groups: as the directory names them.
    """

    issuer: str
    subject: str
    user_id: str
    name: str
    email: str = ""
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What of it is believed.

    Attributes:
        source: name of the kind of directory, by which its memberships are told from others.
        role: of whoever is in none of the groups of ``roles``; ``none`` lets only those in.
        roles: role by name of a group of the directory; the highest counts.
        groups: our name of a group by the directory's; empty takes all groups under their own names.
        may_add: whether somebody unknown gets an account.
    """

    source: str
    role: Role = Role.READER
    roles: Mapping[str, Role] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    may_add: bool = True


class DirectoryUsers:
    """Use cases around people whom a directory vouches for."""

    def __init__(self, database: Database) -> None:
        """Keep who is who in ``database``."""
        self._database = database

    def admit(self, person: Person, rules: Rules) -> Actor:
        """The actor that a person of a directory is; added when it comes for the first time.

        Memberships of the directory are renewed each time. So is the role, where ``rules.roles`` name any: who
        falls out of such a group falls back.

        Raises:
            NotAllowed: it was deactivated here, is in no group that is let in, or may not be added.
            InvalidInput: the directory's number of the person is empty.
        """
        if not person.subject:
            raise InvalidInput(field="sub", reason=N_("the directory did not say who this is"))
        role = _role(person, rules)
        with self._database.write() as session:
            known = session.get(UserIdentity, (person.issuer, person.subject))
            user = session.get(User, known.user_id) if known is not None else None
            if user is None:
                user = self._added(session, person, rules, role)
            if not user.active or (rules.roles and role is Role.NONE):
                raise NotAllowed(action=N_("sign in"))
            put_into_groups(session, user.id, _groups(person, rules), rules.source)
            if rules.roles and user.role != role.value:
                user.role = role.value
                end_sessions(session, user.id)
                record_audit(session, SYSTEM, "set-role", "user", user.id, {"role": role.value})
            session.flush()
            return actor_of_user(session, user)

    def link(self, actor: Actor, person: Person) -> None:
        """Let an account that was made here be known by a directory too.

        Raises:
            NotAllowed: nobody has signed in, or only a token.
            Conflict: that person of the directory has another account already.
        """
        if not actor.id or actor.limit is not None:
            raise NotAllowed(action=N_("link an account without having signed in"))
        with self._database.write() as session:
            known = session.get(UserIdentity, (person.issuer, person.subject))
            if known is not None and known.user_id != actor.id:
                raise Conflict(what=N_("account"))
            if known is None:
                _linked(session, person, actor.id)
                tell_owner(session, actor.id, "sign-in-linked", person.issuer)
                record_audit(session, actor, "link", "user", actor.id)

    def is_known_as(self, actor: Actor, person: Person) -> bool:
        """Whether a person of a directory is the one that ``actor`` is."""
        with self._database.read() as session:
            known = session.get(UserIdentity, (person.issuer, person.subject))
            return known is not None and known.user_id == actor.id

    def linked(self, actor: Actor) -> list[str]:
        """The directories that know the actor's account."""
        with self._database.read() as session:
            query = select(UserIdentity.issuer).where(UserIdentity.user_id == actor.id)
            return sorted(session.scalars(query))

    def _added(self, session: Session, person: Person, rules: Rules, role: Role) -> User:
        if not rules.may_add or role is Role.NONE:
            raise NotAllowed(action=N_("sign in"))
        user_id = _free_name(session, person.user_id)
        user = add_user(session, SYSTEM, user_id, person.name, role, (), email=_email(person.email))
        _linked(session, person, user.id)
        return user


def _linked(session: Session, person: Person, user_id: str) -> None:
    session.add(UserIdentity(issuer=person.issuer, subject=person.subject, user_id=user_id))


def _role(person: Person, rules: Rules) -> Role:
    given = [role for group, role in rules.roles.items() if group in person.groups]
    return max([rules.role, *given], key=_RANK.index)


def _groups(person: Person, rules: Rules) -> frozenset[str]:
    if rules.groups:
        return frozenset(ours for theirs, ours in rules.groups.items() if theirs in person.groups)
    found: set[str] = set()
    for group in person.groups:
        # A directory's names may hold spaces; ours would tear an audience apart.
        try:
            found |= check_groups(["-".join(_PIECES.findall(group))])
        except InvalidInput:
            continue
    return frozenset(found)


def _free_name(session: Session, wanted: str) -> str:
    plain = ".".join(_PIECES.findall(wanted))[:_MAX_PLAIN_CHARS]
    base = check_name(plain or "user")
    for number in range(1, _MAX_TRIES):
        name = base if number == 1 else f"{base}-{number}"
        query = select(User.id).where(func.lower(User.id) == name.lower())
        if session.scalar(query) is None:
            return name
    raise Conflict(what=f"user {base}")


def _email(email: str) -> str:
    try:
        return check_email(email)
    except InvalidInput:
        return ""
