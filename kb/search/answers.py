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
    """A question with its filters. Values within one filter are joined by OR, filters by AND.

    Attributes:
        expand: search words of the question also by what else they are called, in both languages.
        without: words of the question to search only as they are written: ``term`` of an :class:`Expansion`.
    """

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
    without: tuple[str, ...] = ()


class Note(str):
    """A plain sentence about the question, in English; ``template`` and ``data`` tell it in other languages."""

    __slots__ = ("data", "template")

    template: str
    data: dict[str, str | int]

    def __new__(cls, template: str, **data: str | int) -> Note:
        """``template`` is a message id whose gaps are filled with ``data`` by ``%``."""
        note = super().__new__(cls, template % data)
        note.template, note.data = template, data
        return note


@dataclass(frozen=True, slots=True)
class Names:
    """What something is called in both languages; either may be empty."""

    zh: str = ""
    en: str = ""

    def in_language(self, language: str) -> str:
        """The name for a reader of ``language``, else the other one."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


NO_NAMES: Final = Names()


@dataclass(frozen=True, slots=True)
class SectionRef:
    """The section of a hit that answers best; ``anchor`` is its id on the document's page."""

    heading: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, ``subject`` number ``id``.

    ``title_html`` and ``snippet`` are escaped HTML whose only tag is ``<mark>``.
    """

    subject: str
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
    project_names: Names
    people: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet. ``value`` filters, ``label`` is shown, ``count`` is how many hits carry it.

    ``names`` are those of a project, for pages in either language; empty for other values.
    """

    value: str
    label: str
    count: int
    names: Names = NO_NAMES


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word of the question and what it was also searched as."""

    term: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Help:
    """What to offer somebody who found nothing.

    Attributes:
        looser: a question that asks for less and finds something, or empty.
        looser_total: how many things it finds.
        people: who wrote most about it, best first.
        terms: names of the glossary in the question or close to it, with the id of the entry.
    """

    looser: str = ""
    looser_total: int = 0
    people: tuple[str, ...] = ()
    terms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class SearchAnswer:
    """What was found.

    Attributes:
        total: number of things found, over all pages.
        hits: those of the page asked for, best first.
        facets: for each of :data:`FACETS` its values, most frequent first.
        did_you_mean: another spelling that finds more, for this actor; None where there is none.
        restricted: who looks after things that match and are not for this actor, of those that say so; by name.
        help: what else to try when nothing was found; None when something was.
        ignored: parts of the question that could not be understood and were searched as plain words or left out.
    """

    query: str
    total: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: dict[str, tuple[FacetValue, ...]]
    did_you_mean: str | None = None
    expansions: tuple[Expansion, ...] = ()
    ignored: tuple[Note, ...] = ()
    help: Help | None = None
    restricted: tuple[str, ...] = ()


ReasonHow = Literal["word", "side by side", "neighbours", "beginning", "also", "matter", "more"]


@dataclass(frozen=True, slots=True)
class WordReason:
    """What one word of the question adds to the score of a hit.

    Attributes:
        asked: the word as it was asked; empty for what no single word brings.
        found_as: how it stands in the document, where that is not how it was asked: forms, translations, synonyms.
        how: ``word``; ``side by side`` for words of a phrase; ``neighbours`` for characters that stand beside each
            other in both; ``beginning`` for how words begin; ``also`` for what a word is also called; ``matter``
            for a document that is about what the question is about; ``more`` for what the whole counts beyond its
            words.
        share: of the score, from 0 to 1.
        title, headings, body: how often it stands in each.
        holding: in how many of the documents that may be read it stands.
    """

    asked: str
    found_as: tuple[str, ...]
    how: ReasonHow
    share: float
    title: int = 0
    headings: int = 0
    body: int = 0
    holding: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """Why a document is a hit.

    Attributes:
        found: False when the question does not find it (any more); the rest is empty then.
        reasons: those that add most first; empty where only filters were asked for.
        missing: words of the question that it does not hold.
        things: how many documents may be read, to compare ``WordReason.holding`` with.
    """

    id: int
    title: str
    language: str
    found: bool
    score: float = 0.0
    reasons: tuple[WordReason, ...] = ()
    missing: tuple[str, ...] = ()
    things: int = 0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that completes what is being typed.

    Attributes:
        text: what is shown; for a project its code and name, see ``names``.
        kind: ``document``, ``person``, ``project``, ``tag``, ``term`` (of the glossary) or ``question`` (often asked).
        id: of the document, project or glossary entry; None for what is only a text.
        code: code of a project, which filters by it; empty otherwise.
        names: of a project, for pages in either language.
    """

    text: str
    kind: str
    id: int | None = None
    code: str = ""
    names: Names = NO_NAMES
