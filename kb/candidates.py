"""Candidate lessons, as people see them: a queue to decide on. Nothing in it is published by itself.

A candidate is read by whoever may read the document it was found in. They are written down when the document is stored
(:func:`kb.models.candidates.record_candidates`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager

from kb.access import Action, Actor
from kb.auditing import record_audit
from kb.candidates_found import FoundAs, LessonKind, evidence
from kb.database import Database
from kb.errors import InvalidInput, NotFound
from kb.models import Document, Project, utc_now
from kb.models.candidates import LessonCandidate
from kb.models.documents import document_readable
from kb.models.projects import project_readable

CandidateState = Literal["waiting", "kept", "rejected", "gone"]

STATES: Final[tuple[CandidateState, ...]] = ("waiting", "kept", "rejected", "gone")
# What somebody can decide; ``waiting`` takes a decision back.
DECISIONS: Final[tuple[CandidateState, ...]] = ("kept", "rejected", "waiting")
MAX_PER_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """One candidate with where it comes from. The fields are those of :class:`kb.models.candidates.LessonCandidate`.

    Attributes:
        project_code: code of the document's project, or empty.
    """

    id: int
    state: CandidateState
    title: str
    kind: LessonKind
    what_happened: str
    cause: str
    impact: str
    recommendation: str
    owner: str
    phase: str
    heading: str
    anchor: str
    section: str
    found_as: FoundAs
    number: int
    language: str
    version: int
    found_at: datetime
    decided_by: str
    decided_at: datetime | None
    document_id: int
    document_title: str
    document_language: str
    project_code: str

    @property
    def evidence(self) -> str:
        """Why it was taken, in English."""
        return evidence(self.section, self.found_as, self.number)


@dataclass(frozen=True, slots=True)
class CandidateFilter:
    """Which candidates are asked for; empty fields narrow nothing.

    Attributes:
        state: one of :data:`STATES`.
        document_id: those found in this document.
        project: those found in documents of the project with this code.
    """

    state: CandidateState = "waiting"
    document_id: int | None = None
    project: str = ""


class Candidates:
    """Use cases around candidate lessons; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep candidates in ``database``."""
        self._database = database

    def queue(
        self, actor: Actor, asked: CandidateFilter, *, page: int = 1, per_page: int = 20
    ) -> tuple[list[Candidate], int]:
        """One page of the candidates that ``actor`` may see, and how many there are over all pages.

        Those of the document stored last come first, and within it in the order of the document.

        Args:
            actor: whoever asks.
            asked: which of them.
            page: from 1.
            per_page: candidates on a page, at most :data:`MAX_PER_PAGE`.
        """
        per_page = max(1, min(per_page, MAX_PER_PAGE))
        with self._database.read() as session:
            rows = session.scalars(
                _visible(actor)
                .where(LessonCandidate.state == asked.state, *_narrowed(asked))
                .order_by(
                    LessonCandidate.document_id.desc(), LessonCandidate.position, LessonCandidate.id
                )
                .offset((max(page, 1) - 1) * per_page)
                .limit(per_page)
            ).all()
            total = session.scalar(
                _visible(actor)
                .where(LessonCandidate.state == asked.state, *_narrowed(asked))
                .with_only_columns(func.count())
            )
            return [_candidate(row) for row in rows], total or 0

    def get(self, actor: Actor, candidate_id: int) -> Candidate:
        """One candidate.

        Raises:
            NotFound: there is none, or its document is not for this actor.
        """
        with self._database.read() as session:
            row = session.scalar(_visible(actor).where(LessonCandidate.id == candidate_id))
            return _candidate(_must_be_there(row, candidate_id))

    def decide(self, actor: Actor, candidate_id: int, decision: str) -> Candidate:
        """Keep or reject a candidate, or put it back into the queue; the last decision holds.

        Raises:
            NotAllowed: the actor may not curate.
            InvalidInput: it is none of :data:`DECISIONS`.
            NotFound: there is no such candidate, or its document is not for this actor.
        """
        actor.must(Action.CURATE)
        if decision not in DECISIONS:
            raise InvalidInput(
                field="decision", reason=f"“{decision}” is none of {', '.join(DECISIONS)}"
            )
        with self._database.write() as session:
            found = session.scalar(_visible(actor).where(LessonCandidate.id == candidate_id))
            row = _must_be_there(found, candidate_id)
            row.state = decision
            row.decided_by = "" if decision == "waiting" else actor.id
            row.decided_at = None if decision == "waiting" else utc_now()
            record_audit(session, actor, decision, "candidate", candidate_id)
            return _candidate(row)

    def counts(self, actor: Actor, asked: CandidateFilter) -> dict[CandidateState, int]:
        """How many candidates there are in each state, of those that ``asked`` narrows to, whatever its state."""
        with self._database.read() as session:
            rows = session.execute(
                _visible(actor)
                .where(*_narrowed(asked))
                .with_only_columns(LessonCandidate.state, func.count())
                .group_by(LessonCandidate.state)
            )
            found = {state: count for state, count in rows}  # noqa: C416  dict(rows) is not typed
        return {state: found.get(state, 0) for state in STATES}

    def projects(self, actor: Actor, state: CandidateState) -> list[tuple[str, int]]:
        """Codes of the projects that have candidates in this state, and how many; the most first."""
        with self._database.read() as session:
            rows = session.execute(
                _visible(actor)
                .where(LessonCandidate.state == state, Project.code.is_not(None))
                .with_only_columns(Project.code, func.count())
                .group_by(Project.code)
                .order_by(func.count().desc(), Project.code)
            )
            return [(code, count) for code, count in rows]


def _visible(actor: Actor) -> Select[LessonCandidate]:
    return (
        select(LessonCandidate)
        .join(Document, Document.id == LessonCandidate.document_id)
        .outerjoin(Project, (Project.id == Document.project_id) & project_readable(actor))
        .options(contains_eager(LessonCandidate.document).contains_eager(Document.project))
        .where(document_readable(actor))
    )


def _narrowed(asked: CandidateFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.document_id is not None:
        conditions.append(LessonCandidate.document_id == asked.document_id)
    if asked.project:
        conditions.append(Project.code == asked.project)
    return conditions


def _must_be_there(row: LessonCandidate | None, candidate_id: int) -> LessonCandidate:
    if row is None:
        raise NotFound(what="candidate", id=candidate_id)
    return row


def _candidate(row: LessonCandidate) -> Candidate:
    document = row.document
    return Candidate(
        id=row.id,
        state=cast("CandidateState", row.state),
        title=row.title,
        kind=cast("LessonKind", row.kind),
        what_happened=row.what_happened,
        cause=row.cause,
        impact=row.impact,
        recommendation=row.recommendation,
        owner=row.owner,
        phase=row.phase,
        heading=row.heading,
        anchor=row.anchor,
        section=row.section,
        found_as=cast("FoundAs", row.found_as),
        number=row.number,
        language=row.language,
        version=row.version,
        found_at=row.found_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        document_id=document.id,
        document_title=document.title,
        document_language=document.language,
        project_code=document.project.code if document.project else "",
    )
