"""What has been done once and for all in this installation."""

from __future__ import annotations

from kb.database import Database
from kb.models import Milestone


class Installation:
    """Use cases around milestones."""

    def __init__(self, database: Database) -> None:
        """Keep milestones in ``database``."""
        self._database = database

    def reached(self, name: str) -> bool:
        """True when the milestone was reached, however long ago."""
        with self._database.read() as session:
            return session.get(Milestone, name) is not None

    def reach(self, name: str) -> None:
        """Record that the milestone is reached; once is enough."""
        with self._database.write() as session:
            if session.get(Milestone, name) is None:
                session.add(Milestone(name=name))
