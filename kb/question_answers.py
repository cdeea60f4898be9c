"""Answers to questions and comments on both: writing, putting otherwise, voting, and the one that is accepted."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotAllowed, NotFound
from kb.models import (
    Answer,
    AnswerVote,
    Question,
    QuestionComment,
    QuestionEdit,
    question_readable,
    utc_now,
)
from kb.notifying import notify
from kb.question_rows import (
    changed,
    interested,
    must_ask,
    must_steer,
    readable_answer,
    readable_question,
)
from kb.question_rules import (
    MAX_ANSWER_CHARS,
    MAX_ANSWERS,
    MAX_COMMENT_CHARS,
    MAX_COMMENTS,
    SUBJECT,
    QuestionClosed,
)
from kb.written_texts import clean


class QuestionAnswers:
    """Use cases around answers and comments; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep answers in ``database``."""
        self._database = database

    def answer(self, actor: Actor, question_id: int, body: str, *, token: str = "") -> int:
        """Answer a question, in Markdown; returns the answer's id. What is sent twice becomes one answer.

        Raises:
            NotFound, NotAllowed: the question is not there for this actor, or the actor may not answer.
            QuestionClosed: it takes no more answers.
            InvalidInput: the text is empty or too long, or there are too many answers.
        """
        must_ask(actor)
        body = clean(body, MAX_ANSWER_CHARS, N_("answer"), needed=True)
        origin = f"form:{actor.id}:{token}"[:200] if token else None
        with self._database.write() as session:
            question = readable_question(session, actor, question_id)
            same = session.scalar(
                select(Answer.id).where(
                    Answer.question_id == question.id,
                    Answer.by == actor.id,
                    (Answer.body == body) | ((Answer.origin == origin) if origin else False),
                )
            )
            if same is not None:
                return same
            if question.closed_at is not None:
                raise QuestionClosed
            _must_have_room(session, Answer, question.id, MAX_ANSWERS)
            row = Answer(question_id=question.id, origin=origin, body=body, by=actor.id)
            session.add(row)
            session.flush()
            changed(session, actor, question)
            told = interested(session, question)
            notify(session, told, "answered", SUBJECT, question.id, question.title, actor)
            return row.id

    def edit(self, actor: Actor, answer_id: int, body: str, revision: int) -> int:
        """Put an answer otherwise; what it was is kept. Returns the question's id.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: it is somebody else's, and the actor is no curator.
            Conflict: somebody else changed it since ``revision``.
            InvalidInput: the text is empty or too long.
        """
        must_ask(actor)
        body = clean(body, MAX_ANSWER_CHARS, N_("answer"), needed=True)
        with self._database.write() as session:
            row, question = readable_answer(session, actor, answer_id)
            if row.by != actor.id and Action.CURATE not in actor.actions:
                raise NotAllowed(action=N_("change somebody else's answer"))
            if row.revision != revision:
                raise Conflict(what=N_("answer"))
            if row.body != body:
                session.add(
                    QuestionEdit(
                        question_id=question.id, answer_id=row.id, body=row.body, by=actor.id
                    )
                )
                row.body, row.edited_at = body, utc_now()
                row.revision += 1
                changed(session, actor, question)
            return question.id

    def accept(self, actor: Actor, answer_id: int, *, on: bool) -> int:
        """Say that an answer is the one, or take that back; returns the question's id.

        Another one that was accepted before is so no longer.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: the question is somebody else's, and the actor is no curator.
        """
        must_ask(actor)
        with self._database.write() as session:
            row, question = readable_answer(session, actor, answer_id)
            must_steer(actor, question)
            if on == (row.accepted_at is not None):
                return question.id
            others = select(Answer).where(
                Answer.question_id == question.id, Answer.accepted_at.is_not(None)
            )
            for other in session.scalars(others):
                other.accepted_at, other.accepted_by = None, ""
            if on:
                row.accepted_at, row.accepted_by = utc_now(), actor.id
                notify(session, {row.by}, "accepted", SUBJECT, question.id, question.title, actor)
            changed(session, actor, question)
            return question.id

    def vote(self, actor: Actor, answer_id: int, *, on: bool) -> int:
        """Say that an answer helped, or take it back; saying it twice says it once. Returns the question's id.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: nobody has signed in.
            InvalidInput: it is one's own.
        """
        must_ask(actor)
        with self._database.write() as session:
            row, question = readable_answer(session, actor, answer_id)
            if row.by == actor.id:
                raise InvalidInput(field=N_("vote"), reason=N_("it is for what others wrote"))
            given = session.get(AnswerVote, (row.id, actor.id))
            if on and given is None:
                session.add(AnswerVote(answer_id=row.id, user_id=actor.id))
            elif not on and given is not None:
                session.delete(given)
            return question.id

    def comment(
        self,
        actor: Actor,
        question_id: int,
        text: str,
        *,
        answer_id: int | None = None,
        token: str = "",
    ) -> int:
        """Comment in a few words on a question, or on one of its answers; returns the comment's id.

        Raises:
            NotFound, NotAllowed: question or answer is not there for this actor, or nobody has signed in.
            InvalidInput: the text is empty or too long, or there are too many comments.
        """
        must_ask(actor)
        text = clean(text, MAX_COMMENT_CHARS, N_("comment"), needed=True)
        origin = f"form:{actor.id}:{token}"[:200] if token else None
        with self._database.write() as session:
            question = readable_question(session, actor, question_id)
            told = interested(session, question)
            if answer_id is not None:
                answer, of = readable_answer(session, actor, answer_id)
                if of.id != question.id:
                    raise NotFound(what=N_("answer"), id=answer_id)
                told = {answer.by}
            same = session.scalar(
                select(QuestionComment.id).where(
                    QuestionComment.origin == origin, QuestionComment.by == actor.id
                )
            )
            if origin is not None and same is not None:
                return same
            _must_have_room(session, QuestionComment, question.id, MAX_COMMENTS)
            row = QuestionComment(
                question_id=question.id, answer_id=answer_id, origin=origin, text=text, by=actor.id
            )
            session.add(row)
            session.flush()
            question.updated_at = utc_now()
            notify(session, told, "commented", SUBJECT, question.id, question.title, actor)
            return row.id

    def delete_comment(self, actor: Actor, comment_id: int) -> int:
        """Take one's own comment away, as a curator anybody's; returns the question's id.

        Raises:
            NotFound: it is not there for this actor.
            NotAllowed: it is somebody else's.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = session.scalar(
                select(QuestionComment)
                .join(Question, Question.id == QuestionComment.question_id)
                .where(QuestionComment.id == comment_id, question_readable(actor))
            )
            if row is None:
                raise NotFound(what=N_("comment"), id=comment_id)
            if row.by != actor.id and Action.CURATE not in actor.actions:
                raise NotAllowed(action=N_("change somebody else's comment"))
            session.delete(row)
            return row.question_id


def _must_have_room(
    session: Session, table: type[Answer | QuestionComment], question_id: int, most: int
) -> None:
    count = session.scalar(
        select(func.count()).select_from(table).where(table.question_id == question_id)
    )
    if (count or 0) >= most:
        raise InvalidInput(field=N_("question"), reason=N_("there are too many already"))
