"""What may be done in training and what follows: pure decisions, and the errors that say no."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from kb.access import Action, Actor
from kb.course_texts import cycle_among
from kb.errors import N_, Conflict, InvalidInput, NotAllowed

SUBJECT: Final = "course"
STATES: Final = ("draft", "published", "withdrawn")
LANGUAGES: Final = ("zh", "en")
LEVELS: Final = (1, 2, 3)
MAX_TITLE: Final = 300
# A unit longer than this should be two; also the longest text that the editor of pages takes.
MAX_BODY: Final = 100_000
# A working day; a unit of more is a course.
MAX_MINUTES: Final = 480
# So many days before a date it is due soon.
SOON: Final = timedelta(days=7)


class CyclicNeeds(InvalidInput):
    """Things that wait for one another in a circle. Data: ``circle``."""

    code = "cyclic-needs"
    sentence = N_("These wait for one another in a circle: %(circle)s.")
    advice_template = N_("Take one of these prerequisites out and save again.")


class NotYet(Conflict):
    """Something else has to be finished before. Data: ``title``, ``needed``."""

    code = "not-yet"
    sentence = N_("“%(title)s” comes after: %(needed)s.")
    advice_template = N_("Finish that first.")


class NoAttempt(Conflict):
    """No further attempt at a check may begin now. Data: ``reason``."""

    code = "no-attempt"
    sentence = N_("No new attempt can begin: %(reason)s.")
    advice_template = N_("Ask the owner of the course for another one.")


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """How far somebody is with a unit.

    Attributes:
        key: its name within the course.
        minutes: estimated time.
        available: the learner can open what it leads to.
        needs: keys of units to be done before.
    """

    key: str
    minutes: int
    available: bool = True
    needs: tuple[str, ...] = ()
    started: bool = False
    done: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is with a course.

    Attributes:
        done, total: units finished, and units that count: those that can be opened, and those done when they could.
        unavailable: units that cannot be opened and do not count.
        minutes_left: estimated.
        next_key: where to go on; empty when there is nothing left.
    """

    done: int
    total: int
    unavailable: int
    minutes_left: int
    next_key: str

    @property
    def complete(self) -> bool:
        """Every unit that counts is done, and there is one."""
        return 0 < self.total == self.done

    @property
    def started(self) -> bool:
        """Some of it is done."""
        return self.done > 0

    @property
    def percent(self) -> int:
        """How much is done, rounded down."""
        return self.done * 100 // self.total if self.total else 0


def must_learn(actor: Actor) -> None:
    """Return when ``actor`` can have progress of its own.

    Raises:
        NotAllowed: nobody has signed in, or the role does not include it.
    """
    actor.must(Action.LEARN)
    if not actor.id:
        raise NotAllowed(action=Action.LEARN.value)


def standing(units: Sequence[UnitStanding]) -> Standing:
    """Where somebody stands in a course, from how far each of its units is."""
    counting = [unit for unit in units if unit.available or unit.done]
    left = [unit for unit in counting if not unit.done]
    blocked = [unit for unit in left if waits_for(unit, units)]
    # What was begun comes first, then the first that waits for nothing.
    ready = [unit for unit in left if unit not in blocked]
    begun = [unit for unit in ready if unit.started]
    goes_on = next(iter([*begun, *ready]), None)
    return Standing(
        done=len(counting) - len(left),
        total=len(counting),
        unavailable=len(units) - len(counting),
        minutes_left=sum(unit.minutes for unit in left),
        next_key=goes_on.key if goes_on else "",
    )


def waits_for(unit: UnitStanding, units: Sequence[UnitStanding]) -> tuple[str, ...]:
    """Keys of the units to be done before this one and not done yet; those that cannot be opened do not block."""
    open_ = {one.key for one in units if one.available and not one.done}
    return tuple(key for key in unit.needs if key in open_ and key != unit.key)


def refuse_circle(before: Mapping[str, Collection[str]], names: Mapping[str, str]) -> None:
    """Return when nothing waits for itself.

    Args:
        before: for each thing those to be finished before it.
        names: what people call them.

    Raises:
        CyclicNeeds: it does; the circle is named.
    """
    circle = cycle_among(before)
    if circle:
        raise CyclicNeeds(circle=" → ".join(names.get(one, one) for one in circle))


def due_day(assigned_at: datetime, due_on: date | None, due_days: int) -> date | None:
    """The day something should be finished: the one given, else so many days after it was assigned, else none."""
    if due_on is not None:
        return due_on
    return (assigned_at + timedelta(days=due_days)).date() if due_days else None


def checked_title(title: str) -> str:
    """A title on one line.

    Raises:
        InvalidInput: it is empty or too long.
    """
    tidy = " ".join(title.split())
    if not tidy or len(tidy) > MAX_TITLE:
        raise InvalidInput(field=N_("title"), reason=N_("it is empty or too long"))
    return tidy


def within(value: int, low: int, high: int, field: str) -> int:
    """``value`` when it lies between the two.

    Raises:
        InvalidInput: it does not.
    """
    if not low <= value <= high:
        raise InvalidInput(field=field, reason=f"{low} … {high}")
    return value
