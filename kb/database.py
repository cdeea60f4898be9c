"""The database: engine, sessions, transactions, migrations. SQLite by default, PostgreSQL by setting.

Two kinds of transaction, so that readers never wait for writers and two writers never deadlock::

    with database.read() as session: ...      # a consistent view, nothing can be written
    with database.write() as session: ...     # commits at the end, rolls back on any error

On SQLite a write begins with ``BEGIN IMMEDIATE``: the second writer waits (up to :data:`BUSY_SECONDS`) before it has
read anything, instead of failing when it upgrades a read lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from kb.errors import DataFolderError

BUSY_SECONDS: Final = 30
NEWEST: Final = "head"  # the revision that this program knows last
_MIGRATIONS: Final = Path(__file__).parent / "migrations"


class Database:
    """One database. Safe to share between threads; each transaction has its own connection."""

    def __init__(self, url: str) -> None:
        """Connect lazily to the SQLAlchemy ``url``; nothing is read or written yet."""
        self.url = url
        self.engine = _create_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state; what it loaded stays usable after it is closed."""
        # Closing rolls back without expiring what was loaded; an explicit rollback would empty every object.
        with self._sessions() as session:
            session.connection(execution_options={"qianjian_write": False})
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when the block raises.

        Raises:
            DataFolderError: the disk is full, read-only, or locked for longer than :data:`BUSY_SECONDS`.
        """
        try:
            with self._sessions() as session:
                session.connection(execution_options={"qianjian_write": True})
                yield session
                session.commit()
        except OperationalError as error:
            raise DataFolderError(path=self.where, reason=str(error.orig)) from error

    def migrate(self) -> None:
        """Bring the tables to the newest revision, all or nothing; does nothing when they are there already.

        Raises:
            DataFolderError: what is there is no database, was made by a newer version of this program, or contradicts
                itself, so that it cannot be brought there.
        """
        try:
            with self.unchecked() as connection:
                before = MigrationContext.configure(connection).get_current_revision()
                self.upgrade(connection, NEWEST)
                after = MigrationContext.configure(connection).get_current_revision()
                if after != before and connection.dialect.name == "sqlite":
                    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                    if broken is not None:
                        reason = f"a row of {broken[0]} names one of {broken[2]} that is not there"
                        raise DataFolderError(path=self.where, reason=reason)
                connection.commit()
        except DatabaseError as error:
            raise DataFolderError(path=self.where, reason=str(error.orig)) from error

    def upgrade(self, connection: Connection, revision: str) -> None:
        """Bring the tables to ``revision`` on a connection of :meth:`unchecked`; the caller commits.

        Raises:
            DataFolderError: the tables, or ``revision``, are of a newer version of this program.
        """
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, revision)
        except CommandError as error:
            reason = "it was made by a newer version of this program"
            raise DataFolderError(path=self.where, reason=reason) from error

    def revision(self) -> str:
        """The revision that the tables have; empty for a database without any."""
        reading = self.engine.execution_options(qianjian_write=False)
        with reading.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision() or ""

    @contextmanager
    def unchecked(self) -> Iterator[Connection]:
        """A connection that does not check foreign keys, for changes of tables; what is not committed is rolled back.

        SQLite changes a table by making it anew, and would not drop the old one while rows point to it.
        """
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            on_sqlite = connection.dialect.name == "sqlite"
            if on_sqlite:  # before anything else: the switch has no effect within a transaction
                driver.execute("PRAGMA foreign_keys=OFF")
            try:
                yield connection
            finally:
                connection.rollback()  # what was not committed
                if on_sqlite:
                    driver.execute("PRAGMA foreign_keys=ON")

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    @property
    def where(self) -> str:
        """Where the database is, without its password."""
        return self.engine.url.render_as_string(hide_password=True)


def _create_engine(url: str, busy_seconds: float = BUSY_SECONDS) -> Engine:
    if not url.startswith("sqlite"):
        return _without_nul(create_engine(url, pool_pre_ping=True))
    engine = create_engine(url, connect_args={"timeout": busy_seconds})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transaction handling begins too late and never IMMEDIATE; we begin ourselves, below.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("qianjian_write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _without_nul(engine: Engine) -> Engine:
    """Let texts reach a database that cannot hold NUL with the sign for what could not be read in its place.

    People do not type it, but whoever tries things out sends it in any field, and none of them has to look for it.
    """

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def _clean(
        _connection: Connection, _cursor: object, statement: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        return statement, storable(parameters)

    return engine


def storable(parameters: Any) -> Any:
    """Parameters of a statement (or of several) without NUL in any text; other values are the same objects."""
    if isinstance(parameters, str):
        return parameters.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if isinstance(parameters, dict):
        return {name: storable(value) for name, value in parameters.items()}
    if isinstance(parameters, list | tuple):
        return type(parameters)(storable(value) for value in parameters)
    return parameters
