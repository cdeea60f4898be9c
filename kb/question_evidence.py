"""Answers as evidence of what people know: who answered which question, and whose answer was accepted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.errors import N_
from kb.evidence import Evidence
from kb.models import Answer, Person, Question, QuestionTag, question_readable
from kb.models.people import is_person_of
from kb.question_rules import SUBJECT

# Part of a whole deed, see kb.evidence.Evidence: what nobody accepted may be right and may be not.
ACCEPTED_PART: Final = 1.0
OTHER_PART: Final = 0.4
ACCEPTED_ROLE: Final = N_("accepted")


class QuestionEvidence:
    """The source of evidence in answers; see :class:`kb.evidence.EvidenceSource`."""

    subject: Final = SUBJECT

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """One deed for each question somebody answered: several answers to one question show no more than the best."""
        rows = (
            select(Answer, Question, Person.id)
            .join(Question, Question.id == Answer.question_id)
            .join(Person, is_person_of(Answer.by))
            .where(question_readable(actor), Person.merged_into.is_(None))
            .order_by(Answer.accepted_at.is_(None).desc(), Answer.id)
        )
        if people is not None:
            rows = rows.where(Person.id.in_(sorted(people)))
        if numbers is not None:
            rows = rows.where(Question.id.in_(sorted(numbers)))
        best = {
            (person, question.id): (answer, question)
            for answer, question, person in session.execute(rows)
        }
        tags: dict[int, list[str]] = {}
        for number, tag in session.execute(
            select(QuestionTag.question_id, QuestionTag.tag)
            .where(QuestionTag.question_id.in_({number for _, number in best}))
            .order_by(QuestionTag.tag)
        ):
            tags.setdefault(number, []).append(tag)
        return [
            Evidence(
                person=person,
                kind="answered",
                subject=SUBJECT,
                number=number,
                title=question.title,
                dated=answer.at.date(),
                tags=tuple(tags.get(number, ())),
                part=ACCEPTED_PART if answer.accepted_at else OTHER_PART,
                role=ACCEPTED_ROLE if answer.accepted_at else "",
            )
            for (person, number), (answer, question) in best.items()
        ]
