"""RTF cut into tokens, and its tables of character sets and of symbols that have a name.

Source: Microsoft, Rich Text Format Specification 1.9.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# What a control word's number may be; longer ones are an attack on `int`.
_TOKEN: Final = re.compile(
    rb"\\(?P<word>[a-zA-Z]{1,32})(?P<number>-?\d{1,10})?[ ]?"
    rb"|\\'(?P<byte>[0-9a-fA-F]{2})"
    rb"|\\(?P<symbol>[^a-zA-Z])"
    rb"|(?P<brace>[{}])"
    rb"|(?P<text>[^\\{}]+)",
    re.DOTALL,
)

# Windows character sets (\fcharset) by code page. 0 and 1 mean the document's own.
CHARSETS: Final[dict[int, str]] = {
    77: "mac_roman",
    78: "shift_jis",
    80: "gb18030",
    81: "big5hkscs",
    128: "cp932",
    129: "cp949",
    130: "johab",
    134: "gb18030",
    136: "big5hkscs",
    161: "cp1253",
    162: "cp1254",
    163: "cp1258",
    177: "cp1255",
    178: "cp1256",
    186: "cp1257",
    204: "cp1251",
    222: "cp874",
    238: "cp1250",
    255: "cp437",
}
CODE_PAGES: Final[dict[int, str]] = {
    437: "cp437",
    850: "cp850",
    932: "cp932",
    936: "gb18030",
    949: "cp949",
    950: "big5hkscs",
    10000: "mac_roman",
    54936: "gb18030",
    65001: "utf-8",
    **{page: f"cp{page}" for page in (874, *range(1250, 1259))},
}
DEFAULT_ENCODING: Final = "cp1252"
DOUBLE_BYTE: Final = frozenset({"gb18030", "big5hkscs", "cp932", "cp949", "johab", "shift_jis"})

SYMBOLS: Final[dict[str, str]] = {
    "par": "\n",
    "line": "\n",
    "tab": "\t",
    "emdash": "—",
    "endash": "–",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token. ``kind`` is ``open``, ``close``, ``word`` (with its number), ``byte`` or ``text`` (bytes)."""

    kind: str
    word: str = ""
    number: int | None = None
    data: bytes = b""


def tokens(content: bytes) -> Iterator[Token]:
    r"""Yield the tokens of an RTF file; binary data (``\bin``) is passed over, line breaks of the file are dropped."""
    at, end = 0, len(content)
    while at < end:
        match = _TOKEN.match(content, at)
        if match is None:  # a lone backslash at the end
            return
        at = match.end()
        if match["brace"]:
            yield Token("open" if match["brace"] == b"{" else "close")
        elif match["word"]:
            word = match["word"].decode("ascii")
            number = int(match["number"]) if match["number"] else None
            if word == "bin":
                at += max(0, min(number or 0, end - at))
            else:
                yield Token("word", word, number)
        elif match["byte"]:
            yield Token("byte", data=bytes.fromhex(match["byte"].decode("ascii")))
        elif match["symbol"]:
            yield Token("word", match["symbol"].decode("latin-1"))
        else:
            text = match["text"].translate(None, b"\r\n\x00")
            if text:
                yield Token("text", data=text)


def encoding_of(code_page: int | None) -> str:
    """Return Python's name of a code page; the default where it is unknown."""
    return CODE_PAGES.get(code_page or 0, DEFAULT_ENCODING)
