# ruff: noqa: RUF001  both widths of punctuation are meant
"""Fields of Word: where a link leads, and what fields show that keep no result in the file."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree

from ingest.readers.docx_names import VAL, w
from ingest.readers.docx_styles import is_on, number
from ingest.readers.docx_symbols import symbol

_HYPERLINK: Final = re.compile(r"\s*HYPERLINK\s+(?:\"([^\"]*)\"|([^\\\s\"]\S*))", re.IGNORECASE)
_PLACE: Final = re.compile(r"\\l\s+\"([^\"]*)\"", re.IGNORECASE)
_SAFE: Final = re.compile(r"(?:https?|mailto):\S", re.IGNORECASE)
_SYMBOL: Final = re.compile(
    r"\s*SYMBOL\s+(0x[0-9a-f]+|\d+)(?:.*?\\f\s+\"?([^\"\\]+))?", re.IGNORECASE
)
# 带圈字符: Word writes an encircled character as an equation that overprints a circle.
_ENCIRCLED: Final = re.compile(
    r"\s*EQ\s+\\o\s*\\ac\s*\(\s*[○◯〇□△◇]?\s*[,;]\s*([^()]*)\)", re.IGNORECASE
)
_EQUATION: Final = re.compile(r"\s*EQ\s+(.*)", re.IGNORECASE | re.DOTALL)
_FRACTION: Final = re.compile(r"\\f\s*\(([^(),;]*)[,;]([^(),;]*)\)", re.IGNORECASE)
_SWITCH: Final = re.compile(r"\\[a-z]{1,3}(?:\s*\d+)?\s*(?=[(\\])", re.IGNORECASE)
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_LONGEST: Final = 2_000  # characters of instructions that are looked at


def safe_address(address: str) -> str:
    """An address a page may link to; empty for any other."""
    address = address.strip()
    return address if _SAFE.match(address) else ""


def hyperlink(instructions: str) -> str:
    """Where a HYPERLINK field leads; empty for another field and for a place in the file itself."""
    found = _HYPERLINK.match(instructions[:_LONGEST])
    if found is None:
        return ""
    place = _PLACE.search(instructions[:_LONGEST])
    address = found[1] or found[2] or ""
    return safe_address(f"{address}#{place[1]}" if place and "#" not in address else address)


def without_result(instructions: str) -> str:
    """What a field shows that Word computes anew each time: symbols, encircled characters, simple equations."""
    instructions = instructions[:_LONGEST]
    if (sign := _SYMBOL.match(instructions)) is not None:
        return symbol(sign[2] or "", int(sign[1], 0))
    if (circled := _ENCIRCLED.match(instructions)) is not None:
        inside = circled[1].strip()
        value = int(inside) if inside.isdecimal() and len(inside) < 3 else 0  # noqa: PLR2004  ⑳ is the last
        return _CIRCLED[value - 1] if 1 <= value <= len(_CIRCLED) else inside
    if (equation := _EQUATION.match(instructions)) is not None:
        return _SWITCH.sub("", _FRACTION.sub(r"\1/\2", equation[1])).strip()
    return ""


def form_field(begin: etree._Element) -> str:
    """What a form field shows by itself: a box that is ticked or not, the chosen line of a list."""
    data = begin.find(w("ffData"))
    if data is None:
        return ""
    if (box := data.find(w("checkBox"))) is not None:
        state = box.find(w("checked"))
        if state is None:
            state = box.find(w("default"))
        return "☑" if state is not None and is_on(state.get(VAL)) else "☐"
    if (choice := data.find(w("ddList"))) is not None:
        lines = [entry.get(VAL) or "" for entry in choice.iterchildren(w("listEntry"))]
        chosen = choice.find(w("result"))
        if chosen is None:
            chosen = choice.find(w("default"))
        at = number(chosen.get(VAL), 0) if chosen is not None else 0
        return lines[at] if 0 <= at < len(lines) else ""
    return ""
