"""Writing Markdown: what all readers but the Word reader have in common once they have understood a file.

A reader hands over :class:`Run` objects (text with its looks) and tables of :class:`Cell`; the
functions here write them as Markdown, and tables that Markdown cannot hold as HTML. Text is escaped
here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape as escape_html
from typing import Final

from kb.markdown import escape, escape_inline, guard_line

MAX_HEADING_LEVEL: Final = 6
# Python-Markdown breaks a line at two trailing spaces; the backslash of CommonMark it does not know.
HARD_BREAK: Final = "  \n"
# Addresses that lead somewhere from a page of ours; anything relative led to a file beside the original.
_ADDRESS: Final = re.compile(r"(?:https?|mailto|ftp|tel):", re.IGNORECASE)
_BARE_BAR: Final = re.compile(r"(?<!\\)\|")
_SPACES: Final = re.compile(r"[ \t\r\n\f\v]+")
# Characters that have no look and no meaning outside the program that wrote them.
_INVISIBLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one look; a line feed in ``text`` is a line break.

    Attributes:
        text: the words, not escaped.
        bold, italic, code, strike: how they look.
        href: where they lead, or empty.
        footnote: True when ``text`` is the label of a footnote that is called here.
        picture: address of a picture shown here (``files/…``), or empty; ``text`` is then its description.
    """

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    strike: bool = False
    href: str = ""
    footnote: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its paragraphs, and how many columns and rows it covers."""

    paragraphs: Sequence[Sequence[Run]] = field(default_factory=tuple)
    columns: int = 1
    rows: int = 1

    @classmethod
    def of(cls, text: str) -> Cell:
        """A plain cell; each line of ``text`` is a paragraph."""
        return cls([[Run(line)] for line in text.splitlines() if line.strip()])


def visible(text: str) -> str:
    """Return ``text`` without characters nobody sees (controls, lone surrogates, byte-order marks)."""
    return _INVISIBLE.sub("", text)


def one_line(text: str) -> str:
    """Return ``text`` on one line, its white space squeezed."""
    return _SPACES.sub(" ", visible(text)).strip()


def inline(runs: Iterable[Run]) -> str:
    """Write runs as the Markdown of one paragraph (or heading, or item); line breaks become hard breaks."""
    lines: list[list[Run]] = [[]]
    for run in _merged(runs):
        first, *rest = visible(run.text).split("\n") if not run.picture else [run.text]
        lines[-1].append(replace(run, text=first))
        lines.extend([replace(run, text=part)] for part in rest)
    written = [_line(line) for line in lines]
    return HARD_BREAK.join(line for line in written if line)


def heading(level: int, runs: Iterable[Run]) -> str:
    """Write a heading; an empty one is an empty string. Bold is dropped, a heading is bold anyway."""
    plain = [replace(run, bold=False, text=run.text.replace("\n", " ")) for run in runs]
    text = inline(plain)
    return f"{'#' * max(1, min(level, MAX_HEADING_LEVEL))} {text}" if text else ""


def listing(items: Iterable[str], *, start: int | None = None) -> str:
    """Write a list of items, each Markdown of any number of blocks; numbered from ``start``, or with dashes."""
    written = []
    for number, item in enumerate(items, start or 0):
        mark = "- " if start is None else f"{number}. "
        # Python-Markdown takes what is indented by four spaces as part of the item, whatever the mark's width.
        lines = item.split("\n")
        written.append(
            "\n".join([mark + lines[0], *(line and " " * 4 + line for line in lines[1:])])
        )
    return "\n".join(written)


def quote(block: str) -> str:
    """Write Markdown as a quotation."""
    return "\n".join(("> " + line).rstrip() for line in block.split("\n"))


def code_block(text: str) -> str:
    """Write text as it stands, in a fence longer than any inside it."""
    longest = max((len(ticks) for ticks in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{visible(text).strip(chr(10))}\n{fence}"


def table(rows: Sequence[Sequence[Cell]]) -> str:
    """Write a table; the first row is its head.

    Cells that cover several places make it an HTML table. Empty rows, and a table of nothing, are left out.
    """
    kept = [row for row in rows if any(_filled(cell) for cell in row)]
    if not kept:
        return ""
    if any(cell.columns > 1 or cell.rows > 1 for row in kept for cell in row):
        # Rows that are empty hold up the rows others cover; here they stay.
        return _html_table(rows)
    width = max(len(row) for row in kept)
    lines = [_pipe_row(row, width) for row in kept]
    return "\n".join([lines[0], "|" + " --- |" * width, *lines[1:]])


def blocks(parts: Iterable[str]) -> str:
    """Join blocks of Markdown, empty ones left out, into a body that ends with a line break."""
    body = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    return body + "\n" if body else ""


def _merged(runs: Iterable[Run]) -> list[Run]:
    """Join neighbours of one look: office programs cut words into pieces nobody sees."""
    merged: list[Run] = []
    for run in runs:
        last = merged[-1] if merged else None
        if (
            last
            and not (run.picture or last.picture or run.footnote)
            and replace(last, text="") == replace(run, text="")
        ):
            merged[-1] = replace(last, text=last.text + run.text)
        elif run.text or run.picture:
            merged.append(run)
    return merged


def _line(runs: Sequence[Run]) -> str:
    text = "".join(_written(run) for run in runs)
    return guard_line(re.sub(r"[ \t]+", " ", text).strip())


def _written(run: Run) -> str:
    if run.picture:
        return f"![{escape(one_line(run.text))}]({run.picture})"
    inner = run.text.strip()
    if not inner:
        return run.text and " "
    if run.footnote:
        return f"[^{inner}]"
    before = " " if run.text[0].isspace() else ""
    after = " " if run.text[-1].isspace() else ""
    if run.code:
        marks = "`" * (max((len(ticks) for ticks in re.findall("`+", inner)), default=0) + 1)
        pad = " " if inner.startswith("`") or inner.endswith("`") else ""
        text = f"{marks}{pad}{inner}{pad}{marks}"
    else:
        text = escape_inline(inner)
    if run.strike:
        text = f"<del>{text}</del>"
    mark = "*" * (run.italic + 2 * run.bold)
    text = f"{mark}{text}{mark}"
    return f"{before}{_linked(text, run.href)}{after}"


def _linked(text: str, href: str) -> str:
    address = one_line(href)
    if not _ADDRESS.match(address):
        return text
    safe = address.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{text}]({safe.replace('<', '%3C').replace('>', '%3E')})"


def _filled(cell: Cell) -> bool:
    return any(
        run.picture or run.text.strip() for paragraph in cell.paragraphs for run in paragraph
    )


def _pipe_row(row: Sequence[Cell], width: int) -> str:
    cells = [_pipe_cell(cell) for cell in row] + [""] * (width - len(row))
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def _pipe_cell(cell: Cell) -> str:
    lines = [inline(paragraph).replace(HARD_BREAK, "<br>") for paragraph in cell.paragraphs]
    # Text is escaped already; code is not, and a bar within it would part the cell.
    return _BARE_BAR.sub(r"\\|", "<br>".join(line for line in lines if line)).replace("\n", " ")


def _html_table(rows: Sequence[Sequence[Cell]]) -> str:
    lines = ["<table>"]
    for index, row in enumerate(rows):
        name = "td" if index else "th"
        cells = "".join(_html_cell(cell, name) for cell in row)
        lines.append(f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def _html_cell(cell: Cell, name: str) -> str:
    spans = "".join(
        f' {attribute}="{count}"'
        for attribute, count in (("colspan", cell.columns), ("rowspan", cell.rows))
        if count > 1
    )
    paragraphs = ["".join(_html_run(run) for run in _merged(line)) for line in cell.paragraphs]
    return f"<{name}{spans}>{'<br>'.join(text for text in paragraphs if text.strip())}</{name}>"


def _html_run(run: Run) -> str:
    if run.picture:
        return f'<img src="{escape_html(run.picture)}" alt="{escape_html(one_line(run.text))}">'
    # An empty line inside would end the HTML block for Markdown.
    text = re.sub(r"\s*\n\s*", "<br>", escape_html(visible(run.text), quote=False))
    for wanted, tag in (
        (run.code, "code"),
        (run.strike, "del"),
        (run.italic, "em"),
        (run.bold, "strong"),
    ):
        if wanted and text.strip():
            text = f"<{tag}>{text}</{tag}>"
    if _ADDRESS.match(run.href.strip()):
        text = f'<a href="{escape_html(one_line(run.href))}">{text}</a>'
    return text
