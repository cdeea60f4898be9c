"""Texts that have to be read again, and may not stand readable in the database: enciphered with the site's own secret.

The key is derived from the secret that also signs cookies (``KB_SECRET_KEY``, or the file in the data folder), which is
in no database and no backup. Whoever has only a copy of the database can read nothing of what is sealed; a site whose
secret was replaced can neither.
"""

from __future__ import annotations

import base64
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES: Final = 32


class Seal:
    """Enciphers for one purpose: AES-128-CBC and HMAC-SHA-256, as Fernet specifies."""

    def __init__(self, secret: str, purpose: str) -> None:
        """Derive the key for ``purpose`` from ``secret`` by HKDF (RFC 5869)."""
        derived = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived.derive(secret.encode())))

    def close(self, text: str) -> str:
        """``text``, enciphered."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """What was enciphered; None when it was so with another secret, or changed since."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken:
            return None
