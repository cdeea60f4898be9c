"""Markdown shown on a page, with the titles of linked documents filled in for those who may know them.

Where not all readers of a page may read what a link leads to, the link is stored without words (:mod:`kb.page_links`).
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import unescape
from typing import Final

from markupsafe import escape

from kb.document_links import MAX_LINKS
from kb.errors import N_, NotFound
from kb.markdown import render
from kb.page_links import OTHER_PLACES
from web.visit import Visit

_PLACES: Final = {"documents": "document", **OTHER_PLACES}
_WORDLESS: Final = re.compile(
    rf'(?P<open><a href="/(?P<place>{"|".join(_PLACES)})/(?P<id>\d{{1,18}})(?:[?#][^"]*)?"[^>]*>)'
    r"(?P<close></a>)"
)
_FIRST_HEADING: Final = re.compile(r"\s*<h[1-6][^>]*>(?P<inner>.*?)</h[1-6]>\s*", re.DOTALL)
_TAG: Final = re.compile(r"<[^>]*>")
NOT_FOR_YOU: Final = N_("a document that is not for you")


def show(visit: Visit, body: str, document_id: int, *, title: str = "") -> str:
    """A body as safe HTML, for ``visit``; without a heading in front that only repeats ``title``."""
    markup = render(body, f"/documents/{document_id}/files/")
    return with_titles(visit, without_title(markup, title))


def without_title(markup: str, title: str) -> str:
    """Safe HTML without a first heading that only says ``title`` again."""
    found = _FIRST_HEADING.match(markup)
    if found is None:
        return markup
    said = unescape(_TAG.sub("", found["inner"]))
    return markup[found.end() :] if " ".join(said.split()) == " ".join(title.split()) else markup


def with_titles(visit: Visit, markup: str) -> str:
    """Safe HTML with words in its wordless links."""
    wanted = [(_PLACES[link["place"]], int(link["id"])) for link in _WORDLESS.finditer(markup)]
    wanted = list(dict.fromkeys(wanted))[:MAX_LINKS]
    if not wanted:
        return markup
    documents = [number for subject, number in wanted if subject == "document"]
    titles = {
        ("document", number): title
        for number, title in visit.kb.documents.titles(visit.actor, documents).items()
    }
    for subject, number in wanted:
        if subject != "document":
            with suppress(NotFound):
                titles[subject, number] = visit.kb.thing(visit.actor, subject, number).title

    def filled(link: re.Match[str]) -> str:
        title = titles.get((_PLACES[link["place"]], int(link["id"])))
        if title is None:
            return f"<em>{escape(visit.language.gettext(NOT_FOR_YOU))}</em>"
        return f"{link['open']}{escape(title)}{link['close']}"

    return _WORDLESS.sub(filled, markup)
