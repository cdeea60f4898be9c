"""Expansion: what the words of a question are also called, in both languages.

Names of the glossary first, longest first; then, for what is left, the words and phrases of the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from kb.search.analysis import Token, Unit, is_unit, stem, tokens, units
from kb.search.answers import Expansion
from kb.search.dictionary import MAX_CHINESE_CHARS, MAX_ENGLISH_WORDS, Dictionary, is_light, key
from kb.search.folding import HAN, fold_text
from kb.search.lexicon import Lexicon, Match
from kb.search.query import Bag, Best, Every, Fact, Node, Run, Slot, Some, Term, Together, Zone
from kb.search.spelling import american, uninflected
from kb.search.wording import BAG_ENOUGH, BAG_FLOOR, BAG_FLOOR_SLOTS, STOP_WORDS, bag, run


@dataclass(frozen=True, slots=True)
class Weights:
    lex: float = 1.0
    lex_syn: float = 0.1
    disjoint: bool = True
    lex_parts: float = 0.5
    zh2en: float = 1.0
    share: float = 0.9
    feedback: bool = True
    least: float = 1.0
    most: float = 5.0
    lat: float = 0.3
    en2zh: float = 1.0
    multi: float = 1.0  # multiword gloss together
    multi_single: float = 0.3  # its words alone
    one_char: float = 0.3
    en_one_char: float = 0.3
    rel_power: float = 0.5   # weight relative to best, to this power
    surface: float = 0.4     # weight where only the stem agrees
    max_zh: int = 12
    max_en: int = 12
    phrase_parts: float = 0.5
    inner: float = 0.0
    min_w: float = 0.0
    same: float = 0.6
    weight: float = 1.0
    names: int = 6


W = Weights()
# Chinese words that join, ask or weigh and whose translations say nothing: 来 is not searched as “hither”.
_LIGHT: Final = frozenset(
    """
    来 去 可能 如果 但 但是 因为 所以 而且 因此 人们 名 时 时候 这样 那样 这种 那种 一种 不 很 该 将 还 并 并且 各 各个
    每 每个 某 某个 会 要 能 能够 应该 应当 可 需 让 使 使得 令 给 跟 同 向 往 当 则 即 即使 虽然 然而 只 只有 只要 就是
    不是 没有 没 已 已经 正在 正 曾 曾经 再 又 更 最 非常 十分 较 比较 比 等 等等 其他 其它 其中 另 另外 自己 大家 它
    它们 他 她 我 你 您 所 所有 一些 任何 此 本 下去 起来 出来 下来 而言 来说 通过 根据 按照 对于 为了 除了 之间 之外
    之前 之后 以前 以后 当时 现在 目前 于是 怎么办 有关 者 性 化 度 位 件 条 项 间 着 过 得 地 至 至少 至今 仍 仍然 却
    既 便 若 且 乃 像 如 例如 比如
    """.split()
) | STOP_WORDS
HAN_ANY: Final = re.compile(f"[{HAN}]")
_HAN_RUN: Final = re.compile(f"[{HAN}]+")


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

    def expand(self, text: str, without: Collection[str] = ()) -> Widened:
        groups: dict[str, Slot] = {}
        shown: dict[str, Expansion] = {}
        also: list[Slot] = []
        row = units(text)
        words = [t for t in tokens(text) if t.signal == "words"]
        lexed: dict[int, str] = {}
        edges = {t.start for t in words} | {t.end for t in words}
        for match in self._lexicon().find(text, edges=edges):
            if fold_text(match.text) in without:
                continue
            slot, syn = self._named(match)
            if syn:
                also.append(syn)
            name = " ".join(_surface(u.text) for u in row if match.start <= u.start < match.end)
            shown[name] = Expansion(match.text, (*match.translations[:3], *match.synonyms[:3]))
            if slot is None:
                continue
            groups[name] = slot
            lexed |= {u.position: name for u in row if match.start <= u.start < match.end}
        for name, slot, expansion in (*self._chinese(words, row, lexed), *self._english(row, lexed)):
            if fold_text(expansion.term) in without:
                continue
            if name in groups:
                groups[name] = Slot((*groups[name].terms, *_scaled(slot.terms, W.same)), groups[name].weight)
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
        names = match.translations if match.language else match.chinese
        terms = _least([t for name in names if (t := _term(name, W.lex))])
        own = _term(match.text, 1.0)
        every = (*match.synonyms, *match.abbreviations, *match.translations)
        syn = _least([t for name in every if (t := _term(name, 1.0))])
        syn = [t for t in syn if not _bits(own) & _bits(t)]
        return Slot(tuple(dict.fromkeys(terms))) if terms else None, Slot(tuple(dict.fromkeys(syn)), W.lex_syn) if syn and W.lex_syn else None

    def _chinese(self, words: Sequence[Token], row: Sequence[Unit], lexed: set[int]) -> Iterator[tuple[str, Slot, Expansion]]:
        wanted = [t for t in words if _HAN_RUN.fullmatch(t.text) and t.text not in _LIGHT]
        if not wanted:
            return
        han = {u.start: u for u in row if u.is_han}
        top = _outermost(wanted)
        # what jieba made of it, and all its substrings for decompounding
        pieces = {t.text for t in wanted}
        for t in top:
            n = len(t.text)
            pieces |= {t.text[i:j] for i in range(n) for j in range(i + 1, min(n, i + MAX_CHINESE_CHARS) + 1)}
        found = self._dictionary.english(pieces)
        seen = set()
        for t in top:
            for piece, start, known in _split(t.text, found):
                if not known or piece in seen or piece in _LIGHT:
                    continue
                seen.add(piece)
                position = t.position + start
                name = " ".join(piece)
                inside = position in lexed and lexed[position] != name
                weight = W.zh2en * (W.lex_parts if inside else 1.0)
                if not weight:
                    continue
                slot = self._glossed(found[piece], weight * (W.one_char if len(piece) == 1 else 1.0))
                if slot:
                    yield name, slot, Expansion(piece, tuple(" ".join(g.words) for g in found[piece][:4]))

    def _glossed(self, glosses, weight: float) -> Slot | None:
        best: dict[object, float] = {}
        top = max(g.weight for g in glosses)
        for g in glosses[: W.max_en]:
            w = (g.weight / top) ** W.rel_power
            kept = [stem(x) for x in g.words if x not in STOP_WORDS]
            if not kept:
                continue
            if len(kept) == 1:
                _put(best, (kept[0],), w if len(g.words) == 1 else w * W.multi_single)
            else:
                _put(best, tuple(dict.fromkeys(kept)), w * W.multi)
                for k in kept:
                    _put(best, (k,), w * W.multi_single)
        terms = []
        for k, w in best.items():
            if w < W.min_w or not w:
                continue
            if len(k) == 1:
                terms.append(Term("words", k[0], w))
            else:
                terms.append(Together(tuple(Term("words", x) for x in k), w))
        return Slot(tuple(terms), weight) if terms else None

    def _english(self, row: Sequence[Unit], lexed: set[int]) -> Iterator[tuple[str, Slot, Expansion]]:
        latin = [u for u in row if not u.is_han and u.text.isascii()]
        if not latin:
            return
        spans = []
        for i in range(len(latin)):
            for j in range(i + 1, min(len(latin), i + MAX_ENGLISH_WORDS) + 1):
                if latin[j - 1].position != latin[i].position + j - i - 1:
                    break
                ws = [u.text for u in latin[i:j]]
                if ws[0] in STOP_WORDS or ws[-1] in STOP_WORDS:
                    continue
                k = key(ws)
                if k and (j - i == 1 or " " in k):
                    spans.append((i, j, k, " ".join(_surface(w) for w in ws if not is_light(w))))
        found = self._dictionary.chinese([s[2] for s in spans])
        spans = [s for s in spans if s[2] in found]
        spans.sort(key=lambda s: (s[0] - s[1], s[0]))
        taken: set[int] = set()
        seen = set()
        for i, j, k, surface in spans:
            if k in seen:
                continue
            overlap = any(n in taken for n in range(i, j))
            if overlap and j - i > 1:
                continue
            seen.add(k)
            name = " ".join(_surface(u.text) for u in latin[i:j])
            inside = latin[i].position in lexed and lexed[latin[i].position] != name
            weight = W.en2zh * (W.lex_parts if inside else 1.0) * (W.phrase_parts if overlap else 1.0)
            if j - i > 1:
                taken |= set(range(i, j))
            if not weight:
                continue
            slot = self._worded(found[k], surface, weight)
            if slot:
                yield name, slot, Expansion(" ".join(u.text for u in latin[i:j]), tuple(w.text for w in found[k][:4]))

    def _worded(self, words, surface: str, weight: float) -> Slot | None:
        scored = []
        for w in words:
            same = " ".join(_surface(x) for x in w.gloss.split()) == surface
            scored.append((w.weight * (1.0 if same else W.surface), w.text))
        scored.sort(reverse=True)
        scored = scored[: W.max_zh]
        top = scored[0][0]
        terms = []
        for s, text in scored:
            w = (s / top) ** W.rel_power
            if w < W.min_w:
                continue
            t = _term(text, w * (W.en_one_char if len(text) == 1 else 1.0))
            if t:
                terms.append(t)
        return Slot(tuple(terms), weight) if terms else None


class Widening:
    """One question's expansions: widens its parts, and keeps what it did to tell of it."""

    def __init__(self, expander: Expander, without: frozenset[str]) -> None:
        self._expander = expander
        self._without = without
        self.names: list[str] = []
        self.expansions: list[Expansion] = []

    def words(self, text: str) -> Node:
        """A list of words, or what else they are called."""
        literal = bag(text)
        wide = self._widened(text)
        latin = tuple(s for s in literal.slots if not _is_chinese(s))
        nodes: list[Node] = [Bag((*literal.slots, *wide.also), literal.floor, literal.enough, feedback=W.feedback)]
        if wide.english:
            nodes.append(_elsewhere((*latin, *wide.english), "zh"))
        if wide.chinese:
            known = {x for each in wide.expansions if not HAN_ANY.search(each.term) for x in each.term.split()}
            known = {stem(x) for x in known}
            kept = [
                Slot(s.terms, s.weight * W.lat) if s.terms[0].text in known else s
                for s in literal.slots
                if W.lat or s.terms[0].text not in known
            ]
            nodes.append(_elsewhere((*kept, *wide.chinese), "en"))
        return nodes[0] if len(nodes) == 1 else Best(tuple(nodes), W.share, W.least, W.most)

    def side_by_side(self, text: str, literal: Node, zone: Zone) -> Node:
        """``text`` as a whole, or what else all of it is called."""
        wide = self._expander.expand(text, self._without)
        whole = [each for each in wide.expansions if fold_text(each.term) == fold_text(text).strip()]
        names = [name for each in whole for name in each.to][: W.names]
        self._keep(whole)
        runs = [found for name in names if isinstance(found := run(name, zone), Run)]
        return Some((literal, *(_weighing(each, W.weight) for each in runs))) if runs else literal

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


def _is_chinese(slot: Slot) -> bool:
    term = slot.terms[0]
    if isinstance(term, Together):
        term = term.terms[0]
    return term.signal == "grams" or not is_unit(term.text)


def _weighing(node: Run, factor: float) -> Run:
    return Run(node.pieces, tuple(Slot(s.terms, s.weight * factor) for s in node.slots), node.zone)


def _scaled(terms, factor):
    return [type(t)(*( (t.signal, t.text) if isinstance(t, Term) else (t.terms,)), t.weight * factor) for t in terms if factor]


def _distinct(slot: Slot) -> Slot:
    best = {}
    for t in slot.terms:
        k = (t.signal, t.text) if isinstance(t, Term) else t.terms
        if k not in best or best[k].weight < t.weight:
            best[k] = t
    return Slot(tuple(best.values()), slot.weight)


def _bits(t):
    if t is None: return frozenset()
    return frozenset([(t.signal, t.text)] if isinstance(t, Term) else [(x.signal, x.text) for x in t.terms])


def _least(terms):
    """Without those that hold all of another one."""
    bits = [_bits(t) for t in terms]
    return [t for t, b in zip(terms, bits) if not any(o < b for o in bits)]


def _put(best, k, w):
    best[k] = max(best.get(k, 0.0), w)


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


def _split(word: str, known: Collection[str]) -> list[tuple[str, int, bool]]:
    """The word itself if it is known, else its longest known parts."""
    if word in known:
        return [(word, 0, True)]
    n = len(word)
    best: list[tuple[float, list[tuple[str, int, bool]]]] = [(0.0, [])]
    for end in range(1, n + 1):
        options = []
        for start in range(max(0, end - MAX_CHINESE_CHARS), end):
            part = word[start:end]
            cost, parts = best[start]
            if part in known:
                options.append((cost + 1.0 + (0.5 if len(part) == 1 else 0.0), [*parts, (part, start, True)]))
            elif len(part) == 1:
                options.append((cost + 3.0, [*parts, (part, start, False)]))
        best.append(min(options, key=lambda o: o[0]))
    return best[n][1]


def _term(name: str, weight: float) -> Term | Together | None:
    """A name as a term, or as terms that stand together."""
    row = units(name)
    if not row:
        return None
    terms: list[Term] = []
    if all(u.is_han for u in row) and len(row) > 1:
        terms = [Term("grams", a.text + b.text) for a, b in zip(row, row[1:])]
    else:
        han = [u for u in row if u.is_han]
        for a, b in zip(row, row[1:]):
            if a.is_han or b.is_han:
                terms.append(Term("grams", a.text + b.text))
        if not terms:
            kept = [u for u in row if u.text not in STOP_WORDS] or row
            terms = [Term("words", u.stem) for u in kept]
    terms = list(dict.fromkeys(terms))
    if len(terms) == 1:
        return Term(terms[0].signal, terms[0].text, weight)
    return Together(tuple(terms), weight)
