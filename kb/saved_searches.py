"""Saved searches: a question somebody keeps, what is new in its answer, and a feed of it.

Whatever is told of a saved search is asked anew, in the name of its owner: nothing found is ever stored with it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.access import Actor
from kb.database import Database
from kb.errors import N_, InvalidInput, NotAllowed, NotFound
from kb.models import Change, utc_now
from kb.models.saved_searches import SavedSearch
from kb.search.answers import MAX_PER_PAGE, MAX_QUERY_CHARS, Hit, SearchAnswer, SearchRequest

MAX_NAME_CHARS: Final = 200
# Each is asked anew when the list is opened after something changed, at 0.1 to 0.3 s for a very large answer.
MAX_SAVED: Final = 50
# 256 random bits: the address of a feed is all that protects it.
_TOKEN_BYTES: Final = 32
# Where in an answer to begin is no part of the question.
_NOT_KEPT: Final = frozenset({"page", "per_page"})

Ask = Callable[[Actor, SearchRequest], SearchAnswer]


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved search; the fields are those of :class:`kb.models.saved_searches.SavedSearch`."""

    id: int
    owner: str
    name: str
    request: SearchRequest
    created_at: datetime
    looked_at: datetime
    feed_token: str | None


@dataclass(frozen=True, slots=True)
class News:
    """What has been stored or changed among the hits of a saved search since its owner last looked, newest first.

    ``complete`` is False where the answer is too large to be looked through: there may be more.
    """

    hits: tuple[Hit, ...]
    complete: bool


class SavedSearches:
    """Use cases around saved searches; every method is one transaction."""

    def __init__(self, database: Database, ask: Ask) -> None:
        """Keep searches in ``database``; ``ask`` answers them with what an actor may read."""
        self._database = database
        self._ask = ask

    def save(self, actor: Actor, name: str, request: SearchRequest) -> int:
        """Keep a search and return its id; one that is kept already gets the new name.

        Raises:
            NotAllowed: the actor has not signed in.
            InvalidInput: there is no name, it is too long, nothing is asked, or the actor keeps too many.
        """
        owner = _owner(actor)
        name = " ".join(name.split())
        kept = _as_json(request)
        if not name or len(name) > MAX_NAME_CHARS:
            raise InvalidInput(field=N_("name"), reason=N_("it is empty or too long"))
        if kept == _as_json(SearchRequest()) or len(request.query) > MAX_QUERY_CHARS:
            raise InvalidInput(
                field=N_("search"), reason=N_("it asks for nothing, or for too much")
            )
        with self._database.write() as session:
            rows = session.scalars(select(SavedSearch).where(SavedSearch.user_id == owner)).all()
            same = next((row for row in rows if row.request == kept), None)
            if same is None and len(rows) >= MAX_SAVED:
                raise InvalidInput(
                    field=N_("search"), reason=N_("you keep too many already; delete some first")
                )
            row = same or SavedSearch(user_id=owner, request=kept)
            row.name = name
            session.add(row)
            session.flush()
            return row.id

    def all(self, actor: Actor) -> tuple[Saved, ...]:
        """The searches ``actor`` keeps, the latest first.

        Raises:
            NotAllowed: the actor has not signed in.
        """
        owner = _owner(actor)
        with self._database.read() as session:
            rows = session.scalars(
                select(SavedSearch)
                .where(SavedSearch.user_id == owner)
                .order_by(SavedSearch.id.desc())
            )
            return tuple(_saved(row) for row in rows)

    def news(self, actor: Actor, saved: Saved) -> News:
        """What is new in the answer for ``actor``.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        if not self._anything_since(saved.looked_at):
            return News((), complete=True)
        hits, complete = self._newest(actor, saved)
        return News(tuple(hit for hit in hits if hit.updated > saved.looked_at), complete)

    def newest(self, actor: Actor, saved: Saved, limit: int) -> tuple[Hit, ...]:
        """The hits stored or changed last, of what ``actor`` may read; the newest first.

        Raises:
            SearchUnavailable: there is no usable index.
        """
        hits, _ = self._newest(actor, saved)
        return hits[:limit]

    def look(self, actor: Actor, saved_id: int) -> Saved:
        """Remember that the owner looks at the answer now; returns the search.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such search, or it is somebody else's.
        """
        with self._database.write() as session:
            row = _own(session, actor, saved_id)
            row.looked_at = utc_now()
            return _saved(row)

    def delete(self, actor: Actor, saved_id: int) -> None:
        """Keep a search no longer; its feed ends too.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such search, or it is somebody else's.
        """
        with self._database.write() as session:
            session.delete(_own(session, actor, saved_id))

    def open_feed(self, actor: Actor, saved_id: int) -> str:
        """Give a search a feed and return its secret token; an earlier token is of no use any more.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such search, or it is somebody else's.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._database.write() as session:
            _own(session, actor, saved_id).feed_token = token
        return token

    def close_feed(self, actor: Actor, saved_id: int) -> None:
        """Take the feed away; no error when there is none.

        Raises:
            NotAllowed: the actor has not signed in.
            NotFound: there is no such search, or it is somebody else's.
        """
        with self._database.write() as session:
            _own(session, actor, saved_id).feed_token = None

    def of_feed(self, token: str) -> Saved:
        """The search whose feed has this token; whoever knows the token may ask, in the name of its owner.

        Raises:
            NotFound: there is no such feed.
        """
        with self._database.read() as session:
            row = session.scalar(select(SavedSearch).where(SavedSearch.feed_token == token))
            if row is None:
                raise NotFound(what=N_("feed"), id=token)
            return _saved(row)

    def _newest(self, actor: Actor, saved: Saved) -> tuple[tuple[Hit, ...], bool]:
        """The best and the latest-dated hits together, newest first, and whether these are all there are."""
        whole = replace(saved.request, page=1, per_page=MAX_PER_PAGE)
        best = self._ask(actor, replace(whole, sort="relevance"))
        complete = best.total <= MAX_PER_PAGE
        latest = () if complete else self._ask(actor, replace(whole, sort="date")).hits
        hits = {(hit.kind, hit.id): hit for hit in (*best.hits, *latest)}
        newest = sorted(hits.values(), key=lambda hit: (hit.updated, hit.id), reverse=True)
        return tuple(newest), complete

    def _anything_since(self, moment: datetime) -> bool:
        """Whether anything at all changed since: mostly nothing did, and then nothing need be searched."""
        with self._database.read() as session:
            newest = session.scalar(select(Change.at).where(Change.id == _NEWEST_CHANGE))
        return newest is not None and newest > moment


_NEWEST_CHANGE: Final = select(func.max(Change.id)).scalar_subquery()


def _owner(actor: Actor) -> str:
    if not actor.id or actor.sees_all:
        raise NotAllowed(action=N_("keep searches"))
    return actor.id


def _own(session: Session, actor: Actor, saved_id: int) -> SavedSearch:
    owner = _owner(actor)
    row = session.get(SavedSearch, saved_id)
    if row is None or row.user_id != owner:
        raise NotFound(what=N_("saved search"), id=saved_id)
    return row


def _saved(row: SavedSearch) -> Saved:
    return Saved(
        id=row.id,
        owner=row.user_id,
        name=row.name,
        request=_from_json(row.request),
        created_at=row.created_at,
        looked_at=row.looked_at,
        feed_token=row.feed_token,
    )


def _as_json(request: SearchRequest) -> dict[str, Any]:
    """The question in what JSON can hold, as it comes back out of the database."""
    kept: dict[str, Any] = {}
    for name, value in asdict(request).items():
        if isinstance(value, tuple):
            kept[name] = list(value)
        elif name not in _NOT_KEPT:
            kept[name] = value.isoformat() if isinstance(value, date) else value
    return kept


def _from_json(kept: Mapping[str, Any]) -> SearchRequest:
    """The question again; fields that an earlier or later version does not have are as usual."""
    values: dict[str, Any] = {}
    for each in fields(SearchRequest):
        if each.name not in kept or each.name in _NOT_KEPT:
            continue
        value = kept[each.name]
        if isinstance(value, list):
            value = tuple(value)
        elif value is not None and each.name in {"date_from", "date_to"}:
            value = date.fromisoformat(value)
        values[each.name] = value
    return SearchRequest(**values)
