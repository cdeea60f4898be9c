"""Plain text, AsciiDoc and comma-separated values."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Final

from ingest.charset import decode
from ingest.formats import Format
from ingest.readers.drafting import Findings, finish
from ingest.readers.grid import Grid, write_grid
from ingest.readers.writing import Run, blocks, code_block, heading, inline, visible
from kb.drafts import Draft
from kb.errors import NoText

# Headings that stand out by their numbering alone, on a line of their own, without a full stop.
_NUMBERED_HEADINGS: Final[tuple[tuple[re.Pattern[str], int], ...]] = (
    (re.compile(r"第[一二三四五六七八九十百\d]+[章篇部编][ \u3000]*\S.{0,40}"), 1),
    (re.compile(r"第[一二三四五六七八九十百\d]+节[ \u3000]*\S.{0,40}"), 2),
    (re.compile(r"[一二三四五六七八九十]{1,3}、\S.{0,40}"), 2),
    (re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)][ \u3000]*\S.{0,40}"), 3),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{1,2}\.?[ \t\u3000]+\S.{0,70}"), 4),
    (re.compile(r"\d{1,2}\.\d{1,2}\.?[ \t\u3000]+\S.{0,70}"), 3),
    (re.compile(r"(?:Chapter|Part) \d{1,2}\b.{0,70}", re.IGNORECASE), 1),
)
_SENTENCE_ENDS: Final = tuple("。；;，,、：:.…")
_TITLE_AND_LINE: Final = 2  # lines of a heading that is underlined
_UNDERLINE: Final = re.compile(r"(=|-|~|\*)\1{3,}\s*")
# Lines of at least this many characters that nearly fill the width were wrapped by a program, not by the writer.
_WRAPPED_FROM: Final = 50


def read_text(path: Path, name: str) -> Draft:
    """Read plain text: blank lines part paragraphs, numbered lines that stand alone become headings.

    Raises:
        NoText: there is not a word in it.
    """
    decoded = decode(path.read_bytes())
    found = Findings(properties={"charset": decoded.encoding})
    if decoded.replaced:
        found.lose(f"{decoded.replaced} bytes fit no character set and were replaced.")
    found.body = blocks(text_blocks(decoded.text))
    found.text = decoded.text
    return finish(found, name, Format.TEXT)


def text_blocks(text: str) -> list[str]:
    """Return plain text as blocks of Markdown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n")
    return _paragraphs(visible(text))


def read_csv(path: Path, name: str) -> Draft:
    """Read comma-, semicolon- or tab-separated values as one table whose first row is its head.

    Raises:
        NoText: there is not a word in it.
    """
    decoded = decode(path.read_bytes())
    found = Findings(properties={"charset": decoded.encoding})
    if decoded.replaced:
        found.lose(f"{decoded.replaced} bytes fit no character set and were replaced.")
    text = visible(decoded.text)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False))
    if not any(cell.strip() for row in rows for cell in row):
        raise NoText(name=name, reason="all its cells are empty")
    grid = Grid(name="", rows=rows)
    found.body = blocks(write_grid(grid, found))
    found.text = "\n".join(cell for row in rows for cell in row)
    return finish(found, name, Format.CSV)


def _delimiter(text: str) -> str:
    """The separator that parts the first lines most evenly; csv.Sniffer takes letters for one."""
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    return max(
        ",\t;|",
        key=lambda mark: (
            min((line.count(mark) for line in lines[:5]), default=0),
            sum(line.count(mark) for line in lines),
        ),
    )


def _paragraphs(text: str) -> list[str]:
    written = []
    for chunk in re.split(r"\n[ \t\u3000]*\n", text):
        lines = [line.rstrip() for line in chunk.split("\n") if line.strip()]
        written.extend(_chunk(lines))
    return written


def _chunk(lines: list[str]) -> list[str]:
    if (
        len(lines) == _TITLE_AND_LINE
        and _UNDERLINE.fullmatch(lines[1])
        and not _UNDERLINE.fullmatch(lines[0])
    ):
        return [heading(2, [Run(lines[0].strip())])]
    if _drawn(lines):
        return [code_block("\n".join(lines))]
    wrapped = _wrapped(lines)
    written: list[str] = []
    open_lines: list[str] = []
    for line in lines:
        level = _heading_level(line.strip())
        if level and not (wrapped and open_lines):
            written += [
                _paragraph(open_lines, wrapped=wrapped),
                heading(level, [Run(line.strip())]),
            ]
            open_lines = []
        else:
            open_lines.append(line.strip(" \t\u3000"))
    return [*written, _paragraph(open_lines, wrapped=wrapped)]


def _paragraph(lines: list[str], *, wrapped: bool) -> str:
    return inline([Run((" " if wrapped else "\n").join(lines))])


def _heading_level(line: str) -> int:
    if line.endswith(_SENTENCE_ENDS):
        return 0
    return next((level for pattern, level in _NUMBERED_HEADINGS if pattern.fullmatch(line)), 0)


def _wrapped(lines: list[str]) -> bool:
    """True for a paragraph that was broken to fit a screen: all its lines but the last are about as long."""
    if len(lines) <= 1 or not lines[0].isascii():
        return False
    body = [len(line) for line in lines[:-1]]
    return min(body) >= _WRAPPED_FROM and max(body) - min(body) < max(body) / 3


def _drawn(lines: list[str]) -> bool:
    """True for lines whose spaces carry meaning: columns and drawings made of characters."""
    return (
        len(lines) > 1
        and sum(bool(re.search(r"\S {3,}\S|\t", line)) for line in lines) > len(lines) / 2
    )
