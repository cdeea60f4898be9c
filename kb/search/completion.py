"""Completion: names that go on from what is being typed, also when that is pinyin or its initials."""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from kb.search.folding import fold_text
from kb.search.pinyin import spell

# Sorts behind every character that can follow a prefix.
_LAST: Final = "\U0010ffff"
# Initials of one letter would bring a twentieth of all names.
_MIN_INITIALS: Final = 2


class Name(NamedTuple):
    """A name to offer. ``rank`` 0 comes before 1; ``id`` is what it belongs to."""

    text: str
    id: int
    rank: int = 0


class _Key(NamedTuple):
    key: str
    place: int


class Completions:
    """Names sorted by everything that they can be reached by. Never changes once built."""

    def __init__(self, names: Iterable[Name]) -> None:
        """Sort ``names``; some 50 microseconds each, most of it the pinyin of names not met before."""
        self._names: Sequence[Name] = tuple(names)
        keys = {
            _Key(key, place) for place, name in enumerate(self._names) for key in _keys(name.text)
        }
        self._keys: Sequence[_Key] = sorted(keys)

    def starting_with(self, typed: str, limit: int) -> tuple[Name, ...]:
        """At most ``limit`` different names that ``typed`` begins: written out first, then lower rank, then shorter."""
        prefix = _compact(typed)
        if not prefix or limit < 1:
            return ()
        first = bisect_left(self._keys, _Key(prefix, -1))
        last = bisect_right(self._keys, _Key(prefix + _LAST, -1))
        best: dict[int, bool] = {}
        for key, place in self._keys[first:last]:
            best[place] = best.get(place, False) or key == prefix
        order = heapq.nsmallest(
            # The same text may stand for several things and is offered once.
            4 * limit,
            best,
            key=lambda place: (
                not best[place],
                self._names[place].rank,
                len(self._names[place].text),
                self._names[place].text,
            ),
        )
        found: dict[str, Name] = {}
        for place in order:
            found.setdefault(fold_text(self._names[place].text), self._names[place])
        return tuple(found.values())[:limit]


def _keys(text: str) -> Iterator[str]:
    plain = _compact(text)
    yield plain
    if plain.isascii():
        return
    full, initials = spell(text)
    yield full
    if "v" in full:
        yield full.replace("v", "u")
    if len(initials) >= _MIN_INITIALS:
        yield initials


def _compact(text: str) -> str:
    """Folded, without what people type between syllables or leave out between words."""
    return "".join(char for char in fold_text(text) if char.isalnum())
