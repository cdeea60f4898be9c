"""What a project says, written into its rows in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Actor, Audience
from kb.audience_following import project_changed
from kb.known_names import known_people, one_person
from kb.models import (
    Document,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectTag,
    audience_id_of,
    record_change,
    utc_now,
)
from kb.models.projects import MAX_NAME_CHARS
from kb.project_names import name_key
from kb.project_rules import COLUMNS, Member, ProjectText

SUBJECT: Final = "project"


def text_of(
    project: Project,
    members: Iterable[ProjectMember],
    tags: Iterable[str],
    *,
    aliases: Iterable[str] = (),
    audience: str = FOR_EVERYONE.key,
) -> ProjectText:
    """What a project says now."""
    values = {name: getattr(project, name) for name in COLUMNS}
    return ProjectText(
        **values,
        members=tuple(Member(one.person, one.role) for one in members),
        tags=tuple(tags),
        aliases=tuple(aliases),
        audience=audience,
    )


def write(
    session: Session,
    actor: Actor,
    project: Project,
    values: Mapping[str, Any],
    people: Mapping[str, frozenset[str]] | None = None,
) -> bool:
    """Set the given fields of a project, and only those; True when anything changed.

    Its documents are indexed again when its code or a name changed, because they are found by it.

    Args:
        session: the caller's transaction.
        actor: whoever does it.
        project: a row of the table, new ones included.
        values: by the names of :class:`ProjectText`; right ones, see :func:`kb.project_rules.problems`.
        people: :func:`kb.known_names.known_people`, for a caller that writes many; by default they are looked up.
    """
    values = _with_handles(session, values, people)
    new = project.id is None
    renamed = not new and any(
        name in values and getattr(project, name) != values[name]
        for name in ("code", "name_zh", "name_en")
    )
    changed = new
    for name in COLUMNS:
        if name in values and getattr(project, name) != values[name]:
            setattr(project, name, values[name])
            changed = True
    if new:
        session.add(project)
    opened = False
    if "audience" in values or project.audience_id is None:
        parsed = Audience.parse(values.get("audience", FOR_EVERYONE.key))
        audience_id = audience_id_of(session, parsed)
        opened = not new and project.audience_id != audience_id
        changed = changed or project.audience_id != audience_id
        project.audience_id = audience_id
    session.flush()
    changed = _write_lists(session, actor, project.id, values) or changed
    if not project.registered:
        project.registered = changed = True
    if changed:
        if not new:
            project.revision += 1
        project.updated_at = utc_now()
        record_change(session, actor, SUBJECT, project.id, "store")
    if opened:
        project_changed(session, actor, project.id)
    elif renamed:
        touch_documents(session, actor, project.id)
    return changed


def touch_documents(session: Session, actor: Actor, project_id: int) -> None:
    """Have the documents of a project indexed again."""
    for number in session.scalars(select(Document.id).where(Document.project_id == project_id)):
        record_change(session, actor, "document", number, "store")


def add_alias(session: Session, actor: Actor, project_id: int, name: str) -> None:
    """Let a project be found by one more name; one that it has already changes nothing."""
    key = name_key(name)
    known = select(ProjectAlias.id).where(
        ProjectAlias.project_id == project_id, ProjectAlias.key == key
    )
    if key and session.scalar(known) is None:
        session.add(
            ProjectAlias(
                project_id=project_id, name=name.strip()[:MAX_NAME_CHARS], key=key, by=actor.id
            )
        )
        session.flush()


def _write_lists(
    session: Session, actor: Actor, project_id: int, values: Mapping[str, Any]
) -> bool:
    changed = False
    if "members" in values:
        wanted = list(dict.fromkeys(one for one in values["members"] if one.person))
        present = session.scalars(
            select(ProjectMember)
            .where(ProjectMember.project_id == project_id)
            .order_by(ProjectMember.position)
        )
        if [Member(one.person, one.role) for one in present] != wanted:
            _replace(session, ProjectMember, project_id)
            session.add_all(
                ProjectMember(
                    project_id=project_id, position=position, person=one.person, role=one.role
                )
                for position, one in enumerate(wanted)
            )
            changed = True
    if "tags" in values:
        tags = _clean(values["tags"])
        of_project = select(ProjectTag.tag).where(ProjectTag.project_id == project_id)
        if set(session.scalars(of_project)) != set(tags):
            _replace(session, ProjectTag, project_id)
            session.add_all(ProjectTag(project_id=project_id, tag=tag) for tag in tags)
            changed = True
    if "aliases" in values:
        names = _clean(values["aliases"])
        of_project = select(ProjectAlias.name).where(ProjectAlias.project_id == project_id)
        if set(session.scalars(of_project)) != set(names):
            _replace(session, ProjectAlias, project_id)
            for name in names:
                add_alias(session, actor, project_id, name)
            changed = True
    session.flush()
    return changed


def _with_handles(
    session: Session, values: Mapping[str, Any], people: Mapping[str, frozenset[str]] | None
) -> Mapping[str, Any]:
    """``values`` with handles in place of the names of people who are known."""
    if not values.get("manager") and not values.get("members"):
        return values
    people = known_people(session) if people is None else people
    known = dict(values)
    if known.get("manager"):
        known["manager"] = one_person(people, known["manager"])
    if known.get("members"):
        known["members"] = tuple(
            Member(one_person(people, one.person), one.role) for one in known["members"]
        )
    return known


def _replace(session: Session, part: Any, project_id: int) -> None:
    session.execute(delete(part).where(part.project_id == project_id))
    session.flush()


def _clean(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))
