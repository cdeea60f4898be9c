"""A real, small OpenID Connect provider on 127.0.0.1: discovery, authorisation, tokens, keys, user info.

It lets in whoever it is told to, without asking, and can be told to misbehave in one way at a time.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "qianjian"
SECRET = "a secret of the client & the provider"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})


class OidcProvider:
    """One provider; ``person`` is who comes back, ``wrong`` what it does wrong."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.told_apart: dict[str, Any] = {}
        self.wrong = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        if self.wrong == "refuses":
            return f"{asked['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': asked['state']})}"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"]}
        if self.wrong == "mixed up":
            answer["iss"] = "https://other.example"
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What a code is exchanged for, once, by the client that it was made for."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            asked is None
            or authorization != f"Basic {expected}"
            or challenge != asked["code_challenge"]
            or form.get("redirect_uri") != asked["redirect_uri"]
        ):
            return 400, {"error": "invalid_grant"}
        return 200, {
            "access_token": "opaque",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.id_token(asked["nonce"]),
        }

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": "https://other.example" if self.wrong == "issuer" else self.issuer,
            "aud": "somebody-else" if self.wrong == "audience" else CLIENT,
            "iat": now - 7200 if self.wrong == "expired" else now,
            "exp": now - 3600 if self.wrong == "expired" else now + 300,
            "nonce": "replayed" if self.wrong == "nonce" else nonce,
            **self.person,
        }
        if self.wrong == "party":
            claims |= {"aud": [CLIENT, "other"], "azp": "other"}
        if self.wrong == "unsigned":
            head, body = ({"alg": "none"}, claims)
            parts = [
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in (head, body)
            ]
            return ".".join([*parts, ""])
        if self.wrong == "symmetric":
            return jwt.encode(
                {"alg": "HS256"}, claims, OctKey.import_key(SECRET), algorithms=["HS256"]
            )
        key = OTHER_KEY if self.wrong == "key" else KEY
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                if url.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(query))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                answers: dict[str, Callable[[], dict[str, Any]]] = {
                    "/.well-known/openid-configuration": provider.discovery,
                    "/keys": lambda: {"keys": [KEY.as_dict(private=False)]},
                    "/userinfo": lambda: provider.told_apart,
                }
                if url.path in answers and provider.wrong != "down":
                    self._json(200, answers[url.path]())
                else:
                    self._json(500, {})

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                form = parse_qs(self.rfile.read(length).decode())
                values = {name: found[0] for name, found in form.items()}
                self._json(*provider.token(values, self.headers.get("Authorization", "")))

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Say nothing."""

            def _json(self, status: int, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        return Handler
