"""``/healthz`` (the process answers) and ``/readyz`` (database and index answer too), for whoever watches over it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from kb.access import SYSTEM
from kb.search.answers import SearchRequest
from web.visit import Visiting

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """All is well; anything else is an error answer."""

    status: str = "ok"


@router.get("/healthz")
def healthz() -> Health:
    """The process is alive."""
    return Health()


@router.get("/readyz")
def readyz(visit: Visiting) -> Health:
    """Questions can be answered now; 503 when the database or the index cannot be used."""
    visit.kb.documents.counts(SYSTEM)
    visit.kb.search(SYSTEM, SearchRequest(per_page=1))
    return Health()
