"""Projects as things that search can find: by code, names, what happened, and the people in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from kb.access import EVERYONE, Actor
from kb.models import AudienceRow, Project, ProjectAlias, project_readable, utc_now
from kb.project_listing import PersonName, people_by_handle
from kb.project_rows import SUBJECT
from kb.search.answers import Names
from kb.things import PROJECT_KIND, Thing, ThingSection


class ProjectThings:
    """The source of projects; see :class:`kb.things.ThingSource`."""

    subject: Final = SUBJECT

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Ids of projects after ``last``, in order, without those that went into another."""
        return session.scalars(
            select(Project.id)
            .where(Project.id > last, Project.merged_into.is_(None))
            .order_by(Project.id)
            .limit(limit)
        ).all()

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of these projects that are there and may be known to ``actor``."""
        found = session.scalars(
            select(Project)
            .where(Project.id.in_(ids), Project.merged_into.is_(None), project_readable(actor))
            .options(selectinload(Project.members), selectinload(Project.tags))
        ).all()
        if not found:
            return []
        everyone = session.scalar(select(AudienceRow.id).where(AudienceRow.key == EVERYONE))
        people = people_by_handle(session)
        aliases = session.execute(
            select(ProjectAlias.project_id, ProjectAlias.name).where(
                ProjectAlias.project_id.in_(ids)
            )
        )
        also = list(aliases)
        return [
            _thing(project, audience, people, [name for owner, name in also if owner == project.id])
            for project in found
            if (audience := project.audience_id or everyone)
        ]

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """Which of these projects ``actor`` may find."""
        return session.scalars(
            select(Project.id).where(
                Project.id.in_(ids), Project.merged_into.is_(None), project_readable(actor)
            )
        ).all()


def _thing(
    project: Project, audience: int, people: dict[str, PersonName], aliases: Sequence[str]
) -> Thing:
    involved = [project.manager, *(member.person for member in project.members)]
    names = dict.fromkeys(name for handle in involved for name in _names(handle, people))
    return Thing(
        subject=SUBJECT,
        id=project.id,
        audience=audience,
        kind=PROJECT_KIND,
        language="zh" if project.name_zh else "en",
        title=" ".join(name for name in (project.name_zh, project.name_en) if name) or project.code,
        updated=project.updated_at or utc_now(),
        sections=tuple(_sections(project, people, aliases)),
        dated=project.ended or project.started,
        project=project.code,
        project_names=Names(project.name_zh, project.name_en),
        tags=tuple(tag.tag for tag in project.tags),
        people=tuple(names),
    )


def _sections(
    project: Project, people: dict[str, PersonName], aliases: Sequence[str]
) -> Iterator[ThingSection]:
    for summary in (project.summary_zh, project.summary_en):
        if summary:
            yield ThingSection("", "", summary)
    facts = (project.code, project.customer, project.industry, project.type, *aliases)
    team = [
        f"{member.role} {' '.join(_names(member.person, people))}".strip()
        for member in project.members
    ]
    told = " · ".join(fact for fact in (*facts, *team) if fact)
    if told:
        yield ThingSection("", "", told)


def _names(handle: str, people: dict[str, PersonName]) -> list[str]:
    person = people.get(handle, PersonName(handle, handle))
    return [name for name in (person.name_zh, person.name_en) if name]
