"""Questions as things that search can find, with all that was answered; the accepted answer comes first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from kb.access import Actor
from kb.markdown import plain_text
from kb.models import Answer, Project, Question, project_readable, question_readable
from kb.models.access import covering
from kb.question_rows import shown_names
from kb.question_rules import SUBJECT
from kb.search.answers import NO_NAMES, Names
from kb.things import Thing, ThingSection

KIND: Final = "question"
# A question without an answer tells only that somebody else wondered too; a duplicate is told better elsewhere.
UNANSWERED: Final = 0.6
DUPLICATE: Final = 0.5
# Ids on the page of a question.
QUESTION_ANCHOR: Final = "question"
_HEADINGS: Final = {
    "zh": ("提问", "{}的回答（已采纳）", "{}的回答"),
    "en": ("Question", "Answer by {} (accepted)", "Answer by {}"),
}
# Made once: making a statement takes longer than running it, and these belong to nearly every search.
_ANSWERED: Final = (
    select(Answer.question_id)
    .where(Answer.question_id.in_(bindparam("ids", expanding=True)))
    .distinct()
)
_DOUBLES: Final = select(Question.id).where(
    Question.id.in_(bindparam("ids", expanding=True)), Question.duplicate_of.is_not(None)
)


def answer_anchor(answer_id: int) -> str:
    """The id of an answer on the page of its question."""
    return f"answer-{answer_id}"


class QuestionThings:
    """The source of questions; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of questions after ``last``, in order."""
        return session.scalars(
            select(Question.id).where(Question.id > last).order_by(Question.id).limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these questions that are for ``actor``."""
        rows = session.scalars(
            select(Question)
            .outerjoin(Project, (Project.id == Question.project_id) & project_readable(actor))
            .options(
                contains_eager(Question.project),
                selectinload(Question.tags),
                selectinload(Question.answers),
            )
            .where(Question.id.in_(ids), question_readable(actor))
        ).all()
        names = shown_names(session, {answer.by for row in rows for answer in row.answers})
        if not actor.sees_all:
            return [_thing(row, names, named=True) for row in rows]
        # As for documents: the index names a project only where all readers may know of it.
        pairs = {row.id: _audiences(row) for row in rows}
        told = covering(session, set(pairs.values()))
        return [_thing(row, names, named=pairs[row.id] in told) for row in rows]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these questions ``actor`` may find."""
        return session.scalars(
            select(Question.id).where(Question.id.in_(ids), question_readable(actor))
        ).all()


def question_priors(session: Session, ids: Sequence[int], _asked: str) -> dict[int, float]:
    """How much less questions count that have no answer, or are duplicates."""
    with_answer = set(session.scalars(_ANSWERED, {"ids": ids}))
    factors = {number: UNANSWERED for number in ids if number not in with_answer}
    return factors | dict.fromkeys(session.scalars(_DOUBLES, {"ids": ids}), DUPLICATE)


def _audiences(row: Question) -> tuple[int | None, int]:
    return (row.project.audience_id if row.project else None, row.audience_id)


def _thing(row: Question, names: dict[str, str], *, named: bool) -> Thing:
    asked, accepted, other = _HEADINGS[row.language if row.language in _HEADINGS else "en"]
    parts = [ThingSection(asked, QUESTION_ANCHOR, plain_text(row.body))] if row.body else []
    best_first = sorted(row.answers, key=lambda answer: (answer.accepted_at is None, answer.id))
    parts += [
        ThingSection(
            (accepted if answer.accepted_at else other).format(names.get(answer.by, answer.by)),
            answer_anchor(answer.id),
            plain_text(answer.body),
        )
        for answer in best_first
    ]
    project = row.project if named else None
    return Thing(
        subject=SUBJECT,
        id=row.id,
        audience=row.audience_id,
        kind=KIND,
        language=row.language,
        title=row.title,
        updated=row.updated_at,
        sections=tuple(parts),
        dated=row.asked_at.date(),
        project=project.code if project else "",
        project_names=Names(project.name_zh, project.name_en) if project else NO_NAMES,
        tags=tuple(tag.tag for tag in row.tags),
        people=tuple(dict.fromkeys(names.get(answer.by, answer.by) for answer in best_first)),
    )
