"""The shell around every request: headers on every answer, refusal of unsafe requests that come from another site.

A browser says where a request comes from (``Sec-Fetch-Site``, and ``Origin`` in older ones), and no script can change
that; so a form on another site cannot act in the name of whoever is signed in here, and no token is needed in our own
forms. Programs send neither header. A browser so old that it sends neither says where it was by ``Referer``, and does
not send our cookie with forms of other sites anyway (``SameSite=Lax``); so a request without any of the three is taken
for a program's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import N_, NotAllowed
from web.caching import kept_as
from web.refusals import REASON
from web.route_actions import API_PREFIX

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "media-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

# Behind TLS: a browser that was here once comes back by TLS only, for a year (in seconds).
TRANSPORT_SECURITY: Final = "max-age=31536000"

# For files that people uploaded: even opened directly they may load nothing and run nothing.
UPLOADED_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

# Opened by itself in a browser, an answer for programs is saved and never shown.
ANSWER_OF_API: Final = 'attachment; filename="api.json"'


class Shell:
    """ASGI middleware that puts the headers on every answer, and says what may be kept of it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and add the headers that the answer does not set itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", TRANSPORT_SECURITY)
                if scope["path"].startswith(f"{API_PREFIX}/"):
                    headers.setdefault("Content-Disposition", ANSWER_OF_API)
                kept = kept_as(scope, headers)
                if kept:
                    headers["Cache-Control"] = kept
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def own_pages_only(request: Request) -> None:
    """A dependency of the whole application: refuse unsafe requests that pages of other sites send.

    It computes only, so it runs beside the requests instead of in a thread of its own.

    Raises:
        NotAllowed: the request came from a page of another site.
    """
    if comes_from_elsewhere(request.method, request.headers):
        request.scope[REASON] = "foreign-site"
        raise NotAllowed(action=N_("send a form from another site"))


def comes_from_elsewhere(method: str, headers: Mapping[str, str]) -> bool:
    """True for a request that could change something and was sent by a page of another site."""
    if method in SAFE_METHODS:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    came_from = headers.get("origin") or headers.get("referer")
    return came_from is not None and urlsplit(came_from).netloc != headers.get("host")
