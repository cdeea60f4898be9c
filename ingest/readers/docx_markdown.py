"""Blocks of a Word file written as Markdown.

Lists that count ``1. 2. 3.`` become Markdown's own; every other number (（一）, 1.1, a)) stands in the text of a
list item, as it does on paper. A table that has merged cells, tables in cells or one column becomes an HTML table.
Footnotes follow the section they are referred to in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from ingest.readers.docx_model import (
    BREAK,
    LOWERED,
    NOTE,
    PICTURE,
    RAISED,
    TEXT,
    Block,
    Cell,
    Paragraph,
    Piece,
    Raw,
    Row,
    Table,
)
from ingest.readers.docx_pieces import html_piece, joined, marked
from kb.markdown import escape_inline, guard_line, render

INDENT: Final = "    "  # Markdown's list items nest by four spaces
DEEPEST_LIST: Final = 8
DEEPEST_HEADING: Final = 6


@dataclass(slots=True)
class Writer:
    """Writes the blocks of one file.

    Attributes:
        note_text: gives the content of the note with a label, as blocks.
    """

    note_text: Callable[[str], list[Block]]
    _parts: list[str] = field(default_factory=list)
    _waiting: dict[str, None] = field(
        default_factory=dict
    )  # labels of notes referred to since the last heading
    _told: set[str] = field(default_factory=set)
    _levels: list[int] = field(
        default_factory=list
    )  # levels of the list being written, outermost first
    _counted: int | None = None  # number of the last item, when the outermost list counts 1. 2. 3.

    def write(self, blocks: Iterable[Block]) -> str:
        """The Markdown of all blocks."""
        for block in blocks:
            if isinstance(block, Paragraph):
                self._paragraph(block)
            elif isinstance(block, Table):
                self._block(self._table(block))
            else:
                self._block(block.markdown)
        self._notes()
        return "".join(self._parts).strip("\n") + "\n"

    def _block(self, text: str) -> None:
        if text:
            self._levels, self._counted = [], None
            self._parts.append(f"\n\n{text}")

    def _paragraph(self, paragraph: Paragraph) -> None:
        if paragraph.level and paragraph.text:
            self._heading(paragraph)
        elif paragraph.list_level >= 0:
            self._item(paragraph)
        else:
            text = self._lines(paragraph.pieces, "", paragraph.label)
            self._block(text)

    def _heading(self, paragraph: Paragraph) -> None:
        self._notes()
        pieces = [
            piece._replace(look=piece.look & (RAISED | LOWERED), text=" " if piece.kind == BREAK else piece.text,
                           kind=TEXT if piece.kind == BREAK else piece.kind)
            for piece in paragraph.pieces
            if piece.kind != PICTURE
        ]  # fmt: skip
        text = " ".join(self._inline([Piece(paragraph.label), *pieces]).split())
        level = "#" * min(paragraph.level, DEEPEST_HEADING)
        self._block(f"{level} {text}")
        if pictures := [piece for piece in paragraph.pieces if piece.kind == PICTURE]:
            self._block(self._inline(pictures))

    def _item(self, paragraph: Paragraph) -> None:
        """One item of a list; how deep it stands follows from the levels of the items before it."""
        starts = not self._levels
        while self._levels and paragraph.list_level < self._levels[-1]:
            self._levels.pop()
        if not self._levels or paragraph.list_level > self._levels[-1]:
            self._levels.append(paragraph.list_level)
        depth = min(len(self._levels) - 1, DEEPEST_LIST)
        if (
            depth == 0
            and paragraph.value is not None
            and (starts or self._counted == paragraph.value - 1)
        ):
            marker, label, counted = f"{paragraph.value}. ", "", paragraph.value
        else:
            marker, label, counted = "- ", paragraph.label, None
        # A change between counting and not counting needs a blank line, or Markdown reads one list.
        apart = starts or (depth == 0 and (counted is None) != (self._counted is None))
        if depth == 0:
            self._counted = counted
        text = self._lines(paragraph.pieces, INDENT * (depth + 1), label)
        self._parts.append(("\n\n" if apart else "\n") + INDENT * depth + marker + text)

    def _lines(self, pieces: list[Piece], indent: str, label: str = "") -> str:
        """A paragraph's lines, parted where it breaks them."""
        lines: list[list[Piece]] = [[Piece(label)] if label else []]
        for piece in pieces:
            if piece.kind == BREAK:
                lines.append([])
            else:
                lines[-1].append(piece)
        written = (guard_line(self._inline(line).strip()) for line in lines)
        return f"  \n{indent}".join(line for line in written if line)

    def _inline(self, pieces: Iterable[Piece]) -> str:
        out = ""
        for piece in joined(pieces):
            if piece.kind == TEXT:
                written = marked(piece)
                out = (
                    out[:-1] + "\\!" + written
                    if written.startswith("[") and out.endswith("!")
                    else out + written
                )
            elif piece.kind == NOTE:
                self._refer(piece.text)
                out += f"[^{piece.text}]"
            elif piece.kind == PICTURE:
                out += f"![{escape_inline(piece.href)}]({piece.text})"
            else:
                out += "<br>"
        return out

    def _refer(self, label: str) -> None:
        if label not in self._told:
            self._told.add(label)
            self._waiting[label] = None

    def _notes(self) -> None:
        """Write the notes referred to so far; a note may refer to another one."""
        while self._waiting:
            label = next(iter(self._waiting))
            del self._waiting[label]
            lines = [line for block in self.note_text(label) for line in self._note_lines(block)]
            if lines:
                self._block(f"[^{label}]: " + f"\n{INDENT}".join(lines))

    def _note_lines(self, block: Block) -> list[str]:
        if isinstance(block, Table):
            return [
                line
                for row in block.rows
                for cell in row.cells
                for inner in cell.blocks
                for line in self._note_lines(inner)
            ]
        if isinstance(block, Raw):
            return [line for line in block.markdown.split("\n") if line.strip()]
        text = self._lines(block.pieces, "", block.label)
        return text.split("  \n") if text else []

    def _table(self, table: Table) -> str:
        rows = [row for row in table.rows if row.cells]
        if len(rows) == 1 and len(rows[0].cells) == 1:
            return self._framed(rows[0].cells[0])
        if _is_simple(rows):
            return self._pipe_table(rows)
        return self._html_table(rows)

    def _framed(self, cell: Cell) -> str:
        """A table of one cell only frames its content."""
        inner = Writer(self.note_text, _told=self._told)
        return inner.write(cell.blocks).strip("\n")

    def _pipe_table(self, rows: list[Row]) -> str:
        lines = [
            "| " + " | ".join(self._pipe_cell(cell) for cell in row.cells) + " |" for row in rows
        ]
        lines.insert(1, "|" + " --- |" * len(rows[0].cells))
        return "\n".join(lines)

    def _pipe_cell(self, cell: Cell) -> str:
        paragraphs = [block for block in cell.blocks if isinstance(block, Paragraph)]
        lines = [
            self._inline([Piece(_label_in_cell(one)), *one.pieces]).strip() for one in paragraphs
        ]
        return "<br>".join(line for line in lines if line)

    def _html_table(self, rows: list[Row]) -> str:
        marked = any(row.header for row in rows)
        lines = ["<table>"]
        for at, row in enumerate(rows):
            header = row.header if marked else at == 0 and _looks_like_header(row)
            name = "th" if header else "td"
            lines.append(
                "<tr>" + "".join(self._html_cell(cell, name) for cell in row.cells) + "</tr>"
            )
        return "\n".join([*lines, "</table>"])

    def _html_cell(self, cell: Cell, name: str) -> str:
        spans = "".join(
            f' {attribute}="{number}"'
            for attribute, number in (("colspan", cell.columns), ("rowspan", cell.rows))
            if number > 1
        )
        blocks = [text for block in cell.blocks if (text := self._html_block(block))]
        if len(blocks) > 1:
            blocks = [text if text.startswith("<table") else f"<p>{text}</p>" for text in blocks]
        return f"<{name}{spans}>{''.join(blocks)}</{name}>"

    def _html_block(self, block: Block) -> str:
        if isinstance(block, Table):
            return self._html_table([row for row in block.rows if row.cells]).replace("\n", "")
        if isinstance(block, Raw):
            return render(block.markdown, "files/").replace("\n", "")
        pieces = joined([Piece(_label_in_cell(block)), *block.pieces])
        for piece in pieces:
            if piece.kind == NOTE:
                self._refer(piece.text)
        text = "".join(html_piece(piece) for piece in pieces).strip()
        return f"<strong>{text}</strong>" if block.level and text else text


def _is_simple(rows: list[Row]) -> bool:
    """True when a pipe table holds it: no merged cells, rows of one length, only paragraphs."""
    width = len(rows[0].cells)
    return width > 1 and all(
        len(row.cells) == width
        and all(
            cell.columns == 1
            and cell.rows == 1
            and all(isinstance(block, Paragraph) for block in cell.blocks)
            for cell in row.cells
        )
        for row in rows
    )


def _looks_like_header(row: Row) -> bool:
    """True when every cell has words and all of them are bold."""
    paragraphs = [
        [block for block in cell.blocks if isinstance(block, Paragraph) and block.text]
        for cell in row.cells
    ]
    return all(paragraphs) and all(one.bold for cell in paragraphs for one in cell)


def _label_in_cell(paragraph: Paragraph) -> str:
    return "• " if paragraph.bullet else paragraph.label
