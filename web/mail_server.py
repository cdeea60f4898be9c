"""The mail server: a connection to it, and what every mail of this site has.

Neither passwords nor the texts of mails are ever logged.
"""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from typing import Final, TypeVar
from urllib.parse import urlsplit

from kb.config import Settings
from kb.mail_digests import wait_after
from web.language import Language, languages

# A server that says nothing for so long is away, in seconds.
_PATIENCE_SECONDS: Final = 20.0
_PORTS: Final = {"tls": 465, "starttls": 587, "none": 25}

_Mail = TypeVar("_Mail")

_log = logging.getLogger(__name__)


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


class Round:
    """One sort of mails on their way to the server; remembers only since when the server has been away."""

    def __init__(self) -> None:
        """The server was not away yet."""
        self._failures = 0
        self._not_before: datetime | None = None

    def is_due(self, settings: Settings, now: datetime) -> bool:
        """Whether there is a server, and it is time to try it."""
        return settings.sends_mail and (self._not_before is None or now >= self._not_before)

    def send(
        self,
        settings: Settings,
        mails: Iterable[_Mail],
        send: Callable[[smtplib.SMTP, _Mail, datetime], bool],
        now: datetime,
    ) -> int:
        """Hand ``mails`` to the server by ``send``, which says whether one left; returns how many did.

        Never raises because of the server or the network: the next round is tried later, and later each time.
        """
        left = 0
        try:
            with connected(settings) as server:
                for mail in mails:
                    if send(server, mail, now):
                        left += 1
                        self._failures, self._not_before = 0, None
        # A password that is not ASCII is one that the library cannot send.
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            pause = wait_after(self._failures)
            self._failures += 1
            self._not_before = now + pause
            _log.warning("No mail could be sent (%s); trying again in %s.", told(error), pause)
        return left


def spoken_in(code: str) -> list[Language]:
    """The languages of a mail: the one chosen, or both."""
    spoken = languages()
    return [spoken[code]] if code in spoken else [spoken["zh"], spoken["en"]]


def letter(settings: Settings, to: tuple[str, str], subject: str, text: str) -> EmailMessage:
    """A mail of this site.

    Args:
        settings: name the sender.
        to: name and address.
        subject: of one line.
        text: what it says.

    Raises:
        ValueError: the subject holds a line break.
    """
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = settings.smtp_from or formataddr(("Qianjian 前鉴", _sender(settings)))
    message["To"] = formataddr((one_line(to[0]), to[1]))
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=_sender(settings).partition("@")[2])
    # RFC 3834: answering machines are to leave it alone.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def told(error: BaseException) -> str:
    """What went wrong, without anything a server may have repeated of what it was sent."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def one_line(text: str) -> str:
    """``text`` without line breaks, which no header may hold."""
    return " ".join(text.split())


def _sender(settings: Settings) -> str:
    host = urlsplit(settings.public_url).hostname or "localhost"
    return f"qianjian@{host}"
