"""Who is asking: the signed cookie says who has signed in; anybody else is anonymous, with the role of the settings.

A later ``Authorization: Bearer`` token has its place in :func:`actor_of`, before the cookie.
"""

from __future__ import annotations

from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from kb.access import Actor, Role, anonymous
from kb.knowledge_base import KnowledgeBase

COOKIE: Final = "session"
# Two weeks: long enough to survive a holiday, short enough that a forgotten browser signs itself out.
SIGNED_IN_SECONDS: Final = 14 * 24 * 60 * 60


def actor_of(request: Request, kb: KnowledgeBase) -> Actor:
    """The actor behind a request; a cookie that is forged, too old or of a user who is gone counts as none."""
    user_id = _user_id(request.cookies.get(COOKIE, ""), kb)
    known = kb.accounts.actor(user_id) if user_id else None
    return known or anonymous(Role(kb.settings.anonymous_role))


def sign_in(request: Request, response: Response, kb: KnowledgeBase, actor: Actor) -> None:
    """Let ``response`` hand out the cookie that makes further requests come from ``actor``."""
    response.set_cookie(
        COOKIE,
        _serializer(kb).dumps(actor.id),
        max_age=SIGNED_IN_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def sign_out(response: Response) -> None:
    """Let ``response`` take the cookie away."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax")


def _user_id(cookie: str, kb: KnowledgeBase) -> str:
    if not cookie:
        return ""
    try:
        return str(_serializer(kb).loads(cookie, max_age=SIGNED_IN_SECONDS))
    except BadSignature:  # also the root of SignatureExpired
        return ""


def _serializer(kb: KnowledgeBase) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(kb.secret_key(), salt="sign-in")
