"""Two projects that are one: everything that points to the one points to the other afterwards, and nothing is lost."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Column, Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.audience_following import project_changed
from kb.models import (
    Base,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectMerge,
    ProjectTag,
    record_change,
    utc_now,
)
from kb.project_rows import SUBJECT, add_alias, text_of
from kb.project_rules import COLUMNS

# What search must be told of when its project changes: the subject of a table's rows.
_SUBJECTS: Final = {"documents": "document", "lessons": "lesson"}
_NAMES: Final = ("code", "name_zh", "name_en")


def merge(session: Session, actor: Actor, merged: Project, into: Project) -> None:
    """Make ``merged`` part of ``into``, which keeps what it says and takes what it did not know.

    Documents, lessons and whatever else points to a project are moved; members and tags are joined; code and names of
    the merged project become other names of the one it went into. What it said is kept in a :class:`ProjectMerge`, and
    its row stays, so that its address leads on.
    """
    members = session.scalars(select(ProjectMember).where(ProjectMember.project_id == merged.id))
    tags = session.scalars(select(ProjectTag.tag).where(ProjectTag.project_id == merged.id))
    aliases = session.scalars(select(ProjectAlias.name).where(ProjectAlias.project_id == merged.id))
    said = text_of(merged, list(members), list(tags), aliases=list(aliases), audience="")
    moved = {
        table.name: count
        for table, column in _pointing()
        if (count := _move(session, actor, table, column, (merged.id, into.id)))
    }
    for name in COLUMNS:
        if name not in _NAMES and not getattr(into, name) and getattr(merged, name):
            setattr(into, name, getattr(merged, name))
    for name in _NAMES:
        if not getattr(into, name):
            setattr(into, name, getattr(merged, name))
    _join_people(session, merged.id, into.id)
    known = set(session.scalars(select(ProjectTag.tag).where(ProjectTag.project_id == into.id)))
    session.add_all(
        ProjectTag(project_id=into.id, tag=tag) for tag in said.tags if tag not in known
    )
    for name in (said.code, said.name_zh, said.name_en, *said.aliases):
        if name not in {"", into.code, into.name_zh, into.name_en}:
            add_alias(session, actor, into.id, name)
    merged.merged_into = into.id
    into.revision += 1
    into.updated_at = utc_now()
    session.add(
        ProjectMerge(
            merged_id=merged.id,
            into_id=into.id,
            facts={name: _plain(value) for name, value in asdict(said).items() if value},
            moved=moved,
            by=actor.id,
        )
    )
    session.flush()
    record_change(session, actor, SUBJECT, merged.id, "remove")
    record_change(session, actor, SUBJECT, into.id, "store")
    project_changed(session, actor, into.id)


def _pointing() -> list[tuple[Table, Column[Any]]]:
    """Every column of every table that names a project, but for those of the projects themselves."""
    own = {"project_members", "project_tags", "project_aliases", "projects_apart", "project_merges"}
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in own
        for column in table.columns
        if any(key.column.table.name == "projects" for key in column.foreign_keys)
    ]


def _move(
    session: Session, actor: Actor, table: Table, column: Column[Any], ids: tuple[int, int]
) -> int:
    """Point the rows of a table from one project to another; how many there were.

    A row that the other project has already (one person's word on one lesson, say) stays where it is.
    """
    before, after = ids
    key = list(table.primary_key.columns)
    rows = session.execute(select(*key).where(column == before)).all()
    for row in rows:
        same = [one == value for one, value in zip(key, row, strict=True)]
        try:
            with session.begin_nested():
                session.execute(update(table).where(*same).values({column.name: after}))
        except IntegrityError:
            continue
        if table.name in _SUBJECTS:
            record_change(session, actor, _SUBJECTS[table.name], row[0], "store")
    return len(rows)


def _join_people(session: Session, before: int, after: int) -> None:
    known = {
        (one.person, one.role): one.position
        for one in session.scalars(select(ProjectMember).where(ProjectMember.project_id == after))
    }
    position = max(known.values(), default=-1)
    for one in session.scalars(select(ProjectMember).where(ProjectMember.project_id == before)):
        if (one.person, one.role) not in known:
            position += 1
            session.add(
                ProjectMember(project_id=after, position=position, person=one.person, role=one.role)
            )
    session.flush()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (date, Decimal)) else value
