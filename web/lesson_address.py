"""The address of a list of lessons: filters as a query string, and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from kb.lesson_listing import FACETS, LessonFilter
from web.lesson_labels import SORTS

_MAX_PAGE: Final = 1000
# Longer numbers are no ids and no pages.
_DIGITS: Final = 9
_MAX_CHARS: Final = 200
_NAMED: Final = (*FACETS, "cause", "tag", "words", "sort")


def read(parameters: QueryParams) -> tuple[LessonFilter, int]:
    """The lessons that a query string asks for, and the page; a value that makes no sense is left out."""
    named: dict[str, Any] = {
        name: parameters[name].strip()[:_MAX_CHARS] for name in _NAMED if parameters.get(name)
    }
    asked = LessonFilter(
        **named,
        due=_day(parameters.get("due", "")),
        mine=parameters.get("mine") == "yes",
        ids=tuple(number for text in parameters.getlist("id") if (number := _whole(text))),
    )
    if asked.sort not in SORTS:
        asked = replace(asked, sort="updated")
    return asked, min(_whole(parameters.get("page", "")) or 1, _MAX_PAGE)


def address(asked: LessonFilter, page: int = 1) -> str:
    """The address of a list."""
    told = pairs(asked)
    if page > 1:
        told.append(("page", str(page)))
    return "/lessons" + (f"?{urlencode(told)}" if told else "")


def with_value(asked: LessonFilter, name: str, value: str) -> LessonFilter:
    """The list with another value of one filter."""
    changed: dict[str, Any] = {name: value}
    return replace(asked, **changed)


def pairs(asked: LessonFilter) -> list[tuple[str, str]]:
    """The fields of a query string that :func:`read` makes ``asked`` of."""
    plain = LessonFilter()
    told = [
        (name, getattr(asked, name))
        for name in _NAMED
        if getattr(asked, name) != getattr(plain, name)
    ]
    if asked.due is not None:
        told.append(("due", asked.due.isoformat()))
    if asked.mine:
        told.append(("mine", "yes"))
    return [*told, *(("id", str(number)) for number in asked.ids)]


def _whole(text: str) -> int:
    """A number from 1, or 0 for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
