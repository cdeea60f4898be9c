"""What kinds of bodies are taken: of pages forms, of the API JSON, and forms where files are handed in.

Anything else is refused before it is read, whatever it says it is, so that no parser ever meets what it was not made
for.
"""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.gate import route_of
from web.route_actions import API_PREFIX
from web.security import SAFE_METHODS

JSON: Final = "application/json"
FORM_WITH_FILES: Final = "multipart/form-data"
_FORMS: Final = frozenset({"application/x-www-form-urlencoded", FORM_WITH_FILES})
# Calls of the API that files are handed in with; all others take JSON.
HANDED_IN: Final = frozenset(
    {f"POST {API_PREFIX}/imports", f"POST {API_PREFIX}/documents/{{document_id}}/files"}
)
WRONG_TYPE: Final = 415


async def taken_bodies_only(request: Request) -> None:
    """A dependency of the whole application: refuse a body of a kind that is not taken here.

    It computes only, so it runs beside the requests instead of in a thread of its own.

    Raises:
        HTTPException: 415; ``Accept`` says what is taken.
    """
    if request.method in SAFE_METHODS:
        return
    told = request.headers.get("content-type", "")
    kind = told.partition(";")[0].strip().lower()
    if not kind and not _has_body(request):
        return
    taken = taken_at(route_of(request))
    if kind not in taken and not (JSON in taken and is_json(kind)):
        raise HTTPException(WRONG_TYPE, headers={"Accept": ", ".join(sorted(taken))})


def taken_at(route: str) -> frozenset[str]:
    """The types of content that are taken at ``route``, as in ``POST /imports``."""
    if not route.partition(" ")[2].startswith(f"{API_PREFIX}/"):
        return _FORMS
    return frozenset({FORM_WITH_FILES if route in HANDED_IN else JSON})


def is_json(kind: str) -> bool:
    """True for JSON and for types that are made of it."""
    return kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))


def _has_body(request: Request) -> bool:
    length = request.headers.get("content-length", "0")
    return length != "0" or "transfer-encoding" in request.headers
