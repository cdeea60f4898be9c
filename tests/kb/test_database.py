"""Transactions: readers see one state, writers queue, nothing is half written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

import kb
from kb.database import Database
from kb.errors import DataFolderError
from kb.models import (
    Base,
    Document,
    DocumentPerson,
    DocumentSection,
    DocumentVersion,
    Milestone,
)


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


OLD_ROWS = """
INSERT INTO audiences (id, key) VALUES (1, 'everyone');
INSERT INTO audience_principals (audience_id, principal) VALUES (1, 'everyone');
INSERT INTO projects (id, code, name_zh, name_en, customer, industry, manager, status)
    VALUES (7, 'CL-1', '净水厂 𠮷', 'Water plant', '', '', '', '');
INSERT INTO people (id, handle, name_zh, name_en, department, title, place)
    VALUES (3, 'li.na', '李娜', '', '', '', '');
INSERT INTO documents (id, title, kind, language, body, state, by, audience_id, project_id, version, format,
        original_name, file_metadata, guesses, corrected, ledger, notes, created_at, updated_at)
    VALUES (5, '总结', 'summary', 'zh', '正文', 'published', '', 1, 7, 1, 'md',
        '', '{}', '{}', '[]', '{}', '[]', '2026-01-01 00:00:00', '2026-01-01 00:00:00');
INSERT INTO document_people (document_id, position, name, person_id) VALUES (5, 0, '李娜', 3);
INSERT INTO document_versions (id, document_id, number, title, body, original_name, note, by, at)
    VALUES (1, 5, 1, '总结', '正文', '', '', '', '2026-01-01 00:00:00');
"""


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(kb.__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


@pytest.fixture
def of_the_first_revision(tmp_path: Path) -> Iterator[Database]:
    """A database as the first revision left it, with a document of a project by a person."""
    old = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    with old.engine.connect() as connection:
        command.upgrade(_config(connection), "0001")
        connection.commit()
        connection.connection.driver_connection.executescript(OLD_ROWS)  # type: ignore[union-attr]
    yield old
    old.close()


def test_a_database_with_documents_is_brought_to_the_newest_revision(
    of_the_first_revision: Database,
) -> None:
    of_the_first_revision.migrate()
    with of_the_first_revision.read() as session:
        document = session.get_one(Document, 5, options=[selectinload(Document.project)])
        assert document.project is not None
        assert document.project.name_zh == "净水厂 𠮷"
        assert session.scalars(select(DocumentPerson.person_id)).all() == [3]
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.scalars(select(DocumentVersion.number)).all() == [1]
    with of_the_first_revision.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []


def test_a_database_that_contradicts_itself_is_left_as_it_was(
    of_the_first_revision: Database,
) -> None:
    with of_the_first_revision.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        connection.exec_driver_sql("DELETE FROM people")
        connection.commit()
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")  # type: ignore[union-attr]
    with pytest.raises(DataFolderError, match="document_people"):
        of_the_first_revision.migrate()
    with of_the_first_revision.engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0001"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
