"""Requests that were refused, counted before they are written, so that a flood of them cannot fill the audit log.

Counting touches no database: whoever floods the site costs it a line in memory. Once a minute what was counted becomes
one row for each kind, user and address, with the routes that were asked for. Which things were asked for is in no
row: only an administrator reads the log, but what somebody may not know of is not named in it for nothing either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from kb.access import Actor, Role
from kb.auditing import acting_from, record_audit
from kb.database import Database

# Why a request was refused; the names stand in the log, and for people in web.audit_labels.
KINDS: Final = frozenset(
    {
        "sign-in-needed",  # by somebody who had not signed in
        "bad-token",  # unknown, expired or revoked
        "not-allowed",
        "foreign-site",  # a form on another site's page
        "not-found",  # nothing there, or not for whoever asked
        "wrong-method",
        "wrong-type",  # a body of a kind that is not taken
        "bad-input",
        "too-large",
        "limit",  # too often
    }
)
ACTION: Final = "refused-"
SUBJECT: Final = "request"
ONE_ROW_SECONDS: Final = 60.0
# Rows a minute; of further users and addresses only the kind is counted.
MAX_ROWS: Final = 100
MAX_ROUTES: Final = 5  # named in one row
# The address of those of whom only the kind is counted.
MANY: Final = "many"


@dataclass(slots=True)
class _Counted:
    """What one row is to say; ``since`` is when its minute began, in seconds of the clock."""

    since: float
    count: int = 0
    routes: set[str] = field(default_factory=set)


class Refusals:
    """Counts refused requests and writes them down. Safe to share between threads."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        """Write to ``database``; ``clock`` gives seconds."""
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: dict[tuple[str, str, str], _Counted] = {}

    def count(self, kind: str, user_id: str, place: str, route: str) -> None:
        """Count one.

        Args:
            kind: one of :data:`KINDS`.
            user_id: who asked; empty for somebody who had not signed in.
            place: from where.
            route: method and path with its gaps, as in ``GET /documents/{document_id}``: nothing that was asked for.
        """
        if kind not in KINDS:
            message = f"nothing is refused as {kind!r}"
            raise ValueError(message)
        key = (kind, user_id, place)
        with self._lock:
            if key not in self._counted and len(self._counted) >= MAX_ROWS:
                key = (kind, "", MANY)
            counted = self._counted.setdefault(key, _Counted(self._clock()))
            counted.count += 1
            if len(counted.routes) < MAX_ROUTES:
                counted.routes.add(route)

    def write(self, *, at_once: bool = False) -> int:
        """Write the rows whose minute is over, or all ``at_once``, and return how many.

        Raises:
            DataFolderError: they could not be written; they are still counted and written later.
        """
        until = self._clock() - ONE_ROW_SECONDS
        with self._lock:
            due = {
                key: counted
                for key, counted in self._counted.items()
                if at_once or counted.since <= until
            }
            for key in due:
                del self._counted[key]
        if not due:
            return 0
        try:
            with self._database.write() as session:
                for (kind, user_id, place), counted in due.items():
                    with acting_from(place):
                        record_audit(
                            session,
                            Actor(user_id, "", Role.NONE),
                            f"{ACTION}{kind}",
                            SUBJECT,
                            "",
                            {"count": counted.count, "routes": sorted(counted.routes)},
                        )
        except Exception:
            with self._lock:
                for key, counted in due.items():
                    self._counted.setdefault(key, counted)
            raise
        return len(due)
