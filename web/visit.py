"""One visit: who asks for a page, in which language and look, and how the answer is put together.

A page handler takes a :data:`Visiting`, fills one frozen dataclass and returns ``visit.page(template, dataclass)``: the
whole page, or, when htmx asks, one block of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kb.access import Action, Actor
from kb.groups import Choices
from kb.knowledge_base import KnowledgeBase
from web import language as languages
from web.actors import actor_of
from web.language import Language
from web.site import Site, site_of

THEMES: Final = ("auto", "light", "dark")
THEME_COOKIE: Final = "theme"
# Preferences are kept for a year, in seconds.
KEPT_SECONDS: Final = 365 * 24 * 60 * 60
# Headers that may tell who asks, which takes a look into the database; without them nobody waits for a thread.
_TELLING: Final = frozenset({"cookie", "authorization"})


def _nobody() -> Choices:
    return Choices((), ())


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page shows around its own content.

    Attributes:
        here: path and query of this page, to come back to.
        languages: for each language of the interface its code, name, tag and the address of this page in it.
        may_import: whether the link to the import page is shown.
        may_curate: whether the links of the PMO's desk are shown.
        demo: whether this is a demonstration, which is said on every page.
        choices: gives the groups and people whom the visitor may name as an audience; asked by forms only.
        unread: how many notifications the visitor has not looked at.
    """

    language: Language
    languages: tuple[tuple[str, str, str, str], ...]
    theme: str
    actor: Actor
    here: str
    may_import: bool
    may_curate: bool
    demo: bool
    unread: int
    choices: Callable[[], Choices] = _nobody


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page, with everything a handler asks about it."""

    request: Request
    site: Site
    actor: Actor
    language: Language

    @property
    def kb(self) -> KnowledgeBase:
        """The knowledge base."""
        return self.site.kb

    @property
    def fragment(self) -> bool:
        """True when htmx asks for a block; False for a whole page, also when htmx rebuilds one from history."""
        headers = self.request.headers
        return "hx-request" in headers and "hx-history-restore-request" not in headers

    def page(
        self, template: str, context: object, *, block: str = "", status: int = 200
    ) -> HTMLResponse:
        """Answer with a page, or for htmx with its ``block`` (where there is one).

        Args:
            template: its path below ``templates/``.
            context: a frozen dataclass; the template sees it as ``page``.
            block: name of the block that htmx gets.
            status: HTTP status.
        """
        names = {"page": context, "frame": self._frame()}
        templates = self.site.templates
        if block and self.fragment:
            html = templates.block(self.language, template, block, names)
        else:
            html = templates.page(self.language, template, names)
        response = HTMLResponse(html, status)
        # The same address answers differently to htmx, and to each visitor.
        response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
        response.headers["Cache-Control"] = "private, no-cache"
        response.headers["Content-Language"] = self.language.tag
        if self.request.query_params.get("lang") == self.language.code:
            remember(self.request, response, languages.COOKIE, self.language.code)
        return response

    def redirect(self, path: str) -> Response:
        """Send the visitor on to ``path`` after a post, by 303 or in htmx's way."""
        if self.fragment:
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, status_code=303)

    def _frame(self) -> Frame:
        url = self.request.url
        theme = self.request.cookies.get(THEME_COOKIE, "")
        return Frame(
            language=self.language,
            languages=tuple(
                (other.code, other.name, other.tag, _in_language(self.request, other.code))
                for other in languages.languages().values()
            ),
            theme=theme if theme in THEMES else THEMES[0],
            actor=self.actor,
            here=url.path + (f"?{url.query}" if url.query else ""),
            may_import=Action.IMPORT in self.actor.actions,
            may_curate=Action.CURATE in self.actor.actions,
            demo=self.site.demo,
            unread=self.kb.notifications.unread(self.actor),
            choices=lambda: self.kb.groups.choices(self.actor),
        )


async def visit_of(request: Request) -> Visit:
    """The visit that a request is."""
    site = site_of(request)
    if not _TELLING.isdisjoint(request.headers):
        actor = await run_in_threadpool(actor_of, request, site.kb)
    else:
        actor = actor_of(request, site.kb)
    return Visit(request, site, actor, languages.choose(request))


Visiting = Annotated[Visit, Depends(visit_of)]
# The database's ids are of 64 bits; a larger number is no id and must not become an error of the driver.
MAX_ID: Final = 2**63 - 1
Id = Annotated[int, Path(ge=1, le=MAX_ID)]


def remember(request: Request, response: Response, name: str, value: str) -> None:
    """Keep a preference in a cookie; scripts need not read it."""
    response.set_cookie(
        name,
        value,
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def local_path(address: str) -> str:
    """``address`` when it leads to a page of this site, else the home page, so that nobody is sent elsewhere."""
    local = address.startswith("/") and not address.startswith(("//", "/\\"))
    plain = all(character.isprintable() for character in address)
    return address if local and plain else "/"


def _in_language(request: Request, code: str) -> str:
    url: URL = request.url
    pairs: list[tuple[str, Any]] = [
        pair for pair in request.query_params.multi_items() if pair[0] != "lang"
    ]
    path = url.path if request.method == "GET" else "/"
    return f"{path}?{urlencode([*pairs, ('lang', code)])}"
