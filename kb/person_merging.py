"""Two people who are one: what points to the one points to the other afterwards, and back if that was wrong."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Table, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.access import Action, Actor
from kb.database import Database
from kb.errors import N_, Conflict, InvalidInput, NotFound
from kb.models import (
    Base,
    PeopleApart,
    Person,
    PersonMerge,
    PersonName,
    record_change,
    utc_now,
)
from kb.person_matching import refresh_keys, relink
from kb.person_rows import SUBJECT, add_name

# What the kept entry takes from the other where it says nothing itself.
_FILLED: Final = (
    "name_zh",
    "name_en",
    "department",
    "title",
    "place",
    "email",
    "phone",
    "chat",
    "availability",
    "availability_note",
    "since",
    "photo_sha256",
    "user_id",
)
# Rows of these tables follow from others, or are the record of merging itself.
_DERIVED: Final = frozenset({"person_keys", "document_people", "person_merges", "people_apart"})


class PersonMerging:
    """Use cases around people who are in the register twice; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Work on ``database``."""
        self._database = database

    def merge(self, actor: Actor, merged_id: int, into_id: int) -> int:
        """Make one entry part of another, which keeps what it says; return the number of the merge.

        Certificates, topics, decisions and whatever else points to the merged person is moved; names, handle and e-mail
        address lead to the other from now on; the row stays, so that its address leads on.

        Raises:
            NotAllowed: the actor may not curate people.
            NotFound: one of them is not there.
            InvalidInput: both are the same.
        """
        actor.must(Action.CURATE_PEOPLE)
        if merged_id == into_id:
            raise InvalidInput(field=N_("person"), reason=N_("both are the same"))
        with self._database.write() as session:
            merged, into = _person(session, merged_id), _person(session, into_id)
            moved = {
                f"{table.name}.{column.name}": rows
                for table, column in _pointing()
                if (rows := _move(session, table, column, (merged_id, into_id)))
            }
            known = set(
                session.scalars(select(PersonName.id).where(PersonName.person_id == into_id))
            )
            for name in (merged.name_zh, merged.name_en, merged.handle, merged.email):
                if name not in {"", into.name_zh, into.name_en, into.handle, into.email}:
                    add_name(session, actor, into_id, name)
            named = set(
                session.scalars(select(PersonName.id).where(PersonName.person_id == into_id))
            )
            said = {name: getattr(merged, name) for name in _FILLED}
            filled = [name for name in _FILLED if said[name] and not getattr(into, name)]
            if said["user_id"] and "user_id" in filled:
                merged.user_id = None
                session.flush()
            for name in filled:
                setattr(into, name, said[name])
            merged.merged_into = into_id
            row = PersonMerge(
                merged_id=merged_id,
                into_id=into_id,
                moved={
                    "rows": moved,
                    "filled": filled,
                    "names": sorted(named - known),
                    "user_id": said["user_id"],
                },
                by=actor.id,
            )
            session.add(row)
            _changed(session, actor, merged, into)
            return row.id

    def undo(self, actor: Actor, merge_id: int) -> int:
        """Take a merge back; return the id of the person who is there again.

        Raises:
            NotAllowed: the actor may not curate people.
            NotFound: there was no such merge.
            Conflict: it was taken back already, or the kept entry was itself merged meanwhile.
        """
        actor.must(Action.CURATE_PEOPLE)
        with self._database.write() as session:
            row = session.get(PersonMerge, merge_id)
            if row is None:
                raise NotFound(what=N_("merge"), id=merge_id)
            merged, into = session.get(Person, row.merged_id), session.get(Person, row.into_id)
            if merged is None or into is None or row.undone_at or into.merged_into is not None:
                raise Conflict(what=N_("merge"))
            for place, keys in row.moved["rows"].items():
                table_name, column_name = place.split(".")
                table = Base.metadata.tables[table_name]
                _move_back(session, table, table.columns[column_name], keys, merged.id)
            for name in row.moved["filled"]:
                setattr(into, name, None if name in {"user_id", "photo_sha256", "since"} else "")
            for number in row.moved["names"]:
                name_row = session.get(PersonName, number)
                if name_row is not None:
                    session.delete(name_row)
            session.flush()
            merged.user_id = row.moved["user_id"]
            merged.merged_into, row.undone_at = None, utc_now()
            _changed(session, actor, merged, into)
            return merged.id

    def apart(self, actor: Actor, one_id: int, other_id: int) -> None:
        """Remember that two people who look like one are two.

        Raises:
            NotAllowed: the actor may not curate people.
            NotFound: one of them is not there.
        """
        actor.must(Action.CURATE_PEOPLE)
        first, second = sorted((one_id, other_id))
        with self._database.write() as session:
            _person(session, first)
            _person(session, second)
            if session.get(PeopleApart, (first, second)) is None:
                session.add(PeopleApart(first_id=first, second_id=second, by=actor.id))


def _person(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or person.merged_into is not None:
        raise NotFound(what="person", id=person_id)
    return person


def _changed(session: Session, actor: Actor, merged: Person, into: Person) -> None:
    for person in (merged, into):
        person.revision += 1
        person.updated_at = utc_now()
    session.flush()
    for person in (merged, into):
        refresh_keys(session, person)
    relink(session)
    gone = merged.merged_into is not None
    record_change(session, actor, SUBJECT, merged.id, "remove" if gone else "store")
    record_change(session, actor, SUBJECT, into.id, "store")
    session.flush()


def _pointing() -> list[tuple[Table, Column[Any]]]:
    """Every column of every table that names a person and is no consequence of names."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        if table.name not in _DERIVED
        for column in table.columns
        if any(key.column.table.name == "people" for key in column.foreign_keys)
    ]


def _move(
    session: Session, table: Table, column: Column[Any], ids: tuple[int, int]
) -> list[dict[str, Any]]:
    """Point the rows of a table from one person to another; the keys of those that were, as they are now.

    A row that the other has already (what both say of one topic) stays where it is.
    """
    before, after = ids
    keys = list(table.primary_key.columns)
    moved = []
    for row in session.execute(select(*keys).where(column == before)).all():
        same = [one == value for one, value in zip(keys, row, strict=True)]
        try:
            with session.begin_nested():
                session.execute(update(table).where(*same).values({column.name: after}))
        except IntegrityError:
            continue
        now = {key.name: value for key, value in zip(keys, row, strict=True)}
        moved.append(now | ({column.name: after} if column.primary_key else {}))
    return moved


def _move_back(
    session: Session, table: Table, column: Column[Any], keys: list[dict[str, Any]], to: int
) -> None:
    for key in keys:
        same = [table.columns[name] == value for name, value in key.items()]
        session.execute(update(table).where(*same).values({column.name: to}))
