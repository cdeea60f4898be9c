"""Groups: names that audiences use for several people at once. Things hold the name of a group, never its members."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from kb.access import Action, Actor, renamed
from kb.auditing import record_audit
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound
from kb.models import (
    AccountLink,
    AudiencePair,
    AudiencePrincipal,
    Group,
    ImportJob,
    User,
    UserGroup,
    rename_principal,
)
from kb.models.accounts import LOCAL
from kb.user_names import check_groups

MAX_TITLE_CHARS: Final = 200
IN_USE: Final = N_("take away a group that audiences name")


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group.

    Attributes:
        name: as audiences name it, without ``group:``.
        title: what it is, in words; may be empty.
        members: sign-in name, name, and whether the membership is kept here (not renewed by a directory).
        audiences: how many distinct audiences name it.
    """

    name: str
    title: str
    members: tuple[tuple[str, str, bool], ...]
    audiences: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What an audience can be made of: sign-in name or group name, each with the text people read."""

    groups: tuple[tuple[str, str], ...]
    people: tuple[tuple[str, str], ...]


class Groups:
    """Use cases around groups."""

    def __init__(self, database: Database) -> None:
        """Keep groups in ``database``."""
        self._database = database

    def listed(self, actor: Actor) -> list[GroupView]:
        """Every group with its members, by name.

        Raises:
            NotAllowed: the actor may not administer users.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.read() as session:
            return _views(session)

    def group(self, actor: Actor, name: str) -> GroupView:
        """One group.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such group.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.read() as session:
            return _one(session, name)

    def choices(self, actor: Actor) -> Choices:
        """Groups and people whom ``actor`` may name as an audience.

        Whoever administers or curates may name all; others their own groups and everybody who can sign in.
        """
        if not actor.id and not actor.sees_all:
            return Choices((), ())
        with self._database.read() as session:
            groups = [
                (view.name, view.title or view.name)
                for view in _views(session)
                if Action.CURATE in actor.actions or view.name in actor.groups
            ]
            people = session.execute(
                select(User.id, User.name).where(User.active).order_by(User.name, User.id)
            )
            return Choices(tuple(groups), tuple((user, name) for user, name in people))

    def add(self, actor: Actor, name: str, title: str = "") -> str:
        """Add a group without members and return its name.

        Raises:
            NotAllowed: the actor may not administer users.
            InvalidInput: the name or the title cannot be used.
            Conflict: there is a group of that name.
        """
        actor.must(Action.ADMINISTER_USERS)
        checked = _checked(name)
        with self._database.write() as session:
            if _known(session, checked):
                raise Conflict(what=f"group {checked}")
            session.add(Group(name=checked, title=_title(title)))
            record_audit(session, actor, "add", "group", checked)
        return checked

    def set_members(self, actor: Actor, name: str, users: Collection[str]) -> None:
        """Let these users be in the group and nobody else, except those whom a directory put there.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such group or user.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.write() as session:
            _one(session, name)
            wanted = set(users)
            found = set(session.scalars(select(User.id).where(User.id.in_(sorted(wanted)))))
            missing = sorted(wanted - found)
            if missing:
                raise NotFound(what="user", id=missing[0])
            local = (UserGroup.group == name, UserGroup.source == LOCAL)
            session.execute(delete(UserGroup).where(*local))
            there = set(session.scalars(select(UserGroup.user_id).where(UserGroup.group == name)))
            session.add_all(UserGroup(user_id=user, group=name) for user in sorted(wanted - there))
            _remembered(session, name)
            record_audit(session, actor, "set-members", "group", name, {"members": len(wanted)})

    def rename(self, actor: Actor, name: str, new: str, title: str) -> str:
        """Give a group another name and title and return the name; whatever it might read it may read as before.

        Audiences keep their numbers, so neither things nor the index are touched.

        Raises:
            NotAllowed: the actor may not administer users.
            NotFound: there is no such group.
            InvalidInput: the name or the title cannot be used.
            Conflict: there is, or audiences still name, a group of the new name.
        """
        actor.must(Action.ADMINISTER_USERS)
        checked = _checked(new)
        with self._database.write() as session:
            _one(session, name)
            if checked != name:
                if _known(session, checked) or _audiences(session, checked):
                    raise Conflict(what=f"group {checked}")
                _renamed(session, name, checked)
            _remembered(session, checked).title = _title(title)
            record_audit(session, actor, "rename", "group", checked, {"before": name})
        return checked

    def remove(self, actor: Actor, name: str) -> None:
        """Take a group away that no audience names.

        Raises:
            NotAllowed: the actor may not, or an audience names it, so that a later group of that name would read it.
            NotFound: there is no such group.
        """
        actor.must(Action.ADMINISTER_USERS)
        with self._database.write() as session:
            if _one(session, name).audiences:
                raise NotAllowed(action=IN_USE)
            session.execute(delete(UserGroup).where(UserGroup.group == name))
            session.execute(delete(Group).where(Group.name == name))
            record_audit(session, actor, "remove", "group", name)


def _checked(name: str) -> str:
    (checked,) = check_groups([name])
    return checked


def _title(title: str) -> str:
    text = title.strip()
    if len(text) > MAX_TITLE_CHARS:
        raise InvalidInput(field="title", reason=N_("it is too long"))
    return text


def _known(session: Session, name: str) -> bool:
    named = select(UserGroup.group).where(UserGroup.group == name).limit(1)
    return session.get(Group, name) is not None or session.scalar(named) is not None


def _remembered(session: Session, name: str) -> Group:
    """The row of a group, added where the group was only known by its members."""
    row = session.get(Group, name)
    if row is None:
        row = Group(name=name)
        session.add(row)
    return row


def _audiences(session: Session, name: str) -> int:
    return _named(session).get(name, 0)


def _named(session: Session) -> dict[str, int]:
    """How many audiences name each group; one that nothing names is not in it."""
    found: dict[str, int] = {}
    for column in (AudiencePrincipal.principal, AudiencePair.first, AudiencePair.second):
        asked = select(column, func.count()).where(column.startswith("group:")).group_by(column)
        for principal, count in session.execute(asked):
            name = principal.removeprefix("group:")
            found[name] = found.get(name, 0) + count
    return found


def _one(session: Session, name: str) -> GroupView:
    found = next((view for view in _views(session) if view.name == name), None)
    if found is None:
        raise NotFound(what="group", id=name)
    return found


def _views(session: Session) -> list[GroupView]:
    titles = {row.name: row.title for row in session.scalars(select(Group))}
    members: dict[str, list[tuple[str, str, bool]]] = {name: [] for name in titles}
    for group, user, shown, source in session.execute(
        select(UserGroup.group, User.id, User.name, UserGroup.source)
        .join(User, User.id == UserGroup.user_id)
        .order_by(User.id)
    ):
        members.setdefault(group, []).append((user, shown, source == LOCAL))
    named = _named(session)
    # One that only audiences name is a group too: somebody has to be able to put people into it.
    return [
        GroupView(name, titles.get(name, ""), tuple(members.get(name, ())), named.get(name, 0))
        for name in sorted({*members, *named})
    ]


def _renamed(session: Session, name: str, new: str) -> None:
    """Write the new name wherever the old one stands."""
    before, after = f"group:{name}", f"group:{new}"
    row = session.get(Group, name)
    if row is not None:
        session.add(Group(name=new, title=row.title, created_at=row.created_at))
        session.delete(row)
    session.execute(update(UserGroup).where(UserGroup.group == name).values(group=new))
    rename_principal(session, before, after)
    for job in session.scalars(select(ImportJob).where(ImportJob.audience.contains(before))):
        job.audience = renamed(job.audience, before, after)
    for link in session.scalars(select(AccountLink).where(AccountLink.used_at.is_(None))):
        names = [new if group == name else group for group in link.groups.split(",")]
        link.groups = ",".join(names)
    session.flush()
