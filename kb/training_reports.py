"""Who is where: transcripts of one person, reports of a course or a group, questions that many fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select

from kb.access import Action, Actor
from kb.checks_content import from_json
from kb.course_texts import QuestionText
from kb.database import Database
from kb.errors import NotFound
from kb.models import (
    BankQuestion,
    CheckAnswer,
    Course,
    QuestionBank,
    User,
    UserGroup,
    course_readable,
    utc_now,
)
from kb.training_assigning import users_of
from kb.training_lines import Line, lines_of

# Below this average a question is failed by many: it is unclear, or what it asks is not taught.
OFTEN_FAILED: Final = 0.5
MAX_QUESTIONS: Final = 200


@dataclass(frozen=True, slots=True)
class FailedQuestion:
    """A question and how it went: ``asked`` times, with an average ``credit`` of 0 to 1."""

    id: int
    bank_id: int
    course_id: int
    course_title: str
    language: str
    question: QuestionText
    asked: int
    credit: float
    settled: bool


class TrainingReports:
    """Use cases around reports; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read from ``database``."""
        self._database = database

    def transcript(self, actor: Actor, user_id: str) -> Sequence[Line]:
        """What somebody has begun, finished and is to do: one's own, or for those who see reports anybody's.

        Raises:
            NotAllowed: it is somebody else's.
            NotFound: there is no such user.
        """
        if user_id != actor.id or not actor.id:
            actor.must(Action.SEE_REPORTS)
        with self._database.read() as session:
            if session.get(User, user_id) is None:
                raise NotFound(what="user", id=user_id)
            return lines_of(session, actor, users={user_id}, courses=None, own=user_id == actor.id)

    def lines(self, actor: Actor, *, course_id: int = 0, group: str = "") -> Sequence[Line]:
        """Who is where, in one course, one group or everywhere, those overdue first.

        Raises:
            NotAllowed: the actor may not see reports.
            NotFound: there is no such course, or it is not for this actor.
        """
        actor.must(Action.SEE_REPORTS)
        with self._database.read() as session:
            if course_id:
                known = session.scalar(
                    select(Course.id).where(Course.id == course_id, course_readable(actor))
                )
                if known is None:
                    raise NotFound(what="course", id=course_id)
            users = users_of(session, [f"group:{group}"]) if group else None
            found = lines_of(
                session, actor, users=users, courses={course_id} if course_id else None
            )
        return sorted(found, key=lambda one: (not one.overdue, one.percent, one.name, one.title))

    def groups(self, actor: Actor) -> Sequence[str]:
        """Names of the groups that reports can be narrowed to.

        Raises:
            NotAllowed: the actor may not see reports.
        """
        actor.must(Action.SEE_REPORTS)
        with self._database.read() as session:
            return session.scalars(
                select(UserGroup.group).distinct().order_by(UserGroup.group)
            ).all()

    def failed(
        self, actor: Actor, *, course_id: int = 0, only_searches: bool = False
    ) -> Sequence[FailedQuestion]:
        """The questions that were asked, the one failed most in front.

        Args:
            actor: somebody who sees reports.
            course_id: only of this course; 0 for all.
            only_searches: only find-it questions that were failed and not settled: what people cannot find.

        Raises:
            NotAllowed: the actor may not see reports.
        """
        actor.must(Action.SEE_REPORTS)
        share = func.avg(CheckAnswer.credit)
        statement = (
            select(BankQuestion, Course, func.count(), share)
            .join(CheckAnswer, CheckAnswer.question_id == BankQuestion.id)
            .join(QuestionBank, QuestionBank.id == BankQuestion.bank_id)
            .join(Course, Course.id == QuestionBank.course_id)
            .where(course_readable(actor))
            .group_by(BankQuestion.id, Course.id)
            .order_by(share, func.count().desc(), BankQuestion.id)
            .limit(MAX_QUESTIONS)
        )
        if course_id:
            statement = statement.where(Course.id == course_id)
        if only_searches:
            statement = statement.where(
                CheckAnswer.kind == "find_it", BankQuestion.settled_at.is_(None)
            ).having(share < 1)
        with self._database.read() as session:
            return [
                FailedQuestion(
                    id=row.id,
                    bank_id=row.bank_id,
                    course_id=course.id,
                    course_title=course.title,
                    language=course.language,
                    question=from_json(row.content),
                    asked=asked,
                    credit=credit,
                    settled=row.settled_at is not None,
                )
                for row, course, asked, credit in session.execute(statement)
            ]

    def settle_search(self, actor: Actor, question_id: int) -> None:
        """Say that what a find-it question asks for can be found now; it leaves the list of search gaps.

        Raises:
            NotAllowed: the actor may not see reports.
            NotFound: there is no such question, or its course is not for this actor.
        """
        actor.must(Action.SEE_REPORTS)
        with self._database.write() as session:
            row = session.scalar(
                select(BankQuestion)
                .join(QuestionBank, QuestionBank.id == BankQuestion.bank_id)
                .join(Course, Course.id == QuestionBank.course_id)
                .where(BankQuestion.id == question_id, course_readable(actor))
            )
            if row is None:
                raise NotFound(what="question", id=question_id)
            row.settled_at = utc_now()
