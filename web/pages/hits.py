"""What a hit leads on to: why it is one, and what else is like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from kb.errors import N_, NotFound
from kb.search.answers import Why, WordReason
from web import search_address as addresses
from web.language import Language
from web.pages.search import FoundHit, found
from web.visit import MAX_ID, Id, Visiting

router = APIRouter(include_in_schema=False)

# Beyond these the likeness is a word or two.
MOST_SIMILAR: Final = 20

# How a reason is told beside the word; a word by itself needs no telling.
HOW: Final = {
    "side by side": N_("as a phrase"),
    "neighbours": N_("Neighbouring characters"),
    "beginning": N_("Words that begin so"),
    "also": N_("by another name"),
    "matter": N_("Is about the same matter as your question"),
    "more": N_("All words together"),
}
# In what share of the documents at most a word stands that is called so.
_RARITY: Final = (
    (0.01, N_("very rare")),
    (0.1, N_("rare")),
    (0.4, N_("common")),
    (1.0, N_("almost everywhere")),
)


@dataclass(frozen=True, slots=True)
class WhyLine:
    """What one word counts, told to the reader."""

    word: str
    how: str
    found_as: tuple[str, ...]
    places: tuple[str, ...]
    rarity: str
    percent: float


@dataclass(frozen=True, slots=True)
class WhyPage:
    """Context of ``search/why.html``."""

    query: str
    why: Why
    lines: tuple[WhyLine, ...]
    by_date: bool
    back_url: str
    url: str


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """Context of ``search/similar.html``."""

    title: str
    language: str
    url: str
    hits: tuple[FoundHit, ...]


@router.get("/search/why")
def why(visit: Visiting) -> Response:
    """Why a document is a hit of a search: a page, or for htmx only its table."""
    parameters = visit.request.query_params
    number = parameters.get("id", "")
    if not number.isdecimal() or not 0 < int(number) <= MAX_ID:
        raise NotFound(what=N_("document"), id=number)
    request = addresses.read(parameters)
    subject = parameters.get("subject", "document")
    told = visit.kb.why(visit.actor, request, int(number), subject)
    page = WhyPage(
        query=request.query,
        why=told,
        lines=tuple(_line(reason, told.things, visit.language) for reason in told.reasons),
        by_date=request.sort == "date",
        back_url=addresses.address(request),
        url=addresses.thing_address(subject, told.id, request.query),
    )
    return visit.page("search/why.html", page, block="reasons")


@router.get("/documents/{document_id}/similar")
def similar_to_document(visit: Visiting, document_id: Id) -> Response:
    """What is like a document, best first."""
    return similar(visit, document_id)


@router.get("/search/similar")
def similar(
    visit: Visiting,
    number: Annotated[int, Query(alias="id", ge=1, le=MAX_ID)],
    subject: str = "document",
) -> Response:
    """What is like a thing, best first."""
    thing = visit.kb.thing(visit.actor, subject, number)
    hits = visit.kb.similar(visit.actor, number, MOST_SIMILAR, subject)
    page = SimilarPage(
        title=thing.title,
        language=thing.language,
        url=addresses.thing_address(subject, number),
        hits=tuple(found(hit, None, visit.language) for hit in hits),
    )
    return visit.page("search/similar.html", page)


def rarity(reason: WordReason, things: int, language: Language) -> str:
    """How rare a word is among the documents that may be read."""
    if not reason.holding or not things:
        return ""
    share = reason.holding / things
    called = next(text for most, text in _RARITY if share <= most or most >= 1)
    return language.gettext(N_("%(called)s: in %(count)s of %(all)s documents")) % {
        "called": language.gettext(called),
        "count": language.number(reason.holding),
        "all": language.number(things),
    }


def places(reason: WordReason, language: Language) -> tuple[str, ...]:
    """Where a word stands, and how often."""
    told = []
    if reason.title:
        told.append(language.gettext(N_("in the title")))
    if reason.headings:
        told.append(
            language.ngettext(
                "%(num)s time in headings", "%(num)s times in headings", reason.headings
            )
            % {"num": language.number(reason.headings)}
        )
    if reason.body:
        told.append(
            language.ngettext("%(num)s time in the text", "%(num)s times in the text", reason.body)
            % {"num": language.number(reason.body)}
        )
    return tuple(told)


def _line(reason: WordReason, things: int, language: Language) -> WhyLine:
    return WhyLine(
        word=reason.asked,
        how=language.gettext(HOW.get(reason.how, "")),
        found_as=reason.found_as,
        places=places(reason, language),
        rarity=rarity(reason, things, language),
        percent=round(100 * reason.share, 1),
    )
