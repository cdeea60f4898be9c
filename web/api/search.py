"""``GET /api/v1/search`` and ``/api/v1/suggest``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from kb.search.answers import FACETS, MAX_PER_PAGE, Hit, SearchAnswer, SearchRequest
from web.language import Language
from web.search_address import MAX_PAGE, USUAL, document_address
from web.templating import label
from web.visit import Visiting

router = APIRouter(tags=["search"])

Year = Annotated[int, Field(ge=1900, le=2199)]

SUGGESTIONS: Final = 8
# Facets whose values are words of ours, shown in the language of the request; the others are names.
_LABELLED: Final = frozenset({"kind", "language"})


class SectionAnswer(BaseModel):
    """The section that answers best."""

    heading: str
    anchor: str


class HitAnswer(BaseModel):
    """One thing found."""

    id: int
    kind: str
    title: str
    url: str = Field(description="Address of its page, at the section that answers best.")
    score: float
    language: str
    snippet: str = Field(description="HTML whose only tag is `<mark>`.")
    section: SectionAnswer | None
    updated: datetime
    dated: date | None = Field(description="The day it says it was written.")
    project: str = Field(description="Code of its project, or empty.")
    people: list[str]
    tags: list[str]


class FacetValueAnswer(BaseModel):
    """A value that hits carry, and how many of them."""

    value: str
    label: str
    count: int


class ExpansionAnswer(BaseModel):
    """A word of the question and what it was also searched as."""

    term: str
    to: list[str]


class SearchAnswerBody(BaseModel):
    """What was found."""

    query: str
    total: int
    took_ms: float
    page: int
    per_page: int
    hits: list[HitAnswer]
    facets: dict[str, list[FacetValueAnswer]] = Field(
        description=f"For each of {', '.join(FACETS)} its values, most frequent first."
    )
    did_you_mean: str | None
    expansions: list[ExpansionAnswer]
    ignored: list[str] = Field(description="Parts of the question that could not be understood.")


class SuggestionAnswer(BaseModel):
    """Something that completes what is being typed."""

    text: str
    kind: Literal["document", "person", "project", "term"]
    url: str = Field(
        description="Address of its page; empty for what is only a word to search for."
    )


class SuggestAnswer(BaseModel):
    """What completes the text."""

    query: str
    suggestions: list[SuggestionAnswer]


@router.get("/search")
def search(
    *,
    visit: Visiting,
    q: Annotated[str, Query(description="The question; may be empty when a filter is given.")] = "",
    kind: Annotated[
        list[str],
        Query(default_factory=list, description="May be repeated, as all filters: any of them."),
    ],
    language: Annotated[list[str], Query(default_factory=list, description="`zh` or `en`.")],
    project: Annotated[list[str], Query(default_factory=list, description="Code of a project.")],
    tag: Annotated[list[str], Query(default_factory=list)],
    person: Annotated[list[str], Query(default_factory=list, description="Name of an author.")],
    year: Annotated[
        list[Year], Query(default_factory=list, description="Year of the document's date.")
    ],
    date_from: Annotated[date | None, Query(alias="from")] = None,
    date_to: Annotated[date | None, Query(alias="to")] = None,
    sort: Annotated[Literal["relevance", "date"], Query()] = "relevance",
    page: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 1,
    per_page: Annotated[int, Query(ge=1, le=MAX_PER_PAGE)] = USUAL.per_page,
    expand: Annotated[
        Literal["on", "off"],
        Query(description="Whether words are searched in the other language too."),
    ] = "on",
) -> SearchAnswerBody:
    """Find documents. Values within one filter are joined by OR, filters by AND."""
    request = SearchRequest(
        query=q.strip(),
        kinds=tuple(kind),
        languages=tuple(language),
        projects=tuple(project),
        years=tuple(year),
        tags=tuple(tag),
        people=tuple(person),
        date_from=date_from,
        date_to=date_to,
        sort=sort,
        page=page,
        per_page=per_page,
        expand=expand == "on",
    )
    return search_body(visit.kb.search(visit.actor, request), request, visit.language)


@router.get("/suggest")
def suggest(
    visit: Visiting,
    q: Annotated[str, Query(description="What has been typed so far.")] = "",
    limit: Annotated[int, Query(ge=1, le=20)] = SUGGESTIONS,
) -> SuggestAnswer:
    """What completes the text, of what the caller may read."""
    found = visit.kb.suggest(visit.actor, q, limit) if q.strip() else ()
    return SuggestAnswer(
        query=q,
        suggestions=[
            SuggestionAnswer(
                text=each.text,
                kind=each.kind,
                url=document_address(each.id) if each.kind == "document" and each.id else "",
            )
            for each in found
        ],
    )


def search_body(
    answer: SearchAnswer, request: SearchRequest, language: Language
) -> SearchAnswerBody:
    """An answer in the form of the contract; ``pmo search --json`` prints the same."""
    return SearchAnswerBody(
        query=answer.query,
        total=answer.total,
        took_ms=round(answer.took_ms, 2),
        page=request.page,
        per_page=request.per_page,
        hits=[_hit(hit, request.query) for hit in answer.hits],
        facets={
            name: [
                FacetValueAnswer(
                    value=value.value,
                    label=label(language, name, value.value) if name in _LABELLED else value.label,
                    count=value.count,
                )
                for value in answer.facets.get(name, ())
            ]
            for name in FACETS
        },
        did_you_mean=answer.did_you_mean,
        expansions=[
            ExpansionAnswer(term=each.term, to=list(each.to)) for each in answer.expansions
        ],
        ignored=list(answer.ignored),
    )


def _hit(hit: Hit, query: str) -> HitAnswer:
    section = hit.section
    return HitAnswer(
        id=hit.id,
        kind=hit.kind,
        title=hit.title,
        url=document_address(hit.id, query, section.anchor if section else ""),
        score=hit.score,
        language=hit.language,
        snippet=hit.snippet,
        section=SectionAnswer(heading=section.heading, anchor=section.anchor) if section else None,
        updated=hit.updated,
        dated=hit.dated,
        project=hit.project_code,
        people=list(hit.people),
        tags=list(hit.tags),
    )
