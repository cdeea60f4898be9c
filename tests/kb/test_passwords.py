"""Passwords: length counts, kinds of characters do not, and what everybody uses is none."""

from __future__ import annotations

import pytest

from kb.errors import InvalidInput
from kb.passwords import MOST_CHARS, SINGLE_FACTOR_CHARS, check

# Full-width characters are on purpose: input methods write them.
# ruff: noqa: RUF001
KNOWN = ("li.na", "李娜", "li.na@example.com")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "all lower case is fine",
        "先把旧管线探明再开挖基坑不迟的",
        "𠮷野家🚀 的 新 口 味 很 特 别 啊",
        "839217465028374",
        "        spaces only in front",
        "li.na rides to work on a bicycle",
        "password managers make long ones",
    ],
)
def test_whatever_is_long_enough_can_be_used(password: str) -> None:
    assert check(password, SINGLE_FACTOR_CHARS, KNOWN)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("fourteen chars", "too short"),
        ("短", "too short"),
        ("x" * (MOST_CHARS + 1), "too long"),
        ("passwordpassword", "many people use"),
        ("Password123456789", "many people use"),
        ("qwertyuiopasdfghjkl", "many people use"),
        ("aaaaaaaaaaaaaaaaaaaa", "many people use"),
        ("xyxyxyxyxyxyxyxyxyxy", "many people use"),
        ("123456789012345678", "many people use"),
        ("abcdefghijklmnopqrst", "many people use"),
        ("我爱你我爱你我爱你我爱你我爱你", "many people use"),
        ("密码密码密码密码密码密码密码密码", "many people use"),
        ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", "many people use"),
        ("Qianjian前鉴Qianjian", "many people use"),
        ("li.na li.na li.na li.na", "many people use"),
        ("li.na@example.com", "many people use"),
        ("李娜李娜李娜李娜李娜李娜李娜李娜", "many people use"),
    ],
)
def test_what_is_short_or_what_everybody_would_try_is_refused(password: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        check(password, SINGLE_FACTOR_CHARS, KNOWN)


def test_an_installation_may_ask_for_less_but_never_for_less_than_eight() -> None:
    assert check("vq8kz2mw", 8)
    with pytest.raises(InvalidInput):
        check("vq8kz2m", 1)


def test_the_same_characters_are_the_same_however_they_are_typed() -> None:
    assert check("ｃａｆｅ\u0301 mit Milch am Morgen", 8) == check(
        "caf\u00e9 mit Milch am Morgen", 8
    )
