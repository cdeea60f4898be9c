"""Analysis: text to terms, the same when a document is written and when a question is asked. The only user of jieba.

A text is first folded (:mod:`kb.search.folding`) and then read as a row of *units*: each Chinese character is one, each
run of letters or digits is one. Two signals are taken from it:

``words``
    what jieba finds in runs of Chinese characters (its search mode: long words and the short ones inside), and stems of
    everything else. ``CL-2018-007`` gives ``cl``, ``2018``, ``007`` and the whole; ``PUE1.62`` gives ``pue``, ``1.62``
    and the whole.
``grams``
    every two neighbouring units of which at least one is a Chinese character, so that any run of two or more characters
    can be found whatever the segmenter thought: jieba alone misses more than half of such runs.

Positions count units. Neighbours differ by one; across a gap that a phrase must not bridge they differ by more.

Change :data:`ANALYSIS_VERSION` whenever the same text may give other terms: indexes made before are then rebuilt.
"""

from __future__ import annotations

import copy
import logging
import re
import tempfile
import threading
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, Literal, NamedTuple

import jieba
import snowballstemmer

from kb.search.folding import HAN, Folded, fold, simplified

ANALYSIS_VERSION: Final = "1"

Signal = Literal["words", "grams"]

# Terms longer than this are cut: nobody types them, and the index would keep every base64 line as a word.
MAX_TERM_CHARS: Final = 64
_MAX_CODE_CHARS: Final = 40

_LETTERS: Final = rf"[^\W\d_{HAN}]+(?:'[^\W\d_{HAN}]+)*"
_NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)*"
_PIECE: Final = re.compile(rf"{_NUMBER}|{_LETTERS}")
_LUMP: Final = rf"(?>(?:{_NUMBER}|{_LETTERS})+)"
# Letter-spaced titles (项 目 总 结) are one run; so are neighbouring Chinese characters; codes hold together.
_CHUNK: Final = re.compile(
    rf"(?P<spaced>(?<![{HAN}])[{HAN}](?:[ ]{{1,3}}[{HAN}](?![{HAN}])){{2,}})"
    rf"|(?P<han>[{HAN}]+)"
    # Most words of most texts; atomic, or it would give letters back until the look-ahead is content.
    rf"|(?P<word>(?>{_LETTERS})(?!\d|[-_/.][^\W_{HAN}]*\d))"
    rf"|(?P<code>{_LUMP}(?:[-_/.]{_LUMP})*)"
)
_FIRST_IDEOGRAPHIC: Final = "\u2e80"
_HAN_CHUNKS: Final = frozenset({"spaced", "han"})
_SENTENCE_END: Final = re.compile(r"[.!?;。！？；]|\n\s*\n")


class Token(NamedTuple):
    """A term where it stands. ``start`` and ``end`` are offsets in the folded text; ``plain`` is the term unstemmed.

    ``position`` counts units. Words of Chinese characters overlap; their position is that of their first character.
    """

    signal: Signal
    text: str
    start: int
    end: int
    position: int
    plain: str


class Unit(NamedTuple):
    """One unit: a Chinese character or a run of letters or digits, with its stem and offsets in the folded text."""

    text: str
    stem: str
    start: int
    end: int
    position: int
    is_han: bool


def keep_dictionary_in(folder: Path) -> None:
    """Let jieba keep its prepared dictionary in ``folder``, where nobody else may write: it is read as marshalled data.

    Without this it is prepared anew in each process, which takes about half a second. Call it before the first use.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _Dictionary.folder = folder


def warm_up() -> None:
    """Load the dictionary now, rather than within the first question."""
    _own_segmenter()


def tokens(text: str) -> Iterator[Token]:
    """All terms of a text, in order of their chunks; offsets are those of ``fold(text).text``."""
    yield from _tokens(text, fold(text))


def _tokens(text: str, folded: Folded) -> Iterator[Token]:
    for_words: str | None = None
    previous: Unit | None = None
    for chunk, units in _chunks(folded.text):
        yield from _boundary(previous, units[0])
        if units[0].is_han:
            if for_words is None:
                for_words = simplified(text)
            yield from _han_words(for_words, units)
            yield from _han_grams(units)
        else:
            yield from _latin_words(chunk, units)
        previous = units[-1]
    yield from _boundary(previous, None)


def units(text: str) -> list[Unit]:
    """The row of units of a text."""
    return [unit for _, chunk in _chunks(fold(text).text) for unit in chunk]


def is_unit(word: str) -> bool:
    """Whether a term of ``words`` is of letters or digits: one unit, or a code of several, rather than Chinese."""
    return word[0] < _FIRST_IDEOGRAPHIC


def frequency(word: str) -> int:
    """How often a Chinese word (folded, simplified) stood in the texts that the segmenter was made from; 0: never."""
    return int(_own_segmenter().FREQ.get(word) or 0)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Snowball stem of a folded word; words with digits stay as they are."""
    if not word.isalpha() and "'" not in word:
        return word
    # A stemmer keeps the word it works on in itself, so threads must take turns.
    with _STEMMER_LOCK:
        return str(_stemmer().stemWord(word)) or word


def _chunks(folded: str) -> Iterator[tuple[str, list[Unit]]]:
    """Chunks of the folded text with their units, positions running through."""
    position, end, was_han = 0, 0, False
    for match in _CHUNK.finditer(folded):
        is_han = match.lastgroup in _HAN_CHUNKS
        if end and not _neighbours(folded[end : match.start()], was_han, is_han):
            position += 1
        units = _han_units(match, position) if is_han else _latin_units(match, position)
        yield match.group(), units
        position, end, was_han = units[-1].position + 1, match.end(), is_han


def _neighbours(gap: str, was_han: bool, is_han: bool) -> bool:
    """Whether a phrase may bridge ``gap``: spaces beside letters, and punctuation within a sentence between letters."""
    if not gap:
        return True
    if was_han and is_han:
        return False
    if was_han or is_han:
        return gap.isspace() and "\n" not in gap
    return not _SENTENCE_END.search(gap)


def _han_units(match: re.Match[str], position: int) -> list[Unit]:
    start = match.start()
    return [
        Unit(char, char, start + at, start + at + 1, position + number, True)
        for number, (at, char) in enumerate(
            (at, char) for at, char in enumerate(match.group()) if char != " "
        )
    ]


def _latin_units(match: re.Match[str], position: int) -> list[Unit]:
    if match.lastgroup == "word":
        word = match.group()[:MAX_TERM_CHARS]
        return [Unit(word, stem(word), match.start(), match.end(), position, False)]
    found: list[Unit] = []
    for lump in re.finditer(_LUMP, match.group()):
        pieces = [
            (piece.group(), piece.start(), piece.end()) for piece in _PIECE.finditer(lump.group())
        ]
        # g3, v2.7 and 3d are names, not a letter and a number.
        if len(pieces) > 1 and all(len(text) == 1 for text, _, _ in pieces if text[0].isalpha()):
            pieces = [(lump.group(), 0, lump.end() - lump.start())]
        offset = match.start() + lump.start()
        for text, start, end in pieces:
            plain = text.replace(",", "")[:MAX_TERM_CHARS]
            found.append(
                Unit(plain, stem(plain), offset + start, offset + end, position + len(found), False)
            )
    return found


def _latin_words(chunk: str, units: list[Unit]) -> Iterator[Token]:
    for unit in units:
        yield Token("words", unit.stem, unit.start, unit.end, unit.position, unit.text)
    if len(units) > 1 and len(chunk) <= _MAX_CODE_CHARS and any(char.isdigit() for char in chunk):
        code = re.sub(r"[-_/.](?!\d+$)|[-_/]", "-", chunk)
        yield Token("words", code, units[0].start, units[-1].end, units[0].position, code)


def _han_words(for_words: str, units: list[Unit]) -> Iterator[Token]:
    run = "".join(for_words[unit.start] for unit in units)
    for word, start, end in _segmenter().tokenize(run, mode="search"):
        first, last = units[start], units[end - 1]
        yield Token("words", word, first.start, last.end, first.position, word)


def _han_grams(units: list[Unit]) -> Iterator[Token]:
    for first, second in pairwise(units):
        pair = first.text + second.text
        yield Token("grams", pair, first.start, second.end, first.position, pair)


def _boundary(before: Unit | None, after: Unit | None) -> Iterator[Token]:
    """The gram across the border of two chunks; else the last character alone, so that each one begins some gram."""
    if before is None or not (before.is_han or (after is not None and after.is_han)):
        return
    if after is not None and after.position == before.position + 1:
        pair = (before.text + after.text)[:MAX_TERM_CHARS]
        yield Token("grams", pair, before.start, after.end, before.position, pair)
    elif before.is_han:
        yield Token("grams", before.text, before.start, before.end, before.position, before.text)


class _Dictionary:
    """Where the prepared dictionary is kept; None: nowhere."""

    folder: Path | None = None
    with_words: jieba.Tokenizer | None = None
    words: frozenset[str] = frozenset()
    lock = threading.Lock()


def _own_segmenter() -> jieba.Tokenizer:
    with _Dictionary.lock:
        return _loaded_segmenter()


def use_words(words: Collection[str]) -> None:
    """From now on let the segmenter know ``words`` (Chinese characters only) beside its own dictionary, and no others.

    A word changes how a text is cut only where its characters stand side by side: its frequency is worked out from the
    segmenter's own dictionary alone, and the total stays that dictionary's. (``jieba.add_word`` makes both depend on
    what was added before, and a larger total may tip near ties anywhere.) :mod:`kb.glossary_reach` relies on that.
    """
    own = _own_segmenter()
    known = copy.copy(own)
    known.FREQ = dict(own.FREQ)
    for word in words:
        known.FREQ[word] = _keeping_together(word)
        for end in range(1, len(word)):
            known.FREQ.setdefault(word[:end], 0)
    # Swapped whole: a text that is just being cut is cut by the one or the other.
    _Dictionary.with_words = known
    _Dictionary.words = frozenset(words)


def words_in_use() -> frozenset[str]:
    """What :func:`use_words` was given last: another process that is to cut texts alike needs it."""
    return _Dictionary.words


def dictionary_folder() -> Path | None:
    """What :func:`keep_dictionary_in` was given."""
    return _Dictionary.folder


@lru_cache(maxsize=50_000)
def _keeping_together(word: str) -> int:
    """The frequency that makes the segmenter keep ``word`` together, by its own dictionary."""
    return int(_own_segmenter().suggest_freq(word))


def _segmenter() -> jieba.Tokenizer:
    return _Dictionary.with_words or _own_segmenter()


@cache
def _loaded_segmenter() -> jieba.Tokenizer:
    # jieba logs its loading to stderr, through a handler of its own.
    jieba.setLogLevel(logging.CRITICAL)
    segmenter = jieba.Tokenizer()
    with tempfile.TemporaryDirectory(prefix="qianjian-") as beside:
        # Left to itself it would read the marshalled dictionary from a name in /tmp that anybody may have written.
        segmenter.tmp_dir = str(_Dictionary.folder or beside)
        segmenter.initialize()
    return segmenter


@cache
def _stemmer() -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer("english")


_STEMMER_LOCK: Final = threading.Lock()
