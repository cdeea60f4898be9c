r"""Two people changed one text: what each changed, joined line by line where they did not touch the same place.

::

    >>> parts = join("一\n二\n三", "一 改\n二\n三", "一\n二\n三 new")
    >>> [part.kind for part in parts]
    ['mine', 'same', 'theirs']
    >>> resolved(parts, {})
    '一 改\n二\n三 new'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from rapidfuzz.distance import Levenshtein

PartKind = Literal["same", "mine", "theirs", "alike", "conflict"]
Choice = Literal["both", "mine", "theirs"]
CHOICES: Final[tuple[Choice, ...]] = ("both", "mine", "theirs")


@dataclass(frozen=True, slots=True)
class Part:
    """A run of lines.

    Attributes:
        kind: who changed it: nobody, one of the two, both in the same way (``alike``), or each in another
            (``conflict``).
        base, mine, theirs: its lines in each of the texts.
    """

    kind: PartKind
    base: tuple[str, ...]
    mine: tuple[str, ...]
    theirs: tuple[str, ...]


def join(base: str, mine: str, theirs: str) -> tuple[Part, ...]:
    """Cut three texts, of which two were made from the first, into parts that belong together."""
    lines = base.split("\n"), mine.split("\n"), theirs.split("\n")
    return tuple(_parts(*lines))


def conflicts(parts: Sequence[Part]) -> tuple[int, ...]:
    """The places of the parts that somebody has to decide on."""
    return tuple(place for place, part in enumerate(parts) if part.kind == "conflict")


def resolved(parts: Sequence[Part], choices: Mapping[int, Choice]) -> str:
    """The joined text; a conflict without a choice keeps both texts, mine first, so that nothing is lost."""
    lines = (_chosen(part, choices.get(place, "both")) for place, part in enumerate(parts))
    return "\n".join(chain.from_iterable(lines))


def _chosen(part: Part, choice: Choice) -> tuple[str, ...]:
    if part.kind in ("mine", "alike"):
        return part.mine
    if part.kind in ("same", "theirs"):
        return part.theirs
    if choice == "both":
        # A blank line between them: Markdown would otherwise make one paragraph of two.
        between = ("",) if part.mine and part.theirs else ()
        return (*part.mine, *between, *part.theirs)
    return part.mine if choice == "mine" else part.theirs


def _parts(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[Part]:
    in_mine, in_theirs = _places(base, mine), _places(base, theirs)
    # Lines that all three have, in order; the end counts as one.
    anchors = [
        (place, in_mine[place], in_theirs[place])
        for place in range(len(base))
        if place in in_mine and place in in_theirs
    ]
    i = j = k = 0
    run: list[str] = []
    for at, of_mine, of_theirs in [*anchors, (len(base), len(mine), len(theirs))]:
        between = base[i:at], mine[j:of_mine], theirs[k:of_theirs]
        if any(between):
            if run:
                yield _same(run)
                run = []
            yield _part(*between)
        if at < len(base):
            run.append(base[at])
        i, j, k = at + 1, of_mine + 1, of_theirs + 1
    if run:
        yield _same(run)


def _places(base: list[str], other: list[str]) -> dict[int, int]:
    """Where the lines of ``base`` that are still there stand in ``other``.

    Not by difflib: with many changes in a long text it takes seconds, this a fraction of one.
    """
    return {
        op.src_start + step: op.dest_start + step
        for op in Levenshtein.opcodes(base, other)
        if op.tag == "equal"
        for step in range(op.src_end - op.src_start)
    }


def _same(run: list[str]) -> Part:
    return Part("same", tuple(run), tuple(run), tuple(run))


def _part(base: list[str], mine: list[str], theirs: list[str]) -> Part:
    kind: PartKind = "conflict"
    if mine == theirs:
        kind = "alike"
    elif mine == base:
        kind = "theirs"
    elif theirs == base:
        kind = "mine"
    return Part(kind, tuple(base), tuple(mine), tuple(theirs))
