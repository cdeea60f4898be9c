"""What lessons show of people: who told one, who validated it as an expert, who applied it in a project."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.evidence import Evidence, EvidenceKind
from kb.models import (
    Lesson,
    LessonTag,
    LessonUse,
    Person,
    Project,
    is_person_of,
    lesson_readable,
    project_readable,
)

# How much of a whole deed it is to have applied a lesson, by what came of it: who found that it does not help has
# learned something too.
PARTS: Final = {"not-helped": 0.5}


class LessonEvidence:
    """The evidence of validated lessons; see :class:`kb.evidence.EvidenceSource`."""

    subject: Final = "lesson"

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """Who told, validated or applied the lessons that ``actor`` may read."""
        common = (Person.id, Lesson.id, Lesson.title)
        open_to = (Lesson.validated_at.is_not(None), lesson_readable(actor))
        told = (
            select(*common, Lesson.happened_on, Lesson.submitted_at)
            .join(Person, is_person_of(Lesson.submitted_by))
            .where(*open_to)
        )
        checked = (
            select(*common, Lesson.validated_at)
            .join(Person, is_person_of(Lesson.validated_by))
            .where(*open_to)
        )
        applied = (
            select(*common, LessonUse.at, LessonUse.outcome, Project.code, Project.ended)
            .select_from(LessonUse)
            .join(Lesson, Lesson.id == LessonUse.lesson_id)
            .join(Person, is_person_of(LessonUse.by))
            .join(Project, Project.id == LessonUse.project_id)
            .where(*open_to, project_readable(actor))
        )
        only = _only(people, numbers)
        statements: tuple[Any, ...] = (told, checked, applied)
        rows: list[Sequence[Any]] = [
            session.execute(each.where(*only)).all() for each in statements
        ]
        tags = _tags(session, {row[1] for found in rows for row in found})

        def made(kind: EvidenceKind, row: Any, dated: date, part: float, role: str) -> Evidence:
            number = row[1]
            return Evidence(
                row[0], kind, self.subject, number, row[2], dated, tags.get(number, ()), part, role
            )

        return [
            # What happened is known from that day on, however late it was written down.
            *(made("wrote", row, row[3] or row[4].date(), 1.0, "") for row in rows[0]),
            *(made("validated", row, row[3].date(), 1.0, "") for row in rows[1]),
            *(
                # In a project that is over it was applied before the end, however late that was told.
                made(
                    "applied",
                    row,
                    min(row[3].date(), row[6] or date.max),
                    PARTS.get(row[4], 1.0),
                    row[5],
                )
                for row in rows[2]
            ),
        ]


def _only(
    people: Collection[int] | None, numbers: Collection[int] | None
) -> list[ColumnElement[bool]]:
    only: list[ColumnElement[bool]] = []
    if people is not None:
        only.append(Person.id.in_(people))
    if numbers is not None:
        only.append(Lesson.id.in_(numbers))
    return only


def _tags(session: Session, numbers: Collection[int]) -> dict[int, tuple[str, ...]]:
    tags: dict[int, tuple[str, ...]] = {}
    for number, tag in session.execute(
        select(LessonTag.lesson_id, LessonTag.tag)
        .where(LessonTag.lesson_id.in_(sorted(numbers)))
        .order_by(LessonTag.lesson_id, LessonTag.tag)
    ):
        tags[number] = (*tags.get(number, ()), tag)
    return tags
