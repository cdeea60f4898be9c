"""Who saw what is not for everyone, and who took out what: noted once for each reading."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from sqlalchemy import select

from kb.access import EVERYONE, Actor
from kb.database import Database
from kb.models import AudienceRow, Base
from kb.models.audit import present_place, record_audit

# A page is several requests (its parts, its pictures), and people go back and forth; within this it is one reading.
ONE_READING_SECONDS: Final = 600.0
_MAX_REMEMBERED: Final = 10_000  # readings, of the last ten minutes


class Sightings:
    """Notes readings and exports. Safe to share between threads.

    A reading is remembered in this process, so that its second request costs nothing; two web processes may note the
    same reading twice.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        """Note in ``database``; ``clock`` gives seconds."""
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._noted: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def confidential(self, table: str, number: int) -> bool:
        """True when row ``number`` of ``table`` is not for everyone.

        ``table`` is the plural name of a subject, as in addresses; a thing without an audience is never confidential.
        """
        rows = Base.metadata.tables.get(table)
        if rows is None or not {"id", "audience_id"} <= set(rows.columns.keys()):
            return False
        audience = (
            select(AudienceRow.key)
            .join(rows, rows.c.audience_id == AudienceRow.id)
            .where(rows.c.id == number)
        )
        with self._database.read() as session:
            key = session.scalar(audience)
        return key is not None and key != EVERYONE

    def saw(self, actor: Actor, table: str, number: int) -> bool:
        """Note that ``actor`` reads row ``number`` of ``table``; False when this reading is noted already.

        Raises:
            DataFolderError: it could not be written; what is confidential must then not be shown.
        """
        return self._note(actor, "see", singular(table), str(number))

    def exported(self, actor: Actor, subject: str, thing: str, what: str) -> bool:
        """Note that ``actor`` took something out; ``what`` says in which form. False when it is noted already.

        Raises:
            DataFolderError: it could not be written.
        """
        return self._note(actor, "export", subject, thing, what)

    def _note(self, actor: Actor, action: str, subject: str, thing: str, what: str = "") -> bool:
        reading = (actor.id, present_place(), action, subject, thing, what)
        now = self._clock()
        with self._lock:
            known = self._noted.get(reading)
            if known is not None and now - known < ONE_READING_SECONDS:
                return False
        with self._database.write() as session:
            record_audit(session, actor, action, subject, thing, {"what": what} if what else None)
        with self._lock:
            self._noted[reading] = now
            self._noted.move_to_end(reading)
            while len(self._noted) > _MAX_REMEMBERED:
                self._noted.popitem(last=False)
        return True


def singular(table: str) -> str:
    """The subject whose things a table holds: ``communities`` → ``community``, ``documents`` → ``document``."""
    return f"{table[:-3]}y" if table.endswith("ies") else table.removesuffix("s")
