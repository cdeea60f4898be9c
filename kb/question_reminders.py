"""Questions that nobody answers: their experts are reminded, then the PMO is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import select

from kb.access import ROLE_ACTIONS, SYSTEM, Action
from kb.database import Database
from kb.models import Question, User, utc_now
from kb.notifying import notify
from kb.question_rows import answered, users_of_experts
from kb.question_rules import SUBJECT, working_days_before

# So many in one pass; the next one comes within a minute.
_AT_ONCE: Final = 100
_CURATING: Final = [role.value for role, may in ROLE_ACTIONS.items() if Action.CURATE in may]


class QuestionReminders:
    """Reminds of what has no answer."""

    def __init__(
        self, database: Database, days: int, now: Callable[[], datetime] = utc_now
    ) -> None:
        """Remind after ``days`` working days, tell the PMO after as many again; 0 for never. ``now`` is the clock."""
        self._database = database
        self._days = days
        self._now = now

    def remind(self) -> tuple[int, int]:
        """One pass; returns of how many questions experts were reminded, and of how many the PMO was told."""
        if not self._days:
            return 0, 0
        now = self._now()
        long_ago = working_days_before(now, self._days)
        waiting = (
            select(Question)
            .where(Question.closed_at.is_(None), ~answered())
            .order_by(Question.id)
            .limit(_AT_ONCE)
        )
        first = waiting.where(Question.reminded_at.is_(None), Question.asked_at <= long_ago)
        second = waiting.where(Question.reminded_at <= long_ago, Question.escalated_at.is_(None))
        with self._database.read() as session:
            if not session.scalars(first.limit(1)).first() and (
                not session.scalars(second.limit(1)).first()
            ):
                return 0, 0
        with self._database.write() as session:
            overdue = session.scalars(second).all()
            late = session.scalars(first).all()
            pmo = set(session.scalars(select(User.id).where(User.role.in_(_CURATING), User.active)))
            for row in overdue:
                notify(session, pmo, "unanswered", SUBJECT, row.id, row.title, SYSTEM)
                row.escalated_at = now
            for row in late:
                asked = users_of_experts(session, row.id)
                notify(session, asked, "reminded", SUBJECT, row.id, row.title, SYSTEM)
                row.reminded_at = now
        return len(late), len(overdue)
