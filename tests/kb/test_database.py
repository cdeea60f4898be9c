"""Transactions: readers see one state, writers queue, nothing is half written."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kb.database import Database
from kb.errors import DataFolderError
from kb.models import Base, DocumentSection, Milestone


def test_the_migrations_build_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []


def test_sqlite_runs_with_wal_and_foreign_keys(database: Database) -> None:
    with database.read() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_row_without_its_document_is_refused(database: Database) -> None:
    orphan = DocumentSection(document_id=99, position=0, level=0, heading="", anchor="", text="无")
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(orphan)


def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def fail_half_way() -> None:
        with database.write() as session:
            session.add(Milestone(name="半途 half"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database.read() as session:
        assert session.scalars(select(Milestone)).all() == []


def test_a_reader_goes_on_while_somebody_writes_and_sees_the_state_it_began_with(
    database: Database,
) -> None:
    with database.write() as writing:
        writing.add(Milestone(name="一"))
        writing.flush()
        with database.read() as reading:
            assert reading.scalars(select(Milestone)).all() == []
    with database.read() as reading:
        assert len(reading.scalars(select(Milestone)).all()) == 1


def test_many_writers_at_once_all_succeed(database: Database) -> None:
    failures: list[Exception] = []

    def write(name: str) -> None:
        try:
            with database.write() as session:
                # The read before the write is what makes two ordinary SQLite transactions deadlock.
                session.scalars(select(Milestone)).all()
                session.add(Milestone(name=name))
        except Exception as error:  # noqa: BLE001  collected for the assertion
            failures.append(error)

    threads = [threading.Thread(target=write, args=(f"里程碑{n}",)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert (failures, len(session.scalars(select(Milestone)).all())) == ([], 12)


def test_a_database_that_cannot_be_written_says_so_in_a_sentence(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.commit()
    with pytest.raises(DataFolderError, match="cannot be used"), database.write() as session:
        session.add(Milestone(name="x"))
