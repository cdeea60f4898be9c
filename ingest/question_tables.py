"""Questions in the rows of a spreadsheet: what the columns are called, and what a row says.

Columns are guessed by their headers in Chinese or English, as those of registers are: 题目, 题型, 选项 or 选项A to
选项L, 答案, 解析, 分值. Only the question and the answer must have one. Where no kind is written it is told by the name
of the sheet (判断题) or by the answer. Options stand in columns of their own, or in one cell on lines of their own or
parted by ``|`` or ``;``. The answer is

- the letters or the words of the right options (``B``, ``A、C``, full-width too),
- 对 or 错, 是 or 否, true or false,
- what counts as filled in, alternatives parted by ``|``, ``;`` or lines,
- the letters of the steps in the right order; an empty cell where they stand in order already,
- the place or address to be found, further ones likewise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from ingest.course_faults import Fault, clipped
from ingest.question_columns import NEEDED, OPTION_FIELDS, SCHEMA
from ingest.question_words import kind_of, letters_of, truth_of, without_letter
from ingest.register_checks import check_rows
from ingest.register_columns import guess_columns, header_row
from ingest.register_tables import Table
from kb.course_text_rules import is_inside, question_faults
from kb.course_texts import QuestionKind, QuestionText
from kb.errors import N_
from kb.known_names import KnownNames
from kb.register_rows import RegisterRow

_MISSING_COLUMNS: Final = N_("these columns are missing: %(columns)s")
_NAME_COLUMNS: Final = N_(
    "Name the columns in the first row, for example 题目, 题型, 选项A, 答案, 解析, 分值."
)
_UNKNOWN_ANSWER: Final = N_("the answer names none of the options")
_NO_TRUTH: Final = N_("the answer is neither true nor false")
_NO_PERMUTATION: Final = N_("the answer does not name each option once")
_NO_POINTS: Final = N_("the points are no whole number")
_NO_ROWS: Final = N_("there is no question below the header")

_BRACKETED_LETTER: Final = re.compile(r"[（(\[【]\s*([A-La-lＡ-Ｌａ-ｌ]|\d{1,2})\s*[)）\]】]")  # noqa: RUF001
_INLINE_LETTER: Final = re.compile(r"(?:^|[\s;；|｜])(?=[A-LＡ-Ｌ]\s*[.．、:：)）])")  # noqa: RUF001
_BREAKS: Final = (re.compile(r"\n+"), re.compile(r"[|｜]+"), re.compile(r"[;；]+"))  # noqa: RUF001
_STEPS: Final = re.compile(r"\s*(?:->|→|>|＞)\s*")  # noqa: RUF001
_FIND_MARK: Final = re.compile(r"^[@＠]?\s*(?:(?:find|查找|找)\s*[:：]\s*)?", re.IGNORECASE)  # noqa: RUF001


@dataclass(frozen=True, slots=True)
class SheetRead:
    """What a sheet holds: the good questions, what is wrong with the others, and how many rows say anything.

    ``sure`` counts which of the two needed columns were found.
    """

    questions: tuple[QuestionText, ...]
    faults: tuple[Fault, ...]
    total: int
    sure: int


def read_sheet(table: Table, language: str = "en") -> SheetRead:
    """The questions of one sheet.

    Args:
        table: the sheet.
        language: ``zh`` or ``en``: of the names of columns in faults.
    """
    header = header_row(SCHEMA, table)
    table = _plain_header(table, header)
    guesses = guess_columns(SCHEMA, table, header, KnownNames())
    columns = {name: guess.column for name, guess in guesses.items()}
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        told = ", ".join(SCHEMA.field(name).label(language) for name in missing)
        fault = Fault(
            _MISSING_COLUMNS,
            file=table.name,
            line=header + 1,
            advice=_NAME_COLUMNS,
            data={"columns": told},
        )
        return SheetRead((), (fault,), 0, len(NEEDED) - len(missing))
    checked = check_rows(SCHEMA, table, header, columns, names=KnownNames(), language=language)
    faults = [
        Fault(
            problem.reason,
            file=table.name,
            line=problem.row,
            column=problem.column,
            value=clipped(problem.value),
            advice=problem.advice,
            data=problem.data,
        )
        for problem in checked.problems
    ]
    questions = []
    for row in checked.rows:
        made = _question(row, table.name)
        if isinstance(made, QuestionText):
            questions.append(made)
        else:
            faults += made
    if not checked.total:
        faults.append(Fault(_NO_ROWS, file=table.name, line=header + 1))
    faults.sort(key=lambda fault: fault.line)
    return SheetRead(tuple(questions), tuple(faults), checked.total, len(NEEDED))


class _RowError(Exception):
    """A row is no question."""


def _question(row: RegisterRow, sheet: str) -> QuestionText | list[Fault]:
    try:
        made = _made(row, sheet)
    except _RowError as error:
        value = clipped(row.text("answer"))
        return [Fault(str(error), file=sheet, line=row.number, value=value)]
    return [
        Fault(fault.reason, file=sheet, line=row.number, value=clipped(made.text), data=fault.data)
        for fault in question_faults(made)
    ] or made


def _made(row: RegisterRow, sheet: str) -> QuestionText:
    """The question of a row, not yet checked.

    Raises:
        _RowError: it is none.
    """
    answer = row.text("answer").strip()
    options = _options(row)
    kind = _stored_kind(row.text("kind")) or kind_of(sheet) or _told_kind(options, answer)
    shown: tuple[str, ...] = ()
    right: tuple[int, ...] = ()
    accepted: tuple[str, ...] = ()
    if kind in {"single", "multiple"}:
        shown, right = tuple(options.values()), _right(options, answer)
    elif kind == "order":
        shown = _ordered(options, answer)
    elif kind == "true_false":
        accepted = (_truth(options, answer),)
    elif kind == "find_it":
        accepted = tuple(_FIND_MARK.sub("", part).strip() for part in _parts(answer))
    else:
        accepted = tuple(_parts(answer))
    return QuestionText(
        kind,
        row.text("question").strip(),
        shown,
        right,
        accepted,
        row.text("explanation").strip(),
        _points(row.number_of("points")),
    )


def _plain_header(table: Table, header: int) -> Table:
    """The table with 选项(A) written 选项A: what stands in brackets is a remark everywhere else."""
    rows = list(table.rows)
    if header < len(rows):
        rows[header] = [
            _BRACKETED_LETTER.sub(r"\1", cell) if isinstance(cell, str) else cell
            for cell in rows[header]
        ]
    return Table(table.name, rows)


def _stored_kind(word: str) -> QuestionKind | None:
    return kind_of(word) if word else None


def _told_kind(options: Mapping[int, str], answer: str) -> QuestionKind:
    """The kind that options and answer tell where none is written."""
    if options:
        if all(truth_of(option) for option in options.values()):
            return "true_false"
        return "multiple" if len(_right(options, answer)) > 1 else "single"
    if truth_of(answer) and answer not in {"0", "1"}:
        return "true_false"
    if is_inside(_FIND_MARK.sub("", answer)) or answer[:1] in {"@", "＠"}:  # noqa: RUF001
        return "find_it"
    return "fill_in"


def _options(row: RegisterRow) -> dict[int, str]:
    """The options by the position of their letter; empty columns leave a gap."""
    told = {
        number: without_letter(text)[0]
        for number, name in enumerate(OPTION_FIELDS)
        if (text := row.text(name).strip())
    }
    if told:
        return told
    cell = row.text("options").strip()
    parts = [part for part in _INLINE_LETTER.split(cell) if part.strip(" \t\n;；|｜")]  # noqa: RUF001
    if len(parts) < 2:  # noqa: PLR2004  no letters in front
        parts = _parts(cell)
    marked = [without_letter(part.strip(" \t\n;；|｜")) for part in parts]  # noqa: RUF001
    letters = [letter for _, letter in marked]
    if letters == [*range(len(marked))]:
        return {number: text for number, (text, _) in enumerate(marked)}
    return {number: part.strip() for number, part in enumerate(parts)}


def _right(options: Mapping[int, str], answer: str) -> tuple[int, ...]:
    """The positions, among those there are, of the options an answer names by words, letters or numbers."""
    places = {letter: number for number, letter in enumerate(options)}
    words = {" ".join(text.split()): number for number, text in enumerate(options.values())}
    parts = [" ".join(part.split()) for part in _parts(answer)]
    if parts and all(part in words for part in parts):
        return tuple(sorted({words[part] for part in parts}))
    named = letters_of(answer) or _numbers(answer)
    if named is None or not all(letter in places for letter in named):
        raise _RowError(_UNKNOWN_ANSWER)
    return tuple(sorted({places[letter] for letter in named}))


def _ordered(options: Mapping[int, str], answer: str) -> tuple[str, ...]:
    if not options:
        steps = [part for part in _STEPS.split(answer) if part]
        return tuple(steps if len(steps) > 1 else _parts(answer))
    if not answer:
        return tuple(options.values())
    named = letters_of(answer) or _numbers(answer)
    if named is None or sorted(named) != sorted(options):
        raise _RowError(_NO_PERMUTATION)
    return tuple(options[letter] for letter in named)


def _truth(options: Mapping[int, str], answer: str) -> str:
    """True or false, said in words or by the letter of an option that says it."""
    named = letters_of(answer) if options else None
    if named is not None and len(named) == 1:
        answer = options.get(named[0], "")
    truth = truth_of(answer)
    if truth is None:
        raise _RowError(_NO_TRUTH)
    return truth


def _numbers(answer: str) -> tuple[int, ...] | None:
    """The positions that ``1, 3`` names; None for anything else."""
    parts = re.split(r"[\s,;、>→-]+", unicodedata.normalize("NFKC", answer).strip())
    if not all(re.fullmatch(r"\d{1,2}", part, re.ASCII) for part in parts):
        return None
    return tuple(int(part) - 1 for part in parts)


def _parts(text: str) -> list[str]:
    """The entries of a cell: its lines, else what stands between ``|``, else between ``;``."""
    for mark in _BREAKS:
        parts = [part.strip() for part in mark.split(text) if part.strip()]
        if len(parts) > 1:
            return parts
    return [text.strip()] if text.strip() else []


def _points(number: Decimal | None) -> int:
    if number is None:
        return 1
    if number != number.to_integral_value() or not -10_000 < number < 10_000:  # noqa: PLR2004
        raise _RowError(_NO_POINTS)
    return int(number)


def sheets_of(tables: list[Table], language: str) -> Iterator[SheetRead]:
    """The sheets that are questions; where none is, all of them, each with what it lacks."""
    read = [read_sheet(table, language) for table in tables]
    useful = [sheet for sheet in read if sheet.sure]
    yield from useful or read[:1]
