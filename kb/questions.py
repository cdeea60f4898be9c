"""Questions put to colleagues: asking, putting otherwise, bringing to experts, closing, and what becomes of them.

What is answered stands in :mod:`kb.question_answers`, what is shown in :mod:`kb.question_views`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.access import EVERYONE, Actor, Audience
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotFound
from kb.models import (
    Person,
    Question,
    QuestionEdit,
    QuestionExpert,
    QuestionFruit,
    QuestionVote,
    audience_id_of,
    question_readable,
    utc_now,
)
from kb.notifying import notify
from kb.page_roles import readable_document
from kb.question_rows import (
    changed,
    interested,
    must_ask,
    must_steer,
    project_id_of,
    readable_question,
    set_tags,
    users_of_experts,
)
from kb.question_rules import (
    MAX_EXPERTS,
    MAX_NOTE_CHARS,
    SUBJECT,
    QuestionText,
    checked,
)
from kb.written_texts import clean

# The same question from the same person within this time was sent twice.
_SENT_TWICE: Final = timedelta(minutes=10)


class Questions:
    """Use cases around questions; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep questions in ``database``."""
        self._database = database

    def ask(
        self, actor: Actor, text: QuestionText, *, experts: Sequence[int] = (), token: str = ""
    ) -> int:
        """Ask, bring the question to ``experts`` (ids of people) and return its id.

        What is sent twice (the same ``token`` of a form, or the same words within minutes) becomes one question.

        Raises:
            NotAllowed: the actor may not ask.
            InvalidInput: the text cannot be stored, or the experts are too many.
            NotFound: there is no such project or person, or not for this actor.
        """
        must_ask(actor)
        text = checked(text)
        origin = f"form:{actor.id}:{token}"[:200] if token else None
        with self._database.write() as session:
            if (same := _sent_before(session, actor, text, origin)) is not None:
                return same
            row = Question(
                origin=origin,
                asked_by=actor.id,
                title=text.title,
                body=text.body,
                language=text.language,
                audience_id=audience_id_of(session, _with_asker(text.audience, actor.id)),
                project_id=project_id_of(session, actor, text.project),
            )
            session.add(row)
            session.flush()
            set_tags(session, row.id, text.tags)
            for person in dict.fromkeys(experts):
                _bring(session, actor, row, person)
            session.flush()
            notify(
                session,
                users_of_experts(session, row.id),
                "asked",
                SUBJECT,
                row.id,
                row.title,
                actor,
            )
            changed(session, actor, row)
            return row.id

    def edit(self, actor: Actor, question_id: int, text: QuestionText, revision: int) -> None:
        """Put a question otherwise; what it was is kept.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or somebody else's.
            InvalidInput: the text cannot be stored.
            Conflict: somebody else changed it since ``revision``.
        """
        must_ask(actor)
        text = checked(text)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            must_steer(actor, row)
            if row.revision != revision:
                raise Conflict(what=N_("question"))
            if (row.title, row.body) != (text.title, text.body):
                session.add(
                    QuestionEdit(question_id=row.id, title=row.title, body=row.body, by=actor.id)
                )
                row.edited_at = utc_now()
            row.title, row.body, row.language = text.title, text.body, text.language
            row.audience_id = audience_id_of(session, _with_asker(text.audience, row.asked_by))
            row.project_id = project_id_of(session, actor, text.project)
            row.revision += 1
            set_tags(session, row.id, text.tags)
            changed(session, actor, row)

    def vote(self, actor: Actor, question_id: int, *, on: bool) -> None:
        """Say that one has the same question, or take it back; saying it twice says it once.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or nobody may vote like that.
            InvalidInput: it is one's own.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            if row.asked_by == actor.id:
                raise InvalidInput(field=N_("vote"), reason=N_("it is for what others wrote"))
            given = session.get(QuestionVote, (row.id, actor.id))
            if on and given is None:
                session.add(QuestionVote(question_id=row.id, user_id=actor.id))
            elif not on and given is not None:
                session.delete(given)

    def close(
        self, actor: Actor, question_id: int, *, note: str = "", duplicate_of: int | None = None
    ) -> None:
        """Take no more answers, as a duplicate of another question or for the reason in ``note``.

        Raises:
            NotFound, NotAllowed: it, or the other question, is not there for this actor; or it is somebody else's.
            InvalidInput: it would be a duplicate of itself or of one that is its duplicate, or the note is too long.
        """
        must_ask(actor)
        note = clean(note, MAX_NOTE_CHARS, N_("note"))
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            must_steer(actor, row)
            if duplicate_of is not None:
                _must_be_another(session, actor, row, duplicate_of)
            if row.closed_at is not None and row.duplicate_of == duplicate_of:
                return
            row.closed_at, row.closed_by, row.closed_note = utc_now(), actor.id, note
            row.duplicate_of = duplicate_of
            changed(session, actor, row)
            told = interested(session, row)
            notify(session, told, "closed", SUBJECT, row.id, row.title, actor)

    def reopen(self, actor: Actor, question_id: int) -> None:
        """Take answers again.

        Raises:
            NotFound, NotAllowed: it is not there for this actor, or somebody else's.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            must_steer(actor, row)
            if row.closed_at is None:
                return
            row.closed_at, row.closed_by, row.closed_note = None, "", ""
            row.duplicate_of = row.reminded_at = row.escalated_at = None
            changed(session, actor, row)
            told = interested(session, row, experts=True)
            notify(session, told, "reopened", SUBJECT, row.id, row.title, actor)

    def bring_to(self, actor: Actor, question_id: int, person_id: int) -> None:
        """Bring a question to one more person, who is told; twice is once.

        Raises:
            NotFound, NotAllowed: question or person is not there for this actor, or it is somebody else's.
            InvalidInput: it was brought to too many already.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            must_steer(actor, row)
            before = set(users_of_experts(session, row.id))
            _bring(session, actor, row, person_id)
            session.flush()
            new = set(users_of_experts(session, row.id)) - before
            notify(session, new, "asked", SUBJECT, row.id, row.title, actor)

    def spare(self, actor: Actor, question_id: int, person_id: int) -> None:
        """Take a question away from a person; no error where it was not brought to them.

        Raises:
            NotFound, NotAllowed: the question is not there for this actor, or somebody else's.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            must_steer(actor, row)
            session.execute(
                delete(QuestionExpert).where(
                    QuestionExpert.question_id == row.id, QuestionExpert.person_id == person_id
                )
            )

    def bear(self, actor: Actor, question_id: int, subject: str, number: int) -> None:
        """Write down that a page or a lesson was made of a question.

        Raises:
            NotFound: question or document is not there for this actor.
            NotAllowed: nobody has signed in.
        """
        must_ask(actor)
        with self._database.write() as session:
            row = readable_question(session, actor, question_id)
            if subject == "document":
                readable_document(session, actor, number)
            if session.get(QuestionFruit, (row.id, subject, number)) is None:
                session.add(
                    QuestionFruit(question_id=row.id, subject=subject, number=number, by=actor.id)
                )


def _with_asker(text: str, asker: str) -> Audience:
    """The audience that is written, and whoever asked: nobody asks what they may not read the answer to."""
    given = Audience.parse(text)
    open_ = EVERYONE in given.principals
    return given if open_ else Audience(given.principals | {f"user:{asker}"})


def _sent_before(
    session: Session, actor: Actor, text: QuestionText, origin: str | None
) -> int | None:
    mine = (Question.asked_by == actor.id) & question_readable(actor)
    if origin is not None:
        known = session.scalar(select(Question.id).where(mine, Question.origin == origin))
        if known is not None:
            return known
    return session.scalar(
        select(Question.id).where(
            mine,
            Question.title == text.title,
            Question.body == text.body,
            Question.asked_at > utc_now() - _SENT_TWICE,
        )
    )


def _bring(session: Session, actor: Actor, row: Question, person_id: int) -> None:
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(what=N_("person"), id=person_id)
    person_id = person.merged_into or person.id
    if session.get(QuestionExpert, (row.id, person_id)) is not None:
        return
    count = session.scalar(
        select(func.count()).select_from(QuestionExpert).where(QuestionExpert.question_id == row.id)
    )
    if (count or 0) >= MAX_EXPERTS:
        raise InvalidInput(field=N_("people asked"), reason=N_("eight are enough"))
    session.add(QuestionExpert(question_id=row.id, person_id=person_id, by=actor.id))
    session.flush()


def _must_be_another(session: Session, actor: Actor, row: Question, other_id: int) -> None:
    """Return when following "asked before" from ``other_id`` on never comes back to ``row``."""
    seen = {row.id}
    number: int | None = readable_question(session, actor, other_id).id
    while number is not None:
        if number in seen:
            raise InvalidInput(
                field=N_("question asked before"), reason=N_("it leads back to this question")
            )
        seen.add(number)
        number = session.scalar(select(Question.duplicate_of).where(Question.id == number))
