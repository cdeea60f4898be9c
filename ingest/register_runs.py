"""One import of a register, from the kept file to its result; see the four steps in :mod:`ingest.registers`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ingest.limits import DEFAULT_LIMITS
from ingest.register_checks import Checked, check_rows, refusals
from ingest.register_columns import guess_columns, header_row, headers
from ingest.register_tables import Table, read_tables
from ingest.registers import Keep, Problem, RegisterKind, RowOutcome
from kb.access import Actor
from kb.database import Database
from kb.known_names import known_names

OUTCOMES: Final = ("added", "updated", "unchanged", "refused")


@dataclass(frozen=True, slots=True)
class Run:
    """What an import did, or, as a dry run, would do.

    Attributes:
        counts: rows by outcome (:data:`OUTCOMES`); a refused row may have several problems.
        problems: in the order of the rows.
        outcomes: of the rows that were handed to the subject.
        kept: True when something was written, or nothing had to be.
        checked: the table as it was read.
    """

    counts: Mapping[str, int]
    problems: list[Problem]
    outcomes: list[RowOutcome]
    kept: bool
    checked: Checked


@dataclass(frozen=True, slots=True)
class Choice:
    """Which table of a file, which row of it holds the headers, and which column holds which field."""

    sheet: int = 0
    header: int = 0
    columns: Mapping[str, int] | None = None


def first_choice(
    kind: RegisterKind, tables: list[Table], database: Database, actor: Actor
) -> Choice:
    """The table of a file that looks most like this register, its header and its columns."""
    names = known_names(database, actor)
    choices = []
    for number, table in enumerate(tables):
        header = header_row(kind.schema, table)
        guesses = guess_columns(kind.schema, table, header, names)
        told = {name: guess.column for name, guess in guesses.items()}
        sure = sum(guess.why == "header" for guess in guesses.values())
        choices.append((sure, len(told), -number, Choice(number, header, told)))
    return max(choices, key=lambda each: each[:3])[3]


def run(
    kind: RegisterKind,
    database: Database,
    actor: Actor,
    tables: list[Table],
    choice: Choice,
    *,
    keep: Keep,
    language: str = "en",
) -> Run:
    """Read the rows and hand the good ones to the subject.

    With :attr:`Keep.ALL` and a row that cannot be read, nothing is written, and the others are told as they would have
    been.

    Raises:
        NotAllowed: the actor may not import this register.
        InvalidInput: a required field has no column.
    """
    actor.must(kind.action)
    table = tables[choice.sheet]
    columns = choice.columns or {}
    checked = check_rows(
        kind.schema,
        table,
        choice.header,
        columns,
        names=known_names(database, actor),
        language=language,
    )
    really = Keep.NOTHING if keep is Keep.ALL and checked.problems else keep
    outcomes = list(kind.put(actor, checked.rows, really))
    shown = headers(table, choice.header)
    refused = list(refusals(outcomes, shown, columns))
    counts = Counter(dict.fromkeys(OUTCOMES, 0))
    counts.update(each.outcome for each in outcomes)
    counts["refused"] += checked.total - len(checked.rows)
    kept = keep is not Keep.NOTHING and not (keep is Keep.ALL and counts["refused"])
    return Run(
        counts=dict(counts),
        problems=sorted([*checked.problems, *refused], key=lambda problem: problem.row),
        outcomes=outcomes,
        kept=kept,
        checked=checked,
    )


def import_file(
    kind: RegisterKind, database: Database, actor: Actor, path: Path, *, keep: Keep = Keep.ALL
) -> Run:
    """Import a file as it is guessed, for a program that knows what the file holds.

    Raises:
        FileRefused, InvalidInput: it cannot be read as this register.
        NotAllowed: the actor may not import it.
    """
    tables = read_tables(path, path.name, DEFAULT_LIMITS)
    return run(
        kind, database, actor, tables, first_choice(kind, tables, database, actor), keep=keep
    )
