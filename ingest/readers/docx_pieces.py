"""Pieces of one paragraph as Markdown and, within HTML tables, as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from ingest.readers.docx_model import BOLD, BREAK, ITALIC, LOWERED, NOTE, PICTURE, RAISED, Piece
from kb.markdown import escape_inline

_LINE_BREAK: Final = re.compile(r"\s*\n\s*")
# Signs that would end an address or mean something else in Markdown.
_UNSAFE: Final = re.compile(r"[\\ ()<>|\"*`\[\]\s]")


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces of one look as one; white space takes the look of what stands before it."""
    merged: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        last = merged[-1] if merged else None
        if last is None or last.kind or piece.kind:
            merged.append(piece)
        elif last[1:] == piece[1:] or (piece.text.isspace() and last.href == piece.href):
            merged[-1] = last._replace(text=last.text + piece.text)
        else:
            merged.append(piece)
    return merged


def marked(piece: Piece) -> str:
    """Literal text with the marks of its look; spaces stay outside of the marks."""
    text = piece.text
    bare = text.strip()
    if not bare:
        return " " if text else ""
    start = text.index(bare)
    before, after = text[:start], text[start + len(bare) :]
    written = escape_inline(bare)
    if not piece.look and not piece.href:
        return f"{escape_inline(before)}{written}{escape_inline(after)}"
    if piece.look & RAISED:
        written = f"<sup>{written}</sup>"
    if piece.look & LOWERED:
        written = f"<sub>{written}</sub>"
    stars = ("**" if piece.look & BOLD else "") + ("*" if piece.look & ITALIC else "")
    written = f"{stars}{written}{stars[::-1]}"
    if piece.href:
        written = f"[{written}]({_address(piece.href)})"
    return f"{escape_inline(before)}{written}{escape_inline(after)}"


def _address(href: str) -> str:
    """An address as it may stand in the parentheses of a link."""
    return _UNSAFE.sub(lambda sign: quote(sign[0], safe=""), href)


def html_piece(piece: Piece) -> str:
    """One piece as HTML; a note keeps its mark ``[^1]``, which the page resolves there too."""
    if piece.kind == BREAK:
        return "<br>"
    if piece.kind == NOTE:
        return f"[^{piece.text}]"
    if piece.kind == PICTURE:
        return f'<img src="{piece.text}" alt="{html.escape(piece.href)}">'
    # A line break inside would end the table for Markdown's reader.
    text = html.escape(_LINE_BREAK.sub(" ", piece.text), quote=False).replace("[^", "&#91;^")
    if text.strip():
        for look, tag in ((RAISED, "sup"), (LOWERED, "sub"), (ITALIC, "em"), (BOLD, "strong")):
            text = f"<{tag}>{text}</{tag}>" if piece.look & look else text
        if piece.href:
            text = f'<a href="{html.escape(piece.href)}">{text}</a>'
    return text
