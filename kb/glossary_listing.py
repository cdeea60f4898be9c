"""The glossary as people look through it: searched, narrowed to an area or a letter, sorted in either language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from kb.glossary_rules import Entry
from kb.search.folding import fold_text
from kb.search.pinyin import spell

Order = Literal["zh", "en"]
# The heading of what begins with no letter, such as 5G.
OTHER_LETTER: Final = "#"
# Initials of one letter would find every tenth entry.
_MIN_PINYIN_CHARS: Final = 2


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Some entries, in order.

    Attributes:
        entries: those of the page asked for.
        total: how many there are on all pages.
        areas: each area with how many entries it has, whatever area and letter were asked for; most first.
        letters: first letters that occur, whatever letter was asked for.
    """

    entries: tuple[Entry, ...]
    total: int
    areas: tuple[tuple[str, int], ...]
    letters: tuple[str, ...]


class Listing:
    """Entries prepared for looking through. Never changes once built."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Prepare ``entries``."""
        self._lines = [_Line(entry) for entry in entries]

    def page(
        self, text: str, area: str, letter: str, order: Order, *, page: int, per_page: int
    ) -> EntryPage:
        """One page of the entries with ``text`` in a name (or its pinyin), in ``area``, beginning with ``letter``.

        What matches whole comes before what begins so, and that before the rest; an empty condition holds for all.
        """
        wanted = fold_text(" ".join(text.split()))
        found = [(rank, line) for line in self._lines if (rank := line.rank(wanted)) is not None]
        areas = Counter(line.entry.area for _, line in found)
        found = [(rank, line) for rank, line in found if area in {"", line.entry.area}]
        letters = sorted({line.letter(order) for _, line in found})
        found = [(rank, line) for rank, line in found if letter in {"", line.letter(order)}]
        found.sort(key=lambda each: (each[0], each[1].sort_key(order)))
        first = (page - 1) * per_page
        return EntryPage(
            entries=tuple(line.entry for _, line in found[first : first + per_page]),
            total=len(found),
            areas=tuple(sorted(areas.items(), key=lambda each: (-each[1], each[0]))),
            letters=tuple(letters),
        )


class _Line:
    """An entry with everything it is found and sorted by."""

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        names = (*entry.chinese, *entry.zh_hant, *entry.english, *entry.abbreviations)
        self._names: Sequence[str] = tuple(dict.fromkeys(map(fold_text, names)))
        self._spellings = [spell(name) for name in entry.chinese]
        self._keys = {
            "zh": (self._spellings[0].full, entry.zh),
            "en": (fold_text(entry.en), entry.en),
        }

    def rank(self, wanted: str) -> int | None:
        """How well it fits: 0 whole, 1 beginning, 2 within; None not at all."""
        if not wanted or wanted in self._names:
            return 0
        if any(name.startswith(wanted) for name in self._names):
            return 1
        typed = wanted.replace(" ", "")
        if len(typed) >= _MIN_PINYIN_CHARS:
            if any(typed in each for each in self._spellings):
                return 0
            if any(way.startswith(typed) for each in self._spellings for way in each):
                return 1
        return 2 if any(wanted in name for name in self._names) else None

    def letter(self, order: Order) -> str:
        first = self._keys[order][0][:1].upper()
        return first if first.isascii() and first.isalpha() else OTHER_LETTER

    def sort_key(self, order: Order) -> tuple[str, str]:
        return self._keys[order]
