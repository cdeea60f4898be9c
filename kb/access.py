"""Who may do and see what: the one place where permission is decided.

An :class:`Actor` is whoever asks. It carries *principals*: names of the sets it belongs to (``everyone``,
``user:li.na``, ``group:pmo``). An :class:`Audience` is whoever may see a thing, written with the same names. An actor
may read a thing when the two share a name. Audiences hold groups, never their members, so a change of membership
touches no thing.

What a role may do stands in :data:`ROLE_ACTIONS`, what a token may do of that in :data:`SCOPE_ACTIONS`. Code asks for
:attr:`Actor.actions` or calls :meth:`Actor.must`, never for the role.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kb.errors import InvalidInput, NotAllowed

EVERYONE: Final = "everyone"
# In place of principals: whoever may see the project and folder of the thing, see kb.audience_following.
PROJECT: Final = "project"
_NAME: Final = r"(?:user|group):[^\s,:]{1,100}"
# Two names with this between them mean whoever belongs to both: only made by Audience.within, never typed.
_AND: Final = "&"
_PRINCIPAL: Final = re.compile(rf"everyone|{_NAME}|{_NAME}{_AND}{_NAME}")
_PAIR: Final = re.compile(rf"({_NAME}){_AND}({_NAME})")
_MOST_JOINED: Final = 2
_NOBODY: Final = f"group:-{_AND}user:-"
# An audience's key is a column of 4,000 characters; what does not fit is left out, which admits fewer people.
_MOST_KEY_CHARS: Final = 3900


class Role(StrEnum):
    """What kind of user somebody is; each role may do what the one before it may."""

    NONE = "none"
    READER = "reader"
    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    ADMINISTRATOR = "administrator"


class Action(StrEnum):
    """Something an actor may be allowed to do."""

    READ = "read"
    COMMENT = "comment"
    ASK = "ask questions"
    LEARN = "take courses"
    IMPORT = "import"
    CONTRIBUTE = "contribute"
    CURATE = "curate"
    REVIEW = "review and publish"
    CURATE_GLOSSARY = "curate the glossary"
    CURATE_PEOPLE = "curate people and projects"
    AUTHOR_COURSES = "author courses"
    SEE_REPORTS = "see reports"
    EXPORT = "export"
    ADMINISTER = "administer"
    ADMINISTER_USERS = "administer users"
    SEE_AUDIT = "see the audit log"
    BACK_UP = "back up and restore"


_READER: Final = frozenset({Action.READ, Action.COMMENT, Action.ASK, Action.LEARN, Action.EXPORT})
_CONTRIBUTOR: Final = _READER | {Action.IMPORT, Action.CONTRIBUTE}
_CURATOR: Final = _CONTRIBUTOR | {
    Action.CURATE,
    Action.REVIEW,
    Action.CURATE_GLOSSARY,
    Action.CURATE_PEOPLE,
    Action.AUTHOR_COURSES,
    Action.SEE_REPORTS,
}
# The one table of what a role may do; each role may do what the one before it may.
ROLE_ACTIONS: Final[dict[Role, frozenset[Action]]] = {
    Role.NONE: frozenset(),
    Role.READER: _READER,
    Role.CONTRIBUTOR: _CONTRIBUTOR,
    Role.CURATOR: _CURATOR,
    Role.ADMINISTRATOR: frozenset(Action),
}
# What a token may be allowed, and what that covers: never more than its owner's role does.
SCOPE_ACTIONS: Final[dict[str, frozenset[Action]]] = {
    "read": frozenset({Action.READ, Action.EXPORT}),
    "write": frozenset({Action.COMMENT, Action.ASK, Action.LEARN, Action.CONTRIBUTE}),
    "import": frozenset({Action.IMPORT}),
    "curate": _CURATOR - _CONTRIBUTOR,
    "administer": frozenset(Action) - _CURATOR,
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks.

    Attributes:
        id: the user's name; empty for somebody who has not signed in.
        name: how the actor is shown to people.
        role: decides what the actor may do.
        groups: names of the groups the actor belongs to.
        sees_all: True only for the system itself (indexing, checks), which reads for nobody in particular.
        limit: what a token that speaks for the actor was made for; None means no narrower than the role.
    """

    id: str
    name: str
    role: Role
    groups: frozenset[str] = frozenset()
    sees_all: bool = False
    limit: frozenset[Action] | None = None

    @property
    def actions(self) -> frozenset[Action]:
        """Whatever this actor may do."""
        allowed = ROLE_ACTIONS[self.role]
        return allowed if self.limit is None else allowed & self.limit

    @property
    def principals(self) -> frozenset[str]:
        """Names of all sets this actor belongs to; empty when it may not read at all."""
        if Action.READ not in self.actions:
            return frozenset()
        own = {f"user:{self.id}"} if self.id else set()
        return frozenset({EVERYONE, *own, *(f"group:{group}" for group in self.groups)})

    def must(self, action: Action) -> None:
        """Return when this actor may do ``action``.

        Raises:
            NotAllowed: it does not.
        """
        if action not in self.actions:
            raise NotAllowed(action=action.value)


SYSTEM: Final = Actor(id="system", name="Qianjian", role=Role.ADMINISTRATOR, sees_all=True)


def anonymous(role: Role) -> Actor:
    """An actor who has not signed in, allowed what ``role`` is."""
    return Actor(id="", name="", role=role)


@dataclass(frozen=True, slots=True)
class Audience:
    """Whoever may see a thing: everyone, groups, people."""

    principals: frozenset[str]

    @classmethod
    def parse(cls, text: str, *, follows: bool = False) -> Audience:
        """Read ``everyone`` or a list such as ``group:pmo, user:li.na``.

        Where ``follows``, also ``project``: whoever may see the thing's project.

        Raises:
            InvalidInput: a name is none of ``everyone``, ``group:…``, ``user:…``, or the list is empty.
        """
        names = [name.strip() for name in text.split(",") if name.strip()]
        if follows and names == [PROJECT]:
            return AS_PROJECT
        wrong = [name for name in names if not _PRINCIPAL.fullmatch(name)]
        if wrong or not names:
            raise InvalidInput(
                field="audience",
                reason=f"“{wrong[0] if wrong else text}” is none of everyone, group:NAME, user:NAME",
            )
        return cls(frozenset(names))

    @property
    def key(self) -> str:
        """One text for one set, whatever the order it was written in."""
        return EVERYONE if EVERYONE in self.principals else ",".join(sorted(self.principals))

    def admits(self, actor: Actor) -> bool:
        """True when ``actor`` may see what has this audience."""
        own = actor.principals
        return actor.sees_all or any(own.issuperset(both_of(name)) for name in self.principals)

    def covers(self, other: Audience) -> bool:
        """True when everybody whom ``other`` admits is surely admitted by this one too."""
        if EVERYONE in self.principals:
            return True
        return bool(other.principals) and all(
            name in self.principals or not self.principals.isdisjoint(both_of(name))
            for name in other.principals
        )

    def within(self, other: Audience) -> Audience:
        """Whoever both admit: a name that both hold, or somebody who belongs to one of each."""
        if self.covers(other):
            return other
        if other.covers(self):
            return self
        met = {_met(one, two) for one in self.principals for two in other.principals} - {""}
        # Whoever is named alone need not be named with others.
        kept = sorted(
            name for name in met if len(both_of(name)) == 1 or met.isdisjoint(both_of(name))
        )
        while len(",".join(kept)) > _MOST_KEY_CHARS:
            kept.pop()
        return Audience(frozenset(kept or {_NOBODY}))


def both_of(principal: str) -> tuple[str, ...]:
    """The names to which all belong whom ``principal`` means: one, or two where :meth:`Audience.within` joined them."""
    pair = _PAIR.fullmatch(principal)
    return (pair[1], pair[2]) if pair else (principal,)


def renamed(key: str, before: str, after: str) -> str:
    """The key of an audience with the name ``after`` in the place of ``before``."""
    principals = {
        _AND.join(sorted(after if name == before else name for name in both_of(principal)))
        for principal in key.split(",")
    }
    return Audience(frozenset(principals)).key


def _met(one: str, two: str) -> str:
    """Whoever belongs to what both principals mean; empty where that would take more than two names."""
    names = sorted({*both_of(one), *both_of(two)})
    return _AND.join(names) if len(names) <= _MOST_JOINED else ""


FOR_EVERYONE: Final = Audience(frozenset({EVERYONE}))
AS_PROJECT: Final = Audience(frozenset({PROJECT}))
