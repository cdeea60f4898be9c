"""A file of questions: Markdown (:mod:`ingest.question_markdown`) or a table (:mod:`ingest.question_tables`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.charset import decode
from ingest.course_faults import MAX_FAULTS, Fault
from ingest.formats import Format, sniff
from ingest.limits import DEFAULT_LIMITS, Limits
from ingest.question_markdown import begins_question, read_question_lines
from ingest.question_tables import sheets_of
from ingest.readers.writing import visible
from ingest.register_tables import read_tables
from kb.course_text_rules import MAX_QUESTIONS
from kb.course_texts import QuestionText
from kb.errors import N_, EmptyFile, FileTooLarge

# Characters of a text with a thousand long questions; more is no list of questions.
MAX_BYTES: Final = 8 * 1024 * 1024
_TOO_MANY: Final = N_("there are more than %(most)s questions")
_NONE: Final = N_("there is no question in it")
_HOW: Final = N_("Begin each question with “## ?”, or use a table with the columns 题目 and 答案.")
_TEXTS: Final = frozenset({Format.MARKDOWN, Format.TEXT})


@dataclass(frozen=True, slots=True)
class QuestionsRead:
    """What a file says.

    Attributes:
        questions: the good ones, in their order.
        faults: everything that is wrong, in the order of the file; who takes all or nothing looks for any.
        total: questions that the file tries to ask.
    """

    questions: tuple[QuestionText, ...]
    faults: tuple[Fault, ...]
    total: int


def read_questions(
    path: Path, name: str, *, language: str = "en", limits: Limits = DEFAULT_LIMITS
) -> QuestionsRead:
    """Read a file of questions: .md, .txt, .csv, .xlsx, .xls, .ods.

    Args:
        path: where its bytes lie.
        name: how people know it.
        language: ``zh`` or ``en``: of the names of columns in faults.
        limits: of what is unpacked.

    Raises:
        FileRefused: it is empty, too large, damaged, encrypted, or of a format that holds neither text nor tables.
        InvalidInput: it is a table too large for a register, or no table.
    """
    size = path.stat().st_size
    if not size:
        raise EmptyFile(name=name)
    if size > MAX_BYTES:
        mib = 1024 * 1024
        raise FileTooLarge(name=name, size_mib=-(-size // mib), limit_mib=MAX_BYTES // mib)
    format_ = sniff(path, name)
    if format_ in _TEXTS:
        lines = visible(decode(path.read_bytes()).text).splitlines()
        if format_ is Format.MARKDOWN or any(map(begins_question, lines)):
            return read_question_text(lines)
    questions: list[QuestionText] = []
    faults: list[Fault] = []
    total = 0
    for sheet in sheets_of(read_tables(path, name, limits), language):
        questions += sheet.questions
        faults += sheet.faults
        total += sheet.total
    return _read(questions, faults, total)


def read_question_text(lines: list[str]) -> QuestionsRead:
    """The questions of a Markdown text; what stands before the first is left alone.

    Headings may part the questions, as in 一、单选题; they say nothing by themselves.
    """
    first = next((number for number, line in enumerate(lines) if begins_question(line)), None)
    if first is None:
        return QuestionsRead((), (Fault(_NONE, advice=_HOW),), 0)
    questions, faults = read_question_lines(lines[first:], first=first + 1, headings=True)
    return _read(list(questions), list(faults), sum(map(begins_question, lines)))


def _read(questions: list[QuestionText], faults: list[Fault], total: int) -> QuestionsRead:
    if len(questions) > MAX_QUESTIONS:
        faults.append(Fault(_TOO_MANY, data={"most": MAX_QUESTIONS}))
    return QuestionsRead(tuple(questions[:MAX_QUESTIONS]), tuple(faults[:MAX_FAULTS]), total)
