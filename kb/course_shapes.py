"""A course, its units and what has to come before, as one learner sees them. Made by :mod:`kb.course_views`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kb.errors import NotFound
from kb.training_places import Target
from kb.training_rules import Standing, UnitStanding


@dataclass(frozen=True, slots=True)
class CheckRules:
    """What passes a check; see :class:`kb.models.CourseUnit`."""

    bank: int
    draw: int = 0
    pass_percent: int = 80
    retries: int | None = None
    wait_minutes: int = 0
    limit_minutes: int = 0


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit, for one learner.

    Attributes:
        target: what it leads to; None for a page of its own, a file of its own, a check.
        check: the rules of its check; None where it has none.
        standing: how far the learner is.
        after: titles of the units to be done before, of those still open.
    """

    id: int
    key: str
    kind: str
    title: str
    body: str
    minutes: int
    target: Target | None
    target_text: str
    file_name: str
    check: CheckRules | None
    needs: tuple[str, ...]
    standing: UnitStanding
    after: tuple[str, ...]
    started_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Needed:
    """A course to be finished before another one."""

    id: int
    title: str
    done: bool


@dataclass(frozen=True, slots=True)
class CourseView:
    """A course, for one learner.

    Attributes:
        twin: id, title and language of the same course in the other language.
        skills: what it gives, each with its level.
        units: in their order, without those taken out.
        needed: what has to be finished before.
        certificate: code of the learner's certificate; empty without one.
        done_at: when the learner finished it.
    """

    id: int
    place: str
    title: str
    summary: str
    language: str
    state: str
    version: int
    audience: str
    owner: str
    by: str
    twin: tuple[int, str, str] | None
    skills: tuple[tuple[str, int], ...]
    teachers: tuple[str, ...]
    units: tuple[UnitView, ...]
    needed: tuple[Needed, ...]
    standing: Standing
    certificate: str
    done_at: datetime | None
    opened_at: datetime | None
    updated_at: datetime
    may_edit: bool

    @property
    def minutes(self) -> int:
        """Estimated time for all units."""
        return sum(unit.minutes for unit in self.units)

    @property
    def next_unit(self) -> UnitView | None:
        """Where to go on."""
        return next((unit for unit in self.units if unit.key == self.standing.next_key), None)

    @property
    def missing(self) -> tuple[Needed, ...]:
        """What has to be finished before and is not."""
        return tuple(one for one in self.needed if not one.done)

    def unit(self, unit_id: int) -> UnitView:
        """One of its units.

        Raises:
            NotFound: it has no such unit.
        """
        for unit in self.units:
            if unit.id == unit_id:
                return unit
        raise NotFound(what="unit", id=unit_id)
