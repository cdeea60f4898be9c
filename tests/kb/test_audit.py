"""The audit log is read by administrators, checked by anybody, and forgotten from its old end only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from kb.access import SYSTEM, Actor, Role
from kb.audit import Audit, AuditFilter, Break
from kb.auditing import acting_from, record_audit
from kb.database import Database
from kb.errors import NotAllowed
from kb.models import User, utc_now
from kb.models.audit import AuditAnchor, AuditEntry

LI = Actor("li.na", "李娜", Role.CURATOR)
PMO = Actor("pmo", "Zhou Min", Role.ADMINISTRATOR)


@pytest.fixture
def audit(database: Database) -> Audit:
    """A log of six deeds."""
    with database.write() as session:
        session.add(User(id=LI.id, name=LI.name, role="curator", password_hash=""))
    with acting_from("10.0.0.1"):
        for number in range(1, 4):
            with database.write() as session:
                record_audit(session, LI, "store", "document", number)
    for number in range(1, 3):
        with database.write() as session:
            record_audit(session, PMO, "see", "lesson", number)
    with database.write() as session:
        record_audit(session, PMO, "set-role", "user", LI.id, {"role": "curator"})
    return Audit(database, keep_days=30)


def test_only_administrators_read_the_log(audit: Audit) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR}:
        actor = Actor("x", "X", role)
        for ask in (
            lambda a=actor: audit.entries(a, AuditFilter()),
            lambda a=actor: audit.export(a, AuditFilter()),
            lambda a=actor: audit.actions(a),
        ):
            with pytest.raises(NotAllowed):
                ask()


def test_rows_are_filtered_by_who_what_and_when(audit: Audit) -> None:
    today = utc_now().date()
    table: list[tuple[AuditFilter, list[int]]] = [
        (AuditFilter(), [6, 5, 4, 3, 2, 1]),
        (AuditFilter(user="li.na"), [3, 2, 1]),
        (AuditFilter(user="李娜"), []),
        (AuditFilter(action="see"), [5, 4]),
        (AuditFilter(subject="document", thing="2"), [2]),
        (AuditFilter(subject="user", thing="li.na"), [6]),
        (AuditFilter(first=today + timedelta(days=1)), []),
        (AuditFilter(first=today, last=today), [6, 5, 4, 3, 2, 1]),
        (AuditFilter(last=today - timedelta(days=1)), []),
    ]
    for asked, wanted in table:
        lines, total = audit.entries(PMO, asked)
        assert ([line.id for line in lines], total) == (wanted, len(wanted)), asked
    newest = audit.entries(PMO, AuditFilter(), per_page=1)[0][0]
    assert (newest.by, newest.name, newest.thing, newest.detail) == (
        "pmo",
        "",
        "li.na",
        {"role": "curator"},
    )
    assert [line.id for line in audit.entries(PMO, AuditFilter(), page=2, per_page=4)[0]] == [2, 1]
    first = audit.entries(PMO, AuditFilter(user="li.na"))[0][-1]
    assert (first.name, first.place) == ("李娜", "10.0.0.1")


def test_an_export_is_itself_written_down(audit: Audit) -> None:
    assert [line.id for line in audit.export(PMO, AuditFilter(action="see"))] == [4, 5]
    assert audit.entries(PMO, AuditFilter(action="export"))[1] == 1


TAMPERED: list[tuple[str, list[Break]]] = [
    ("UPDATE audit_entries SET place = '10.0.0.2' WHERE id = 2", [Break(2, "changed")]),
    ("UPDATE audit_entries SET thing = '9' WHERE id = 6", [Break(6, "changed")]),
    ("DELETE FROM audit_entries WHERE id = 3", [Break(3, "missing")]),
    ("DELETE FROM audit_entries WHERE id = 1", [Break(1, "missing")]),
]


@pytest.mark.parametrize(("statement", "breaks"), TAMPERED)
def test_whatever_is_changed_behind_its_back_is_found(
    audit: Audit, database: Database, statement: str, breaks: list[Break]
) -> None:
    before = audit.verify()
    assert (before.rows, before.last, before.breaks) == (6, 6, ())
    with database.write() as session:
        for trigger in ("entries_stay", "entries_last"):
            session.execute(text(f"DROP TRIGGER audit_{trigger}"))
        session.execute(text(statement))
    assert list(audit.verify().breaks) == breaks


def test_a_row_that_is_changed_together_with_its_hash_breaks_the_one_after(
    audit: Audit, database: Database
) -> None:
    with database.write() as session:
        for trigger in ("entries_stay", "entries_last"):
            session.execute(text(f"DROP TRIGGER audit_{trigger}"))
        session.execute(text("UPDATE audit_entries SET hash = 'forged' WHERE id = 3"))
    assert set(audit.verify().breaks) == {Break(3, "changed"), Break(4, "put in")}


def test_what_is_old_is_forgotten_and_the_chain_still_holds(
    audit: Audit, database: Database
) -> None:
    assert audit.forget_old(SYSTEM) == 0
    later = utc_now() + timedelta(days=29)
    assert audit.forget_old(SYSTEM, later) == 0
    assert audit.forget_old(SYSTEM, utc_now() + timedelta(days=31)) == 6
    checked = audit.verify()
    # The forgetting is a deed too.
    assert (checked.forgotten, checked.rows, checked.last, checked.breaks) == (6, 1, 7, ())
    with database.write() as session:
        record_audit(session, LI, "store", "document", 4)
    assert audit.verify().breaks == ()
    with database.read() as session:
        assert session.get(AuditEntry, 6) is None
        anchor = session.get(AuditAnchor, 6)
        following = session.get(AuditEntry, 7)
        assert anchor is not None
        assert following is not None
        assert following.before == anchor.hash
    assert Audit(database, keep_days=0).forget_old(SYSTEM, utc_now() + timedelta(days=9999)) == 0
