"""``/healthz`` (the process answers) and ``/readyz`` (database and index answer too), for whoever watches over it."""

from __future__ import annotations

import logging

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel

from kb.access import SYSTEM
from kb.search.answers import SearchRequest
from web.site import site_of

router = APIRouter(tags=["health"])
_log = logging.getLogger(__name__)


class Health(BaseModel):
    """All is well; anything else is an error answer."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process is alive."""
    return Health()


@router.get("/readyz")
def readyz(request: Request) -> Health:
    """Questions can be answered now; 503 when the database or the index cannot be used."""
    kb = site_of(request).kb
    try:
        kb.documents.counts(SYSTEM)
        kb.search(SYSTEM, SearchRequest(per_page=1))
    except Exception as error:
        # Whatever it is, the one who asks wants to know only that it is not ready; the reason is in the log.
        _log.exception("Not ready.")
        raise HTTPException(503) from error
    return Health()
