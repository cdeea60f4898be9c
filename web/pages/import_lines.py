"""One line for each file of an import: what became of it, and what it is nearly the same as."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from kb.errors import N_
from kb.imports import Item
from web.language import Language
from web.search_address import document_address
from web.visit import Visit

# How far a file came, as people read it.
STEPS: Final = {
    "keep": N_("taking it in"),
    "read": N_("reading it"),
    "store": N_("storing it"),
}


@dataclass(frozen=True, slots=True)
class NearLine:
    """A document that a file is nearly the same as; ``compare_url`` shows the two side by side."""

    title: str
    likeness: int
    url: str
    compare_url: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One file of a job; ``status`` is its outcome, or its state while it has none.

    ``step`` is how far it came, in words, when it failed. Of the documents it is near to, those that the visitor may
    read.
    """

    item: Item
    status: str
    document_url: str
    error: str
    advice: str
    step: str
    near: tuple[NearLine, ...]


def readable_titles(visit: Visit, items: Iterable[Item]) -> dict[int, str]:
    """Of the documents that items became or are near to, the titles of those that the visitor may read, by id."""
    ids = {near.document_id for item in items for near in item.near}
    ids |= {item.document_id for item in items if item.document_id}
    return visit.kb.documents.titles(visit.actor, ids)


def compare_address(one: int, other: int) -> str:
    """The page that shows two documents side by side."""
    return f"{document_address(one)}/compare/{other}"


def item_line(language: Language, item: Item, titles: Mapping[int, str]) -> ItemLine:
    """The line of an item; ``titles`` are those of the documents that the visitor may read."""
    renewed = item.outcome == "stored" and (item.document_version or 1) > 1
    error, advice = language.item_error(item)
    here = item.document_id if item.document_id in titles else None
    return ItemLine(
        item=item,
        status="renewed" if renewed else item.outcome or item.state,
        document_url=document_address(here) if here else "",
        error=error,
        advice=advice,
        step=language.gettext(STEPS[item.step])
        if item.outcome == "failed" and item.step in STEPS
        else "",
        near=tuple(
            NearLine(
                titles[near.document_id],
                near.likeness,
                document_address(near.document_id),
                compare_address(near.document_id, here) if here else "",
            )
            for near in item.near
            if near.document_id in titles
        ),
    )
