"""Things: whatever search can find, in one shape, whichever subject it belongs to.

A subject that wants to be found provides a :class:`ThingSource` and is named in :mod:`kb.knowledge_base`. The index
takes its texts from there, and an answer shows what stands there now, to whoever may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, NamedTuple, Protocol

from sqlalchemy.orm import Session

from kb.access import Actor
from kb.search.answers import NO_NAMES, Names
from kb.search.engine import Entry

# The kinds that are no kinds of documents; a lesson is a ``lesson`` and a DocTemplate a ``template`` wherever it came
# from.
PROJECT_KIND: Final = "project"
PERSON_KIND: Final = "person"
COURSE_KIND: Final = "course"


# So many hits, from the best on, are mixed; further down nobody looks at who stands beside whom.
MIXED: Final = 100
# Of these subjects at most so many stand among any ten hits: their texts are short, so a common title (项目经理) would
# bring everybody who bears it before the first lesson. Whoever wants them all filters by kind.
_FEW_AMONG_TEN: Final = {"person": 2, "project": 2}
_TEN: Final = 10


class ThingSection(NamedTuple):
    """A part of a thing; ``anchor`` is its id on the thing's page, empty where it has none."""

    heading: str
    anchor: str
    text: str


@dataclass(frozen=True, slots=True)
class Thing:
    """What can be found of something.

    Attributes:
        subject: which table it is of: ``document``, ``lesson``, ``project`` …; with ``id`` it names the thing.
        audience: id of the audience that may know of it.
        kind: what a reader takes it for, see :data:`kb.drafts.KINDS` and the constants above.
        language: ``zh`` or ``en``.
        sections: its text, in order.
        dated: the day it belongs to, or None.
        project: code of its project, or empty; ``project_names`` its names.
    """

    subject: str
    id: int
    audience: int
    kind: str
    language: str
    title: str
    updated: datetime
    sections: tuple[ThingSection, ...] = ()
    dated: date | None = None
    project: str = ""
    project_names: Names = NO_NAMES
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name in the index."""
        return key(self.subject, self.id)


class ThingSource(Protocol):
    """Gives the things of one subject. Called within somebody else's transaction; holds no state.

    Only what search may find is given: no drafts, nothing withdrawn. Who may read what is decided here, within the
    statement; :data:`kb.access.SYSTEM` may read everything.
    """

    @property
    def subject(self) -> str:
        """Its name in the change log and in the index."""
        ...

    def ids_after(self, session: Session, last: int, limit: int) -> Sequence[int]:
        """Up to ``limit`` ids larger than ``last`` of things that may be found, in order."""
        ...

    def things(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[Thing]:
        """Those of ``ids`` that are there, may be found, and may be read by ``actor``; in any order."""
        ...

    def among(self, session: Session, actor: Actor, ids: Sequence[int]) -> Sequence[int]:
        """The ids of what :meth:`things` would give, without reading any texts."""
        ...


# For some ids of one subject, and what was asked, the factors by which their scores count more or less; ids that are
# not named count once.
Prior = Callable[[Session, Sequence[int], str], Mapping[int, float]]


def key(subject: str, number: int) -> str:
    """The name of a thing in the index: ``subject:number``."""
    return f"{subject}:{number}"


def parts(name: str) -> tuple[str, int]:
    """Subject and number of a thing, from its name in the index."""
    subject, _, number = name.partition(":")
    return subject, int(number)


def mixed_order(subjects: Sequence[str]) -> list[int]:
    """The order to show hits in, given their subjects best first: too many of a short sort make way for the next ones.

    Nothing is left out, and what makes way keeps its order.

    ::

        >>> mixed_order(["person", "person", "person", "document", "person", "lesson"])
        [0, 1, 3, 5, 2, 4]
    """
    waiting = list(range(len(subjects)))
    if _FEW_AMONG_TEN.keys().isdisjoint(subjects):
        return waiting
    order: list[int] = []
    while waiting:
        taken: dict[str, int] = {}
        block: list[int] = []
        for place in waiting:
            subject = subjects[place]
            if len(block) < _TEN and taken.get(subject, 0) < _FEW_AMONG_TEN.get(subject, _TEN):
                taken[subject] = taken.get(subject, 0) + 1
                block.append(place)
        chosen = set(block)
        waiting = [place for place in waiting if place not in chosen]
        order += block
    return order


def entry(thing: Thing) -> Entry:
    """What the index holds of a thing."""
    names = thing.project_names
    return Entry(
        key=thing.key,
        audience=thing.audience,
        kind=thing.kind,
        language=thing.language,
        title=thing.title,
        headings=tuple(section.heading for section in thing.sections if section.heading),
        body=tuple(section.text for section in thing.sections if section.text),
        project=thing.project,
        project_label=f"{names.zh}\n{names.en}" if thing.project else "",
        year=thing.dated.year if thing.dated else None,
        dated=thing.dated,
        tags=thing.tags,
        people=thing.people,
    )
