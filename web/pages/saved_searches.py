"""Saved searches: the page that lists them with what is new, and the Atom feed of each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Form
from lxml import etree
from starlette.datastructures import QueryParams
from starlette.responses import Response

from kb.errors import InvalidInput, NotFound, SearchUnavailable
from kb.saved_searches import MAX_NAME_CHARS, Saved
from kb.search.answers import Hit, SearchRequest
from web import search_address as addresses
from web.language import Language
from web.templating import label
from web.visit import Id, Visit, Visiting

router = APIRouter(include_in_schema=False)

# New hits whose titles are shown below a search.
SHOWN_NEWS: Final = 3
FEED_ENTRIES: Final = 50
ATOM: Final = "http://www.w3.org/2005/Atom"
ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
_LABELLED: Final = frozenset({"kind", "language"})
# Characters that XML 1.0 cannot hold, however they are written.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class SavedLine:
    """One saved search.

    Attributes:
        about: its question and filters in words.
        count: how many hits are new, None while the search cannot be asked; ``more`` when there may be more than these.
        news: the latest of them with their addresses.
        feed_url: its feed, whole; empty when it has none.
    """

    saved: Saved
    about: str
    count: int | None
    more: bool
    news: tuple[tuple[Hit, str], ...]
    feed_url: str


@dataclass(frozen=True, slots=True)
class SavedPage:
    """Context of ``saved_searches/list.html``."""

    lines: tuple[SavedLine, ...]


@dataclass(frozen=True, slots=True)
class NewSavedPage:
    """Context of ``saved_searches/new.html``; ``search`` is the query string that is kept."""

    name: str
    search: str
    about: str
    back: str
    max_name_chars: int
    problem: str


@router.get("/saved")
def saved_searches(visit: Visiting) -> Response:
    """The visitor's saved searches, each with what is new."""
    if not visit.actor.id:
        return visit.redirect("/sign-in?then=/saved")
    lines = tuple(_line(visit, saved) for saved in visit.kb.saved_searches.all(visit.actor))
    return visit.page("saved_searches/list.html", SavedPage(lines), block="content")


@router.get("/saved/new")
def new(visit: Visiting) -> Response:
    """Ask for a name for the search in the address."""
    search = visit.request.url.query
    if not visit.actor.id:
        return visit.redirect("/sign-in?" + urlencode({"then": f"/saved/new?{search}"}))
    return _new(visit, addresses.read(visit.request.query_params))


@router.post("/saved")
def save(
    visit: Visiting, name: Annotated[str, Form()] = "", search: Annotated[str, Form()] = ""
) -> Response:
    """Keep a search, given as the query string of its address."""
    request = addresses.read(QueryParams(parse_qsl(search)))
    try:
        visit.kb.saved_searches.save(visit.actor, name, request)
    except InvalidInput as error:
        return _new(visit, request, name=name, problem=visit.language.sentence(error), status=422)
    return visit.redirect("/saved")


@router.get("/saved/{token}.atom")
def feed(visit: Visiting, token: str) -> Response:
    """What was stored or changed last among the hits that the owner may read now; the token is the permission."""
    saved = visit.kb.saved_searches.of_feed(token)
    owner = visit.kb.accounts.actor(saved.owner)
    if owner is None:
        raise NotFound(what="feed", id=token)
    hits = visit.kb.saved_searches.newest(owner, saved, FEED_ENTRIES)
    document = atom(
        saved, hits, str(visit.request.base_url), visit.request.url.path, visit.language
    )
    headers = {
        "ETag": f'"{hashlib.sha256(document).hexdigest()[:32]}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language",
        "X-Robots-Tag": "noindex",
    }
    if _known(visit.request.headers.get("if-none-match", ""), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(document, media_type=ATOM_TYPE, headers=headers)


@router.get("/saved/{saved_id}")
def look(visit: Visiting, saved_id: Id) -> Response:
    """Go to the search, and remember that its owner has looked."""
    saved = visit.kb.saved_searches.look(visit.actor, saved_id)
    return visit.redirect(addresses.address(saved.request))


@router.post("/saved/{saved_id}/delete")
def delete(visit: Visiting, saved_id: Id) -> Response:
    """Keep a search no longer."""
    visit.kb.saved_searches.delete(visit.actor, saved_id)
    return visit.redirect("/saved")


@router.post("/saved/{saved_id}/feed")
def open_feed(visit: Visiting, saved_id: Id) -> Response:
    """Give a search a feed, or a new address to the one it has; the old address is of no use any more."""
    visit.kb.saved_searches.open_feed(visit.actor, saved_id)
    return visit.redirect("/saved")


@router.post("/saved/{saved_id}/feed/close")
def close_feed(visit: Visiting, saved_id: Id) -> Response:
    """Take a search's feed away."""
    visit.kb.saved_searches.close_feed(visit.actor, saved_id)
    return visit.redirect("/saved")


def atom(saved: Saved, hits: Sequence[Hit], base: str, path: str, language: Language) -> bytes:
    """The feed (RFC 4287) of a saved search as XML.

    Args:
        saved: the search.
        hits: what it lists, the newest first.
        base: address of the site, with a slash at the end.
        path: path of the feed itself.
        language: of the labels.
    """
    root = base.rstrip("/")
    site = language.gettext("Qianjian")
    made = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    made.set("{http://www.w3.org/XML/1998/namespace}lang", language.tag)
    # The address of the feed is secret and may change, so the search's own names it.
    _add(made, "id", f"{root}/saved/{saved.id}")
    _add(made, "title", f"{saved.name} · {site}")
    _add(made, "updated", _moment(max([saved.created_at, *(hit.updated for hit in hits)])))
    _add(made, "link", rel="self", type="application/atom+xml", href=root + path)
    _add(
        made,
        "link",
        rel="alternate",
        type="text/html",
        href=root + addresses.address(saved.request),
    )
    _add(_add(made, "author"), "name", site)
    _add(made, "generator", "Qianjian")
    for hit in hits:
        _entry(made, hit, saved.request.query, root, language)
    return etree.tostring(made, xml_declaration=True, encoding="utf-8")


def _entry(feed: etree._Element, hit: Hit, query: str, root: str, language: Language) -> None:
    anchor = hit.section.anchor if hit.section else ""
    entry = _add(feed, "entry")
    _add(entry, "id", root + addresses.thing_address(hit.subject, hit.id))
    _add(entry, "title", hit.title)
    _add(entry, "updated", _moment(hit.updated))
    for person in hit.people:
        _add(_add(entry, "author"), "name", person)
    href = root + addresses.thing_address(hit.subject, hit.id, query, anchor)
    _add(entry, "link", rel="alternate", type="text/html", href=_iri(href))
    _add(entry, "category", term=hit.kind, label=label(language, "kind", hit.kind))
    for tag in hit.tags:
        _add(entry, "category", term=tag)
    if hit.snippet:
        _add(entry, "summary", hit.snippet, type="html")


def _add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    for key, value in attributes.items():
        child.set(key, _NOT_XML.sub("", value))
    if text:
        child.text = _NOT_XML.sub("", text)
    return child


def _iri(address: str) -> str:
    """An address without the spaces that an anchor may hold; other letters may stand in an IRI as they are."""
    return re.sub(r"\s", "%20", address)


def _moment(value: datetime) -> str:
    return value.isoformat(timespec="seconds")


def _known(header: str, tag: str) -> bool:
    """Whether an If-None-Match header names ``tag``, by weak comparison (RFC 9110, 13.1.2)."""
    given = [part.strip().removeprefix("W/") for part in header.split(",")]
    return header.strip() == "*" or tag in given


def _line(visit: Visit, saved: Saved) -> SavedLine:
    try:
        news = visit.kb.saved_searches.news(visit.actor, saved)
    except SearchUnavailable:
        # What is kept can be looked at and deleted all the same.
        news = None
    hits = news.hits if news else ()
    query = saved.request.query
    return SavedLine(
        saved=saved,
        about=_about(saved.request, visit.language),
        count=len(hits) if news else None,
        more=news is not None and not news.complete,
        news=tuple(
            (hit, addresses.thing_address(hit.subject, hit.id, query)) for hit in hits[:SHOWN_NEWS]
        ),
        feed_url=f"{visit.request.base_url}saved/{saved.feed_token}.atom"
        if saved.feed_token
        else "",
    )


def _new(
    visit: Visit,
    request: SearchRequest,
    *,
    name: str | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    about = _about(request, visit.language)
    page = NewSavedPage(
        name=about[:MAX_NAME_CHARS] if name is None else name,
        search=urlencode(addresses.pairs(request)),
        about=about,
        back=addresses.address(request),
        max_name_chars=MAX_NAME_CHARS,
        problem=problem,
    )
    return visit.page("saved_searches/new.html", page, block="content", status=status)


def _about(request: SearchRequest, language: Language) -> str:
    return " · ".join(_parts(request, language))


def _parts(request: SearchRequest, language: Language) -> Iterator[str]:
    if request.query:
        yield request.query
    for name in addresses.FILTERS:
        for value in addresses.selected(request, name):
            yield label(language, name, value) if name in _LABELLED else str(value)
    if request.date_from or request.date_to:
        ends = (request.date_from, request.date_to)
        yield " – ".join(language.day(end) if end else "…" for end in ends)
