"""Lessons as people see them: complete, and without anything that this somebody may not read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal, cast

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session, contains_eager

from kb.access import Actor
from kb.lesson_rows import rights_of, text_of
from kb.lesson_rules import LessonState, LessonText, Verdict, missing
from kb.lesson_steps import Move, Right, possible
from kb.lesson_use_rules import UseOutcome, reuse_boost
from kb.models import (
    DocTemplate,
    Document,
    Lesson,
    LessonClosure,
    LessonSource,
    LessonUse,
    Project,
)
from kb.models.doctemplates import doctemplate_readable
from kb.models.documents import document_readable
from kb.models.lessons import lesson_readable
from kb.models.projects import project_readable
from kb.search.answers import Names

IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


@dataclass(frozen=True, slots=True)
class UseCounts:
    """How often a lesson was applied, by outcome, and the working days it saved."""

    helped: int = 0
    adapted: int = 0
    not_helped: int = 0
    days_saved: float = 0.0

    @property
    def total(self) -> int:
        """In how many cases it was applied at all."""
        return self.helped + self.adapted + self.not_helped

    @property
    def boost(self) -> float:
        """See :func:`kb.lesson_use_rules.reuse_boost`."""
        return reuse_boost(self.helped, self.adapted, self.not_helped)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a lesson was told; empty fields are not known. The fields are those of the row."""

    id: int
    document_id: int | None
    document_title: str
    document_language: str
    anchor: str
    heading: str
    project_code: str
    project_names: Names
    told: str


@dataclass(frozen=True, slots=True)
class Use:
    """One project in which a lesson was applied, as one person tells it."""

    id: int
    project_code: str
    project_names: Names
    by: str
    outcome: UseOutcome
    note: str
    days_saved: float
    at: datetime


@dataclass(frozen=True, slots=True)
class Closure:
    """What a lesson changed: a document or a standard template; ``present`` is its version now.

    ``subject`` and ``number`` say which thing, as :class:`kb.things.Thing` does.
    """

    id: int
    subject: Literal["document", "doctemplate"]
    number: int
    title: str
    language: str
    kind: str
    version: int
    present: int
    anchor: str
    heading: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """A lesson in a list. ``projects`` are the codes of all projects that had it, of those one may know of."""

    id: int
    title: str
    kind: str
    language: str
    state: LessonState
    verdict: str
    category: str
    cause: str
    phase: str
    project_code: str
    owner: str
    recommendation: str
    impact_days: float | None
    impact_money: float | None
    currency: str
    review_on: date | None
    updated_at: datetime
    submitted_by: str
    gaps: tuple[str, ...]
    uses: UseCounts


@dataclass(frozen=True, slots=True)
class LessonView:
    """A lesson, complete.

    Attributes:
        gaps: fields that an expert has to fill in before it can be validated.
        moves: the steps that the actor may take now.
        projects: codes of all projects that had it.
        successor: id and title of the lesson that took its place.
        predecessors: ids and titles of those whose place it took.
        mine: what the actor said of applying it, by project code.
    """

    id: int
    state: LessonState
    revision: int
    text: LessonText
    project_names: Names
    verdict: Verdict | None
    expert_note: str
    validated_by: str
    validated_at: datetime | None
    submitted_by: str
    submitted_at: datetime
    updated_at: datetime
    gaps: tuple[str, ...]
    moves: tuple[Move, ...]
    rights: frozenset[Right]
    sources: tuple[Source, ...]
    projects: tuple[str, ...]
    uses: tuple[Use, ...]
    counts: UseCounts
    closures: tuple[Closure, ...]
    successor: tuple[int, str] | None
    predecessors: tuple[tuple[int, str], ...]


def view(session: Session, actor: Actor, row: Lesson) -> LessonView:
    """What ``actor`` sees of a lesson; project and tags of ``row`` must have been loaded."""
    text = text_of(session, row)
    known = row.project_id is None or may_know_project(session, actor, row.project_id)
    project = row.project if known else None
    sources = _sources(session, actor, row.id)
    codes = [project.code if project else "", *(source.project_code for source in sources)]
    successor = _titles(session, actor, Lesson.id == (row.superseded_by or 0))
    rights = rights_of(actor, row)
    return LessonView(
        id=row.id,
        state=cast("LessonState", row.state),
        revision=row.revision,
        text=text if known else _without_project(text),
        project_names=names_of(project),
        verdict=cast("Verdict", row.verdict) if row.verdict else None,
        expert_note=row.expert_note,
        validated_by=row.validated_by,
        validated_at=row.validated_at,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        updated_at=row.updated_at,
        gaps=missing(text, "validate"),
        moves=possible(row.state, row.verdict, rights),
        rights=rights,
        sources=sources,
        projects=tuple(dict.fromkeys(code for code in codes if code)),
        uses=_uses(session, actor, row.id),
        counts=use_counts(session, actor, [row.id]).get(row.id, UseCounts()),
        closures=_closures(session, actor, row.id),
        successor=successor[0] if successor else None,
        predecessors=_titles(session, actor, Lesson.superseded_by == row.id),
    )


def use_counts(session: Session, actor: Actor, ids: Collection[int]) -> dict[int, UseCounts]:
    """How often these lessons were applied, in projects that ``actor`` may know of; ids without any are left out."""
    wanted = sorted(ids)
    found: dict[int, UseCounts] = {}
    for first in range(0, len(wanted), IDS_IN_ONE_STATEMENT):
        rows = session.execute(
            select(
                LessonUse.lesson_id,
                *(
                    func.sum(case((LessonUse.outcome == outcome, 1), else_=0))
                    for outcome in ("helped", "adapted", "not-helped")
                ),
                func.sum(LessonUse.days_saved),
            )
            .join(Project, Project.id == LessonUse.project_id)
            .where(
                LessonUse.lesson_id.in_(wanted[first : first + IDS_IN_ONE_STATEMENT]),
                project_readable(actor),
            )
            .group_by(LessonUse.lesson_id)
        )
        found.update((number, UseCounts(*counted)) for number, *counted in rows)
    return found


def summaries(session: Session, actor: Actor, rows: Sequence[Lesson]) -> list[Summary]:
    """What a list shows of lessons whose project was loaded under :func:`project_readable` or is None."""
    counts = use_counts(session, actor, [row.id for row in rows])
    return [
        Summary(
            id=row.id,
            title=row.title,
            kind=row.kind,
            language=row.language,
            state=cast("LessonState", row.state),
            verdict=row.verdict,
            category=row.category,
            cause=row.cause,
            phase=row.phase,
            project_code=row.project.code if row.project else "",
            owner=row.owner,
            recommendation=row.recommendation,
            impact_days=row.impact_days,
            impact_money=row.impact_money,
            currency=row.currency,
            review_on=row.review_on,
            updated_at=row.updated_at,
            submitted_by=row.submitted_by,
            gaps=_row_gaps(row),
            uses=counts.get(row.id, UseCounts()),
        )
        for row in rows
    ]


def names_of(project: Project | None) -> Names:
    """The names of a project; empty for none."""
    return Names(project.name_zh, project.name_en) if project else Names()


def may_know_project(session: Session, actor: Actor, project_id: int) -> bool:
    """Whether ``actor`` may know of a project."""
    condition = (Project.id == project_id, project_readable(actor))
    return session.scalar(select(Project.id).where(*condition)) is not None


def _row_gaps(row: Lesson) -> tuple[str, ...]:
    return missing(
        LessonText(
            title=row.title,
            kind=row.kind,
            what_happened=row.what_happened,
            recommendation=row.recommendation,
            phase=row.phase,
        ),
        "validate",
    )


def _without_project(text: LessonText) -> LessonText:
    told = text.as_json()
    told["project"] = ""
    return LessonText.from_json(told)


def _sources(session: Session, actor: Actor, lesson_id: int) -> tuple[Source, ...]:
    rows = session.scalars(
        select(LessonSource)
        .outerjoin(Document, Document.id == LessonSource.document_id)
        .outerjoin(Project, (Project.id == LessonSource.project_id) & project_readable(actor))
        .options(contains_eager(LessonSource.document), contains_eager(LessonSource.project))
        .where(
            LessonSource.lesson_id == lesson_id,
            LessonSource.document_id.is_(None) | document_readable(actor),
        )
        .order_by(LessonSource.id)
    )
    found = {
        (row.document_id, row.anchor, row.told, row.project_id): Source(
            id=row.id,
            document_id=row.document_id,
            document_title=row.document.title if row.document else "",
            document_language=row.document.language if row.document else "",
            anchor=row.anchor,
            heading=row.heading,
            project_code=row.project.code if row.project else "",
            project_names=names_of(row.project),
            told=row.told,
        )
        # Two rows of one table are told in one place.
        for row in rows
    }
    return tuple(found.values())


def _uses(session: Session, actor: Actor, lesson_id: int) -> tuple[Use, ...]:
    rows = session.scalars(
        select(LessonUse)
        .join(Project, Project.id == LessonUse.project_id)
        .options(contains_eager(LessonUse.project))
        .where(LessonUse.lesson_id == lesson_id, project_readable(actor))
        .order_by(LessonUse.at.desc(), LessonUse.id.desc())
    )
    return tuple(
        Use(
            id=row.id,
            project_code=row.project.code,
            project_names=names_of(row.project),
            by=row.by,
            outcome=cast("UseOutcome", row.outcome),
            note=row.note,
            days_saved=row.days_saved,
            at=row.at,
        )
        for row in rows
    )


def _closures(session: Session, actor: Actor, lesson_id: int) -> tuple[Closure, ...]:
    rows = session.scalars(
        select(LessonClosure)
        .outerjoin(Document, (Document.id == LessonClosure.document_id) & document_readable(actor))
        .outerjoin(
            DocTemplate,
            (DocTemplate.id == LessonClosure.doctemplate_id) & doctemplate_readable(actor),
        )
        .options(contains_eager(LessonClosure.document), contains_eager(LessonClosure.doctemplate))
        .where(LessonClosure.lesson_id == lesson_id)
        .order_by(LessonClosure.id)
    )
    # What one may not read was not joined.
    return tuple(
        Closure(
            id=row.id,
            subject="document" if row.document else "doctemplate",
            number=place.id,
            title=place.title,
            language=place.language,
            kind=place.kind,
            version=row.version,
            present=place.version,
            anchor=row.anchor,
            heading=row.heading,
            note=row.note,
            by=row.by,
            at=row.at,
        )
        for row in rows
        if (place := row.document or row.doctemplate)
    )


def _titles(
    session: Session, actor: Actor, condition: ColumnElement[bool]
) -> tuple[tuple[int, str], ...]:
    rows = session.execute(
        select(Lesson.id, Lesson.title).where(condition, lesson_readable(actor)).order_by(Lesson.id)
    )
    return tuple((number, title) for number, title in rows)
