"""The web's side of the audit log: from where a request comes, which answers show or give away what, which refuse.

One place for all pages: an answer about a thing that is not for everyone is a reading of it, and an answer that is to
be saved as a file is an export, whichever handler gives it. What cannot be noted is not shown.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.audit_sightings import singular
from kb.auditing import acting_from
from kb.errors import DataFolderError
from web.actors import actor_of
from web.caching import CONFIDENTIAL
from web.refusals import count_refused
from web.site import site_of
from web.visit import MAX_ID

_log = logging.getLogger(__name__)

# A thing's address, and that of anything below it; `compare` shows a second one.
_THING: Final = re.compile(
    r"(?:/api/v1)?/([a-z_]{1,40})/(\d{1,19})(?:/compare/(\d{1,19}))?(?![0-9A-Za-z]).*"
)
_SAVED: Final = "attachment"
_REFUSED: Final = "This cannot be shown now, because who reads it could not be written down: {}\n"


class AuditTrail:
    """ASGI middleware that says where deeds come from and notes readings and exports."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; what is confidential goes out only after it was noted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = False

        async def send_noted(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start":
                count_refused(scope, message["status"])
            if message["type"] == "http.response.start" and _may_be_noted(scope, message):
                try:
                    await run_in_threadpool(_note, scope, message)
                except DataFolderError as error:
                    _log.warning("A reading of %s could not be noted: %s", scope["path"], error)
                    refused = True
                    answer = PlainTextResponse(
                        _REFUSED.format(error), HTTPStatus.SERVICE_UNAVAILABLE
                    )
                    await answer(scope, receive, send)
            if not refused:
                await send(message)

        with acting_from(address_of(scope)):
            await self._app(scope, receive, send_noted)


def address_of(scope: Scope) -> str:
    """The visitor's address, as the server or the proxy that it trusts gives it."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _may_be_noted(scope: Scope, message: Message) -> bool:
    """Whether the answer shows one thing or is saved. Most do neither, and need not wait for a thread to find out."""
    if message["status"] not in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}:
        return False
    return _THING.fullmatch(scope["path"]) is not None or _is_saved(message)


def _is_saved(message: Message) -> bool:
    return Headers(raw=message["headers"]).get("content-disposition", "").startswith(_SAVED)


def _note(scope: Scope, message: Message) -> None:
    request = Request(scope)
    found = _THING.fullmatch(scope["path"])
    saved = _is_saved(message)
    kb = site_of(request).kb
    numbers = {int(part) for part in found.groups()[1:] if part} if found else set()
    confidential = {
        number
        for number in numbers
        if found and number <= MAX_ID and kb.sightings.confidential(found[1], number)
    }
    scope[CONFIDENTIAL] = bool(confidential)
    if saved:
        table, thing = (found[1], found[2]) if found else (_first_part(scope["path"]), "")
        kb.sightings.exported(actor_of(request, kb), singular(table), thing, scope["path"][:100])
    elif found and scope["method"] == "GET":
        for number in confidential:
            kb.sightings.saw(actor_of(request, kb), found[1], number)


def _first_part(path: str) -> str:
    return path.strip("/").partition("/")[0].partition(".")[0][:40]
