"""What differs between two texts, for reading: line by line, and within changed lines word by word.

A Chinese character counts as a word, so that one character changed in a paragraph is one mark and not the paragraph.

::

    >>> [row] = compare([Line("工期六个月。")], [Line("工期七个月。")]).rows
    >>> [(piece.text, piece.changed) for piece in row.right]
    [('工期', False), ('七', True), ('个月。', False)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from kb.markdown import sections

# Bounds on the time a comparison takes; the page says when it ends before the texts do. 4,000 lines are some 200 pages.
MAX_LINES: Final = 4_000
MAX_ROWS: Final = 3_000
# Comparing n words with m takes up to n * m steps; beyond so many in all, changed lines are marked as a whole.
_WORD_STEPS: Final = 30_000_000
_MAX_WORDS: Final = 3_000
# Lines of the same text shown around a difference.
CONTEXT: Final = 2
# Percent from which a changed line is another wording of the one it faces, and how many lines ahead that is looked for.
_REWORDED: Final = 45
_LOOK_AHEAD: Final = 12

# As analysis cuts them: a run of letters, a number, a single Chinese character, any other character alone.
_WORD: Final = re.compile(r"[^\W\d_\u2e80-\U0003ffff]+|\d+|\s+|.", re.DOTALL)

RowKind = Literal["same", "changed", "removed", "added", "skipped"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text; ``level`` is that of a heading, 0 for other lines."""

    text: str
    level: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether the other text has it differently."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """Two lines that face each other.

    Attributes:
        kind: ``skipped`` stands for ``count`` lines that are the same in both.
        left, right: the two lines in pieces; empty where the other text has nothing there.
        left_level, right_level: 0, or the level of a heading.
    """

    kind: RowKind
    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()
    left_level: int = 0
    right_level: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows in order; ``complete`` is False when the texts go on beyond what was compared."""

    rows: tuple[Row, ...]
    complete: bool

    @property
    def differs(self) -> bool:
        """True when anything was found to differ."""
        return any(row.kind not in ("same", "skipped") for row in self.rows)


def compare(left: Sequence[Line], right: Sequence[Line]) -> Comparison:
    """What of ``left`` stands otherwise in ``right``, in time bounded by the constants above."""
    complete = max(len(left), len(right)) <= MAX_LINES
    rows = tuple(_folded(_rows(left[:MAX_LINES], right[:MAX_LINES])))
    return Comparison(rows[:MAX_ROWS], complete and len(rows) <= MAX_ROWS)


@dataclass(frozen=True, slots=True)
class Woven:
    """A part of two texts shown as one: in both, only in the first (``removed``), or only in the second (``added``)."""

    text: str
    kind: Literal["same", "removed", "added"]


def weave(one: str, other: str) -> tuple[Woven, ...]:
    """Two wordings of one passage as a single text, word by word; as two wholes where they are very long."""
    first, second = _WORD.findall(one), _WORD.findall(other)
    if len(first) * len(second) > _WORD_STEPS or max(len(first), len(second)) > _MAX_WORDS:
        return tuple(filter(lambda part: part.text, (Woven(one, "removed"), Woven(other, "added"))))
    woven: list[Woven] = []
    for op in Levenshtein.opcodes(first, second):
        removed = "".join(first[op.src_start : op.src_end])
        added = "".join(second[op.dest_start : op.dest_end])
        if op.tag == "equal":
            woven.append(Woven(added, "same"))
            continue
        woven += [Woven(removed, "removed")] if removed else []
        woven += [Woven(added, "added")] if added else []
    return tuple(_tidied(woven))


def _tidied(woven: Sequence[Woven]) -> Iterator[Woven]:
    """Replacements one after the other read as one: first all that went, then all that came."""
    gone, come = "", ""
    for part in woven:
        if part.kind == "same":
            yield from _changed_parts(gone, come)
            gone = come = ""
            yield part
        elif part.kind == "removed":
            gone += part.text
        else:
            come += part.text
    yield from _changed_parts(gone, come)


def _changed_parts(gone: str, come: str) -> Iterator[Woven]:
    if gone:
        yield Woven(gone, "removed")
    if come:
        yield Woven(come, "added")


def text_lines(body: str) -> list[Line]:
    """The lines that a body of Markdown shows, with the levels of its headings."""
    found: list[Line] = []
    for section in sections(body):
        if section.heading:
            found.append(Line(section.heading, section.level))
        found += [Line(line.strip()) for line in section.text.split("\n") if line.strip()]
    return found


def source_lines(body: str) -> list[Line]:
    """The lines of a body as they are written, for what differs in marks and addresses only."""
    return [Line(line) for line in body.split("\n") if line.strip()]


class _Budget:
    """How many steps are left for comparing words."""

    def __init__(self) -> None:
        self._left = _WORD_STEPS

    def takes(self, steps: int) -> bool:
        if steps > self._left:
            return False
        self._left -= steps
        return True


def _rows(left: Sequence[Line], right: Sequence[Line]) -> Iterator[Row]:
    budget = _Budget()
    # The usual rule for lines that occur very often (empty table rows) keeps this from becoming quadratic.
    matcher = SequenceMatcher(None, [_key(line) for line in left], [_key(line) for line in right])
    for what, i, i_end, j, j_end in matcher.get_opcodes():
        if what == "equal":
            for one, other in zip(left[i:i_end], right[j:j_end], strict=True):
                yield _facing(
                    "same", one, other, _whole(one, changed=False), _whole(other, changed=False)
                )
        else:
            yield from _changed(left[i:i_end], right[j:j_end], budget)


def _changed(left: Sequence[Line], right: Sequence[Line], budget: _Budget) -> Iterator[Row]:
    """Lines that were replaced: each faces the next one that says much the same, the others stand alone."""
    at = 0
    for one in left:
        likeness = [
            fuzz.ratio(one.text, other.text, score_cutoff=_REWORDED)
            for other in right[at : at + _LOOK_AHEAD]
        ]
        best = max(likeness, default=0.0)
        if not best:
            yield _facing("removed", one, None, _whole(one, changed=True), ())
            continue
        found = at + likeness.index(best)
        yield from map(_added, right[at:found])
        yield _reworded(one, right[found], budget)
        at = found + 1
    yield from map(_added, right[at:])


def _added(line: Line) -> Row:
    return _facing("added", None, line, (), _whole(line, changed=True))


def _reworded(one: Line, other: Line, budget: _Budget) -> Row:
    first, second = _WORD.findall(one.text), _WORD.findall(other.text)
    too_many = max(len(first), len(second)) > _MAX_WORDS
    if too_many or not budget.takes(len(first) * len(second)):
        return _facing(
            "changed", one, other, _whole(one, changed=True), _whole(other, changed=True)
        )
    left: list[Piece] = []
    right: list[Piece] = []
    # Not difflib, whose time grows with the cube of the length where the same words come again and again.
    opcodes = [
        (op.tag, op.src_start, op.src_end, op.dest_start, op.dest_end)
        for op in Levenshtein.opcodes(first, second)
    ]
    for number, (what, i, i_end, j, j_end) in enumerate(opcodes):
        # A lone space or stroke between two differences is part of them: confetti cannot be read.
        between = 0 < number < len(opcodes) - 1
        words = first[i:i_end]
        lone = what == "equal" and between and len(words) == 1 and not words[0].isalnum()
        differs = what != "equal" or lone
        _append(left, "".join(words), changed=differs)
        _append(right, "".join(second[j:j_end]), changed=differs)
    return _facing("changed", one, other, tuple(left), tuple(right))


def _append(pieces: list[Piece], text: str, *, changed: bool) -> None:
    if not text:
        return
    if pieces and pieces[-1].changed == changed:
        pieces[-1] = Piece(pieces[-1].text + text, changed)
    else:
        pieces.append(Piece(text, changed))


def _folded(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, with long runs of the same shortened to what stands next to a difference."""
    run: list[Row] = []
    begun = False
    for row in rows:
        if row.kind == "same":
            run.append(row)
            continue
        yield from _shortened(run, before=CONTEXT if begun else 0, after=CONTEXT)
        run, begun = [], True
        yield row
    yield from _shortened(run, before=CONTEXT if begun else 0, after=0)


def _shortened(run: list[Row], *, before: int, after: int) -> Iterator[Row]:
    left_out = len(run) - before - after
    if left_out <= 1:  # one line is as short as saying that there is one
        yield from run
        return
    yield from run[:before]
    yield Row("skipped", count=left_out)
    yield from run[len(run) - after :]


def _key(line: Line) -> tuple[int, str]:
    return line.level, line.text


def _whole(line: Line, *, changed: bool) -> tuple[Piece, ...]:
    return (Piece(line.text, changed),)


def _facing(
    kind: RowKind,
    one: Line | None,
    other: Line | None,
    left: tuple[Piece, ...],
    right: tuple[Piece, ...],
) -> Row:
    return Row(kind, left, right, one.level if one else 0, other.level if other else 0)
