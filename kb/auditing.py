"""How a use case tells the audit log what it does; what the log says is read by :mod:`kb.audit`.

A change that the search index must hear of (:func:`kb.models.record_change`) writes its row by itself. Everything else
that matters calls :func:`record_audit` in its transaction::

    with self._database.write() as session:
        ...
        record_audit(session, actor, "set-role", "user", user_id, {"role": role.value})

From where a deed comes is said once for all of them, by the web's shell or by the command::

    with acting_from("198.51.100.7"):
        ...
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kb.models.audit import BACKGROUND, TERMINAL, origin, record_audit, usually_from

__all__ = ["BACKGROUND", "TERMINAL", "acting_from", "record_audit", "usually_from"]


@contextmanager
def acting_from(place: str) -> Iterator[None]:
    """Within this block (and the threads that carry its context) deeds come from ``place``, such as an address."""
    before = origin.set(place)
    try:
        yield
    finally:
        origin.reset(before)
