"""``GET /api/v1/search`` and ``/api/v1/suggest``."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, Field
from starlette.responses import Response

from kb.search.answers import (
    FACETS,
    MAX_PER_PAGE,
    FacetValue,
    Hit,
    SearchAnswer,
    SearchRequest,
    Suggestion,
)
from kb.suggesting import MAX_SUGGESTIONS
from kb.suggesting_things import THINGS
from web.language import Language
from web.pages.insights import record
from web.search_address import MAX_PAGE, USUAL, address, day, thing_address
from web.templating import label
from web.visit import MAX_ID, Visit, Visiting

router = APIRouter(tags=["search"])


def _first_day(value: object) -> object:
    return day(value, date.today, last=False) or value if isinstance(value, str) else value


def _last_day(value: object) -> object:
    return day(value, date.today, last=True) or value if isinstance(value, str) else value


# A day, or a period told from today: `from=last year`.
FirstDay = Annotated[date | None, BeforeValidator(_first_day)]
LastDay = Annotated[date | None, BeforeValidator(_last_day)]
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

    subject: str = Field(description="What sort of thing it is: `document`, `lesson`, `project` …")
    id: int = Field(description="Its number among things of this sort.")
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
    restricted: list[str] = Field(
        description="Whom to ask for what matches and is not for the caller, of things that let this be known."
    )


class SuggestionAnswer(BaseModel):
    """Something that completes what is being typed."""

    text: str
    kind: Literal[
        "document",
        "lesson",
        "doctemplate",
        "course",
        "community",
        "asked",
        "person",
        "project",
        "tag",
        "term",
        "question",
    ] = Field(description="`asked` is a question asked here, `question` one often searched for.")
    url: str = Field(
        description="Address of what has this title, or of the search that a project, person or tag narrows;"
        " empty for what is only words to search for."
    )


class SuggestAnswer(BaseModel):
    """What completes the text."""

    query: str
    suggestions: list[SuggestionAnswer]


class WhyReasonAnswer(BaseModel):
    """What one word of the question adds to the score of a document."""

    word: str = Field(description="As it was asked; empty for what no single word brings.")
    how: Literal["word", "side by side", "neighbours", "beginning", "also", "matter", "more"] = (
        Field(
            description="`also`: found by another name, in the same or the other language;"
            " `matter`: the document is about what the question is about."
        )
    )
    found_as: list[str] = Field(description="How it is written there, where that differs.")
    share: float = Field(description="Of the score, from 0 to 1.")
    title: int = Field(description="How often it stands in the title.")
    headings: int
    text: int
    documents: int = Field(description="How many readable documents hold it.")


class WhyAnswer(BaseModel):
    """Why a document is a hit."""

    id: int
    title: str
    found: bool = Field(description="False when the question does not find it.")
    score: float
    documents: int = Field(description="How many documents may be read.")
    missing: list[str] = Field(description="Words of the question that it does not hold.")
    reasons: list[WhyReasonAnswer] = Field(description="What adds most first.")


class SearchParameters(BaseModel):
    """What is asked for. One model for all of it, which is checked at once: ten times as fast as one by one."""

    q: str = Field("", description="The question; may be empty when a filter is given.")
    kind: list[str] = Field(
        default_factory=list, description="May be repeated, as all filters: any of them."
    )
    language: list[str] = Field(default_factory=list, description="`zh` or `en`.")
    project: list[str] = Field(default_factory=list, description="Code of a project.")
    tag: list[str] = Field(default_factory=list)
    person: list[str] = Field(default_factory=list, description="Name of an author.")
    year: list[Year] = Field(default_factory=list, description="Year of the document's date.")
    date_from: FirstDay = Field(None, alias="from")
    date_to: LastDay = Field(None, alias="to")
    sort: Literal["relevance", "date"] = "relevance"
    page: int = Field(1, ge=1, le=MAX_PAGE)
    per_page: int = Field(USUAL.per_page, ge=1, le=MAX_PER_PAGE)
    expand: Literal["on", "off"] = Field(
        "on", description="Whether words are searched in the other language too."
    )
    without: list[str] = Field(
        default_factory=list,
        description="Words to search only as they are written: `term` of an expansion.",
    )

    def request(self) -> SearchRequest:
        """The same as kb knows it."""
        return SearchRequest(
            query=self.q.strip(),
            kinds=tuple(self.kind),
            languages=tuple(self.language),
            projects=tuple(self.project),
            years=tuple(self.year),
            tags=tuple(self.tag),
            people=tuple(self.person),
            date_from=self.date_from,
            date_to=self.date_to,
            sort=self.sort,
            page=self.page,
            per_page=self.per_page,
            expand=self.expand == "on",
            without=tuple(self.without),
        )


@router.get("/search", response_model=SearchAnswerBody)
async def search(visit: Visiting, asked_for: Annotated[SearchParameters, Query()]) -> Response:
    """Find documents. Values within one filter are joined by OR, filters by AND."""
    return await visit.site.search_in_turn(_answer, visit, asked_for.request())


def _answer(visit: Visit, request: SearchRequest) -> Response:
    answer = visit.kb.search(visit.actor, request)
    asked = record(visit, request, answer, "api")
    body = search_body(answer, request, visit.language, asked)
    # Written here, in the thread that found it: the loop has other requests to attend to.
    return Response(body.model_dump_json(by_alias=True), media_type="application/json")


@router.get("/suggest")
def suggest(
    visit: Visiting,
    q: Annotated[str, Query(description="What has been typed so far.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_SUGGESTIONS)] = SUGGESTIONS,
) -> SuggestAnswer:
    """What completes the text, of what the caller may read. Pinyin and its initials complete Chinese names."""
    found = visit.kb.suggest(visit.actor, q, limit) if q.strip() else ()
    return SuggestAnswer(query=q, suggestions=[_suggestion(each, visit.language) for each in found])


@router.get("/search/why")
def why(
    visit: Visiting,
    id_: Annotated[int, Query(alias="id", ge=1, le=MAX_ID, description="Number of the hit.")],
    subject: Annotated[str, Query(description="`subject` of the hit.")] = "document",
    q: Annotated[str, Query(description="The question, as it was searched for.")] = "",
    expand: Annotated[Literal["on", "off"], Query()] = "on",
) -> WhyAnswer:
    """Why a document is a hit of a question: what each word adds to its score."""
    request = SearchRequest(query=q.strip(), expand=expand == "on")
    told = visit.kb.why(visit.actor, request, id_, subject)
    return WhyAnswer(
        id=told.id,
        title=told.title,
        found=told.found,
        score=told.score,
        documents=told.things,
        missing=list(told.missing),
        reasons=[
            WhyReasonAnswer(
                word=each.asked,
                how=each.how,
                found_as=list(each.found_as),
                share=round(each.share, 4),
                title=each.title,
                headings=each.headings,
                text=each.body,
                documents=each.holding,
            )
            for each in told.reasons
        ],
    )


def search_body(
    answer: SearchAnswer, request: SearchRequest, language: Language, asked: str = ""
) -> SearchAnswerBody:
    """An answer in the form of the contract; ``pmo search --json`` prints the same.

    ``asked`` is what the log of questions calls the question.
    """
    return SearchAnswerBody(
        query=answer.query,
        total=answer.total,
        took_ms=round(answer.took_ms, 2),
        page=request.page,
        per_page=request.per_page,
        hits=[_hit(hit, request.query, asked) for hit in answer.hits],
        facets={
            name: [
                FacetValueAnswer(
                    value=value.value,
                    label=_facet_label(value, name, language),
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
        ignored=[language.gettext(note.template) % note.data for note in answer.ignored],
        restricted=list(answer.restricted),
    )


def _facet_label(value: FacetValue, name: str, language: Language) -> str:
    if name in _LABELLED:
        return label(language, name, value.value)
    own = value.names.in_language(language.code)
    return f"{value.value} {own}" if own and own != value.value else value.label


def _suggestion(each: Suggestion, language: Language) -> SuggestionAnswer:
    text, request = each.text, None
    if each.kind == "project":
        name = each.names.in_language(language.code)
        text = f"{each.code} {name}" if name and name != each.code else each.code
        request = SearchRequest(projects=(each.code,))
    elif each.kind == "person":
        request = SearchRequest(people=(each.text,))
    elif each.kind == "tag":
        request = SearchRequest(tags=(each.text,))
    url = address(request) if request else ""
    if each.id and each.kind == "asked":
        url = thing_address("question", each.id)
    elif each.id and (each.kind == "document" or each.kind in THINGS):
        url = thing_address(each.kind, each.id)
    return SuggestionAnswer(text=text, kind=each.kind, url=url)


def _hit(hit: Hit, query: str, asked: str) -> HitAnswer:
    section = hit.section
    return HitAnswer(
        subject=hit.subject,
        id=hit.id,
        kind=hit.kind,
        title=hit.title,
        url=thing_address(hit.subject, hit.id, query, section.anchor if section else "", asked),
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
