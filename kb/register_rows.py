"""Rows of a register on their way into a subject, and what became of each.

A register is somebody's spreadsheet: one row a project, a lesson, a person, a question. :mod:`ingest.registers` turns
its cells into :class:`RegisterRow`; a subject takes them all in one transaction and says for each what became of it::

    def put(self, actor: Actor, rows: Sequence[RegisterRow], keep: Keep = Keep.ALL) -> list[RowOutcome]:
        actor.must(Action.CURATE)
        with put_rows(self._database, keep) as (session, outcomes):
            for row in rows:
                outcomes.append(_put_one(session, actor, row))
        return outcomes

:func:`put_rows` decides at its end, by ``keep`` and the outcomes, whether the transaction is kept. The dry run is the
same method with :attr:`Keep.NOTHING`: what it says is what an import would do, because it has done it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as made
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NoReturn

from sqlalchemy.orm import Session

from kb.database import Database

# What a cell became: a choice, a person or a project is a text (stored word, handle, code).
Value = str | date | Decimal | tuple[str, ...]
Outcome = Literal["added", "updated", "unchanged", "refused"]


class Keep(StrEnum):
    """What is kept of rows that were put."""

    NOTHING = "nothing"  # a dry run: everything is done and taken back
    GOOD = "good"  # all but the refused rows
    ALL = "all"  # all rows, or none when one is refused


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One row of a register.

    Attributes:
        number: the row in the file as a spreadsheet program numbers it, from 1.
        values: what its cells hold, by the name of the field. A field that has no column, or whose cell is empty, is
            not in it: what is known already stays as it is.
    """

    number: int
    values: Mapping[str, Value]

    def text(self, name: str) -> str:
        """A field's text; empty where the row has none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else ""

    def day(self, name: str) -> date | None:
        """A field's day; None where the row has none."""
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def number_of(self, name: str) -> Decimal | None:
        """A field's number; None where the row has none."""
        value = self.values.get(name)
        return value if isinstance(value, Decimal) else None

    def entries(self, name: str) -> tuple[str, ...]:
        """The entries of a list; empty where the row has none."""
        value = self.values.get(name, ())
        return value if isinstance(value, tuple) else ()


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row.

    Attributes:
        number: of the row, see :class:`RegisterRow`.
        outcome: ``added``, ``updated``, ``unchanged``, or ``refused``, in which case nothing of the row was written.
        id: of the thing in its subject; 0 where the row was refused.
        field: name of the field that is to blame for a refusal; empty where it is the row as a whole.
        reason: why it was refused: a message id with gaps for ``data``.
        advice: what to do now, likewise.
        data: fills the gaps of both.
    """

    number: int
    outcome: Outcome
    id: int = 0
    field: str = ""
    reason: str = ""
    advice: str = ""
    data: Mapping[str, str | int] = made(default_factory=dict)


class _TakenBackError(Exception):
    """Ends a transaction that is not to be kept."""


@contextmanager
def put_rows(database: Database, keep: Keep) -> Iterator[tuple[Session, list[RowOutcome]]]:
    """A transaction for rows: the session, and a list that the caller adds an outcome to for each row.

    At its end the transaction is kept or taken back, as ``keep`` says. Any error takes it back and goes on to the
    caller. A row that is refused must leave no trace in the session: check before writing, or write under
    ``session.begin_nested()``.
    """
    outcomes: list[RowOutcome] = []
    try:
        with database.write() as session:
            yield session, outcomes
            refused = any(each.outcome == "refused" for each in outcomes)
            if keep is Keep.NOTHING or (keep is Keep.ALL and refused):
                _take_back(session)
    except _TakenBackError:
        pass


def _take_back(session: Session) -> NoReturn:
    session.flush()  # what the database refuses is told by a dry run too
    raise _TakenBackError
