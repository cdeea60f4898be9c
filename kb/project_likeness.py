"""Projects that look like one: what was too doubtful to be joined, offered to a person who knows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from kb.project_names import bare_code, name_key

# Percent. Of the bundled names no two different ones reach 70; a left-out word or two leave 80 and more.
LEAST: Final = 80
SAME: Final = 100
# A short name inside a long one ("Tuas AGV" in "Singapore Tuas AGV Integration") counts from this many characters on.
_INSIDE_HAN: Final = 5
_INSIDE_LATIN: Final = 8
_INSIDE: Final = 85
# What tells two parts of one undertaking apart: 一期 and 二期, Phase 1 and Phase 2, 2023 and 2024.
_NUMBERS: Final = re.compile(
    r"\d+|[一二三四五六七八九十]+(?=期|标|批|号)|(?<=第)[一二三四五六七八九十]+"
)


@dataclass(frozen=True, slots=True)
class Names:
    """A project by all its names; ``registered`` as in :class:`kb.models.projects.Project`."""

    id: int
    code: str
    names: tuple[str, ...]
    registered: bool


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two projects and how alike they are, in percent: by their ``code`` or by their ``name``."""

    first: int
    second: int
    percent: int
    by: str


@dataclass(frozen=True, slots=True)
class _Key:
    """A name without what does not count, and the numbers in it."""

    text: str
    numbers: tuple[str, ...]
    latin: bool


def likeness(one: Names, other: Names) -> Likeness | None:
    """How alike two projects are; None below :data:`LEAST`."""
    return _compared(one, other, _keys(one), _keys(other))


def doubts(
    projects: Sequence[Names],
    apart: Iterable[tuple[int, int]],
    *,
    only: int | None = None,
    limit: int = 200,
) -> list[Likeness]:
    """Pairs that may be one project, the likeliest first; without those somebody told apart (smaller id first).

    Two registered projects are only doubtful when their names are the same: registers know what they say. So what is
    compared with everything are the projects that only documents named.

    Args:
        projects: all there are.
        apart: pairs that are two.
        only: id of the project that must be in each pair; by default any.
        limit: most pairs given.
    """
    told_apart = set(apart)
    keys = {one.id: _keys(one) for one in projects}
    found = []
    for one, other in _pairs(projects, keys, only):
        if (min(one.id, other.id), max(one.id, other.id)) in told_apart:
            continue
        if alike := _compared(one, other, keys[one.id], keys[other.id]):
            found.append(alike)
    return sorted(found, key=lambda pair: (-pair.percent, pair.first, pair.second))[:limit]


def _pairs(
    projects: Sequence[Names], keys: Mapping[int, Sequence[_Key]], only: int | None
) -> Iterator[tuple[Names, Names]]:
    """Each pair that is worth comparing, once."""
    same: defaultdict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(projects):
        for text in {key.text for key in keys[one.id]}:
            same[text].append(number)
    for number, one in enumerate(projects):
        if one.registered:
            alike = {other for key in keys[one.id] for other in same[key.text]}
            others = {other for other in alike if projects[other].registered and other > number}
        else:
            # Of two unregistered ones the first meets the second.
            others = {
                other for other, each in enumerate(projects) if each.registered or other > number
            }
        for other in sorted(others):
            if only is None or only in {one.id, projects[other].id}:
                yield one, projects[other]


def _compared(
    one: Names, other: Names, keys: Sequence[_Key], other_keys: Sequence[_Key]
) -> Likeness | None:
    bare = bare_code(one.code)
    if bare and bare == bare_code(other.code) and any(map(str.isdigit, bare)):
        return Likeness(one.id, other.id, SAME, "code")
    percent = max((_alike(a, b) for a in keys for b in other_keys), default=0)
    return Likeness(one.id, other.id, percent, "name") if percent >= LEAST else None


def _alike(one: _Key, other: _Key) -> int:
    if one.text == other.text:
        return SAME
    if one.latin != other.latin or one.numbers != other.numbers:
        return 0
    short, long = sorted((one.text, other.text), key=len)
    if len(short) >= (_INSIDE_LATIN if one.latin else _INSIDE_HAN) and short in long:
        return _INSIDE
    return min(round(fuzz.ratio(short, long, score_cutoff=LEAST)), SAME - 1)


def _keys(names: Names) -> list[_Key]:
    texts = {name_key(name) for name in names.names}
    return [_Key(text, tuple(_NUMBERS.findall(text)), text.isascii()) for text in texts if text]
