"""Passwords: length counts, kinds of characters do not, and what everybody uses is none."""

from __future__ import annotations

import pytest

from kb.errors import InvalidInput
from kb.password_lists import strength
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
        "dragon 839217465028",
        "x9" + "長い 𠮷 🚀 passphrase of 128 " * 4 + "abcdefghijklmn",
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
        ("passwordpassword", "stolen"),
        ("QAZwsxEDCrfvTGB", "stolen"),
        ("ｍａｉｌｃｒｅａｔｅｄ５２４０", "stolen"),
        ("chickenwing101chickenwing101", "stolen"),
        ("2019-counterstrike-2019!", "stolen"),
        ("Password123456789", "stolen"),
        ("qwertyuiopasdfghjkl", "many people use"),
        ("aaaaaaaaaaaaaaaaaaaa", "many people use"),
        ("xyxyxyxyxyxyxyxyxyxy", "many people use"),
        ("123456789012345678", "many people use"),
        ("abcdefghijklmnopqrst", "many people use"),
        ("我爱你我爱你我爱你我爱你我爱你", "many people use"),
        ("密码密码密码密码密码密码密码密码", "many people use"),
        ("ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ", "stolen"),
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


def test_the_estimate_knows_common_words_and_the_owner_s_names() -> None:
    asked = (
        "password",
        "li.na@example.com",
        "correct horse battery",
        "先把旧管线探明再开挖基坑不迟的",
    )
    assert [strength(password, KNOWN) for password in asked] == [0, 0, 4, 4]
