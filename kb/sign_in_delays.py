"""How long somebody has to wait after failed attempts to sign in, kept in the database so that a restart forgives none.

Attempts are counted three times: for one name from one address, for the name from anywhere, for the address whatever
the name. Each count has its own free attempts and its own longest wait. An attempt made while waiting is refused
without being looked at and without being counted, so the wait ends by itself: nobody is ever locked out, least of
all by somebody else, whose guessing from another address delays the owner by a minute at most.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.models import SignInFailures


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` failures cost nothing; each further one doubles the wait, from a second to ``longest`` seconds."""

    free: int
    longest: int


# A name from one place: five slips of the finger, then up to a quarter of an hour. A name from anywhere: somebody
# guessing from many places is held to 1,440 attempts a day. A place: an office behind one address has many fingers.
PATIENCE: Final = {"both": Patience(5, 900), "name": Patience(20, 60), "place": Patience(30, 900)}
# After a day without a failure a count begins anew.
FORGOTTEN: Final = timedelta(days=1)


def seconds_to_wait(failures: int, since: timedelta, patience: Patience) -> int:
    """Whole seconds still to wait after ``failures``, of which the last was ``since`` ago."""
    over = failures - patience.free
    if over < 0 or since >= FORGOTTEN:
        return 0
    # 2 ** 20 seconds are more than any longest wait.
    wait = min(2 ** min(over, 20), patience.longest)
    left = wait - since.total_seconds()
    return 0 if left <= 0 else max(1, round(left))


def delay(session: Session, name: str, address: str, now: datetime) -> int:
    """Seconds that an attempt as ``name`` from ``address`` has to wait; 0 when it may be made."""
    keys = _keys(name, address)
    rows = {
        row.key: row
        for row in session.scalars(
            select(SignInFailures).where(SignInFailures.key.in_(keys.values()))
        )
    }
    waits = [
        seconds_to_wait(row.failures, now - row.last_at, PATIENCE[kind])
        for kind, key in keys.items()
        if (row := rows.get(key)) is not None
    ]
    return max(waits, default=0)


def record_failure(session: Session, name: str, address: str, now: datetime) -> None:
    """Count a failed attempt, and forget those that are long past."""
    session.execute(delete(SignInFailures).where(SignInFailures.last_at < now - FORGOTTEN))
    for key in _keys(name, address).values():
        row = session.get(SignInFailures, key)
        if row is None:
            session.add(SignInFailures(key=key, failures=1, last_at=now))
        else:
            row.failures += 1
            row.last_at = now


def forget_failures(session: Session, name: str, address: str) -> None:
    """Begin anew for a name that has signed in; its address, which others use too, keeps its count."""
    keys = _keys(name, address)
    both = [key for kind, key in keys.items() if kind != "place"]
    session.execute(delete(SignInFailures).where(SignInFailures.key.in_(both)))


def _keys(name: str, address: str) -> dict[str, str]:
    # Hashed, because people type passwords into the field for the name.
    texts = {"both": f"{name}\n{address}", "name": name, "place": address}
    return {
        kind: hashlib.sha256(f"{kind}\n{text}".encode(errors="replace")).hexdigest()
        for kind, text in texts.items()
        if kind == "name" or address
    }
