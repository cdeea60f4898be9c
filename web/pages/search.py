"""The search page: the question and its filters in the address, the answer below the box.

There is no route here: ``/`` is both the home page and the search page, see :mod:`web.pages.home`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.responses import Response

from kb.errors import N_
from kb.search.answers import FACETS, FacetValue, Hit, SearchAnswer, SearchRequest
from kb.search.relative_dates import relative_period
from web import search_address as addresses
from web.language import Language
from web.pages.insights import record
from web.templating import label
from web.visit import Visit

# So many values of a facet are shown at once; the rest opens on demand.
SHOWN_VALUES: Final = 6
# Facets whose values are words of ours, told in the reader's language; the others are names.
_LABELLED: Final = frozenset({"kind", "language"})
# Ready-made ranges of dates, and how each is told from today; an empty one is any time.
RANGES: Final = (
    (N_("Any time"), ""),
    (N_("This year"), "this year"),
    (N_("Last year"), "last year"),
    (N_("Last 2 years"), "last 2 years"),
)
# Numbered links on either side of the present page.
_NEIGHBOURS: Final = 2


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be chosen by following a link; ``count`` is None where counting makes no sense."""

    label: str
    url: str
    chosen: bool
    count: int | None = None


@dataclass(frozen=True, slots=True)
class FacetBox:
    """One facet: the values shown at once, and those behind “more”."""

    name: str
    shown: tuple[Choice, ...]
    more: tuple[Choice, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class FoundHit:
    """A hit and where it leads to.

    ``project_name`` is in the reader's language, empty where the code is the name; ``why_url`` is empty where nobody
    searched.
    """

    hit: Hit
    url: str
    project_name: str
    why_url: str
    similar_url: str


@dataclass(frozen=True, slots=True)
class Widened:
    """A word of the question that was also searched as other words, and the same search without these or with them."""

    term: str
    to: tuple[str, ...]
    url: str


@dataclass(frozen=True, slots=True)
class Rescue:
    """Ways out for somebody who found nothing, each with its address."""

    looser: Choice | None
    people: tuple[Choice, ...]
    terms: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Context of ``search/page.html``.

    Attributes:
        query: what stands in the box.
        hidden: the filters as pairs, so that a new question keeps them.
        chips: filters in force; following one takes it away.
        dates: ready-made date ranges.
        pages: numbered links; a gap in the numbers is a gap in the list.
        notes: what of the question was left out or read as plain words.
        widened: words that were also searched as others; ``narrowed`` those for which that was switched off.
        looser: for a search without hits, the same question without filters, or empty.
        rescue: what else to try where nothing was found.
    """

    query: str
    hidden: tuple[tuple[str, str], ...]
    answer: SearchAnswer
    hits: tuple[FoundHit, ...]
    facets: tuple[FacetBox, ...]
    chips: tuple[Choice, ...]
    dates: tuple[Choice, ...]
    date_from: date | None
    date_to: date | None
    sorts: tuple[Choice, ...]
    first: int
    last: int
    pages: tuple[tuple[int, str], ...]
    page: int
    previous_url: str
    next_url: str
    did_you_mean_url: str
    expand: Choice
    clear_url: str
    save_url: str
    notes: tuple[str, ...]
    widened: tuple[Widened, ...]
    narrowed: tuple[Widened, ...]
    looser: str
    rescue: Rescue


def show(visit: Visit, request: SearchRequest) -> Response:
    """Answer a search with the page, or for htmx with its ``answer`` block."""
    answer = visit.kb.search(visit.actor, request)
    asked = record(visit, request, answer, "page")
    today = date.today()  # noqa: DTZ011  the reader's day
    page = describe(answer, request, visit.language, today, asked)
    response = visit.page("search/page.html", page, block="answer")
    if visit.fragment:
        here = addresses.address(request)
        name = history_header(visit.request.headers.get("hx-current-url", ""), here)
        response.headers[name] = here
    return response


def history_header(current: str, new: str) -> str:
    """How the browser's history takes the ``new`` address: only a question that is still being typed replaces the last.

    So “back” leads to the search before, not to half a word.
    """

    def but_for_the_question(address: str) -> dict[str, list[str]]:
        parts = urlsplit(address)
        values = {**parse_qs(parts.query), "path": [parts.path]}
        return {name: value for name, value in values.items() if name not in {"q", "page"}}

    typing = "q=" in urlsplit(current).query and "q=" in urlsplit(new).query
    same = but_for_the_question(current) == but_for_the_question(new)
    pages = [parse_qs(urlsplit(address).query).get("page") for address in (current, new)]
    return "HX-Replace-Url" if typing and same and pages[0] == pages[1] else "HX-Push-Url"


def describe(
    answer: SearchAnswer, request: SearchRequest, language: Language, today: date, asked: str = ""
) -> SearchPage:
    """Everything the page shows of an answer to what the log of questions calls ``asked``."""
    pages = -(-answer.total // request.per_page)
    bare = SearchRequest(query=request.query)
    meant = replace(bare, query=answer.did_you_mean) if answer.did_you_mean else None
    first = (request.page - 1) * request.per_page
    return SearchPage(
        query=request.query,
        hidden=tuple(
            (name, value)
            for name, value in addresses.pairs(replace(request, page=1))
            if name not in {"q", "from", "to"}
        ),
        answer=answer,
        hits=tuple(found(hit, request, language, asked) for hit in answer.hits),
        facets=tuple(_facet(answer, request, name, language) for name in FACETS),
        chips=tuple(_chips(answer, request, language)),
        dates=tuple(_dates(request, language, today)),
        date_from=request.date_from,
        date_to=request.date_to,
        sorts=tuple(_sorts(request, language)),
        first=first + 1 if answer.hits else 0,
        last=first + len(answer.hits),
        pages=tuple(_pages(request, pages)),
        page=request.page,
        previous_url=_page_url(request, request.page - 1) if 1 < request.page <= pages else "",
        next_url=_page_url(request, request.page + 1) if request.page < pages else "",
        did_you_mean_url=addresses.address(meant) if meant else "",
        expand=Choice(
            language.gettext(N_("Search in both languages")),
            addresses.address(replace(request, expand=not request.expand, page=1)),
            request.expand,
        ),
        clear_url=addresses.address(bare),
        save_url="/saved/new?" + urlencode(addresses.pairs(replace(request, page=1))),
        notes=tuple(language.gettext(note.template) % note.data for note in answer.ignored),
        widened=tuple(
            Widened(each.term, each.to, _without(request, (*request.without, each.term)))
            for each in answer.expansions
        ),
        narrowed=tuple(
            Widened(term, (), _without(request, tuple(w for w in request.without if w != term)))
            for term in request.without
        ),
        rescue=_rescue(answer, request),
        looser=addresses.address(bare) if addresses.filtered(request) and request.query else "",
    )


def found(hit: Hit, request: SearchRequest | None, language: Language, asked: str = "") -> FoundHit:
    """A hit as a list shows it.

    Args:
        hit: what was found.
        request: the search that found it, None for a list that nobody searched for.
        language: of the reader.
        asked: what the log of questions calls that search.
    """
    query = request.query if request else ""
    anchor = hit.section.anchor if hit.section else ""
    name = hit.project_names.in_language(language.code)
    return FoundHit(
        hit,
        addresses.thing_address(hit.subject, hit.id, query, anchor, asked),
        "" if name == hit.project_code else name,
        addresses.why_address(request, hit.subject, hit.id) if request and query else "",
        f"/search/similar?{urlencode({'subject': hit.subject, 'id': hit.id})}"
        if hit.subject != "document"
        else f"/documents/{hit.id}/similar",
    )


def _without(request: SearchRequest, terms: tuple[str, ...]) -> str:
    return addresses.address(replace(request, without=tuple(dict.fromkeys(terms)), page=1))


def _rescue(answer: SearchAnswer, request: SearchRequest) -> Rescue:
    offered = answer.help
    if offered is None:
        return Rescue(None, (), ())
    looser = None
    if offered.looser:
        url = addresses.address(replace(request, query=offered.looser, page=1))
        looser = Choice(offered.looser, url, chosen=False, count=offered.looser_total)
    people = (
        Choice(name, addresses.address(SearchRequest(people=(name,))), chosen=False)
        for name in offered.people
    )
    terms = (Choice(text, f"/glossary/{number}", chosen=False) for text, number in offered.terms)
    return Rescue(looser, tuple(people), tuple(terms))


def _facet(answer: SearchAnswer, request: SearchRequest, name: str, language: Language) -> FacetBox:
    chosen = {str(value) for value in addresses.selected(request, name)}
    values = [
        (value.value, facet_text(value, language), value.count)
        for value in answer.facets.get(name, ())
    ]
    values += [(value, value, 0) for value in sorted(chosen - {value for value, _, _ in values})]
    toggled = addresses.toggling(request, name)
    choices = [
        Choice(
            label(language, name, value) if name in _LABELLED else text,
            toggled(value),
            value in chosen,
            count,
        )
        for value, text, count in values
    ]
    # What is chosen is always in sight.
    choices = [c for c in choices if c.chosen] + [c for c in choices if not c.chosen]
    shown = max(SHOWN_VALUES, len(chosen))
    return FacetBox(name, tuple(choices[:shown]), tuple(choices[shown:]), len(chosen))


def facet_text(value: FacetValue, language: Language) -> str:
    """What is shown for a value of a facet that is a name; for a project its code and its name in this language."""
    name = value.names.in_language(language.code)
    if not name:
        return value.label
    return name if name == value.value else f"{value.value} {name}"


def _chips(answer: SearchAnswer, request: SearchRequest, language: Language) -> Sequence[Choice]:
    chips = []
    for name in addresses.FILTERS:
        texts = {value.value: facet_text(value, language) for value in answer.facets.get(name, ())}
        for value in map(str, addresses.selected(request, name)):
            text = label(language, name, value) if name in _LABELLED else texts.get(value, value)
            url = addresses.address(addresses.toggled(request, name, value))
            chips.append(Choice(text, url, chosen=True))
    if request.date_from or request.date_to:
        ends = [language.day(end) if end else "…" for end in (request.date_from, request.date_to)]
        without = replace(request, date_from=None, date_to=None, page=1)
        chips.append(Choice(" – ".join(ends), addresses.address(without), chosen=True))
    return chips


def _dates(request: SearchRequest, language: Language, today: date) -> Sequence[Choice]:
    choices = []
    for text, told in RANGES:
        period = relative_period(told, today)
        first, last = period or (None, None)
        # What lies ahead is left in: plans are dated for the day they begin.
        last = last if last is not None and last < today else None
        there = replace(request, date_from=first, date_to=last, page=1)
        chosen = (request.date_from, request.date_to) == (first, last)
        choices.append(Choice(language.gettext(text), addresses.address(there), chosen))
    return choices


def _sorts(request: SearchRequest, language: Language) -> Sequence[Choice]:
    orders = (
        (N_("Best first"), replace(request, sort="relevance", page=1)),
        (N_("Newest first"), replace(request, sort="date", page=1)),
    )
    return [
        Choice(language.gettext(text), addresses.address(each), each.sort == request.sort)
        for text, each in orders
    ]


def _pages(request: SearchRequest, pages: int) -> Sequence[tuple[int, str]]:
    near = range(request.page - _NEIGHBOURS, request.page + _NEIGHBOURS + 1)
    numbers = sorted({1, pages, *near} & set(range(1, min(pages, addresses.MAX_PAGE) + 1)))
    return [(number, _page_url(request, number)) for number in numbers]


def _page_url(request: SearchRequest, number: int) -> str:
    return addresses.address(replace(request, page=number))
