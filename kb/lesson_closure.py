"""Closure: a lesson is built in when a page, a template or a checklist says what it taught, and not before.

What is linked is a document in the version that was changed, and the section where there is one, or a standard template
in its version. So both can show the lessons behind them, and an editor can warn before such a section or template goes.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.errors import N_, NotFound
from kb.lesson_rows import keep_version, taken_step, tell_index, text_of
from kb.lesson_rules import LessonRefused, Problem
from kb.models import (
    DocTemplate,
    DocTemplateVersion,
    Document,
    DocumentSection,
    DocumentVersion,
    Lesson,
    LessonClosure,
    doctemplate_readable,
    lesson_readable,
    utc_now,
)
from kb.models.doctemplates import PUBLISHED
from kb.models.documents import document_readable


@dataclass(frozen=True, slots=True)
class Behind:
    """A lesson behind a section of a document, or behind a standard template.

    ``anchor`` and ``heading`` are empty for a document as a whole and for a template. ``present`` is False where the
    section is no longer in the document.
    """

    lesson_id: int
    title: str
    language: str
    kind: str
    state: str
    anchor: str
    heading: str
    version: int
    present: bool


class LessonClosures:
    """Use cases around what lessons changed; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Link lessons and documents of ``database``."""
        self._database = database

    def build_in(
        self,
        actor: Actor,
        lesson_id: int,
        document_id: int,
        *,
        anchor: str = "",
        version: int | None = None,
        note: str = "",
    ) -> None:
        """Close a lesson by naming the document that now says what it taught; naming it again renews version and note.

        Args:
            actor: a curator.
            lesson_id: of a validated lesson that applies.
            document_id: the page, template or checklist that was changed.
            anchor: of the section that was; empty for the document as a whole.
            version: in which it was changed; by default the present one.
            note: what was changed.

        Raises:
            NotFound: the lesson or the document is not there, or not for this actor.
            NotAllowed: the actor may not curate.
            StepRefused: the lesson is not validated, or the expert said that it does not apply.
            LessonRefused: there is no such section or version.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "build-in")
            document = session.scalar(
                select(Document).where(Document.id == document_id, document_readable(actor))
            )
            if document is None:
                raise NotFound(what="document", id=document_id)
            number = document.version if version is None else version
            heading = _checked_place(session, document, anchor, number)
            link = session.scalar(
                select(LessonClosure).where(
                    LessonClosure.lesson_id == row.id,
                    LessonClosure.document_id == document.id,
                    LessonClosure.anchor == anchor,
                )
            ) or LessonClosure(lesson_id=row.id, document_id=document.id, anchor=anchor)
            link.version, link.heading, link.note = number, heading, note.strip()
            row.state = step.end
            _close(session, actor, row, link)

    def build_into_template(
        self,
        actor: Actor,
        lesson_id: int,
        doctemplate_id: int,
        *,
        version: int | None = None,
        note: str = "",
    ) -> None:
        """Close a lesson by naming the standard template that was changed; naming it again renews version and note.

        Args:
            actor: a curator.
            lesson_id: of a validated lesson that applies.
            doctemplate_id: a template that is in the library.
            version: in which it was changed; by default the present one.
            note: what was changed.

        Raises:
            NotFound: the lesson or the template is not there, not in the library, or not for this actor.
            NotAllowed: the actor may not curate.
            StepRefused: the lesson is not validated, or the expert said that it does not apply.
            LessonRefused: there is no such version.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "build-in")
            template = session.scalar(
                select(DocTemplate).where(
                    DocTemplate.id == doctemplate_id,
                    DocTemplate.state == PUBLISHED,
                    doctemplate_readable(actor),
                )
            )
            if template is None:
                raise NotFound(what=N_("template"), id=doctemplate_id)
            number = template.version if version is None else version
            if session.get(DocTemplateVersion, (template.id, number)) is None:
                raise LessonRefused([Problem("version", N_("the template has no such version"))])
            link = session.scalar(
                select(LessonClosure).where(
                    LessonClosure.lesson_id == row.id,
                    LessonClosure.doctemplate_id == template.id,
                )
            ) or LessonClosure(lesson_id=row.id, doctemplate_id=template.id)
            link.version, link.note = number, note.strip()
            row.state = step.end
            _close(session, actor, row, link)

    def take_out(self, actor: Actor, lesson_id: int, closure_id: int) -> None:
        """Take such a link away; a lesson without any is no longer built in.

        Raises:
            NotFound: the lesson or the link is not there, or not for this actor.
            NotAllowed: the actor may not curate.
            StepRefused: the lesson is not built in.
        """
        with self._database.write() as session:
            row, step = taken_step(session, actor, lesson_id, "take-out")
            links = session.scalars(
                select(LessonClosure).where(LessonClosure.lesson_id == row.id)
            ).all()
            link = next((each for each in links if each.id == closure_id), None)
            if link is None:
                raise NotFound(what="link", id=closure_id)
            session.delete(link)
            if len(links) == 1:
                row.state = step.end
            _note(session, actor, row, "take-out", link.heading)

    def lessons_behind(self, actor: Actor, document_id: int) -> tuple[Behind, ...]:
        """The lessons behind a document and its sections, in the order of the sections, the whole document first.

        Raises:
            NotFound: there is no such document, or it is not for this actor.
        """
        with self._database.read() as session:
            document = session.scalar(
                select(Document.id).where(Document.id == document_id, document_readable(actor))
            )
            if document is None:
                raise NotFound(what="document", id=document_id)
            places = _places(session, document_id)
            found = _behind(session, actor, LessonClosure.document_id == document_id, places)
        last = len(places)
        return tuple(
            sorted(found, key=lambda each: places.get(each.anchor, last) if each.anchor else -1)
        )

    def lessons_behind_template(self, actor: Actor, doctemplate_id: int) -> tuple[Behind, ...]:
        """The lessons behind a standard template, in the order in which they were built in.

        Raises:
            NotFound: there is no such template, or it is not for this actor.
        """
        with self._database.read() as session:
            template = session.scalar(
                select(DocTemplate.id).where(
                    DocTemplate.id == doctemplate_id, doctemplate_readable(actor)
                )
            )
            if template is None:
                raise NotFound(what=N_("template"), id=doctemplate_id)
            return tuple(
                _behind(session, actor, LessonClosure.doctemplate_id == doctemplate_id, {})
            )

    def template_in_use(self, doctemplate_id: int) -> bool:
        """Whether lessons are built into a template: to warn before it goes. It tells nothing of the lessons."""
        with self._database.read() as session:
            return bool(
                session.scalar(
                    select(
                        exists().where(
                            LessonClosure.doctemplate_id == doctemplate_id,
                            Lesson.id == LessonClosure.lesson_id,
                            Lesson.state == "built-in",
                        )
                    )
                )
            )

    def sections_with_lessons(self, document_id: int) -> set[str]:
        """Anchors of the sections that lessons built in: to warn before one goes. It tells nothing of the lessons."""
        with self._database.read() as session:
            return set(
                session.scalars(
                    select(LessonClosure.anchor)
                    .join(Lesson, Lesson.id == LessonClosure.lesson_id)
                    .where(
                        LessonClosure.document_id == document_id,
                        LessonClosure.anchor != "",
                        Lesson.state == "built-in",
                    )
                )
            )


def _checked_place(session: Session, document: Document, anchor: str, version: int) -> str:
    """The heading of the section; empty for the document as a whole."""
    there = session.scalar(
        select(DocumentVersion.id).where(
            DocumentVersion.document_id == document.id, DocumentVersion.number == version
        )
    )
    if there is None:
        raise LessonRefused([Problem("version", N_("the document has no such version"))])
    if not anchor:
        return ""
    heading = session.scalar(
        select(DocumentSection.heading).where(
            DocumentSection.document_id == document.id, DocumentSection.anchor == anchor
        )
    )
    if heading is None:
        raise LessonRefused([Problem("anchor", N_("the document has no such section"))])
    return heading


def _close(session: Session, actor: Actor, row: Lesson, link: LessonClosure) -> None:
    link.by, link.at = actor.id, utc_now()
    session.add(link)
    _note(session, actor, row, "build-in", link.note)


def _behind(
    session: Session, actor: Actor, place: ColumnElement[bool], anchors: Container[str]
) -> list[Behind]:
    """The built-in lessons that ``actor`` may read, linked to a place with these anchors."""
    rows = session.execute(
        select(LessonClosure, Lesson)
        .join(Lesson, Lesson.id == LessonClosure.lesson_id)
        .where(place, lesson_readable(actor), Lesson.state == "built-in")
        .order_by(LessonClosure.id)
    )
    return [
        Behind(
            lesson.id,
            lesson.title,
            lesson.language,
            lesson.kind,
            lesson.state,
            link.anchor,
            link.heading,
            link.version,
            not link.anchor or link.anchor in anchors,
        )
        for link, lesson in rows
    ]


def _places(session: Session, document_id: int) -> dict[str, int]:
    rows = session.execute(
        select(DocumentSection.anchor, DocumentSection.position).where(
            DocumentSection.document_id == document_id
        )
    )
    return {anchor: position for anchor, position in rows}  # noqa: C416  dict(rows) is not typed


def _note(session: Session, actor: Actor, row: Lesson, event: str, note: str) -> None:
    row.revision += 1
    row.updated_at = utc_now()
    keep_version(session, actor, row, text_of(session, row), event=event, note=note)
    tell_index(session, actor, row)
