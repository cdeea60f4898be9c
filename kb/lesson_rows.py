"""A lesson written into its rows, in the caller's transaction, and read back as people wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, selectinload

from kb.access import PROJECT, Action, Actor, Audience
from kb.audience_following import set_audience
from kb.errors import N_, NotAllowed, NotFound
from kb.lesson_rules import FIELDS, LessonRefused, LessonText, Problem
from kb.lesson_steps import Move, Right, Step, may, step
from kb.models import (
    AudienceRow,
    Lesson,
    LessonTag,
    LessonVersion,
    Project,
    lesson_readable,
    record_change,
    utc_now,
)
from kb.models.projects import project_readable

SUBJECT: Final = "lesson"
# Fields of the text that are columns of the row under the same name.
_OWN: Final = tuple(name for name in FIELDS if name not in {"project", "audience", "tags"})


def must_sign(actor: Actor) -> None:
    """Return when ``actor`` may contribute under a name.

    Raises:
        NotAllowed: the role does not include it, or nobody has signed in.
    """
    actor.must(Action.CONTRIBUTE)
    if not actor.id:
        raise NotAllowed(action=Action.CONTRIBUTE.value)


def rights_of(actor: Actor, row: Lesson) -> frozenset[Right]:
    """What ``actor`` is to a lesson, for :func:`kb.lesson_steps.may`."""
    rights: set[Right] = set()
    if Action.CURATE in actor.actions:
        rights.add("curator")
    if actor.id and row.submitted_by == actor.id:
        rights.add("submitter")
    return frozenset(rights)


def readable_lesson(session: Session, actor: Actor, lesson_id: int) -> Lesson:
    """The row of a lesson, with project and tags.

    Raises:
        NotFound: there is none, or it is not for this actor.
    """
    row = session.scalar(
        select(Lesson)
        .where(Lesson.id == lesson_id, lesson_readable(actor))
        .options(selectinload(Lesson.project), selectinload(Lesson.tags))
    )
    if row is None:
        raise NotFound(what="lesson", id=lesson_id)
    return row


def taken_step(session: Session, actor: Actor, lesson_id: int, move: Move) -> tuple[Lesson, Step]:
    """A lesson and the step that ``actor`` takes with it.

    Raises:
        NotFound: there is no such lesson, or it is not for this actor.
        NotAllowed: somebody else has to take this step.
        StepRefused: it cannot be taken now.
    """
    row = readable_lesson(session, actor, lesson_id)
    taken = step(row.state, move, row.verdict)
    if not may(taken, rights_of(actor, row)):
        raise NotAllowed(action=Action.CURATE.value)
    return row, taken


def write_text(session: Session, actor: Actor, row: Lesson, text: LessonText) -> None:
    """Put a checked text into ``row``, which gets its id and counts the change.

    Raises:
        LessonRefused: there is no such project for this actor.
    """
    for name in _OWN:
        setattr(row, name, getattr(text, name))
    row.project_id = project_id_of(session, actor, text.project)
    set_audience(session, row, Audience.parse(text.audience, follows=True))
    row.updated_at = utc_now()
    session.add(row)
    session.flush()
    set_tags(session, row.id, text.tags)


def set_tags(session: Session, lesson_id: int, tags: Iterable[str]) -> None:
    """Give a lesson these tags and no others."""
    session.execute(delete(LessonTag).where(LessonTag.lesson_id == lesson_id))
    session.add_all(LessonTag(lesson_id=lesson_id, tag=tag) for tag in tags)


def project_id_of(session: Session, actor: Actor, code: str) -> int | None:
    """The id of the project with this code; None for an empty one.

    Raises:
        LessonRefused: there is none, or it is not for this actor.
    """
    if not code:
        return None
    found = session.scalar(select(Project.id).where(Project.code == code, project_readable(actor)))
    if found is None:
        raise LessonRefused([Problem("project", N_("there is no such project"))])
    return found


def text_of(session: Session, row: Lesson) -> LessonText:
    """What people wrote of a lesson; project and tags of ``row`` must have been loaded."""
    audience = session.scalar(select(AudienceRow.key).where(AudienceRow.id == row.audience_id))
    return LessonText(
        **{name: getattr(row, name) for name in _OWN},
        project=row.project.code if row.project else "",
        audience=PROJECT if row.audience_inherited else audience or "",
        tags=tuple(tag.tag for tag in row.tags),
    )


def keep_version(
    session: Session, actor: Actor, row: Lesson, text: LessonText, *, event: str, note: str = ""
) -> None:
    """Keep ``text`` among the versions of a lesson, with the step that led to it."""
    last = session.scalar(
        select(func.max(LessonVersion.number)).where(LessonVersion.lesson_id == row.id)
    )
    session.add(
        LessonVersion(
            lesson_id=row.id,
            number=(last or 0) + 1,
            event=event,
            content=text.as_json(),
            note=note,
            by=actor.id,
        )
    )


def tell_index(session: Session, actor: Actor, row: Lesson) -> None:
    """Let the index catch up with a lesson: only those that an expert has looked at are found."""
    action = "remove" if row.validated_at is None else "store"
    record_change(session, actor, SUBJECT, row.id, action)
