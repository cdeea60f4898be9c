"""A project as its page shows it: facts, what was written and learned, and whom to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kb.access import EVERYONE, Actor
from kb.models import (
    PUBLISHED,
    AudienceRow,
    Document,
    DocumentPerson,
    Lesson,
    LessonSource,
    LessonUse,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectMerge,
    ProjectTag,
    lesson_readable,
)
from kb.models.access import readable
from kb.project_listing import PersonName, people_by_handle
from kb.project_rows import text_of
from kb.project_rules import ProjectText

# Papers and lessons listed on a project's page; more are found by searching within the project.
MOST_LISTED: Final = 300
# Somebody who wrote that much of a project is worth asking; roles count more than papers.
_ASKED: Final = 8


@dataclass(frozen=True, slots=True)
class ProjectDocument:
    """A document of a project."""

    id: int
    title: str
    kind: str
    language: str
    dated: date | None
    updated: datetime


@dataclass(frozen=True, slots=True)
class ProjectLesson:
    """A lesson learned in a project, or applied in it."""

    id: int
    title: str
    kind: str
    state: str
    language: str


@dataclass(frozen=True, slots=True)
class Involved:
    """Somebody who knows of a project: by a role, by papers, or both."""

    person: PersonName
    roles: tuple[str, ...]
    documents: int


@dataclass(frozen=True, slots=True)
class Merged:
    """A project that turned out to be this one, and what it said then."""

    id: int
    facts: Mapping[str, Any]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project with everything around it that the actor may read.

    Attributes:
        text: what it says.
        manager: as a person.
        people: the manager first, then members, then authors of its documents.
        documents: by day, the newest first; at most :data:`MOST_LISTED`.
        lessons: learned in it; ``applied`` were used in it.
        revision: to be given back when it is changed.
    """

    id: int
    text: ProjectText
    registered: bool
    revision: int
    updated: datetime | None
    manager: PersonName
    people: Sequence[Involved]
    documents: Sequence[ProjectDocument]
    lessons: Sequence[ProjectLesson]
    applied: Sequence[ProjectLesson]
    merged: Sequence[Merged]

    @property
    def ask(self) -> Sequence[Involved]:
        """Whom to ask first."""
        return self.people[:_ASKED]


def view_of(session: Session, actor: Actor, project: Project) -> ProjectView:
    """Everything on a project's page."""
    people = people_by_handle(session)
    text = current_text(session, project)
    return ProjectView(
        id=project.id,
        text=text,
        registered=project.registered,
        revision=project.revision,
        updated=project.updated_at,
        manager=people.get(text.manager, PersonName(text.manager, text.manager)),
        people=_people(session, actor, project.id, text, people),
        documents=_documents(session, actor, project.id),
        lessons=_lessons(session, actor, _learned_in(project.id)),
        applied=_lessons(
            session,
            actor,
            Lesson.id.in_(select(LessonUse.lesson_id).where(LessonUse.project_id == project.id)),
        ),
        merged=[
            Merged(row.merged_id, row.facts, row.by, row.at)
            for row in session.scalars(
                select(ProjectMerge)
                .where(ProjectMerge.into_id == project.id)
                .order_by(ProjectMerge.at)
            )
        ],
    )


def current_text(session: Session, project: Project) -> ProjectText:
    """What a project says now, with its lists."""
    members = session.scalars(
        select(ProjectMember)
        .where(ProjectMember.project_id == project.id)
        .order_by(ProjectMember.position)
    )
    tags = session.scalars(
        select(ProjectTag.tag).where(ProjectTag.project_id == project.id).order_by(ProjectTag.tag)
    )
    aliases = session.scalars(
        select(ProjectAlias.name)
        .where(ProjectAlias.project_id == project.id)
        .order_by(ProjectAlias.id)
    )
    audience = session.scalar(select(AudienceRow.key).where(AudienceRow.id == project.audience_id))
    return text_of(project, members, tags, aliases=aliases, audience=audience or EVERYONE)


def _documents(session: Session, actor: Actor, project_id: int) -> Sequence[ProjectDocument]:
    rows = session.execute(
        select(
            Document.id,
            Document.title,
            Document.kind,
            Document.language,
            Document.dated,
            Document.updated_at,
        )
        .where(
            Document.project_id == project_id,
            Document.state == PUBLISHED,
            readable(actor, Document.audience_id),
        )
        .order_by(Document.dated.is_(None), Document.dated.desc(), Document.id.desc())
        .limit(MOST_LISTED)
    )
    return [ProjectDocument(*row) for row in rows]


def _learned_in(project_id: int) -> Any:
    told = select(LessonSource.lesson_id).where(LessonSource.project_id == project_id)
    return or_(Lesson.project_id == project_id, Lesson.id.in_(told))


def _lessons(session: Session, actor: Actor, condition: Any) -> Sequence[ProjectLesson]:
    rows = session.execute(
        select(Lesson.id, Lesson.title, Lesson.kind, Lesson.state, Lesson.language)
        .where(condition, lesson_readable(actor))
        .order_by(Lesson.updated_at.desc())
        .limit(MOST_LISTED)
    )
    return [ProjectLesson(*row) for row in rows]


def _people(
    session: Session,
    actor: Actor,
    project_id: int,
    text: ProjectText,
    people: Mapping[str, PersonName],
) -> Sequence[Involved]:
    roles: dict[str, list[str]] = {}
    if text.manager:
        roles[text.manager] = ["manager"]
    for member in text.members:
        roles.setdefault(member.person, []).append(member.role)
    by_id = {person.id: handle for handle, person in people.items()}
    by_name = {
        name: handle
        for handle, person in people.items()
        for name in (person.name_zh, person.name_en)
        if name
    }
    written: dict[str, int] = {}
    for name, person_id in session.execute(
        select(DocumentPerson.name, DocumentPerson.person_id)
        .join(Document, Document.id == DocumentPerson.document_id)
        .where(
            Document.project_id == project_id,
            Document.state == PUBLISHED,
            readable(actor, Document.audience_id),
        )
    ):
        handle = by_id.get(person_id or 0) or by_name.get(name) or name
        written[handle] = written.get(handle, 0) + 1
    others = sorted(
        (name for name in written if name not in roles), key=lambda name: -written[name]
    )
    return [
        Involved(
            people.get(handle, PersonName(handle, handle)),
            tuple(role for role in roles.get(handle, ()) if role),
            written.get(handle, 0),
        )
        for handle in (*roles, *others)
    ]
