"""Imports of registers on their way: one file each, kept with what was chosen for it until it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, Conflict, NotFound
from kb.files import register_file
from kb.models import RegisterImport, utc_now

# Imports listed to go on with.
_LISTED: Final = 20
# After this long a claim is left over from a process that ended.
_CLAIM: Final = timedelta(minutes=10)
# Problems kept with a finished import; its file is kept too, so the others can be found again.
MOST_PROBLEMS: Final = 2_000


class RegisterImports:
    """Use cases around imports of registers; every method is one transaction.

    An import is seen by whoever began it and by administrators; which register somebody may import is decided where its
    rows are put.
    """

    def __init__(self, database: Database) -> None:
        """Keep imports in ``database``."""
        self._database = database

    def begin(self, actor: Actor, kind: str, file: tuple[str, str, int]) -> int:
        """Record a file that was kept in the file store; the id of its import.

        Args:
            actor: whoever brought it.
            kind: name of the register.
            file: its name, SHA-256 and size in bytes.
        """
        name, sha256, size = file
        with self._database.write() as session:
            register_file(session, sha256, size, "application/octet-stream")
            row = RegisterImport(
                kind=kind, by=actor.id, file_name=name[-400:], sha256=sha256, size=size
            )
            session.add(row)
            session.flush()
            return row.id

    def get(self, actor: Actor, import_id: int) -> RegisterImport:
        """One import.

        Raises:
            NotFound: it is not there, or somebody else's.
        """
        with self._database.read() as session:
            return _own(session, actor, import_id)

    def open(self, actor: Actor, kind: str) -> Sequence[RegisterImport]:
        """Imports of this register that the actor began and did not finish, and those done last; the newest first."""
        with self._database.read() as session:
            return session.scalars(
                select(RegisterImport)
                .where(
                    RegisterImport.kind == kind,
                    RegisterImport.by == actor.id,
                    RegisterImport.state != "cancelled",
                )
                .order_by(RegisterImport.id.desc())
                .limit(_LISTED)
            ).all()

    def choose(
        self,
        actor: Actor,
        import_id: int,
        place: tuple[int, int],
        columns: Mapping[str, int],
        *,
        confirmed: bool,
    ) -> None:
        """Note which column holds which field.

        Args:
            actor: whoever began the import.
            import_id: of the import.
            place: number of the sheet, and of the row with the headers, both from 0.
            columns: number of the column of each field that has one.
            confirmed: False for a guess that waits for a person.

        Raises:
            NotFound: it is not there, or somebody else's.
            Conflict: it was imported or given up already.
        """
        with self._database.write() as session:
            row = _open(session, actor, import_id)
            row.sheet, row.header_row = place
            row.columns = dict(columns)
            row.state = "checked" if confirmed else "columns"

    def claim(self, actor: Actor, import_id: int) -> RegisterImport:
        """Take an import to put its rows, so that a button pressed twice puts them once; give it back or finish it.

        Raises:
            NotFound: it is not there, or somebody else's.
            Conflict: it was imported or given up already, or is being imported now.
        """
        with self._database.write() as session:
            row = _open(session, actor, import_id)
            fresh = row.finished_at is not None and utc_now() - row.finished_at < _CLAIM
            if row.state == "columns" or (row.state == "running" and fresh):
                raise Conflict(what=row.file_name)
            row.state, row.finished_at = "running", utc_now()
            return row

    def release(self, actor: Actor, import_id: int) -> None:
        """Give a claimed import back, of which nothing was written.

        Raises:
            NotFound: it is not there, or somebody else's.
            Conflict: it was imported or given up already.
        """
        with self._database.write() as session:
            row = _open(session, actor, import_id)
            row.state, row.finished_at = "checked", None

    def finish(
        self,
        actor: Actor,
        import_id: int,
        keep: str,
        counts: Mapping[str, int],
        problems: Sequence[Mapping[str, Any]],
    ) -> None:
        """Note what an import did.

        Raises:
            NotFound: it is not there, or somebody else's.
            Conflict: it was imported or given up already.
        """
        with self._database.write() as session:
            row = _open(session, actor, import_id)
            row.state, row.keep = "done", keep
            row.counts = dict(counts)
            row.problems = [dict(problem) for problem in problems[:MOST_PROBLEMS]]
            row.finished_at = utc_now()

    def cancel(self, actor: Actor, import_id: int) -> None:
        """Give an import up; nothing of it was written.

        Raises:
            NotFound: it is not there, or somebody else's.
            Conflict: it was imported or given up already.
        """
        with self._database.write() as session:
            row = _open(session, actor, import_id)
            row.state, row.finished_at = "cancelled", utc_now()


def _own(session: Session, actor: Actor, import_id: int) -> RegisterImport:
    row = session.get(RegisterImport, import_id)
    may_see_all = actor.sees_all or Action.ADMINISTER in actor.actions
    if row is None or (row.by != actor.id and not may_see_all):
        raise NotFound(what=N_("import of a register"), id=import_id)
    return row


def _open(session: Session, actor: Actor, import_id: int) -> RegisterImport:
    row = _own(session, actor, import_id)
    if row.state in {"done", "cancelled"}:
        raise Conflict(what=row.file_name)
    return row
