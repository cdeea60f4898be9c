"""How much of what one lesson says another one says too, in either language; pure.

A text is taken as its *concepts*: its words, each with what else it is called in the other language. Of two tellings of
one event the second holds most of the concepts that tell the first one apart. Words that stand in many lessons tell
nothing apart and weigh little (idf over the lessons that are compared).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kb.search.analysis import stem, tokens
from kb.search.answers import Expansion
from kb.search.folding import HAN, fold_text
from kb.search.wording import STOP_WORDS

# From this share of the weight on, two lessons are shown as nearly the same. Chosen by reading the answers to thirty
# texts among the 127 candidates of the bundled reports: tellings of one event mostly reach .44 to 1; others mostly stay
# below .36, and reach .5 where short texts share a common word such as “test”. Too many shown cost a glance, too few a
# duplicate.
ALIKE: Final = 0.4
# Told in the other language: a dictionary does not know every way to say a thing.
ALIKE_TRANSLATED: Final = 0.35
# With less to go by than this, everything is like everything.
MIN_CONCEPTS: Final = 3
# The beginning of a text says what it is about; more words would only cost time.
_ASKED_CHARS: Final = 500
_HELD_CHARS: Final = 1_200
_MIN_LATIN: Final = 3
# A translation counts a little less than the word itself: each word has several, and some of them fit anywhere.
_TRANSLATED: Final = 0.85
_HAN_TERM: Final = re.compile(f"[{HAN}]+")
_NO_WORD: Final = re.compile(rf"[^\w{HAN}]+")

# What is looked for, with its share: pieces that must all be there, Chinese as they stand, others by their stems.
Form = tuple[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Concept:
    """One word of a text and all forms in which another text may hold it."""

    word: str
    forms: tuple[Form, ...]

    def share(self, held: str) -> float:
        """How much of it ``held`` holds, from 0 to 1; ``held`` is made by :func:`held_text`."""
        return max(
            (share for pieces, share in self.forms if all(piece in held for piece in pieces)),
            default=0.0,
        )


def held_text(title: str, *parts: str) -> str:
    """A lesson in the form that is searched for concepts: folded, words parted by single spaces."""
    text = " ".join((title, *parts))[:_HELD_CHARS]
    return f" {_NO_WORD.sub(' ', fold_text(text))} "


def asked_text(title: str, *parts: str) -> str:
    """What of a lesson is compared."""
    return "\n".join((title, *parts))[:_ASKED_CHARS]


def concepts(text: str, expansions: Sequence[Expansion]) -> tuple[Concept, ...]:
    """The concepts of ``text``, whose words are also called what ``expansions`` say."""
    also: dict[str, list[str]] = {}
    for each in expansions:
        # A name of several words is what each of its words is called: “penetration test”, 渗透测试.
        for token in tokens(each.term):
            if token.signal == "words":
                also.setdefault(token.text, []).extend(each.to)
    found: dict[str, Concept] = {}
    for token in tokens(text):
        if token.signal != "words" or _light(token.plain):
            continue
        found.setdefault(token.text, _concept(token.plain, also.get(token.text, ())))
    return tuple(found.values())


def likenesses(asked: Sequence[Concept], held: Sequence[str]) -> list[float]:
    """For each of the texts the share, from 0 to 1, of what ``asked`` weighs that it holds.

    A concept weighs by how few of the texts hold it: ln(1 + (N - n + ½) / (n + ½)). One that none holds weighs like one
    that a single text holds: new words are no sign that the matter is new.
    """
    shares = [[concept.share(text) for concept in asked] for text in held]
    counts = [max(1, sum(row[at] > 0 for row in shares)) for at in range(len(asked))]
    weights = [math.log1p((len(held) - count + 0.5) / (count + 0.5)) for count in counts]
    total = sum(weights)
    if not total:
        return [0.0] * len(held)
    return [
        sum(weight * share for weight, share in zip(weights, row, strict=True)) / total
        for row in shares
    ]


def _concept(word: str, names: Iterable[str]) -> Concept:
    own = _pieces(word)
    others = dict.fromkeys(pieces for name in names if (pieces := _pieces(name)) and pieces != own)
    return Concept(word, ((own, 1.0), *((pieces, _TRANSLATED) for pieces in others)))


def _pieces(name: str) -> tuple[str, ...]:
    """What has to be in a text for a name to be there; empty where the name says too little."""
    found = []
    for part in _NO_WORD.sub(" ", fold_text(name)).split():
        if _light(part):
            continue
        if _HAN_TERM.fullmatch(part):
            found.append(part)
        else:
            # A word begins with its stem; `site` would otherwise stand in `opposite`.
            found.append(f" {stem(part)}")
    return tuple(found)


def _light(word: str) -> bool:
    if word in STOP_WORDS:
        return True
    return len(word) < (2 if _HAN_TERM.fullmatch(word) else _MIN_LATIN)
