"""The directory: people found by name, pinyin or initials, filtered and paged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from kb.access import Actor
from kb.database import Database
from kb.models import Person, PersonKey
from kb.person_names import handle_key, name_key
from kb.person_rules import language_code
from kb.person_views import PersonView, person_view
from kb.search.folding import fold_text

PER_PAGE: Final = 60
MAX_PER_PAGE: Final = 200
_ESCAPE: Final = "\\"
_SHORT_PINYIN: Final = 2


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Who is wanted; empty for anybody.

    Attributes:
        query: part of a name in either language, of its pinyin, of the handle or the e-mail address, or the initials.
        language: a code.
        mentor: only mentors.
        here: ``yes`` only those who work here, ``no`` only those who have left.
    """

    query: str = ""
    department: str = ""
    place: str = ""
    language: str = ""
    mentor: bool = False
    here: str = ""


@dataclass(frozen=True, slots=True)
class PeopleList:
    """A page of people, and for each filter its values with how many there are of each, all other filters aside."""

    people: tuple[PersonView, ...]
    total: int
    choices: Mapping[str, Sequence[tuple[str, int]]] = field(default_factory=dict)


class PeopleLists:
    """Lists people for somebody."""

    def __init__(self, database: Database, *, today: Callable[[], date] = date.today) -> None:
        """Read from ``database``."""
        self._database = database
        self._today = today

    def listed(
        self, actor: Actor, wanted: PeopleFilter, *, page: int = 1, per_page: int = PER_PAGE
    ) -> PeopleList:
        """Those who are wanted, by department and name; nobody for an actor who may not read."""
        if not (actor.sees_all or actor.principals):
            return PeopleList((), 0)
        per_page = min(max(per_page, 1), MAX_PER_PAGE)
        conditions = _conditions(wanted, self._today())
        chosen = select(Person).where(*conditions)
        with self._database.read() as session:
            if wanted.language:
                # Languages are a list within the row; there are few people and fewer who pass the rest.
                code = language_code(wanted.language)
                numbers = [
                    number
                    for number, codes in session.execute(
                        select(Person.id, Person.languages).where(*conditions)
                    )
                    if code in codes
                ]
                chosen = chosen.where(Person.id.in_(numbers))
            total = session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
            rows = session.scalars(
                chosen.order_by(
                    Person.department, func.lower(Person.name_en), Person.name_zh, Person.id
                )
                .limit(per_page)
                .offset((max(page, 1) - 1) * per_page)
            )
            people = tuple(person_view(row) for row in rows)
            here = select(Person.department, Person.place, Person.languages).where(
                Person.merged_into.is_(None)
            )
            choices = _choices(session.execute(here).all())
        return PeopleList(people, total, choices)


def _conditions(wanted: PeopleFilter, today: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Person.merged_into.is_(None)]
    if wanted.query.strip():
        found.append(Person.id.in_(_named(wanted.query)))
    if wanted.department:
        found.append(Person.department == wanted.department)
    if wanted.place:
        found.append(Person.place == wanted.place)
    if wanted.mentor:
        found.append(Person.mentor.is_(True))
    gone = Person.left_on.is_not(None) & (Person.left_on <= today)
    if wanted.here:
        found.append(gone if wanted.here == "no" else ~gone)
    return found


def _named(query: str) -> Select[int]:
    """People with a key that holds what was typed; of pinyin and initials only one that begins with it."""
    name, plain = name_key(query), fold_text(query).strip()
    conditions = [
        (PersonKey.kind == "handle") & PersonKey.key.contains(handle_key(query), autoescape=True),
        (PersonKey.kind == "email") & PersonKey.key.contains(plain, autoescape=True),
    ]
    if name:
        conditions.append(
            (PersonKey.kind == "name") & PersonKey.key.contains(name, autoescape=True)
        )
        starts = PersonKey.key.startswith(name, autoescape=True)
        if len(name) >= _SHORT_PINYIN:
            conditions.append(PersonKey.kind.in_(("pinyin", "initials")) & starts)
    return select(PersonKey.person_id).where(or_(*conditions))


def _choices(
    rows: Sequence[tuple[str, str, list[str]]],
) -> dict[str, Sequence[tuple[str, int]]]:
    departments = Counter(row[0] for row in rows if row[0])
    places = Counter(row[1] for row in rows if row[1])
    languages = Counter(code for row in rows for code in row[2])
    return {
        "department": sorted(departments.items()),
        "place": sorted(places.items()),
        "language": sorted(languages.items(), key=lambda pair: (-pair[1], pair[0])),
    }
