"""Between the password and the second factor: who has shown the one and still has to show the other.

Until then nobody is signed in. What is known so far travels in a signed cookie of ten minutes, which opens nothing by
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import Response

from kb.access import Actor
from kb.second_factors import OWN_WAYS
from web import actors
from web.visit import Visit, local_path

COOKIE: Final = "second-step"
# Time to find the device, in seconds.
_SECONDS: Final = 600
_PATH: Final = "/sign-in"
PLACES: Final = {"code": f"{_PATH}/code", "set-up": f"{_PATH}/set-up"}


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right.

    Attributes:
        way: how that was shown: ``password`` or ``link``.
        then: where to go afterwards.
    """

    actor: Actor
    way: str
    then: str


def enter(visit: Visit, actor: Actor, way: str, then: str) -> Response:
    """Sign somebody in and send them on to ``then``, or first to where a second factor is asked for."""
    need = visit.kb.second_factors.need(actor) if way in OWN_WAYS else "nothing"
    if need == "nothing":
        response = visit.redirect(local_path(then))
        actors.sign_in(visit.request, response, visit.kb, actor, way)
        return response
    response = visit.redirect(PLACES[need])
    response.set_cookie(
        COOKIE,
        _serializer(visit).dumps({"user": actor.id, "way": way, "then": local_path(then)}),
        max_age=_SECONDS,
        path=_PATH,
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
    )
    return response


def pending(visit: Visit) -> Pending | None:
    """Whoever has shown the password in this browser within ten minutes; None when nobody has."""
    try:
        kept = _serializer(visit).loads(visit.request.cookies.get(COOKIE, ""), max_age=_SECONDS)
    except BadSignature:  # also the root of SignatureExpired
        return None
    actor = visit.kb.accounts.actor(str(kept["user"]))
    if actor is None:
        return None
    return Pending(actor, str(kept["way"]), local_path(str(kept["then"])))


def finish(visit: Visit, response: Response, waiting: Pending) -> Response:
    """Let ``response`` sign in who has shown the second factor too."""
    actors.sign_in(visit.request, response, visit.kb, waiting.actor, waiting.way, factor=True)
    response.delete_cookie(COOKIE, path=_PATH)
    return response


def _serializer(visit: Visit) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(visit.kb.secret_key(), salt="second-step")
