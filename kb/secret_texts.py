"""Random texts that open something: made here, shown once, and stored only as their hash.

What is random and 256 bits long cannot be guessed from its SHA-256, so a slow hash as for passwords would only cost
time. A hash is looked up by an index, never compared character by character with what somebody sent.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

# 32 bytes are 256 bits, written as 43 characters.
_BYTES: Final = 32
# Longer than any of ours; more is not hashed.
MAX_CHARS: Final = 200


def new_secret(prefix: str = "") -> str:
    """A random text that is safe in addresses, cookies and headers, with ``prefix`` in front."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> str:
    """What is stored of a secret, and looked up when somebody shows it; 64 hexadecimal digits."""
    return hashlib.sha256(secret[:MAX_CHARS].encode(errors="replace")).hexdigest()
