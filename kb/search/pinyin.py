"""Pinyin: how a Chinese name is typed on a keyboard without Chinese letters, in full and by initials."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from pypinyin import lazy_pinyin

from kb.search.folding import fold_text

# Names whose pinyin is kept: all names of a large glossary, so that an edit spells only what is new.
_KEPT: Final = 30_000
# Marks what is no Chinese and comes back in one piece, such as the 5G of 5G网络.
_OTHER: Final = "\0"


class Spelling(NamedTuple):
    """``fengxianguanli`` and ``fxgl``. Letters and digits of the name itself stand in both as they are."""

    full: str
    initials: str


@lru_cache(maxsize=_KEPT)
def spell(name: str) -> Spelling:
    """The pinyin of a name in small letters, without tones, spaces and punctuation; ü is written v, as it is typed.

    Of a character with several readings the one that the words around it ask for is taken. Characters without a known
    reading (such as 𠮷) stand for themselves.
    """
    full, initials = [], []
    for syllable in lazy_pinyin(name, errors=lambda other: _OTHER + other):
        plain = "".join(char for char in fold_text(syllable) if char.isalnum())
        full.append(plain)
        initials.append(plain if syllable.startswith(_OTHER) else plain[:1])
    return Spelling("".join(full), "".join(initials))
