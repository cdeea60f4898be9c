"""The audit log grows by itself, holds together, and says no names."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from kb.access import SYSTEM, Actor, Role, anonymous
from kb.auditing import acting_from, record_audit
from kb.database import Database
from kb.models import AuditEntry, AuditName, Milestone, audit, record_change

LI = Actor("li.na", "李娜", Role.CURATOR)
WEI = Actor("chén.wěi", "Chén Wěi 𠮷", Role.READER)


def rows(database: Database) -> list[AuditEntry]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def names(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.token: row.user_id for row in session.scalars(select(AuditName))}


def test_what_was_done_is_told_with_who_and_from_where_and_without_names(
    database: Database,
) -> None:
    with acting_from("2001:db8::7"), database.write() as session:
        record_change(session, LI, "document", 12, "store")
        record_audit(
            session, LI, "export", "search", "问 risk 🚀", {"rows": 3, "kinds": ["lesson"]}
        )
    with database.write() as session:
        record_audit(session, SYSTEM, "set-role", "user", WEI.id, {"role": "reader"})
        record_audit(session, anonymous(Role.NONE), "sign-in-failed", "sign-in", "")
        record_change(session, LI, "document", 12, "glossary")  # only its words are cut anew
    told = rows(database)
    tokens = {user: token for token, user in names(database).items()}
    assert [(row.id, row.place, row.action, row.subject, row.thing) for row in told] == [
        (1, "2001:db8::7", "store", "document", "12"),
        (2, "2001:db8::7", "export", "search", "问 risk 🚀"),
        (3, "terminal", "set-role", "user", tokens[WEI.id]),
        (4, "terminal", "sign-in-failed", "sign-in", ""),
    ]
    assert [row.by for row in told] == [tokens[LI.id], tokens[LI.id], "system", ""]
    everything = "".join(f"{row.by}{row.thing}{row.detail}" for row in told)
    assert LI.id not in everything
    assert WEI.id not in everything


def test_each_row_carries_the_hash_of_the_one_before(database: Database) -> None:
    for number in range(3):
        with database.write() as session:
            record_audit(session, LI, "store", "lesson", number)
            record_audit(session, WEI, "see", "lesson", number)
    told = rows(database)
    assert [row.before for row in told] == [audit.GENESIS, *(row.hash for row in told[:-1])]
    assert all(audit.hash_of(row) == row.hash for row in told)
    assert len({row.hash for row in told}) == 6


def test_what_is_taken_back_was_never_done(database: Database) -> None:
    def fails() -> None:
        with database.write() as session:
            record_audit(session, LI, "store", "lesson", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with database.write() as session:
        record_audit(session, LI, "store", "lesson", 2)
        with session.begin_nested():
            session.add(Milestone(name="a savepoint 存点"))
    assert [(row.id, row.thing) for row in rows(database)] == [(1, "2")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET by = 'somebody else'",
        "DELETE FROM audit_entries",
        "UPDATE audit_anchors SET hash = 'x'",
        "DELETE FROM audit_anchors",
    ],
)
def test_the_database_refuses_to_change_the_log(database: Database, statement: str) -> None:
    with database.write() as session:
        record_audit(session, LI, "store", "document", 1)
        session.execute(
            text("INSERT INTO audit_anchors (upto, hash, at) VALUES (0, 'y', '2026-01-01')")
        )
    with pytest.raises(IntegrityError, match="only grows"), database.write() as session:
        session.execute(text(statement))
    assert len(rows(database)) == 1


def test_writers_at_once_make_one_chain(database: Database) -> None:
    def write(number: int) -> None:
        for _ in range(5):
            with database.write() as session:
                record_audit(session, (LI, WEI)[number % 2], "store", "document", number)

    _at_once(write, 4)
    told = rows(database)
    assert [row.id for row in told] == list(range(1, 21))
    assert [row.before for row in told[1:]] == [row.hash for row in told[:-1]]
    assert len(names(database)) == 2


def _at_once(work: Callable[[int], None], number: int) -> None:
    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
