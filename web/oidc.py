"""OpenID Connect: the code flow with PKCE, and what is checked of the token that comes back.

Authlib speaks the protocol, joserfc checks the signature. What the provider publishes of itself is fetched when first
needed and kept for an hour; keys are fetched anew when a token names one that is not known.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kb.access import Role
from kb.config import Settings
from kb.directory_users import Person, Rules
from kb.errors import N_, InvalidInput, SignInUnavailable
from web.directory_rules import pairs, roles
from web.oidc_attempt import ATTEMPT_SECONDS, Attempt

SOURCE: Final = "oidc"
# A provider on the same network answers within a second; a visitor waits no longer than this, in seconds.
_SECONDS: Final = 10.0
_KEPT_SECONDS: Final = 3600.0
# How far the provider's clock may be from ours, in seconds.
_LEEWAY: Final = 60
# Signed by the provider's own key. Not HS256, whose key is our secret, and never "none".
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
)
_NEEDED: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class Provider:
    """One OpenID Connect provider; safe to share between threads."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        """Speak with the provider that ``settings`` name; nothing is asked yet."""
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, Mapping[str, Any]] | None = None
        self._keys: KeySet | None = None

    def address(self, attempt: Attempt, back: str, *, again: bool = False) -> str:
        """Where to send a browser that wants to sign in; the provider sends it to ``back`` afterwards.

        Where ``again``, the provider is asked to let nobody pass who does not sign in there anew.

        Raises:
            SignInUnavailable: the provider does not answer as it should.
        """
        digest = hashlib.sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": back,
            "scope": self._settings.oidc_scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if again:
            asked |= {"prompt": "login", "max_age": "0"}
        endpoint = str(self._metadata()["authorization_endpoint"])
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def person(
        self, attempt: Attempt, answer: Mapping[str, str], back: str, *, again: bool = False
    ) -> Person:
        """Who came back from the provider.

        Args:
            attempt: what the browser's cookie holds.
            answer: parameters of the address it came back to.
            back: that address without them.
            again: whether the person had to sign in there anew, which the token has to say.

        Raises:
            InvalidInput: the answer does not belong to this attempt, or its token is not to be believed.
            SignInUnavailable: the provider refused, or does not answer as it should.
        """
        if not secrets.compare_digest(
            attempt.state.encode(), answer.get("state", "").encode(errors="replace")
        ):
            raise InvalidInput(field="state", reason=N_("begin again at the sign-in page"))
        metadata = self._metadata()
        if answer.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise InvalidInput(field="iss", reason=N_("another provider answered"))
        if "error" in answer or not answer.get("code"):
            raise SignInUnavailable(reason=N_("the provider did not let you in"))
        token = self._token(metadata, attempt, answer["code"], back)
        claims = self._claims(metadata, attempt, str(token.get("id_token", "")))
        if again and not _is_anew(claims):
            raise InvalidInput(
                field="auth_time", reason=N_("the provider did not ask you to sign in again")
            )
        if self._settings.oidc_groups_claim not in claims and "userinfo_endpoint" in metadata:
            claims = {**self._more(metadata, token, str(claims["sub"])), **claims}
        return self._person(claims)

    def rules(self) -> Rules:
        """What of the provider's word is believed."""
        return Rules(
            source=SOURCE,
            role=Role(self._settings.oidc_role),
            roles=roles(self._settings.oidc_roles),
            groups=pairs(self._settings.oidc_groups),
        )

    def _token(
        self, metadata: Mapping[str, Any], attempt: Attempt, code: str, back: str
    ) -> Mapping[str, Any]:
        secret = self._settings.oidc_client_secret.get_secret_value()
        try:
            with OAuth2Client(
                self._settings.oidc_client_id,
                secret or None,
                token_endpoint_auth_method="client_secret_basic" if secret else "none",
                redirect_uri=back,
                timeout=_SECONDS,
            ) as client:
                found = client.fetch_token(
                    metadata["token_endpoint"], code=code, code_verifier=attempt.verifier
                )
        except (
            Exception
        ) as error:  # Authlib passes on whatever the provider's answer makes it trip over
            raise SignInUnavailable(reason=N_("the provider did not let you in")) from error
        return dict(found)

    def _claims(
        self, metadata: Mapping[str, Any], attempt: Attempt, token: str
    ) -> Mapping[str, Any]:
        offered = metadata.get("id_token_signing_alg_values_supported", ["RS256"])
        allowed = [name for name in _ALGORITHMS if name in offered]
        try:
            try:
                decoded = jwt.decode(token, self._key_set(metadata), algorithms=allowed)
            except ValueError:
                # A key that the provider has taken into use since.
                decoded = jwt.decode(token, self._key_set(metadata, anew=True), algorithms=allowed)
            client = self._settings.oidc_client_id
            jwt.JWTClaimsRegistry(
                leeway=_LEEWAY,
                iss={"essential": True, "value": metadata["issuer"]},
                sub={"essential": True},
                aud={"essential": True, "value": client},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": attempt.nonce},
            ).validate(decoded.claims)
            several = isinstance(decoded.claims["aud"], list) and len(decoded.claims["aud"]) > 1
            if (several or "azp" in decoded.claims) and decoded.claims.get("azp") != client:
                raise InvalidInput(field="azp", reason=N_("the token is for somebody else"))
        except (JoseError, ValueError) as error:
            raise InvalidInput(
                field="id_token", reason=N_("what the provider sent cannot be believed")
            ) from error
        return decoded.claims

    def _more(
        self, metadata: Mapping[str, Any], token: Mapping[str, Any], subject: str
    ) -> Mapping[str, Any]:
        """What the provider tells beside its token, when it is about the same person."""
        headers = {"Authorization": f"Bearer {token.get('access_token', '')}"}
        told = self._fetched(str(metadata["userinfo_endpoint"]), headers)
        return told if told.get("sub") == subject else {}

    def _person(self, claims: Mapping[str, Any]) -> Person:
        name = str(claims.get(self._settings.oidc_name_claim) or claims.get("email") or "")
        groups = claims.get(self._settings.oidc_groups_claim, [])
        return Person(
            issuer=str(claims["iss"]),
            subject=str(claims["sub"]),
            user_id=name.partition("@")[0] or str(claims["sub"]),
            name=str(claims.get("name") or name),
            email=str(claims.get("email") or "") if claims.get("email_verified", True) else "",
            groups=frozenset(str(group) for group in groups)
            if isinstance(groups, list)
            else frozenset(str(groups).split()),
        )

    def _metadata(self) -> Mapping[str, Any]:
        with self._lock:
            if self._kept is not None and self._clock() - self._kept[0] < _KEPT_SECONDS:
                return self._kept[1]
        found = self._fetched(self._settings.oidc_discovery_url, {})
        if not all(isinstance(found.get(name), str) for name in _NEEDED):
            raise SignInUnavailable(reason=N_("the provider does not answer as it should"))
        with self._lock:
            self._kept = (self._clock(), found)
        return found

    def _key_set(self, metadata: Mapping[str, Any], *, anew: bool = False) -> KeySet:
        with self._lock:
            if self._keys is not None and not anew:
                return self._keys
        found = self._fetched(str(metadata["jwks_uri"]), {})
        try:
            keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise SignInUnavailable(
                reason=N_("the provider does not answer as it should")
            ) from error
        with self._lock:
            self._keys = keys
        return keys

    def _fetched(self, url: str, headers: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            answer = httpx.get(url, headers=dict(headers), timeout=_SECONDS)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise SignInUnavailable(reason=N_("the provider does not answer")) from error
        if not isinstance(found, dict):
            raise SignInUnavailable(reason=N_("the provider does not answer as it should"))
        return found


def _is_anew(claims: Mapping[str, Any]) -> bool:
    """Whether the token says that its person signed in just now; it must say when, where that was asked for."""
    when = claims.get("auth_time")
    return isinstance(when, int) and time.time() - when <= ATTEMPT_SECONDS + _LEEWAY
