"""The words of a question as they stand in a text, so that a page can mark them.

They are found the way the passages of the hits are, so inflected, traditional and full-width forms are marked too.
"""

from __future__ import annotations

from typing import Final

from kb.search.language import understand
from kb.search.passages import Highlighter

# Text beyond this is not looked at, in characters: a page should not wait for a whole book.
MAX_CHARS: Final = 300_000
# More different words than this on one page are no help to the eye.
MAX_WORDS: Final = 100


def words_to_mark(query: str, text: str) -> tuple[str, ...]:
    """The different words of ``text`` that ``query`` asks for, as they are written there; the longest first."""
    text = text[:MAX_CHARS]
    marks = Highlighter(understand(query).wanted).marks(text) if query else []
    found = {text[mark.start : mark.end] for mark in marks}
    return tuple(sorted(found, key=lambda word: (-len(word), word))[:MAX_WORDS])
