"""Wording: from the words of a question to the parts of a tree. Stop words, bags of words, runs side by side."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from kb.search.analysis import MAX_TERM_CHARS, Token, Unit, is_unit, tokens, units
from kb.search.folding import fold_text
from kb.search.query import (
    Bag,
    Every,
    Node,
    Piece,
    Prefix,
    Run,
    Slot,
    Some,
    Term,
    Together,
    Zone,
)

# Words that ask or join and say nothing of the subject. Only questions lose them; the index keeps every word, so that
# phrases work. Small on purpose: a longer list cost more on questions like "to be or not to be" than it gained.
_STOP_ZH: Final = """
    的 了 在 是 和 与 及 或 也 都 就 而 被 把 对 从 到 由 以 为 于 上 中 下 吗 呢 吧 啊 么 之 其 这 那 有 几
    多少 是否 请问 什么 为什么 怎么 怎样 怎么样 如何 哪 哪里 哪儿 哪些 哪个 哪一 哪一个 谁 何 何时 何地
    我们 你们 他们 以及 一个 个 些 这个 那个 这些 那些 关于 可以 进行
"""
_STOP_EN: Final = """
    a an and are as at be been being but by can could did do does for from had has have he her his how i if in into is
    it its me my of on or our she should so than that the their them then there these they this those to was we were
    what when where which who whom whose why will with would you your s
"""
STOP_WORDS: Final = frozenset([*_STOP_ZH.split(), *_STOP_EN.split()])

MIN_PREFIX_CHARS: Final = 2  # of letters: one would stand for a tenth of all words

# A list of words lets through what holds at least this share of the question's weight, or that of so many of its slots
# if that is less (long questions), and at least so many things. Measured on eleven judged sets: totals fall from 20 to
# 80 % of all things to 4 to 40 %, recall among the first hundred by less than 0.007. The best half of a small set
# is let through in any case: with the best quarter one of 214 things lost 0.04.
BAG_FLOOR: Final = 0.2
BAG_FLOOR_SLOTS: Final = 2
BAG_ENOUGH: Final = 100


# What stands together in the question and in a thing, of words of letters, counts a little more; Chinese has its pairs
# of characters. On known items in English .014, on other sets up to .01; at three times the weight less.
_SIDE_BY_SIDE: Final = 0.12
_REACH: Final = 3  # units; “conduct” in “code of conduct” is two units behind “code”
# Who asks for a fact (who, when, how many) names something rare, and the rare words should decide: questions in Chinese
# gain .003 to .005, in English .002. Who names a subject (a heading) does not: there it costs up to .015.
_FACT_SHARPNESS: Final = 0.5
# Up to so many words name a subject. With up to 8, titles asked for gain .003 in Chinese and lose .001 in English.
_MATTER_WORDS: Final = 5
# Up to so many words are a subject that the lead of a text may say; 7 and 12 rank the same. Longer ones describe.
_SUBJECT_WORDS: Final = 8
# So do these ask for a fact, but without its word: “春运时间”, “2022年高考报名”. A subject has no day.
_ASKS_FOR_FIGURE: Final = re.compile(
    r"\d[年月]|多[久长大高远重宽深快]|(?:时间|日期|人数|数量|次数|地点|金额|比例|排名)[?!.。]?$"
)
_ASKS_FOR_FACT: Final = re.compile(
    r"(?<!为)(?<!凭)什么(?!意思)|谁|哪|几(?!乎)|多少|何[时地人处年日]"
    r"|\b(?:who|whom|whose|what|when|where|which|how (?:many|much|long|often|far|old|large|big|high|tall|deep|fast))\b"
)


def bag(text: str) -> Bag:
    """The words of ``text`` as a bag; stop words count only where there is nothing else."""
    found = list(tokens(text))
    sharpness, subject = sharpness_of(text), names_subject(text)
    slots = tuple(replace(slot, sharpness=sharpness, subject=subject) for slot in _slots(found))
    floor = min(BAG_FLOOR, BAG_FLOOR_SLOTS / max(len(slots), 1))
    return Bag((*slots, *_neighbours(found)), floor, BAG_ENOUGH)


def matter_of(text: str) -> tuple[Term, ...]:
    """The words of a short question that names a subject, to tell what that is (:class:`kb.search.query.About`).

    Empty for who asks for a fact, which stands in things about anything, and for long questions, which say themselves
    what they are about. A word's weight is how often it was asked for.
    """
    counts = _telling(text)
    if sharpness_of(text) or len(counts) > _MATTER_WORDS:
        return ()
    return tuple(Term("words", word, float(count)) for word, count in counts.items())


def names_subject(text: str) -> bool:
    """Whether a question is short and names a subject, rather than asking for a fact or a figure."""
    if sharpness_of(text) or _ASKS_FOR_FIGURE.search(fold_text(text)):
        return False
    return len(_telling(text)) <= _SUBJECT_WORDS


def sharpness_of(text: str) -> float:
    """How much more than usual the rare words of a question decide (:class:`kb.search.query.Slot`)."""
    return _FACT_SHARPNESS if _ASKS_FOR_FACT.search(fold_text(text)) else 0.0


def run(text: str, zone: Zone = "anywhere") -> Run | Prefix | None:
    """``text`` side by side: a run of Chinese characters as it stands, words by their stems; None without a word."""
    row = units(text)
    found = list(tokens(text))
    if not row:
        return None
    if len(row) == 1 and row[0].is_han:
        # Every character begins some gram, so the grams that begin with this one show where it stands.
        return Prefix("grams", row[0].text, zone)
    return Run(tuple(_pieces(row)), _slots(found, keep_stop_words=True), zone)


def prefix(text: str, zone: Zone = "anywhere") -> Node | None:
    """Something that begins with ``text``; None where that says too little.

    A run of Chinese characters goes on anyway. Of several words the last one is the beginning.
    """
    row = units(text)
    if not row or row[-1].is_han:
        return run(text, zone)
    last = row[-1]
    if len(last.text) < MIN_PREFIX_CHARS:
        return None
    # Stems stand in the index: “schedules*” must find “schedul” too.
    begins = Some((Prefix("words", last.text, zone), Run((_alone(last, last.position),), (), zone)))
    before = Run(tuple(_pieces(row[:-1])), (), zone)
    return Every((before, begins)) if before.pieces else begins


def _telling(text: str) -> Counter[str]:
    """The words of ``text`` but for stop words, with how often each is said."""
    return Counter(
        token.text
        for token in tokens(text)
        if token.signal == "words" and token.plain not in STOP_WORDS
    )


def _pieces(row: Sequence[Unit]) -> list[Piece]:
    """Terms that together pin down the row: grams where a Chinese character takes part, stems elsewhere."""
    if not row:
        return []
    first = row[0].position
    pieces: list[Piece] = []
    covered = -1
    for one, other in pairwise(row):
        if other.position == one.position + 1 and (one.is_han or other.is_han):
            pieces.append(
                Piece(Term("grams", (one.text + other.text)[:MAX_TERM_CHARS]), one.position - first)
            )
            covered = other.position
        elif one.position > covered:
            pieces.append(_alone(one, first))
            covered = one.position
    if row[-1].position > covered:
        pieces.append(_alone(row[-1], first))
    return pieces


def _alone(unit: Unit, first: int) -> Piece:
    return Piece(Term("grams" if unit.is_han else "words", unit.stem), unit.position - first)


def _slots(found: Sequence[Token], *, keep_stop_words: bool = False) -> tuple[Slot, ...]:
    """One slot for each different term, weighing more when it is asked for more than once."""
    kept = list(found) if keep_stop_words else _without_stop_words(found) or list(found)
    # The last character of a run stands alone only in order to be found; asked for, it would be noise.
    kept = [token for token in kept if token.signal == "words" or len(token.text) > 1] or kept
    counts = Counter(Term(token.signal, token.text) for token in kept)
    return tuple(Slot((term,), float(count)) for term, count in counts.items())


def _neighbours(found: Sequence[Token]) -> Iterator[Slot]:
    """Words of letters that follow each other, stop words between them left out, as slots."""
    row = [
        token
        for token in found
        if token.signal == "words" and is_unit(token.text) and token.plain not in STOP_WORDS
    ]
    pairs = {
        (one.text, other.text): None
        for one, other in pairwise(row)
        if one.text != other.text and 0 < other.position - one.position <= _REACH
    }
    for pair in pairs:
        yield Slot(
            (Together(tuple(Term("words", text) for text in pair), reach=_REACH),), _SIDE_BY_SIDE
        )


def _without_stop_words(found: Sequence[Token]) -> list[Token]:
    """The terms that are neither stop words nor pairs of characters inside one."""
    stops = sorted(
        (token.start, token.end)
        for token in found
        if token.signal == "words" and token.plain in STOP_WORDS
    )
    begins = [start for start, _ in stops]
    reach = list(accumulate((end for _, end in stops), max))

    def stopped(token: Token) -> bool:
        if token.signal == "words":
            return token.plain in STOP_WORDS
        before = bisect_right(begins, token.start)
        return before > 0 and reach[before - 1] >= token.end

    return [token for token in found if not stopped(token)]
