"""Courses as evidence of what their teachers know."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.evidence import Evidence
from kb.models import Course, Person
from kb.models.access import readable
from kb.models.training import COURSE_DRAFT
from kb.training_rules import SUBJECT


class CourseEvidence:
    """The source of what courses show; see :class:`kb.evidence.EvidenceSource`.

    Each teacher of a course that was ever open taught it, on the day it was last written; a withdrawn one still counts.
    """

    subject: Final = SUBJECT

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """What courses that ``actor`` may read show of people."""
        statement = select(Course).where(
            Course.state != COURSE_DRAFT, readable(actor, Course.audience_id)
        )
        if numbers is not None:
            statement = statement.where(Course.id.in_(sorted(numbers)))
        rows = [row for row in session.scalars(statement) if row.teachers]
        handles = {str(handle) for row in rows for handle in row.teachers}
        wanted = select(Person.handle, Person.id).where(Person.handle.in_(sorted(handles)))
        if people is not None:
            wanted = wanted.where(Person.id.in_(sorted(people)))
        known = dict(session.execute(wanted).all())
        return [
            Evidence(
                person=known[handle],
                kind="taught",
                subject=SUBJECT,
                number=row.id,
                title=row.title,
                dated=row.updated_at.date(),
                tags=tuple(str(one["skill"]) for one in row.skills),
            )
            for row in rows
            for handle in map(str, row.teachers)
            if handle in known
        ]
