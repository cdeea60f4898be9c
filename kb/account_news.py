"""Telling users of what happens to their own accounts, whoever did it: themselves, an administrator, or a thief.

Such news stand among the notifications, and leave by mail at once (:mod:`kb.account_letters`), whatever somebody chose
about mails: it is how they learn that somebody else has their password.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from kb.models import AccountLetter, Notification, User, utc_now
from kb.models.notifications import NOTIFIED_TITLE_CHARS
from kb.notifying import ABOUT_ACCOUNT, ACCOUNT_KINDS


def tell_owner(session: Session, user_id: str, kind: str, title: str = "") -> None:
    """Tell a user, in the caller's transaction, what happened to their account; a letter goes to its present address.

    Raises:
        ValueError: the kind is none that there is, which is a mistake in the program.
    """
    if kind not in ACCOUNT_KINDS:
        message = f"nobody can be told of {kind!r}"
        raise ValueError(message)
    user = session.get_one(User, user_id)
    now = utc_now()
    session.add(
        Notification(
            user_id=user_id,
            kind=kind,
            subject=ABOUT_ACCOUNT,
            number=0,
            title=(title or user.id)[:NOTIFIED_TITLE_CHARS],
            at=now,
            # It leaves as a letter of its own, so it is in no digest.
            mailed_at=now,
        )
    )
    if user.email:
        session.add(
            AccountLetter(user_id=user_id, address=user.email, kind=kind, title=title, at=now)
        )
