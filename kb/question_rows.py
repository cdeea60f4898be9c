"""Rows of questions, as all use cases around them read and write them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, delete, exists, select, true
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.errors import N_, NotAllowed, NotFound
from kb.models import (
    Answer,
    Follow,
    Project,
    Question,
    QuestionExpert,
    QuestionTag,
    QuestionVote,
    User,
    project_readable,
    question_readable,
    record_change,
    utc_now,
)
from kb.models.people import Person, is_person_of
from kb.page_roles import must_be_signed_in, names_of
from kb.question_rules import SUBJECT


def readable_question(session: Session, actor: Actor, question_id: int) -> Question:
    """The row of a question that ``actor`` may read.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    row = session.scalar(
        select(Question).where(Question.id == question_id, question_readable(actor))
    )
    if row is None:
        raise NotFound(what=N_("question"), id=question_id)
    return row


def readable_answer(session: Session, actor: Actor, answer_id: int) -> tuple[Answer, Question]:
    """An answer, with its question, that ``actor`` may read.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    found = session.execute(
        select(Answer, Question)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.id == answer_id, question_readable(actor))
    ).first()
    if found is None:
        raise NotFound(what=N_("answer"), id=answer_id)
    return found[0], found[1]


def must_ask(actor: Actor) -> None:
    """Return when ``actor`` may take part in questions and answers.

    Raises:
        NotAllowed: nobody has signed in, or the role does not include it.
    """
    must_be_signed_in(actor)
    actor.must(Action.ASK)


def must_steer(actor: Actor, row: Question) -> None:
    """Return when ``actor`` decides about a question: its asker, or a curator.

    Raises:
        NotAllowed: it is somebody else's.
    """
    if not may_steer(actor, row):
        raise NotAllowed(action=N_("decide about somebody else's question"))


def may_steer(actor: Actor, row: Question) -> bool:
    """Whether ``actor`` decides about a question."""
    own = bool(actor.id) and row.asked_by == actor.id and Action.ASK in actor.actions
    return own or Action.CURATE in actor.actions


def project_id_of(session: Session, actor: Actor, code: str) -> int | None:
    """The id of the project with this code; None for an empty one.

    Raises:
        NotFound: there is none, or not for this actor.
    """
    if not code:
        return None
    found = session.scalar(select(Project.id).where(Project.code == code, project_readable(actor)))
    if found is None:
        raise NotFound(what=N_("project"), id=code[:100])
    return found


def set_tags(session: Session, question_id: int, tags: Iterable[str]) -> None:
    """Give a question these tags and no others."""
    session.execute(delete(QuestionTag).where(QuestionTag.question_id == question_id))
    session.add_all(QuestionTag(question_id=question_id, tag=tag) for tag in tags)


def changed(session: Session, actor: Actor, row: Question) -> None:
    """Something happened to a question: it is active again, and the index has to hear of it."""
    row.updated_at = utc_now()
    record_change(session, actor, SUBJECT, row.id, "store")


def interested(session: Session, row: Question, *, experts: bool = False) -> set[str]:
    """Sign-in names of the asker, of those who have the same question, and of those who follow it."""
    found = {row.asked_by}
    found |= set(
        session.scalars(select(QuestionVote.user_id).where(QuestionVote.question_id == row.id))
    )
    found |= set(
        session.scalars(
            select(Follow.user_id).where(Follow.subject == SUBJECT, Follow.key == str(row.id))
        )
    )
    return found | set(users_of_experts(session, row.id)) if experts else found


def users_of_experts(session: Session, question_id: int) -> list[str]:
    """Sign-in names of those people a question was brought to who have one."""
    return list(
        session.scalars(
            select(User.id)
            .join(Person, is_person_of(User.id))
            .join(QuestionExpert, QuestionExpert.person_id == Person.id)
            .where(QuestionExpert.question_id == question_id)
        )
    )


def answered(*, accepted: bool = False) -> ColumnElement[bool]:
    """Condition on questions: there is an answer, or one that was ``accepted``."""
    found = Answer.accepted_at.is_not(None) if accepted else true()
    return exists().where(Answer.question_id == Question.id, found).correlate(Question)


def shown_names(session: Session, users: Iterable[str]) -> dict[str, str]:
    """How users are shown to people; somebody without a sign-in as the register of people has them."""
    names = names_of(session, users)
    gone = [user for user, name in names.items() if name == user]
    for person in session.scalars(select(Person).where(Person.handle.in_(gone))):
        names[person.handle] = " ".join(filter(None, (person.name_zh, person.name_en)))
    return names
