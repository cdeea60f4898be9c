"""People whom a directory vouches for: known by its number, in its groups, with the role its groups give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kb.access import SYSTEM, Role
from kb.accounts import Accounts
from kb.database import Database
from kb.directory_users import DirectoryUsers, Person, Rules
from kb.errors import Conflict, InvalidInput, NotAllowed

LI = Person(
    "https://id.example", "42", "li.na", "李娜", "li@example.com", frozenset({"PMO", "质量 部"})
)
OPEN = Rules("oidc")


@pytest.fixture
def directory(database: Database) -> DirectoryUsers:
    return DirectoryUsers(database)


def test_somebody_new_gets_an_account_and_is_known_again_by_number(
    directory: DirectoryUsers, database: Database
) -> None:
    first = directory.admit(LI, OPEN)
    assert (first.id, first.role) == ("li.na", Role.READER)
    assert first.groups == {"PMO", "质量-部"}
    renamed = replace(LI, user_id="li.na.wang", name="王李娜", email="new@example.com")
    assert directory.admit(renamed, OPEN).id == "li.na"
    assert len(Accounts(database).all()) == 1


def test_a_name_or_address_that_is_equal_opens_nobodys_account(
    directory: DirectoryUsers, database: Database
) -> None:
    accounts = Accounts(database)
    accounts.add("li.na", "Li", "x", Role.ADMINISTRATOR, email="li@example.com", published=True)
    other = directory.admit(LI, OPEN)
    assert (other.id, other.role) == ("li.na-2", Role.READER)
    assert directory.admit(replace(LI, issuer="https://other.example"), OPEN).id == "li.na-3"


def test_groups_follow_the_directory_and_those_given_here_stay(
    directory: DirectoryUsers, database: Database
) -> None:
    accounts = Accounts(database)
    directory.admit(LI, OPEN)
    accounts.set_groups(SYSTEM, "li.na", {"board"})
    assert directory.admit(LI, OPEN).groups == {"PMO", "质量-部", "board"}
    left = replace(LI, groups=frozenset({"PMO"}))
    assert directory.admit(left, OPEN).groups == {"PMO", "board"}
    chosen = replace(OPEN, groups={"PMO": "office"})
    assert directory.admit(LI, chosen).groups == {"office", "board"}


def test_roles_follow_the_directory_where_the_settings_name_some(
    directory: DirectoryUsers, database: Database
) -> None:
    rules = replace(OPEN, roles={"PMO": Role.CURATOR, "IT": Role.ADMINISTRATOR})
    assert directory.admit(LI, rules).role is Role.CURATOR
    assert (
        directory.admit(replace(LI, groups=frozenset({"PMO", "IT"})), rules).role
        is Role.ADMINISTRATOR
    )
    assert directory.admit(replace(LI, groups=frozenset()), rules).role is Role.READER
    # Without any, roles are given here and stay.
    Accounts(database).set_role(SYSTEM, "li.na", Role.CONTRIBUTOR)
    assert directory.admit(LI, OPEN).role is Role.CONTRIBUTOR


def test_who_is_not_let_in_stays_outside(directory: DirectoryUsers, database: Database) -> None:
    accounts = Accounts(database)
    closed = replace(OPEN, role=Role.NONE, roles={"PMO": Role.READER})
    stranger = replace(LI, subject="43", groups=frozenset({"canteen"}))
    for person, rules in (
        (stranger, closed),
        (replace(LI, subject="44"), replace(OPEN, may_add=False)),
    ):
        with pytest.raises(NotAllowed):
            directory.admit(person, rules)
    with pytest.raises(InvalidInput):
        directory.admit(replace(LI, subject=""), OPEN)
    assert accounts.all() == []
    directory.admit(LI, closed)
    accounts.set_active(SYSTEM, "li.na", False)
    with pytest.raises(NotAllowed):
        directory.admit(LI, closed)
    accounts.set_active(SYSTEM, "li.na", True)
    with pytest.raises(NotAllowed):  # out of the group that was let in
        directory.admit(replace(LI, groups=frozenset()), closed)


def test_an_account_made_here_is_linked_by_its_owner_only(
    directory: DirectoryUsers, database: Database
) -> None:
    accounts = Accounts(database)
    for name in ("li.na", "chen.wei"):
        accounts.add(name, name, "x", Role.CURATOR, published=True)
    li, chen = accounts.actor("li.na"), accounts.actor("chen.wei")
    assert li is not None
    assert chen is not None
    directory.link(li, LI)
    directory.link(li, LI)
    with pytest.raises(Conflict):
        directory.link(chen, LI)
    assert directory.linked(li) == [LI.issuer]
    assert directory.admit(LI, OPEN).id == "li.na"
    assert len(accounts.all()) == 2
