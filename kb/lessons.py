"""Lessons: told, put right, judged by an expert, merged, replaced by better ones. Every step is kept.

Where they were used is :mod:`kb.lesson_reuse`, what they changed :mod:`kb.lesson_closure`, lists of them
:mod:`kb.lesson_listing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.errors import N_
from kb.lesson_rows import (
    keep_version,
    must_sign,
    readable_lesson,
    taken_step,
    tell_index,
    text_of,
    write_text,
)
from kb.lesson_rules import VERDICTS, LessonRefused, LessonText, Problem, checked, problems
from kb.lesson_sources import SourceRef, add_lesson, add_sources, hand_over
from kb.lesson_views import LessonView, may_know_project, view
from kb.models import (
    Lesson,
    LessonVersion,
    Person,
    Project,
    utc_now,
)
from kb.models.projects import project_readable
from kb.search.answers import Names


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a correction: ``kept`` is False where somebody else had saved first.

    Then nothing changed but that the text was kept among the versions, set aside.
    """

    lesson_id: int
    revision: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A lesson as it was after one step: ``event``, one of :mod:`kb.lesson_steps`, ``submit`` or ``set-aside``."""

    number: int
    event: str
    text: LessonText
    note: str
    by: str
    at: datetime


class Lessons:
    """Use cases around single lessons; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep lessons in ``database``."""
        self._database = database

    def submit(
        self, actor: Actor, text: LessonText, *, sources: Sequence[SourceRef] = (), token: str = ""
    ) -> int:
        """Tell a lesson and return its id; until an expert has looked at it, only its teller and curators see it.

        Args:
            actor: who tells it.
            text: what is told.
            sources: where it was told before; documents that the actor may read.
            token: one for each form that was opened: sent twice, it stays one lesson.

        Raises:
            NotAllowed: the actor may not contribute, or has not signed in.
            LessonRefused: something is missing or cannot be taken.
            NotFound: a source is no document that the actor may read.
        """
        must_sign(actor)
        text = checked(text, "submit")
        origin = f"form:{actor.id}:{token}" if token else None
        with self._database.write() as session:
            if origin is not None:
                twice = session.scalar(select(Lesson.id).where(Lesson.origin == origin))
                if twice is not None:
                    return twice
            return add_lesson(session, actor, text, sources=sources, origin=origin).id

    def get(self, actor: Actor, lesson_id: int) -> LessonView:
        """One lesson, complete, without what the actor may not read of it.

        Raises:
            NotFound: there is none, or it is not for this actor.
        """
        with self._database.read() as session:
            return view(session, actor, readable_lesson(session, actor, lesson_id))

    def correct(
        self, actor: Actor, lesson_id: int, text: LessonText, revision: int, *, note: str = ""
    ) -> Saved:
        """Replace what a lesson says. Where somebody else saved since ``revision``, both texts are kept.

        Raises:
            NotFound: there is no such lesson, or it is not for this actor.
            NotAllowed: a curator has to do this, or before validation whoever submitted it.
            StepRefused: it has been superseded.
            LessonRefused: something is missing or cannot be taken.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "correct")
            text = checked(text, "validate" if "complete" in step.needs else "submit")
            if row.revision != revision:
                keep_version(session, actor, row, text, event="set-aside", note=note)
                return Saved(row.id, row.revision, kept=False)
            hidden = row.project_id if row.project_id and not text.project else None
            if hidden is not None and may_know_project(session, actor, hidden):
                hidden = None
            write_text(session, actor, row, text)
            # Whoever may not know of the project has not taken it out.
            row.project_id = row.project_id or hidden
            row.revision += 1
            keep_version(session, actor, row, text, event="correct", note=note)
            tell_index(session, actor, row)
            return Saved(row.id, row.revision, kept=True)

    def validate(self, actor: Actor, lesson_id: int, verdict: str, note: str) -> None:
        """The expert's word: does it apply elsewhere, what is to be done, and why.

        Raises:
            NotFound: there is no such lesson, or it is not for this actor.
            NotAllowed: the actor may not curate.
            StepRefused: the lesson is past this step.
            LessonRefused: the verdict is none, there is no note, or the lesson has gaps.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "validate")
            text = text_of(session, row)
            wrong = list(problems(text, "validate"))
            if verdict not in VERDICTS:
                wrong.append(Problem("verdict", N_("choose one of the list")))
            if not note.strip():
                wrong.append(Problem("note", N_("this has to be filled in")))
            if wrong:
                raise LessonRefused(wrong)
            row.state, row.verdict, row.expert_note = step.end, verdict, note.strip()
            row.validated_by, row.validated_at = actor.id, utc_now()
            _stepped(session, actor, row, "validate", note=f"{verdict}: {note.strip()}")

    def reopen(self, actor: Actor, lesson_id: int, note: str) -> None:
        """Send a validated lesson back: it waits for an expert again and is no longer found.

        Raises:
            NotFound, NotAllowed, StepRefused: as for :meth:`validate`.
            LessonRefused: there is no note.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "reopen")
            if not note.strip():
                raise LessonRefused([Problem("note", N_("this has to be filled in"))])
            row.state, row.verdict, row.expert_note = step.end, "", ""
            row.validated_by, row.validated_at = "", None
            _stepped(session, actor, row, "reopen", note=note.strip())

    def supersede(self, actor: Actor, lesson_id: int, successor_id: int, note: str = "") -> None:
        """Let another lesson take this one's place; it takes over where it was told and where it was used.

        Raises:
            NotFound: one of the two is not there, or not for this actor.
            NotAllowed, StepRefused: as for :meth:`validate`.
            LessonRefused: the successor is the lesson itself, or was superseded.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "supersede")
            successor = readable_lesson(session, actor, successor_id)
            if successor.id == row.id or successor.state == "superseded":
                reason = N_("name another lesson, which is not superseded itself")
                raise LessonRefused([Problem("successor", reason)])
            row.state, row.superseded_by = step.end, successor.id
            hand_over(session, row, successor)
            _stepped(session, actor, row, "supersede", note=note.strip())
            # The title was written for those who may read that lesson.
            title = row.title if row.audience_id == successor.audience_id else ""
            merged = text_of(session, successor)
            keep_version(session, actor, successor, merged, event="merge", note=title)
            successor.updated_at = utc_now()
            tell_index(session, actor, successor)

    def reinstate(self, actor: Actor, lesson_id: int) -> None:
        """Take back that a lesson was superseded. What its successor took over stays there.

        Raises:
            NotFound, NotAllowed, StepRefused: as for :meth:`validate`.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "reinstate")
            row.state, row.superseded_by = step.end, None
            _stepped(session, actor, row, "reinstate")

    def add_source(self, actor: Actor, lesson_id: int, source: SourceRef) -> None:
        """Name one more place where a lesson was told; naming it twice changes nothing.

        Raises:
            NotFound: the lesson or the document is not there, or not for this actor.
            NotAllowed: a curator has to do this, or before validation whoever submitted it.
            StepRefused: it has been superseded.
        """
        with self._database.write() as session:
            row, _ = taken_step(session, actor, lesson_id, "correct")
            add_sources(session, actor, row, [source])
            row.updated_at = utc_now()
            tell_index(session, actor, row)

    def people(self, actor: Actor, handles: Collection[str]) -> dict[str, Names]:
        """The names of those of these handles or sign-in names that the register of people has; else they are left out.

        Empty for an actor who may not read.
        """
        if not actor.principals and not actor.sees_all:
            return {}
        with self._database.read() as session:
            rows = session.scalars(select(Person).where(Person.handle.in_(sorted(handles))))
            return {row.handle: Names(row.name_zh, row.name_en) for row in rows}

    def history(self, actor: Actor, lesson_id: int) -> list[Version]:
        """All versions of a lesson, the newest first.

        Raises:
            NotFound: there is no such lesson, or it is not for this actor.
        """
        with self._database.read() as session:
            readable_lesson(session, actor, lesson_id)
            rows = session.scalars(
                select(LessonVersion)
                .where(LessonVersion.lesson_id == lesson_id)
                .order_by(LessonVersion.number.desc())
            )
            known = set(session.scalars(select(Project.code).where(project_readable(actor))))
            return [_version(row, known) for row in rows]


def _version(row: LessonVersion, projects: set[str]) -> Version:
    text = LessonText.from_json(row.content)
    if text.project not in projects:
        text = replace(text, project="")
    return Version(row.number, row.event, text, row.note, row.by, row.at)


def _stepped(session: Session, actor: Actor, row: Lesson, event: str, note: str = "") -> None:
    row.revision += 1
    row.updated_at = utc_now()
    keep_version(session, actor, row, text_of(session, row), event=event, note=note)
    tell_index(session, actor, row)
