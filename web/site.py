"""What all requests share: settings, the open knowledge base, templates, static files."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from kb.config import Settings
from kb.knowledge_base import KnowledgeBase
from web.assets import Assets
from web.templating import Templates


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
    demo: bool = False
    opened: KnowledgeBase | None = None

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
