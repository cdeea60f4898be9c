"""Markdown cut into blocks, line by line, in linear time: headings, fences, HTML tables, footnotes, and the rest.

This is the one place that decides what a heading is and what its anchor is; reading (sections, plain text) and
showing (HTML) both start here, so they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["heading", "fence", "html", "footnote", "text"]

ANCHOR_CHARS: Final = 100  # a longer heading keeps this much in its anchor: addresses stay readable

_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$")
_HEADING: Final = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_UNDERLINE: Final = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_FOOTNOTE: Final = re.compile(r"\[\^([^\]\s\[]{1,200})\]:[ \t]*")
_REFERENCE: Final = re.compile(r" {0,3}\[([^\[\]^][^\[\]]{0,299})\]:[ \t]*(\S{1,4000})")
_TABLE: Final = re.compile(r" {0,3}<table[\s>]", re.IGNORECASE)
_TABLE_TAG: Final = re.compile(r"<(/?)table(?=[\s>])", re.IGNORECASE)
_NOT_A_PARAGRAPH: Final = re.compile(r"(?:[-*+>|]|\d+[.)])(?:\s|$)|\|| {4}|\t")
_NOT_IN_AN_ANCHOR: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class Block:
    """One block.

    Attributes:
        kind: what it is; ``text`` is everything Markdown's own rules read: paragraphs, lists, quotations, pipe tables.
        text: heading: its Markdown; fence: the code; html: the markup; footnote: its Markdown; text: the lines.
        label: fence: its language; footnote: its label.
        level: heading: 1 to 6.
    """

    kind: Kind
    text: str
    label: str = ""
    level: int = 0


def normalise(body: str) -> str:
    """Write a body with line feeds only and without the characters that Markdown's reader uses for itself."""
    return body.replace("\r\n", "\n").replace("\r", "\n").replace("\x02", "").replace("\x03", "")


def blocks(body: str) -> Iterator[Block]:
    """Cut a body into its blocks, in order. Every line but blank ones and marks is in exactly one of them."""
    lines = normalise(body).split("\n")
    pending: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        taken = None
        if line[:4].lstrip(" ")[:1] in _STARTERS or (pending and _UNDERLINE.match(line)):
            taken = _special(lines, at, pending)
        if taken is None:
            pending.append(line)
            at += 1
            continue
        block, at = taken
        if any(pending):
            yield Block("text", "\n".join(pending))
        pending = []
        yield block
    if any(pending):
        yield Block("text", "\n".join(pending))


_STARTERS: Final = frozenset("#`~<[")


def _special(lines: list[str], at: int, pending: list[str]) -> tuple[Block, int] | None:
    """The block other than text that starts at a line, and the line after it; None when none does."""
    line = lines[at]
    if heading := _HEADING.match(line):
        return Block(
            "heading", _without_closing(line[heading.end() :]), level=len(heading[1])
        ), at + 1
    if fence := _FENCE.match(line):
        return _fence(lines, at, fence)
    if _TABLE.match(line):
        return _html_table(lines, at)
    if note := _FOOTNOTE.match(line):
        return _footnote(lines, at, note)
    if _UNDERLINE.match(line) and _is_title(pending):
        title = pending.pop().strip()
        return Block("heading", title, level=1 if "=" in line else 2), at + 1
    return None


def _without_closing(heading: str) -> str:
    """A heading may be closed by number signs: ``## Scope ##``."""
    heading = heading.rstrip()
    bare = heading.rstrip("#")
    return bare.rstrip() if not bare or bare[-1] in " \t" else heading


def _fence(lines: list[str], at: int, opening: re.Match[str]) -> tuple[Block, int]:
    mark = opening[1]
    end = at + 1
    while end < len(lines):
        line = lines[end].strip()
        if len(line) >= len(mark) and line == mark[0] * len(line):
            break
        end += 1
    language = opening[2].strip().split(" ")[0]
    return Block("fence", "\n".join(lines[at + 1 : end]), label=language), end + 1


def _html_table(lines: list[str], at: int) -> tuple[Block, int]:
    """An HTML table ends where it is closed; one that is not closed ends before the first blank line."""
    depth, end = 0, at
    while end < len(lines):
        for tag in _TABLE_TAG.finditer(lines[end]):
            depth += -1 if tag[1] else 1
        end += 1
        if depth <= 0:
            break
        if end < len(lines) and not lines[end].strip():
            following = lines[end + 1] if end + 1 < len(lines) else ""
            if not following.lstrip().startswith("<"):
                break
    return Block("html", "\n".join(lines[at:end])), end


def _footnote(lines: list[str], at: int, opening: re.Match[str]) -> tuple[Block, int]:
    text = [lines[at][opening.end() :]]
    end = at + 1
    while end < len(lines):
        line = lines[end]
        if not line.strip():
            following = lines[end + 1] if end + 1 < len(lines) else ""
            if not following.startswith(("    ", "\t")):
                break
        elif not line.startswith(("    ", "\t")) and (
            _starts_block(line) or not lines[end - 1].strip()
        ):
            break
        text.append(line.strip())
        end += 1
    return Block("footnote", "\n".join(text).strip(), label=opening[1]), end


def _starts_block(line: str) -> bool:
    return any(start.match(line) for start in (_HEADING, _FENCE, _TABLE, _FOOTNOTE))


def _is_title(pending: list[str]) -> bool:
    """True when the last line is a paragraph of its own, so that an underline makes it a heading."""
    if not pending or not pending[-1].strip() or _NOT_A_PARAGRAPH.match(pending[-1]):
        return False
    return len(pending) == 1 or not pending[-2].strip()


def references(body: str) -> dict[str, str]:
    """The lines that define link references (``[label]: address``), by their label in lower case."""
    if "]:" not in body:
        return {}
    found: dict[str, str] = {}
    for line in normalise(body).split("\n"):
        if (match := _REFERENCE.match(line)) is not None:
            found.setdefault(match[1].strip().lower(), line)
    return found


class Anchors:
    """Gives each heading of a document its anchor: readable, unique, the same for the same headings in order."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._last: dict[str, int] = {}

    def of(self, heading: str) -> str:
        """The anchor for the plain text of the next heading: ``3.2 风险 Register`` → ``3-2-风险-register``."""
        base = (
            _NOT_IN_AN_ANCHOR.sub("-", heading.lower()).strip("-_")[:ANCHOR_CHARS].rstrip("-_")
            or "section"
        )
        anchor, number = base, self._last.get(base, 1)
        while anchor in self._given:
            number += 1
            anchor = f"{base}-{number}"
        self._last[base] = number
        self._given.add(anchor)
        return anchor
