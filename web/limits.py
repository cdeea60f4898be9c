"""How often somebody may ask: for what costs much (searches, uploads, checks of a password), and for anything at all.

Each user (or address, of those who have not signed in) has a bucket for each kind, which fills steadily and holds what
a minute allows, so that a burst is answered and a flood is not. Buckets live in this process: with several processes
each allows its share. This machine itself is not limited: who sits at it can do worse than ask.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from math import ceil
from typing import Final

from kb.config import Settings
from kb.errors import TooManyRequests

SEARCHES: Final = "searches"
UPLOADS: Final = "uploads"
SIGN_INS: Final = "sign-ins"
# Every page and every call of the API; what takes much out at once; what leaves something behind.
READS: Final = "reads"
EXPORTS: Final = "exports"
WRITES: Final = "writes"
# Checking a password takes 50 ms and 64 MiB on purpose; an office of 60 that signs in within a minute is let in.
SIGN_INS_PER_MINUTE: Final = 60
_MINUTE: Final = 60.0  # seconds
# Who has not asked for longest is forgotten beyond this many; its bucket is full again by then.
_MAX_BUCKETS: Final = 20_000


def limits_of(settings: Settings) -> dict[str, int]:
    """How often a minute each kind may be asked for; 0 means no limit."""
    return {
        SEARCHES: settings.searches_per_minute,
        UPLOADS: settings.imports_per_minute,
        SIGN_INS: SIGN_INS_PER_MINUTE,
        READS: settings.reads_per_minute,
        EXPORTS: settings.exports_per_minute,
        WRITES: settings.writes_per_minute,
    }


class Limits:
    """The buckets of one process; safe to share between threads."""

    def __init__(
        self, per_minute: Mapping[str, int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Allow each kind ``per_minute`` times a minute; ``clock`` gives seconds."""
        self._per_minute = dict(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        # For each kind and visitor: how much is left, and when that was so.
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def take(self, kind: str, who: str, address: str) -> None:
        """Return when ``who`` (a sign-in name, or empty) at ``address`` may ask for this once more.

        Raises:
            TooManyRequests: not yet.
        """
        most = self._per_minute[kind]
        if not most or _is_here(address):
            return
        key = (kind, f"user:{who}" if who else f"address:{address}")
        now = self._clock()
        with self._lock:
            left, since = self._buckets.pop(key, (float(most), now))
            left = min(float(most), left + (now - since) * most / _MINUTE)
            enough = left >= 1
            self._buckets[key] = (left - 1 if enough else left, now)
            while len(self._buckets) > _MAX_BUCKETS:
                self._buckets.popitem(last=False)
        if not enough:
            raise TooManyRequests(seconds=max(1, ceil((1 - left) * _MINUTE / most)))


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
