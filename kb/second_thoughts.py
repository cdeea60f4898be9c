"""Second thoughts: what to offer where a question found little: another spelling, a looser question, people, terms.

Nothing is offered that was not asked first, with the permission of whoever asked: a word that stands only in what
others may read is neither taken for known nor ever shown.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from sqlalchemy import func, select

from kb.access import Actor
from kb.database import Database
from kb.models import Change, Document
from kb.question_words import (
    WordsByAudience,
    chinese_runs,
    is_chinese_word,
    names_in_chinese,
    written_words,
)
from kb.search.analysis import frequency, tokens, units
from kb.search.answers import Help, Suggestion
from kb.search.chinese_slips import ChineseWords
from kb.search.corrections import EnglishWords, Vocabulary, revised
from kb.search.engine import Found, Question, SearchEngine
from kb.search.lexicon import Lexicon
from kb.search.query import Bag, Term
from kb.search.wording import STOP_WORDS, run
from kb.suggesting import Suggesting

# Up to so many hits fit on a screen: who meant something else sees it at a glance, and a guess costs no attention.
FEW_HITS: Final = 3
# A question is answered first and helped afterwards; whatever is not found out within this time (seconds) is left out.
MOST_SECONDS: Final = 0.06
# Longer questions are no slips of the pen, and looking them over takes as long as answering them.
MOST_CHARS: Final = 200
MOST_PEOPLE: Final = 3
MOST_TERMS: Final = 4
_MOST_LOOSER: Final = 6  # questions tried
# Words of new documents are learnt after so many seconds, because reading them takes longer than a question.
VOCABULARY_SECONDS: Final = 120.0
# How long the very first question waits for the words, in seconds: enough for a small collection.
FIRST_WAIT_SECONDS: Final = 0.5
_READ_AT_ONCE: Final = 100  # documents in memory
# The segmenter makes words up where it knows none; what it made up for so many documents is one.
_CHANCE: Final = 3

# Asks another question on behalf of the same person, under the same filters, and counts these facets.
Ask = Callable[[str, tuple[str, ...]], Found]

# Fields, quotes, brackets and operators.
_SYNTAX: Final = re.compile(
    r"(?<!\w)[^\W\d_]+\s*[:：]\s*|[\"“”„«»「」『』()（）\[\]{}*\uff0a]|(?<!\S)(?:AND|OR|NOT|且|或|非)(?!\S)"
)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Learnt:
    """The words known now, and which state of the documents they come from."""

    vocabulary: Vocabulary
    english: WordsByAudience
    state: int
    made: float


class SecondThoughts:
    """Looks over questions that found little. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        engine: SearchEngine,
        suggesting: Suggesting,
        lexicon: Callable[[], Lexicon] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Learn words from ``database``, ``engine`` and ``lexicon``; nothing is read before it is needed."""
        self._database = database
        self._engine = engine
        self._suggesting = suggesting
        self._lexicon = lexicon
        self._clock = clock
        self._learnt: _Learnt | None = None
        self._lock = threading.Lock()
        self._learning = threading.Lock()
        self._worker: threading.Thread | None = None
        self._closed = False

    def did_you_mean(
        self,
        actor: Actor,
        asked: Question,
        text: str,
        *,
        total: int,
        ask: Ask,
        knows: Callable[[str], bool] = lambda _: False,
    ) -> str | None:
        """Another spelling of ``text`` that finds something, where parts of it stand nowhere; else None.

        Args:
            actor: who asks.
            asked: the question as it was put; what it says of what the actor may see is said of corrections too.
            text: the question as it was typed.
            total: how many things it found.
            ask: asks another question for the same actor.
            knows: whether something is an English word; one that stands nowhere is no slip all the same.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        text = text.strip()
        if not text or len(text) > MOST_CHARS:
            return None
        meant = self._by_sound(actor, text, ask) if not total else None
        if meant is not None:
            return meant
        few = total < FEW_HITS
        if not few and not self._has_unknown_words(asked, text):
            return None
        meant = self._respelled(asked, text, knows, eager=few)
        return meant if meant is not None and ask(meant, ()).total else None

    def _respelled(
        self,
        asked: Question,
        text: str,
        knows: Callable[[str], bool],
        *,
        eager: bool,
    ) -> str | None:
        learnt = self._words()
        if learnt is None:
            return None
        until = self._clock() + MOST_SECONDS
        asker = _Asker(self._engine, asked, learnt.english, knows, until, self._clock)
        try:
            meant = revised(text, learnt.vocabulary, asker, eager=eager)
        except _OutOfTime:
            return None
        return meant if meant != text else None

    def help(self, text: str, ask: Ask) -> Help:
        """What to offer for a question that found nothing: see :class:`kb.search.answers.Help`.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        text = " ".join(text.split())[:MOST_CHARS]
        terms = self._terms(text)
        until = self._clock() + MOST_SECONDS
        for looser in islice(_looser(text), _MOST_LOOSER):
            found = ask(looser, ("person",))
            if found.total:
                people = tuple(name for name, _ in found.facets.get("person", ())[:MOST_PEOPLE])
                return Help(looser, found.total, people, terms)
            if self._clock() > until:
                break
        return Help(terms=terms)

    def warm_up(self) -> None:
        """Learn all words now, rather than beside the first question that needs them.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        self._learn()

    def close(self) -> None:
        """Wait for the thread that may be learning; nothing is learnt from now on."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.join()

    def _by_sound(self, actor: Actor, text: str, ask: Ask) -> str | None:
        """The name that a single Latin word is the pinyin of."""
        row = units(text)
        if len(row) != 1 or not row[0].text.isascii() or not row[0].text.isalpha():
            return None
        questions = list(map(_asking_for, self._suggesting.sounding(actor, text)))
        totals = [ask(question, ()).total for question in questions]
        # Between names that sound the same, the one that more is written about.
        most = max(totals, default=0)
        return questions[totals.index(most)] if most else None

    def _has_unknown_words(self, asked: Question, text: str) -> bool:
        """Whether a word or pair of characters stands in nothing for the asker. Cheap: all were just looked up."""
        terms = [
            Term(token.signal, token.text)
            for token in tokens(text)
            if token.plain not in STOP_WORDS and len(token.text) > 1
        ]
        return not all(self._engine.idf(terms, asked.audiences, asked.without))

    def _terms(self, text: str) -> tuple[tuple[str, int], ...]:
        if self._lexicon is None:
            return ()
        lexicon = self._lexicon()
        ids = dict.fromkeys(
            number for match in lexicon.find(text, overlapping=True) for number in match.concepts
        )
        named = [lexicon.concept(number) for number in islice(ids, MOST_TERMS)]
        return tuple((" · ".join((*each.zh[:1], *each.en[:1])), each.id) for each in named)

    # The words

    def _words(self) -> _Learnt | None:
        """The words known now; None while the first are being learnt. What is new is learnt beside."""
        learnt = self._learnt
        if learnt is None:
            worker = self._learn_soon()
            if worker is not None:
                worker.join(FIRST_WAIT_SECONDS)
            return self._learnt
        if self._clock() - learnt.made > VOCABULARY_SECONDS:
            self._learn_soon()
        return learnt

    def _learn_soon(self) -> threading.Thread | None:
        """The thread that learns, started where there is none; None once closed."""
        with self._lock:
            if self._closed:
                return None
            if self._worker is None or not self._worker.is_alive():
                self._worker = threading.Thread(
                    target=self._try_to_learn, name="words", daemon=True
                )
                self._worker.start()
            return self._worker

    def _try_to_learn(self) -> None:
        try:
            self._learn()
        except Exception:  # noqa: BLE001  the next question tries again; until then the old words serve
            _log.exception("The words of the documents could not be read")

    def _learn(self) -> None:
        """Read what has changed since the words were learnt, or everything."""
        with self._learning:
            self._learn_alone()

    def _learn_alone(self) -> None:
        before, made = self._learnt, self._clock()
        with self._database.read() as session:
            state = session.scalar(select(func.max(Change.id))) or 0
        if before is not None and before.state == state:
            before.made = made
            return
        # Copied, because questions are reading what is there.
        english: WordsByAudience = defaultdict(Counter)
        for audience, words in (before.english if before else {}).items():
            english[audience] = words.copy()
        for ids in self._batches(before.state if before else None):
            with self._database.read() as session:
                for audience, words in written_words(session, ids).items():
                    english[audience].update(words)
        every: Counter[str] = Counter()
        for words in english.values():
            every.update(words)
        vocabulary = Vocabulary(EnglishWords(every), ChineseWords(self._chinese()))
        self._learnt = _Learnt(vocabulary, english, state, made)

    def _batches(self, since: int | None) -> Iterator[list[int]]:
        """Numbers of the documents that changed after the change ``since``, of all documents for None."""
        wanted = select(Document.id).order_by(Document.id)
        if since is not None:
            changed = select(Change.subject_id).where(
                Change.id > since, Change.subject == "document"
            )
            wanted = wanted.where(Document.id.in_(changed))
        last = 0
        while not self._closed:
            with self._database.read() as session:
                ids = session.scalars(wanted.where(Document.id > last).limit(_READ_AT_ONCE)).all()
            if not ids:
                return
            last = ids[-1]
            yield list(ids)

    def _chinese(self) -> Counter[str]:
        words = Counter(dict(each for each in self._engine.words() if _is_likely_word(*each)))
        with self._database.read() as session:
            words.update(names_in_chinese(session))
        if self._lexicon is not None:
            for name in self._lexicon().words():
                words.update(chinese_runs(name))
        return words


class _OutOfTime(Exception):
    """Looking a question over has taken as long as it may."""


@dataclass(slots=True)
class _Asker:
    """What one person may know of, looked up while a question is looked over."""

    engine: SearchEngine
    asked: Question
    english: WordsByAudience
    knows: Callable[[str], bool]
    until: float
    clock: Callable[[], float]
    _known: dict[str, bool] = field(default_factory=dict)

    def stands(self, text: str) -> bool:
        """See :class:`kb.search.corrections.Asker`."""
        known = self._known.get(text)
        if known is None:
            if self.clock() > self.until:
                raise _OutOfTime
            node = run(text)
            question = Question(
                node or Bag(()),
                audiences=self.asked.audiences,
                without=self.asked.without,
                limit=0,
            )
            known = self._known[text] = self.engine.search(question).total > 0
        return known

    def writes(self, word: str) -> bool:
        """See :class:`kb.search.corrections.Asker`."""
        return any(
            word in words
            for audience, words in self.english.items()
            if self.asked.audiences is None or audience in self.asked.audiences
        )

    def is_word(self, text: str) -> bool:
        """See :class:`kb.search.corrections.Asker`."""
        return self.knows(text) if text.isascii() else frequency(text) > 0


def _is_likely_word(word: str, count: int) -> bool:
    """Whether a term of the index is a Chinese word: one of the language, or made up by more than chance."""
    return is_chinese_word(word) and (count >= _CHANCE or frequency(word) > 0)


def _asking_for(name: Suggestion) -> str:
    """A question that finds what has this name."""
    if name.kind == "person":
        return f"作者:{name.text}" if " " not in name.text else f'author:"{name.text}"'
    return name.names.zh or name.code or name.text


def _looser(text: str) -> Iterator[str]:
    """Questions that ask for less than ``text``: without operators and quotes, then word by word, longest first."""
    plain = " ".join(_SYNTAX.sub(" ", text).split())
    if plain and plain != text:
        yield plain
    words = dict.fromkeys(
        token.plain
        for token in tokens(plain)
        if token.signal == "words" and len(token.plain) > 1 and token.plain not in STOP_WORDS
    )
    if len(words) > 1:
        yield from sorted(words, key=len, reverse=True)
