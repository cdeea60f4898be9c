"""Who may see what says nothing of its own: the one place where that is decided.

1. What is set on the thing itself. Else:
2. Whoever may see its project, where somebody has said so of the project.
3. Whoever may see the folder it was imported from: what is set for the nearest folder that it lies in.
4. Where both are set, whoever may see both; and where copies of its file lie in several folders on disks, whoever
   may see what lies in each. So no copy and no second rule ever lets more people in.
5. Where nothing is set, everyone.

``project`` in place of a list of principals (:data:`kb.access.AS_PROJECT`) means so. What is in force stands in the
row's ``audience_id`` like any other audience, so queries and the index know nothing of this. Lessons lie in no folder.

A project that only documents named is known to the readers of those documents; that says nothing of who may read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb.access import AS_PROJECT, FOR_EVERYONE, SYSTEM, Actor, Audience
from kb.folder_paths import folder_key, folder_of, upwards
from kb.models import (
    Document,
    DocumentSource,
    FolderAudience,
    Lesson,
    Project,
    audience_id_of,
    audience_of,
    record_change,
)

Follower = Document | Lesson
Item = TypeVar("Item")
_IS_PLACE: Final = ~DocumentSource.place.startswith("upload:")
# Number of a lock of PostgreSQL that means what is set for projects and folders.
_RULES_LOCK: Final = 0x666F6C64
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


def set_audience(session: Session, row: Follower, audience: Audience) -> bool:
    """Give a thing its audience, or let it follow project and folder; True when either changed."""
    before = (row.audience_inherited, row.audience_id)
    row.audience_inherited = audience == AS_PROJECT
    if row.audience_inherited:
        follow(session, row)
    else:
        row.audience_id = audience_id_of(session, audience)
    return (row.audience_inherited, row.audience_id) != before


def follow(session: Session, row: Follower) -> None:
    """Let a thing that says nothing of its own take what is in force for it; others stay as they are."""
    if row.audience_inherited:
        row.audience_id = _inherited(session, row.project_id, _folders_of(session, row))


def nearest_rule(session: Session, folder: str) -> FolderAudience | None:
    """What is set for a cleaned folder or for the nearest one above it; None where nothing is."""
    keys = list(upwards(folder_key(folder)))
    if not keys:
        return None
    rules = session.scalars(select(FolderAudience).where(FolderAudience.key.in_(keys)))
    return max(rules, key=lambda rule: len(rule.key), default=None)


def narrowed_by_folder(session: Session, document: Document) -> bool:
    """Whether fewer people may see a document than without what is set for its folder."""
    return document.audience_inherited and document.audience_id != _inherited(
        session, document.project_id, ()
    )


def project_changed(session: Session, actor: Actor, project_id: int) -> None:
    """Let everything of a project follow it, and have it indexed again, which also names the project or not."""
    _hold_rules(session, changing=True)
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


def folder_changed(session: Session, actor: Actor, key: str) -> int:
    """Let everything in the folder of this key, and below it, take what is in force now; how many documents moved."""
    _hold_rules(session, changing=True)
    given: dict[tuple[int | None, frozenset[str]], int] = {}
    moved: dict[int, list[int]] = {}
    projects: set[int] = set()
    for part in _parts(_lying_in(session, key)):
        folders = _places(session, part)
        rows = session.execute(
            select(Document.id, Document.project_id, Document.folder, Document.audience_id).where(
                Document.id.in_(part), Document.audience_inherited
            )
        ).all()
        for number, project_id, folder, before in rows:
            lies = (project_id, frozenset({*folders.get(number, ()), folder or ""}))
            if lies not in given:
                given[lies] = _inherited(session, *lies)
            if (now := given[lies]) != before:
                moved.setdefault(now, []).append(number)
                projects |= {project_id} if project_id else set()
    for audience_id, ids in moved.items():
        for some in _parts(ids):
            session.execute(
                update(Document).where(Document.id.in_(some)).values(audience_id=audience_id)
            )
        for number in ids:
            record_change(session, actor, "document", number, "store")
    _known_by_documents(session, projects)
    return sum(map(len, moved.values()))


def place_added(session: Session, actor: Actor, document: Document) -> None:
    """A copy of this document's file was seen at one more place, whose folder counts from now on."""
    before = document.audience_id
    follow(session, document)
    if document.audience_id != before:
        record_change(session, actor, "document", document.id, "store")
        _known_by_documents(session, {document.project_id} if document.project_id else ())


def _inherited(session: Session, project_id: int | None, folders: Iterable[str]) -> int:
    """The number of the audience that a project and folders give to what lies in all of them."""
    _hold_rules(session, changing=False)
    project = session.get(Project, project_id) if project_id else None
    given = [project.audience_id] if project is not None and project.registered else []
    rules = (nearest_rule(session, folder) for folder in sorted(folders))
    given += [rule.audience_id for rule in rules if rule is not None]
    found = FOR_EVERYONE
    for number in given:
        found = found.within(audience_of(session, number)) if number else found
    return audience_id_of(session, found)


def _hold_rules(session: Session, *, changing: bool) -> None:
    """Until the transaction ends let nobody change what is set while it is read, and nobody read it while it changes.

    Otherwise a file could be stored by what was set before, just after everything else has moved. SQLite has one
    writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock if changing else func.pg_advisory_xact_lock_shared
        session.execute(select(lock(_RULES_LOCK)))


def _folders_of(session: Session, row: Follower) -> set[str]:
    """Every folder that a thing lies in."""
    if not isinstance(row, Document):
        return set()
    return {row.folder or "", *(_places(session, [row.id]).get(row.id, ()) if row.id else ())}


def _places(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    """For these documents the folders of all places where their files lie, but for names of uploads.

    A name is no place: whoever sent a copy of a file under the name of a confidential folder would hide it from others.
    """
    found: dict[int, set[str]] = {}
    for number, place in session.execute(
        select(DocumentSource.document_id, DocumentSource.place).where(
            DocumentSource.document_id.in_(ids), _IS_PLACE
        )
    ):
        found.setdefault(number, set()).add(folder_of(place))
    return found


def _lying_in(session: Session, key: str) -> list[int]:
    """Documents in the folder of this key, and below it."""
    folders = session.scalars(select(Document.folder).where(Document.folder != "").distinct())
    inside = [one for one in folders if one and key in upwards(folder_key(one))]
    found = {
        number
        for part in _parts(inside)
        for number in session.scalars(select(Document.id).where(Document.folder.in_(part)))
    }
    copies = session.execute(
        select(DocumentSource.document_id, DocumentSource.place).where(
            ~DocumentSource.own, _IS_PLACE
        )
    )
    found |= {number for number, place in copies if key in upwards(folder_key(folder_of(place)))}
    return sorted(found)


def _known_by_documents(session: Session, project_ids: Iterable[int]) -> None:
    """Let projects that only documents named be known to the readers of these documents, and to nobody else."""
    for project in session.scalars(
        select(Project).where(Project.id.in_(sorted(project_ids)), ~Project.registered)
    ):
        numbers = select(Document.audience_id).where(Document.project_id == project.id).distinct()
        readers = [audience_of(session, number).principals for number in session.scalars(numbers)]
        known = Audience(frozenset().union(*readers))
        audience_id = audience_id_of(session, Audience.parse(known.key))
        if project.audience_id != audience_id:
            project.audience_id = audience_id
            record_change(session, SYSTEM, "project", project.id, "store")


def _parts(items: list[Item]) -> Iterable[list[Item]]:
    return (
        items[start : start + _IDS_IN_ONE_STATEMENT]
        for start in range(0, len(items), _IDS_IN_ONE_STATEMENT)
    )
