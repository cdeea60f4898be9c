"""The help page: how to search, what can be imported, the keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from kb.errors import N_
from kb.search.answers import SearchRequest
from web.search_address import address
from web.visit import Visiting

router = APIRouter(include_in_schema=False)

# What can be written in the search box, and what it does.
SYNTAX: Final = (
    ("供应商 延期", N_("Documents about both words; the more of them and the closer, the higher.")),
    ('"change control board"', N_("These words in this order.")),
    ("验收 AND 性能", N_("Both must occur.")),
    ("rollback OR 回退", N_("Either may occur.")),
    ("risk NOT template", N_("The second must not occur.")),
    ("类型:教训 管线", N_("Only lessons; the same as kind:lesson.")),
    ("title:closing", N_("The word must stand in the title.")),
    ("作者:许若兰", N_("Written by this person; the same as author:…")),
    (
        "日期:最近两年 验收",
        N_("Dated within the last two years; also 今年, last 6 months, since 2021, 2019..2020."),
    ),
    (
        "类型:人员 数据迁移",
        N_("People; the same as kind:person. Projects, lessons and templates likewise."),
    ),
)
KEYS: Final = (
    ("/", N_("Go to the search box")),
    ("↓ ↑", N_("Walk through the suggestions")),
    ("Enter", N_("Search, or open the suggestion")),
    ("Esc", N_("Close the suggestions; once more empties the box")),
)


@dataclass(frozen=True, slots=True)
class HelpPage:
    """Context of ``help/page.html``."""

    syntax: tuple[tuple[str, str, str], ...]
    keys: tuple[tuple[str, str], ...]
    max_file_mib: int


@router.get("/help")
def help_page(visit: Visiting) -> Response:
    """How to use this place."""
    say = visit.language.gettext
    page = HelpPage(
        syntax=tuple((text, say(told), address(SearchRequest(text))) for text, told in SYNTAX),
        keys=tuple((key, say(told)) for key, told in KEYS),
        max_file_mib=visit.site.settings.max_file_mib,
    )
    return visit.page("help/page.html", page)
