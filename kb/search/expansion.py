"""Expansion: what the words of a question are also called, in both languages.

Names of the glossary first, longest first; then, for what is left, the words and phrases of the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

from kb.search.analysis import Token, Unit, is_unit, stem, tokens, units
from kb.search.answers import Expansion
from kb.search.dictionary import (
    MAX_CHINESE_CHARS,
    MAX_ENGLISH_WORDS,
    Dictionary,
    Gloss,
    Word,
    is_light,
    key,
)
from kb.search.folding import HAN, fold_text
from kb.search.lexicon import Lexicon, Match
from kb.search.query import (
    About,
    Bag,
    Best,
    Every,
    Fact,
    Node,
    Run,
    Slot,
    Some,
    Term,
    Together,
    Zone,
)
from kb.search.spelling import american, uninflected
from kb.search.wording import (
    BAG_ENOUGH,
    BAG_FLOOR,
    BAG_FLOOR_SLOTS,
    STOP_WORDS,
    bag,
    matter_of,
    names_subject,
    run,
    sharpness_of,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each sort of expansion counts against the word itself, which counts 1; without unit.

    Attributes:
        glossary: a translation from the glossary; ``synonyms``: its other names in the same language.
        near: Chinese words near one of the question (:meth:`kb.search.dictionary.Dictionary.near`).
        same: what the dictionary adds to a word that the glossary knows.
        apart: the words of a gloss of several words, each alone; together they count 1.
        one_character: a word of one Chinese character, which stands inside many others.
        power: by which the weight of a near word relative to the nearest one is tempered.
        surface: a Chinese word whose gloss agrees with the English word in its stem only.
        phrase_parts: an English word inside a phrase that was found whole.
        literal: the English word itself, in documents that are not in English.
        share, least, most: see :class:`kb.search.query.Best`.
    """

    glossary: float = 1.0
    synonyms: float = 0.1
    near: float = 0.5
    same: float = 0.6
    apart: float = 0.5
    one_character: float = 0.4
    power: float = 0.5
    surface: float = 0.4
    phrase_parts: float = 0.5
    literal: float = 0.3
    share: float = 0.9
    least: float = 0.8
    most: float = 5.0


W: Final = Weights()
MAX_GLOSSES: Final = 12  # taken of one word; those behind are rare senses
MAX_WORDS: Final = 18  # Chinese words taken of an English one
MAX_NEAR: Final = 8  # near words taken of a Chinese one
MAX_NAMES: Final = 6  # other names looked for where a phrase was asked for
_SHOWN: Final = 4  # of each word's translations on the page
# What an unknown character, a known part, and a known part of one character cost when a word is taken apart.
_UNKNOWN, _PART, _ONE_CHARACTER = 3.0, 1.0, 0.5
# Chinese words that join, ask or weigh and whose translations say nothing: 来 is not searched as “hither”.
_LIGHT_WORDS: Final = """
    来 去 可能 如果 但 但是 因为 所以 而且 因此 人们 名 时 时候 这样 那样 这种 那种 一种 不 很 该 将 还 并 并且 各 各个
    每 每个 某 某个 会 要 能 能够 应该 应当 可 需 让 使 使得 令 给 跟 同 向 往 当 则 即 即使 虽然 然而 只 只有 只要 就是
    不是 没有 没 已 已经 正在 正 曾 曾经 再 又 更 最 非常 十分 较 比较 比 等 等等 其他 其它 其中 另 另外 自己 大家 它
    它们 他 她 我 你 您 所 所有 一些 任何 此 本 下去 起来 出来 下来 而言 来说 通过 根据 按照 对于 为了 除了 之间 之外
    之前 之后 以前 以后 当时 现在 目前 于是 怎么办 有关 者 性 化 度 位 件 条 项 间 着 过 得 地 至 至少 至今 仍 仍然 却
    既 便 若 且 乃 像 如 例如 比如
    """
_LIGHT: Final = frozenset(_LIGHT_WORDS.split()) | STOP_WORDS
_HAN_ANY: Final = re.compile(f"[{HAN}]")
_HAN_RUN: Final = re.compile(f"[{HAN}]+")


_Term = Term | Together


class Widened(NamedTuple):
    """What else the words of a text are called: slots to look for, and what to say of it."""

    english: tuple[Slot, ...]
    chinese: tuple[Slot, ...]
    also: tuple[Slot, ...]
    expansions: tuple[Expansion, ...]


class Expander:
    """Knows what words are also called. Safe to share between threads."""

    def __init__(self, lexicon: Callable[[], Lexicon], dictionary: Dictionary) -> None:
        """Take names from the present ``lexicon`` first, and what it does not know from ``dictionary``."""
        self._lexicon = lexicon
        self._dictionary = dictionary

    def widening(self, without: Collection[str] = ()) -> Widening:
        """For one question, whose words ``without`` stand for nothing but themselves."""
        return Widening(self, frozenset(map(fold_text, without)))

    def warm_up(self) -> None:
        """Read, and where needed make, the dictionary now, rather than within the first question."""
        self._dictionary.english(())

    def knows(self, word: str) -> bool:
        """Whether ``word`` is an English word of the dictionary, in any form."""
        folded = fold_text(word)
        wanted = key((folded,))
        # Under one key stand also words that have nothing but the stem in common.
        return any(
            _agreement(each.gloss, _surface(folded)) == 1.0
            for each in self._dictionary.chinese((wanted,)).get(wanted, ())
        )

    def expand(self, text: str, without: Collection[str] = ()) -> Widened:
        """What else the words of ``text`` are called, but for those in ``without`` (folded)."""
        groups: dict[str, Slot] = {}
        shown: dict[str, Expansion] = {}
        also: list[Slot] = []
        row = units(text)
        words = [t for t in tokens(text) if t.signal == "words"]
        edges = {t.start for t in words} | {t.end for t in words}
        for match in self._lexicon().find(text, edges=edges):
            if fold_text(match.text) in without:
                continue
            slot, syn = self._named(match)
            if syn:
                also.append(syn)
            name = " ".join(_surface(u.text) for u in row if match.start <= u.start < match.end)
            shown[name] = Expansion(
                match.text, (*match.translations[:_SHOWN], *match.synonyms[:_SHOWN])
            )
            if slot is None:
                continue
            groups[name] = slot
        chinese = list(self._chinese(words))
        close = self._near(chinese, without)
        also += close.values()
        for name, slot, expansion in (*chinese, *self._english(row)):
            if fold_text(expansion.term) in without:
                continue
            if name in groups:
                joined = (*groups[name].terms, *_scaled(slot.terms, W.same))
                groups[name] = Slot(joined, groups[name].weight)
                to = (*shown[name].to, *expansion.to)
                shown[name] = Expansion(shown[name].term, tuple(dict.fromkeys(to)))
            else:
                groups[name], shown[name] = slot, expansion
        slots = [_distinct(x) for x in groups.values()]
        return Widened(
            tuple(s for s in slots if not _is_chinese(s)),
            tuple(s for s in slots if _is_chinese(s)),
            tuple(dict.fromkeys(also)),
            tuple(shown.values()),
        )

    def _named(self, match: Match) -> tuple[Slot | None, Slot | None]:
        """Of a name of the glossary: what it is called elsewhere, and what else it is called anywhere."""
        names = match.translations if match.language else match.chinese
        terms = _least([t for name in names if (t := _term(name, W.glossary))])
        own = _bits(_term(match.text, 1.0))
        every = (*match.synonyms, *match.abbreviations, *match.translations)
        others = _least([t for name in every if (t := _term(name, 1.0))])
        others = [t for t in others if not own & _bits(t)]
        return (
            Slot(tuple(dict.fromkeys(terms))) if terms else None,
            Slot(tuple(dict.fromkeys(others)), W.synonyms) if others else None,
        )

    def _near(self, words: Sequence[_Found], without: Collection[str]) -> dict[str, Slot]:
        """Of Chinese words the words near them, each as a slot."""
        asked = [each.term for _, _, each in words if fold_text(each.term) not in without]
        found: dict[str, Slot] = {}
        for word, near in self._dictionary.near(asked).items():
            terms = [
                term
                for each in near[:MAX_NEAR]
                if (term := _term(each.text, (each.weight / near[0].weight) ** W.power))
            ]
            found[word] = Slot(tuple(terms), W.near)
        return found

    def _chinese(self, words: Sequence[Token]) -> Iterator[_Found]:
        wanted = [t for t in words if _HAN_RUN.fullmatch(t.text) and t.text not in _LIGHT]
        if not wanted:
            return
        top = _outermost(wanted)
        # What jieba made of it, and everything inside, so that a word nobody knows can be taken apart.
        pieces = {t.text for t in wanted}
        for t in top:
            n = len(t.text)
            pieces |= {
                t.text[i:j]
                for i in range(n)
                for j in range(i + 1, min(n, i + MAX_CHINESE_CHARS) + 1)
            }
        found = self._dictionary.english(pieces)
        seen: set[str] = set()
        for t in top:
            for piece, known in _split(t.text, found):
                if not known or piece in seen or piece in _LIGHT:
                    continue
                seen.add(piece)
                name = " ".join(piece)
                weight = W.one_character if len(piece) == 1 else 1.0
                slot = _glossed(found[piece], weight)
                if slot:
                    shown = tuple(" ".join(gloss.words) for gloss in found[piece][:_SHOWN])
                    yield name, slot, Expansion(piece, shown)

    def _english(self, row: Sequence[Unit]) -> Iterator[_Found]:
        latin = [u for u in row if not u.is_han and u.text.isascii()]
        spans = list(_spans(latin))
        found = self._dictionary.chinese([span.key for span in spans])
        spans = [span for span in spans if span.key in found]
        spans.sort(key=lambda span: (span.first - span.end, span.first))
        taken: set[int] = set()
        seen: set[str] = set()
        for span in spans:
            inside_phrase = any(number in taken for number in range(span.first, span.end))
            if span.key in seen or (inside_phrase and span.end - span.first > 1):
                continue
            seen.add(span.key)
            if span.end - span.first > 1:
                taken |= set(range(span.first, span.end))
            part = latin[span.first : span.end]
            name = " ".join(_surface(unit.text) for unit in part)
            weight = W.phrase_parts if inside_phrase else 1.0
            slot = _worded(found[span.key], span.surface, weight)
            if slot:
                shown = tuple(word.text for word in found[span.key][:_SHOWN])
                yield name, slot, Expansion(" ".join(unit.text for unit in part), shown)


class Widening:
    """One question's expansions: widens its parts, and keeps what it did to tell of it."""

    def __init__(self, expander: Expander, without: frozenset[str]) -> None:
        """Widen with ``expander`` all words but those in ``without`` (folded)."""
        self._expander = expander
        self._without = without
        self.names: list[str] = []
        self.expansions: list[Expansion] = []

    def words(self, text: str) -> Node:
        """A list of words, or what else they are called."""
        literal = bag(text)
        wide = self._widened(text)
        sharpness, subject = sharpness_of(text), names_subject(text)
        english, chinese, also = (
            tuple(replace(slot, sharpness=sharpness, subject=subject) for slot in slots)
            for slots in (wide.english, wide.chinese, wide.also)
        )
        latin = tuple(s for s in literal.slots if not _is_chinese(s))
        own = Bag((*literal.slots, *also), literal.floor, literal.enough, feedback=True)
        matter = matter_of(text)
        nodes: list[Node] = [About(own, matter) if matter else own]
        if english:
            nodes.append(_elsewhere((*latin, *english), "zh"))
        if chinese:
            known = {
                stem(word)
                for each in wide.expansions
                if not _HAN_ANY.search(each.term)
                for word in each.term.split()
            }
            kept = [
                replace(slot, weight=slot.weight * W.literal)
                if _first(slot).text in known
                else slot
                for slot in literal.slots
            ]
            nodes.append(_elsewhere((*kept, *chinese), "en"))
        return nodes[0] if len(nodes) == 1 else Best(tuple(nodes), W.share, W.least, W.most)

    def side_by_side(self, text: str, literal: Node, zone: Zone) -> Node:
        """``text`` as a whole, or what else all of it is called."""
        wide = self._expander.expand(text, self._without)
        whole = [
            each for each in wide.expansions if fold_text(each.term) == fold_text(text).strip()
        ]
        names = [name for each in whole for name in each.to][:MAX_NAMES]
        self._keep(whole)
        runs = [found for name in names if isinstance(found := run(name, zone), Run)]
        return Some((literal, *runs)) if runs else literal

    def _widened(self, text: str) -> Widened:
        wide = self._expander.expand(text, self._without)
        self._keep(wide.expansions)
        return wide

    def _keep(self, expansions: Sequence[Expansion]) -> None:
        self.expansions += [each for each in expansions if each not in self.expansions]
        self.names += [name for each in expansions for name in each.to]


def _elsewhere(slots: tuple[Slot, ...], language: str) -> Node:
    """A bag of its own for things that are not in ``language``: each has its own words to cover."""
    floor = min(BAG_FLOOR, BAG_FLOOR_SLOTS / len(slots))
    found = Bag(slots, floor, BAG_ENOUGH)
    return Every((found,), without=(Fact("language", (language,)),))


class _Span(NamedTuple):
    """Words of a question that may be one gloss: from ``first`` to before ``end`` in the row of its Latin units."""

    first: int
    end: int
    key: str
    surface: str


# A name to tell expansions of the same words by, what it is searched as, and what is told of it.
_Found = tuple[str, Slot, Expansion]
_Gloss = tuple[str, ...]


def _spans(latin: Sequence[Unit]) -> Iterator[_Span]:
    for first in range(len(latin)):
        for end in range(first + 1, min(len(latin), first + MAX_ENGLISH_WORDS) + 1):
            part = [unit.text for unit in latin[first:end]]
            if latin[end - 1].position != latin[first].position + end - first - 1:
                break
            if part[0] in STOP_WORDS or part[-1] in STOP_WORDS:
                continue
            found = key(part)
            if found and (end - first == 1 or " " in found):
                surface = " ".join(_surface(word) for word in part if not is_light(word))
                yield _Span(first, end, found, surface)


def _glossed(glosses: Sequence[Gloss], weight: float) -> Slot | None:
    """A Chinese word by its English glosses; those of several words together, and each word alone for less."""
    if not glosses:
        return None
    best: dict[_Gloss, float] = {}
    top = max(gloss.weight for gloss in glosses)
    for gloss in glosses[:MAX_GLOSSES]:
        own = gloss.weight / top
        kept = tuple(dict.fromkeys(stem(word) for word in gloss.words if word not in STOP_WORDS))
        alone = own if len(gloss.words) == 1 else own * W.apart
        if len(kept) > 1:
            best[kept] = max(best.get(kept, 0.0), own)
        for word in kept:
            best[(word,)] = max(best.get((word,), 0.0), alone)
    terms = [
        Term("words", words[0], own)
        if len(words) == 1
        else Together(tuple(Term("words", word) for word in words), own)
        for words, own in best.items()
    ]
    return Slot(tuple(terms), weight) if terms else None


def _worded(words: Sequence[Word], surface: str, weight: float) -> Slot | None:
    """An English word or phrase by the Chinese words that it is a gloss of, the best ones."""
    scored = sorted(
        ((word.weight * _agreement(word.gloss, surface), word.text) for word in words),
        reverse=True,
    )[:MAX_WORDS]
    top = scored[0][0]
    found = [
        _term(text, score / top * (W.one_character if len(text) == 1 else 1.0))
        for score, text in scored
    ]
    terms = tuple(term for term in found if term is not None)
    return Slot(terms, weight) if terms else None


def _agreement(gloss: str, surface: str) -> float:
    same = " ".join(_surface(word) for word in gloss.split()) == surface
    return 1.0 if same else W.surface


def _first(slot: Slot) -> Term:
    term = slot.terms[0]
    return term.terms[0] if isinstance(term, Together) else term


def _is_chinese(slot: Slot) -> bool:
    term = _first(slot)
    return term.signal == "grams" or not is_unit(term.text)


def _scaled(terms: Sequence[_Term], factor: float) -> list[_Term]:
    return [replace(term, weight=term.weight * factor) for term in terms]


def _distinct(slot: Slot) -> Slot:
    """Each term once, with its best weight."""
    best: dict[object, _Term] = {}
    for term in slot.terms:
        what = _bits(term)
        if what not in best or best[what].weight < term.weight:
            best[what] = term
    return Slot(tuple(best.values()), slot.weight)


def _bits(term: _Term | None) -> frozenset[tuple[str, str]]:
    """What has to stand in a thing for ``term``."""
    if term is None:
        return frozenset()
    parts = term.terms if isinstance(term, Together) else (term,)
    return frozenset((part.signal, part.text) for part in parts)


def _least(terms: Sequence[_Term]) -> list[_Term]:
    """Without those that hold all of another one."""
    bits = [_bits(term) for term in terms]
    return [
        term for term, own in zip(terms, bits, strict=True) if not any(each < own for each in bits)
    ]


def _surface(word: str) -> str:
    return uninflected(american(word))


def _outermost(words: Sequence[Token]) -> list[Token]:
    """Jieba's words without those inside another one."""
    kept: list[Token] = []
    for t in sorted(words, key=lambda t: (t.start, -t.end)):
        if kept and t.end <= kept[-1].end:
            continue
        kept.append(t)
    return kept


def _split(word: str, known: Collection[str]) -> list[tuple[str, bool]]:
    """The word itself if it is known, else the fewest known parts; each with whether it is known."""
    if word in known:
        return [(word, True)]
    best: list[tuple[float, list[tuple[str, bool]]]] = [(0.0, [])]
    for end in range(1, len(word) + 1):
        options: list[tuple[float, list[tuple[str, bool]]]] = []
        for start in range(max(0, end - MAX_CHINESE_CHARS), end):
            part = word[start:end]
            cost, parts = best[start]
            if part in known:
                extra = _ONE_CHARACTER if len(part) == 1 else 0.0
                options.append((cost + _PART + extra, [*parts, (part, True)]))
            elif len(part) == 1:
                options.append((cost + _UNKNOWN, [*parts, (part, False)]))
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _term(name: str, weight: float) -> _Term | None:
    """A name as a term, or as terms that stand together; None without a word."""
    row = units(name)
    if not row:
        return None
    terms = [
        Term("grams", one.text + other.text)
        for one, other in pairwise(row)
        if one.is_han or other.is_han
    ]
    if not terms:
        kept = [unit for unit in row if unit.text not in STOP_WORDS] or row
        terms = [Term("words", unit.stem) for unit in kept]
    terms = list(dict.fromkeys(terms))
    if len(terms) == 1:
        return replace(terms[0], weight=weight)
    return Together(tuple(terms), weight)
