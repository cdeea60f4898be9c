"""The passwords that are stolen most often, and how hard one is to guess.

Both come from zxcvbn: a list of the 30,000 most frequent of published thefts, and an estimate of the guesses that
somebody needs who knows such lists, keyboards, dates and names. The list refuses; the estimate is advice only: it knows
English better than Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Final

# What zxcvbn looks at; its time grows with the square of the length. The rest of a password only makes it harder.
_MOST_LOOKED_AT: Final = 72
# People put a year and a sign before or behind a word and call it another password; more figures are some of its own.
_AROUND: Final = re.compile(r"^[\W\d_]{1,6}|[\W\d_]{1,6}$")


def is_listed(password: str) -> bool:
    """Whether a normalised password, or what it repeats, or what is left without figures around it, is a stolen one.

    ::

        >>> is_listed("QAZwsxEDCrfvTGB"), is_listed("mailcreated5240"), is_listed("correct horse battery")
        (True, True, False)
    """
    whole = password.casefold()
    words = {whole, unrepeated(whole), unrepeated(_AROUND.sub("", whole))}
    return not words.isdisjoint(_stolen())


def strength(password: str, known: Iterable[str] = ()) -> int:
    """How hard a normalised password is to guess for somebody who knows ``known`` of its owner.

    Returns:
        0 (within a thousand guesses) to 4 (more than ten thousand million), as zxcvbn counts.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415  a megabyte of lists, for whoever chooses a password

    names = [name for name in known if name]
    return int(zxcvbn(password[:_MOST_LOOKED_AT], user_inputs=names)["score"])


def unrepeated(text: str) -> str:
    """The part of a text that the whole of it repeats; the text itself where it repeats nothing."""
    found = (text + text).find(text, 1)
    return text[:found] if 0 < found < len(text) else text


@cache
def _stolen() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  as above

    return frozenset(word.casefold() for word in FREQUENCY_LISTS["passwords"])
