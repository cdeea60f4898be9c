"""Letters about accounts: news of one's own account, and links for whoever has forgotten the password.

They wait in a table until :mod:`web.account_mailing` has sent them. None holds a link or a secret while it waits: a
link is made in the moment in which its mail leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from kb.database import Database
from kb.mail_digests import wait_after
from kb.models import AccountLetter, AccountLink, MailChoice, User
from kb.models.accounts import PERSON
from kb.notifying import ACCOUNT_KINDS

# A letter that asks for a link: what somebody typed who has forgotten their password.
FORGOTTEN: Final = "forgotten"
LETTERS: Final = ACCOUNT_KINDS | {FORGOTTEN}
# What could not be sent for so long is of no use any more; a wish for a link not even after an hour.
_STALE: Final = timedelta(days=7)
_WISH_STALE: Final = timedelta(hours=1)
# Wishes that wait at the same time. Beyond it they are answered alike and forgotten.
_MOST_WISHES: Final = 1000
# Links sent to one user: not another so soon, and so many in a day, so that nobody's letter box is flooded.
_LINK_PAUSE: Final = timedelta(minutes=5)
_LINKS_A_DAY: Final = 5
# Letters taken at once.
_BATCH: Final = 50
_MAX_WISH_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to write.

    Attributes:
        user_id, name: whose account it is about.
        address: where it goes.
        language: of the mail, empty for both.
        kind: one of :data:`LETTERS`.
        title: which token, which provider; empty where the kind says all.
    """

    id: int
    user_id: str
    name: str
    address: str
    language: str
    kind: str
    title: str
    at: datetime


class AccountLetters:
    """Use cases around letters about accounts; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep letters in ``database``."""
        self._database = database

    def wish_link(self, typed: str) -> None:
        """Remember that somebody who typed this name or address wants a link; takes as long whoever it is."""
        # No name or address holds a sign that cannot be printed, and not every database stores one.
        plain = "".join(sign for sign in typed if sign.isprintable()).strip()
        with self._database.write() as session:
            wishes = select(func.count()).select_from(AccountLetter)
            many = session.scalar(wishes.where(AccountLetter.kind == FORGOTTEN)) or 0
            if many < _MOST_WISHES:
                session.add(AccountLetter(kind=FORGOTTEN, title=plain[:_MAX_WISH_CHARS]))

    def due(self, now: datetime) -> list[Letter]:
        """The letters that are to leave now, the oldest first; what nobody can get any more is forgotten."""
        with self._database.read() as session:
            if session.scalar(select(AccountLetter.id).limit(1)) is None:
                return []
        with self._database.write() as session:
            wish = AccountLetter.kind == FORGOTTEN
            session.execute(
                delete(AccountLetter).where(
                    (AccountLetter.at < now - _STALE)
                    | (wish & (AccountLetter.at < now - _WISH_STALE))
                )
            )
            rows = session.scalars(
                select(AccountLetter)
                .where(or_(AccountLetter.next_at.is_(None), AccountLetter.next_at <= now))
                .order_by(AccountLetter.id)
                .limit(_BATCH)
            ).all()
            found: list[Letter] = []
            wishing: set[str] = set()
            for row in rows:
                if row.kind == FORGOTTEN:
                    asked = _forgetful(session, row.title, now)
                    users = [user for user in asked if user.id not in wishing]
                    wishing |= {user.id for user in users}
                    if not users:
                        session.delete(row)
                else:
                    users = [session.get_one(User, row.user_id)]
                found += [_letter(session, row, user) for user in users]
            return found

    def sent(self, letter_id: int) -> None:
        """Forget a letter that has left."""
        with self._database.write() as session:
            session.execute(delete(AccountLetter).where(AccountLetter.id == letter_id))

    def failed(self, letter_id: int, now: datetime) -> None:
        """Remember that a letter could not be sent; the next try waits longer each time."""
        with self._database.write() as session:
            row = session.get(AccountLetter, letter_id)
            if row is not None:
                row.next_at = now + wait_after(row.tries)
                row.tries += 1

    def language(self, user_id: str) -> str:
        """The language somebody chose for mails; empty for both."""
        with self._database.read() as session:
            return _language(session, user_id)


def _forgetful(session: Session, typed: str, now: datetime) -> Sequence[User]:
    """Whom a link may be sent to: whoever has this name or address, a password here, and did not get one just now."""
    if not typed:
        return []
    users = session.scalars(
        select(User).where(
            or_(User.id == typed, func.lower(User.email) == typed.lower()),
            User.active,
            User.kind == PERSON,
            User.password_hash != "",
            User.email != "",
        )
    ).all()
    return [user for user in users if not _has_many_links(session, user.id, now)]


def _has_many_links(session: Session, user_id: str, now: datetime) -> bool:
    made = session.scalars(
        select(AccountLink.created_at)
        .where(AccountLink.user_id == user_id, AccountLink.created_at > now - timedelta(days=1))
        .order_by(AccountLink.created_at.desc())
    ).all()
    return len(made) >= _LINKS_A_DAY or (bool(made) and made[0] > now - _LINK_PAUSE)


def _letter(session: Session, row: AccountLetter, user: User) -> Letter:
    wish = row.kind == FORGOTTEN
    return Letter(
        id=row.id,
        user_id=user.id,
        name=user.name,
        address=row.address or user.email,
        language=_language(session, user.id),
        kind=row.kind,
        # What a stranger typed is not repeated in anybody's mail.
        title="" if wish else row.title,
        at=row.at,
    )


def _language(session: Session, user_id: str) -> str:
    choice = session.get(MailChoice, user_id)
    return choice.language if choice else ""
