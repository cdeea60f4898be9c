"""Triggers that let the audit log only grow: a row is never changed, and only what was forgotten may go.

They guard against mistakes of programs, ours included. Whoever owns the database can drop them; what such a person
changes breaks the chain of hashes. SQLite drops a table's triggers with the table: a migration that makes
``audit_entries`` or ``audit_anchors`` anew must call :func:`guard` again.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.engine import Connection

_REFUSED: Final = "the audit log only grows"
# May go: rows up to the newest anchor, which retention writes first.
_FORGOTTEN: Final = "OLD.id <= COALESCE((SELECT MAX(upto) FROM audit_anchors), 0)"

_SQLITE: Final = (
    f"""CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    f"""CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries WHEN NOT ({_FORGOTTEN})
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    f"""CREATE TRIGGER audit_anchors_stay BEFORE UPDATE ON audit_anchors
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
    f"""CREATE TRIGGER audit_anchors_last BEFORE DELETE ON audit_anchors
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",
)
_POSTGRESQL: Final = (
    f"""CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""",
    f"""CREATE OR REPLACE FUNCTION audit_forget() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF {_FORGOTTEN} THEN RETURN OLD; END IF; RAISE EXCEPTION '{_REFUSED}'; END $$""",
    """CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_forget()""",
    """CREATE TRIGGER audit_anchors_stay BEFORE UPDATE OR DELETE ON audit_anchors
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
)


def guard(connection: Connection) -> None:
    """Set the triggers up, in the migration that makes the tables."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)
