"""The document page, and the files that belong to a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import FileResponse, Response

from kb.errors import N_, NotFound, SearchUnavailable
from kb.lesson_closure import Behind
from kb.life_views import LifeView
from kb.links import Linking
from kb.markdown import plain_text
from kb.models import PUBLISHED, Document
from kb.search.answers import Hit, SearchRequest
from kb.topics import Place
from web.document_links import show
from web.labels import PROPERTIES
from web.marking import words_to_mark
from web.pages.comments import CommentsPage, comments_page
from web.pages.details import may_correct as can_correct
from web.pages.insights import opened
from web.pages.life import WorkCard, work_card
from web.search_address import address, thing_address
from web.security import UPLOADED_POLICY
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

SIMILAR: Final = 5
# Shown in the page; everything else is downloaded. SVG is a picture too, but one that can hold scripts.
_SHOWN_TYPES: Final = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"}
)
_UNKNOWN_TYPE: Final = "application/octet-stream"
# Heading levels that the table of contents shows below the topmost one that occurs.
_CONTENTS_DEPTH: Final = 2
_FIRST_HEADING: Final = re.compile(r"<h1\b[^>]*>.*?</h1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """A line of the table of contents; ``depth`` 0 is the topmost."""

    heading: str
    anchor: str
    depth: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One sort of content: how many the file holds and how many reached the document."""

    name: str
    found: int
    carried: int


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """Context of ``documents/page.html``.

    Attributes:
        body: safe HTML, without a first heading that only repeats the title.
        title_anchor: the anchor of that heading, which the title then takes over.
        query: the question it was opened from, and ``from_search`` the way back to it; empty otherwise.
        marks: words of the question, to be marked in the text.
        people, tags: each with the address that lists what else there is.
        facts: what its authors say of it (mostly on the cover), by their own labels.
        properties: what the program that made the file says of it.
        coverage: percent of the text that was carried; None where nothing is known.
        may_correct: whether the visitor is offered to correct its details.
        life: where it stands and who vouches for it; ``works`` the versions of it that wait.
        comments: what is said about it.
        places: where it stands in books, with its neighbours; ``linked_from`` documents that link to it.
        behind: lessons that changed it.
    """

    document: Document
    body: str
    title_anchor: str
    contents: tuple[ContentsEntry, ...]
    query: str
    from_search: str
    marks: tuple[str, ...]
    kind_url: str
    project_name: str
    project_url: str
    people: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    properties: tuple[tuple[str, str], ...]
    coverage: float | None
    ledger: tuple[LedgerLine, ...]
    losses: tuple[str, ...]
    similar: tuple[tuple[Hit, str], ...]
    may_correct: bool
    life: LifeView
    works: tuple[WorkCard, ...]
    comments: CommentsPage
    places: tuple[Place, ...]
    linked_from: tuple[Linking, ...]
    behind: tuple[Behind, ...]


@router.get("/documents/{document_id}")
def document(visit: Visiting, document_id: Id, q: str = "") -> Response:
    """A document to read."""
    found = visit.kb.documents.get(visit.actor, document_id)
    opened(visit, document_id)
    visit.kb.checks.opened(visit.actor, f"/documents/{document_id}", found.title)
    similar: Sequence[Hit] = ()
    if found.state == PUBLISHED:  # what is not yet, is not in the index
        # A document can be read also while the index cannot.
        with suppress(SearchUnavailable):
            similar = visit.kb.similar(visit.actor, found.id, SIMILAR)
    page = describe(visit, found, similar, q.strip())
    visit.kb.comments.seen(visit.actor, found.id)
    return visit.page("documents/page.html", page)


@router.get("/documents/{document_id}/files/{name}")
def file(visit: Visiting, document_id: Id, name: str) -> Response:
    """A picture or attachment of a document."""
    path, media_type = visit.kb.documents.file(visit.actor, document_id, name)
    return send(path, name, media_type, inline=media_type in _SHOWN_TYPES)


@router.get("/documents/{document_id}/original")
def original(visit: Visiting, document_id: Id) -> Response:
    """The file a document was imported from, to download."""
    path, name, media_type = visit.kb.documents.original(visit.actor, document_id)
    return send(path, name, media_type, inline=False)


def describe(visit: Visit, document: Document, similar: Sequence[Hit], query: str) -> DocumentPage:
    """Everything the page shows of a document."""
    ledger, project, language = document.ledger, document.project, visit.language
    life = visit.kb.lifecycle.of(visit.actor, document.id)
    title_anchor = _title_anchor(document)
    body = show(visit, document.body, document.id)
    if title_anchor:
        body = _FIRST_HEADING.sub("", body, count=1)
    said = [(str(name), str(value)) for name, value in document.file_metadata.items()]
    names = (project.name_zh, project.name_en) if project else ("", "")
    return DocumentPage(
        document=document,
        body=body,
        title_anchor=title_anchor,
        contents=contents(document, without=title_anchor),
        query=query,
        from_search=address(SearchRequest(query)) if query else "",
        marks=words_to_mark(query, plain_text(document.body)),
        kind_url=address(SearchRequest(kinds=(document.kind,))),
        project_name=(names[0] or names[1]) if language.code == "zh" else (names[1] or names[0]),
        project_url=address(SearchRequest(projects=(project.code,))) if project else "",
        people=tuple(
            (person.name, address(SearchRequest(people=(person.name,))))
            for person in document.people
        ),
        tags=tuple((tag.tag, address(SearchRequest(tags=(tag.tag,)))) for tag in document.tags),
        facts=tuple(each for each in said if each[0] not in PROPERTIES),
        properties=tuple(each for each in said if each[0] in PROPERTIES),
        coverage=ledger.get("coverage"),
        ledger=tuple(
            LedgerLine(name, count["found"], count["carried"])
            for name, count in ledger.get("counts", {}).items()
            if count["found"] or count["carried"]
        ),
        losses=tuple(ledger.get("losses", ())),
        similar=tuple((hit, thing_address(hit.subject, hit.id)) for hit in similar),
        may_correct=can_correct(visit.actor, document),
        life=life,
        works=tuple(work_card(language, document, work) for work in life.works),
        comments=comments_page(visit, document),
        places=visit.kb.topics.places(visit.actor, document.id),
        linked_from=visit.kb.links.to(visit.actor, document.id),
        behind=visit.kb.lesson_closures.lessons_behind(visit.actor, document.id),
    )


def contents(document: Document, without: str = "") -> tuple[ContentsEntry, ...]:
    """The table of contents: the upper levels of headings, whatever level the document begins with.

    Args:
        document: with its sections.
        without: anchor of a heading that is left out, because it is the title.
    """
    headed = [
        section
        for section in document.sections
        if section.anchor and section.heading and section.anchor != without
    ]
    top = min((section.level for section in headed), default=1)
    return tuple(
        ContentsEntry(section.heading, section.anchor, section.level - top)
        for section in headed
        if section.level - top <= _CONTENTS_DEPTH
    )


def _title_anchor(document: Document) -> str:
    """The anchor of the document's first heading when nothing stands before it and it only repeats the title."""
    if not document.sections or any(s.text.strip() for s in document.sections if not s.position):
        return ""
    first = next((section for section in document.sections if section.position), None)
    repeats = first is not None and first.level == 1 and first.heading == document.title
    return first.anchor if first is not None and repeats else ""


def send(path: Path, name: str, media_type: str, *, inline: bool) -> Response:
    """A stored file as it lies there, read little by little.

    Raises:
        NotFound: it is not there.
    """
    if not path.is_file():
        # The row is there and the file is not: `pmo check` finds that, and a reader should not meet a broken answer.
        raise NotFound(what=N_("file"), id=name)
    disposition = "inline" if inline else "attachment"
    return FileResponse(
        path,
        media_type=media_type or _UNKNOWN_TYPE,
        headers={
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": UPLOADED_POLICY,
            # Whoever may read it today may not tomorrow: a browser asks again, and mostly hears “unchanged”.
            "Cache-Control": "private, no-cache",
        },
    )
