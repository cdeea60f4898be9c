"""The lexicon: which concepts of the glossary a text names, and what else they are called, in both languages.

A concept is one line of the glossary. Its names are found

* in Chinese by their characters, whatever the script: 專案 finds 项目, of which it is the Taiwanese word;
* in English by words, tolerant of plurals and other endings, hyphens (burn-down, burndown) and British or American
  spelling; a name of one word tolerates plural, ``-ing`` and ``-ed`` only;
* as abbreviations when written in capitals, or when they are all that was written: ``it`` is a word, ``IT`` is not.

:class:`Lexicon` holds no database and no segmenter and never changes. :class:`CurrentLexicon` hands out the one that
goes with the present glossary.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple, Protocol

from kb.search.analysis import Unit, units
from kb.search.completion import Completions, Name
from kb.search.folding import HAN, Folded, fold, fold_text, simplified
from kb.search.name_forms import MAX_NAME_UNITS, form, growing_keys, joints
from kb.search.name_spans import CAPITALS, LEVELS, NameLanguage, Span, best_cover

# Chinese names, English names, abbreviations.
_Others = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]

_MAX_ABBREVIATION_UNITS: Final = 4
# Answers to “what else is this called” that are remembered, at some 500 bytes each.
_KEPT_ANSWERS: Final = 5_000
# Abbreviations that are also words of every sentence: in a question written all in capitals they are taken for those.
_ALSO_WORDS: Final = frozenset(
    {
        "AM",
        "AN",
        "AS",
        "BE",
        "CAN",
        "DO",
        "IN",
        "IS",
        "IT",
        "MAY",
        "OF",
        "OR",
        "PER",
        "SO",
        "TO",
        "US",
        "WE",
    }
)
# From so many capitals on a word with small letters is an abbreviation: PoC, KPIs, SaaS.
_MIN_CAPITALS: Final = 2
# Chinese names whose segmenter word is kept: those of a large glossary.
_KEPT_WORDS: Final = 30_000
_ALL_HAN: Final = re.compile(f"[{HAN}]{{2,}}")


@dataclass(frozen=True, slots=True)
class Concept:
    """One line of the glossary. The first name of ``zh`` and of ``en`` is the usual one.

    Attributes:
        id: number of the glossary entry.
        zh: Chinese names, simplified.
        zh_hant: how they are written, or what else the thing is called, where traditional characters are used.
        en: English names.
        abbreviations: as they are usually written: ``CCB``, ``PoC``, ``R&D``.
    """

    id: int
    zh: tuple[str, ...]
    en: tuple[str, ...]
    zh_hant: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A name of one concept, or of several, that stands in a text.

    Attributes:
        start, end: where, as offsets in ``fold(text).text``; those of :class:`kb.search.analysis.Token` are the same.
        text: the name as it was written.
        language: of the name; empty for an abbreviation, which belongs to none.
        concepts: ids of what it names; several for an ambiguous abbreviation (``CM``) or form.
        chinese, english: all other names of these concepts, usual ones first; not those with the same stems.
        abbreviations: the other abbreviations of these concepts.
    """

    start: int
    end: int
    text: str
    language: NameLanguage
    concepts: tuple[int, ...]
    chinese: tuple[str, ...]
    english: tuple[str, ...]
    abbreviations: tuple[str, ...]

    @property
    def synonyms(self) -> tuple[str, ...]:
        """Names in the language of this one; none for an abbreviation."""
        return {"zh": self.chinese, "en": self.english, "": ()}[self.language]

    @property
    def translations(self) -> tuple[str, ...]:
        """Names in the other language; for an abbreviation everything it stands for."""
        both = (*self.english, *self.chinese)
        return {"zh": self.english, "en": self.chinese, "": both}[self.language]


class _Named(NamedTuple):
    """What a name stands for; where a Chinese and an English name are written alike (5G) the first one's language."""

    language: NameLanguage
    concepts: list[int]


class Lexicon:
    """Names to concepts. Never changes once built, so any number of threads may use it."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        """Index ``concepts``; 3,000 take about a third of a second."""
        self._concepts = {concept.id: concept for concept in concepts}
        every = self._concepts.values()
        primary = {fold_text(name): concept.id for concept in every for name in concept.zh}
        # A word of Taiwan that means something else on the mainland (改善) is left to what it means there.
        self._chinese = {
            concept.id: (
                *concept.zh,
                *(
                    name
                    for name in concept.zh_hant
                    if primary.get(fold_text(name), concept.id) == concept.id
                ),
            )
            for concept in every
        }
        self._names: tuple[dict[str, _Named], ...] = ({}, {}, {})
        self._abbreviations: dict[str, list[int]] = {}
        self._longest: dict[str, int] = {}
        self._others_known: dict[tuple[tuple[int, ...], tuple[str, ...]], _Others] = {}
        for concept in every:
            self._add(concept)

    def __len__(self) -> int:
        return len(self._concepts)

    def concept(self, concept_id: int) -> Concept:
        """The concept with this id.

        Raises:
            KeyError: there is none.
        """
        return self._concepts[concept_id]

    def words(self) -> frozenset[str]:
        """Chinese names as the segmenter meets them, for its dictionary; those with other letters are none."""
        return frozenset().union(*(segmentation_words(each) for each in self._concepts.values()))

    def find(
        self, text: str, *, edges: Collection[int] | None = None, overlapping: bool = False
    ) -> tuple[Match, ...]:
        """The names that stand in ``text``, from left to right.

        Args:
            text: a question, as it was typed.
            edges: offsets in the folded text where the segmenter's words begin and end; a name that begins or ends
                inside of one is then no name: 会审 is none in 大会审议.
            overlapping: all names, also those within or across others (风险 in 风险管理), longest first where several
                begin alike. Otherwise those that cover the text best without overlapping.
        """
        folded, row = fold(text), units(text)
        spans = [
            span
            for span in self._spans(text, folded, row)
            if edges is None or _fits(row, span, edges)
        ]
        chosen = (
            sorted(spans, key=lambda s: (s.first, -s.last))
            if overlapping
            else best_cover(spans, len(row))
        )
        return tuple(self._match(text, folded, row, span) for span in chosen)

    def complete(self, typed: str, limit: int = 8) -> tuple[Name, ...]:
        """Names that go on from ``typed``, which may be pinyin (``fengxian``) or initials (``fxgl``), best first.

        The ``id`` of each is that of its concept.
        """
        return self._completions.starting_with(typed, limit)

    @cached_property
    def _completions(self) -> Completions:
        # Not before somebody types: the pinyin of all names takes longer than everything else together.
        return Completions(self._offered())

    def _add(self, concept: Concept) -> None:
        for name in self._chinese[concept.id]:
            self._add_name(concept.id, "zh", name)
        for name in concept.en:
            self._add_name(concept.id, "en", name)
        for short in {fold_text(each).upper() for each in concept.abbreviations}:
            self._abbreviations.setdefault(short, []).append(concept.id)

    def _add_name(self, concept_id: int, language: NameLanguage, name: str) -> None:
        named_by = form(name)
        if named_by is None:
            return
        for keys in named_by.keys:
            for names, key in zip(self._names, keys, strict=True):
                named = names.setdefault(key, _Named(language, []))
                if concept_id not in named.concepts:
                    named.concepts.append(concept_id)
        length = max(self._longest.get(named_by.first, 0), len(named_by.stems))
        self._longest[named_by.first] = length

    def _offered(self) -> Iterator[Name]:
        for concept in self._concepts.values():
            names = (*concept.zh, *concept.zh_hant), concept.en
            for row in names:
                yield from (Name(text, concept.id, int(at > 0)) for at, text in enumerate(row))
            yield from (Name(text, concept.id) for text in concept.abbreviations)

    def _spans(self, text: str, folded: Folded, row: Sequence[Unit]) -> Iterator[Span]:
        between = joints(folded.text, row)
        shouted = text.isupper() and len(row) > 1 and not any(unit.is_han for unit in row)
        for first, unit in enumerate(row):
            if not unit.is_han:
                yield from self._abbreviations_at(text, folded, row, first, shouted=shouted)
            # Words may be joined in the name and not in the text; characters are as they are.
            most = self._longest.get(unit.text, 0) if unit.is_han else MAX_NAME_UNITS
            for last, keys in growing_keys(row, between, first, most):
                for names, key, surety in zip(self._names, keys, LEVELS, strict=True):
                    if key in names:
                        named = names[key]
                        yield Span(first, last, surety, named.language, tuple(named.concepts))
                        break
        alone = self._abbreviations.get(folded.text.strip().upper(), ())
        if alone and row:
            yield Span(0, len(row), CAPITALS, "", tuple(alone))

    def _abbreviations_at(
        self, text: str, folded: Folded, row: Sequence[Unit], first: int, *, shouted: bool
    ) -> Iterator[Span]:
        for last in range(first + 1, min(len(row), first + _MAX_ABBREVIATION_UNITS) + 1):
            written = _original(text, folded, row[first].start, row[last - 1].end)
            if " " in written:
                return
            if not _in_capitals(written):
                continue
            short = written.upper()
            if short not in self._abbreviations:
                # The s of KPIs.
                short = written.removesuffix("s").upper()
            if short in self._abbreviations and not (shouted and short in _ALSO_WORDS):
                yield Span(first, last, CAPITALS, "", tuple(self._abbreviations[short]))

    def _match(self, text: str, folded: Folded, row: Sequence[Unit], span: Span) -> Match:
        start, end = row[span.first].start, row[span.last - 1].end
        written = tuple(unit.stem for unit in row[span.first : span.last])
        chinese, english, short = self._others(tuple(sorted(span.concepts)), written)
        return Match(
            start=start,
            end=end,
            text=_original(text, folded, start, end),
            language=span.language,
            concepts=tuple(sorted(span.concepts)),
            chinese=chinese,
            english=english,
            abbreviations=short,
        )

    def _others(self, concepts: tuple[int, ...], written: tuple[str, ...]) -> _Others:
        """What else these concepts are called, by somebody who has written the stems ``written``."""
        key = concepts, written
        others = self._others_known.get(key)
        if others is None:
            named = [self._concepts[each] for each in concepts]
            others = (
                _different((name for each in named for name in self._chinese[each.id]), written),
                _different((name for each in named for name in each.en), written),
                _different((name for each in named for name in each.abbreviations), written),
            )
            if len(self._others_known) >= _KEPT_ANSWERS:
                self._others_known.clear()
            self._others_known[key] = others
        return others


class GlossaryReader(Protocol):
    """Where the present glossary is read from. :class:`kb.glossary.Glossary` is one."""

    def version(self) -> int:
        """A number that is another one after every change, and never an old one again. Asked for each question."""

    def concepts(self) -> tuple[int, Sequence[Concept]]:
        """A version and all concepts in force at it."""


class CurrentLexicon:
    """The lexicon of the present glossary, built anew when the glossary has changed. Safe to share between threads."""

    def __init__(
        self, reader: GlossaryReader, on_change: Callable[[Lexicon], None] = lambda _: None
    ) -> None:
        """Follow ``reader``; ``on_change`` gets each new lexicon before anybody else does."""
        self._reader = reader
        self._on_change = on_change
        self._lock = threading.Lock()
        self._current: tuple[int, Lexicon] | None = None

    def get(self) -> Lexicon:
        """The lexicon that goes with the glossary as it is now.

        While a new one is built, whoever asks waits: what was saved holds for the very next question.
        """
        current, version = self._current, self._reader.version()
        if current is None or current[0] != version:
            with self._lock:
                current = self._current
                # Never back: a slow thread may have asked for the version before another one built a newer lexicon.
                if current is None or current[0] < version:
                    read, concepts = self._reader.concepts()
                    current = (read, Lexicon(concepts))
                    self._on_change(current[1])
                    self._current = current
        return current[1]

    def known(self) -> Lexicon:
        """The lexicon last handed out by :meth:`get`: for the rest of a question that began with asking for it.

        So all of a question is answered by one glossary, or by a newer one, and the glossary is asked only once.
        """
        current = self._current
        return current[1] if current is not None else self.get()


def segmentation_words(concept: Concept) -> frozenset[str]:
    """The names of a concept that are words to the segmenter, spelled as it meets them."""
    words = map(_segmentation_word, (*concept.zh, *concept.zh_hant))
    return frozenset(word for word in words if word)


@lru_cache(maxsize=_KEPT_WORDS)
def _segmentation_word(name: str) -> str:
    """The name as a word; empty where other letters stand in it."""
    word = simplified(name)
    return word if _ALL_HAN.fullmatch(word) else ""


def _original(text: str, folded: Folded, start: int, end: int) -> str:
    first, last = folded.original(start, end)
    return unicodedata.normalize("NFKC", text[first:last])


def _in_capitals(written: str) -> bool:
    capitals = sum(char.isupper() for char in written)
    return capitals >= _MIN_CAPITALS or (capitals > 0 and written == written.upper())


def _fits(row: Sequence[Unit], span: Span, edges: Collection[int]) -> bool:
    first, last = row[span.first], row[span.last - 1]
    return (not first.is_han or first.start in edges) and (not last.is_han or last.end in edges)


def _different(names: Iterable[str], written: tuple[str, ...]) -> tuple[str, ...]:
    """Each name once, without those that a search for what was written finds anyway."""
    kept: dict[str, str] = {}
    for name in names:
        analysed = form(name)
        if analysed is None or analysed.stems != written:
            kept.setdefault(fold_text(name), name)
    return tuple(kept.values())
