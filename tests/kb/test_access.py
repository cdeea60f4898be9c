"""Who may see and do what."""

from __future__ import annotations

import pytest

from kb.access import FOR_EVERYONE, SYSTEM, Action, Actor, Audience, Role, anonymous
from kb.errors import InvalidInput, NotAllowed

LI = Actor("li.na", "李娜", Role.READER, frozenset({"pmo", "质量部"}))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("everyone", "everyone"),
        ("group:pmo, user:li.na", "group:pmo,user:li.na"),
        ("user:li.na,group:pmo", "group:pmo,user:li.na"),
        ("group:质量部", "group:质量部"),
        ("group:pmo, everyone", "everyone"),
    ],
)
def test_one_set_of_people_has_one_key_however_it_is_written(text: str, key: str) -> None:
    assert Audience.parse(text).key == key


@pytest.mark.parametrize("text", ["", " , ", "pmo", "group:", "user:a b", "所有人"])
def test_a_text_that_is_no_audience_is_refused_in_words(text: str) -> None:
    with pytest.raises(InvalidInput, match="audience cannot be used"):
        Audience.parse(text)


@pytest.mark.parametrize(
    ("audience", "actor", "admitted"),
    [
        ("everyone", anonymous(Role.READER), True),
        ("everyone", anonymous(Role.NONE), False),
        ("group:pmo", LI, True),
        ("group:质量部", LI, True),
        ("user:li.na", LI, True),
        ("user:li", LI, False),
        ("group:finance", LI, False),
        ("group:finance", SYSTEM, True),
        ("group:pmo", anonymous(Role.ADMINISTRATOR), False),
    ],
)
def test_an_audience_admits_exactly_those_it_names(
    audience: str, actor: Actor, admitted: bool
) -> None:
    assert Audience.parse(audience).admits(actor) is admitted


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        (Role.NONE, Action.READ, False),
        (Role.READER, Action.READ, True),
        (Role.READER, Action.IMPORT, False),
        (Role.CONTRIBUTOR, Action.IMPORT, True),
        (Role.CONTRIBUTOR, Action.CURATE, False),
        (Role.CURATOR, Action.CURATE, True),
        (Role.CURATOR, Action.ADMINISTER, False),
        (Role.ADMINISTRATOR, Action.ADMINISTER, True),
    ],
)
def test_a_role_allows_what_the_table_says(role: Role, action: Action, allowed: bool) -> None:
    if allowed:
        anonymous(role).must(action)
    else:
        with pytest.raises(NotAllowed):
            anonymous(role).must(action)


def test_everyone_is_one_audience() -> None:
    assert Audience.parse("everyone") == FOR_EVERYONE
