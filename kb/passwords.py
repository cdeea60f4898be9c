"""Passwords by NIST SP 800-63B (revision 4): length, no rules about kinds of characters, lists of refused ones.

A password is the only factor here, so the standard asks for 15 characters; an installation that lets people sign in by
their directory as well may lower that to 8 (``KB_PASSWORD_CHARS``), never below. Chinese characters count one each, as
the standard says, though one carries more than a letter does. Texts are normalised by NFKC before they are hashed, so
that a full-width digit or a composed letter is the same whichever keyboard it came from.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import cached_property
from typing import Final

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from kb.errors import N_, InvalidInput
from kb.password_lists import is_listed, unrepeated

LEAST_CHARS: Final = 8
SINGLE_FACTOR_CHARS: Final = 15
# As ASVS 2.1.2 says. Longer ones of earlier versions go on working until they are changed.
MOST_CHARS: Final = 128
_MOST_LOOKED_AT: Final = 1024
# Argon2 takes 64 MiB for each password it looks at: this many at once, the others wait their turn.
_AT_ONCE: Final = 4
# What is left of a password when all that is known of it is taken away has to be this long, in characters.
_LEAST_OWN: Final = 4

# What passwords are made of, in English and Chinese habits, without the figures people append. Whole passwords that
# were stolen are in kb.password_lists.
COMMON: Final = frozenset(
    """
    password passwort passwd pass p@ssw0rd p@ssword passw0rd qwerty qwertz qwertyuiop azerty asdf asdfgh asdfghjkl
    zxcv zxcvbn zxcvbnm 1q2w3e4r 1qaz2wsx 3edc4rfv qazwsx qazwsxedc letmein welcome admin administrator root toor
    login master monkey dragon sunshine princess football baseball superman batman iloveyou iloveu trustno1 shadow
    michael jordan hunter hunter2 freedom whatever starwars secret changeme default guest test testing tester temp
    temporary hello love money company project manager office work summer winter spring autumn january february
    monday friday woaini woaini1314 woaiwojia 5201314 1314520 520 521 1314 aini nihao qwe asd zxc qweasd qweasdzxc
    abc abcd abcde abcdef abcabc a1b2c3 aa bb cc xx zz wang zhang liu chen yang zhao huang zhou china beijing
    shanghai shenzhen mima 密码 我的密码 口令 我爱你 你好 欢迎 管理员 项目 项目经理 经理 公司 北京 上海 中国
    qianjian 前鉴 知识库 knowledge base
    """.split()  # noqa: SIM905  a list would be a page long
)
_RUNS: Final = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "一二三四五六七八九十",
    "甲乙丙丁戊己庚辛壬癸",
)
_NO_LETTER: Final = re.compile(r"[\W\d_]+")


def normalised(password: str) -> str:
    """The form of a password that is hashed."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, least: int, known: Iterable[str] = ()) -> str:
    """A new password in the form that is hashed.

    Args:
        password: as it was typed.
        least: fewest characters.
        known: what others know of its owner: sign-in name, name, address.

    Raises:
        InvalidInput: too short, too long, one of those that were stolen most often, or made of nothing but what many
            use or others know.
    """
    text = normalised(password)
    if len(text) < max(least, LEAST_CHARS):
        raise InvalidInput(
            field="password", reason=N_("it is too short: several words in a row are easy to keep")
        )
    if len(text) > MOST_CHARS:
        raise InvalidInput(field="password", reason=N_("it is too long"))
    if is_listed(text):
        raise InvalidInput(
            field="password", reason=N_("it is among those that are stolen and tried most often")
        )
    if _is_weak(text, known):
        raise InvalidInput(
            field="password",
            reason=N_("it is made of what many people use or of what is known of its owner"),
        )
    return text


class Hasher:
    """Argon2id with the parameters pwdlib recommends."""

    def __init__(self) -> None:
        """Prepare to hash; nothing is computed yet."""
        self._hash = PasswordHash((Argon2Hasher(),))
        self._turn = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """What is stored of a password that was checked."""
        with self._turn:
            return self._hash.hash(password)

    def verify(self, password: str, stored: str) -> tuple[bool, str | None]:
        """Whether a password is the stored one, and the hash to store instead when the parameters have grown.

        Where nothing is stored (an unknown name, a user without a password) the answer is no, after the same time.
        """
        text = normalised(password[:_MOST_LOOKED_AT])
        against = stored or self._nobody
        with self._turn:
            right, renewed = self._hash.verify_and_update(text, against)
        return (right, renewed) if stored else (False, None)

    @cached_property
    def _nobody(self) -> str:
        return self._hash.hash("the password of nobody at all")


def _is_weak(text: str, known: Iterable[str]) -> bool:
    """True when nothing of a password's own is left after common words, runs, repetitions and known names."""
    rest = text.casefold()
    if len(set(rest)) < _LEAST_OWN:
        return True
    names = {part for name in known for part in _NO_LETTER.split(normalised(name).casefold())}
    words = {*COMMON, *(name for name in names if len(name) > 1)}
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, " ")
    for run in _RUNS:
        for long in range(len(run), 2, -1):
            for start in range(len(run) - long + 1):
                piece = run[start : start + long]
                rest = rest.replace(piece, " ").replace(piece[::-1], " ")
    left = rest.replace(" ", "")
    return len(unrepeated(left)) < _LEAST_OWN
