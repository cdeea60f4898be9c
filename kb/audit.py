"""The audit log as it is read, checked and, in the end, forgotten. How it is written: :mod:`kb.auditing`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor
from kb.database import Database
from kb.models import AudienceRow, AuditAnchor, AuditEntry, AuditName, User
from kb.models.audit import (
    GENESIS,
    USER_SUBJECT,
    hash_of,
    lock_chain,
    record_audit,
)
from kb.models.base import utc_now

_A_DAY: Final = 24 * 60 * 60.0  # seconds
_AT_ONCE: Final = 2_000  # rows in memory while the whole log is read
# What is wrong is told so often; after a broken row most that follow are fine again, so this is never reached by one.
MAX_BREAKS: Final = 20


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows are asked for; an empty value asks for all.

    Attributes:
        user: a sign-in name, ``system``, or a token.
        action: one action.
        subject: kind of thing, such as ``document``.
        thing: which of them; the sign-in name where the subject is ``user``.
        first, last: days, both included, UTC.
    """

    user: str = ""
    action: str = ""
    subject: str = ""
    thing: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One row as it is shown.

    Attributes:
        by: sign-in name; the token where the person was erased; ``system``, or empty for a visitor.
        name: how ``by`` is shown to people; empty where there is no such user any more.
        thing: number of the thing, or sign-in name of the user, or the token.
        detail: more about it; ``audience`` is the key of who could see the thing after the deed.
    """

    id: int
    at: datetime
    by: str
    name: str
    place: str
    action: str
    subject: str
    thing: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold: ``reason`` is ``changed``, ``missing`` or ``put in``."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What checking the chain found.

    Attributes:
        rows: how many were read.
        forgotten: the last number that retention forgot; 0 for none.
        last: number of the newest row; ``digest`` its hash, worth writing down elsewhere: no row can be taken off the
            end, or the whole log be replaced, without this hash going with it.
        breaks: where the chain does not hold; empty when all is well.
    """

    rows: int
    forgotten: int
    last: int
    digest: str
    breaks: tuple[Break, ...]


class Audit:
    """Use cases around the audit log, for administrators; every method is one transaction unless it says otherwise."""

    def __init__(self, database: Database, keep_days: int) -> None:
        """Read from ``database`` what was done in the last ``keep_days``; 0 keeps everything."""
        self._database = database
        self.keep_days = keep_days

    def entries(
        self, actor: Actor, asked: AuditFilter, *, page: int = 1, per_page: int = 50
    ) -> tuple[list[AuditLine], int]:
        """A page of the rows that are asked for, newest first, and how many there are.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.SEE_AUDIT)
        with self._database.read() as session:
            wanted = _wanted(session, asked)
            total = session.scalar(select(func.count()).select_from(AuditEntry).where(*wanted)) or 0
            rows = session.scalars(
                select(AuditEntry)
                .where(*wanted)
                .order_by(AuditEntry.id.desc())
                .limit(per_page)
                .offset((page - 1) * per_page)
            ).all()
            return _lines(session, rows), total

    def export(self, actor: Actor, asked: AuditFilter) -> Iterator[AuditLine]:
        """All rows that are asked for, oldest first; read little by little, and itself written to the log.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.SEE_AUDIT)
        with self._database.write() as session:
            record_audit(session, actor, "export", "audit", "")
        return self._exported(asked)

    def actions(self, actor: Actor) -> list[str]:
        """Every action that the log holds.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.SEE_AUDIT)
        with self._database.read() as session:
            return sorted(session.scalars(select(AuditEntry.action).distinct()))

    def note(self, actor: Actor, action: str, subject: str, thing: str = "") -> None:
        """Write down a deed that changes nothing in the database."""
        with self._database.write() as session:
            record_audit(session, actor, action, subject, thing)

    def deeds_of(self, user_id: str) -> Iterator[AuditLine]:
        """All that a user did, oldest first; asks nobody's permission."""
        return self._exported(AuditFilter(user=user_id))

    def verify(self) -> Verified:
        """Read the whole log and say where it was tampered with. Several transactions; asks nobody's permission."""
        with self._database.read() as session:
            anchor = session.scalar(select(AuditAnchor).order_by(AuditAnchor.upto.desc()).limit(1))
            newest = session.scalar(select(func.max(AuditEntry.id))) or 0
        number, before = (anchor.upto, anchor.hash) if anchor else (0, GENESIS)
        forgotten, rows, breaks = number, 0, list[Break]()
        for row in self._all(after=number, upto=newest):
            rows += 1
            if row.id != number + 1:
                breaks.append(Break(number + 1, "missing"))
            elif row.before != before:
                breaks.append(Break(row.id, "put in"))
            if hash_of(row) != row.hash:
                breaks.append(Break(row.id, "changed"))
            number, before = row.id, row.hash
        return Verified(rows, forgotten, number, before, tuple(breaks[:MAX_BREAKS]))

    def forget_old(self, actor: Actor, now: datetime | None = None) -> int:
        """Forget what is older than the days to keep, leaving an anchor; returns how many rows went."""
        if not self.keep_days:
            return 0
        limit = (now or utc_now()) - timedelta(days=self.keep_days)
        with self._database.read() as session:
            if _oldest(session, limit) is None:
                return 0
        with self._database.write() as session:
            lock_chain(session)
            last = _oldest(session, limit)
            if last is None:
                return 0
            session.add(AuditAnchor(upto=last.id, hash=last.hash))
            session.flush()
            gone = session.execute(delete(AuditEntry).where(AuditEntry.id <= last.id))
            number = int(gone.rowcount)  # type: ignore[attr-defined]
            record_audit(session, actor, "forget", "audit", last.id, {"rows": number})
        return number

    def run(self, stop: threading.Event) -> None:
        """Forget what is old, now and every day, until ``stop`` is set."""
        while True:
            self.forget_old(SYSTEM)
            if stop.wait(_A_DAY):
                return

    def _exported(self, asked: AuditFilter) -> Iterator[AuditLine]:
        last = 0
        while True:
            with self._database.read() as session:
                rows = session.scalars(
                    select(AuditEntry)
                    .where(*_wanted(session, asked), AuditEntry.id > last)
                    .order_by(AuditEntry.id)
                    .limit(_AT_ONCE)
                ).all()
                lines = _lines(session, rows)
            if not lines:
                return
            yield from lines
            last = lines[-1].id

    def _all(self, *, after: int, upto: int) -> Iterator[AuditEntry]:
        while True:
            with self._database.read() as session:
                rows = session.scalars(
                    select(AuditEntry)
                    .where(AuditEntry.id > after, AuditEntry.id <= upto)
                    .order_by(AuditEntry.id)
                    .limit(_AT_ONCE)
                ).all()
            if not rows:
                return
            yield from rows
            after = rows[-1].id


def _oldest(session: Session, limit: datetime) -> AuditEntry | None:
    """The last row of those at the beginning that are older than ``limit``."""
    # Not simply the highest number before the limit: a clock that was wrong for a while must not take new rows along.
    young = session.scalar(select(func.min(AuditEntry.id)).where(AuditEntry.at >= limit))
    rows = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
    return session.scalar(rows if young is None else rows.where(AuditEntry.id < young))


def _wanted(session: Session, asked: AuditFilter) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if asked.user:
        wanted.append(AuditEntry.by.in_(_tokens(session, asked.user)))
    if asked.action:
        wanted.append(AuditEntry.action == asked.action)
    if asked.subject:
        wanted.append(AuditEntry.subject == asked.subject)
    if asked.thing:
        tokens = _tokens(session, asked.thing)
        wanted.append(
            or_(
                AuditEntry.thing == asked.thing,
                (AuditEntry.subject == USER_SUBJECT) & AuditEntry.thing.in_(tokens),
            )
        )
    if asked.first:
        wanted.append(AuditEntry.at >= datetime.combine(asked.first, time(), UTC))
    if asked.last:
        end = datetime.combine(asked.last, time(), UTC) + timedelta(days=1)
        wanted.append(AuditEntry.at < end)
    return wanted


def _tokens(session: Session, user: str) -> list[str]:
    """What stands in the log for a user who is asked for by sign-in name; a token stands for itself."""
    return [user, *session.scalars(select(AuditName.token).where(AuditName.user_id == user))]


def _lines(session: Session, rows: Sequence[AuditEntry]) -> list[AuditLine]:
    tokens = {row.by for row in rows} | {row.thing for row in rows if row.subject == USER_SUBJECT}
    known = session.execute(
        select(AuditName.token, AuditName.user_id, User.name)
        .outerjoin(User, User.id == AuditName.user_id)
        .where(AuditName.token.in_(tokens))
    ).all()
    details = [json.loads(row.detail) for row in rows]
    numbers = {detail["audience"] for detail in details if "audience" in detail}
    rows_of = session.scalars(select(AudienceRow).where(AudienceRow.id.in_(numbers)))
    audiences = {row.id: row.key for row in rows_of}
    for detail in details:
        if "audience" in detail:
            detail["audience"] = audiences.get(detail["audience"], "")
    users = {token: user_id for token, user_id, _ in known}
    names = {token: name or "" for token, _, name in known}
    return [
        AuditLine(
            id=row.id,
            at=row.at,
            by=users.get(row.by, row.by),
            name=names.get(row.by, ""),
            place=row.place,
            action=row.action,
            subject=row.subject,
            thing=users.get(row.thing, row.thing) if row.subject == USER_SUBJECT else row.thing,
            detail=detail,
        )
        for row, detail in zip(rows, details, strict=True)
    ]
