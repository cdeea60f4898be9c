"""The words that questions may have been meant with: read from documents, names and the index.

English words are read as they are written, because the index holds stems only, and for each audience by itself, because
whether a word is spelled just so is known to nobody but who may read it. Chinese words are those of the index and of
names; whether somebody may know of one the index itself can say.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from kb.models import Document, DocumentPerson, DocumentSection, DocumentTag, Project
from kb.search.chinese_slips import MAX_WORD_CHARS, MIN_WORD_CHARS
from kb.search.folding import HAN, fold_text

_PUBLISHED: Final = "published"
_READ_AT_ONCE: Final = 100  # documents in memory
_LETTERS: Final = re.compile(rf"[^\W\d_{HAN}]{{3,30}}")
_HAN_WORD: Final = re.compile(f"[{HAN}]{{{MIN_WORD_CHARS},{MAX_WORD_CHARS}}}")

WordsByAudience = dict[int, Counter[str]]


def written_words(session: Session, ids: Sequence[int]) -> WordsByAudience:
    """For each audience the English words in published documents out of ``ids``, and how many hold each."""
    texts: dict[int, list[str]] = defaultdict(list)
    audiences: dict[int, int] = {}
    own = (Document.state == _PUBLISHED) & Document.id.in_(ids)
    for number, audience, title in session.execute(
        select(Document.id, Document.audience_id, Document.title).where(own)
    ):
        audiences[number] = audience
        texts[number].append(title)
    parts = select(DocumentSection.document_id, DocumentSection.heading, DocumentSection.text)
    for number, heading, text in session.execute(parts.join(Document).where(own)):
        texts[number] += (heading, text)
    found: WordsByAudience = defaultdict(Counter)
    for number, own_texts in texts.items():
        found[audiences[number]].update(set(_LETTERS.findall(fold_text(" ".join(own_texts)))))
    return found


def names_in_chinese(session: Session) -> Iterable[str]:
    """Chinese runs of titles, tags, people's and projects' names, each as often as it is there."""
    rows: tuple[Select[Any], ...] = (
        select(Document.title),
        select(DocumentTag.tag),
        select(DocumentPerson.name),
        select(Project.name_zh),
    )
    for each in rows:
        for (name,) in session.execute(each):
            yield from chinese_runs(name)


def chinese_runs(text: str) -> list[str]:
    """Runs of Chinese characters that are no longer than a word may be."""
    folded = fold_text(text)
    return [
        match.group()
        for match in re.finditer(f"[{HAN}]+", folded)
        if _HAN_WORD.fullmatch(match.group())
    ]


def is_chinese_word(text: str) -> bool:
    """Whether a term of the index is a Chinese word of a length that is compared."""
    return _HAN_WORD.fullmatch(text) is not None
