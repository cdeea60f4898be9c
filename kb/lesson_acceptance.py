"""From harvested candidate to lesson: accepted, corrected or not, or merged into a lesson that tells the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import NotFound
from kb.lesson_rows import keep_version, taken_step, tell_index, text_of
from kb.lesson_rules import LessonText, checked
from kb.lesson_sources import SourceRef, add_lesson, add_sources
from kb.lesson_words import as_markdown, cause_of, days_of, money_of, phase_of
from kb.models import (
    AudienceRow,
    Document,
    LessonCandidate,
    LessonSource,
    Project,
    lesson_readable,
    utc_now,
)
from kb.models.documents import document_readable
from kb.models.lessons import TITLE_CHARS, Lesson
from kb.models.projects import project_readable

_IMPACT: Final = {"zh": "影响：", "en": "Impact: "}
KEPT: Final = "kept"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of a candidate: the lesson it is now, or is a source of, and whether it was just made."""

    lesson_id: int
    new: bool


class LessonAcceptance:
    """Use cases between the queue and the lessons; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    def draft(self, actor: Actor, candidate_id: int) -> LessonText:
        """The lesson a candidate would become: its words, and what follows from them and from its document.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such candidate, or its document is not for this actor.
        """
        actor.must(Action.CURATE)
        with self._database.read() as session:
            return _draft(session, _candidate(session, actor, candidate_id))

    def accept(self, actor: Actor, candidate_id: int, text: LessonText | None = None) -> Accepted:
        """Make a lesson of a candidate; one that was accepted or merged already stays what it became.

        Args:
            actor: a curator.
            candidate_id: of the candidate.
            text: the lesson as somebody corrected it; None to take it as :meth:`draft` says it.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: there is no such candidate, or its document is not for this actor.
            LessonRefused: something cannot be taken. Gaps may stay: an expert has to fill them in.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            row = _candidate(session, actor, candidate_id)
            done = _became(session, row.id)
            if done is None:
                lesson_text = checked(text or _draft(session, row), "harvest")
                origin = f"candidate:{row.id}"
                made = add_lesson(
                    session, actor, lesson_text, sources=[_source(row)], origin=origin
                )
                done = made.id
                new = True
            else:
                new = False
            _decide(row, actor)
            return Accepted(done, new)

    def merge(self, actor: Actor, candidate_id: int, lesson_id: int) -> None:
        """Make a candidate one more source of a lesson that tells the same.

        Raises:
            NotAllowed: the actor may not curate.
            NotFound: candidate or lesson is not there, or not for this actor.
            StepRefused: the lesson has been superseded.
        """
        actor.must(Action.CURATE)
        with self._database.write() as session:
            candidate = _candidate(session, actor, candidate_id)
            row, _ = taken_step(session, actor, lesson_id, "merge")
            add_sources(session, actor, row, [_source(candidate)])
            _decide(candidate, actor)
            row.revision += 1
            row.updated_at = utc_now()
            # Its title stands in a document that not all readers of the lesson may read.
            same = candidate.document.audience_id == row.audience_id
            note = candidate.title if same else ""
            keep_version(session, actor, row, text_of(session, row), event="merge", note=note)
            tell_index(session, actor, row)

    def became(self, actor: Actor, ids: list[int]) -> dict[int, int]:
        """The lessons that these candidates became, or are sources of, of those that the actor may read."""
        with self._database.read() as session:
            rows = session.execute(
                select(LessonSource.candidate_id, LessonSource.lesson_id)
                .join(Lesson, Lesson.id == LessonSource.lesson_id)
                .where(LessonSource.candidate_id.in_(ids), lesson_readable(actor))
                .order_by(LessonSource.id)
            )
            return {candidate: lesson for candidate, lesson in rows if candidate is not None}


def _candidate(session: Session, actor: Actor, candidate_id: int) -> LessonCandidate:
    row = session.scalar(
        select(LessonCandidate)
        .join(Document, Document.id == LessonCandidate.document_id)
        .outerjoin(Project, (Project.id == Document.project_id) & project_readable(actor))
        .options(contains_eager(LessonCandidate.document).contains_eager(Document.project))
        .where(LessonCandidate.id == candidate_id, document_readable(actor))
    )
    if row is None:
        raise NotFound(what="candidate", id=candidate_id)
    return row


def _became(session: Session, candidate_id: int) -> int | None:
    return session.scalar(
        select(LessonSource.lesson_id)
        .where(LessonSource.candidate_id == candidate_id)
        .order_by(LessonSource.id)
        .limit(1)
    )


def _draft(session: Session, row: LessonCandidate) -> LessonText:
    document = row.document
    audience = session.scalar(select(AudienceRow.key).where(AudienceRow.id == document.audience_id))
    money, currency = money_of(row.impact)
    impact = f"{_IMPACT.get(row.language, _IMPACT['en'])}{row.impact}" if row.impact else ""
    words = f"{row.title}\n{row.what_happened}\n{row.cause}"
    return LessonText(
        title=row.title[:TITLE_CHARS],
        kind=row.kind,
        language=row.language if row.language in _IMPACT else "en",
        what_happened=as_markdown(f"{row.what_happened}\n{impact}"),
        root_cause=as_markdown(row.cause),
        cause=cause_of(row.cause or words),
        recommendation=as_markdown(row.recommendation),
        impact_days=days_of(row.impact),
        impact_money=money,
        currency=currency,
        phase=phase_of(row.phase),
        project=document.project.code if document.project else "",
        owner=row.owner,
        # What was written for a few stays for those few until somebody decides otherwise.
        audience=audience or "",
        happened_on=document.dated,
    )


def _source(row: LessonCandidate) -> SourceRef:
    return SourceRef(row.document_id, row.anchor, row.heading, candidate_id=row.id)


def _decide(row: LessonCandidate, actor: Actor) -> None:
    row.state, row.decided_by, row.decided_at = KEPT, actor.id, utc_now()
