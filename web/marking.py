"""The words of a question as they stand in a text, so that a page can mark them.

They are found by the analyser that found the document, so inflected, traditional and full-width forms are marked too.
"""

from __future__ import annotations

import re
from typing import Final

from kb.search.analysis import tokens
from kb.search.folding import fold
from kb.search.wording import STOP_WORDS

# Text beyond this is not looked at, in characters: a page should not wait for the segmenting of a whole book.
MAX_CHARS: Final = 150_000
# More different words than this on one page are no help to the eye.
MAX_WORDS: Final = 100
# `title:closing` asks for “closing”; and these join words.
_SYNTAX: Final = re.compile(r"\w+[:：](?=\S)|\b(?:AND|OR|NOT)\b")


def words_to_mark(query: str, text: str) -> tuple[str, ...]:
    """The different words of ``text`` that ``query`` asks for, as they are written there; the longest first."""
    asked = [token for token in tokens(_SYNTAX.sub(" ", query)) if token.text not in STOP_WORDS]
    text = text[:MAX_CHARS]
    folded = fold(text)
    # Runs that are no words to the segmenter are found, and then marked, by their pairs of characters.
    for signal in ("words", "grams"):
        wanted = {token.text for token in asked if token.signal == signal}
        spans = {
            folded.original(token.start, token.end)
            for token in (tokens(text) if wanted else ())
            if token.signal == signal and token.text in wanted
        }
        if spans:
            found = sorted({text[start:end] for start, end in spans}, key=lambda word: (-len(word), word))
            return tuple(found[:MAX_WORDS])
    return ()
