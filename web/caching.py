"""Which answers a browser, or anything between it and us, may keep.

What was shown to somebody who has signed in, and what is not for everyone, is kept nowhere: neither in a cache on disk
nor for the button that goes back, which asks again (it costs one request, and shows nothing after signing out). What
is for everyone may be kept and is asked about again each time; the site's own styles and scripts are kept for a year
under the hash of their content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.types import Scope

from web.actors import known_actor
from web.route_actions import API_PREFIX

NOT_KEPT: Final = "private, no-store"
# Set in the scope of a request whose answer shows a thing that is not for everyone.
CONFIDENTIAL: Final = "qianjian.confidential"


def kept_as(scope: Scope, headers: Mapping[str, str]) -> str:
    """What ``Cache-Control`` of an answer has to say in place of what it says; empty where it is right as it is.

    Args:
        scope: of the request.
        headers: of the answer.
    """
    if "no-store" in headers.get("cache-control", ""):
        return ""
    if scope.get(CONFIDENTIAL) or scope["path"].startswith(f"{API_PREFIX}/"):
        return NOT_KEPT
    actor = known_actor(scope)
    signed_in = actor is not None and bool(actor.id)
    # A file for everyone: the browser keeps it and asks each time whether it is still the same, and still theirs.
    return NOT_KEPT if signed_in and "etag" not in headers else ""
