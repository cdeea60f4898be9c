"""Doubts about people: names that may mean somebody, and entries that may be one person. A curator decides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import (
    Document,
    DocumentPerson,
    PeopleApart,
    Person,
    PersonKey,
    PersonMerge,
    Project,
    ProjectMember,
    document_readable,
    project_readable,
)
from kb.person_matching import Meant, Named, meant, relink, remember
from kb.person_names import name_key
from kb.person_views import PersonView, people_by_id

# Names on one page of the queue; decided ones make room for the next.
MAX_NAMES: Final = 50
# Places shown of one name; the rest is counted.
MAX_PLACES: Final = 8
MAX_PAIRS: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """A thing in which a name stands."""

    subject: str
    number: int
    title: str


@dataclass(frozen=True, slots=True)
class NameDoubt:
    """A name that may mean several people, or somebody it only sounds like.

    Attributes:
        places: where it stands, of what the curator may read; ``more`` is how many are not shown.
        candidates: who may be meant.
        why: ``name``, several have it; ``pinyin``, it only sounds like theirs.
    """

    name: str
    places: tuple[Place, ...]
    more: int
    candidates: tuple[PersonView, ...]
    why: str


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A merge that can be taken back."""

    id: int
    merged: str
    into: PersonView


@dataclass(frozen=True, slots=True)
class Doubts:
    """What waits for a curator; ``names_total`` counts those that are not shown too."""

    names: tuple[NameDoubt, ...]
    names_total: int
    pairs: tuple[tuple[PersonView, PersonView], ...]
    merges: tuple[MergeLine, ...]


class PersonDoubts:
    """Use cases around doubts; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    def waiting(self, actor: Actor) -> Doubts:
        """What waits, of what the curator may read.

        Raises:
            NotAllowed: the actor may not curate people.
        """
        actor.must(Action.CURATE_PEOPLE)
        with self._database.read() as session:
            stands = _places(session, actor)
            found = meant(session, stands)
            by_name: dict[str, list[tuple[Named, Meant]]] = defaultdict(list)
            for named, who in found.items():
                if who.doubtful:
                    by_name[name_key(named.name)].append((named, who))
            pairs = _pairs(session)
            numbers = {each.person for w in found.values() for each in w.candidates}
            people = people_by_id(session, numbers | {n for pair in pairs for n in pair})
            doubts = [_doubt(each, stands, people) for _, each in sorted(by_name.items())]
            return Doubts(
                names=tuple(doubts[:MAX_NAMES]),
                names_total=len(doubts),
                pairs=tuple((people[a], people[b]) for a, b in pairs[:MAX_PAIRS]),
                merges=_merges(session),
            )

    def decide(
        self,
        actor: Actor,
        name: str,
        person_id: int | None,
        place: tuple[str, int] | None = None,
    ) -> None:
        """Decide who is meant by a name: in one thing, or (``place`` None) wherever it stands, now and later.

        Raises:
            NotAllowed: the actor may not curate people.
            NotFound: there is no such person.
            InvalidInput: there is no letter in the name.
        """
        actor.must(Action.CURATE_PEOPLE)
        if not name_key(name):
            raise InvalidInput(field=N_("name"), reason=N_("it is empty or too long"))
        with self._database.write() as session:
            if person_id is not None and not people_by_id(session, [person_id]):
                raise NotFound(what="person", id=person_id)
            subject, number = place or ("", 0)
            remember(session, actor, Named(name, subject, number), person_id)
            relink(session)


def _places(session: Session, actor: Actor) -> dict[Named, str]:
    """Every name that is linked to nobody, with the title of the thing in which it stands."""
    stands: dict[Named, str] = {}
    for name, number, title in session.execute(
        select(DocumentPerson.name, Document.id, Document.title)
        .join(Document, Document.id == DocumentPerson.document_id)
        .where(DocumentPerson.person_id.is_(None), document_readable(actor))
    ):
        stands[Named(name, "document", number)] = title
    here = (project_readable(actor), Project.merged_into.is_(None))
    managers = select(Project.manager, Project.id, Project.code, Project.name_zh, Project.name_en)
    members = managers.with_only_columns(
        ProjectMember.person, Project.id, Project.code, Project.name_zh, Project.name_en
    ).join(ProjectMember, ProjectMember.project_id == Project.id)
    for statement in (managers.where(Project.manager != "", *here), members.where(*here)):
        for name, number, *titles in session.execute(statement):
            stands[Named(name, "project", number)] = " ".join(filter(None, titles))
    return stands


def _doubt(
    found: Sequence[tuple[Named, Meant]],
    stands: Mapping[Named, str],
    people: Mapping[int, PersonView],
) -> NameDoubt:
    places = [Place(n.subject, n.number, stands[n]) for n, _ in sorted(found, key=lambda f: f[0])]
    candidates = found[0][1].candidates
    return NameDoubt(
        name=found[0][0].name,
        places=tuple(places[:MAX_PLACES]),
        more=max(len(places) - MAX_PLACES, 0),
        candidates=tuple(people[each.person] for each in candidates if each.person in people),
        why=candidates[0].why,
    )


def _pairs(session: Session) -> list[tuple[int, int]]:
    """People who may be one: with the same name or e-mail address, and nothing that tells them apart."""
    sharing: dict[tuple[str, str], list[int]] = defaultdict(list)
    for kind, key, number in session.execute(
        select(PersonKey.kind, PersonKey.key, PersonKey.person_id)
        .where(PersonKey.kind.in_(("name", "email", "pinyin", "latin")))
        .order_by(PersonKey.person_id)
    ):
        # The Latin name of one may be the pinyin of the other: 李娜, and an entry that only says Li Na.
        shared = "sound" if kind in {"pinyin", "latin"} else kind
        sharing[shared, key].append(number)
    apart = {
        (row.first_id, row.second_id)
        for row in session.execute(select(PeopleApart.first_id, PeopleApart.second_id))
    }
    wanted = {n for numbers in sharing.values() if len(numbers) > 1 for n in numbers}
    rows = {
        row.id: row for row in session.scalars(select(Person).where(Person.id.in_(sorted(wanted))))
    }
    pairs = {
        (first, second)
        for numbers in sharing.values()
        for first, second in _two_of(sorted(set(numbers)))
        if (first, second) not in apart and may_be_one(rows[first], rows[second])
    }
    return sorted(pairs)


def may_be_one(one: Person, other: Person) -> bool:
    """False for two whose names in one language differ, or who have each their own e-mail address."""
    for name in ("name_zh", "name_en"):
        mine, theirs = name_key(getattr(one, name)), name_key(getattr(other, name))
        if mine and theirs and sorted(mine) != sorted(theirs):
            return False
    return not (one.email and other.email and one.email.lower() != other.email.lower())


def _two_of(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    return ((first, second) for at, first in enumerate(numbers) for second in numbers[at + 1 :])


def _merges(session: Session) -> tuple[MergeLine, ...]:
    rows = session.scalars(
        select(PersonMerge)
        .where(PersonMerge.undone_at.is_(None))
        .order_by(PersonMerge.id.desc())
        .limit(MAX_PAIRS)
    ).all()
    into = people_by_id(session, {row.into_id for row in rows})
    lines = []
    for row in rows:
        merged = session.get(Person, row.merged_id)
        if merged is not None and row.into_id in into:
            name = " ".join(filter(None, (merged.name_zh, merged.name_en, f"({merged.handle})")))
            lines.append(MergeLine(row.id, name, into[row.into_id]))
    return tuple(lines)
