"""What the index still believes: things with changes it has not caught up with, which somebody may not find any more.

The index follows the database within a second. Until then a thing whose audience became smaller, or that was withdrawn,
would be counted in totals and facets and would decide what matches. So a question leaves these things out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.models import Change
from kb.things import ThingSource, key

# So many open changes are looked at, the latest first; more wait only where an import brings in new things faster than
# they are indexed.
MOST_CHANGES: Final = 500
# Made once: it is asked with every question, and answered from an index of the open changes.
_OPEN: Final = (
    select(Change.subject, Change.subject_id)
    .where(Change.done_at.is_(None))
    .order_by(Change.id.desc())
    .limit(MOST_CHANGES)
)


def lost(session: Session, actor: Actor, sources: Mapping[str, ThingSource]) -> frozenset[str]:
    """Keys of things that changed since they were indexed and that ``actor`` may not find as they are now."""
    if actor.sees_all:
        return frozenset()
    changed: dict[str, set[int]] = {}
    for subject, number in session.execute(_OPEN):
        if subject in sources:
            changed.setdefault(subject, set()).add(number)
    return frozenset(
        key(subject, number)
        for subject, numbers in changed.items()
        for number in numbers.difference(sources[subject].among(session, actor, sorted(numbers)))
    )
