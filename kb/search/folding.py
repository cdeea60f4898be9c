"""Folding: one spelling for everything that should be found alike, with the way back to the original text.

Full-width becomes half-width, capitals small, traditional characters simplified, accents and invisible characters fall
away. Each character is folded by itself, whatever stands beside it, and that is the point: a piece of a text folds to
the same piece of the folded text, so any run of characters that stands in a document can be found by typing it.

OpenCC's phrase tables know more than its character table (計畫 is 计划, not 计画), but only by looking at neighbours.
:func:`simplified` applies them for the segmenter, which works on words; pairs that only context tells apart are folded
together here (:data:`_CONTEXT_PAIRS`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import opencc

# Blocks of Chinese characters: extension A, the main block, compatibility forms, the planes beyond the BMP.
_HAN_RANGES: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
# For a character class: the ranges as they look after folding, with the round zero and the repetition sign.
HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"

# Simplified characters that stand for two traditional ones each, which OpenCC resolves by phrase only.
_CONTEXT_PAIRS: Final = {
    "画": "划",
    "藉": "借",
    "瞭": "了",
    "覆": "复",
    "徵": "征",
    "乾": "干",
    "著": "着",
}
# Marks above and below letters; invisible characters that word processors leave inside words.
_ACCENTS: Final = range(0x0300, 0x0370)
_INVISIBLE: Final = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff") | {
    chr(c) for c in range(0xFE00, 0xFE10)
}
_PLAIN: Final = {
    "\u2019": "'",
    "\u2018": "'",
    "\u02bc": "'",
    "\u2010": "-",
    "\u2011": "-",
    "\u2212": "-",
}


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and where each of its characters came from.

    Attributes:
        text: the folded text.
        origins: for each folded character the index of its original, and the original's length at the end; None
            where the two have the same length, index for index.
    """

    text: str
    origins: tuple[int, ...] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that became ``text[start:end]``; ``start < end``."""
        if self.origins is None:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold ``text`` and remember where each character came from."""
    if text.isascii():
        return Folded(text.lower(), None)
    folded = text.translate(_TABLE)
    if len(folded) == len(text) and not any(char in text for char in _TABLE.uneven):
        return Folded(folded, None)
    origins = [index for index, char in enumerate(text) for _ in _TABLE[ord(char)]]
    return Folded(folded, (*origins, len(text)))


def fold_text(text: str) -> str:
    """``fold(text).text``, for comparing names and values."""
    return text.lower() if text.isascii() else text.translate(_TABLE)


def simplified(text: str) -> str:
    """``text`` folded for the segmenter: simplified by words where OpenCC's phrases apply.

    As long as ``fold(text).text`` and equal to it outside Chinese characters, so offsets go for both.
    """
    by_phrase = _converter().convert(text)
    return (by_phrase if len(by_phrase) == len(text) else text).translate(_WORD_TABLE)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class _Table(dict[int, str]):
    """What each character folds to, worked out when it is first met; ``uneven``: those that do not become one."""

    def __init__(self, fold_character: Callable[[str], str]) -> None:
        super().__init__()
        self._fold = fold_character
        # A list, because threads look through it while others add to it. It stays short.
        self.uneven: list[str] = []

    def __missing__(self, code: int) -> str:
        folded = self._fold(chr(code))
        if len(folded) != 1:
            # Before the character is known: whoever finds it known must find it here too.
            self.uneven.append(chr(code))
        self[code] = folded
        return folded


def _is_han(char: str) -> bool:
    return any(first <= ord(char) < end for first, end in _HAN_RANGES)


def _fold_character(char: str) -> str:
    if not _is_han(char):
        return _fold_other(char)
    plain = str(_converter().convert(unicodedata.normalize("NFKC", char)))
    return _CONTEXT_PAIRS.get(plain, plain)


def _fold_but_keep_han(char: str) -> str:
    return unicodedata.normalize("NFKC", char) if _is_han(char) else _fold_other(char)


def _fold_other(char: str) -> str:
    if char in _INVISIBLE:
        return ""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    bare = "".join(part for part in spread if ord(part) not in _ACCENTS)
    plain = unicodedata.normalize("NFKC", bare)
    return _PLAIN.get(plain, plain)


_TABLE: Final = _Table(_fold_character)
_WORD_TABLE: Final = _Table(_fold_but_keep_han)
