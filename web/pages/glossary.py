"""The glossary to look through: searched, narrowed to an area or a letter, in the order of either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from kb.access import Action
from kb.errors import N_
from kb.glossary_listing import Order
from kb.glossary_rules import Entry
from web.glossary_labels import area_label
from web.language import Language
from web.pages import glossary_entry, glossary_table
from web.visit import Visit, Visiting

router = APIRouter(include_in_schema=False)
router.include_router(glossary_table.router)
router.include_router(glossary_entry.router)

PER_PAGE: Final = 60
MAX_PAGE: Final = 10_000
_MAX_WORD_CHARS: Final = 200

_ORDERS: Final[tuple[tuple[Order, str], ...]] = (
    ("zh", N_("By pinyin")),
    ("en", N_("By English name")),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick, where it leads, and whether it is picked now."""

    value: str
    label: str
    url: str
    chosen: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry in a list, and where it is shown in full."""

    entry: Entry
    area: str
    url: str


@dataclass(frozen=True, slots=True)
class GlossaryPage:
    """Context of ``glossary/list.html``; ``adding_zh`` or ``adding_en`` is a word that looks for its entry."""

    query: str
    area: str
    letter: str
    order: Order
    lines: tuple[EntryLine, ...]
    total: int
    areas: tuple[Choice, ...]
    letters: tuple[Choice, ...]
    orders: tuple[Choice, ...]
    previous_url: str
    next_url: str
    may_curate: bool
    removed: tuple[EntryLine, ...]
    adding_zh: str
    adding_en: str
    new_url: str


@router.get("/glossary")
def glossary(
    visit: Visiting,
    *,
    q: str = "",
    area: str = "",
    letter: str = "",
    order: str = "",
    page: int = 1,
    add_zh: str = "",
    add_en: str = "",
) -> Response:
    """The glossary: searched, narrowed, in the order of either language."""
    chosen: Order = "en" if order == "en" else "zh"
    asked = _Asked(q.strip(), area, letter, chosen, add_zh.strip(), add_en.strip())
    return _list(visit, asked, min(max(page, 1), MAX_PAGE))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What part of the glossary is asked for."""

    query: str = ""
    area: str = ""
    letter: str = ""
    order: Order = "zh"
    adding_zh: str = ""
    adding_en: str = ""

    def address(self, page: int = 1) -> str:
        pairs = (
            ("q", self.query),
            ("area", self.area),
            ("letter", self.letter),
            ("order", "" if self.order == "zh" else self.order),
            ("add_zh", self.adding_zh),
            ("add_en", self.adding_en),
            ("page", "" if page == 1 else str(page)),
        )
        query = urlencode([pair for pair in pairs if pair[1]])
        return f"/glossary?{query}" if query else "/glossary"


def _list(visit: Visit, asked: _Asked, page: int) -> Response:
    found = visit.kb.glossary.entries(
        visit.actor,
        asked.query[:_MAX_WORD_CHARS],
        area=asked.area,
        letter=asked.letter,
        order=asked.order,
        page=page,
        per_page=PER_PAGE,
    )
    may_curate = _may_curate(visit)
    adding = {"zh": asked.adding_zh, "en": asked.adding_en} if may_curate else {}
    context = GlossaryPage(
        query=asked.query,
        area=asked.area,
        letter=asked.letter,
        order=asked.order,
        lines=tuple(_line(visit.language, each, adding) for each in found.entries),
        total=found.total,
        areas=_areas(visit.language, asked, found.areas),
        letters=_letters(asked, found.letters),
        orders=tuple(
            Choice(
                value,
                visit.language.gettext(label),
                replace(asked, order=value, letter="").address(),
                value == asked.order,
            )
            for value, label in _ORDERS
        ),
        previous_url=asked.address(page - 1) if page > 1 else "",
        next_url=asked.address(page + 1) if page * PER_PAGE < found.total else "",
        may_curate=may_curate,
        removed=tuple(
            _line(visit.language, each, {}) for each in visit.kb.glossary.removed(visit.actor)
        )
        if may_curate
        else (),
        adding_zh=adding.get("zh", ""),
        adding_en=adding.get("en", ""),
        new_url="/glossary/new" + _query(adding),
    )
    return visit.page("glossary/list.html", context, block="entries")


def _line(language: Language, found: Entry, adding: Mapping[str, str]) -> EntryLine:
    return EntryLine(
        found, area_label(language, found.area), f"/glossary/{found.id}" + _query(adding)
    )


def _areas(
    language: Language, asked: _Asked, counts: Sequence[tuple[str, int]]
) -> tuple[Choice, ...]:
    choices = [
        Choice(
            name,
            area_label(language, name),
            replace(asked, area=name, letter="").address(),
            name == asked.area,
            count,
        )
        for name, count in counts
        if name
    ]
    return tuple(sorted(choices, key=lambda choice: choice.label.casefold()))


def _letters(asked: _Asked, letters: Sequence[str]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            letter,
            letter,
            replace(asked, letter="" if letter == asked.letter else letter).address(),
            letter == asked.letter,
        )
        for letter in letters
    )


def _query(pairs: Mapping[str, str]) -> str:
    query = urlencode([pair for pair in pairs.items() if pair[1]])
    return f"?{query}" if query else ""


def _may_curate(visit: Visit) -> bool:
    return Action.CURATE in visit.actor.actions
