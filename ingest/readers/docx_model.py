"""What the Word reader makes of a file before it writes Markdown: pieces of text, paragraphs, tables.

Numbers, styles and revisions are settled when these are made; nothing in them refers to XML any more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

BOLD: Final = 1
ITALIC: Final = 2
RAISED: Final = 4
LOWERED: Final = 8

TEXT: Final = 0
BREAK: Final = 1
NOTE: Final = 2
PICTURE: Final = 3


class Piece(NamedTuple):
    """A stretch of one paragraph.

    Attributes:
        text: literal text; for a note its label; for a picture its address, ``files/…``.
        look: sum of BOLD, ITALIC, RAISED, LOWERED.
        href: where a link leads, or empty; for a picture its alternative text.
        kind: TEXT, BREAK, NOTE or PICTURE.
    """

    text: str
    look: int = 0
    href: str = ""
    kind: int = TEXT


@dataclass(slots=True)
class Paragraph:
    """A paragraph.

    Attributes:
        pieces: its content.
        level: heading level 1 to 9, or 0.
        label: its computed number, written before its text; empty where there is none.
        value: the number, when the label is ``<value>.``.
        bullet: True for an item of a list that does not count.
        list_level: its level in a list, or -1.
        title: True when it has the style of a document title.
        size: of its largest letters, in half points; 0 where the file does not say.
        bold: True when all its words are bold, by style or by themselves.
        centred: True when it stands in the middle.
    """

    pieces: list[Piece]
    level: int = 0
    label: str = ""
    value: int | None = None
    bullet: bool = False
    list_level: int = -1
    title: bool = False
    size: int = 0
    bold: bool = False
    centred: bool = False

    @property
    def text(self) -> str:
        """Its words on one line, without its number."""
        words = (
            " " if piece.kind == BREAK else piece.text
            for piece in self.pieces
            if piece.kind in {TEXT, BREAK}
        )
        return " ".join("".join(words).split())

    @property
    def filled(self) -> bool:
        """True when there is anything to see in it."""
        return any(
            piece.kind in {NOTE, PICTURE} or not piece.text.isspace()
            for piece in self.pieces
            if piece.text
        )


@dataclass(slots=True)
class Cell:
    """A cell of a table: its blocks, and how many columns and rows it covers."""

    blocks: list[Block]
    columns: int = 1
    rows: int = 1


@dataclass(slots=True)
class Row:
    """A row of a table; ``header`` when the file marks it as one."""

    cells: list[Cell]
    header: bool = False


@dataclass(slots=True)
class Table:
    """A table; cells covered by a merged cell above or to the left are not in it."""

    rows: list[Row]


@dataclass(slots=True)
class Raw:
    """Finished Markdown: the table of a chart."""

    markdown: str


Block = Paragraph | Table | Raw


@dataclass(slots=True)
class Tally:
    """What the reader carried, by sort, and what it could not, in words.

    Attributes:
        carried: how many of each sort reached the document.
        losses: one sentence for each loss.
        named: how many of each sort the sentences account for.
    """

    carried: dict[str, int] = field(default_factory=dict)
    losses: list[str] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)

    def carry(self, sort: str, number: int = 1) -> None:
        """Count something that reached the document."""
        self.carried[sort] = self.carried.get(sort, 0) + number

    def lose(self, sentence: str, sort: str = "") -> None:
        """Name a loss; the same sentence is told once."""
        self.named[sort] = self.named.get(sort, 0) + 1
        if sentence not in self.losses:
            self.losses.append(sentence)
