"""A question as people see it: complete, without anything that this somebody may not read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.models import (
    Answer,
    AnswerVote,
    AudienceRow,
    Document,
    Lesson,
    Person,
    Project,
    Question,
    QuestionComment,
    QuestionEdit,
    QuestionExpert,
    QuestionFruit,
    QuestionTag,
    QuestionVote,
    User,
    document_readable,
    lesson_readable,
    project_readable,
    question_readable,
)
from kb.models.people import is_person_of
from kb.question_lists import counted_by
from kb.question_rows import may_steer, readable_answer, readable_question, shown_names
from kb.question_rules import QuestionText
from kb.search.answers import NO_NAMES, Names


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment; ``by`` is a name."""

    id: int
    text: str
    by: str
    at: datetime
    may_delete: bool


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer, complete; ``voted`` whether the actor said that it helped."""

    id: int
    revision: int
    body: str
    by: str
    at: datetime
    edited_at: datetime | None
    accepted: bool
    accepted_by: str
    votes: int
    voted: bool
    mine: bool
    may_edit: bool
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody a question was brought to; ``told`` whether they sign in here, so that the site could tell them."""

    person_id: int
    names: Names
    department: str
    told: bool


@dataclass(frozen=True, slots=True)
class Fruit:
    """A page or lesson that was made of a question."""

    subject: str
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question, complete.

    Attributes:
        text: as its asker wrote it; ``project`` is empty where the actor may not know of it.
        duplicate_of, duplicates: id and title of the question that was asked before, and of those asked after.
        mine: the actor asked it.
        may_steer: the actor decides about it.
        edits: how often question and answers were put otherwise.
    """

    id: int
    revision: int
    text: QuestionText
    project_names: Names
    asked_by: str
    asked_at: datetime
    edited_at: datetime | None
    updated_at: datetime
    closed_at: datetime | None
    closed_by: str
    closed_note: str
    duplicate_of: tuple[int, str] | None
    duplicates: tuple[tuple[int, str], ...]
    votes: int
    voted: bool
    mine: bool
    may_ask: bool
    may_steer: bool
    answers: tuple[AnswerView, ...]
    remarks: tuple[Remark, ...]
    experts: tuple[Expert, ...]
    fruits: tuple[Fruit, ...]
    edits: int


@dataclass(frozen=True, slots=True)
class Edit:
    """A text as it was before ``by`` put it otherwise; ``answer_id`` None where it was the question."""

    answer_id: int | None
    title: str
    body: str
    by: str
    at: datetime


class QuestionViews:
    """Reading questions; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Read the questions of ``database``."""
        self._database = database

    def get(self, actor: Actor, question_id: int) -> QuestionView:
        """A question, complete.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            return _view(session, actor, readable_question(session, actor, question_id))

    def history(self, actor: Actor, question_id: int) -> list[Edit]:
        """What the texts of a question and its answers were before, the newest first.

        Raises:
            NotFound: there is none, or not for this actor.
        """
        with self._database.read() as session:
            readable_question(session, actor, question_id)
            rows = session.scalars(
                select(QuestionEdit)
                .where(QuestionEdit.question_id == question_id)
                .order_by(QuestionEdit.id.desc())
            ).all()
            names = shown_names(session, {row.by for row in rows})
        return [Edit(r.answer_id, r.title, r.body, names.get(r.by, ""), r.at) for r in rows]

    def question_of(self, actor: Actor, answer_id: int) -> int:
        """The id of the question that an answer is of.

        Raises:
            NotFound: there is no such answer, or not for this actor.
        """
        with self._database.read() as session:
            return readable_answer(session, actor, answer_id)[1].id

    def of_fruit(self, actor: Actor, subject: str, number: int) -> list[tuple[int, str]]:
        """Id and title of the questions that a page or lesson was made of."""
        with self._database.read() as session:
            rows = session.execute(
                select(Question.id, Question.title)
                .join(QuestionFruit, QuestionFruit.question_id == Question.id)
                .where(
                    QuestionFruit.subject == subject,
                    QuestionFruit.number == number,
                    question_readable(actor),
                )
                .order_by(Question.id)
            )
            return [(question_id, title) for question_id, title in rows]


def _view(session: Session, actor: Actor, row: Question) -> QuestionView:
    answers = session.scalars(select(Answer).where(Answer.question_id == row.id)).all()
    remarks = session.scalars(
        select(QuestionComment)
        .where(QuestionComment.question_id == row.id)
        .order_by(QuestionComment.id)
    ).all()
    names = shown_names(
        session,
        {row.asked_by, row.closed_by}
        | {user for each in answers for user in (each.by, each.accepted_by)}
        | {each.by for each in remarks},
    )
    votes = counted_by(session, AnswerVote.answer_id, [each.id for each in answers])
    mine = set(
        session.scalars(
            select(AnswerVote.answer_id).where(
                AnswerVote.user_id == actor.id,
                AnswerVote.answer_id.in_(each.id for each in answers),
            )
        )
    )
    curates = Action.CURATE in actor.actions

    def remarks_on(answer_id: int | None) -> tuple[Remark, ...]:
        return tuple(
            Remark(
                id=each.id,
                text=each.text,
                by=names.get(each.by, ""),
                at=each.at,
                may_delete=curates or (bool(actor.id) and each.by == actor.id),
            )
            for each in remarks
            if each.answer_id == answer_id
        )

    views = [
        AnswerView(
            id=each.id,
            revision=each.revision,
            body=each.body,
            by=names.get(each.by, ""),
            at=each.at,
            edited_at=each.edited_at,
            accepted=each.accepted_at is not None,
            accepted_by=names.get(each.accepted_by, ""),
            votes=votes.get(each.id, 0),
            voted=each.id in mine,
            mine=bool(actor.id) and each.by == actor.id,
            may_edit=bool(actor.id) and (curates or each.by == actor.id),
            remarks=remarks_on(each.id),
        )
        for each in answers
    ]
    views.sort(key=lambda each: (not each.accepted, -each.votes, each.id))
    text, project = _text(session, actor, row)
    duplicates = _titled(session, actor, Question.duplicate_of == row.id)
    before = _titled(session, actor, Question.id == (row.duplicate_of or 0))
    return QuestionView(
        id=row.id,
        revision=row.revision,
        text=text,
        project_names=project,
        asked_by=names.get(row.asked_by, ""),
        asked_at=row.asked_at,
        edited_at=row.edited_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        closed_by=names.get(row.closed_by, ""),
        closed_note=row.closed_note,
        duplicate_of=before[0] if before else None,
        duplicates=duplicates,
        votes=counted_by(session, QuestionVote.question_id, [row.id]).get(row.id, 0),
        voted=session.get(QuestionVote, (row.id, actor.id)) is not None,
        mine=bool(actor.id) and row.asked_by == actor.id,
        may_ask=bool(actor.id) and Action.ASK in actor.actions,
        may_steer=may_steer(actor, row),
        answers=tuple(views),
        remarks=remarks_on(None),
        experts=_experts(session, row.id),
        fruits=_fruits(session, actor, row.id),
        edits=session.scalar(
            select(func.count()).select_from(QuestionEdit).where(QuestionEdit.question_id == row.id)
        )
        or 0,
    )


def _text(session: Session, actor: Actor, row: Question) -> tuple[QuestionText, Names]:
    project = session.scalar(
        select(Project).where(Project.id == (row.project_id or 0), project_readable(actor))
    )
    audience = session.scalar(select(AudienceRow.key).where(AudienceRow.id == row.audience_id))
    tags = session.scalars(
        select(QuestionTag.tag).where(QuestionTag.question_id == row.id).order_by(QuestionTag.tag)
    )
    text = QuestionText(
        title=row.title,
        body=row.body,
        tags=tuple(tags),
        audience=audience or "",
        project=project.code if project else "",
        language=row.language,
    )
    return text, Names(project.name_zh, project.name_en) if project else NO_NAMES


def _titled(
    session: Session, actor: Actor, condition: ColumnElement[bool]
) -> tuple[tuple[int, str], ...]:
    rows = session.execute(
        select(Question.id, Question.title)
        .where(condition, question_readable(actor))
        .order_by(Question.id)
    )
    return tuple((number, title) for number, title in rows)


def _experts(session: Session, question_id: int) -> tuple[Expert, ...]:
    rows = session.execute(
        select(Person, User.id)
        .join(QuestionExpert, QuestionExpert.person_id == Person.id)
        .outerjoin(User, is_person_of(User.id))
        .where(QuestionExpert.question_id == question_id)
        .order_by(QuestionExpert.at, Person.id)
    )
    return tuple(
        Expert(person.id, Names(person.name_zh, person.name_en), person.department, bool(user))
        for person, user in rows
    )


def _fruits(session: Session, actor: Actor, question_id: int) -> tuple[Fruit, ...]:
    of = QuestionFruit.question_id == question_id
    documents = session.execute(
        select(Document.id, Document.title)
        .join(QuestionFruit, QuestionFruit.number == Document.id)
        .where(of, QuestionFruit.subject == "document", document_readable(actor))
    )
    lessons = session.execute(
        select(Lesson.id, Lesson.title)
        .join(QuestionFruit, QuestionFruit.number == Lesson.id)
        .where(of, QuestionFruit.subject == "lesson", lesson_readable(actor))
    )
    found = [Fruit("document", number, title) for number, title in documents]
    return (*found, *(Fruit("lesson", number, title) for number, title in lessons))
