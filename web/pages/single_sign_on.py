"""Signing in by an OpenID Connect provider, linking an account of ours to one, and showing there again who one is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter
from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.responses import RedirectResponse, Response

from kb.errors import N_, InvalidInput, NotFound
from web import actors
from web.oidc_attempt import ATTEMPT_SECONDS, Attempt
from web.site import site_address
from web.visit import Visit, Visiting, local_path

if TYPE_CHECKING:
    from web.oidc import Provider

router = APIRouter(include_in_schema=False)

COOKIE: Final = "single-sign-on"
_BACK: Final = "/sign-in/oidc/callback"


# What somebody goes to the provider for.
_SIGN_IN: Final = "sign in"
_LINK: Final = "link"
_PROVE: Final = "prove"


@router.get("/sign-in/oidc")
def begin(visit: Visiting, then: str = "/") -> Response:
    """Send the visitor to the provider to sign in."""
    return _sent(visit, _SIGN_IN, then)


@router.get("/account/link")
def link(visit: Visiting) -> Response:
    """Send whoever has signed in to the provider, to open the account by it from then on."""
    return _sent(visit, _LINK, "/account")


@router.get("/prove/oidc")
def prove(visit: Visiting, then: str = "/") -> Response:
    """Send whoever has signed in to the provider, to show there once more who it is."""
    return _sent(visit, _PROVE, then)


def _sent(visit: Visit, purpose: str, then: str) -> Response:
    """Send the visitor to the provider; the signed cookie remembers what has to come back."""
    provider = _provider(visit)
    attempt = Attempt.new()
    address = provider.address(attempt, _back(visit), again=purpose == _PROVE)
    response = RedirectResponse(address, status_code=303)
    kept = {**asdict(attempt), "then": local_path(then), "purpose": purpose}
    response.set_cookie(
        COOKIE,
        _serializer(visit).dumps(kept),
        max_age=ATTEMPT_SECONDS,
        path=_BACK,
        httponly=True,
        # The provider sends the browser back from its own site: "strict" would keep the cookie.
        samesite="lax",
        secure=visit.request.url.scheme == "https",
    )
    return response


@router.get(_BACK)
def back(visit: Visiting) -> Response:
    """Let in whom the provider vouches for, or link the account that is signed in."""
    provider = _provider(visit)
    kept = _kept(visit)
    attempt = Attempt(str(kept["state"]), str(kept["nonce"]), str(kept["verifier"]))
    again = kept["purpose"] == _PROVE
    answer = dict(visit.request.query_params)
    person = provider.person(attempt, answer, _back(visit), again=again)
    response = visit.redirect(local_path(str(kept["then"])))
    if kept["purpose"] == _LINK:
        visit.kb.directory_users.link(visit.actor, person)
    elif again:
        if not visit.kb.directory_users.is_known_as(visit.actor, person):
            raise InvalidInput(field="sub", reason=N_("somebody else signed in there"))
        visit.kb.sessions.prove(visit.actor, actors.session_of(visit.request))
    else:
        actor = visit.kb.directory_users.admit(person, provider.rules())
        actors.sign_in(visit.request, response, visit.kb, actor, "oidc")
    response.delete_cookie(COOKIE, path=_BACK)
    return response


def _provider(visit: Visit) -> Provider:
    if not visit.kb.settings.oidc_discovery_url:
        raise NotFound(what=N_("page"), id=visit.request.url.path)
    return visit.site.provider()


def _back(visit: Visit) -> str:
    return site_address(visit.request) + _BACK


def _kept(visit: Visit) -> dict[str, object]:
    try:
        cookie = visit.request.cookies.get(COOKIE, "")
        found = _serializer(visit).loads(cookie, max_age=ATTEMPT_SECONDS)
    except BadSignature as error:  # also the root of SignatureExpired
        raise InvalidInput(field="state", reason=N_("begin again at the sign-in page")) from error
    return dict(found)


def _serializer(visit: Visit) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(visit.kb.secret_key(), salt="single-sign-on")
