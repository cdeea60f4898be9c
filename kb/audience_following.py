"""Things whose audience is that of their project: they take it, and follow when it changes.

``project`` in place of a list of principals (:data:`kb.access.AS_PROJECT`) means so. What is in force stands in the
row's ``audience_id`` like any other audience, so queries and the index know nothing of this. Without a project such
a thing is for everyone.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import AS_PROJECT, FOR_EVERYONE, Actor, Audience
from kb.models import Document, Lesson, Project, audience_id_of, record_change

Follower = Document | Lesson


def set_audience(session: Session, row: Follower, audience: Audience) -> bool:
    """Give a thing its audience, or let it follow its project; True when either changed."""
    before = (row.audience_inherited, row.audience_id)
    row.audience_inherited = audience == AS_PROJECT
    if row.audience_inherited:
        follow(session, row)
    else:
        row.audience_id = audience_id_of(session, audience)
    return (row.audience_inherited, row.audience_id) != before


def follow(session: Session, row: Follower) -> None:
    """Let a thing that follows its project take the project's audience; others stay as they are."""
    if not row.audience_inherited:
        return
    project = session.get(Project, row.project_id) if row.project_id else None
    given = project.audience_id if project is not None else None
    row.audience_id = given or audience_id_of(session, FOR_EVERYONE)


def project_changed(session: Session, actor: Actor, project_id: int) -> None:
    """Let everything of a project follow it, and have it indexed again, which also names the project or not."""
    # Read anew: a merge moves rows without the objects of this session.
    fresh = {"populate_existing": True}
    documents = select(Document).where(Document.project_id == project_id)
    for document in session.scalars(documents, execution_options=fresh):
        follow(session, document)
        record_change(session, actor, "document", document.id, "store")
    lessons = select(Lesson).where(Lesson.project_id == project_id)
    for lesson in session.scalars(lessons, execution_options=fresh):
        follow(session, lesson)
        record_change(session, actor, "lesson", lesson.id, "store")
