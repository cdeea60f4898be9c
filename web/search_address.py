"""A search as an address: a :class:`SearchRequest` as a query string and back, and links that change one thing in it.

The page and the API take the same parameters; a value that makes no sense is left out, because a search should answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from urllib.parse import quote_plus, urlencode

from starlette.datastructures import QueryParams

from kb.search.answers import MAX_PER_PAGE, SearchRequest
from kb.search.relative_dates import any_period

# The name in the address and the field of the request, for the filters that take several values.
FILTERS: Final = {
    "kind": "kinds",
    "language": "languages",
    "project": "projects",
    "year": "years",
    "tag": "tags",
    "person": "people",
}
# What a search is when nothing is said.
USUAL: Final = SearchRequest()
# Where the pages of each sort of thing are.
PLACES: Final = {
    "document": "/documents",
    "lesson": "/lessons",
    "project": "/projects",
    "person": "/people",
    "doctemplate": "/doctemplates",
    "course": "/courses",
    "path": "/training/paths",
    "question": "/questions",
    "community": "/communities",
    "event": "/communities/events",
    "alert": "/admin/audit",
}
# The parameter by which a page learns from which question it was opened.
ASKED: Final = "s"
# Deeper than this nobody reads, and each page costs as much as all before it.
MAX_PAGE: Final = 1000
# Years that a document can be of; anything else is a slip.
_YEARS: Final = range(1900, 2200)
# Longer numbers are no numbers of pages.
_DIGITS: Final = 9


def read(parameters: QueryParams, today: Callable[[], date] = date.today) -> SearchRequest:
    """The search that a query string asks for; ``from`` and ``to`` may be told from ``today`` (``from=last year``)."""
    values = {
        name: tuple(dict.fromkeys(value for value in parameters.getlist(name) if value.strip()))
        for name in FILTERS
    }
    return SearchRequest(
        query=parameters.get("q", "").strip(),
        kinds=values["kind"],
        languages=values["language"],
        projects=values["project"],
        years=tuple(
            int(year) for year in values["year"] if year.isdecimal() and int(year) in _YEARS
        ),
        tags=values["tag"],
        people=values["person"],
        date_from=day(parameters.get("from", ""), today, last=False),
        date_to=day(parameters.get("to", ""), today, last=True),
        sort="date" if parameters.get("sort") == "date" else "relevance",
        page=_whole(parameters.get("page", ""), 1, MAX_PAGE),
        per_page=_whole(parameters.get("per_page", ""), USUAL.per_page, MAX_PER_PAGE),
        expand=parameters.get("expand") != "off",
        without=tuple(dict.fromkeys(w for w in parameters.getlist("without") if w.strip())),
    )


def pairs(request: SearchRequest) -> list[tuple[str, str]]:
    """The query string of a search, as pairs; whatever is as usual is left out."""
    found = [("q", request.query)] if request.query else []
    for name in FILTERS:
        found += [(name, str(value)) for value in selected(request, name)]
    found += [("without", term) for term in request.without]
    optional = (
        ("from", request.date_from.isoformat() if request.date_from else ""),
        ("to", request.date_to.isoformat() if request.date_to else ""),
        ("sort", "" if request.sort == USUAL.sort else request.sort),
        ("per_page", "" if request.per_page == USUAL.per_page else str(request.per_page)),
        ("expand", "" if request.expand else "off"),
        ("page", "" if request.page == 1 else str(request.page)),
    )
    return found + [(name, value) for name, value in optional if value]


def address(request: SearchRequest) -> str:
    """The address of the page that shows a search."""
    query = urlencode(pairs(request))
    return f"/?{query}" if query else "/"


def selected(request: SearchRequest, name: str) -> Sequence[str | int]:
    """The values chosen in the filter called ``name`` in the address."""
    values: Sequence[str | int] = getattr(request, FILTERS[name])
    return values


def toggled(request: SearchRequest, name: str, value: str) -> SearchRequest:
    """The same search with one value of a filter added, or taken away when it was there; back on page 1."""
    kept = [str(other) for other in selected(request, name)]
    kept = [other for other in kept if other != value] if value in kept else [*kept, value]
    typed: dict[str, object] = {FILTERS[name]: tuple(map(int, kept) if name == "year" else kept)}
    return replace(request, page=1, **typed)  # type: ignore[arg-type]


def toggling(request: SearchRequest, name: str) -> Callable[[str], str]:
    """The addresses of ``toggled(request, name, value)`` for many values: what they share is put together once."""
    chosen = {str(value) for value in selected(request, name)}
    order = tuple(FILTERS)
    shared = pairs(replace(request, page=1))
    # A new value stands after those that the filter has already.
    place = bool(request.query) + sum(
        len(selected(request, each)) for each in order[: order.index(name) + 1]
    )
    before, after = urlencode(shared[:place]), urlencode(shared[place:])
    start = f"/?{before}&{name}=" if before else f"/?{name}="
    end = f"&{after}" if after else ""

    def toggled_to(value: str) -> str:
        if value in chosen:
            return address(toggled(request, name, value))
        return f"{start}{quote_plus(value)}{end}"

    return toggled_to


def filtered(request: SearchRequest) -> bool:
    """True when any filter narrows the search."""
    return any(selected(request, name) for name in FILTERS) or bool(
        request.date_from or request.date_to
    )


def day(text: str, today: Callable[[], date], *, last: bool) -> date | None:
    """A day as an address may hold it: itself, or the first or ``last`` day of a period (今年, last 2 years)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        period = any_period(text, today())
        return period[1 if last else 0] if period else None


def why_address(request: SearchRequest, subject: str, number: int) -> str:
    """The address that says why a thing is a hit of a search."""
    of = [("id", str(number)), *([("subject", subject)] if subject != "document" else [])]
    return "/search/why?" + urlencode([*pairs(replace(request, page=1)), *of])


def asks(request: SearchRequest) -> bool:
    """True when there is something to search for; False for the bare home page."""
    return bool(request.query) or filtered(request) or request.sort != USUAL.sort


def document_address(document_id: int, query: str = "", anchor: str = "") -> str:
    """The address of a document, at a section, with the words of a question marked."""
    return thing_address("document", document_id, query, anchor)


def thing_address(
    subject: str, number: int, query: str = "", anchor: str = "", asked: str = ""
) -> str:
    """The address of a thing that was found, at a section.

    Args:
        subject: what it is.
        number: its id.
        query: the question it was found by, whose words are marked there.
        anchor: of the section.
        asked: what the log of questions calls that question, so that the opening is recorded.
    """
    told = urlencode([pair for pair in (("q", query), (ASKED, asked)) if pair[1]])
    place = f"{PLACES[subject]}/{number}"
    return place + (f"?{told}" if told else "") + (f"#{anchor}" if anchor else "")


def _whole(text: str, usual: int, most: int) -> int:
    return min(max(int(text), 1), most) if text.isdecimal() and len(text) <= _DIGITS else usual
