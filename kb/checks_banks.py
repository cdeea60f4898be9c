"""Banks of questions: what curators write and import, and which questions people fail. Right answers are only here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.checks_content import as_json, from_json
from kb.course_texts import QuestionText
from kb.course_views import readable_course
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    BankQuestion,
    CheckAnswer,
    Course,
    CourseUnit,
    QuestionBank,
    course_readable,
    utc_now,
)

# A bank with more questions nobody looks through any more.
MAX_QUESTIONS: Final = 1000


@dataclass(frozen=True, slots=True)
class BankLine:
    """A question of a bank and how it went: ``asked`` times, with an average ``credit`` of 0 to 1 (None: never)."""

    id: int
    question: QuestionText
    asked: int
    credit: float | None


@dataclass(frozen=True, slots=True)
class BankView:
    """A bank with its questions; ``units`` are id and title of the units that draw from it."""

    id: int
    title: str
    course_id: int
    course_title: str
    language: str
    units: tuple[tuple[int, str], ...]
    lines: tuple[BankLine, ...]
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class BankChange:
    """What storing questions did: how many are new, stayed as they were, and are no longer asked."""

    added: int
    kept: int
    retired: int


class QuestionBanks:
    """Use cases around banks, for curators; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep banks in ``database``."""
        self._database = database

    def of_course(self, actor: Actor, course_id: int) -> Sequence[tuple[int, str]]:
        """Id and title of the banks of a course.

        Raises:
            NotAllowed, NotFound: the actor may not curate, or not see the course.
        """
        actor.must(Action.AUTHOR_COURSES)
        with self._database.read() as session:
            readable_course(session, actor, course_id)
            rows = session.execute(
                select(QuestionBank.id, QuestionBank.title)
                .where(QuestionBank.course_id == course_id)
                .order_by(QuestionBank.id)
            )
            return [(number, title) for number, title in rows]

    def get(self, actor: Actor, bank_id: int) -> BankView:
        """A bank with its questions.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such bank, or its course is not for this actor.
        """
        with self._database.read() as session:
            bank, course = self._mine(session, actor, bank_id)
            rows = questions_of(session, bank_id)
            went = {
                number: (asked, average)
                for number, asked, average in session.execute(
                    select(CheckAnswer.question_id, func.count(), func.avg(CheckAnswer.credit))
                    .where(CheckAnswer.question_id.in_([row.id for row in rows]))
                    .group_by(CheckAnswer.question_id)
                )
            }
            units = session.execute(
                select(CourseUnit.id, CourseUnit.title)
                .where(CourseUnit.bank_id == bank_id, CourseUnit.removed_at.is_(None))
                .order_by(CourseUnit.position)
            )
            return BankView(
                id=bank.id,
                title=bank.title,
                course_id=course.id,
                course_title=course.title,
                language=course.language,
                units=tuple((number, title) for number, title in units),
                lines=tuple(
                    BankLine(row.id, from_json(row.content), *went.get(row.id, (0, None)))
                    for row in rows
                ),
                updated_at=bank.updated_at,
            )

    def put(
        self, actor: Actor, bank_id: int, questions: Sequence[QuestionText], *, add: bool = False
    ) -> BankChange:
        """Store questions: in place of those that are there, or with ``add`` after them.

        A question that stays as it was keeps its number and its figures; attempts keep the questions they had.

        Raises:
            NotAllowed, NotFound: as for :meth:`get`.
            InvalidInput: there are too many.
        """
        with self._database.write() as session:
            self._mine(session, actor, bank_id)
            return put_questions(session, bank_id, questions, add=add)

    def _mine(self, session: Session, actor: Actor, bank_id: int) -> tuple[QuestionBank, Course]:
        actor.must(Action.AUTHOR_COURSES)
        found = session.execute(
            select(QuestionBank, Course)
            .join(Course, Course.id == QuestionBank.course_id)
            .where(QuestionBank.id == bank_id, course_readable(actor))
        ).first()
        if found is None:
            raise NotFound(what="question bank", id=bank_id)
        return found[0], found[1]


def questions_of(session: Session, bank_id: int) -> list[BankQuestion]:
    """The questions of a bank that are asked, in order."""
    rows = session.scalars(
        select(BankQuestion)
        .where(BankQuestion.bank_id == bank_id, BankQuestion.retired_at.is_(None))
        .order_by(BankQuestion.position, BankQuestion.id)
    )
    return list(rows)


def put_questions(
    session: Session, bank_id: int, questions: Sequence[QuestionText], *, add: bool = False
) -> BankChange:
    """Store questions in the caller's transaction; see :meth:`QuestionBanks.put`."""
    present = questions_of(session, bank_id)
    wanted = [as_json(question) for question in questions]
    if add:
        stored = [row.content for row in present]
        wanted = [*stored, *(content for content in wanted if content not in stored)]
    if len(wanted) > MAX_QUESTIONS:
        raise InvalidInput(
            field=N_("questions"), reason=f"{len(wanted)} in one bank; {MAX_QUESTIONS} is the most"
        )
    left, added = list(present), 0
    for position, content in enumerate(wanted):
        same = next((row for row in left if row.content == content), None)
        if same is not None:
            left.remove(same)
            same.position = position
        else:
            session.add(BankQuestion(bank_id=bank_id, position=position, content=content))
            added += 1
    for row in left:
        row.retired_at = utc_now()
    bank = session.get(QuestionBank, bank_id)
    if bank is not None and (added or left):
        bank.updated_at = utc_now()
    return BankChange(added=added, kept=len(wanted) - added, retired=len(left))
