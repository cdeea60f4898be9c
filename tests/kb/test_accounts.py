"""Signing in."""

from __future__ import annotations

import pytest

from kb.access import Role
from kb.accounts import Accounts
from kb.database import Database
from kb.errors import Conflict, InvalidInput


def test_the_right_name_and_password_give_the_actor_with_its_groups(database: Database) -> None:
    accounts = Accounts(database)
    accounts.add("li.na", "李娜", "管廊探测先行一步再动工", Role.CURATOR, frozenset({"pmo"}))
    actor = accounts.authenticate("li.na", "管廊探测先行一步再动工")
    assert actor is not None
    assert (actor.id, actor.name, actor.role, actor.groups) == (
        "li.na",
        "李娜",
        Role.CURATOR,
        frozenset({"pmo"}),
    )


@pytest.mark.parametrize(
    ("user", "password"), [("li.na", "wrong password"), ("nobody", "correct horse")]
)
def test_a_wrong_name_or_password_gives_nobody(
    database: Database, user: str, password: str
) -> None:
    accounts = Accounts(database)
    accounts.add("li.na", "李娜", "correct horse", Role.READER)
    assert accounts.authenticate(user, password) is None
    assert accounts.actor("nobody") is None


def test_a_name_is_given_once(database: Database) -> None:
    accounts = Accounts(database)
    accounts.add("li.na", "李娜", "correct horse", Role.READER)
    with pytest.raises(Conflict):
        accounts.add("li.na", "Other", "correct horse", Role.READER)


@pytest.mark.parametrize(
    ("user", "password"),
    [("", "correct horse"), ("li na", "correct horse"), ("a:b", "correct horse"), ("li.na", "短")],
)
def test_a_name_or_password_that_cannot_be_used_is_refused_in_words(
    database: Database, user: str, password: str
) -> None:
    with pytest.raises(InvalidInput, match="cannot be used"):
        Accounts(database).add(user, "x", password, Role.READER)


def test_no_password_is_readable_in_the_database(database: Database) -> None:
    accounts = Accounts(database)
    accounts.add("li.na", "李娜", "correct horse", Role.READER)
    assert [user.password_hash.startswith("$argon2id$") for user in accounts.all()] == [True]
