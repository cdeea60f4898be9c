"""``GET /api/v1/glossary``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.glossary_rules import Entry
from web.visit import Visiting

router = APIRouter(tags=["glossary"])

MAX_PER_PAGE: Final = 500
_MAX_WORD_CHARS: Final = 200


class GlossaryEntryBody(BaseModel):
    """A concept with its names in both languages; the usual ones are `zh` and `en`."""

    id: int
    url: str
    zh: str
    zh_synonyms: list[str]
    zh_hant: list[str] = Field(description="How it is written, or called, in traditional Chinese.")
    en: str
    en_synonyms: list[str]
    abbreviations: list[str]
    area: str
    note: str
    updated: datetime


class GlossaryBody(BaseModel):
    """Some entries of the glossary, in order."""

    version: int = Field(description="Raised by every change of the glossary.")
    total: int = Field(description="Number of entries over all pages.")
    page: int
    per_page: int
    entries: list[GlossaryEntryBody]


@router.get("/glossary")
def glossary(
    visit: Visiting,
    *,
    q: Annotated[
        str,
        Query(max_length=_MAX_WORD_CHARS, description="Part of a name, or its pinyin: `fxgl`."),
    ] = "",
    area: Annotated[str, Query(description="Only entries of this area.")] = "",
    order: Annotated[
        Literal["zh", "en"], Query(description="By pinyin or by English name; best first with q.")
    ] = "zh",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = 100,
) -> GlossaryBody:
    """The glossary, searched and narrowed; everything without parameters, page by page."""
    # Asked before the entries: whoever compares versions then misses no change.
    version = visit.kb.glossary.version()
    found = visit.kb.glossary.entries(
        visit.actor, q, area=area, order=order, page=page, per_page=per_page
    )
    return GlossaryBody(
        version=version,
        total=found.total,
        page=page,
        per_page=per_page,
        entries=[_body(entry) for entry in found.entries],
    )


def _body(entry: Entry) -> GlossaryEntryBody:
    return GlossaryEntryBody(
        id=entry.id,
        url=f"/glossary/{entry.id}",
        zh=entry.zh,
        zh_synonyms=list(entry.zh_synonyms),
        zh_hant=list(entry.zh_hant),
        en=entry.en,
        en_synonyms=list(entry.en_synonyms),
        abbreviations=list(entry.abbreviations),
        area=entry.area,
        note=entry.note,
        updated=entry.updated_at,
    )
