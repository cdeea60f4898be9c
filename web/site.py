"""What all requests share: settings, the open knowledge base, templates, static files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.requests import HTTPConnection, Request

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from web.assets import Assets
from web.limits import Limits
from web.templating import Templates

if TYPE_CHECKING:
    from web.oidc import Provider


# Searches answered at the same time. One interpreter answers eight at once no sooner than two after each other, but all
# eight late; with two, one that waits for the disk or for SQLite leaves the interpreter to the other.
SEARCHES_AT_ONCE: Final = 2

_Asked = ParamSpec("_Asked")
_Found = TypeVar("_Found")


@dataclass(slots=True)
class Site:
    """One web application.

    Attributes:
        demo: whether this is a demonstration, which every page says.
        opened: the knowledge base; None before start and after the end.
    """

    settings: Settings
    assets: Assets
    templates: Templates
    limits: Limits
    demo: bool = False
    opened: KnowledgeBase | None = None
    _provider: Provider | None = None
    _turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(SEARCHES_AT_ONCE))

    async def search_in_turn(
        self, search: Callable[_Asked, _Found], *args: _Asked.args, **kwargs: _Asked.kwargs
    ) -> _Found:
        """What ``search`` returns, called in a thread when it is its turn: first come, first served.

        Who waits takes no thread from those who want something else.
        """
        return await to_thread.run_sync(partial(search, *args, **kwargs), limiter=self._turns)

    def provider(self) -> Provider:
        """The OpenID Connect provider of the settings, made when somebody first signs in by it."""
        if self._provider is None:
            from web.oidc import Provider  # noqa: PLC0415  half a second that few installations need

            self._provider = Provider(self.kb.settings)
        return self._provider

    @property
    def kb(self) -> KnowledgeBase:
        """The open knowledge base."""
        if self.opened is None:
            message = "the application has not been started: its lifespan opens the knowledge base"
            raise RuntimeError(message)
        return self.opened


def site_of(connection: HTTPConnection) -> Site:
    """The site a request came to."""
    site = connection.app.state.site
    assert isinstance(site, Site)  # noqa: S101  for the type checker; create_app sets it
    return site


def site_address(request: Request) -> str:
    """The address under which this site is reached, without a slash at the end: the one set, else the one asked for."""
    return (site_of(request).settings.public_url or str(request.base_url)).rstrip("/")
