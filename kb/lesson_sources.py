"""Where lessons were told: new ones with their sources, and what one hands over to the lesson that takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.errors import NotFound
from kb.lesson_rows import keep_version, tell_index, write_text
from kb.lesson_rules import LessonText
from kb.models import Document, Lesson, LessonSource, LessonUse, utc_now
from kb.models.documents import document_readable


@dataclass(frozen=True, slots=True)
class SourceRef:
    """Where a lesson was told, as it is given: a document and its section, or what lies elsewhere (``told``)."""

    document_id: int | None = None
    anchor: str = ""
    heading: str = ""
    told: str = ""
    candidate_id: int | None = None


def add_lesson(
    session: Session,
    actor: Actor,
    text: LessonText,
    *,
    sources: Sequence[SourceRef] = (),
    origin: str | None = None,
) -> Lesson:
    """Store a checked text as a submitted lesson, in the caller's transaction.

    Raises:
        LessonRefused: there is no such project for this actor.
        NotFound: a source is no document that the actor may read.
    """
    row = Lesson(state="submitted", origin=origin, submitted_by=actor.id, verdict="")
    row.expert_note = row.validated_by = ""
    write_text(session, actor, row, text)
    add_sources(session, actor, row, sources)
    keep_version(session, actor, row, text, event="submit")
    tell_index(session, actor, row)
    return row


def add_sources(session: Session, actor: Actor, row: Lesson, sources: Sequence[SourceRef]) -> None:
    """Add the places that a lesson does not name yet, in the caller's transaction.

    Raises:
        NotFound: one is no document that the actor may read.
    """
    present = select(LessonSource).where(LessonSource.lesson_id == row.id)
    known = {_name(each) for each in session.scalars(present)}
    for source in sources:
        if _name(source) in known:
            continue
        project_id = row.project_id
        if source.document_id is not None:
            document = session.scalar(
                select(Document).where(Document.id == source.document_id, document_readable(actor))
            )
            if document is None:
                raise NotFound(what="document", id=source.document_id)
            project_id = document.project_id
        session.add(
            LessonSource(
                lesson_id=row.id,
                document_id=source.document_id,
                anchor=source.anchor,
                heading=source.heading,
                told=source.told,
                candidate_id=source.candidate_id,
                project_id=project_id,
                by=actor.id,
            )
        )
    session.flush()


def hand_over(session: Session, row: Lesson, successor: Lesson) -> None:
    """Copy where a lesson was told and move where it was used to its successor, nothing twice.

    Words that were written for a smaller audience (a reference, the note of a use) stay behind. Documents and projects
    are shown only to those who may read them, wherever they are named.
    """
    alike = row.audience_id == successor.audience_id
    sources = select(LessonSource).where(LessonSource.lesson_id.in_((row.id, successor.id)))
    rows = session.scalars(sources).all()
    there = {_place(source) for source in rows if source.lesson_id == successor.id}
    told = [source for source in rows if source.lesson_id == row.id]
    if row.project_id not in {successor.project_id, *(source.project_id for source in rows), None}:
        told.append(LessonSource(project_id=row.project_id, by=row.submitted_by, at=utc_now()))
    for source in told:
        if _place(source) in there or (source.told and not alike):
            continue
        session.add(
            LessonSource(
                lesson_id=successor.id,
                document_id=source.document_id,
                anchor=source.anchor or "",
                heading=source.heading or "",
                told=source.told or "",
                candidate_id=source.candidate_id,
                project_id=source.project_id,
                by=source.by,
                at=source.at,
            )
        )
    taken = select(LessonUse.project_id, LessonUse.by).where(LessonUse.lesson_id == successor.id)
    seen = set(session.execute(taken))
    for use in session.scalars(select(LessonUse).where(LessonUse.lesson_id == row.id)).all():
        if alike and (use.project_id, use.by) not in seen:
            use.lesson_id = successor.id
    session.flush()


def _name(source: LessonSource | SourceRef) -> tuple[int | None, str, str, int | None]:
    return source.document_id, source.anchor, source.told, source.candidate_id


def _place(source: LessonSource) -> tuple[int | None, str, str, int | None]:
    outside = source.document_id is None
    return (
        source.document_id,
        source.anchor or "",
        source.told or "",
        source.project_id if outside else None,
    )
