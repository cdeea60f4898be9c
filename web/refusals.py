"""Why a request was refused, read off its answer, and counted for the audit log; see :mod:`kb.refusals`."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import Scope

from kb.errors import DataFolderError
from kb.knowledge_base import KnowledgeBase
from web.actors import address_of, known_actor
from web.gate import route_of
from web.site import site_of

_log = logging.getLogger(__name__)

# Where whoever refuses a request may leave a more exact reason than its status.
REASON: Final = "qianjian.refused"
_BY_STATUS: Final = {
    HTTPStatus.UNAUTHORIZED: "sign-in-needed",
    HTTPStatus.FORBIDDEN: "not-allowed",
    HTTPStatus.NOT_FOUND: "not-found",
    HTTPStatus.METHOD_NOT_ALLOWED: "wrong-method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too-large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "wrong-type",
    HTTPStatus.UNPROCESSABLE_ENTITY: "bad-input",
    HTTPStatus.TOO_MANY_REQUESTS: "limit",
}
# An address that leads nowhere; what was typed there is not ours to keep.
NOWHERE: Final = "no such address"
# What a method that HTTP does not know is called.
_OTHER_METHOD: Final = "OTHER"
_METHODS: Final = frozenset(
    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"}
)
_EVERY_SECONDS: Final = 20.0


def count_refused(scope: Scope, status: int) -> None:
    """Count a request when its answer's ``status`` says that it was refused; touches no database."""
    reason = (
        scope.get(REASON) or _BY_STATUS.get(HTTPStatus(status)) if status in _BY_STATUS else None
    )
    if reason is None:
        return
    request = Request(scope)
    if reason == "sign-in-needed" and "authorization" in request.headers:
        reason = "bad-token"
    actor = known_actor(scope)
    site_of(request).kb.refusals.count(
        reason, actor.id if actor is not None else "", address_of(request), _route(request)
    )


async def write_now_and_then(kb: KnowledgeBase) -> None:
    """Write down what was counted, every now and then, until cancelled."""
    while True:
        await asyncio.sleep(_EVERY_SECONDS)
        await run_in_threadpool(write_refused, kb)


def write_refused(kb: KnowledgeBase, *, at_once: bool = False) -> None:
    """Write down what was counted; what cannot be written now waits, and pages go on."""
    try:
        kb.refusals.write(at_once=at_once)
    except DataFolderError as error:
        _log.warning("Refused requests could not be noted: %s", error)


def _route(request: Request) -> str:
    method = request.method if request.method in _METHODS else _OTHER_METHOD
    if "route" not in request.scope:
        return f"{method} {NOWHERE}"
    return f"{method} {route_of(request).partition(' ')[2]}"
