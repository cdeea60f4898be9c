"""Reasons: why a document is a hit, told by the words of the question.

An engine explains its score term by term (:meth:`kb.search.engine.SearchEngine.explain`): words, words within words,
pairs of characters, stems, translations. Nobody asked for those. Here they are put together again under the words that
somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from kb.search.analysis import Token, stem, tokens
from kb.search.answers import Expansion, ReasonHow, WordReason
from kb.search.engine import Explanation, Reason, Standing
from kb.search.folding import HAN, fold, fold_text
from kb.search.query import Term, Together
from kb.search.wording import STOP_WORDS

# Of a long document so much is looked through for how words are written, in characters.
_MOST_CHARS: Final = 60_000
_MOST_FORMS: Final = 4  # ways of writing one word that are told
_LETTERS: Final = re.compile(rf"[^\W\d_{HAN}]+")


class Told(NamedTuple):
    """The reasons, those that add most first, and the words of the question that are not there."""

    reasons: tuple[WordReason, ...]
    missing: tuple[str, ...]


def told(
    explanation: Explanation, question: str, expansions: Sequence[Expansion], texts: Iterable[str]
) -> Told:
    """An engine's explanation in the words of the question.

    Args:
        explanation: what the engine says of the hit.
        question: as it was typed.
        expansions: what its words were also searched as.
        texts: those of the document, to see how words are written there.
    """
    asked = _Asked(question)
    forms = _Forms(texts)
    groups: dict[tuple[ReasonHow, str], _Group] = {}
    for reason in explanation.reasons:
        how, word, own = _place(reason, asked, expansions)
        group = groups.setdefault((how, word), _Group(how, word))
        group.score += reason.score
        group.reasons.append((reason, own))
    total = explanation.score or 1.0
    reasons = sorted(
        (group.told(total, forms) for group in groups.values()), key=lambda each: -each.share
    )
    there = {each.asked for each in reasons if each.how != "neighbours"}
    missing = [word for word in asked.words if word not in there]
    return Told(tuple(reasons), tuple(missing))


class _Asked:
    """The words of a question: the outermost ones that its terms lie in."""

    def __init__(self, question: str) -> None:
        folded = fold(question)
        self._tokens: dict[tuple[str, str], Token] = {}
        found: list[Token] = []
        for token in tokens(question):
            self._tokens.setdefault((token.signal, token.text), token)
            if token.signal == "words" and token.plain not in STOP_WORDS:
                found.append(token)
        self._outer: list[tuple[int, int, str]] = []
        for token in sorted(found, key=lambda each: (each.start, -each.end)):
            if not self._outer or token.end > self._outer[-1][1]:
                first, last = folded.original(token.start, token.end)
                self._outer.append((token.start, token.end, question[first:last]))

    @property
    def words(self) -> list[str]:
        """The words as they were typed, each once."""
        return list(dict.fromkeys(text for *_, text in self._outer))

    def word_of(self, term: Term) -> str | None:
        """The word that a term of the question lies in, empty for one across two words; None for no term of it."""
        token = self._tokens.get((term.signal, term.text))
        if token is None:
            return None
        around = (
            text for start, end, text in self._outer if start <= token.start and token.end <= end
        )
        return next(around, "")

    def is_whole(self, term: Term, word: str) -> bool:
        """Whether a term is all of a word, not a part of it."""
        token = self._tokens.get((term.signal, term.text))
        return token is not None and token.signal == "words" and token.plain == fold_text(word)


class _Forms:
    """How words are written in a document, by their stems."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._written: dict[str, list[str]] = {}
        left = _MOST_CHARS
        for text in texts:
            for match in _LETTERS.finditer(text[: max(left, 0)]):
                written = self._written.setdefault(stem(fold_text(match.group())), [])
                if len(written) < _MOST_FORMS and match.group() not in written:
                    written.append(match.group())
            left -= len(text)

    def of(self, term: Term) -> list[str]:
        """How a term is written there; as it is for Chinese characters and codes."""
        return self._written.get(term.text, [term.text])


@dataclass(slots=True)
class _Group:
    """Reasons that are told as one. Those that are the word itself, not a part of it, are marked."""

    how: ReasonHow
    word: str
    score: float = 0.0
    reasons: list[tuple[Reason, bool]] = field(default_factory=list)

    def told(self, total: float, forms: _Forms) -> WordReason:
        main, _ = max(self.reasons, key=lambda each: (each[1], each[0].score))
        best = max(
            main.standing, key=lambda each: each.title + each.headings + each.body, default=None
        )
        return WordReason(
            asked=self.word,
            found_as=tuple(self._forms(forms)),
            how=self.how,
            share=self.score / total,
            title=best.title if best else 0,
            headings=best.headings if best else 0,
            body=best.body if best else 0,
            holding=main.holding,
        )

    def _forms(self, forms: _Forms) -> Iterator[str]:
        """How it is written in the document, where that is not how it was asked."""
        if self.how == "word" and _LETTERS.fullmatch(self.word) is None:
            return
        own = fold_text(self.word)
        written: dict[str, str] = {}
        for reason, _ in self.reasons:
            pairs = [each.term.text for each in reason.standing if each.term.signal == "grams"]
            plain = [each for each in reason.standing if each.term.signal == "words"]
            for text in (
                *_chained(pairs),
                *(form for each in plain for form in forms.of(each.term)),
            ):
                written.setdefault(fold_text(text), text)
        yield from [text for folded, text in written.items() if folded != own][:_MOST_FORMS]


def _place(
    reason: Reason, asked: _Asked, expansions: Sequence[Expansion]
) -> tuple[ReasonHow, str, bool]:
    """How a reason is told, under which word of the question, and whether it is all of that word."""
    if reason.asked is None:
        return "matter" if reason.how == "matter" else "more", "", True
    if reason.how == "beginning":
        return "beginning", "", True
    first = reason.asked.terms[0] if len(reason.asked.terms) == 1 else None
    if isinstance(first, Together) and first.reach:
        # Words that stand by each other as they were asked count a little more than each of them alone.
        words = [asked.word_of(term) for term in first.terms]
        return "side by side", " ".join(word for word in words if word), True
    for term in _terms(each for each in reason.asked.terms):
        word = asked.word_of(term)
        if word is not None and len(reason.asked.terms) == 1:
            return reason.how if word else "neighbours", word, asked.is_whole(term, word)
    return "also", _origin(reason.standing, expansions), False


def _terms(found: Iterable[Term | Together]) -> Iterator[Term]:
    for each in found:
        if isinstance(each, Together):
            yield from each.terms
        else:
            yield each


def _origin(standing: Sequence[Standing], expansions: Sequence[Expansion]) -> str:
    """The word of the question that was also searched as what stands in the document; empty where that is not known."""
    wanted = {(each.term.signal, each.term.text) for each in standing}
    for expansion in expansions:
        own = {(token.signal, token.text) for name in expansion.to for token in tokens(name)}
        if wanted & own:
            return expansion.term
    return ""


def _chained(pairs: Sequence[str]) -> list[str]:
    """Pairs of characters as the run they come from: 供应 and 应商 give 供应商."""
    runs: list[str] = []
    for pair in pairs:
        if runs and pair[:1] == runs[-1][-1:] and len(pair) > 1:
            runs[-1] += pair[1:]
        else:
            runs.append(pair)
    return runs
