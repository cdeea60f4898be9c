"""The gate in front of every page and every call of the API: what each asks for stands in one table.

:data:`web.route_actions.ROUTES` names an action for each route; the roles that include it are let through
(:data:`kb.access.ROLE_ACTIONS`). Behind the gate use cases decide again, by the thing that is asked for.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from kb.access import Action, Actor, Role
from kb.errors import N_, NotAllowed, SignInNeeded
from web.actors import address_of, session_of
from web.limits import EXPORTS, READS, SEARCHES, SIGN_INS, UPLOADS, WRITES
from web.route_actions import API_PREFIX, PUBLIC, ROUTES, Need
from web.site import site_of
from web.step_up import FRESH
from web.visit import Visiting

# What takes out more than one page shows, besides what asks for Action.EXPORT.
_EXPORTS = frozenset(
    {
        "GET /admin/audit.csv",
        "GET /certificates/{code}/export/{form}",
        "GET /insights.csv",
        "GET /training/reports.{form}",
        "GET /training/transcript.{form}",
        "POST /admin/backup/download",
        "POST /admin/personal/export",
    }
)
# What is counted, and as what; the home page only when it answers a question.
_COUNTED = {
    "GET /": SEARCHES,
    "GET /api/v1/search": SEARCHES,
    "GET /api/v1/suggest": SEARCHES,
    "GET /api/v1/search/why": SEARCHES,
    "GET /search/why": SEARCHES,
    "GET /search/similar": SEARCHES,
    "POST /imports": UPLOADS,
    "POST /api/v1/imports": UPLOADS,
    "POST /password-strength": SEARCHES,
    "POST /sign-in": SIGN_INS,
    "POST /forgotten": SIGN_INS,
    "POST /sign-in/code": SIGN_INS,
    "POST /sign-in/set-up": SIGN_INS,
    "POST /account/factor": SIGN_INS,
    "POST /links/{secret}": SIGN_INS,
    "POST /account/password": SIGN_INS,
    "POST /prove": SIGN_INS,
}


async def gate(request: Request, visit: Visiting) -> None:
    """A dependency of the whole application: let through whoever may ask for this, as often as they may.

    It mostly computes only, so it runs beside the requests instead of in a thread of its own.

    Raises:
        SignInNeeded: nobody is let in here without signing in.
        NotAllowed: whoever has signed in may not do this.
        ProofNeeded: it is long ago that whoever has signed in showed who they are.
        TooManyRequests: it was asked for too often.
    """
    route = route_of(request)
    must(visit.actor, ROUTES.get(route, Action.READ))
    if route in FRESH and visit.actor.limit is None:
        await run_in_threadpool(visit.kb.sessions.must_have_proved, session_of(request))
    for kind in kinds_of(route):
        if kind != SEARCHES or route != "GET /" or "q" in request.query_params:
            site_of(request).limits.take(kind, visit.actor.id, address_of(request))


def kinds_of(route: str) -> tuple[str, ...]:
    """As what a request of a route is counted, see :mod:`web.limits`; of the public ones only what guards secrets."""
    need = ROUTES.get(route, Action.READ)
    kinds = [_COUNTED[route]] if route in _COUNTED else []
    if need is not PUBLIC:
        if need is Action.EXPORT or route in _EXPORTS:
            kinds.append(EXPORTS)
        elif route.startswith("POST ") and not kinds:
            kinds.append(WRITES)
        kinds.append(READS)
    return tuple(kinds)


def route_of(request: Request) -> str:
    """The route a request takes, as the table names it: method and path with its gaps."""
    path = str(request.scope["route"].path)
    if request.scope["path"].startswith(f"{API_PREFIX}/"):
        path = API_PREFIX + path
    method = "GET" if request.method == "HEAD" else request.method
    return f"{method} {path}"


def must(actor: Actor, need: Need) -> None:
    """Return when ``actor`` is let through where ``need`` is asked for.

    Raises:
        SignInNeeded: it has not signed in, and nothing is shown without.
        NotAllowed: it may not.
    """
    if need is None:
        return
    if need == "account":
        if not actor.id:
            raise SignInNeeded
        if actor.limit is not None:
            raise NotAllowed(action=N_("use an account with a token"))
        return
    if need in actor.actions:
        return
    if not actor.id and actor.role is Role.NONE:
        raise SignInNeeded
    raise NotAllowed(action=need.value)
