"""Telling people in the background: followers of what changed, experts of what waits, and everybody by mail.

Mails leave by SMTP, where ``KB_SMTP_HOST`` names a server. Nothing depends on it: a server that is away or refuses is
tried again later, with longer and longer pauses, and what is to be told stands on the site all the while. Neither
passwords nor the texts of mails are ever logged.
"""

from __future__ import annotations

import logging
import smtplib
import threading
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from typing import Final

from kb.config import Settings
from kb.errors import N_
from kb.knowledge_base import KnowledgeBase
from kb.mail_digests import Digest
from kb.models import utc_now
from web.account_mailing import AccountMailer
from web.language import Language
from web.mail_server import Round, letter, one_line, spoken_in, told
from web.notification_labels import NOBODY, SENTENCES
from web.search_address import thing_address

_log = logging.getLogger(__name__)

# How soon after it happened somebody is told, in seconds.
PAUSE_SECONDS: Final = 20.0
_SUBJECT: Final = N_("Qianjian: %(count)s for you")
_GREETING: Final = N_("Hello %(name)s,")
_WITHOUT_ADDRESS: Final = N_("Sign in to Qianjian and open Notifications.")
_WHY: Final = N_(
    "You get this because something you asked, answered or follow has moved. How often: %(where)s"
)
_SETTINGS_PAGE: Final = N_("Notifications, By e-mail")


def run(kb: KnowledgeBase, stop: threading.Event) -> None:
    """Tell people what there is to tell, now and then, until ``stop`` is set."""
    mailer, accounts = Mailer(kb), AccountMailer(kb)
    while not stop.is_set():
        kb.following.catch_up()
        kb.question_reminders.remind()
        kb.assignments.remind(utc_now())
        kb.tokens.warn()
        mailer.send_due()
        accounts.send_due()
        stop.wait(PAUSE_SECONDS)


class Mailer:
    """Sends what is due; remembers only since when the server has been away."""

    def __init__(self, kb: KnowledgeBase, now: Callable[[], datetime] = utc_now) -> None:
        """Send for ``kb``; ``now`` is the clock."""
        self._kb = kb
        self._now = now
        self._round = Round()

    def send_due(self) -> int:
        """Send the mails that are due; returns how many left. Never raises because of the server or the network."""
        settings, now = self._kb.settings, self._now()
        digests = self._kb.mail_digests.due(now) if self._round.is_due(settings, now) else ()
        return self._round.send(settings, digests, self._send, now) if digests else 0

    def _send(self, server: smtplib.SMTP, digest: Digest, now: datetime) -> bool:
        """Send one mail; what the server refuses of one person must not keep the others' back."""
        try:
            server.send_message(compose(digest, self._kb.settings))
        except (
            smtplib.SMTPRecipientsRefused,
            smtplib.SMTPSenderRefused,
            smtplib.SMTPDataError,
            smtplib.SMTPNotSupportedError,
            UnicodeError,
            ValueError,
        ) as error:
            _log.warning("The mail to %s was refused (%s).", digest.user, told(error))
            self._kb.mail_digests.failed(digest.user, now)
            return False
        self._kb.mail_digests.sent(digest.user, [each.id for each in digest.told], now)
        return True


def compose(digest: Digest, settings: Settings) -> EmailMessage:
    """The mail that a digest is: plain text, in its language or in both."""
    chosen = spoken_in(digest.language)
    subjects = [
        each.gettext(_SUBJECT) % {"count": each.number(len(digest.told))} for each in chosen
    ]
    text = "\n\n\n".join(_text(digest, settings, each) for each in chosen)
    return letter(settings, (digest.name, digest.address), " / ".join(subjects), text)


def _text(digest: Digest, settings: Settings, language: Language) -> str:
    base = settings.public_url.rstrip("/")
    lines = [language.gettext(_GREETING) % {"name": digest.name or digest.user}, ""]
    for each in digest.told:
        by = each.by or language.gettext(NOBODY)
        lines += [language.gettext(SENTENCES[each.kind]) % {"by": by}, f"  {one_line(each.title)}"]
        lines += [f"  {base}{thing_address(each.subject, each.number)}"] if base else []
        lines.append("")
    where = f"{base}/notifications" if base else language.gettext(_SETTINGS_PAGE)
    if not base:
        lines.append(language.gettext(_WITHOUT_ADDRESS))
    lines.append(language.gettext(_WHY) % {"where": where})
    return "\n".join(lines)
