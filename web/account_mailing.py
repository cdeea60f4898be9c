"""Mails about accounts: links for a new password, invitations, and news of what changed in one's own account.

A link is made in the moment in which its mail leaves, and taken back when it could not. Its address begins with what
the setting says (``KB_PUBLIC_URL``), never with what a request claims: otherwise whoever asks in somebody else's name
could have the link sent to them with another site's name in it. Without that setting no links are mailed.
"""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from kb.account_letters import FORGOTTEN, Letter
from kb.config import Settings
from kb.errors import N_, NotFound
from kb.invitations import INVITE, RESET
from kb.knowledge_base import KnowledgeBase
from kb.models import utc_now
from web.language import Language
from web.mail_server import Round, connected, letter, one_line, spoken_in, told
from web.notification_labels import SENTENCES

_log = logging.getLogger(__name__)

_GREETING: Final = N_("Hello %(name)s,")
_SUBJECTS: Final = {
    RESET: N_("Qianjian: a link for a new password"),
    INVITE: N_("Qianjian: you have been invited"),
}
_BEFORE: Final = {
    RESET: N_("with this link you choose a new password for the account “%(user)s”:"),
    INVITE: N_("with this link you make yourself an account:"),
}
_AFTER: Final = N_("It works once, until %(moment)s. Whoever has it can use it: do not pass it on.")
_NOT_ASKED: Final = N_(
    "If you did not ask for it, leave it: nothing changes, and your password goes on working."
)
_NEWS_SUBJECT: Final = N_("Qianjian: %(news)s")
_NEWS_OF: Final = N_("Account: %(user)s. Time: %(moment)s.")
_NOT_YOU: Final = N_(
    "If it was not you, somebody else can use your account: choose a new password, sign out everywhere, and tell "
    "whoever runs the site."
)
# What a server says of one letter; whatever else goes wrong is the server's own trouble.
_REFUSALS: Final = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    ValueError,
)


def mails_links(settings: Settings) -> bool:
    """Whether links can leave by mail: there is a server, and the address of this site is known."""
    return settings.sends_mail and bool(settings.public_url)


def mail_link(  # noqa: PLR0917  what the mail says, in its order
    settings: Settings,
    purpose: str,
    to: tuple[str, str],
    user_id: str,
    secret: str,
    until: datetime,
    language: str = "",
) -> bool:
    """Send a link now; False, with a line in the log, when that was not possible.

    Args:
        settings: the mail server's.
        purpose: ``reset`` or ``invite``.
        to: name and address.
        user_id: whose password it sets; empty for an invitation.
        secret: what the address ends with.
        until: how long it works.
        language: code of the mail's, empty for both.
    """
    message = _link_mail(settings, purpose, to, user_id, secret, until, language)
    try:
        with connected(settings) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        _log.warning("A link could not be sent (%s).", told(error))
        return False
    return True


class AccountMailer:
    """Sends the letters that wait."""

    def __init__(self, kb: KnowledgeBase, now: Callable[[], datetime] = utc_now) -> None:
        """Send for ``kb``; ``now`` is the clock."""
        self._kb = kb
        self._now = now
        self._round = Round()

    def send_due(self) -> int:
        """Send what waits; returns how many left. Never raises because of the server or the network."""
        settings, now = self._kb.settings, self._now()
        letters = self._kb.account_letters.due(now)
        if not letters or not self._round.is_due(settings, now):
            return 0
        return self._round.send(settings, letters, self._send, now)

    def _send(self, server: smtplib.SMTP, waiting: Letter, now: datetime) -> bool:
        kb, secret = self._kb, ""
        try:
            if waiting.kind == FORGOTTEN:
                if not mails_links(kb.settings):
                    return False
                secret = kb.invitations.reset_by_mail(waiting.user_id)
                server.send_message(self._reset_mail(waiting, secret))
            else:
                server.send_message(_news_mail(kb.settings, waiting))
        except NotFound:  # deactivated in this moment
            kb.account_letters.sent(waiting.id)
            return False
        except _REFUSALS as error:
            _log.warning("The mail to %s was refused (%s).", waiting.user_id, told(error))
            kb.invitations.take_back(secret)
            kb.account_letters.failed(waiting.id, now)
            return False
        except (OSError, smtplib.SMTPException):
            kb.invitations.take_back(secret)
            raise
        kb.account_letters.sent(waiting.id)
        return True

    def _reset_mail(self, waiting: Letter, secret: str) -> EmailMessage:
        until = self._kb.invitations.look(secret).expires_at
        to = (waiting.name, waiting.address)
        return _link_mail(
            self._kb.settings, RESET, to, waiting.user_id, secret, until, waiting.language
        )


def _link_mail(  # noqa: PLR0917  as mail_link
    settings: Settings,
    purpose: str,
    to: tuple[str, str],
    user_id: str,
    secret: str,
    until: datetime,
    language: str,
) -> EmailMessage:
    address = f"{settings.public_url.rstrip('/')}/links/{secret}"

    def text(spoken: Language) -> str:
        parts = [
            spoken.gettext(_GREETING) % {"name": one_line(to[0]) or to[1]},
            spoken.gettext(_BEFORE[purpose]) % {"user": user_id},
            f"  {address}",
            spoken.gettext(_AFTER) % {"moment": spoken.moment(until)},
        ]
        if purpose == RESET:
            parts.append(spoken.gettext(_NOT_ASKED))
        return "\n\n".join(parts)

    chosen = spoken_in(language)
    subject = " / ".join(each.gettext(_SUBJECTS[purpose]) for each in chosen)
    return letter(settings, to, subject, "\n\n\n".join(text(each) for each in chosen))


def _news_mail(settings: Settings, waiting: Letter) -> EmailMessage:
    base = settings.public_url.rstrip("/")

    def text(spoken: Language) -> str:
        of = {"user": waiting.user_id, "moment": spoken.moment(waiting.at)}
        title = f"{one_line(waiting.title)}\n" if waiting.title else ""
        return "\n\n".join(
            (
                spoken.gettext(_GREETING) % {"name": one_line(waiting.name) or waiting.user_id},
                spoken.gettext(SENTENCES[waiting.kind])
                + "\n"
                + title
                + spoken.gettext(_NEWS_OF) % of,
                spoken.gettext(_NOT_YOU) + (f"\n  {base}/account" if base else ""),
            )
        )

    chosen = spoken_in(waiting.language)
    subject = " / ".join(
        each.gettext(_NEWS_SUBJECT) % {"news": each.gettext(SENTENCES[waiting.kind])}
        for each in chosen
    )
    to = (waiting.name, waiting.address)
    return letter(settings, to, subject, "\n\n\n".join(text(each) for each in chosen))
