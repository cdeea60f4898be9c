"""Questions as people type them in Markdown.

::

    ## ? A change costs 6 % of the budget. Who decides?
    - [ ] the project manager
    - [x] the Change Control Board
    - [ ] the sponsor alone
    > Above 5 % of the budget or 10 working days it is the board.

A line ``## ? …`` (``### ?``, ``## ？``, ``## Q:``, ``## 问：`` too) begins a question; lines up to the first answer go
on with it. The answers tell the kind:

=====================================  ======================================================================
``- [x]`` and ``- [ ]``                right and wrong options; several right ones make it a multiple choice
``= true``, ``= 对``                    true or false, where that is the only answer
``= 20 working days``                  fill-in; further lines ``=`` are further answers that count
``1.`` ``2.`` ``3.``                   to be put in this order
``@ find: corpus:zh/….md#标题``        find it: a place or an address; further lines are right as well
=====================================  ======================================================================

Then may come ``> explanation``, ``points: 2`` (分值：2) and ``kind: multiple`` (题型：多选) where the answers leave it
open: a multiple choice with one right option, a fill-in whose answer is “yes”. Full-width marks count like half-width
ones. An indented line goes on with the line before, whatever it begins with. A line that is none of these is a fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ingest.course_faults import MAX_FAULTS, Fault, clipped
from ingest.question_making import AnswerLine, NoQuestionError, OpenQuestion, made_of
from ingest.question_words import kind_of
from kb.course_text_rules import MAX_QUESTIONS, question_faults
from kb.course_texts import QuestionText
from kb.errors import N_

_QUESTION: Final = re.compile(
    r"\s{0,3}#{1,6}\s*(?:[?？]|(?:[Qq]|[Qq]uestion|问题?|問題?|题目?|題目?)\s*\d{0,4}\s*[:：.．、])\s*(.*)"  # noqa: RUF001
)
_HEADING: Final = re.compile(r"\s{0,3}#{1,6}\s")
_INDENTED: Final = re.compile(r" {4}|\t|\u3000\u3000")
_FENCE: Final = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_OPTION: Final = re.compile(r"\s{0,3}[-*+－•]\s*[\[［【]\s*([^\]］】\s]?)\s*[\]］】]\s*(.*)")  # noqa: RUF001
_ORDER: Final = re.compile(r"\s{0,3}([0-9０-９]{1,3})\s*(?:[.)）](?=\s)|[．、])\s*(.*)")  # noqa: RUF001
_ACCEPTED: Final = re.compile(r"\s{0,3}[=＝]\s*(.*)")  # noqa: RUF001
_FIND: Final = re.compile(
    r"\s{0,3}[@＠]\s*(?:(?:find|查找|找到?|尋找)\s*[:：])?\s*(.*)",  # noqa: RUF001
    re.IGNORECASE,
)
_EXPLANATION: Final = re.compile(r"\s{0,3}[>＞]\s?(.*)")  # noqa: RUF001
_SETTING: Final = re.compile(
    r"\s{0,3}(?:(?P<points>points?|分值|分数|分數)|(?P<kind>kind|type|题型|題型|类型|類型))\s*[:：]\s*(.*)",
    re.IGNORECASE,
)
_RIGHT_MARKS: Final = frozenset("xX√✓✔对對是vVｘＸ")  # noqa: RUF001

_OTHER_HEADING: Final = N_("a heading without “?” stands among the questions")
_HEADING_ADVICE: Final = N_(
    "Put questions at the end, each under a heading that begins with “## ?”."
)
_NO_QUESTION: Final = N_("this line stands before the first question")
_STRANGE: Final = N_("this line is no answer, explanation or setting")
_STRANGE_ADVICE: Final = N_(
    "Begin it with - [ ], =, 1., @ find: or >, or indent it to go on with the line before."
)
_STRANGE_MARK: Final = N_("between the brackets stands neither x nor a space")
_NO_POINTS: Final = N_("the points are no whole number")
_NO_KIND: Final = N_("this is no kind of question")
_TOO_MANY: Final = N_("there are more than %(most)s questions")

_ANSWER_MARKS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("option", _OPTION),
    ("accepted", _ACCEPTED),
    ("order", _ORDER),
    ("find", _FIND),
)


def begins_question(line: str) -> bool:
    """True for the heading of a question."""
    return _QUESTION.match(line) is not None


def read_question_lines(
    lines: Sequence[str], file: str = "", first: int = 1, *, headings: bool = False
) -> tuple[tuple[QuestionText, ...], tuple[Fault, ...]]:
    """The good questions among ``lines``, and what is wrong with the others.

    Args:
        lines: of the text, from the heading of the first question (or blank lines before it) to its end.
        file: named in faults.
        first: number of the first line in its file.
        headings: other headings may part the questions; else each of them is a fault.
    """
    reader = _Reader(file, headings=headings)
    for number, line in enumerate(lines, start=first):
        reader.take(number, line.rstrip())
    reader.close()
    return tuple(reader.questions), tuple(reader.faults[:MAX_FAULTS])


class _Reader:
    """Takes lines one by one; collects questions and faults."""

    def __init__(self, file: str, *, headings: bool) -> None:
        self.file, self._headings = file, headings
        self.questions: list[QuestionText] = []
        self.faults: list[Fault] = []
        self._open: OpenQuestion | None = None
        self._fence = ""
        self._gap = False  # the line before was blank

    def take(self, number: int, line: str) -> None:
        """One more line."""
        question = self._open
        if question and self._fenced(question, line):
            return
        if heading := _QUESTION.match(line):
            self.close()
            self._open = OpenQuestion(number, [heading[1].strip()])
        elif _HEADING.match(line):
            self.close()
            if not self._headings:
                self._fault(number, _OTHER_HEADING, line, _HEADING_ADVICE)
        elif question is None:
            if line.strip():
                self._fault(number, _NO_QUESTION, line, _HEADING_ADVICE)
        elif not line.strip():
            if question.last in {"text", "explanation"}:
                self._go_on(question, "")
            self._gap = True
            return
        else:
            self._line(question, number, line)
        self._gap = False

    def close(self) -> None:
        """The question that is open is finished."""
        question, self._open, self._fence = self._open, None, ""
        if question is None:
            return
        finished = self._finished(question)
        if finished is None or question.broken:
            return
        faults = question_faults(finished)
        for fault in faults:
            self._fault(question.line, fault.reason, finished.text, data=dict(fault.data))
        if faults:
            return
        if len(self.questions) == MAX_QUESTIONS:
            self._fault(question.line, _TOO_MANY, "", data={"most": MAX_QUESTIONS})
        elif len(self.questions) < MAX_QUESTIONS:
            self.questions.append(finished)

    def _fenced(self, question: OpenQuestion, line: str) -> bool:
        """Take a line of a block of code, in which marks mean nothing; only a question's own text can hold one."""
        if question.last != "text":
            return False
        fence = _FENCE.match(line)
        if not self._fence and not fence:
            return False
        question.text.append(line)
        if not self._fence and fence:
            self._fence = fence[1]
        elif fence and fence[1].startswith(self._fence) and line.strip() == fence[1]:
            self._fence = ""
        return True

    def _line(self, question: OpenQuestion, number: int, line: str) -> None:
        if indented := _INDENTED.match(line):
            self._go_on(question, line[indented.end() :])
            return
        if question.last != "text" and line[0].isspace() and line[1:2].isspace():
            self._go_on(question, line.strip())
            return
        for sort, mark in _ANSWER_MARKS:
            if match := mark.match(line):
                self._answer(question, number, sort, match)
                return
        if match := _EXPLANATION.match(line):
            question.explanation.append(match[1].rstrip())
            question.last = "explanation"
        elif match := _SETTING.match(line):
            self._setting(question, number, match)
        elif question.last == "text":
            question.text.append(line)
        else:
            question.broken = True
            self._fault(number, _STRANGE, line, _STRANGE_ADVICE)

    def _answer(self, question: OpenQuestion, number: int, sort: str, match: re.Match[str]) -> None:
        told = match[match.lastindex or 1].strip()
        mark = match[1] if sort in {"option", "order"} else ""
        if sort == "option" and mark and mark not in _RIGHT_MARKS:
            question.broken = True
            self._fault(number, _STRANGE_MARK, match[0], _STRANGE_ADVICE)
        question.answers.append(AnswerLine(sort, mark, told))
        question.last = "answer"

    def _setting(self, question: OpenQuestion, number: int, match: re.Match[str]) -> None:
        told = match[3].strip()
        question.last = "setting"
        if match["points"]:
            plain = unicodedata.normalize("NFKC", told).removesuffix("分").strip()
            if plain.isascii() and plain.isdigit() and len(plain) <= 4:  # noqa: PLR2004  9999
                question.points = int(plain)
                return
            self._fault(number, _NO_POINTS, told)
        else:
            question.kind = kind_of(told)
            if question.kind is not None:
                return
            self._fault(number, _NO_KIND, told)
        question.broken = True

    def _go_on(self, question: OpenQuestion, told: str) -> None:
        if question.last == "text":
            question.text.append(told)
        elif question.last == "explanation":
            question.explanation.append(told)
        elif question.last == "answer":
            answer = question.answers[-1]
            parted = "\n\n" if self._gap else "\n"
            question.answers[-1] = replace(answer, text=f"{answer.text}{parted}{told}".strip())

    def _finished(self, question: OpenQuestion) -> QuestionText | None:
        try:
            return made_of(question)
        except NoQuestionError as error:
            if not question.broken:
                self._fault(question.line, error.reason, error.value)
            return None

    def _fault(
        self,
        line: int,
        reason: str,
        value: str,
        advice: str = "",
        data: dict[str, str | int] | None = None,
    ) -> None:
        self.faults.append(
            Fault(
                reason,
                file=self.file,
                line=line,
                value=clipped(value),
                advice=advice,
                data=data or {},
            )
        )
