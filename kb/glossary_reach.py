"""Which documents a change of the glossary reaches: those that hold a word which the segmenter gains or loses.

A word changes how a text is cut only where all its characters stand side by side, so no other document can change.
Texts are compared folded, and without the spaces of letter-spaced headings; where that finds a document too many, it is
indexed once more than needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb.models import Document, DocumentSection
from kb.search.folding import fold_text

# Up to so many words the database sorts out most texts before they are folded. Among 20,000 documents of 1,200
# characters that takes 0.1 to 0.3 seconds for a word; folding all texts takes 1.9, whatever the number of words.
_MAX_SCREENED_WORDS: Final = 8
_ROWS_AT_ONCE: Final = 500
# Everything that may fold to Chinese characters: radicals (⼈), enclosed and squared ones (㊀, ㍿) and the characters.
_HAN_BLOCKS: Final = (range(0x2E80, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x323B0))


def documents_holding(session: Session, words: Collection[str]) -> list[int]:
    """Ids of the documents whose title, headings or text hold any of ``words``, whoever may read them."""
    wanted = {fold_text(word).replace(" ", "") for word in words}
    by_first: dict[str, list[str]] = defaultdict(list)
    for word in wanted:
        by_first[word[0]].append(word)
    if not by_first:
        return []
    found: set[int] = set()
    for document_id, text in _texts(session, wanted):
        if document_id not in found and _holds(text, by_first):
            found.add(document_id)
    return sorted(found)


def _texts(session: Session, words: Collection[str]) -> Iterator[tuple[int, str]]:
    for document_id, column in (
        (Document.id, Document.title),
        (DocumentSection.document_id, DocumentSection.heading),
        (DocumentSection.document_id, DocumentSection.text),
    ):
        rows = session.execute(select(document_id, column).where(_may_hold(column, words)))
        for part in rows.partitions(_ROWS_AT_ONCE):
            yield from ((row[0], row[1]) for row in part)


def _may_hold(column: InstrumentedAttribute[str], words: Collection[str]) -> ColumnElement[bool]:
    """Condition: the column holds every character of one of the words, each in any of its writings."""
    if len(words) > _MAX_SCREENED_WORDS:
        return true()
    writings = _writings()
    return or_(
        *(
            and_(
                *(
                    or_(*(column.contains(one) for one in (char, *writings.get(char, ()))))
                    for char in dict.fromkeys(word)
                )
            )
            for word in sorted(words)
        )
    )


def _holds(text: str, by_first: Mapping[str, list[str]]) -> bool:
    folded = fold_text(text).replace(" ", "")
    return any(word in folded for char in by_first.keys() & set(folded) for word in by_first[char])


@cache
def _writings() -> Mapping[str, list[str]]:
    """For each character the others that fold to it. Takes 0.4 seconds, once, when a glossary is first edited."""
    writings: dict[str, list[str]] = defaultdict(list)
    for other in map(chr, chain.from_iterable(_HAN_BLOCKS)):
        for char in fold_text(other):
            if char != other:
                writings[char].append(other)
    return dict(writings)
