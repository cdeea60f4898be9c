"""Evidence: what shows that a person knows something, in one shape, whichever subject it comes from.

A subject whose things show who knows provides an :class:`EvidenceSource` and is named in :mod:`kb.knowledge_base`. What
a piece of evidence counts, and how it fades with time, is decided in :mod:`kb.expertise_rules`, for all of them alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol, get_args

from sqlalchemy.orm import Session

from kb.access import Actor

# What somebody did: wrote a page or report, validated a lesson, applied one in a project, answered a question, led or
# took part in a project, taught a course.
EvidenceKind = Literal["wrote", "validated", "applied", "answered", "led", "taught"]
KINDS: tuple[EvidenceKind, ...] = get_args(EvidenceKind)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One deed of one person.

    Attributes:
        person: id of the person (``people.id``, not of a user).
        kind: what they did.
        subject: what it was done to, with ``number`` as :mod:`kb.things` names things; its page is
            ``/<subject>s/<number>``.
        title: of that thing, as it is shown.
        dated: the day it was done, or the day the thing says it was written.
        tags: what the thing is about.
        part: how much of a whole deed it is, above 0 and at most 1: an answer that nobody accepted is less than one
            that was; a member of a project did less than its manager.
        role: what to add in words to the kind (``Project manager``, ``accepted``); empty where there is nothing to add.
    """

    person: int
    kind: EvidenceKind
    subject: str
    number: int
    title: str
    dated: date
    tags: tuple[str, ...] = ()
    part: float = 1.0
    role: str = ""


class EvidenceSource(Protocol):
    """Gives the evidence of one subject's things. Called within somebody else's transaction; holds no state."""

    @property
    def subject(self) -> str:
        """The subject of its things, as in :class:`kb.things.ThingSource`."""
        ...

    def evidence(
        self,
        session: Session,
        actor: Actor,
        *,
        people: Collection[int] | None = None,
        numbers: Collection[int] | None = None,
    ) -> Sequence[Evidence]:
        """What shows of people, in any order.

        Args:
            session: the caller's transaction.
            actor: only evidence whose thing this actor may read is given, decided within the statement; the SYSTEM
                actor may read everything.
            people: only of these people; None for everybody.
            numbers: only from the things with these ids; None for all of them.
        """
        ...
