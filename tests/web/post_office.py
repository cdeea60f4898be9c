"""A real, small SMTP server on 127.0.0.1, with sign-in, that keeps what it takes."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

SECRET = "a secret of the office"


def to(office: PostOffice, **more: object) -> dict[str, object]:
    """Settings by which mails go to ``office``."""
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": office.controller.port,
        "smtp_tls": "none",
        "smtp_user": "qianjian",
        "smtp_password": SECRET,
        "smtp_from": "kb@example.com",
        "public_url": "https://kb.example.com/",
        **more,
    }


class PostOffice:
    """A real SMTP server that keeps what it takes; it refuses letters to ``refused``."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []
        self.refused: set[str] = set()
        self.controller = Controller(
            self,
            hostname="127.0.0.1",
            port=_free_port(),
            authenticator=self._let_in,
            # It warns of requiring a password without TLS; who came in without one is noted below instead.
            auth_required=False,
            auth_require_tls=False,
        )

    async def handle_RCPT(  # noqa: N802  the name aiosmtpd looks for
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        """Take an address, or refuse it."""
        if address in self.refused:
            return "550 no such letter box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a letter of somebody who has signed in."""
        if not session.authenticated:
            return "530 sign in first"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append((envelope.rcpt_tos[0], letter))
        return "250 taken"

    def _let_in(self, _s: object, _n: object, _e: object, _m: object, given: object) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = (given.login, given.password) == (b"qianjian", SECRET.encode())
        return AuthResult(success=right, handled=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
