"""What a user is told: the list, how many are unread, and how they want to be told by mail."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import bindparam, func, select, update

from kb.access import Actor
from kb.account_news import tell_owner
from kb.database import Database
from kb.errors import N_, InvalidInput, NotFound
from kb.models import MailChoice, Notification, User, utc_now
from kb.notifying import still_readable
from kb.page_roles import must_be_signed_in, names_of

Pace = Literal["none", "at-once", "daily"]
PACES: Final[tuple[Pace, ...]] = ("none", "at-once", "daily")
# Once a day disturbs least and forgets nothing.
USUAL_PACE: Final[Pace] = "daily"
# Of the mails' language; empty is both, one below the other, for users who never said which they read.
MAIL_LANGUAGES: Final = ("", "zh", "en")
PER_PAGE: Final = 50
_MAX_ADDRESS_CHARS: Final = 254  # RFC 5321: a path of 256 less its angle brackets

_UNREAD_SUBJECTS: Final = (
    select(Notification.subject)
    .where(Notification.user_id == bindparam("user"), Notification.seen_at.is_(None))
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Told:
    """One notification; ``by`` is a name, empty for the system."""

    id: int
    kind: str
    subject: str
    number: int
    title: str
    by: str
    at: datetime
    seen: bool


@dataclass(frozen=True, slots=True)
class MailWish:
    """Where mails go and how often; ``address`` is empty for nowhere."""

    address: str
    pace: Pace
    language: str


class Notifications:
    """Use cases around what one is told; every method is one transaction."""

    def __init__(self, database: Database) -> None:
        """Keep notifications in ``database``."""
        self._database = database

    def unread(self, actor: Actor) -> int:
        """How many ``actor`` has not looked at, of what may still be read; 0 for nobody in particular."""
        if not actor.id or actor.sees_all:
            return 0
        with self._database.read() as session:
            # Asked with every page, and mostly there is nothing: one look into an index.
            subjects = session.scalars(_UNREAD_SUBJECTS, {"user": actor.id}).all()
            if not subjects:
                return 0
            return (
                session.scalar(
                    select(func.count())
                    .select_from(Notification)
                    .where(
                        Notification.user_id == actor.id,
                        Notification.seen_at.is_(None),
                        still_readable(actor, subjects),
                    )
                )
                or 0
            )

    def all(self, actor: Actor, page: int = 1) -> tuple[list[Told], int]:
        """One page of what ``actor`` was told, the newest first, and how many there are over all pages.

        Raises:
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        mine = (Notification.user_id == actor.id) & still_readable(actor)
        with self._database.read() as session:
            total = session.scalar(select(func.count()).select_from(Notification).where(mine)) or 0
            rows = session.scalars(
                select(Notification)
                .where(mine)
                .order_by(Notification.at.desc(), Notification.id.desc())
                .offset((max(page, 1) - 1) * PER_PAGE)
                .limit(PER_PAGE)
            ).all()
            names = names_of(session, {row.by for row in rows})
        return [told_of(row, names) for row in rows], total

    def one(self, actor: Actor, notification_id: int) -> Told:
        """One notification of ``actor``.

        Raises:
            NotAllowed: nobody has signed in.
            NotFound: there is none, it is somebody else's, or what it is about may not be read any more.
        """
        must_be_signed_in(actor)
        with self._database.read() as session:
            row = session.scalar(
                select(Notification).where(
                    Notification.id == notification_id,
                    Notification.user_id == actor.id,
                    still_readable(actor),
                )
            )
            if row is None:
                raise NotFound(what=N_("notification"), id=notification_id)
            return told_of(row, names_of(session, [row.by]))

    def mark(self, actor: Actor, ids: Collection[int] | None = None) -> None:
        """Remember that ``actor`` has looked at these notifications, or at all; those of others are passed over.

        Raises:
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        chosen = (Notification.user_id == actor.id) & Notification.seen_at.is_(None)
        if ids is not None:
            chosen &= Notification.id.in_(sorted(ids))
        with self._database.write() as session:
            session.execute(update(Notification).where(chosen).values(seen_at=utc_now()))

    def looked_at(self, actor: Actor, subject: str, number: int) -> None:
        """Remember that ``actor`` has seen the thing itself, so that what was told about it is no news any more."""
        if not actor.id:
            return
        about = (
            (Notification.user_id == actor.id)
            & Notification.seen_at.is_(None)
            & (Notification.subject == subject)
            & (Notification.number == number)
        )
        # Mostly there is nothing to remember, and then nobody need wait for the one writer.
        with self._database.read() as session:
            if session.scalar(select(Notification.id).where(about).limit(1)) is None:
                return
        with self._database.write() as session:
            session.execute(update(Notification).where(about).values(seen_at=utc_now()))

    def mail_wish(self, actor: Actor) -> MailWish:
        """How ``actor`` wants to be told by mail.

        Raises:
            NotAllowed: nobody has signed in.
        """
        must_be_signed_in(actor)
        with self._database.read() as session:
            user = session.get(User, actor.id)
            choice = session.get(MailChoice, actor.id)
        return MailWish(
            address=user.email if user else "",
            pace=next((pace for pace in PACES if choice and pace == choice.pace), USUAL_PACE),
            language=choice.language if choice else "",
        )

    def wish_mail(self, actor: Actor, wish: MailWish) -> None:
        """Keep how ``actor`` wants to be told by mail.

        Raises:
            NotAllowed: nobody has signed in.
            InvalidInput: the address is none, or pace or language are none that there are.
        """
        must_be_signed_in(actor)
        address = wish.address.strip()
        if address and not is_address(address):
            raise InvalidInput(
                field=N_("e-mail address"), reason=N_("it has to look like name@example.com")
            )
        if wish.pace not in PACES or wish.language not in MAIL_LANGUAGES:
            raise InvalidInput(field=N_("e-mail"), reason=N_("choose one of the list"))
        with self._database.write() as session:
            user = session.get_one(User, actor.id)
            if user.email and user.email != address:
                tell_owner(session, actor.id, "email-changed")
            user.email = address
            choice = session.get(MailChoice, actor.id) or MailChoice(user_id=actor.id)
            choice.pace, choice.language = wish.pace, wish.language
            choice.tries, choice.next_at = 0, None
            session.add(choice)


def is_address(text: str) -> bool:
    """Whether ``text`` can be an e-mail address; whether it is one only the mail server can say.

    ::

        >>> is_address("li.na@example.com"), is_address("li na@example.com"), is_address("a@b@c")
        (True, False, False)
    """
    name, at, domain = text.partition("@")
    plain = text.isprintable() and not any(sign.isspace() or sign in '<>,;"' for sign in text)
    return (
        bool(at and name and domain)
        and plain
        and "@" not in domain
        and (len(text) <= _MAX_ADDRESS_CHARS)
    )


def told_of(row: Notification, names: Mapping[str, str]) -> Told:
    """A row as its user sees it; ``names`` are those of users, by sign-in name."""
    return Told(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        number=row.number,
        title=row.title,
        by=names.get(row.by, ""),
        at=row.at,
        seen=row.seen_at is not None,
    )
