"""One attempt to sign in by OpenID Connect: what a browser takes to the provider and has to bring back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

# Time to sign in at the provider, in seconds.
ATTEMPT_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a browser that was sent to the provider has to bring back, kept in its own signed cookie."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def new(cls) -> Attempt:
        """Three texts that nobody can guess."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))
