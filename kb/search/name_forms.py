"""Name forms: how names of the glossary and stretches of a question are compared.

Both are rows of units (:func:`kb.search.analysis.units`) and are compared by keys at three levels, each more tolerant
than the one before. At every level hyphens and spaces between words count for nothing, “&” for “and”, and words have
their American spelling::

    as written      burn-down charts = burndown charts
    by singulars    burndown charts = burndown chart
    by stems        stakeholder analyses = stakeholder analysis; of one word only plural, -ing and -ed
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from kb.search.analysis import Unit, stem, units
from kb.search.folding import fold_text
from kb.search.spelling import american, singular, uninflected

# Units (Chinese characters or English words) of the longest name that is looked for; longer ones are never asked for.
MAX_NAME_UNITS: Final = 24
# Analysed names and words that are kept, so that after an edit only what is new is analysed.
_KEPT: Final = 50_000
# What may stand between two words of a name, and how it counts in the comparison.
_GAP: Final = re.compile(r"\s*(?P<sign>[-/'.&,]?)\s*")
_SIGNS: Final = {"&": "and", ",": ","}

Keys = tuple[str, str, str]


class Form(NamedTuple):
    """How a name is looked up: its keys at each level, one or two ways; its stems; its first unit."""

    keys: tuple[Keys, ...]
    stems: tuple[str, ...]
    first: str


@lru_cache(maxsize=_KEPT)
def form(name: str) -> Form | None:
    """The form of a name; None where it has no letter, or more units than anybody asks for."""
    row = units(name)
    if not 0 < len(row) <= MAX_NAME_UNITS:
        return None
    between = [joint or "" for joint in joints(fold_text(name), row)]
    # What stands between the words may be left out: extract, transform, load.
    ways = (between, [""] * len(between)) if any(between) else (between,)
    keys = tuple(_keys(row, way) for way in ways)
    return Form(keys, tuple(unit.stem for unit in row), row[0].text)


def joints(folded: str, row: Sequence[Unit]) -> list[str | None]:
    """For each two neighbouring units what stands for the gap between them; None where no name goes on."""
    return [_joint(folded[one.end : other.start], one, other) for one, other in pairwise(row)]


def growing_keys(
    row: Sequence[Unit], joints: Sequence[str | None], first: int, most: int
) -> Iterator[tuple[int, Keys]]:
    """For each stretch of units from ``first`` on its end and the keys at each level."""
    exact = one = stems = ""
    for at in range(first, min(first + most, len(row))):
        joint = joints[at - 1] if at > first else ""
        if joint is None:
            return
        unit = row[at]
        plain, single, root, alone = (unit.text,) * 4 if unit.is_han else _word_forms(unit.text)
        exact += joint + plain
        one += joint + single
        stems += joint + root
        yield at + 1, (exact, one, alone if at == first else stems)


def _joint(gap: str, one: Unit, other: Unit) -> str | None:
    if not gap:
        return ""
    match = _GAP.fullmatch(gap)
    if match is None:
        return None
    sign = match["sign"]
    # Beside a Chinese character a sign tells names apart: 完成-完成.
    return sign if one.is_han or other.is_han else _SIGNS.get(sign, "")


def _keys(row: Sequence[Unit], joints: Sequence[str | None]) -> Keys:
    """A name as it is compared at each level."""
    *_, (_, keys) = growing_keys(row, joints, 0, len(row))
    return keys


@lru_cache(maxsize=_KEPT)
def _word_forms(word: str) -> tuple[str, str, str, str]:
    """A word in American spelling, its singular, its stem, and what is compared when it is all there is of a name."""
    plain = american(word)
    root = stem(plain)
    return plain, singular(plain), root, f"{root} {uninflected(plain)}"
