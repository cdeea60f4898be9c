"""What is to be told by mail, to whom and when; sending is done by :mod:`web.mailing`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select, update

from kb.database import Database
from kb.models import MailChoice, Notification, User
from kb.notifications import USUAL_PACE, Told, told_of
from kb.notifying import still_readable
from kb.page_roles import actors_of, names_of

# Between two mails of somebody who wants one a day; a little less, so that it does not come later every day.
_A_DAY: Final = timedelta(hours=23, minutes=30)
# What does not wait for the mail of the day, where somebody wants mails at all.
_AT_ONCE: Final = ("unusual",)
# What is older has been read on the site, or is of no interest any more.
STALE: Final = timedelta(days=7)
# In one mail; the rest comes with the next one.
MOST: Final = 50
# After each failure twice as long, from one minute to six hours.
_FIRST_WAIT: Final = timedelta(minutes=1)
_LONGEST_WAIT: Final = timedelta(hours=6)
# Doubling more often than this goes beyond the longest wait.
_DOUBLINGS: Final = 12


@dataclass(frozen=True, slots=True)
class Digest:
    """One mail to write: to whom, in which language (empty for both), and of what."""

    user: str
    name: str
    address: str
    language: str
    told: tuple[Told, ...]


class MailDigests:
    """Use cases around mails; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Look at the notifications of ``database``."""
        self._database = database

    def due(self, now: datetime) -> list[Digest]:
        """The mails that are to leave now: of what nobody has looked at, may still be read, and was not sent yet."""
        unsent = (
            Notification.mailed_at.is_(None)
            & Notification.seen_at.is_(None)
            & (Notification.at > now - STALE)
        )
        pace = func.coalesce(MailChoice.pace, USUAL_PACE)
        urgent = User.id.in_(
            select(Notification.user_id).where(unsent, Notification.kind.in_(_AT_ONCE))
        )
        rested = MailChoice.mailed_at.is_(None) | (MailChoice.mailed_at <= now - _A_DAY)
        with self._database.read() as session:
            rows = session.execute(
                select(User, func.coalesce(MailChoice.language, ""))
                .outerjoin(MailChoice, MailChoice.user_id == User.id)
                .where(
                    User.email != "",
                    User.active,
                    or_(pace == "at-once", (pace == "daily") & or_(rested, urgent)),
                    MailChoice.next_at.is_(None) | (MailChoice.next_at <= now),
                    User.id.in_(select(Notification.user_id).where(unsent)),
                )
                .order_by(User.id)
            ).all()
            actors = actors_of(session, [user.id for user, _ in rows])
            digests = []
            for user, language in rows:
                found = session.scalars(
                    select(Notification)
                    .where(unsent, Notification.user_id == user.id, still_readable(actors[user.id]))
                    .order_by(Notification.at.desc(), Notification.id.desc())
                    .limit(MOST)
                ).all()
                if found:
                    names = names_of(session, {row.by for row in found})
                    told = tuple(told_of(row, names) for row in found)
                    digests.append(Digest(user.id, user.name, user.email, language, told))
            return digests

    def sent(self, user: str, ids: Collection[int], now: datetime) -> None:
        """Remember that a mail with these notifications has left."""
        with self._database.write() as session:
            session.execute(
                update(Notification).where(Notification.id.in_(sorted(ids))).values(mailed_at=now)
            )
            choice = session.get(MailChoice, user) or MailChoice(user_id=user)
            choice.mailed_at, choice.tries, choice.next_at = now, 0, None
            session.add(choice)

    def failed(self, user: str, now: datetime) -> None:
        """Remember that a mail could not be sent; the next try waits longer each time."""
        with self._database.write() as session:
            choice = session.get(MailChoice, user) or MailChoice(user_id=user, tries=0)
            choice.next_at = now + wait_after(choice.tries)
            choice.tries += 1
            session.add(choice)


def wait_after(failures: int) -> timedelta:
    """How long to wait after one more failure, when there were ``failures`` in a row before.

    ::

        >>> wait_after(0), wait_after(3), wait_after(99)
        (datetime.timedelta(seconds=60), datetime.timedelta(seconds=480), datetime.timedelta(seconds=21600))
    """
    return min(_FIRST_WAIT * (1 << min(failures, _DOUBLINGS)), _LONGEST_WAIT)
