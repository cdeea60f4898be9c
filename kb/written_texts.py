"""Texts that people type into long fields: made storable, and which language they are in."""

from __future__ import annotations

import re
from typing import Final

from kb.errors import N_, InvalidInput

# One Chinese character says about as much as so many Latin letters.
_LETTERS_PER_HAN: Final = 4
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN: Final = re.compile(r"[A-Za-z\u00c0-\u024f]")


def clean(text: str, most: int, what: str, *, needed: bool = False) -> str:
    """A long text without what no text should hold.

    Raises:
        InvalidInput: it is longer than ``most`` characters, or empty where it is ``needed``.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if needed and not text:
        raise InvalidInput(field=what, reason=N_("it is empty"))
    if len(text) > most:
        raise InvalidInput(field=what, reason=N_("it is too long"))
    return text


def language_of(text: str) -> str:
    """The language that most of a text is in.

    ::

        >>> language_of("如何申请 change request?"), language_of("What is the 变更 form?")
        ('zh', 'en')
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    return "zh" if han * _LETTERS_PER_HAN >= latin else "en"
