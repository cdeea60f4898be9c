"""What is asked of the search and what it answers: plain data, the same for the page, the API and the command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

FACETS: Final = ("kind", "language", "project", "year", "tag", "person")
MAX_PER_PAGE: Final = 100
MAX_QUERY_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A question with its filters. Values within one filter are joined by OR, filters by AND."""

    query: str = ""
    kinds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    date_from: date | None = None
    date_to: date | None = None
    sort: Literal["relevance", "date"] = "relevance"
    page: int = 1
    per_page: int = 10
    expand: bool = True


@dataclass(frozen=True, slots=True)
class SectionRef:
    """The section of a hit that answers best; ``anchor`` is its id on the document's page."""

    heading: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. ``title_html`` and ``snippet`` are escaped HTML whose only tag is ``<mark>``."""

    id: int
    kind: str
    title: str
    title_html: str
    score: float
    language: str
    snippet: str
    section: SectionRef | None
    updated: datetime
    dated: date | None
    project_code: str
    project_name: str
    people: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet. ``value`` filters, ``label`` is shown, ``count`` is how many hits carry it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word of the question and what it was also searched as."""

    term: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found.

    Attributes:
        total: number of things found, over all pages.
        hits: those of the page asked for, best first.
        facets: for each of :data:`FACETS` its values, most frequent first.
        ignored: parts of the question that could not be understood and were searched as plain words or left out.
    """

    query: str
    total: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    did_you_mean: str | None = None
    expansions: tuple[Expansion, ...] = ()
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that completes what is being typed. ``kind`` is ``document``, ``person``, ``project`` or ``term``."""

    text: str
    kind: str
    id: int | None = None
