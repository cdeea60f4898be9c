"""The life of a document: one state machine, all of it in :data:`TRANSITIONS`.

A document is in one stage as its readers see it (published, due for review, archived), or not yet seen by them at all
(draft, in review). While a published one is being changed, its new version waits in a stage of its own (draft, in
review), so that a review never hides what is published::

                       submit                approve, release
          ┌─────────┐ ───────► ┌───────────┐ ───────────────► ┌───────────┐  the date   ┌────────────────┐
    new ─►│  draft  │          │ in review │                  │ published │ ──────────► │ due for review │
          └─────────┘ ◄─────── └───────────┘                  └───────────┘ ◄────────── └────────────────┘
           │   │    withdraw,                                  │    ▲  ▲       confirm          │
     discard   │    send back                publish           │    │  │                        │
           ▼   └──────────────────────────────────────────────┼────┘  │ reopen                 │
                                                               ▼       │                        │
                                                              ┌──────────┐   archive, supersede │
                                                              │ archived │ ◄────────────────────┘
                                                              └──────────┘

"Due" is not stored: it is reached by date. Values in, values out; :mod:`kb.lifecycle` acts on what is decided here.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kb.errors import N_


class Stage(StrEnum):
    """Where a document, or a new version of it, stands."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"
    DUE = "due"
    ARCHIVED = "archived"


class Party(StrEnum):
    """What somebody is to a document, or to the version that is being worked on."""

    WRITER = "writer"  # wrote the version
    AUTHOR = "author"  # began the document
    IMPORTER = "importer"  # brought the file that the version was read from
    OWNER = "owner"
    REVIEWER = "reviewer"
    CURATOR = "curator"
    TIME = "time"  # nobody: the date


class Need(StrEnum):
    """What must be there for a step."""

    REASON = "reason"  # a sentence that says why
    SUCCESSOR = "successor"  # another document that is published
    TEXT = "text"  # the version is not empty
    OTHER_EYES = "other-eyes"  # whoever does it did not write the version
    DATE = "date"  # the day of the next review is reached


@dataclass(frozen=True, slots=True)
class Transition:
    """One step: from where to where, who may take it, what it needs.

    ``to`` is None where the version ceases to exist.
    """

    name: str
    sources: frozenset[Stage]
    to: Stage | None
    who: frozenset[Party]
    needs: frozenset[Need] = frozenset()


def _step(
    name: str,
    sources: Collection[Stage],
    to: Stage | None,
    who: Collection[Party],
    *needs: Need,
) -> Transition:
    return Transition(name, frozenset(sources), to, frozenset(who), frozenset(needs))


_WRITING: Final = (Party.WRITER, Party.AUTHOR, Party.OWNER, Party.CURATOR)
_SEEN: Final = (Stage.PUBLISHED, Stage.DUE)

TRANSITIONS: Final[tuple[Transition, ...]] = (
    _step("submit", {Stage.DRAFT}, Stage.REVIEW, _WRITING, Need.TEXT),
    _step("withdraw", {Stage.REVIEW}, Stage.DRAFT, _WRITING),
    _step(
        "approve",
        {Stage.REVIEW},
        Stage.PUBLISHED,
        (Party.REVIEWER, Party.CURATOR),
        Need.TEXT,
        Need.OTHER_EYES,
    ),
    _step("send-back", {Stage.REVIEW}, Stage.DRAFT, (Party.REVIEWER, Party.CURATOR), Need.REASON),
    # Whoever imports a batch looks it through and lets it out; a file has been through somebody's hands already.
    _step("release", {Stage.REVIEW}, Stage.PUBLISHED, (Party.IMPORTER,), Need.TEXT),
    # A PMO of one person has nobody to ask. Readers are told that nobody reviewed it.
    _step("publish", {Stage.DRAFT}, Stage.PUBLISHED, (Party.CURATOR,), Need.TEXT, Need.REASON),
    _step("discard", {Stage.DRAFT}, None, _WRITING),
    _step("fall-due", {Stage.PUBLISHED}, Stage.DUE, (Party.TIME,), Need.DATE),
    _step("confirm", _SEEN, Stage.PUBLISHED, (Party.OWNER, Party.REVIEWER, Party.CURATOR)),
    _step("archive", _SEEN, Stage.ARCHIVED, (Party.OWNER, Party.CURATOR), Need.REASON),
    _step("supersede", _SEEN, Stage.ARCHIVED, (Party.OWNER, Party.CURATOR), Need.SUCCESSOR),
    _step("reopen", {Stage.ARCHIVED}, Stage.PUBLISHED, (Party.CURATOR,), Need.REASON),
)
BY_NAME: Final = {transition.name: transition for transition in TRANSITIONS}

# Kinds that are kept alive: somebody should look after them. A report of the past is right for ever.
LIVING_KINDS: Final = frozenset({"methodology", "guide", "template"})
# Months between reviews of a page of such a kind where nobody chose otherwise; PMO practice is yearly.
USUAL_MONTHS: Final = 12
MAX_MONTHS: Final = 60
# A draft that nobody touched for so many days is forgotten.
FORGOTTEN_DAYS: Final = 30

STAGE_NAMES: Final = {
    Stage.DRAFT: N_("Draft"),
    Stage.REVIEW: N_("In review"),
    Stage.PUBLISHED: N_("Published"),
    Stage.DUE: N_("Due for review"),
    Stage.ARCHIVED: N_("Archived"),
}


def stage_of(state: str, review_due: date | None, today: date) -> Stage:
    """The stage of a document whose row has this state."""
    stage = Stage(state)
    due = review_due is not None and review_due <= today
    return Stage.DUE if stage is Stage.PUBLISHED and due else stage


def possible(stage: Stage, parties: Collection[Party]) -> tuple[Transition, ...]:
    """The steps that somebody who is ``parties`` may take from ``stage``, in the order of the table."""
    wrote = Party.WRITER in parties
    return tuple(
        step
        for step in TRANSITIONS
        if stage in step.sources
        and not step.who.isdisjoint(parties)
        and not (wrote and Need.OTHER_EYES in step.needs)
    )


def after_approval(
    reviewers: Collection[str], approved: Collection[str], *, by: str, curator: bool
) -> Stage:
    """Where a version stands after ``by`` approved it too.

    It is published when all who were asked have approved, or when a curator who was not asked does it for them.
    """
    missing = set(reviewers) - set(approved) - {by}
    stands_in = curator and by not in reviewers
    return Stage.REVIEW if missing and not stands_in else Stage.PUBLISHED


def next_review(start: date, months: int | None) -> date | None:
    """The day of the next review, ``months`` after ``start``; None where none is wanted.

    A day the month does not have becomes its last one.
    """
    if not months:
        return None
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(start.day, last))
