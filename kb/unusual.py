"""What is unusual: far more refused requests, failed sign-ins, readings or exports than work brings with it.

Nothing is watched that is not in the audit log anyway. Its rows of the last hour (a setting) are added up by user, or
by address where nobody had signed in, and as a whole; who goes beyond a threshold is written to the log once in that
time, and administrators are told on the site and by mail.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.access import SYSTEM, Action, Actor, Role
from kb.auditing import record_audit
from kb.database import Database
from kb.models import AuditEntry, AuditName, User, utc_now
from kb.models.audit import BY_SYSTEM, Detail
from kb.notifying import notify
from kb.refusals import ACTION

ALERT: Final = "alert"
# What an alert is about.
REFUSED: Final = "refused"
READ: Final = "read"
PLACE: Final = "place"  # subject of an alert about an address
EVERYWHERE: Final = "installation"  # subject of an alert about all together
# All together may bring so many times what one user or address may: guessing from many places is noticed too.
TOGETHER: Final = 5
# Happens to everybody whose session has ended, so it is written down and alarms nobody.
_ORDINARY: Final = f"{ACTION}sign-in-needed"
_SIGN_IN_FAILED: Final = "sign-in-failed"
_READINGS: Final = ("see", "export")
_EVERY_SECONDS: Final = 60.0
# Of who was refused most, so many are shown.
_MOST_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many on it is unusual, for one user or address within ``minutes``; 0 is never.

    Attributes:
        refusals: refused requests and failed sign-ins.
        readings: readings of what is not for everyone, and exports.
    """

    minutes: int
    refusals: int
    readings: int


@dataclass(frozen=True, slots=True)
class Lately:
    """What was refused or taken out within the last hours.

    Attributes:
        hours: how many.
        actions: action of the log and how often, the most frequent first.
        sources: sign-in name (empty for nobody), address, and how often refused; the most frequent first.
        alerts: how many there were.
    """

    hours: int
    actions: tuple[tuple[str, int], ...]
    sources: tuple[tuple[str, str, int], ...]
    alerts: int


@dataclass(frozen=True, slots=True)
class _Deeds:
    """Rows of the log that say the same: by whom, from where, which action, and how often."""

    by: str
    place: str
    action: str
    count: int

    @property
    def about(self) -> str:
        """What an alert about them would be about; empty where they are ordinary."""
        if self.action in _READINGS:
            return READ
        return "" if self.action in {_ORDINARY, ALERT} else REFUSED

    @property
    def source(self) -> tuple[str, str]:
        """Subject and thing of an alert about whoever did them."""
        nobody = self.by in {"", BY_SYSTEM}
        return (PLACE, self.place) if nobody else ("user", self.by)


class Unusual:
    """Looks through what was written to the audit log lately."""

    def __init__(
        self, database: Database, thresholds: Thresholds, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Look at the log in ``database``; ``now`` is the clock."""
        self._database = database
        self._thresholds = thresholds
        self._now = now

    def look(self) -> int:
        """Tell administrators of what is unusual and was not told within the same time; returns how many alerts."""
        since = self._now() - timedelta(minutes=self._thresholds.minutes)
        with self._database.read() as session:
            deeds = _deeds(session, since)
            found = self._beyond(deeds)
            if found:
                found -= _told(session, since)
                # Whoever was erased meanwhile has no name left to be told by.
                found = {
                    key for key in found if key[0] != "user" or _as_named(session, key[1]) != key[1]
                }
        if not found:
            return 0
        with self._database.write() as session:
            last = session.scalar(select(func.max(AuditEntry.id))) or 0
            for subject, thing, about in sorted(found):
                named = _as_named(session, thing)
                detail: Detail = {"about": about, "minutes": self._thresholds.minutes}
                record_audit(session, SYSTEM, ALERT, subject, named, detail)
        self._tell(last)
        return len(found)

    def lately(self, actor: Actor, hours: int = 24) -> Lately:
        """What was refused, read or taken out within the last ``hours``.

        Raises:
            NotAllowed: the actor is no administrator.
        """
        actor.must(Action.SEE_AUDIT)
        with self._database.read() as session:
            deeds = _deeds(session, self._now() - timedelta(hours=hours))
            actions, sources = Counter[str](), Counter[tuple[str, str]]()
            for each in deeds:
                actions[each.action] += each.count
                if each.about == REFUSED:
                    sources["" if each.by == BY_SYSTEM else each.by, each.place] += each.count
            alerts = actions.pop(ALERT, 0)
            return Lately(
                hours,
                tuple(actions.most_common()),
                tuple(
                    (_as_named(session, by), place, count)
                    for (by, place), count in sources.most_common(_MOST_SHOWN)
                ),
                alerts,
            )

    def run(self, stop: threading.Event) -> None:
        """Look once a minute until ``stop`` is set."""
        while not stop.wait(_EVERY_SECONDS):
            self.look()

    def _beyond(self, deeds: Iterable[_Deeds]) -> set[tuple[str, str, str]]:
        most = {REFUSED: self._thresholds.refusals, READ: self._thresholds.readings}
        counted = Counter[tuple[str, str, str]]()
        for each in deeds:
            if each.about and most[each.about]:
                counted[(*each.source, each.about)] += each.count
        found = {key for key, count in counted.items() if count >= most[key[2]]}
        # That many users read much is a working day; that many are refused a little is not.
        rest = sum(
            count for key, count in counted.items() if key[2] == REFUSED and key not in found
        )
        if rest >= TOGETHER * most[REFUSED] > 0:
            found.add((EVERYWHERE, "", REFUSED))
        return found

    def _tell(self, last: int) -> None:
        """Notify administrators of the alerts after row ``last``, by their numbers, which they have only now."""
        with self._database.write() as session:
            users = session.scalars(
                select(User.id).where(User.role == Role.ADMINISTRATOR.value, User.active)
            ).all()
            alerts = select(AuditEntry).where(AuditEntry.action == ALERT, AuditEntry.id > last)
            for row in session.scalars(alerts.order_by(AuditEntry.id)):
                title = row.thing if row.subject == PLACE else f"#{row.id}"
                notify(session, users, "unusual", "alert", row.id, title, SYSTEM)


def _deeds(session: Session, since: datetime) -> list[_Deeds]:
    watched = or_(
        AuditEntry.action.startswith(ACTION, autoescape=True),
        AuditEntry.action.in_((_SIGN_IN_FAILED, ALERT, *_READINGS)),
    )
    counted = Counter[tuple[str, str, str]]()
    columns = (AuditEntry.by, AuditEntry.place, AuditEntry.action, AuditEntry.detail)
    for by, place, action, detail in session.execute(
        select(*columns).where(AuditEntry.at >= since, watched)
    ):
        refused = action.startswith(ACTION)
        counted[by, place, action] += json.loads(detail)["count"] if refused else 1
    return [_Deeds(*key, count) for key, count in counted.items()]


def _told(session: Session, since: datetime) -> set[tuple[str, str, str]]:
    rows = select(AuditEntry.subject, AuditEntry.thing, AuditEntry.detail).where(
        AuditEntry.action == ALERT, AuditEntry.at >= since
    )
    return {
        (subject, thing, json.loads(detail)["about"])
        for subject, thing, detail in session.execute(rows)
    }


def _as_named(session: Session, token: str) -> str:
    """The sign-in name behind a token of the log; anything else, and the token of somebody erased, as it is."""
    name = session.scalar(select(AuditName.user_id).where(AuditName.token == token))
    return name if name is not None else token
