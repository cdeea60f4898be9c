"""The list of projects: searched, narrowed, sorted, with how much each has to read.

Projects are few (an organisation of thousands has some thousands), so they are read at once and narrowed here: words
are compared folded, which SQL cannot, and every filter counts exactly what the others leave.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import (
    PUBLISHED,
    Document,
    Person,
    Project,
    ProjectAlias,
    ProjectMember,
    ProjectTag,
    project_readable,
)
from kb.models.access import readable
from kb.project_rules import industries_of, state_of
from kb.search.folding import fold_text

Sort = Literal["code", "name", "customer", "started", "ended", "documents", "budget"]
SORTS: Final[tuple[Sort, ...]] = (
    "code",
    "name",
    "customer",
    "started",
    "ended",
    "documents",
    "budget",
)
FILTERS: Final = ("industry", "status", "year", "manager", "tag")


# What a line says of a project as its row does; amounts last.
AMOUNTS: Final = ("budget", "final_cost", "effort_days")
FACTS: Final = (
    "id",
    "code",
    "name_zh",
    "name_en",
    "customer",
    "industry",
    "type",
    "status",
    "started",
    "planned_end",
    "ended",
    "currency",
    "team_size",
    "registered",
)


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """Which projects are asked for; empty fields narrow nothing.

    Attributes:
        query: words, each of which must stand in a code, name, customer, tag or person's name.
        year: of the start, as text.
        manager: a handle, or a name as the register has it.
    """

    query: str = ""
    industry: str = ""
    status: str = ""
    year: str = ""
    manager: str = ""
    tag: str = ""
    sort: Sort = "started"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class PersonName:
    """Somebody by handle (or name, where the register has none), with both names and the id in the register."""

    handle: str
    name_zh: str = ""
    name_en: str = ""
    id: int = 0
    title: str = ""


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project in a list; ``documents`` counts those that the actor may read."""

    id: int
    code: str
    name_zh: str
    name_en: str
    customer: str
    industry: str
    type: str
    manager: PersonName
    status: str
    started: date | None
    planned_end: date | None
    ended: date | None
    currency: str
    budget: Decimal | None
    final_cost: Decimal | None
    effort_days: Decimal | None
    team_size: int | None
    registered: bool
    tags: tuple[str, ...]
    documents: int


@dataclass(frozen=True, slots=True)
class ProjectList:
    """Those found on one page, how many over all pages, and for each filter its values with their counts."""

    lines: Sequence[ProjectLine]
    total: int
    facets: Mapping[str, Sequence[tuple[str, int]]]
    people: Mapping[str, PersonName]


def list_projects(
    session: Session, actor: Actor, asked: ProjectFilter, *, page: int, per_page: int
) -> ProjectList:
    """The projects that ``actor`` may know of and asks for; ``page`` from 1."""
    people = people_by_handle(session)
    lines, words = _lines(session, actor, people)
    terms = fold_text(asked.query).split()
    matching = [line for line in lines if all(term in words[line.id] for term in terms)]
    found = [line for line in matching if _fits(line, asked)]
    facets = {
        name: _counted(name, [line for line in matching if _fits(line, asked, but=name)])
        for name in FILTERS
    }
    found.sort(key=lambda line: line.code)
    found.sort(key=_sorting(asked.sort), reverse=asked.descending)
    # What has no value to sort by comes last in either direction.
    found.sort(key=lambda line: _missing(line, asked.sort))
    first = (max(page, 1) - 1) * per_page
    return ProjectList(found[first : first + per_page], len(found), facets, people)


def people_by_handle(session: Session) -> dict[str, PersonName]:
    """Everybody of the register, by handle."""
    rows = session.execute(
        select(Person.handle, Person.name_zh, Person.name_en, Person.id, Person.title)
    )
    return {row[0]: PersonName(*row) for row in rows}


def _lines(
    session: Session, actor: Actor, people: Mapping[str, PersonName]
) -> tuple[list[ProjectLine], dict[int, str]]:
    projects = session.scalars(
        select(Project).where(project_readable(actor), Project.merged_into.is_(None))
    ).all()
    tags = _by_project(session.execute(select(ProjectTag.project_id, ProjectTag.tag)))
    members = _by_project(session.execute(select(ProjectMember.project_id, ProjectMember.person)))
    aliases = _by_project(session.execute(select(ProjectAlias.project_id, ProjectAlias.name)))
    documents = dict(
        session.execute(
            select(Document.project_id, func.count())
            .where(Document.state == PUBLISHED, readable(actor, Document.audience_id))
            .group_by(Document.project_id)
        ).all()
    )
    lines = []
    words = {}
    for one in projects:
        manager = people.get(one.manager, PersonName(one.manager, one.manager))
        team = [people.get(name, PersonName(name)) for name in members[one.id]]
        lines.append(
            ProjectLine(
                manager=manager,
                tags=tuple(sorted(tags[one.id])),
                documents=documents.get(one.id, 0),
                **{name: getattr(one, name) for name in (*FACTS, *AMOUNTS)},
            )
        )
        texts = [one.code, one.name_zh, one.name_en, one.customer, one.industry, one.type]
        texts += [
            name for who in (manager, *team) for name in (who.handle, who.name_zh, who.name_en)
        ]
        words[one.id] = fold_text("\n".join([*texts, *tags[one.id], *aliases[one.id]]))
    return lines, words


def _by_project(rows: Iterable[tuple[int, str]]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for project_id, name in rows:
        found[project_id].append(name)
    return found


def _values(name: str, line: ProjectLine) -> tuple[str, ...]:
    if name == "industry":
        return industries_of(line.industry)
    if name == "status":
        return (state_of(line.status),) if line.status else ()
    if name == "year":
        return (str(line.started.year),) if line.started else ()
    if name == "tag":
        return line.tags
    return (line.manager.handle,) if line.manager.handle else ()


def _fits(line: ProjectLine, asked: ProjectFilter, but: str = "") -> bool:
    wanted = {name: getattr(asked, name) for name in FILTERS if name != but}
    return all(value in _values(name, line) for name, value in wanted.items() if value)


def _counted(name: str, lines: Sequence[ProjectLine]) -> Sequence[tuple[str, int]]:
    counts = Counter(value for line in lines for value in _values(name, line))
    if name == "year":
        return sorted(counts.items(), reverse=True)
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _sorting(sort: Sort) -> Callable[[ProjectLine], tuple[object, ...]]:
    def key(line: ProjectLine) -> tuple[object, ...]:
        if sort == "name":
            return (fold_text(line.name_zh or line.name_en),)
        if sort == "budget":
            # Amounts of different currencies cannot be compared; those of one stand together.
            return line.currency, line.budget or Decimal(0)
        value = getattr(line, sort)
        return (value,) if value is not None else ()

    return key


def _missing(line: ProjectLine, sort: Sort) -> bool:
    return sort not in {"name", "documents"} and getattr(line, sort) in {None, ""}
