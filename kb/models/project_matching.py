"""Which project a document means by a code or a name: joined where it is sure, kept apart where it is not.

Sure is a code or a name that is the same but for what does not count (:mod:`kb.project_names`), one of a project's
other names, or the name in the other language; and only when it points to one project. Whatever is merely alike becomes
a project of its own, which :mod:`kb.project_likeness` then offers to merge: a wrong join would mix two projects' papers
without anybody noticing, a missing one costs a click.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, SYSTEM, Audience
from kb.models.access import AudienceRow, audience_id_of
from kb.models.changes import record_change
from kb.models.projects import MAX_CODE_CHARS, MAX_NAME_CHARS, Project, ProjectAlias
from kb.project_names import bare_code, code_key, name_key, name_parts

# Longer chains of merged projects than this are no chains but a fault in the data.
_MOST_MERGES: Final = 20


def find_project(session: Session, code: str, name: str) -> Project | None:
    """The one project that is surely meant by a code, or where there is none, by a name; else None."""
    code, name = code.strip(), name.strip()
    if code:
        return find_by_code(session, code) or find_by_code(session, name)
    for part in name_parts(name):
        if found := find_by_code(session, part) or _by_name(session, part):
            return found
    return None


def find_or_add_project(
    session: Session,
    code: str,
    name: str,
    *,
    language: str = "",
    audience_id: int | None = None,
) -> Project | None:
    """The project that is surely meant, else a new one; None when code and name are empty.

    A project known only by name gets the name as its code, so that every project can be filtered by. A project that
    only documents named takes the code that a later document brings along with the same name.

    Args:
        session: where to.
        code: as the document gives it, or empty.
        name: likewise.
        language: of the name, ``zh`` or ``en``; by default the one its characters are of.
        audience_id: who may read the document. A project that only documents name may be known to whoever may read one
            of them; by default to everybody.
    """
    code, name = code.strip()[:MAX_CODE_CHARS], name.strip()[:MAX_NAME_CHARS]
    if not code and not name:
        return None
    fill_keys(session)
    found = find_project(session, code, name)
    if found is None and code and name:
        found = _named_without_code(session, name)
        if found is not None:
            found.code = code
            record_change(session, SYSTEM, "project", found.id, "store")
    if found is None:
        return _add(session, code, name, language, audience_id)
    _widen(session, found, audience_id)
    return found


def find_by_code(session: Session, code: str) -> Project | None:
    """The one project with this code, written with or without what parts it; None for none or several."""
    key = code_key(code)
    if not key:
        return None
    if found := _one(session, Project.code_key == key):
        return found
    aliases = session.scalars(select(ProjectAlias).where(ProjectAlias.key == name_key(code)))
    same_alias = [one.project_id for one in aliases if code_key(one.name) == key]
    if found := _one(session, Project.id.in_(same_alias)):
        return found
    bare = bare_code(code)
    if key != bare or not any(sign.isdigit() for sign in bare):
        # A-11-1 is not A-1-11: a code counts as the same only where one side leaves all strokes away.
        return _one(session, Project.code_key == bare) if any(map(str.isdigit, bare)) else None
    # Few projects share the first characters of a code; the rest is compared here.
    near = session.scalars(select(Project).where(Project.code_key.startswith(bare[:2])))
    same = _told_apart(session, (one for one in near if bare_code(one.code) == bare))
    return same[0] if len(same) == 1 else None


def fill_keys(session: Session) -> None:
    """Give rows that are older than the keys theirs; nothing is left to do after the first time."""
    for old in session.scalars(select(Project).where(Project.code_key == "")):
        old.code, old.name_zh, old.name_en = old.code, old.name_zh, old.name_en
        if old.code == old.name_zh[:MAX_CODE_CHARS]:
            old.registered = False
        if old.audience_id is None:
            old.audience_id = audience_id_of(session, FOR_EVERYONE)
    session.flush()


def followed(session: Session, project: Project) -> Project:
    """The project that this one was merged into, over all merges; itself where it was not."""
    for _ in range(_MOST_MERGES):
        into = session.get(Project, project.merged_into) if project.merged_into else None
        if into is None:
            break
        project = into
    return project


def _by_name(session: Session, name: str) -> Project | None:
    key = name_key(name)
    if not key:
        return None
    meant = or_(Project.name_zh_key == key, Project.name_en_key == key, _alias(key))
    same = _told_apart(session, session.scalars(select(Project).where(meant)))
    if len(same) > 1:
        # Two registered projects of one name: documents that give no code wait with the one nobody registered.
        same = [project for project in same if not project.registered]
    return same[0] if len(same) == 1 else None


def _named_without_code(session: Session, name: str) -> Project | None:
    """A project that only documents named, by this name and without any code."""
    for part in name_parts(name):
        found = _by_name(session, part)
        if found is not None and not found.registered and code_key(found.code) in _codes(found):
            return found
    return None


def _codes(project: Project) -> set[str]:
    """What a project's code is when it has none: its name."""
    return {code_key(name[:MAX_CODE_CHARS]) for name in (project.name_zh, project.name_en) if name}


def _add(
    session: Session, code: str, name: str, language: str, audience_id: int | None
) -> Project | None:
    english = language == "en" or (not language and name.isascii())
    project = Project(
        code=_free_code(session, code or name[:MAX_CODE_CHARS]),
        name_zh="" if english else name,
        name_en=name if english else "",
        registered=False,
        audience_id=audience_id or audience_id_of(session, FOR_EVERYONE),
    )
    session.add(project)
    session.flush()
    record_change(session, SYSTEM, "project", project.id, "store")
    return project


def _free_code(session: Session, code: str) -> str:
    """``code``, with a number behind it where another project has it already: the name of two registered ones."""
    free, number = code, 1
    while session.scalar(select(Project.id).where(Project.code == free)) is not None:
        number += 1
        free = f"{code[: MAX_CODE_CHARS - 6]} ({number})"
    return free


def _widen(session: Session, project: Project, audience_id: int | None) -> None:
    """A project that documents made is known to the readers of all of them."""
    if project.registered or audience_id is None or project.audience_id in {None, audience_id}:
        return
    keys = session.scalars(
        select(AudienceRow.key).where(AudienceRow.id.in_((project.audience_id, audience_id)))
    )
    both = Audience(frozenset(name for key in keys for name in key.split(",")))
    project.audience_id = audience_id_of(session, Audience.parse(both.key))
    record_change(session, SYSTEM, "project", project.id, "store")


def _alias(key: str) -> ColumnElement[bool]:
    return Project.id.in_(select(ProjectAlias.project_id).where(ProjectAlias.key == key))


def _one(session: Session, condition: ColumnElement[bool]) -> Project | None:
    same = _told_apart(session, session.scalars(select(Project).where(condition)))
    return same[0] if len(same) == 1 else None


def _told_apart(session: Session, found: Iterable[Project]) -> list[Project]:
    """The different projects among ``found``, each followed to where it was merged into."""
    return list({one.id: one for one in (followed(session, project) for project in found)}.values())
