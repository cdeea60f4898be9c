"""The rows behind suggestions: names as they are read from the tables, and whether they may still be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import Document, DocumentPerson, DocumentTag, Person, Project
from kb.models.access import covering, readable
from kb.models.insights import PopularQuestion
from kb.models.projects import project_readable
from kb.search.answers import Names, Suggestion
from kb.search.names import Name
from kb.suggesting_things import THINGS, things_offered

SUBJECT: Final = "document"  # in the change log
_PUBLISHED: Final = "published"
_Rows = Select[*tuple[Any, ...]]
_IDS_IN_ONE_STATEMENT: Final = 500  # below every database's limit of parameters


def document_names(
    session: Session, ids: Sequence[int] | None
) -> tuple[list[Name], dict[int, int]]:
    """All names that published documents carry, and the audience of each document; ``ids`` None: of all documents."""
    titles = _of(
        session, select(Document.id, Document.title, Document.audience_id, Document.project_id), ids
    )
    audiences = {number: audience for number, _, audience, _ in titles}
    names = [Name(title, "document", number, carriers=(number,)) for number, title, _, _ in titles]
    names += _tags(_of(session, select(DocumentTag.document_id, DocumentTag.tag), ids))
    people = select(DocumentPerson.document_id, DocumentPerson.name, DocumentPerson.person_id)
    names += _people(session, _of(session, people, ids))
    named, own = _naming(session, titles)
    return names + _projects(session, named), audiences | own


def _naming(
    session: Session, titles: Sequence[tuple[int, str, int, int | None]]
) -> tuple[dict[int, list[int]], dict[int, int]]:
    """For each project the documents that may name it, as the index does; and the audiences of confidential ones.

    A document for more people than may know of its project does not carry its name: offers are counted before it is
    looked up who may know of them, so one that is taken away afterwards would be missed. The project carries its name
    itself then, under its number below 0, for whoever may know of it.
    """
    about = [(number, audience, project) for number, _, audience, project in titles if project]
    secret = {
        number: audience
        for number, audience in _chosen(
            session, select(Project.id, Project.audience_id), {project for *_, project in about}
        )
        if audience is not None
    }
    told = covering(session, {(secret.get(project), audience) for _, audience, project in about})
    named: dict[int, list[int]] = defaultdict(list)
    for number, audience, project in about:
        if (secret.get(project), audience) in told:
            named[project].append(number)
        elif -project not in named[project]:
            named[project].append(-project)
    return named, {-project: audience for project, audience in secret.items()}


def question_names(session: Session) -> tuple[list[Name], dict[int, int]]:
    """Questions often asked, each carried by the documents it leads to; and the audience of each of these."""
    rows = session.execute(
        select(
            PopularQuestion.key,
            PopularQuestion.text,
            PopularQuestion.askers,
            Document.id,
            Document.audience_id,
        )
        .join(Document, Document.id == PopularQuestion.document_id)
        .where(Document.state == _PUBLISHED)
    ).all()
    asked: dict[str, tuple[str, int]] = {}
    carriers = defaultdict(list)
    for key, text, askers, number, _ in rows:
        asked[key] = text, max(askers, asked.get(key, ("", 0))[1])
        carriers[key].append(number)
    names = [
        Name(text, "question", carriers=tuple(carriers[key]), weight=askers)
        for key, (text, askers) in asked.items()
    ]
    return names, {number: audience for *_, number, audience in rows}


def still_readable(
    session: Session, actor: Actor, names: Sequence[Name]
) -> list[Suggestion | None]:
    """Each of ``names`` as it is called now; None for what ``actor`` may not know of at this moment."""
    own = (Document.state == _PUBLISHED) & readable(actor, Document.audience_id)
    things = things_offered(session, actor, names)
    titles = _by_id(session, select(Document.id, Document.title).where(own), names, "document")
    projects = _by_id(
        session,
        select(Project.id, Project).where(
            project_readable(actor), exists().where(Document.project_id == Project.id, own)
        ),
        names,
        "project",
    )
    carried: dict[str, Callable[[str], _Rows]] = {
        "tag": lambda text: _carrying(DocumentTag.document_id, DocumentTag.tag == text, own),
        "person": lambda text: _carrying(
            DocumentPerson.document_id, DocumentPerson.name == text, own
        ),
        "question": lambda text: _carrying(
            PopularQuestion.document_id, PopularQuestion.text == text, own
        ),
    }

    def offer(name: Name) -> Suggestion | None:
        if name.kind in THINGS:
            return things.get((name.kind, name.id))
        if name.kind == "document":
            title = titles.get(name.id)
            return Suggestion(title, name.kind, name.id) if title is not None else None
        if name.kind == "project":
            found = projects.get(name.id)
            return _project(found) if found is not None else None
        if name.kind in carried and session.execute(carried[name.kind](name.text)).first() is None:
            return None
        return Suggestion(name.text, name.kind, name.id or None)

    return [offer(name) for name in names]


def _project(project: Project) -> Suggestion:
    names = Names(project.name_zh, project.name_en)
    return Suggestion(project_label(project), "project", project.id, project.code, names)


def project_label(project: Project) -> str:
    """Code and name of a project; the code alone where that is the name."""
    name = project.name_zh or project.name_en
    return name if name == project.code or not name else f"{project.code} {name}"


def _of(session: Session, rows: _Rows, ids: Sequence[int] | None) -> list[Any]:
    """Rows of published documents; the first column is the document's number."""
    number = rows.selected_columns[0]
    if number.table is not Document.__table__:
        rows = rows.join(Document, Document.id == number)
    rows = rows.where(Document.state == _PUBLISHED)
    if ids is None:
        return list(session.execute(rows).all())
    return list(_chosen(session, rows, ids))


def _tags(rows: Iterable[tuple[int, str]]) -> list[Name]:
    carriers = defaultdict(list)
    for number, tag in rows:
        carriers[tag].append(number)
    return [Name(tag, "tag", carriers=tuple(numbers)) for tag, numbers in carriers.items()]


def _people(session: Session, rows: Sequence[tuple[int, str, int | None]]) -> list[Name]:
    """People under the name that documents carry, found by what the register calls them too."""
    wanted = {person_id for _, _, person_id in rows if person_id is not None}
    register = {
        person_id: (zh, en)
        for person_id, zh, en in _chosen(
            session, select(Person.id, Person.name_zh, Person.name_en), wanted
        )
    }
    carriers = defaultdict(list)
    also: dict[str, set[str]] = defaultdict(set)
    for number, name, person_id in rows:
        carriers[name].append(number)
        if person_id in register:
            also[name].update(filter(None, register[person_id]))
    return [
        Name(name, "person", also=tuple(sorted(also[name])), carriers=tuple(numbers))
        for name, numbers in carriers.items()
    ]


def _projects(session: Session, carriers: Mapping[int, Sequence[int]]) -> list[Name]:
    rows = select(Project.id, Project.code, Project.name_zh, Project.name_en)
    return [
        Name(code, "project", number, tuple(filter(None, (zh, en))), tuple(carriers[number]))
        for number, code, zh, en in _chosen(session, rows, carriers)
    ]


def _chosen(session: Session, rows: _Rows, ids: Collection[int]) -> Iterator[Any]:
    """The rows whose first column is one of ``ids``."""
    wanted = sorted(ids)
    for first in range(0, len(wanted), _IDS_IN_ONE_STATEMENT):
        part = wanted[first : first + _IDS_IN_ONE_STATEMENT]
        yield from session.execute(rows.where(rows.selected_columns[0].in_(part)))


def _by_id(session: Session, rows: _Rows, names: Sequence[Name], kind: str) -> dict[int, Any]:
    wanted = [name.id for name in names if name.kind == kind]
    return {row[0]: row[1] for row in _chosen(session, rows, wanted)}


def _carrying(number: Any, condition: ColumnElement[bool], own: ColumnElement[bool]) -> _Rows:
    return select(number).join(Document, Document.id == number).where(condition, own).limit(1)
