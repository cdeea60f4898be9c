"""The audit log: who did, saw or exported what, when, from where. Rows are added and never changed.

Each row carries the hash of the row before it, so that a row that was changed, taken out or put in breaks the chain.
Triggers of the database refuse changes too (:mod:`kb.migrations.audit_triggers`). What retention forgets is the oldest
part; its last hash is kept as an anchor, from which the chain goes on.

No name stands in the log. A person is a token, and a row of :class:`AuditName` says whose it is: when that row goes,
the deeds stay, the chain holds, and nobody can say any more whose they were.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, Text, event, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.access import SYSTEM, Actor
from kb.models.base import Base, utc_now

# Where deeds come from that are no visitor's: of a command, and of the threads of a server.
TERMINAL: Final = "terminal"
BACKGROUND: Final = "background"
# The address of the visitor that the present thread works for; empty for none.
origin: ContextVar[str] = ContextVar("origin", default="")

# The hash before the first row.
GENESIS: Final = "0" * 64
# What `by` holds for the program itself; somebody who has not signed in is the empty text.
BY_SYSTEM: Final = SYSTEM.id
# A subject whose things are people: their name is a token as well.
USER_SUBJECT: Final = "user"

MAX_PLACE_CHARS: Final = 100
MAX_THING_CHARS: Final = 200
_TOKEN_BYTES: Final = 8
_PENDING: Final = "audit"  # key in the session's own notes
_SEALED: Final = "audit-sealed"  # and of the rows that its commit will have added
# Rows go to this logger too, once they are committed; nobody listens unless KB_SYSLOG says so.
AUDIT_LOG: Final = "qianjian.audit"
_log: Final = logging.getLogger(AUDIT_LOG)
# Any number that no other program on this PostgreSQL server locks: “audit” on a telephone's keys.
_CHAIN_LOCK: Final = 28348

Detail = Mapping[str, str | int | bool | list[str] | None]


class AuditEntry(Base):
    """One deed.

    Attributes:
        id: its place in the chain, without gaps.
        by: token of the user, ``system``, or empty for somebody who had not signed in.
        place: from where: an address, ``terminal`` or ``background``.
        action, subject, thing: what was done to what; ``thing`` is its number, or the token of a user.
        detail: more about it, as JSON; never a name of a person. ``audience``: who could see the thing after the deed.
        before: the hash of the row before this one.
        hash: SHA-256 over all of the above, see :func:`hash_of`.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_thing", "subject", "thing"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    by: Mapped[str] = mapped_column(String(40), index=True)
    place: Mapped[str] = mapped_column(String(MAX_PLACE_CHARS))
    action: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    thing: Mapped[str] = mapped_column(String(MAX_THING_CHARS))
    detail: Mapped[str] = mapped_column(Text, default="{}")
    before: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditName(Base):
    """Whose a token is; without its row the token is a pseudonym that nobody can undo."""

    __tablename__ = "audit_names"

    token: Mapped[str] = mapped_column(String(40), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(100), unique=True)


class AuditAnchor(Base):
    """What was forgotten: everything up to row ``upto``, whose hash was ``hash``."""

    __tablename__ = "audit_anchors"

    upto: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class _Process:
    """From where deeds of this process come that are no visitor's."""

    place = TERMINAL


def usually_from(place: str) -> None:
    """Say where deeds of this process come from that are no visitor's; a command's unless a server says otherwise."""
    _Process.place = place


def present_place() -> str:
    """From where a deed of this thread comes."""
    return (origin.get() or _Process.place)[:MAX_PLACE_CHARS]


@dataclass(frozen=True, slots=True)
class _Deed:
    """What waits for the end of its transaction."""

    by: str
    place: str
    action: str
    subject: str
    thing: str
    detail: Detail


def record_audit(  # noqa: PLR0917  they are told in the order of a sentence
    session: Session,
    actor: Actor,
    action: str,
    subject: str,
    number: int | str,
    detail: Detail | None = None,
) -> None:
    """Write down, in the caller's transaction, that ``actor`` did ``action`` to a thing.

    The row is added at the very end of the transaction: the chain is one for all writers, so it is held as shortly as
    can be, and always after everything else, so that no two transactions can wait for each other.

    Args:
        session: of the caller; nothing is recorded when it rolls back.
        actor: who; from where is what :func:`present_place` says.
        action: one short word in kebab case, such as ``store`` or ``sign-in-failed``.
        subject: what kind of thing, such as ``document``; for ``user`` the number is the sign-in name.
        number: which thing.
        detail: figures and words that say more, no names of people and nothing out of the thing itself.
    """
    if _PENDING not in session.info:
        session.info[_PENDING] = []
        event.listen(session, "before_commit", _seal)
        event.listen(session, "after_commit", _tell)
    session.info[_PENDING].append(
        _Deed(
            by=actor.id,
            place=present_place(),
            action=action,
            subject=subject,
            thing=str(number)[:MAX_THING_CHARS],
            detail=detail or {},
        )
    )


def new_token() -> str:
    """A token for somebody, which says nothing about them."""
    return f"u-{secrets.token_hex(_TOKEN_BYTES)}"


def hash_of(entry: AuditEntry) -> str:
    """SHA-256 over everything a row says and the hash of the row before, as hexadecimal digits."""
    told = [
        entry.id,
        entry.at.isoformat(timespec="microseconds"),
        entry.by,
        entry.place,
        entry.action,
        entry.subject,
        entry.thing,
        entry.detail,
        entry.before,
    ]
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()


def end_of_chain(session: Session) -> tuple[int, str]:
    """Number and hash of the newest row, or of the anchor when all were forgotten, or of the beginning."""
    for number, digest in ((AuditEntry.id, AuditEntry.hash), (AuditAnchor.upto, AuditAnchor.hash)):
        last = session.execute(select(number, digest).order_by(number.desc()).limit(1)).first()
        if last is not None:
            return last[0], last[1]
    return 0, GENESIS


def lock_chain(session: Session) -> None:
    """Let no other transaction add to the chain before this one has ended."""
    # SQLite has one writer at a time anyway.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_CHAIN_LOCK)))


def _seal(session: Session) -> None:
    """Add the rows that wait to the chain; called before each commit, also that of a savepoint."""
    if session.in_nested_transaction() or not session.info.get(_PENDING):
        return
    deeds: list[_Deed] = session.info[_PENDING]
    session.info[_PENDING] = []
    session.flush()
    lock_chain(session)
    number, before = end_of_chain(session)
    tokens: dict[str, str] = {}
    audiences: dict[tuple[str, str], int | None] = {}
    for deed in deeds:
        number += 1
        thing, detail = deed.thing, dict(deed.detail)
        key = (deed.subject, thing)
        if key not in audiences:
            audiences[key] = _audience(session, *key)
        if audiences[key] is not None:
            detail["audience"] = audiences[key]
        if deed.subject == USER_SUBJECT:
            thing = _token(session, tokens, thing)
        row = AuditEntry(
            id=number,
            at=utc_now(),
            by=deed.by if deed.by in {"", BY_SYSTEM} else _token(session, tokens, deed.by),
            place=deed.place,
            action=deed.action,
            subject=deed.subject,
            thing=thing,
            detail=json.dumps(detail, sort_keys=True),
            before=before,
        )
        row.hash = before = hash_of(row)
        session.add(row)
        if _log.isEnabledFor(logging.INFO):
            session.info.setdefault(_SEALED, []).append(_as_line(row))
    session.flush()


def _tell(session: Session) -> None:
    """Send what was just committed to whoever listens."""
    for line in session.info.pop(_SEALED, ()):
        _log.info("%s", line)


def _as_line(row: AuditEntry) -> str:
    """A row as one line of JSON: its pseudonyms, and its hash, by which a copy elsewhere vouches for the log here."""
    told = {
        "number": row.id,
        "at": row.at.isoformat(timespec="milliseconds"),
        "by": row.by,
        "from": row.place,
        "action": row.action,
        "subject": row.subject,
        "thing": row.thing,
        "detail": json.loads(row.detail),
        "hash": row.hash,
    }
    return json.dumps(told)


def _audience(session: Session, subject: str, thing: str) -> int | None:
    """Number of the audience of a thing, as this transaction leaves it: whether it was changed shows in the log."""
    tables = Base.metadata.tables
    table = tables.get(f"{subject}s", tables.get(f"{subject[:-1]}ies"))
    if table is None or "audience_id" not in table.columns or not thing.isdecimal():
        return None
    return session.scalar(select(table.c.audience_id).where(table.c.id == int(thing)))


def _token(session: Session, known: dict[str, str], user_id: str) -> str:
    """The token of a user, made with its first deed."""
    if user_id not in known:
        found = session.scalar(select(AuditName.token).where(AuditName.user_id == user_id))
        if found is None:
            found = new_token()
            session.add(AuditName(token=found, user_id=user_id))
        known[user_id] = found
    return known[user_id]
