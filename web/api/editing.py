"""``GET /api/v1/links``: what a text can link to by name, for whoever is writing it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Annotated, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.errors import SearchUnavailable
from kb.search.answers import SearchRequest
from kb.suggesting import MAX_SUGGESTIONS
from web.labels import KINDS, SUGGESTIONS
from web.search_address import thing_address
from web.visit import Visit, Visiting

router = APIRouter(tags=["documents"])

MOST: Final = 8
# Suggestions that have a page of their own; terms, tags and questions have none.
_NAMED: Final = frozenset({"document", "project"})


class LinkBody(BaseModel):
    """Something to link to."""

    text: str = Field(description="Its title or name.")
    kind: str = Field(description="What it is, in the visitor's language.")
    url: str = Field(description="Address of its page; stays when it is renamed.")


@router.get("/links")
def links(visit: Visiting, q: Annotated[str, Query(max_length=200)] = "") -> list[LinkBody]:
    """Documents, lessons, projects and people with such a name first, then those that are about it."""
    found: dict[str, LinkBody] = {}
    if q.strip():
        for each in (*_named(visit, q), *_about(visit, q)):
            found.setdefault(each.url, each)
    return list(found.values())[:MOST]


def _named(visit: Visit, typed: str) -> Iterator[LinkBody]:
    for each in visit.kb.suggest(visit.actor, typed, MAX_SUGGESTIONS):
        if each.id and each.kind in _NAMED:
            kind = visit.language.gettext(SUGGESTIONS[each.kind])
            yield LinkBody(text=each.text, kind=kind, url=thing_address(each.kind, each.id))


def _about(visit: Visit, typed: str) -> Iterator[LinkBody]:
    # A text can be written also while the index cannot answer.
    with suppress(SearchUnavailable):
        for hit in visit.kb.search(visit.actor, SearchRequest(typed, per_page=MOST)).hits:
            kind = visit.language.gettext(KINDS.get(hit.kind, hit.kind))
            yield LinkBody(text=hit.title, kind=kind, url=thing_address(hit.subject, hit.id))
