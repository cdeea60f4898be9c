"""Rows of a register put into the projects: those known by code brought up to date, those known by name adopted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import Session

from kb.access import FOR_EVERYONE, Actor
from kb.errors import N_
from kb.known_names import known_people
from kb.models import Project, ProjectAlias, ProjectMember, audience_id_of, project_readable
from kb.models.project_matching import fill_keys, find_by_code, followed
from kb.project_merging import merge
from kb.project_names import bare_code, code_key, name_key
from kb.project_rows import write
from kb.project_rules import COLUMNS, ProjectText, problems, read_member
from kb.register_rows import RegisterRow, RowOutcome

_CORRECT: Final = N_("Correct the cell.")
_NOT_YOURS: Final = N_("this code cannot be used")
_ASK: Final = N_("Ask an administrator.")


def put_project_rows(
    session: Session, actor: Actor, rows: Sequence[RegisterRow]
) -> Iterable[RowOutcome]:
    """Put rows in the caller's transaction; what became of each, in their order.

    A row means the project with its code, however that is written. A project that only documents named, without a code
    and by the row's name in either language, becomes the row's project; unless several rows or projects have that name.
    """
    fill_keys(session)
    named = Counter(key for row in rows for key in _name_keys(row))
    known = _Known(
        people=known_people(session),
        everyone=audience_id_of(session, FOR_EVERYONE),
        codes=_codes(session),
        waiting=_waiting_names(session),
        shared=frozenset(key for key, count in named.items() if count > 1),
    )
    for row in rows:
        yield _put(session, actor, row, known)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up once for all rows.

    Attributes:
        people: handles by name.
        everyone: the audience of what is for everybody.
        codes: every code and other name, in the forms that :func:`find_by_code` compares; rows add theirs.
        waiting: names of projects that no register has.
        shared: names that several rows have.
    """

    people: Mapping[str, frozenset[str]]
    everyone: int
    codes: set[str]
    waiting: frozenset[str]
    shared: frozenset[str]


def _put(session: Session, actor: Actor, row: RegisterRow, known: _Known) -> RowOutcome:
    code = row.text("code")
    forms = _forms(code)
    project = None if known.codes.isdisjoint(forms) else find_by_code(session, code)
    known.codes.update(forms)
    if project is not None and not _may_read(session, actor, project):
        return _refused(row, "code", _NOT_YOURS, _ASK)
    values = _values(row)
    wrong = _wrong(project, values)
    if wrong:
        name, reason = next(iter(wrong.items()))
        return _refused(row, name, reason, _CORRECT)
    adopted = [one for one in _unregistered(session, row, known) if one is not project]
    new = project is None and not adopted
    if project is None:
        project = adopted.pop(0) if adopted else _new(code, known)
    elif project.registered:
        # However the file writes it: people know it by the code it has.
        values.pop("code", None)
    _keep_known(session, project, values)
    changed = write(session, actor, project, values, known.people)
    for other in adopted:
        merge(session, actor, other, project)
    outcome = "added" if new else "updated" if changed or adopted else "unchanged"
    return RowOutcome(row.number, outcome, project.id)  # type: ignore[arg-type]


def _new(code: str, known: _Known) -> Project:
    return Project(code=code, registered=True, audience_id=known.everyone)


def _codes(session: Session) -> set[str]:
    projects = session.execute(select(Project.code)).scalars()
    aliases = session.execute(select(ProjectAlias.name)).scalars()
    return {form for name in (*projects, *aliases) for form in _forms(name)}


def _forms(code: str) -> set[str]:
    return {code_key(code), bare_code(code)}


def _waiting_names(session: Session) -> frozenset[str]:
    """Names and other names of projects that no register has."""
    unregistered = Project.registered.is_(False)
    names = session.execute(select(Project.name_zh_key, Project.name_en_key).where(unregistered))
    aliases = session.scalars(
        select(ProjectAlias.key).where(
            ProjectAlias.project_id.in_(select(Project.id).where(unregistered))
        )
    )
    return frozenset({key for pair in names for key in pair if key} | set(aliases))


def _values(row: RegisterRow) -> dict[str, Any]:
    values: dict[str, Any] = {name: row.values[name] for name in COLUMNS if name in row.values}
    if (size := row.number_of("team_size")) is not None:
        values["team_size"] = int(size)
    for name in ("tags", "aliases"):
        if row.entries(name):
            values[name] = row.entries(name)
    if row.entries("members"):
        values["members"] = tuple(map(read_member, row.entries("members")))
    return values


def _wrong(project: Project | None, values: dict[str, Any]) -> dict[str, str]:
    """What would be wrong with the project after the row, of what the row says."""
    known = {name: getattr(project, name) for name in COLUMNS} if project is not None else {}
    text = replace(ProjectText(), **known)
    found = problems(replace(text, **values))
    return {name: reason for name, reason in found.items() if name in values}


def _keep_known(session: Session, project: Project, values: dict[str, Any]) -> None:
    """People and names known already stay: a row with three members of seven does not say that four have left."""
    if not inspect(project).persistent:
        return
    if "aliases" in values:
        own = select(ProjectAlias.name).where(ProjectAlias.project_id == project.id)
        values["aliases"] = tuple(dict.fromkeys([*session.scalars(own), *values["aliases"]]))
    if "members" not in values:
        return
    present = session.scalars(
        select(ProjectMember)
        .where(ProjectMember.project_id == project.id)
        .order_by(ProjectMember.position)
    )
    known = [read_member(f"{one.person}:{one.role}" if one.role else one.person) for one in present]
    values["members"] = tuple(dict.fromkeys([*known, *values["members"]]))


def _unregistered(session: Session, row: RegisterRow, known: _Known) -> list[Project]:
    """Projects that only documents named, without a code, and by a name that only this row has."""
    keys = _name_keys(row)
    if keys & known.shared or keys.isdisjoint(known.waiting):
        return []
    aliased = select(ProjectAlias.project_id).where(ProjectAlias.key.in_(keys))
    meant = or_(
        Project.name_zh_key.in_(keys), Project.name_en_key.in_(keys), Project.id.in_(aliased)
    )
    same = {
        one.id: one
        for one in (followed(session, p) for p in session.scalars(select(Project).where(meant)))
    }
    if any(
        one.registered and code_key(one.code) != code_key(row.text("code")) for one in same.values()
    ):
        return []
    return [one for one in same.values() if not one.registered and _nameless_code(one)]


def _nameless_code(project: Project) -> bool:
    """True when the project's code is only its name, because no document gave one."""
    return name_key(project.code) in {project.name_zh_key, project.name_en_key}


def _name_keys(row: RegisterRow) -> set[str]:
    names = (row.text("name_zh"), row.text("name_en"), *row.entries("aliases"))
    return {key for name in names if (key := name_key(name))}


def _may_read(session: Session, actor: Actor, project: Project) -> bool:
    own = select(Project.id).where(Project.id == project.id, project_readable(actor))
    return session.scalar(own) is not None


def _refused(row: RegisterRow, name: str, reason: str, advice: str) -> RowOutcome:
    value = row.values.get(name, "")
    told = ", ".join(value) if isinstance(value, tuple) else str(value)
    return RowOutcome(row.number, "refused", 0, name, reason, advice, {"value": told})
