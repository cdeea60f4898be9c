"""Readings: every way a Chinese character may be read, as it is typed on a keyboard, and which of them sound alike.

:mod:`kb.search.pinyin` spells a whole name the way its words are read; here each character is by itself and has all its
readings, so that 重 is found as ``chong`` and as ``zhong`` whatever stands beside it.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from pypinyin import Style, pinyin, pinyin_dict

# Beginnings of a syllable that take two letters; typed alone they stand for the syllable, as single letters do.
DOUBLE_INITIALS: Final = ("zh", "ch", "sh")
# Pairs that much of the South does not tell apart, and slips of an input method with “fuzzy sounds” switched on.
_ALIKE_BEGINNINGS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"))
# 重, 行, 长 have two readings that everybody knows; a third one is hardly ever meant.
_USUAL_READINGS: Final = 2
_ALIKE_ENDINGS: Final = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@cache
def readings(char: str) -> frozenset[str]:
    """All readings of a simplified character without tones; none for what is no Chinese or has no known reading (𠮷).

    ü is there both as ``v`` and as ``u``, because both are typed.
    """
    plain = _readings_in_order(char)
    return frozenset((*plain, *(each.replace("v", "u") for each in plain)))


@cache
def syllables() -> frozenset[str]:
    """All syllables that a character can have."""
    return frozenset(
        reading
        for code in pinyin_dict.pinyin_dict
        # The common characters have every syllable; the rest only takes time.
        if 0x4E00 <= code < 0xA000  # noqa: PLR2004
        for reading in readings(chr(code))
    )


@cache
def sounds(char: str, *, blurred: bool = False) -> frozenset[str]:
    """The usual readings of a character; ``blurred``, those easily taken for each other are one: ``sheng``, ``sen``.

    Rare readings are left out, or nearly everything would sound like nearly everything.
    """
    usual = _readings_in_order(char)[:_USUAL_READINGS]
    return frozenset(map(_blurred, usual) if blurred else usual)


def _readings_in_order(char: str) -> list[str]:
    """Readings without tones, the usual ones first."""
    known = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False)
    return [each for each in known[0] if each.isascii() and each.isalpha()] if known else []


def _blurred(reading: str) -> str:
    for beginning, alike in _ALIKE_BEGINNINGS:
        if reading.startswith(beginning):
            reading = alike + reading.removeprefix(beginning)
    for ending, alike in _ALIKE_ENDINGS:
        if reading.endswith(ending):
            reading = reading.removesuffix(ending) + alike
    return reading
