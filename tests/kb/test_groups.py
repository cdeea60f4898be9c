"""Groups: who is in them, and that audiences follow when they are renamed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kb.access import SYSTEM, Actor, Audience, Role
from kb.accounts import Accounts
from kb.database import Database
from kb.errors import Conflict, InvalidInput, NotAllowed, NotFound
from kb.groups import Groups
from kb.models import AudienceRow, audience_id_of, readable_audiences
from kb.user_rows import add_user


@pytest.fixture
def groups(database: Database) -> Groups:
    people: list[tuple[str, set[str]]] = [
        ("li.na", {"pmo"}),
        ("chen.wei", {"质量部"}),
        ("wu.di", set()),
    ]
    with database.write() as session:
        for name, inside in people:
            add_user(session, SYSTEM, name, name.upper(), Role.READER, inside)
    return Groups(database)


def member(database: Database, name: str) -> Actor:
    found = Accounts(database).actor(name)
    assert found is not None
    return found


def test_groups_are_those_that_members_audiences_or_curators_name(
    groups: Groups, database: Database
) -> None:
    with database.write() as session:
        audience_id_of(session, Audience.parse("group:board, user:li.na"))
    groups.add(SYSTEM, "安全组", "现场安全")
    found = {
        one.name: (one.title, len(one.members), one.audiences) for one in groups.listed(SYSTEM)
    }
    assert found == {
        "pmo": ("", 1, 0),
        "质量部": ("", 1, 0),
        "board": ("", 0, 1),
        "安全组": ("现场安全", 0, 0),
    }
    for name in ("", "a b", "a,b", "a:b", "a/b"):
        with pytest.raises(InvalidInput):
            groups.add(SYSTEM, name)
    with pytest.raises(Conflict):
        groups.add(SYSTEM, "pmo")


def test_a_renamed_group_reads_what_it_read(groups: Groups, database: Database) -> None:
    with database.write() as session:
        ids = [
            audience_id_of(session, Audience.parse(text))
            for text in ("group:pmo", "group:pmo, user:wu.di", "group:pmo-2")
        ]
    before = member(database, "li.na")
    assert groups.rename(SYSTEM, "pmo", "项目办", "Project office") == "项目办"
    after = member(database, "li.na")
    assert after.groups == {"项目办"}
    with database.read() as session:
        assert readable_audiences(session, after) == frozenset(ids[:2])
        assert readable_audiences(session, before) == frozenset()
        keys = set(session.scalars(select(AudienceRow.key)))
    assert {"group:项目办", "group:项目办,user:wu.di", "group:pmo-2"} <= keys
    with database.write() as session:  # the same set is found again under its new name
        assert audience_id_of(session, Audience.parse("user:wu.di,group:项目办")) == ids[1]


def test_a_group_does_not_take_over_what_another_reads(groups: Groups, database: Database) -> None:
    with database.write() as session:
        audience_id_of(session, Audience.parse("group:board"))
    for taken in ("board", "质量部"):
        with pytest.raises(Conflict):
            groups.rename(SYSTEM, "pmo", taken, "")
    with pytest.raises(NotAllowed):
        groups.remove(SYSTEM, "board")
    groups.remove(SYSTEM, "pmo")
    assert member(database, "li.na").groups == frozenset()
    with pytest.raises(NotFound):
        groups.group(SYSTEM, "pmo")


def test_members_are_those_who_were_chosen(groups: Groups, database: Database) -> None:
    groups.set_members(SYSTEM, "pmo", {"wu.di", "chen.wei"})
    assert [user for user, _, _ in groups.group(SYSTEM, "pmo").members] == ["chen.wei", "wu.di"]
    assert member(database, "chen.wei").groups == {"pmo", "质量部"}
    for who in ({"nobody"}, {"wu.di", "nobody"}):
        with pytest.raises(NotFound):
            groups.set_members(SYSTEM, "pmo", who)
    assert len(groups.group(SYSTEM, "pmo").members) == 2


def test_only_who_administers_users_handles_groups(groups: Groups, database: Database) -> None:
    li = member(database, "li.na")
    for act in (
        lambda: groups.listed(li),
        lambda: groups.add(li, "x"),
        lambda: groups.set_members(li, "pmo", {"wu.di"}),
        lambda: groups.rename(li, "pmo", "x", ""),
        lambda: groups.remove(li, "pmo"),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_one_may_name_ones_own_groups_as_an_audience_and_no_others(
    groups: Groups, database: Database
) -> None:
    found = groups.choices(member(database, "li.na"))
    assert found.groups == (("pmo", "pmo"),)
    assert [user for user, _ in found.people] == ["chen.wei", "li.na", "wu.di"]
    assert [name for name, _ in groups.choices(SYSTEM).groups] == ["pmo", "质量部"]
    assert groups.choices(Actor("", "", Role.CONTRIBUTOR)).people == ()
