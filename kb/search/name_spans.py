"""Name spans: stretches of a question that may be names, and the choice of those that cover it best."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

NameLanguage = Literal["zh", "en", ""]

# How sure it is that a name is meant: written in capitals, as it stands in the glossary, with other endings, with other
# endings that may change the meaning (“risk manager” for “risk management”).
CAPITALS: Final = 4
EXACT: Final = 3
INFLECTED: Final = 2
STEMMED: Final = 1
# In the order of the keys of :mod:`kb.search.name_forms`.
LEVELS: Final = (EXACT, INFLECTED, STEMMED)


class Span(NamedTuple):
    """Units ``first`` to ``last`` (excluded) are a name; of two with the same units the higher ``surety`` counts."""

    first: int
    last: int
    surety: int
    language: NameLanguage
    concepts: tuple[int, ...]

    @property
    def worth(self) -> tuple[int, int]:
        """What it adds to a cover; compared from the left."""
        # Squares prefer 项目管理计划 + 书 to 项目管理 + 计划书, and yet two names of four characters to one of five.
        return ((self.last - self.first) ** 2, self.surety)


def best_cover(spans: Iterable[Span], length: int) -> list[Span]:
    """Spans that do not overlap and are worth most together."""
    ending: dict[int, list[Span]] = defaultdict(list)
    for span in spans:
        ending[span.last].append(span)
    # For each number of units: the worth of the best cover of so many, and the span it ends with, if any.
    worth: list[tuple[int, int]] = [(0, 0)]
    closing: list[Span | None] = [None]
    for end in range(1, length + 1):
        best, chosen = worth[end - 1], None
        for span in ending[end]:
            before = worth[span.first]
            total = before[0] + span.worth[0], before[1] + span.worth[1]
            if total > best:
                best, chosen = total, span
        worth.append(best)
        closing.append(chosen)
    cover, end = [], length
    while end:
        last = closing[end]
        if last is not None:
            cover.append(last)
        end = last.first if last is not None else end - 1
    return cover[::-1]
