"""Who can sign in, as what, and how often somebody may guess."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kb.access import SYSTEM, Actor, Role
from kb.accounts import Accounts
from kb.database import Database
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound, TooManyRequests
from kb.models import User
from kb.sign_in_delays import PATIENCE, Patience, seconds_to_wait

# Full-width characters are on purpose: input methods write them.
# ruff: noqa: RUF001
PASSWORD = "管廊探测先行一步再动工，不返工"
READER = Actor("chen.wei", "Chen Wei", Role.READER)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    return Accounts(database, now=clock)


@pytest.fixture
def li_na(accounts: Accounts) -> Accounts:
    accounts.add("li.na", "李娜", PASSWORD, Role.CURATOR, frozenset({"pmo"}))
    accounts.add("boss", "Boss", "x", Role.ADMINISTRATOR, published=True)
    return accounts


def test_the_right_name_and_password_give_the_actor_with_its_groups(li_na: Accounts) -> None:
    actor = li_na.authenticate("li.na", PASSWORD)
    assert actor == Actor("li.na", "李娜", Role.CURATOR, frozenset({"pmo"}))
    # Typed by another input method: full-width letters and comma are the same characters.
    assert li_na.authenticate("ｌｉ．ｎａ", PASSWORD.replace("，", ","))


@pytest.mark.parametrize(
    ("user", "password"), [("li.na", "wrong password"), ("nobody", PASSWORD), ("", "")]
)
def test_a_wrong_name_or_password_gives_nobody(li_na: Accounts, user: str, password: str) -> None:
    assert li_na.authenticate(user, password) is None
    assert li_na.actor("nobody") is None


def test_a_name_is_given_once_whatever_its_capitals(li_na: Accounts) -> None:
    for name in ("li.na", "Li.Na", "ｌｉ．ｎａ"):
        with pytest.raises(Conflict):
            li_na.add(name, "Other", "x", Role.READER, published=True)


@pytest.mark.parametrize(
    "user", ["", "li na", "a:b", "a,b", "a/b", "..", "system", "x" * 101, "a\x07b"]
)
def test_a_name_that_cannot_be_used_is_refused_in_words(accounts: Accounts, user: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        accounts.add(user, "x", "x", Role.READER, published=True)


def test_no_password_is_readable_in_the_database_or_the_log(
    accounts: Accounts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        accounts.add("li.na", "李娜", "correct horse battery", Role.READER)
        accounts.authenticate("li.na", "correct horse battery")
        accounts.authenticate("correct horse battery", "wrong horse battery")
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("test.sqlite3*"))
    for secret in ("correct horse", "wrong horse"):
        assert secret.encode() not in stored
        assert secret not in caplog.text


def test_a_password_hashed_weaker_is_hashed_anew_when_it_is_used(
    li_na: Accounts, database: Database
) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash("old and kept password")
    with database.write() as session:
        session.get_one(User, "li.na").password_hash = weak
    assert li_na.authenticate("li.na", "old and kept password")
    with database.read() as session:
        assert session.get_one(User, "li.na").password_hash != weak
    assert li_na.authenticate("li.na", "old and kept password")


def test_guessing_has_to_wait_longer_and_longer_and_a_restart_forgives_nothing(
    li_na: Accounts, database: Database, clock: Clock
) -> None:
    free = PATIENCE["both"].free
    for _ in range(free):
        assert li_na.authenticate("li.na", "wrong", "198.51.100.7") is None
    restarted = Accounts(database, now=clock)
    waited = []
    for _ in range(3):
        with pytest.raises(TooManyRequests) as refused:
            restarted.authenticate("li.na", PASSWORD, "198.51.100.7")
        waited.append(refused.value.data["seconds"])
        clock.pass_(seconds=int(refused.value.data["seconds"]))
        assert restarted.authenticate("li.na", "wrong", "198.51.100.7") is None
    assert waited == [1, 2, 4]
    # The owner, somewhere else, comes in meanwhile, and is then known here too.
    assert restarted.authenticate("li.na", PASSWORD, "203.0.113.9")


def test_nobody_is_ever_locked_out(li_na: Accounts, clock: Clock) -> None:
    for guess in range(PATIENCE["name"].free + 40):
        clock.pass_(seconds=PATIENCE["name"].longest)
        li_na.failed("li.na", f"198.51.100.{guess}")
    with pytest.raises(TooManyRequests):
        li_na.authenticate("li.na", PASSWORD, "203.0.113.9")
    clock.pass_(seconds=PATIENCE["name"].longest)
    assert li_na.authenticate("li.na", PASSWORD, "203.0.113.9")


@pytest.mark.parametrize(
    ("failures", "since", "wait"),
    [
        (4, 0, 0),
        (5, 0, 1),
        (6, 0, 2),
        (6, 1.2, 1),
        (6, 2, 0),
        (14, 0, 512),
        (15, 0, 900),
        (500, 0, 900),
        (500, 899, 1),
        (500, 86_400, 0),
    ],
)
def test_the_wait_doubles_up_to_its_longest(failures: int, since: float, wait: int) -> None:
    assert seconds_to_wait(failures, timedelta(seconds=since), Patience(5, 900)) == wait


def test_a_name_that_is_unknown_costs_as_much_as_one_that_is_known(
    li_na: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []
    verify = li_na._hasher._hash.verify_and_update

    def counted(password: str, stored: str) -> tuple[bool, str | None]:
        looked.append(stored)
        return verify(password, stored)

    monkeypatch.setattr(li_na._hasher._hash, "verify_and_update", counted)
    for name in ("li.na", "nobody"):
        assert li_na.authenticate(name, "wrong") is None
    known, unknown = looked
    assert known.split("$")[2:4] == unknown.split("$")[2:4]


def test_a_deactivated_user_stays_and_cannot_come_in(li_na: Accounts) -> None:
    li_na.set_active(SYSTEM, "li.na", False)
    assert li_na.authenticate("li.na", PASSWORD) is None
    assert li_na.actor("li.na") is None
    assert [(one.id, one.active) for one in li_na.listed(SYSTEM)][-1] == ("li.na", False)
    li_na.set_active(SYSTEM, "li.na", True)
    assert li_na.authenticate("li.na", PASSWORD)


def test_the_last_administrator_can_neither_leave_nor_be_less(li_na: Accounts) -> None:
    with pytest.raises(NotAllowed):
        li_na.set_active(SYSTEM, "boss", False)
    with pytest.raises(NotAllowed):
        li_na.set_role(SYSTEM, "boss", Role.CURATOR)
    assert not li_na.nobody_yet()
    li_na.set_role(SYSTEM, "li.na", Role.ADMINISTRATOR)
    li_na.set_role(SYSTEM, "boss", Role.READER)
    found = li_na.actor("boss")
    assert found is not None
    assert found.role is Role.READER


def test_only_who_administers_users_changes_others(li_na: Accounts) -> None:
    li_na.add("chen.wei", "Chen Wei", "x", Role.READER, published=True)
    for refused in (
        lambda: li_na.set_role(READER, "chen.wei", Role.ADMINISTRATOR),
        lambda: li_na.set_groups(READER, "chen.wei", {"pmo"}),
        lambda: li_na.set_active(READER, "li.na", False),
        lambda: li_na.add_service(READER, "robot", "Robot", Role.READER),
        lambda: li_na.listed(READER),
    ):
        with pytest.raises(NotAllowed):
            refused()
    for hidden in (
        lambda: li_na.account(READER, "li.na"),
        lambda: li_na.account(READER, "nobody"),
        lambda: li_na.describe(READER, "li.na", "x", ""),
    ):
        with pytest.raises(NotFound):
            hidden()
    li_na.describe(READER, "chen.wei", "陈伟", "chen@example.com")
    assert li_na.account(READER, "chen.wei").name == "陈伟"


def test_a_service_signs_in_nowhere(accounts: Accounts) -> None:
    accounts.add_service(SYSTEM, "robot", "Robot", Role.CONTRIBUTOR)
    assert accounts.authenticate("robot", "") is None
    assert accounts.actor("robot") == Actor("robot", "Robot", Role.CONTRIBUTOR)
    assert accounts.nobody_yet()


def test_changing_the_password_asks_for_the_present_one(li_na: Accounts) -> None:
    actor = li_na.actor("li.na")
    assert actor is not None
    for old, new in (("wrong", "three new words here"), (PASSWORD, "short")):
        with pytest.raises(InvalidInput):
            li_na.change_password(actor, old, new)
    li_na.change_password(actor, PASSWORD, "three new words here")
    assert li_na.authenticate("li.na", "three new words here")
    assert li_na.authenticate("li.na", PASSWORD) is None
