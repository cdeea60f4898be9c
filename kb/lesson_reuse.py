"""The reuse ledger: in which projects a lesson was applied, what came of it, and what all of it adds up to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.errors import N_, NotFound
from kb.lesson_rows import must_sign, project_id_of, readable_lesson, tell_index
from kb.lesson_rules import LessonRefused, Problem
from kb.lesson_use_rules import checked_use
from kb.models import Lesson, LessonUse, Project, lesson_readable, utc_now
from kb.models.projects import project_readable


@dataclass(frozen=True, slots=True)
class Totals:
    """What reuse has brought: lessons that were applied with success, how often, in how many projects, days saved."""

    lessons: int
    uses: int
    projects: int
    days_saved: float


class LessonReuse:
    """Use cases around the ledger; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep the ledger in ``database``."""
        self._database = database

    def record(
        self,
        actor: Actor,
        lesson_id: int,
        project: str,
        outcome: str,
        *,
        note: str = "",
        days_saved: float | None = None,
    ) -> None:
        """Say that a lesson was applied in a project; said again by the same person, it replaces what was said before.

        Args:
            actor: who says it.
            lesson_id: of the lesson.
            project: code of the project it was applied in.
            outcome: one of :data:`kb.lesson_use_rules.OUTCOMES`.
            note: what was done, or why it did not help.
            days_saved: working days, fractions allowed.

        Raises:
            NotAllowed: the actor may not contribute, or has not signed in.
            NotFound: there is no such lesson, or it is not for this actor.
            LessonRefused: project, outcome or days cannot be taken.
        """
        must_sign(actor)
        known, note, days = checked_use(outcome, note, days_saved)
        with self._database.write() as session:
            row = readable_lesson(session, actor, lesson_id)
            project_id = project_id_of(session, actor, project.strip())
            if project_id is None:
                raise LessonRefused([Problem("project", N_("this has to be filled in"))])
            use = _use(session, actor, lesson_id, project_id) or LessonUse(
                lesson_id=row.id, project_id=project_id, by=actor.id
            )
            use.outcome, use.note, use.days_saved, use.at = known, note, days, utc_now()
            session.add(use)
            tell_index(session, actor, row)

    def remove(self, actor: Actor, lesson_id: int, project: str) -> None:
        """Take back what one said of a lesson in a project.

        Raises:
            NotAllowed: the actor may not contribute, or has not signed in.
            NotFound: there is no such lesson for this actor, or the actor said nothing of it.
        """
        must_sign(actor)
        with self._database.write() as session:
            row = readable_lesson(session, actor, lesson_id)
            project_id = project_id_of(session, actor, project.strip())
            use = _use(session, actor, lesson_id, project_id or 0)
            if use is None:
                raise NotFound(what="use of a lesson", id=project)
            session.delete(use)
            tell_index(session, actor, row)

    def totals(self, actor: Actor) -> Totals:
        """What reuse has brought, of the lessons and projects that ``actor`` may know of; without what did not help."""
        with self._database.read() as session:
            counted = session.execute(
                select(
                    func.count(func.distinct(LessonUse.lesson_id)),
                    func.count(),
                    func.count(func.distinct(LessonUse.project_id)),
                    func.coalesce(func.sum(LessonUse.days_saved), 0.0),
                )
                .select_from(LessonUse)
                .join(Lesson, Lesson.id == LessonUse.lesson_id)
                .join(Project, Project.id == LessonUse.project_id)
                .where(
                    LessonUse.outcome != "not-helped",
                    lesson_readable(actor),
                    project_readable(actor),
                )
            ).one()
        return Totals(*counted)


def _use(session: Session, actor: Actor, lesson_id: int, project_id: int) -> LessonUse | None:
    return session.scalar(
        select(LessonUse).where(
            LessonUse.lesson_id == lesson_id,
            LessonUse.project_id == project_id,
            LessonUse.by == actor.id,
        )
    )
