"""Who is asking: a token in the header, else the browser's session cookie; anybody else is anonymous.

A cookie that is unknown, too old or of a user who left counts as none. A token that is so is refused, because a program
that believes it has signed in must not be answered as if it had not asked for more.
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from kb.access import Actor, Role, anonymous
from kb.errors import SignInNeeded
from kb.knowledge_base import KnowledgeBase
from web.site import site_of

COOKIE: Final = "session"
# Behind TLS the name itself forbids what would weaken it: other hosts, other paths, plain HTTP.
SECURE_COOKIE: Final = "__Host-session"
_KEPT: Final = "qianjian.actor"
# What a visitor of a demonstration may do who has not signed in, and of any other site.
_DEMO_ROLE: Final = Role.CONTRIBUTOR
_USUAL_ROLE: Final = Role.NONE
_HOUR: Final = 3600  # seconds


def actor_of(request: Request, kb: KnowledgeBase) -> Actor:
    """The actor behind a request, found out once for each.

    Raises:
        SignInNeeded: a token was shown that is unknown, expired, revoked or of a user who left.
    """
    kept = known_actor(request.scope)
    if kept is not None:
        return kept
    actor = _actor(request, kb)
    request.scope[_KEPT] = actor
    return actor


def known_actor(scope: Scope) -> Actor | None:
    """The actor behind a request when it was found out already; asks nothing of the database."""
    kept = scope.get(_KEPT)
    return kept if isinstance(kept, Actor) else None


def visitor(request: Request, kb: KnowledgeBase) -> Actor:
    """The actor of whoever has not signed in."""
    given = kb.settings.anonymous_role
    usual = _DEMO_ROLE if site_of(request).demo else _USUAL_ROLE
    return anonymous(Role(given) if given else usual)


def session_of(request: Request) -> str:
    """What the session cookie holds; empty without one."""
    return request.cookies.get(_cookie_name(request), "")


def sign_in(
    request: Request,
    response: Response,
    kb: KnowledgeBase,
    actor: Actor,
    way: str,
    *,
    factor: bool = False,
) -> None:
    """Let ``response`` hand out the cookie that makes further requests come from ``actor``.

    Args:
        request: the one that showed who it is; the session it came with ends.
        response: what answers it.
        kb: keeps the session.
        actor: who it is.
        way: how it was shown: ``password``, ``oidc``, ``ldap``, ``link``.
        factor: whether a second factor was shown too.
    """
    secret = kb.sessions.begin(
        actor,
        way=way,
        address=address_of(request),
        agent=request.headers.get("user-agent", ""),
        instead=session_of(request),
        factor=factor,
    )
    response.set_cookie(
        _cookie_name(request),
        secret,
        max_age=kb.settings.session_hours * _HOUR,
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def sign_out(request: Request, response: Response, kb: KnowledgeBase) -> None:
    """End the session, and let ``response`` take the cookie away."""
    kb.sessions.end(session_of(request))
    response.delete_cookie(
        _cookie_name(request),
        path="/",
        httponly=True,
        samesite="lax",
        secure=_is_secure(request),
    )


def address_of(request: Request) -> str:
    """Where a request comes from: the other end of the connection, or what a trusted proxy says it is."""
    return request.client.host if request.client is not None else ""


def _actor(request: Request, kb: KnowledgeBase) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        known = kb.tokens.actor(token.strip())
        if known is None:
            raise SignInNeeded
        return known
    return kb.sessions.actor(session_of(request)) or visitor(request, kb)


def _cookie_name(request: Request) -> str:
    return SECURE_COOKIE if _is_secure(request) else COOKIE


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
