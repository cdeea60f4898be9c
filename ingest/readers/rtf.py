"""Rich text (RTF): what WordPad, old Word and many exporters write."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingest.formats import Format
from ingest.readers.drafting import Findings, finish
from ingest.readers.properties import settle, take
from ingest.readers.rtf_events import INFO, Event, Interpreter
from ingest.readers.rtf_tokens import tokens
from ingest.readers.writing import Cell, Run, blocks, heading, inline, one_line, table
from kb.drafts import Draft
from kb.markdown import escape_inline

_STYLE_LEVEL: Final = re.compile(
    r"(?:heading|titre|überschrift|标题|標題)\s*([1-9])", re.IGNORECASE
)
_BODY_LEVEL: Final = 9  # the outline level that means none
_NUMBER: Final = re.compile(r"(\d{1,4})[.、]?")
_BULLET: Final = re.compile(r"[\W_·o§]*")
_PICTURES: Final = {"pngblip": "image/png", "jpegblip": "image/jpeg"}
_TITLES: Final = frozenset(INFO.values())


@dataclass(slots=True)
class _Paragraph:
    """The paragraph being written."""

    runs: list[Run] = field(default_factory=list)
    label: str = ""
    level: int = 0
    outline: int = 0
    style: int = 0
    in_table: bool = False


@dataclass(slots=True)
class _Flow:
    """A text of its own: the body, or one footnote."""

    parts: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    cell: list[list[Run]] = field(default_factory=list)
    row: list[Cell] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[bool] = field(default_factory=list)
    paragraph: _Paragraph = field(default_factory=_Paragraph)


def read_rtf(path: Path, name: str) -> Draft:
    """Read rich text.

    Raises:
        NoText: there is not a word in it.
    """
    return finish(rtf_findings(path.read_bytes()), name, Format.RTF)


def rtf_findings(content: bytes) -> Findings:
    """Return what is in rich text; for readers of formats that hold some."""
    builder = _Builder()
    for event in Interpreter().events(tokens(content)):
        builder.take(event)
    return builder.ended()


class _Builder:
    """Builds the document from events."""

    def __init__(self) -> None:
        self._found = Findings()
        self._flow = _Flow()
        self._outer: list[_Flow] = []
        self._footnotes: list[str] = []
        self._gathered: dict[str, str] = {}
        self._style_levels: dict[int, int] = {}
        self._style = 0
        self._merge = False
        self._hex: list[str] = []
        self._words: list[str] = []
        self._picture_type = ""

    def take(self, event: Event) -> None:
        """Take the next event."""
        where = event.state.destination
        if event.kind == "begin":
            self._begin(event.text)
        elif event.kind == "end":
            self._end(event.text)
        elif where == "stylesheet":
            self._stylesheet(event)
        elif where == "pict":
            self._pict(event)
        elif event.kind == "text":
            self._text(event, where)
        elif where in {"body", "footnote"}:
            self._word(event.text, event.number)
        elif event.text in {"par", "cell"}:
            self._gathered[where] = self._gathered.get(where, "") + " "

    def ended(self) -> Findings:
        """Return all that was found."""
        while self._outer:
            self._end("footnote")
        self._close_paragraph()
        self._close_table()
        self._close_list()
        for key in sorted(_TITLES | {"header", "footer"}):
            take(key, self._gathered.get(key, ""), self._found)
        settle(self._found)
        self._found.text = "".join(self._words)
        self._found.body = blocks([*self._flow.parts, *self._footnotes])
        return self._found

    def _text(self, event: Event, where: str) -> None:
        if where == "label":
            self._flow.paragraph.label += event.text
        elif where in {"body", "footnote"}:
            state = event.state
            self._words.append(event.text)
            self._flow.paragraph.runs.append(
                Run(
                    event.text,
                    bold=state.bold,
                    italic=state.italic,
                    strike=state.strike,
                    href=state.href,
                )
            )
        else:
            self._gathered[where] = self._gathered.get(where, "") + event.text

    def _begin(self, where: str) -> None:
        if where == "footnote":
            self._outer.append(self._flow)
            self._flow = _Flow()
        elif where == "pict":
            self._hex, self._picture_type = [], ""
        elif where == "label":
            self._flow.paragraph.label = ""
        elif where == "comment":
            self._gathered["comment"] = ""

    def _end(self, where: str) -> None:
        if where == "footnote" and self._outer:
            self._close_paragraph()
            self._close_list()
            self._close_table()
            text = "\n    ".join(
                line for part in self._flow.parts for line in part.split("\n") if line
            )
            self._flow = self._outer.pop()
            label = str(len(self._footnotes) + 1)
            self._footnotes.append(f"[^{label}]: {text}")
            self._found.count("footnotes", found=1, carried=1)
            self._flow.paragraph.runs.append(Run(label, footnote=True))
        elif where == "pict":
            self._picture()
        elif where == "comment":
            text = one_line(self._gathered.pop("comment", ""))
            who = one_line(self._gathered.pop("comment author", ""))
            if text:
                self._found.count("comments", found=1, carried=1)
                self._found.notes.append(f"{who}: {text}" if who else text)

    def _word(self, word: str, number: int | None) -> None:
        paragraph = self._flow.paragraph
        match word:
            case "par" | "sect" | "page" | "column":
                self._close_paragraph()
            case "pard":
                paragraph.level = paragraph.outline = paragraph.style = 0
                paragraph.in_table = False
            case "intbl":
                paragraph.in_table = True
            case "ilvl":
                paragraph.level = max(0, min(number or 0, 8))
            case "outlinelevel":
                paragraph.outline = (
                    number + 1 if number is not None and 0 <= number < _BODY_LEVEL else 0
                )
            case "s":
                paragraph.style = number or 0
            case "cell" | "row" | "nestcell" | "trowd" | "clmrg" | "cellx":
                self._table_word(word)

    def _table_word(self, word: str) -> None:
        flow = self._flow
        if word == "cell":
            self._close_paragraph(in_cell=True)
            at = len(flow.row)
            if at < len(flow.merged) and flow.merged[at] and flow.row:
                # The cell belongs to the one before; its place is kept until the row is complete.
                flow.cell = []
            flow.row.append(Cell(flow.cell))
            flow.cell = []
        elif word == "nestcell":
            self._close_paragraph(in_cell=True)
        elif word == "row":
            if flow.row:
                flow.rows.append(_spanned(flow.row, flow.merged))
            flow.row, flow.cell = [], []
        elif word == "trowd":
            flow.merged = []
        elif word == "clmrg":
            self._merge = True
        else:
            flow.merged.append(self._merge)
            self._merge = False

    def _close_paragraph(self, *, in_cell: bool = False) -> None:
        flow, paragraph = self._flow, self._flow.paragraph
        # Properties stay until \pard; the words and the label are this paragraph's own.
        flow.paragraph = _Paragraph(
            level=paragraph.level,
            outline=paragraph.outline,
            style=paragraph.style,
            in_table=paragraph.in_table,
        )
        if in_cell or paragraph.in_table:
            if any(run.text.strip() or run.picture for run in paragraph.runs):
                mark = [Run(one_line(paragraph.label) + " ")] if paragraph.label.strip() else []
                flow.cell.append([*mark, *paragraph.runs])
            return
        self._close_table()
        level = paragraph.outline or self._style_levels.get(paragraph.style, 0)
        label = one_line(paragraph.label)
        if level:
            self._close_list()
            flow.parts.append(heading(level, [Run(f"{label} " if label else ""), *paragraph.runs]))
        elif label and (words := inline(paragraph.runs)):
            flow.items.append(_item(label, words, paragraph.level, flow.items))
        else:
            self._close_list()
            flow.parts.append(inline(paragraph.runs))

    def _close_list(self) -> None:
        self._flow.parts.append("\n".join(self._flow.items))
        self._flow.items = []

    def _close_table(self) -> None:
        flow = self._flow
        if flow.row or flow.cell:  # a row that was cut off
            flow.rows.append([*flow.row, *([Cell(flow.cell)] if flow.cell else [])])
        if flow.rows:
            self._close_list()
            self._found.count("tables", found=1, carried=1)
            flow.parts.append(table(flow.rows))
        flow.rows, flow.row, flow.cell = [], [], []

    def _stylesheet(self, event: Event) -> None:
        if event.kind == "text":
            if found := _STYLE_LEVEL.match(event.text.strip()):
                self._style_levels.setdefault(self._style, int(found.group(1)))
        elif event.text == "s":
            self._style = event.number or 0
        elif (
            event.text == "outlinelevel"
            and event.number is not None
            and 0 <= event.number < _BODY_LEVEL
        ):
            self._style_levels[self._style] = event.number + 1

    def _pict(self, event: Event) -> None:
        if event.kind == "text":
            self._hex.append(event.text)
        elif event.text in _PICTURES:
            self._picture_type = _PICTURES[event.text]

    def _picture(self) -> None:
        self._found.count("pictures", found=1)
        try:
            content = bytes.fromhex("".join(self._hex))
        except ValueError:
            content = b""
        address = self._found.picture(content, self._picture_type)
        if address:
            self._found.count("pictures", carried=1)
            self._flow.paragraph.runs.append(Run("", picture=address))
        else:
            self._found.lose("Drawings (EMF, WMF) and binary pictures are not shown.")


def _item(label: str, text: str, level: int, items: list[str]) -> str:
    """Write a list item; a label Markdown has no list for ((一), a., iv.) is kept as words."""
    above = (len(items[-1]) - len(items[-1].lstrip(" "))) // 4 + 1 if items else 0
    depth = min(level, above)
    mark = "- " if _BULLET.fullmatch(label) else f"- {escape_inline(label)} "
    if number := _NUMBER.fullmatch(label):
        mark = f"{number.group(1)}. "
    return " " * 4 * depth + mark + text.replace("\n", "\n" + " " * 4 * (depth + 1))


def _spanned(row: list[Cell], merged: list[bool]) -> list[Cell]:
    """Let a cell cover those after it that belong to it."""
    cells: list[Cell] = []
    for at, cell in enumerate(row):
        if cells and at < len(merged) and merged[at]:
            last = cells[-1]
            cells[-1] = Cell([*last.paragraphs, *cell.paragraphs], last.columns + 1, last.rows)
        else:
            cells.append(cell)
    return cells
