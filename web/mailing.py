"""Telling people in the background: followers of what changed, experts of what waits, and everybody by mail.

Mails leave by SMTP, where ``KB_SMTP_HOST`` names a server. Nothing depends on it: a server that is away or refuses is
tried again later, with longer and longer pauses, and what is to be told stands on the site all the while. Neither
passwords nor the texts of mails are ever logged.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Final
from urllib.parse import urlsplit

from kb.config import Settings
from kb.errors import N_
from kb.knowledge_base import KnowledgeBase
from kb.mail_digests import Digest, wait_after
from kb.models import utc_now
from web.language import Language, languages
from web.notification_labels import NOBODY, SENTENCES
from web.search_address import thing_address

_log = logging.getLogger(__name__)

# How soon after it happened somebody is told, in seconds.
PAUSE_SECONDS: Final = 20.0
# A server that says nothing for so long is away, in seconds.
_PATIENCE_SECONDS: Final = 20.0
_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}
_SUBJECT: Final = N_("Qianjian: %(count)s for you")
_GREETING: Final = N_("Hello %(name)s,")
_WITHOUT_ADDRESS: Final = N_("Sign in to Qianjian and open Notifications.")
_WHY: Final = N_(
    "You get this because something you asked, answered or follow has moved. How often: %(where)s"
)
_SETTINGS_PAGE: Final = N_("Notifications, By e-mail")


def run(kb: KnowledgeBase, stop: threading.Event) -> None:
    """Tell people what there is to tell, now and then, until ``stop`` is set."""
    mailer = Mailer(kb)
    while not stop.is_set():
        kb.following.catch_up()
        kb.question_reminders.remind()
        kb.assignments.remind(utc_now())
        mailer.send_due()
        stop.wait(PAUSE_SECONDS)


class Mailer:
    """Sends what is due; remembers only since when the server has been away."""

    def __init__(self, kb: KnowledgeBase, now: Callable[[], datetime] = utc_now) -> None:
        """Send for ``kb``; ``now`` is the clock."""
        self._kb = kb
        self._now = now
        self._failures = 0
        self._not_before: datetime | None = None

    def send_due(self) -> int:
        """Send the mails that are due; returns how many left. Never raises because of the server or the network."""
        settings, now = self._kb.settings, self._now()
        if not settings.sends_mail or (self._not_before is not None and now < self._not_before):
            return 0
        digests = self._kb.mail_digests.due(now)
        if not digests:
            return 0
        try:
            with connected(settings) as server:
                return sum(self._send(server, digest, now) for digest in digests)
        # A password that is not ASCII is one that the library cannot send.
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            pause = wait_after(self._failures)
            self._failures += 1
            self._not_before = now + pause
            _log.warning("No mail could be sent (%s); trying again in %s.", told(error), pause)
            return 0

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
        self._failures, self._not_before = 0, None
        self._kb.mail_digests.sent(digest.user, [each.id for each in digest.told], now)
        return True


@contextmanager
def connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A connection to the mail server, protected and signed in as the settings say.

    Raises:
        OSError: it cannot be reached, or is not who it says.
        smtplib.SMTPException: it refuses, or does not offer the protection that is asked for: nothing is sent then.
    """
    port = settings.smtp_port or _PORTS[settings.smtp_tls]
    context = ssl.create_default_context()
    server: smtplib.SMTP
    if settings.smtp_tls == "tls":
        server = smtplib.SMTP_SSL(
            settings.smtp_host, port, timeout=_PATIENCE_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(settings.smtp_host, port, timeout=_PATIENCE_SECONDS)
    with server:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        yield server


def compose(digest: Digest, settings: Settings) -> EmailMessage:
    """The mail that a digest is: plain text, in its language or in both."""
    spoken = languages()
    chosen = (
        [spoken[digest.language]] if digest.language in spoken else [spoken["zh"], spoken["en"]]
    )
    message = EmailMessage()
    subjects = [
        each.gettext(_SUBJECT) % {"count": each.number(len(digest.told))} for each in chosen
    ]
    message["Subject"] = " / ".join(subjects)
    message["From"] = settings.smtp_from or formataddr(("Qianjian 前鉴", _sender(settings)))
    message["To"] = formataddr((_plain(digest.name), digest.address))
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=_sender(settings).partition("@")[2])
    # RFC 3834: answering machines are to leave it alone.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n\n".join(_text(digest, settings, each) for each in chosen))
    return message


def told(error: BaseException) -> str:
    """What went wrong, without anything a server may have repeated of what it was sent."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _text(digest: Digest, settings: Settings, language: Language) -> str:
    base = settings.public_url.rstrip("/")
    lines = [language.gettext(_GREETING) % {"name": digest.name or digest.user}, ""]
    for each in digest.told:
        by = each.by or language.gettext(NOBODY)
        lines += [language.gettext(SENTENCES[each.kind]) % {"by": by}, f"  {_plain(each.title)}"]
        lines += [f"  {base}{thing_address(each.subject, each.number)}"] if base else []
        lines.append("")
    where = f"{base}/notifications" if base else language.gettext(_SETTINGS_PAGE)
    if not base:
        lines.append(language.gettext(_WITHOUT_ADDRESS))
    lines.append(language.gettext(_WHY) % {"where": where})
    return "\n".join(lines)


def _sender(settings: Settings) -> str:
    host = urlsplit(settings.public_url).hostname or "localhost"
    return f"qianjian@{host}"


def _plain(text: str) -> str:
    """Without line breaks, which no header may hold."""
    return " ".join(text.split())
