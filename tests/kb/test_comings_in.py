"""What somebody shows instead of a password: a browser's session, a program's token, a link that works once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from kb.access import SYSTEM, Action, Actor, Role
from kb.accounts import Accounts
from kb.database import Database
from kb.errors import Conflict, InvalidInput, KnowledgeBaseError, NotAllowed, NotFound
from kb.invitations import Invitations
from kb.passwords import Hasher
from kb.sessions import Sessions
from kb.tokens import PREFIX, Tokens
from kb.user_rows import add_user

HOURS, DAYS = 24, 30
# Hashing takes a tenth of a second on purpose.
HASHED = Hasher().hash("x")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class World:
    """Accounts and everything one can come in with, on one clock."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.accounts = Accounts(database, now=self.clock)
        self.sessions = Sessions(database, HOURS, DAYS * 24, now=self.clock)
        self.tokens = Tokens(database, now=self.clock)
        self.invitations = Invitations(database, self.accounts.hashed, now=self.clock)
        for name, role in (
            ("li.na", Role.CURATOR),
            ("chen.wei", Role.READER),
            ("boss", Role.ADMINISTRATOR),
        ):
            with database.write() as session:
                add_user(session, SYSTEM, name, name, role, (), password_hash=HASHED)

    def actor(self, name: str) -> Actor:
        found = self.accounts.actor(name)
        assert found is not None
        return found

    def pass_(self, **time: float) -> None:
        self.clock.now += timedelta(**time)


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


# Sessions


def test_a_session_is_its_user_until_it_is_ended(world: World) -> None:
    secret = world.sessions.begin(world.actor("li.na"), way="password", agent="Firefox 测试")
    assert world.sessions.actor(secret) == world.actor("li.na")
    for other in ("", "x", secret[:-1], secret + "x", "𠮷"):
        assert world.sessions.actor(other) is None
    world.sessions.end(secret)
    assert world.sessions.actor(secret) is None


def test_a_session_ends_by_lying_idle_and_by_its_age(world: World) -> None:
    idle = world.sessions.begin(world.actor("li.na"), way="password")
    used = world.sessions.begin(world.actor("li.na"), way="password")
    for _ in range(DAYS):
        assert world.sessions.actor(used)
        world.pass_(hours=HOURS)
    assert world.sessions.actor(idle) is None
    world.pass_(seconds=1)
    assert world.sessions.actor(used) is None
    assert world.sessions.listed(SYSTEM, "li.na") == []


def test_signing_in_again_ends_the_session_the_browser_came_with(world: World) -> None:
    planted = world.sessions.begin(world.actor("chen.wei"), way="password")
    mine = world.sessions.begin(world.actor("li.na"), way="password", instead=planted)
    assert world.sessions.actor(planted) is None
    assert mine != planted
    assert world.sessions.actor(mine) == world.actor("li.na")


ENDINGS: list[Callable[[World], object]] = [
    lambda world: world.accounts.set_role(SYSTEM, "li.na", Role.READER),
    lambda world: world.accounts.set_active(SYSTEM, "li.na", False),
    lambda world: world.sessions.end_all(world.actor("li.na"), "li.na"),
    lambda world: world.sessions.end_all(world.actor("boss"), "li.na"),
    lambda world: world.invitations.renew(
        world.invitations.reset(SYSTEM, "li.na"), "three new words here"
    ),
]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_browser_is_signed_out(world: World, ending: Callable[[World], object]) -> None:
    secrets = [world.sessions.begin(world.actor("li.na"), way="password") for _ in range(2)]
    other = world.sessions.begin(world.actor("chen.wei"), way="password")
    ending(world)
    assert [world.sessions.actor(secret) for secret in secrets] == [None, None]
    assert world.sessions.actor(other)


def test_a_new_password_leaves_only_this_browser_signed_in(world: World) -> None:
    here, there = (world.sessions.begin(world.actor("li.na"), way="password") for _ in range(2))
    world.accounts.change_password(world.actor("li.na"), "x", "three new words here", keep=here)
    assert world.sessions.actor(here)
    assert world.sessions.actor(there) is None


def test_sessions_of_others_are_nobodys_business(world: World) -> None:
    secret = world.sessions.begin(world.actor("li.na"), way="password", address="198.51.100.7")
    (view,) = world.sessions.listed(world.actor("li.na"), "li.na", secret)
    assert (view.current, view.address, view.way) == (True, "198.51.100.7", "password")
    chen = world.actor("chen.wei")
    for act in (
        lambda: world.sessions.listed(chen, "li.na"),
        lambda: world.sessions.end_all(chen, "li.na"),
        lambda: world.sessions.end_one(chen, "chen.wei", view.id),
        lambda: world.sessions.end_one(chen, "li.na", view.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert world.sessions.actor(secret)
    world.sessions.end_one(world.actor("li.na"), "li.na", view.id)
    assert world.sessions.actor(secret) is None


# Tokens


def test_a_token_may_what_its_owner_may_and_its_scopes_name(world: World) -> None:
    chen = world.actor("chen.wei")
    secret = world.tokens.make(chen, "chen.wei", "reads", {"read", "import"}, 30)
    assert secret.startswith(PREFIX)
    actor = world.tokens.actor(secret)
    assert actor is not None
    assert (actor.id, actor.role) == ("chen.wei", Role.READER)
    assert actor.actions == {Action.READ, Action.EXPORT}
    assert actor.principals == chen.principals
    writes = world.tokens.actor(world.tokens.make(chen, "chen.wei", "writes", {"write"}, 30))
    assert writes is not None
    assert writes.principals == frozenset()


def test_a_token_ends_by_its_date_by_being_revoked_and_with_its_owner(world: World) -> None:
    li = world.actor("li.na")
    first, second, third = (world.tokens.make(li, "li.na", "t", {"read"}, 30) for _ in range(3))
    world.tokens.revoke(li, world.tokens.listed(li, "li.na")[-1].id)
    assert world.tokens.actor(first) is None
    assert world.tokens.actor(second)
    world.accounts.set_active(SYSTEM, "li.na", False)
    assert world.tokens.actor(second) is None
    world.accounts.set_active(SYSTEM, "li.na", True)
    world.pass_(days=30)
    assert world.tokens.actor(third) is None
    states = [one.state for one in world.tokens.listed(SYSTEM, "li.na")]
    assert states == ["expired", "expired", "revoked"]


def test_a_token_is_stored_as_a_hash_and_its_use_is_known(world: World, tmp_path: Path) -> None:
    li = world.actor("li.na")
    secret = world.tokens.make(li, "li.na", "t", {"read"}, 30)
    session = world.sessions.begin(li, way="password")
    link = world.invitations.invite(SYSTEM, Role.READER)
    (view,) = world.tokens.listed(li, "li.na")
    assert secret.startswith(view.prefix)
    assert view.used_at is None
    assert world.tokens.actor(secret)
    assert world.tokens.listed(li, "li.na")[0].used_at == world.clock.now
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.sqlite3*"))
    for text in (secret, session, link):
        assert text.encode() not in stored


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", {"read"}, 1),
        ("x", set(), 1),
        ("x", {"all"}, 1),
        ("x", {"read"}, 0),
        ("x", {"read"}, 400),
    ],
)
def test_a_token_that_means_nothing_is_not_made(
    world: World, name: str, scopes: set[str], days: int
) -> None:
    with pytest.raises(InvalidInput):
        world.tokens.make(world.actor("li.na"), "li.na", name, scopes, days)


def test_a_token_makes_no_tokens_and_changes_no_account(world: World) -> None:
    boss = replace(world.actor("boss"), limit=frozenset(Action))
    for act in (
        lambda: world.tokens.make(boss, "boss", "more", {"read"}, 1),
        lambda: world.tokens.listed(boss, "boss"),
        lambda: world.accounts.describe(boss, "boss", "x", ""),
        lambda: world.accounts.change_password(boss, "x", "three new words here"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_tokens_of_others_are_nobodys_business(world: World) -> None:
    world.tokens.make(SYSTEM, "li.na", "t", {"read"}, 30)
    (view,) = world.tokens.listed(SYSTEM, "li.na")
    chen = world.actor("chen.wei")
    for act in (
        lambda: world.tokens.make(chen, "li.na", "t", {"read"}, 30),
        lambda: world.tokens.listed(chen, "li.na"),
        lambda: world.tokens.revoke(chen, view.id),
        lambda: world.tokens.revoke(chen, 999),
    ):
        with pytest.raises(NotFound):
            act()


# Links


def test_an_invitation_makes_one_account_with_its_role_and_groups(world: World) -> None:
    secret = world.invitations.invite(SYSTEM, Role.CONTRIBUTOR, {"pmo"}, email="wu@example.com")
    assert world.invitations.look(secret).role == "contributor"
    with pytest.raises(InvalidInput):
        world.invitations.accept(secret, "wu.di", "吴迪", "short")
    with pytest.raises(Conflict):
        world.invitations.accept(secret, "li.na", "吴迪", "three new words here")
    actor = world.invitations.accept(secret, "wu.di", "吴迪", "three new words here")
    assert actor == Actor("wu.di", "吴迪", Role.CONTRIBUTOR, frozenset({"pmo"}))
    assert world.accounts.authenticate("wu.di", "three new words here") == actor
    assert world.accounts.account(SYSTEM, "wu.di").email == "wu@example.com"
    with pytest.raises(NotFound):
        world.invitations.accept(secret, "wu.er", "吴二", "three new words here")
    assert world.accounts.actor("wu.er") is None


def test_a_link_works_for_one_of_two_who_use_it_at_once(world: World) -> None:
    secret = world.invitations.invite(SYSTEM, Role.READER)
    refused: list[KnowledgeBaseError] = []

    def use(name: str) -> None:
        try:
            world.invitations.accept(secret, name, name, "three new words here")
        except KnowledgeBaseError as error:
            refused.append(error)

    threads = [Thread(target=use, args=(f"user-{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2
    assert len(world.accounts.all()) == 4


def test_links_end_by_time_by_being_withdrawn_and_by_a_newer_one(world: World) -> None:
    late = world.invitations.invite(SYSTEM, Role.READER, days=3)
    withdrawn = world.invitations.invite(SYSTEM, Role.READER, days=3)
    world.invitations.withdraw(SYSTEM, world.invitations.open_links(SYSTEM)[0].id)
    old = world.invitations.reset(SYSTEM, "li.na")
    new = world.invitations.reset(SYSTEM, "li.na")
    for dead in (withdrawn, old, "nothing", ""):
        with pytest.raises(NotFound):
            world.invitations.look(dead)
    with pytest.raises(NotFound):  # a link for one thing is none for another
        world.invitations.accept(new, "x.y", "x", "three new words here")
    with pytest.raises(NotFound):
        world.invitations.renew(late, "three new words here")
    assert world.invitations.renew(new, "three new words here").id == "li.na"
    world.pass_(days=3)
    with pytest.raises(NotFound):
        world.invitations.accept(late, "x.y", "x", "three new words here")
    assert world.invitations.open_links(SYSTEM) == []


def test_only_who_administers_users_makes_links(world: World) -> None:
    li = world.actor("li.na")
    for act in (
        lambda: world.invitations.invite(li, Role.ADMINISTRATOR),
        lambda: world.invitations.reset(li, "boss"),
        lambda: world.invitations.open_links(li),
        lambda: world.invitations.withdraw(li, 1),
    ):
        with pytest.raises(NotAllowed):
            act()
    for nobody in ("nobody", "robot"):
        with pytest.raises(NotFound):
            world.invitations.reset(SYSTEM, nobody)


def test_the_first_link_makes_one_administrator_and_no_second(database: Database) -> None:
    clock = Clock()
    accounts = Accounts(database, now=clock)
    invitations = Invitations(database, accounts.hashed, now=clock)
    old, new = invitations.first(), invitations.first()
    assert old
    assert new
    with pytest.raises(NotFound):
        invitations.look(old)
    clock.now += timedelta(days=1)
    with pytest.raises(NotFound):
        invitations.accept(new, "boss", "Boss", "three new words here")
    again = invitations.first()
    assert again
    assert (
        invitations.accept(again, "boss", "Boss", "three new words here").role is Role.ADMINISTRATOR
    )
    assert invitations.first() is None
