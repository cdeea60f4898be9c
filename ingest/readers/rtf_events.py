"""RTF interpreted: from tokens to text with its looks, and the marks that part paragraphs, cells and rows.

A stack of states follows the groups, as the specification describes readers. Text keeps
its code page (each font has one: 宋体 is GBK, whatever the document says), Unicode escapes skip
their substitutes, deletions and hidden text are left out.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from ingest.readers.rtf_tokens import CHARSETS, DEFAULT_ENCODING, SYMBOLS, Token, encoding_of

# Words that begin a group whose text is no part of the document.
_IGNORED: Final = """
    colortbl filetbl listtable listoverridetable revtbl rsidtbl generator themedata
    colorschememapping datastore latentstyles xmlnstbl mmathPr objdata objclass bkmkstart
    bkmkend pgdsctbl template passwordhash upr wgrffmtfilter formfield atrfstart atrfend
    atndate atntime atnref atnparent private nonshppict listpicture ftnsep ftnsepc ftncn
    aftnsep aftnsepc aftncn do defchp defpap sp sn sv background nonesttables docvar userprops
    factoidname pnseclvl pn mhtmltag htmltag list listlevel leveltext levelnumbers listname
    listoverride lfolevel
"""
# Words that begin a group that only wraps what belongs to the text around it.
_WRAPPERS: Final = """
    shppict shp shpinst shptxt shpgrp field fldrslt object result nesttableprops pntxta pntxtb
"""
# Where text goes, by the word its group begins with; empty: where it went before. What is missing here and is marked as
# optional (\*) is left out.
DESTINATIONS: Final[dict[str, str]] = {
    **dict.fromkeys(_IGNORED.split(), "ignored"),
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
    **{name: name for name in ("fonttbl", "stylesheet", "fldinst", "pict", "footnote", "info")},
    **dict.fromkeys(("listtext", "pntext"), "label"),
    "annotation": "comment",
    "atnauthor": "comment author",
    "atnid": "ignored",
    **dict.fromkeys(_WRAPPERS.split(), ""),
}
INFO: Final[dict[str, str]] = {
    "title": "title",
    "subject": "subject",
    "author": "creator",
    "keywords": "keywords",
    "doccomm": "description",
    "operator": "last modified by",
    "company": "company",
    "manager": "manager",
    "category": "category",
}
_SWITCHES: Final = {
    "b": "bold",
    "i": "italic",
    "strike": "strike",
    "striked": "strike",
    "v": "hidden",
    "deleted": "hidden",
    "htmlrtf": "hidden",
}
_LITERAL: Final = {
    "\\": "\\",
    "{": "{",
    "}": "}",
    "~": " ",
    "_": "-",
    "-": "",
    "\n": "\n",
    "\r": "\n",
}
_MAX_DEPTH: Final = 5_000  # groups within groups; Word writes about 20
_LINK: Final = re.compile(r'HYPERLINK\s+(?:\\\w\s+)*"([^"]+)"', re.IGNORECASE)
_HIGH_SURROGATES: Final = range(0xD800, 0xDC00)
_LOW_SURROGATES: Final = range(0xDC00, 0xE000)
_UNICODE_WRAP: Final = 0x10000  # code units above 32,767 are written as negative numbers


@dataclass(frozen=True, slots=True)
class State:
    """What a group inherits and gives up at its end."""

    destination: str = "body"
    font: int = -1
    bold: bool = False
    italic: bool = False
    strike: bool = False
    hidden: bool = False
    substitutes: int = 1
    href: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A step of the document.

    ``kind`` is ``text`` (with its state), ``word`` (a control word that is none of the state's),
    ``begin`` or ``end`` (of a destination).
    """

    kind: str
    text: str
    state: State
    number: int | None = None


class Interpreter:
    """Turns the tokens of one file into events."""

    def __init__(self) -> None:
        self._state = State()
        self._stack: list[State] = []
        self._encoding = DEFAULT_ENCODING
        self._fonts: dict[int, str] = {}
        self._default_font = -1
        self._pending = bytearray()
        self._skip = 0
        self._fresh = self._optional = False
        self._instruction = ""
        self._high = 0

    def events(self, tokens: Iterable[Token]) -> Iterator[Event]:
        """Yield the events of a file in order; groups that a cut-off file leaves open are ended."""
        for token in tokens:
            if token.kind in {"byte", "text"}:
                self._take(token)
                continue
            yield from self._flush()
            if token.kind == "open":
                if len(self._stack) < _MAX_DEPTH:
                    self._stack.append(self._state)
                self._fresh, self._optional, self._skip = True, False, 0
            elif token.kind == "close":
                yield from self._close()
            elif token.word == "*" and self._fresh:
                self._optional = True
            else:
                yield from self._word(token.word, token.number)
                self._fresh = False
        yield from self._flush()
        while self._stack:
            yield from self._close()

    def _take(self, token: Token) -> None:
        """Keep bytes until a word or a brace ends the run: a character may be half escape, half plain."""
        data = token.data
        if self._skip:
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
        if data:
            self._high = 0
        self._pending += data
        self._fresh = False

    def _flush(self) -> Iterator[Event]:
        if not self._pending:
            return
        font = self._state.font if self._state.font in self._fonts else self._default_font
        encoding = self._fonts.get(font) or self._encoding
        text = self._pending.decode(encoding, "replace")
        self._pending.clear()
        yield from self._text(text)

    def _text(self, text: str) -> Iterator[Event]:
        state = self._state
        if state.destination == "fldinst":
            self._instruction += text
        elif state.destination != "ignored" and not (state.hidden and state.destination == "body"):
            yield Event("text", text, state)

    def _unicode(self, unit: int) -> Iterator[Event]:
        """Take one UTF-16 unit; the first of a pair waits for the second, one without the other is dropped."""
        high, self._high = self._high, 0
        if unit in _HIGH_SURROGATES:
            self._high = unit
        elif unit not in _LOW_SURROGATES:
            yield from self._text(chr(unit))
        elif high:
            yield from self._text(struct.pack("<HH", high, unit).decode("utf-16-le"))

    def _close(self) -> Iterator[Event]:
        self._skip, self._fresh = 0, False
        if not self._stack:
            return
        ended, self._state = self._state, self._stack.pop()
        if ended.destination == self._state.destination:
            return
        if ended.destination == "fldinst":
            # The group that ends next is the field: its result inherits the address.
            found = _LINK.search(self._instruction)
            self._instruction = ""
            if found:
                self._state = replace(self._state, href=found.group(1))
        elif ended.destination != "ignored":
            yield Event("end", ended.destination, ended)

    def _word(self, word: str, number: int | None) -> Iterator[Event]:
        if self._fresh and (word in DESTINATIONS or word in INFO or self._optional):
            yield from self._enter(word)
        elif self._skip and (word in SYMBOLS or word in _LITERAL):
            self._skip -= 1
        elif word == "u" and number is not None:
            self._skip = self._state.substitutes
            yield from self._unicode(number % _UNICODE_WRAP)
        elif word in _SWITCHES:
            self._state = _switched(self._state, _SWITCHES[word], on=number != 0)
        elif word == "plain":
            self._state = replace(
                self._state, bold=False, italic=False, strike=False, hidden=False, font=-1
            )
        elif word == "uc":
            self._state = replace(self._state, substitutes=max(0, min(number or 0, 10)))
        elif word in {"f", "fcharset", "cpg", "ansicpg", "mac", "pc", "pca", "deff"}:
            self._charset(word, number)
        elif word in SYMBOLS and word != "par":
            yield from self._text(SYMBOLS[word])
        elif word in _LITERAL and word not in "\r\n":
            yield from self._text(_LITERAL[word])
        elif self._state.destination != "ignored":
            yield Event("word", "par" if word in "\r\n" else word, self._state, number)

    def _enter(self, word: str) -> Iterator[Event]:
        """Change the destination: the word is the first of its group."""
        here = self._state.destination
        if here == "ignored":
            return
        if here == "info" and word in INFO:
            there = INFO[word]
        elif word in DESTINATIONS:
            known = DESTINATIONS[word]
            there = known or here
        else:
            there = "ignored" if self._optional else here
        self._state = replace(self._state, destination=there)
        if there not in {here, "ignored"}:
            yield Event("begin", there, self._state)

    def _charset(self, word: str, number: int | None) -> None:
        if word == "f":
            self._state = replace(self._state, font=number if number is not None else -1)
        elif word == "fcharset" and self._state.destination == "fonttbl":
            if number in CHARSETS:
                self._fonts[self._state.font] = CHARSETS[number]
        elif word == "cpg" and self._state.destination == "fonttbl":
            self._fonts[self._state.font] = encoding_of(number)
        elif word == "deff":
            self._default_font = number if number is not None else -1
        elif word == "ansicpg":
            self._encoding = encoding_of(number)
        elif word == "mac":
            self._encoding = "mac_roman"
        elif word in {"pc", "pca"}:
            self._encoding = "cp437" if word == "pc" else "cp850"


def _switched(state: State, look: str, *, on: bool) -> State:
    match look:
        case "bold":
            return replace(state, bold=on)
        case "italic":
            return replace(state, italic=on)
        case "strike":
            return replace(state, strike=on)
        case _:
            return replace(state, hidden=on)
