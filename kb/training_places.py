"""Where training leads to: places and addresses of documents, templates, lessons, and whether a learner can open them.

A text names things by places (:mod:`kb.course_texts`), which become addresses when a course is stored. An address is
looked at again each time it is shown: what it leads to may have gone, may be hidden from this learner, may have been
superseded. All functions read in the caller's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, unquote

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kb.access import Actor
from kb.checks_grading import Found
from kb.models import (
    Course,
    CourseUnit,
    DocTemplate,
    Document,
    DocumentLife,
    DocumentSection,
    DocumentSource,
    Lesson,
    Person,
    Project,
    course_readable,
    doctemplate_readable,
    document_readable,
    lesson_readable,
    project_readable,
)

# The first part of the address of a page, and its subject.
_PLURALS: Final = {
    "documents": "document",
    "doctemplates": "doctemplate",
    "lessons": "lesson",
    "projects": "project",
    "people": "person",
    "courses": "course",
}
_ADDRESS: Final = re.compile(
    rf"(?:https?://[^/\s]+)?/(?P<place>{'|'.join(_PLURALS)})/(?P<id>\d{{1,18}})(?:/[\w/-]*)?(?:\?[^#\s]*)?"
    r"(?:#(?P<anchor>\S*))?"
)
# A chain of pages that took each other's place is not longer than this; a circle ends here.
_MAX_STEPS: Final = 50


@dataclass(frozen=True, slots=True)
class Target:
    """What a unit leads to, for one learner.

    Attributes:
        address: where the link goes; that of the successor where the page was superseded and the learner may read it.
        title: of the page; empty where it is not known here (an address elsewhere) or not available.
        available: the learner can open it.
        inside: it is a page of this site.
        superseded: another page has taken its place.
    """

    address: str
    title: str = ""
    available: bool = True
    inside: bool = False
    superseded: bool = False


def read_address(text: str) -> Found | None:
    """The page and section that an address of this site names; None for anything else."""
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        return None
    return Found(_PLURALS[match["place"]], int(match["id"]), unquote(match["anchor"] or ""))


def address_of(session: Session, place: str) -> str | None:
    """The address of a place; None where nothing lies there (yet)."""
    kind, _, rest = place.partition(":")
    name, _, heading = rest.partition("#")
    if kind == "corpus":
        return _corpus_address(session, name, heading)
    if kind == "unit":
        course, _, key = rest.partition("/")
        unit = session.execute(
            select(CourseUnit.course_id, CourseUnit.id)
            .join(Course, Course.id == CourseUnit.course_id)
            .where(Course.place == course, CourseUnit.key == key)
        ).first()
        return f"/courses/{unit[0]}/units/{unit[1]}" if unit else None
    lookups: dict[str, tuple[str, InstrumentedAttribute[int], ColumnElement[bool]]] = {
        "lesson": ("lessons", Lesson.id, Lesson.origin.like(f"form:%:corpus-{rest}")),
        "project": ("projects", Project.id, Project.code == rest),
        "person": ("people", Person.id, Person.handle == rest),
        "course": ("courses", Course.id, Course.place == rest),
    }
    if kind not in lookups:
        return None
    plural, column, condition = lookups[kind]
    number = session.scalar(select(column).where(condition).limit(1))
    return f"/{plural}/{number}" if number else None


def finder(session: Session) -> Callable[[str], str | None]:
    """:func:`address_of` in one transaction, each place looked up once."""
    known: dict[str, str | None] = {}

    def found(place: str) -> str | None:
        if place not in known:
            known[place] = address_of(session, place)
        return known[place]

    return found


def newest(session: Session, found: Found) -> Found:
    """The page that has taken the place of this one, if any has."""
    number, seen = found.number, set[int]()
    while len(seen) < _MAX_STEPS and number not in seen:
        seen.add(number)
        if found.subject == "document":
            statement = select(DocumentLife.superseded_by).where(DocumentLife.document_id == number)
        elif found.subject == "lesson":
            statement = select(Lesson.superseded_by).where(Lesson.id == number)
        else:
            break
        after = session.scalar(statement)
        if after is None:
            break
        number = after
    moved = number != found.number
    return Found(found.subject, number, "" if moved else found.anchor, moved)


def targets(session: Session, actor: Actor, addresses: Collection[str]) -> dict[str, Target]:
    """What addresses lead to for ``actor``. A place that was never found leads nowhere."""
    read = {address: read_address(address) for address in addresses}
    pages = {address: newest(session, found) for address, found in read.items() if found}
    titles = _titles(session, actor, [*pages.values(), *filter(None, read.values())])
    told: dict[str, Target] = {}
    for address in addresses:
        found = read[address]
        if found is None:
            outside = address.startswith(("https://", "http://"))
            told[address] = Target(address if outside else "", available=outside)
            continue
        now = pages[address]
        if now.moved and (now.subject, now.number) in titles:
            title = titles[now.subject, now.number]
            told[address] = Target(page_address(now), title, inside=True, superseded=True)
        elif (found.subject, found.number) in titles:
            title = titles[found.subject, found.number]
            told[address] = Target(address, title, inside=True, superseded=now.moved)
        else:
            told[address] = Target("", available=False, inside=True)
    return told


def page_address(found: Found) -> str:
    """The address of a page or section."""
    plural = next(plural for plural, subject in _PLURALS.items() if subject == found.subject)
    anchor = f"#{quote(found.anchor, safe='')}" if found.anchor else ""
    return f"/{plural}/{found.number}{anchor}"


def _corpus_address(session: Session, name: str, heading: str) -> str | None:
    template = session.scalar(select(DocTemplate.id).where(DocTemplate.place == f"corpus:{name}"))
    if template is not None:
        return f"/doctemplates/{template}"
    number = session.scalar(
        select(DocumentSource.document_id).where(DocumentSource.place == f"corpus:{name}")
    )
    if number is None:
        return None
    anchor = ""
    if heading:
        anchor = (
            session.scalar(
                select(DocumentSection.anchor)
                .where(
                    DocumentSection.document_id == number,
                    (DocumentSection.heading == heading) | (DocumentSection.anchor == heading),
                )
                .limit(1)
            )
            or ""
        )
    return page_address(Found("document", number, anchor))


def _titles(session: Session, actor: Actor, pages: Sequence[Found]) -> dict[tuple[str, int], str]:
    """Titles of those pages that ``actor`` may read."""
    wanted: dict[str, set[int]] = {}
    for page in pages:
        wanted.setdefault(page.subject, set()).add(page.number)
    tables: dict[str, tuple[Any, Any, ColumnElement[bool]]] = {
        "document": (Document.id, Document.title, document_readable(actor)),
        "doctemplate": (DocTemplate.id, DocTemplate.title, doctemplate_readable(actor)),
        "lesson": (Lesson.id, Lesson.title, lesson_readable(actor)),
        "project": (Project.id, Project.code, project_readable(actor)),
        "course": (Course.id, Course.title, course_readable(actor)),
    }
    if actor.principals or actor.sees_all:
        tables["person"] = (Person.id, Person.handle, Person.id > 0)
    found: dict[tuple[str, int], str] = {}
    for subject, numbers in wanted.items():
        if subject in tables:
            number, title, allowed = tables[subject]
            rows = session.execute(
                select(number, title).where(number.in_(sorted(numbers)), allowed)
            )
            found.update({(subject, row[0]): row[1] for row in rows})
    return found
