"""Who is meant by ``@name`` in a text: users by sign-in name or by the name they are shown with.

Chinese puts no space behind a name, so the longest name that the text goes on with counts, and not the next word::

    >>> [span.user for span in mentioned("@李娜请看，cc @li.na", {"li.na": "李娜"})]
    ['li.na', 'li.na']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_FULL_WIDTH: Final = "\N{FULLWIDTH COMMERCIAL AT}"
_WITHIN_A_NAME: Final = frozenset(".-_")


@dataclass(frozen=True, slots=True)
class Span:
    """A mention: the place of the ``@``, the end of the name, and the user's sign-in name."""

    start: int
    end: int
    user: str


def mentioned(text: str, users: Mapping[str, str]) -> list[Span]:
    """The mentions in ``text`` of ``users``, who are given as sign-in name → shown name."""
    names = sorted(
        {
            (name.casefold(), user)
            for user, shown in users.items()
            for name in (user, shown)
            if name.strip()
        },
        key=lambda pair: (-len(pair[0]), pair),
    )
    return list(_spans(text, names))


def pieces(text: str, users: Mapping[str, str]) -> tuple[tuple[str, bool], ...]:
    """``text`` cut at its mentions; True marks a mention."""
    cut: list[tuple[str, bool]] = []
    at = 0
    for span in mentioned(text, users):
        if text[at : span.start]:
            cut.append((text[at : span.start], False))
        cut.append((text[span.start : span.end], True))
        at = span.end
    if text[at:]:
        cut.append((text[at:], False))
    return tuple(cut)


def _spans(text: str, names: list[tuple[str, str]]) -> Iterator[Span]:
    text = text.replace(_FULL_WIDTH, "@")
    at = text.find("@")
    while at >= 0:
        end = at + 1
        # An address such as a@b.cn mentions nobody.
        free = at == 0 or not (text[at - 1].isascii() and text[at - 1].isalnum())
        for name, user in names if free else ():
            stop = at + 1 + len(name)
            if text[at + 1 : stop].casefold() == name and not _goes_on(text, stop):
                yield Span(at, stop, user)
                end = stop
                break
        at = text.find("@", end)


def _goes_on(text: str, stop: int) -> bool:
    """Whether a Latin word goes on at ``stop``, so that it is another name."""
    before, after = text[stop - 1 : stop], text[stop : stop + 2]
    if after[:1] in _WITHIN_A_NAME and before.isalnum():
        after = after[1:]
    return bool(after) and all(c.isascii() and c.isalnum() for c in (before, after[0]))
