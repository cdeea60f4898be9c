"""The home page: a box that invites, what is new, where to start. With a question or a filter it is the search page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kb.drafts import KINDS
from kb.lesson_reuse import Totals
from kb.models import Document
from kb.search.answers import SearchRequest
from web import search_address as addresses
from web.pages import search
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)

# So many documents are shown as new: what fits beside the kinds without scrolling on a laptop.
RECENT: Final = 6
# Questions a project manager might ask, in both languages whatever the interface's, because answers come in both.
EXAMPLES: Final = (
    "供应商延期交付怎么办",
    "data migration rollback",
    "验收标准没有写进合同",
    "stakeholder nobody thought of",
    "上线前的演练",
    "kind:lesson 地下管线",
)
# The path “before you start a project”: what to look at first, as kinds, in this order.
FIRST_STEPS: Final = ("lesson", "summary", "methodology", "template")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document, how many there are, and where they are listed."""

    name: str
    count: int
    url: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Context of ``home/page.html``."""

    query: str
    hidden: tuple[tuple[str, str], ...]
    examples: tuple[tuple[str, str, str], ...]
    kinds: tuple[Kind, ...]
    steps: tuple[Kind, ...]
    recent: tuple[Document, ...]
    total: int
    reuse: Totals


@router.get("/")
async def home(visit: Visiting) -> Response:
    """The home page, or the answer to the question in the address."""
    request = addresses.read(visit.request.query_params)
    if addresses.asks(request):
        return await visit.site.search_in_turn(search.show, visit, request)
    return await run_in_threadpool(_welcome, visit)


def _welcome(visit: Visit) -> Response:
    counts = visit.kb.documents.counts(visit.actor)
    kinds = {
        kind: Kind(kind, counts[kind], addresses.address(SearchRequest(kinds=(kind,))))
        for kind in (*KINDS, *(other for other in counts if other not in KINDS))
        if counts.get(kind)
    }
    page = HomePage(
        query="",
        hidden=(),
        examples=tuple(
            (text, "en" if text.isascii() else "zh-Hans", addresses.address(SearchRequest(text)))
            for text in EXAMPLES
        ),
        kinds=tuple(kinds.values()),
        steps=tuple(kinds[kind] for kind in FIRST_STEPS if kind in kinds),
        recent=tuple(visit.kb.documents.recent(visit.actor, RECENT)),
        total=sum(counts.values()),
        reuse=visit.kb.lesson_reuse.totals(visit.actor),
    )
    response = visit.page("home/page.html", page, block="answer")
    if visit.fragment:
        response.headers["HX-Push-Url"] = "/"
    return response
