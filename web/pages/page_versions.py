"""The versions of a document: the list, one of them to read, two compared word by word, one restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Form
from starlette.responses import Response

from kb.models import Document
from kb.page_versions import Version, VersionPair
from web.document_links import show
from web.search_address import document_address
from web.visit import MAX_ID, Id, Visiting

router = APIRouter(include_in_schema=False)

_MAX_NUMBER: Final = min(MAX_ID, 10**9)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A version in the list; ``changes_url`` compares it with the one it was made from."""

    version: Version
    url: str
    changes_url: str


@dataclass(frozen=True, slots=True)
class VersionsPage:
    """Context of ``life/versions.html``."""

    document: Document
    url: str
    lines: tuple[VersionLine, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Context of ``life/version.html``; ``body`` is safe HTML, ``newest`` the number an editor would open with."""

    document: Document
    url: str
    version: Version
    body: str
    newest: int
    changes_url: str
    may_restore: bool


@dataclass(frozen=True, slots=True)
class VersionComparisonPage:
    """Context of ``life/comparison.html``."""

    document: Document
    url: str
    pair: VersionPair
    swap_url: str
    numbers: tuple[int, ...]


@router.get("/documents/{document_id}/versions")
def versions(visit: Visiting, document_id: Id, a: int = 0, b: int = 0) -> Response:
    """All versions; with two numbers it leads on to their comparison."""
    url = document_address(document_id)
    if 0 < a <= _MAX_NUMBER and 0 < b <= _MAX_NUMBER:
        return visit.redirect(f"{url}/versions/{a}/compare/{b}")
    document = visit.kb.documents.get(visit.actor, document_id)
    found = visit.kb.page_versions.list(visit.actor, document_id)
    known = {version.number for version in found}
    lines = tuple(
        VersionLine(
            version,
            f"{url}/versions/{version.number}",
            _changes(url, before, version.number) if before in known else "",
        )
        for version in found
        for before in [version.base or version.number - 1]
    )
    return visit.page("life/versions.html", VersionsPage(document, url, lines))


@router.get("/documents/{document_id}/versions/{number}")
def version(visit: Visiting, document_id: Id, number: Id) -> Response:
    """One version to read."""
    document = visit.kb.documents.get(visit.actor, document_id)
    found = visit.kb.page_versions.get(visit.actor, document_id, number)
    url = document_address(document_id)
    life = visit.kb.lifecycle.of(visit.actor, document_id)
    all_ = visit.kb.page_versions.list(visit.actor, document_id)
    newest = next((each.number for each in all_ if each.newest), document.version)
    page = VersionPage(
        document=document,
        url=url,
        version=found,
        body=show(visit, found.body, document_id, title=found.title),
        newest=newest,
        changes_url="" if found.current else _changes(url, number, document.version),
        may_restore=life.may_write and not found.newest,
    )
    return visit.page("life/version.html", page)


@router.get("/documents/{document_id}/versions/{left}/compare/{right}")
def comparison(visit: Visiting, document_id: Id, left: Id, right: Id) -> Response:
    """What one version says otherwise than another."""
    document = visit.kb.documents.get(visit.actor, document_id)
    pair = visit.kb.page_versions.compare(visit.actor, document_id, left, right)
    url = document_address(document_id)
    numbers = [each.number for each in visit.kb.page_versions.list(visit.actor, document_id)]
    page = VersionComparisonPage(document, url, pair, _changes(url, right, left), tuple(numbers))
    return visit.page("life/comparison.html", page)


@router.post("/documents/{document_id}/versions/{number}/restore")
def restore(
    visit: Visiting,
    document_id: Id,
    number: Id,
    newest: Annotated[int, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """Make the text of an old version the next one."""
    told = note.strip() or visit.language.gettext("Version %(number)s restored") % {
        "number": number
    }
    visit.kb.page_versions.restore(visit.actor, document_id, number, note=told, newest=newest)
    return visit.redirect(f"{document_address(document_id)}/life")


def _changes(url: str, left: int, right: int) -> str:
    return f"{url}/versions/{left}/compare/{right}"
